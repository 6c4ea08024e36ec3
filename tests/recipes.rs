//! The recipes of the README, run as they are written: each is cut out of the text, so that none can rot.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::outputs::{azure_agent, github_runner};
use crate::support::{Host, Scenario};

const API_KEY: &str = "sandbox-api-key-of-february";
const DATABASE: &str = "Password=sandbox-Pa55w0rd;";
const CERTIFICATE: &str = "c2FuZGJveCBjZXJ0aWZpY2F0ZSwgb25seSBhbiBleGFtcGxlLCBsaW5lIHR3byA=";

/// A program that shows what it has, as a careless one would.
const DEPLOY: &str =
    "echo \"key: $APIKEY\"; echo \"$DB\"; printf '%s' \"$TLS_CERT\"; echo \"secret: ${AZURE_CLIENT_SECRET-none}\"";

/// The code block below a heading.
fn block(heading: &str) -> String {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(top.join("README.md")).unwrap();
    let (_, below) = text.split_once(&format!("\n### {heading}\n")).unwrap_or_else(|| panic!("no recipe '{heading}'"));
    let (_, code) = below.split_once("\n```").unwrap();
    let (_, code) = code.split_once('\n').unwrap();
    format!("{}\n", code.split_once("\n```").unwrap().0)
}

/// A host with azfob on PATH and `deploy.sh` in the folder; nothing but the recipe names the vault.
fn scenario() -> Scenario {
    let scenario = Scenario::on(Host::ServicePrincipal).without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL");
    let scenario = scenario.program("deploy.sh", DEPLOY);
    fs::copy(scenario.bin().join("deploy.sh"), scenario.work().join("deploy.sh")).unwrap();
    let azfob = Path::new(env!("CARGO_BIN_EXE_azfob"));
    std::os::unix::fs::symlink(azfob, scenario.bin().join("azfob")).unwrap();
    scenario
}

/// Runs a script as a runner does, with these variables added.
fn script(scenario: &Scenario, shell: &[&str], text: &str, variables: &[(String, String)]) -> Output {
    let sandbox = scenario.sandbox();
    let mut command: Command = scenario.command(&sandbox, Path::new(shell[0]));
    let file = scenario.work().join("step.sh");
    fs::write(&file, text).unwrap();
    command.args(&shell[1..]).arg(&file).envs(variables.iter().cloned()).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The steps of a workflow: for each the command behind `key`, and its `env`. Enough YAML for a recipe.
fn steps(yaml: &str, key: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut steps: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let mut in_env = false;
    for line in yaml.lines() {
        let item = line.trim_start().strip_prefix("- ");
        let field = item.unwrap_or(line.trim_start());
        let Some((name, value)) = field.split_once(':') else { continue };
        let value = value.trim().to_owned();
        if item.is_some() {
            steps.push(Default::default());
            in_env = false;
        }
        let Some(step) = steps.last_mut() else { continue };
        match name {
            "env" => in_env = true,
            name if name == key => step.0 = value,
            _ if in_env => step.1.push((name.to_owned(), value)),
            _ => {}
        }
    }
    steps
}

fn shows_all(text: &str) {
    for part in [API_KEY, DATABASE, CERTIFICATE, "-----END CERTIFICATE-----"] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

fn shows_none(log: &str) {
    for part in [API_KEY, DATABASE, CERTIFICATE] {
        assert!(!log.contains(part), "{part} is in:\n{log}");
    }
    assert!(log.contains("key: ***"), "{log}");
}

#[test]
fn the_step_of_github_actions() {
    let scenario = scenario();
    let steps = steps(&block("A step of GitHub Actions"), "run");
    assert_eq!(steps.len(), 2);
    // `bash -e` is the shell of a step that names none, and each step has what the file held before it.
    let file = scenario.work().join("github_env");
    fs::write(&file, "").unwrap();
    let mut whole = String::new();
    for (run, env) in &steps {
        let mut variables = github_runner::environment(&fs::read_to_string(&file).unwrap()).unwrap();
        variables.extend(env.iter().cloned());
        variables.push(("GITHUB_ENV".to_owned(), file.display().to_string()));
        let output = script(&scenario, &["/bin/bash", "-e"], run, &variables);
        whole.push_str(&String::from_utf8_lossy(&output.stdout));
    }
    shows_all(&whole);
    shows_none(&github_runner::log(&whole, [].into_iter()).0);
}

#[test]
fn the_step_of_azure_pipelines() {
    let scenario = scenario();
    let yaml = block("A step of Azure Pipelines");
    let steps = steps(&yaml, "script");
    assert_eq!(steps.len(), 2);
    let allowed = ("SYSTEM_UNSAFEALLOWMULTILINESECRET: true", azure_agent::Multiline::Allowed);
    assert!(yaml.contains(allowed.0));
    let of_pipeline = ("SYSTEM_UNSAFEALLOWMULTILINESECRET".to_owned(), "true".to_owned());

    let (first, env) = &steps[0];
    let variables: Vec<_> = env.iter().cloned().chain([of_pipeline]).collect();
    let output = script(&scenario, &["/bin/bash", "--noprofile", "--norc"], first, &variables);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "the pipeline has all that it needs");
    let job = azure_agent::Job::of(&String::from_utf8_lossy(&output.stdout), allowed.1);

    // A secret variable reaches a script only where `env` hands it on.
    let known: BTreeMap<_, _> = job.variables.iter().cloned().collect();
    let (second, env) = &steps[1];
    let handed_on = env.iter().map(|(name, value)| {
        let source = value.strip_prefix("$(").and_then(|v| v.strip_suffix(')')).unwrap();
        (name.clone(), known[source].clone())
    });
    let output = script(&scenario, &["/bin/bash", "--noprofile", "--norc"], second, &handed_on.collect::<Vec<_>>());
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    shows_all(&shown);
    let masked = shown.lines().map(|line| {
        job.secrets_before_variables.iter().fold(line.to_owned(), |line, secret| line.replace(secret.as_str(), "***"))
    });
    shows_none(&masked.collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_shell_script() {
    let text = block("A shell script");
    for shell in ["/bin/dash", "/bin/bash", "/bin/sh"].into_iter().filter(|shell| Path::new(shell).exists()) {
        let output = script(&scenario(), &[shell], &text, &[]);
        shows_all(&String::from_utf8_lossy(&output.stdout));
    }
    // It stops where a secret is missing, before anything is deployed.
    let scenario = scenario();
    fs::write(scenario.work().join("step.sh"), text.replace("get ApiKey", "get Missing")).unwrap();
    let sandbox = scenario.sandbox();
    let output = scenario.command(&sandbox, Path::new("/bin/sh")).arg("step.sh").output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(6), &b""[..]));
}

#[test]
fn the_entry_point_of_a_container() {
    let text = block("A container's entry point");
    let lines = |instruction: &str| {
        text.lines()
            .filter_map(|line| line.strip_prefix(instruction))
            .map(str::trim)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let list = |instruction: &str| -> Vec<String> { serde_json::from_str(&lines(instruction)[0]).unwrap() };
    let scenario = scenario();
    let sandbox = scenario.sandbox();
    let words = [list("ENTRYPOINT "), list("CMD ")].concat();
    let mut command = scenario.command(&sandbox, &scenario.bin().join(&words[0]));
    command.args(&words[1..]);
    for variable in lines("ENV ") {
        let (name, value) = variable.split_once('=').unwrap();
        command.env(name, value.trim_matches('"'));
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    shows_all(&shown);
    assert!(shown.contains("secret: none"), "{shown}");
}
