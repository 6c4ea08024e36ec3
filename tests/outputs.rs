//! `get` with variable formats: each output is parsed like its consumer does.
//!
//! The parsers are written from the public sources of the runners and libraries, and share no code with azfob.

pub(crate) mod azure_agent;
mod docker;
pub(crate) mod dotenv_readers;
pub(crate) mod github_runner;
mod round_trip;

use std::fs;

use crate::support::{Host, Outcome, Scenario, SecretSpec, VAULT, full_disk};

/// Values that have broken real tools.
pub(crate) const VALUES: &[&str] = &[
    "plain",
    "",
    " ",
    "two words",
    "ends in a newline\n",
    "\n",
    "\n\nbegins with empty lines",
    "-----BEGIN KEY-----\nMIIB\n-----END KEY-----\n",
    "one\r\ntwo\r\n",
    "a\rb",
    "100%",
    "%0A%0D%25%AZP25",
    "EOF",
    "a<<EOF\nb\nEOF\nINJECTED=1",
    "NAME=value",
    "::add-mask::x",
    "::stop-commands::y\n::set-output name=a::b",
    "##vso[task.setvariable variable=x]y",
    "a;b]c",
    "it's",
    "\"double\"",
    "it's \"both\"",
    "$HOME ${HOME} $(id) `id`",
    "back\\slash",
    "\\\\server\\share",
    "ends in a backslash\\",
    "# no comment",
    "a #b",
    "{\"json\": [1, \"a\\nb\"]}",
    "Grüße, 世界 🗝",
    "\u{1}\u{7f}\u{1b}[31m",
    "tab\there",
];

/// A secret `V-0`, `V-1` and so on for each value.
fn scenario(values: &[&str]) -> (Scenario, Vec<String>) {
    let secrets = values.iter().enumerate().map(|(n, value)| SecretSpec::new(format!("V-{n}"), *value)).collect();
    let names = (0..values.len()).map(|n| format!("V-{n}")).collect();
    (Scenario::on(Host::AppService).plan(|plan| azfob::testing::sandbox::SandboxPlan { secrets, ..plan }), names)
}

fn get(scenario: &Scenario, names: &[String], format: &str) -> Outcome {
    scenario.azfob(["get", "-o", format].into_iter().chain(names.iter().map(String::as_str)))
}

#[test]
fn github_reads_every_value_and_masks_every_line_first() {
    let (scenario, names) = scenario(VALUES);
    let file = scenario.work().join("github_env");
    let scenario = scenario.var("GITHUB_ENV", &file);
    // An earlier step wrote to it without a final newline.
    fs::write(&file, "BEFORE=1\nLAST=no newline").unwrap();
    let outcome = get(&scenario, &names, "github").succeeds_with_messages();
    let variables = github_runner::environment(&fs::read_to_string(&file).unwrap()).unwrap();
    let expected = [("BEFORE", "1"), ("LAST", "no newline")].map(|(n, v)| (n.to_owned(), v.to_owned()));
    let values = VALUES.iter().enumerate().map(|(n, value)| (format!("V_{n}"), (*value).to_owned()));
    assert_eq!(variables, expected.into_iter().chain(values).collect::<Vec<_>>());
    // A step that prints every variable shows none of their lines in the log.
    let (log, _) = github_runner::log(&outcome.text(), variables.iter().skip(2).map(|(_, value)| value.as_str()));
    let (_, masks) = github_runner::log(&outcome.text(), [].into_iter());
    assert!(masks.iter().all(|mask| mask.trim().chars().count() >= 3), "nothing blank or short is masked: {masks:?}");
    for line in
        VALUES.iter().flat_map(|value| value.split(['\r', '\n'])).filter(|line| line.trim().chars().count() >= 3)
    {
        assert!(!log.contains(line.trim()), "{line:?} is in the log");
    }
    assert_eq!(outcome.text().lines().filter(|line| !line.starts_with("::add-mask::")).count(), 0, "masks and no more");
}

#[test]
fn github_uses_new_delimiter_each_time() {
    let scenario = Scenario::on(Host::AppService).secret("A", "1");
    let file = scenario.work().join("github_env");
    fs::write(&file, "").unwrap();
    let scenario = scenario.var("GITHUB_ENV", &file);
    for _ in 0..2 {
        scenario.azfob(["get", "A", "-o", "github"]).succeeds_with_messages();
    }
    let text = fs::read_to_string(&file).unwrap();
    let delimiters: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("A<<")).collect();
    assert!(delimiters.len() == 2 && delimiters[0] != delimiters[1] && delimiters[0].len() > 30, "{text}");
}

#[test]
fn github_needs_a_job_and_notes_short_lines() {
    Scenario::on(Host::AppService).azfob(["get", "ApiKey", "-o", "github"]).has_usage_error(&["GITHUB_ENV is not set"]);
    let scenario = Scenario::on(Host::AppService).secret("pin", "42");
    fs::write(scenario.work().join("env"), "").unwrap();
    let scenario = scenario.var("GITHUB_ENV", "env");
    scenario
        .azfob(["get", "pin", "-o", "github"])
        .succeeds_with_messages()
        .prints("")
        .shows("PIN")
        .shows("cannot be masked");
    scenario.azfob(["get", "-q", "pin", "-o", "github"]).succeeds().prints("");
}

#[test]
fn github_env_file_must_exist() {
    let scenario = Scenario::on(Host::AppService);
    let file = scenario.work().join("github_env");
    let scenario = scenario.var("GITHUB_ENV", &file);
    let parts = ["GITHUB_ENV names ", "github_env, which is not an existing file"];
    scenario.azfob(["get", "ApiKey", "-o", "github"]).has_usage_error(&parts);
    assert!(!file.exists());
    fs::create_dir(&file).unwrap();
    scenario.azfob(["get", "ApiKey", "-o", "github"]).has_usage_error(&parts);
}

#[test]
fn github_sets_nothing_if_masks_cannot_be_written() {
    let Some(full) = full_disk("masks that cannot be written") else { return };
    let scenario = Scenario::on(Host::AppService);
    let file = scenario.work().join("github_env");
    fs::write(&file, "").unwrap();
    let scenario = scenario.var("GITHUB_ENV", &file);
    let outcome = scenario.azfob_to(["get", "ApiKey", "-o", "github"], full.into());
    assert_eq!(outcome.code, Some(1));
    assert_eq!(fs::read_to_string(&file).unwrap(), "");
}

#[cfg(unix)]
#[test]
fn github_sets_nothing_if_nothing_reads_the_masks() {
    let scenario = Scenario::on(Host::AppService);
    let file = scenario.work().join("github_env");
    fs::write(&file, "").unwrap();
    let scenario = scenario.var("GITHUB_ENV", &file);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let outcome = scenario.azfob_to(["get", "ApiKey", "-o", "github"], writer.into());
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), "");
}

#[test]
fn azure_pipelines_reads_every_value_and_masks_every_line_first() {
    let (scenario, names) = scenario(VALUES);
    let scenario = scenario.var("SYSTEM_UNSAFEALLOWMULTILINESECRET", "true");
    let outcome = get(&scenario, &names, "azure-pipelines").succeeds_with_messages();
    let job = azure_agent::Job::of(&outcome.text(), azure_agent::Multiline::Allowed);
    let values: Vec<_> = VALUES.iter().enumerate().map(|(n, value)| (format!("V_{n}"), (*value).to_owned())).collect();
    assert_eq!(job.variables, values);
    for line in
        VALUES.iter().flat_map(|value| value.split(['\r', '\n'])).filter(|line| line.trim().chars().count() >= 3)
    {
        assert!(job.secrets_before_variables.iter().any(|secret| line.contains(secret.as_str())), "{line:?}");
    }
    outcome.never_shows("UNSAFEALLOWMULTILINESECRET");
}

#[test]
fn azure_pipelines_notes_values_that_agent_refuses() {
    let scenario = Scenario::on(Host::AppService).secret("many-lines", "one\ntwo").secret("one-line", "one");
    let outcome = scenario
        .azfob(["get", "MANY_LINES=many-lines", "ONE_LINE=one-line", "-o", "azure-pipelines"])
        .succeeds_with_messages();
    let outcome = outcome.shows("(MANY_LINES)").shows("SYSTEM_UNSAFEALLOWMULTILINESECRET");
    let job = azure_agent::Job::of(&outcome.text(), azure_agent::Multiline::Refused);
    assert_eq!(job.refused, ["MANY_LINES"], "the noted value");
    assert_eq!(job.variables, [("ONE_LINE".to_owned(), "one".to_owned())]);
}

#[test]
fn azure_pipelines_follows_percent_setting() {
    use azure_agent::{Job, Multiline, Percents};
    let scenario = Scenario::on(Host::AppService).secret("pw", "100%sure").secret("azp", "%AZP25");
    let kept = |scenario: Scenario| scenario.var("DECODE_PERCENTS", "false");
    let scenario = kept(scenario).secret("lf", "a%0Ab").secret("semicolon", "%3B").secret("lower", "%0a");
    let outcome = scenario.azfob(["get", "PW=pw", "AZP=azp", "LOWER=lower", "-o", "azure-pipelines"]).succeeds();
    let expected = [("PW", "100%sure"), ("AZP", "%AZP25"), ("LOWER", "%0a")].map(|(n, v)| (n.to_owned(), v.to_owned()));
    let job = Job::read(&outcome.text(), Multiline::Refused, Percents::Kept);
    assert_eq!(job.variables, expected);
    assert!(job.secrets_before_variables.iter().any(|mask| mask == "100%sure"));
    let outcome = scenario.azfob(["get", "PW=pw", "LF=lf", "SEMICOLON=semicolon", "-o", "azure-pipelines"]).fails(1);
    outcome.prints("").shows("the values of LF, SEMICOLON cannot be written").shows("DECODE_PERCENTS");
}

#[cfg(unix)]
#[test]
fn shells_read_every_value() {
    let (scenario, names) = scenario(VALUES);
    let text = get(&scenario, &names, "shell").succeeds().text();
    for shell in round_trip::shells() {
        assert_eq!(round_trip::evaluated(&shell, &text, VALUES.len()), VALUES, "{}", shell.display());
    }
}

#[test]
fn dotenv_readers_agree_on_written_values() {
    let refused = ["it's \"both\"", "$HOME ${HOME} $(id) `id`", "\\\\server\\share", "ends in a backslash\\"];
    let written: Vec<_> = VALUES.iter().copied().filter(|value| !refused.contains(value)).collect();
    assert_eq!(written.len(), VALUES.len() - refused.len());
    let (accepting, names) = scenario(&written);
    let text = get(&accepting, &names, "dotenv").succeeds().text();
    let expected: Vec<_> = names.iter().map(|name| name.replace('-', "_")).zip(written).collect();
    for (reader, parse) in dotenv_readers::READERS {
        let read = parse(&text);
        assert!(
            read.iter().map(|(n, v)| (n.as_str(), v.as_str())).eq(expected.iter().map(|(n, v)| (n.as_str(), *v))),
            "{reader}: {text:?}"
        );
    }
    for value in refused {
        let (refusing, names) = scenario(&[value, "the next one"]);
        let outcome = get(&refusing, &names, "dotenv").fails(1);
        outcome.shows("the value of V_0 cannot be written").shows("azfob run");
    }
}

#[test]
fn refused_values_are_named() {
    let (scenario, names) = scenario(&["plain", "${a}", "fine", "ends in a backslash\\", "nul \0"]);
    let outcome = get(&scenario, &names[..4], "dotenv").fails(1).prints("");
    assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
    outcome.shows("error: the values of V_1, V_3 cannot be written: .env parsers disagree");
    get(&scenario, &names, "dotenv").fails(1).shows("the value of V_4 cannot be written: it contains a NUL");
}

#[test]
fn byte_order_mark_is_kept_and_noted() {
    let scenario = Scenario::on(Host::AppService).secret("A", "\u{feff}value").secret("B", "\u{feff}");
    let note = "note: the value of 'A' begins with a byte order mark (U+FEFF)";
    scenario.azfob(["get", "A"]).succeeds_with_messages().prints("\u{feff}value").shows(note);
    scenario
        .azfob(["get", "A", "-o", "shell"])
        .succeeds_with_messages()
        .prints("export A='\u{feff}value'\n")
        .shows(note);
    scenario.azfob(["get", "A", "B"]).succeeds_with_messages().shows(note).shows("'B' begins");
    scenario.azfob(["get", "-q", "A"]).succeeds().prints("\u{feff}value");
}

#[test]
fn pattern_prints_array_for_any_count() {
    let scenario = Scenario::on(Host::AppService).secret("db-a", "1").secret("db-ab", "2").secret("other", "3");
    let found = |arguments: &[&str]| {
        let shown = scenario.azfob([&["get", "-o", "json"], arguments].concat()).succeeds().json();
        shown.as_array().map(Vec::len)
    };
    assert_eq!(found(&["--match", "db-ab"]), Some(1));
    assert_eq!(found(&["--match", "db-a*"]), Some(2));
    assert_eq!(found(&["other", "--match", "OTHER"]), Some(1));
    assert_eq!(found(&["other"]), None);
    assert_eq!(found(&["other", "db-a"]), Some(2));
}

#[test]
fn nul_is_refused_except_in_json() {
    let scenario = Scenario::on(Host::AppService).secret("A", "a\0b").var("GITHUB_ENV", "env");
    fs::write(scenario.work().join("env"), "").unwrap();
    for format in ["dotenv", "docker-env", "shell", "env-json", "github", "azure-pipelines"] {
        scenario
            .azfob(["get", "A", "-o", format])
            .fails(1)
            .shows("the value of A cannot be written: it contains a NUL");
    }
    assert_eq!(fs::read_to_string(scenario.work().join("env")).unwrap(), "");
    assert_eq!(scenario.azfob(["get", "A", "-o", "json"]).succeeds().json()["value"], "a\0b");
    scenario.azfob(["get", "A"]).succeeds().prints("a\0b");
}

#[test]
fn variables_are_named_by_alias_or_derived() {
    let scenario = Scenario::on(Host::AppService).secret("ConnectionStrings--Default", "x").secret("api-key", "y");
    let outcome = scenario.azfob(["get", "ConnectionStrings--Default", "api-key", "MINE=api-key", "-o", "dotenv"]);
    outcome.succeeds().prints("ConnectionStrings__Default=x\nAPI_KEY=y\nMINE=y\n");
}

#[test]
fn invalid_variable_name_error_suggests_valid_one() {
    let scenario = || {
        let scenario = Scenario::on(Host::AppService).var("GITHUB_ENV", "env");
        fs::write(scenario.work().join("env"), "").unwrap();
        scenario
    };
    for (reference, format, parts) in [
        ("9lives", "shell", ["9LIVES", "_9LIVES=9lives"]),
        ("MY-VAR=ApiKey", "dotenv", ["'MY-VAR' is not a variable name", "MY_VAR=ApiKey"]),
        ("path", "shell", ["PATH", "is not formed as the name of a value"]),
        ("git-ssh-command", "dotenv", ["GIT_SSH_COMMAND", "controls which programs run"]),
        ("DOTNET--STARTUP--HOOKS", "shell", ["DOTNET__STARTUP__HOOKS", "controls which programs run"]),
        ("https-proxy", "azure-pipelines", ["HTTPS_PROXY", "is not formed as the name of a value"]),
        ("azfob-vault", "shell", ["AZFOB_VAULT", "AZFOB_VAULT=azfob-vault"]),
        ("ld-preload", "github", ["LD_PRELOAD", "LD_PRELOAD=ld-preload"]),
        ("github-token", "github", ["GITHUB_TOKEN", "KV_GITHUB_TOKEN=github-token"]),
        ("NODE_OPTIONS=ApiKey", "github", ["rejected by the runner", "KV_NODE_OPTIONS=ApiKey"]),
        ("secret-1", "azure-pipelines", ["the agent reserves", "KV_SECRET_1=secret-1"]),
    ] {
        scenario().azfob(["get", reference, "-o", format]).has_usage_error(&parts);
    }
    scenario().azfob(["get", "api-key", "API_KEY=ApiKey", "-o", "shell"]).has_usage_error(&["also sets API_KEY"]);
}

#[test]
fn options_conflicting_with_format_are_usage_errors() {
    for (arguments, part) in [
        (&["-o", "shell", "-n"][..], "--no-newline"),
        (&["-o", "dotenv", "--decode", "base64"], "--decode"),
        (&["-o", "azure-pipelines", "--out-file", "f"], "--out-file"),
    ] {
        let arguments = [&["get", "ApiKey"], arguments].concat();
        Scenario::on(Host::AppService).azfob(arguments).has_usage_error(&[part]);
    }
}

#[test]
fn dotenv_file_is_complete_and_private() {
    let scenario = Scenario::on(Host::AppService).secret("A", "one").secret("B", "two words");
    scenario.azfob(["get", "A", "B", "-o", "dotenv", "--out-file", ".env"]).succeeds().prints("");
    let file = scenario.work().join(".env");
    assert_eq!(fs::read_to_string(&file).unwrap(), "A=one\nB='two words'\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn pattern_skips_unreadable_secrets_and_notes_them() {
    let scenario = Scenario::on(Host::AppService)
        .secret("db-two", "2")
        .secret("DB-one", "1")
        .secret("other", "3")
        .secret_spec(SecretSpec::new("db-off", "4").disabled())
        .secret_spec(SecretSpec::new("db-cert", "5").managed());
    let outcome = scenario.azfob(["get", "--match", "db-*", "-o", "dotenv"]).succeeds_with_messages();
    let outcome = outcome.prints("DB_ONE=1\nDB_TWO=2\n");
    let outcome = outcome.shows("note: skipped disabled secrets: db-off\n").shows("skipped certificates: db-cert");
    assert_eq!(outcome.requests_to("identity").len(), 1, "one token for the list and the secrets");
    // Named secrets come first, and only once.
    scenario.azfob(["get", "-q", "other", "db-TWO", "--match", "db-*"]).succeeds().prints("3\n2\n1\n");
    scenario.azfob(["get", "--match", "none-*"]).fails(6).shows("SecretNotFound").shows("'none-*'");
    let nowhere = Scenario::on(Host::AppService).without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL");
    nowhere.azfob(["get", "--match", "*"]).has_usage_error(&["no vault is configured"]);
    scenario.azfob(["get"]).fails(2).sends_no_request();
}

#[test]
fn certificate_is_noted_and_unchanged() {
    use base64::Engine;
    let pfx: Vec<u8> = (0..=255).cycle().take(3000).collect();
    let pem = "-----BEGIN PRIVATE KEY-----\r\nMIIB\n-----END PRIVATE KEY-----";
    let scenario = Scenario::on(Host::AppService)
        .secret_spec(
            SecretSpec::new("app", base64::engine::general_purpose::STANDARD.encode(&pfx))
                .content_type("application/x-pkcs12")
                .managed(),
        )
        .secret_spec(SecretSpec::new("pem", pem).content_type("application/x-pem-file"))
        .secret_spec(SecretSpec::new("file", "AAECAw==").tag("file-encoding", "base64"))
        .secret_spec(SecretSpec::new("text", "x").tag("file-encoding", "utf-8"));
    let outcome = scenario.azfob(["get", "app"]).succeeds_with_messages();
    outcome
        .shows("note: 'app' is a PFX certificate in base64 (application/x-pkcs12)")
        .shows("--decode base64 --out-file app.pfx");
    scenario.azfob(["get", "app", "--decode", "base64", "--out-file", "app.pfx"]).succeeds();
    assert_eq!(fs::read(scenario.work().join("app.pfx")).unwrap(), pfx);
    scenario.azfob(["get", "pem"]).succeeds_with_messages().prints(pem).shows("(application/x-pem-file)");
    scenario.azfob(["get", "-q", "pem"]).succeeds().prints(pem);
    scenario.azfob(["get", "file"]).succeeds_with_messages().prints("AAECAw==").shows("file-encoding=base64");
    scenario.azfob(["get", "file", "--decode", "base64"]).succeeds().prints([0, 1, 2, 3]);
    scenario.azfob(["get", "text"]).succeeds().prints("x");
}

#[test]
fn thousand_secrets_need_one_token_and_keep_order() {
    let secrets = azfob::testing::sandbox::numbered_secrets(1000);
    let scenario = Scenario::on(Host::AppService).plan(|plan| azfob::testing::sandbox::SandboxPlan { secrets, ..plan });
    let order: Vec<usize> = (1..=1000).rev().collect();
    let names: Vec<_> = order.iter().map(|n| format!("secret-{n:05}")).collect();
    let expected: String = order.iter().map(|n| format!("sandbox-value-{n:05}\n")).collect();
    let outcome = get(&scenario, &names, "text").succeeds().prints(expected);
    assert_eq!(outcome.requests_to("identity").len(), 1);
    assert!(outcome.tunnels.len() <= 25, "{} connections", outcome.tunnels.len());
    assert_eq!(outcome.requests_to(VAULT).iter().filter(|r| r.authorized).count(), 1000);
}

#[test]
fn repeated_secret_is_fetched_once() {
    let scenario = Scenario::on(Host::AppService).secret("A", "1");
    let outcome = scenario.azfob(["get", "A", "a", "https://my-vault.vault.azure.net/secrets/A"]).succeeds();
    assert_eq!(outcome.requests_to(VAULT).iter().filter(|r| r.authorized).count(), 1);
    outcome.prints("1\n1\n1\n");
}
