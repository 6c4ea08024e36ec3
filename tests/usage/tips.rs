//! Suggestions for arguments that other tools use.

use crate::support::{Host, Scenario};

#[test]
fn arguments_of_other_tools_get_suggestions() {
    let scenario = Scenario::on(Host::AppService);
    for (arguments, tip) in [
        (&["show", "ApiKey"][..], "tip: `azfob get NAME` prints the value of a secret"),
        (&["read", "ApiKey"], "tip: `azfob get NAME` prints"),
        (&["keyvault", "secret", "show"], "tip: `azfob get NAME` prints"),
        (&["ls"], "tip: `azfob list` lists"),
        (&["exec", "--", "x"], "tip: `azfob run -e NAME=REF -- CMD`"),
        (&["login"], "tip: azfob needs no login"),
        (&["set", "A", "b"], "tip: azfob only reads"),
        (&["get", "A", "--query", "value"], "azfob get NAME -o json | jq -r .attributes.expires"),
        (&["list", "--query", "[].name"], "tip: `azfob list -o name` prints only the names"),
        (&["get", "--vault-name", "my-vault", "A"], "tip: use --vault\n"),
        (&["get", "--vault-name=my-vault", "A"], "tip: use --vault\n"),
        (&["get", "--name", "A"], "tip: the name needs no option: azfob get NAME"),
        (&["get", "A", "--file", "f"], "tip: use --out-file"),
        (&["get", "A", "-o", "tsv"], "prints only the value, as az does with -o tsv"),
        (&["get", "A", "--output=tsv"], "jq -r '[.name, .value] | @tsv'"),
        (&["get", "A", "-o", "yaml"], "tip: use -o json: JSON is also valid YAML"),
        (&["list", "-o", "yaml"], "tip: use -o json: JSON is also valid YAML"),
        (&["whoami", "--output=yaml"], "tip: use -o json: JSON is also valid YAML"),
        (&["get", "A", "-o", "env"], "tip: use -o dotenv for a .env file, or -o shell for a POSIX shell"),
        (&["get", "A", "--format", "json"], "tip: use -o FORMAT\n"),
        (&["list", "--format=tsv"], "tip: use -o FORMAT\n"),
        (&["get", "A", "--encoding", "hex"], "tip: use --decode"),
        (&["get", "A", "--out-file", "f", "--overwrite"], "tip: use --force, which replaces the file of --out-file"),
        (&["inject", "--match", "a*"], "tip: --match works only with get, list and run"),
        (&["whoami", "--match=a*"], "tip: --match works only with get, list and run"),
        (&["gte", "A"], "tip: a similar subcommand exists: 'get'"),
        (&["rn", "--", "env"], "tip: a similar subcommand exists: 'run'"),
        (&["run", "sh", "-c", "echo"], "tip: put -- before the command: azfob run -- sh ..."),
        (&["run", "-e", "A=b", "./deploy.sh"], "tip: put -- before the command: azfob run -e NAME=REF -- CMD ..."),
        (&["sandbox", "azfob", "get"], "azfob sandbox -- azfob ..."),
    ] {
        let outcome = scenario.azfob(arguments).fails(2).sends_no_request().shows(tip);
        assert_eq!(outcome.stderr.matches("tip:").count(), 1, "{}", outcome.stderr);
        // The usage line does not show similar text either.
        assert!(!outcome.stderr.contains("--quiet"), "{}", outcome.stderr);
    }
    // A misspelled short option is recognized too, and is not a value of the command.
    for (arguments, meant) in [
        (&["run", "--evn", "A=b", "--", "x"][..], "'--env'"),
        (&["run", "--ev=A=b", "--", "x"], "'--env'"),
        (&["sandbox", "--sa", "imds"], "'--as'"),
        (&["diagnose", "--lgo", "f"], "'--log'"),
    ] {
        scenario
            .azfob(arguments)
            .fails(2)
            .shows(&format!("tip: a similar argument exists: {meant}"))
            .never_shows("as a value");
    }
    // The command of the completion scripts is in no list.
    for arguments in [&["completion", "bash"][..], &["complete"], &["-v"]] {
        scenario.azfob(arguments).fails(2).never_shows("__complete");
    }
    scenario.azfob(["completion", "bash"]).fails(2).shows("tip: a similar subcommand exists: 'completions'");
    // Without a tip that names an option of another command.
    for option in ["--overwrite", "--encoding", "--file"] {
        scenario.azfob(["list", option]).fails(2).never_shows("tip: use --");
    }
    // Other words get clap's own suggestion.
    scenario.azfob(["get", "A", "--vaul", "x"]).fails(2).shows("'--vault'");
    scenario.azfob(["list", "-o", "tsvx"]).fails(2).never_shows("azfob get NAME");
    scenario.azfob(["list", "-o", "env"]).fails(2).never_shows("dotenv");
    scenario.azfob(["run", "--format", "json", "--", "x"]).fails(2).never_shows("use -o");
}

#[cfg(unix)]
#[test]
fn usage_error_wraps_between_words_on_a_terminal() {
    use crate::support::Terminal;
    use std::process::Stdio;

    let scenario = Scenario::on(Host::Nothing).var("NO_COLOR", "1");
    let sandbox = scenario.sandbox();
    for (arguments, expected) in [
        (["get", "A", "-o", "tsv"], "[possible values: text, json, dotenv, docker-env, shell, env-json,"),
        (
            ["sandbox", "--fault", "x", "--"],
            "[possible values: no-identity, multiple-identities, not-imds, expired-login,\n    ",
        ),
        (
            ["list", "--query", "x", "-v"],
            "for other fields:\n       azfob list -o json | jq -r '.[].attributes.expires'\n",
        ),
    ] {
        let (terminal, stderr) = Terminal::with_columns(80);
        let mut command = scenario.command(&sandbox, std::path::Path::new(env!("CARGO_BIN_EXE_azfob")));
        let _ = command.args(arguments).stdin(Stdio::null()).stderr(stderr).status().expect("azfob runs");
        drop(command);
        let text = terminal.shown().replace("\r\n", "\n");
        assert!(text.contains(expected) && text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}

#[test]
fn misspelled_credential_gets_suggestion() {
    for (typed, meant) in [
        ("msi", "managed-identity"),
        ("ManagedIdentity", "managed-identity"),
        ("manged-identity", "managed-identity"),
        ("cli", "azure-cli"),
        ("az", "azure-cli"),
        ("azurecli", "azure-cli"),
        ("AzureCLICredentials", "azure-cli"),
        ("powershell", "azure-powershell"),
        ("workload", "workload-identity"),
        ("env", "environment"),
        ("browser", "interactive-browser"),
    ] {
        let outcome = Scenario::on(Host::AppService).azfob(["whoami", "--credential", typed]);
        outcome.has_usage_error(&["expected one of EnvironmentCredential, ", &format!("did you mean {meant}?")]);
        let scenario = Scenario::on(Host::AppService).var("AZURE_TOKEN_CREDENTIALS", typed);
        scenario.azfob(["whoami"]).has_usage_error(&["AZURE_TOKEN_CREDENTIALS", &format!("did you mean {meant}?")]);
    }
    for (typed, meant) in [("prd", "prod"), ("Production", "prod"), ("devs", "dev")] {
        let scenario = Scenario::on(Host::AppService).var("AZURE_TOKEN_CREDENTIALS", typed);
        scenario.azfob(["whoami"]).has_usage_error(&["AZURE_TOKEN_CREDENTIALS", &format!("did you mean {meant}?")]);
    }
    for group in ["dev", "PROD"] {
        let outcome = Scenario::on(Host::AppService).azfob(["whoami", "--credential", group]);
        outcome.has_usage_error(&["dev and prod work only in AZURE_TOKEN_CREDENTIALS and the configuration file"]);
    }
    let unknown = Scenario::on(Host::AppService).azfob(["whoami", "--credential", "kerberos"]);
    unknown.has_usage_error(&["unknown credential"]).never_shows("did you mean");
}

#[test]
fn version_is_also_a_command() {
    let version = format!("azfob {}\n", env!("CARGO_PKG_VERSION"));
    Scenario::on(Host::Nothing).azfob(["version"]).succeeds().sends_no_request().prints(&version);
    Scenario::on(Host::Nothing).azfob(["--version"]).succeeds().prints(&version);
}

#[test]
fn help_examples_are_command_lines() {
    let scenario = Scenario::on(Host::Nothing);
    for command in ["get", "list", "run", "inject", "whoami", "diagnose", "explain", "sandbox", "completions"] {
        let text = scenario.azfob([command, "--help"]).succeeds().text();
        let (_, examples) = text.split_once("Examples:\n").unwrap_or_else(|| panic!("{command}"));
        let lines: Vec<_> = examples.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
        assert!(lines.len() > 1 && lines.iter().all(|line| line.contains("azfob ")), "{examples}");
        assert!(examples.lines().all(|line| line.chars().count() <= 80), "{examples}");
        let whole = azfob::testing::examples::for_command(command)
            .iter()
            .all(|example| lines.contains(&&*format!("  {}", example.line)));
        assert!(whole, "an example is wrapped:\n{examples}");
        assert!(text.contains("[default: ") || command == "completions", "{text}");
    }
    assert!(scenario.azfob(["--help"]).succeeds().text().contains("Examples:\n"));
    assert!(!scenario.azfob(["get", "-h"]).succeeds().text().contains("Examples:\n"), "the short help is short");
}

/// The options in the examples exist: each azfob command gets as far as sending a request.
#[cfg(unix)]
#[test]
fn help_examples_parse() {
    use azfob::testing::examples;
    use std::path::Path;
    for command in ["azfob", "get", "list", "run", "inject", "whoami", "diagnose", "explain", "sandbox"] {
        for example in examples::for_command(command) {
            let scenario = Scenario::on(Host::AppService)
                .secret("DatabasePassword", "v")
                .secret("db-one", "v")
                .secret("app", "AAEC");
            let real = env!("CARGO_BIN_EXE_azfob");
            let scenario = ["psql", "curl", "kubectl", "docker", "jq"]
                .iter()
                .fold(scenario, |scenario, tool| scenario.program(tool, "cat >/dev/null"))
                .program(
                    "azfob",
                    &format!(
                        "PATH=$outer {real} \"$@\"; code=$?; [ $code = 2 ] && echo is_usage_error >>$HOME/is_usage_error; exit $code"
                    ),
                );
            let references = "X=@Microsoft.KeyVault(VaultName=my-vault;SecretName=ApiKey)\nY=1\n";
            std::fs::write(scenario.work().join("app.env"), references).unwrap();
            std::fs::write(scenario.work().join("appsettings.json"), "{\"A\": \"{{ ApiKey }}\"}").unwrap();
            std::fs::write(scenario.work().join("deployment.yaml"), "a: {{ ApiKey }}\n").unwrap();
            let sandbox = scenario.sandbox();
            let mut shell = scenario.command(&sandbox, Path::new("/bin/sh"));
            let path = shell.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_owned();
            let path = format!("{}:/usr/bin:/bin", path.display());
            let output = shell.env("PATH", path).args(["-c", example.line]).output().unwrap();
            assert!(
                scenario.has_no_record("is_usage_error"),
                "{}: {}",
                example.line,
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}
