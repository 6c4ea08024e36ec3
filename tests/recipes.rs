//! Runs the commands of the README and of `docs/` as they are written.
//!
//! A recipe runs on its host. The tests do what the host does with it (a runner, a kubelet, systemd), as documented.
//! Other pages run in the shell that the README opens.

mod ci;
mod containers;
mod machines;
mod pages;
mod setup;
mod shells;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use azfob::testing::sandbox::Sandbox;
use saphyr::{LoadableYamlNode, Yaml};
use serde_json::Value;

use crate::support::{Host, Scenario};

const API_KEY: &str = "sandbox-api-key-of-february";
const DATABASE: &str = "Password=sandbox-Pa55w0rd;";
/// Two lines of the certificate, which is new in each sandbox.
const CERTIFICATE: &str = "-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----";

/// A program that carelessly prints its secrets.
const DEPLOY: &str =
    "echo \"key: $APIKEY\"; echo \"$DB\"; printf '%s' \"$TLS_CERT\"; echo \"secret: ${AZURE_CLIENT_SECRET-none}\"";

/// Returns every code block of a file with its language.
fn blocks(file: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let mut blocks: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(language) if !open => blocks.push((language.to_owned(), String::new())),
            Some(_) => {}
            None if open => {
                let block = &mut blocks.last_mut().unwrap().1;
                block.push_str(line);
                block.push('\n');
            }
            None => continue,
        }
        open ^= line.starts_with("```");
    }
    assert!(!open && !blocks.is_empty(), "{file}");
    blocks
}

/// Returns the code blocks of a recipe in this language.
fn recipe<const N: usize>(name: &str, language: &str) -> [String; N] {
    let found = blocks(&format!("docs/recipes/{name}.md")).into_iter();
    let found: Vec<String> = found.filter(|(marked, _)| marked == language).map(|(_, text)| text).collect();
    found.try_into().unwrap_or_else(|found: Vec<_>| panic!("{name} has {} blocks of {language}", found.len()))
}

/// Parses YAML to JSON. Scalars become text, as in variables of all these formats.
pub(crate) fn yaml(text: &str) -> Vec<Value> {
    fn value(node: &Yaml<'_>) -> Value {
        if let Some(mapping) = node.as_mapping() {
            let pairs =
                mapping.iter().map(|(key, inner)| (key.as_str().expect("a key is text").to_owned(), value(inner)));
            return Value::Object(pairs.collect());
        }
        match node.as_sequence() {
            Some(list) => list.iter().map(value).collect(),
            None => match (node.as_str(), node.as_integer(), node.as_bool()) {
                (Some(text), ..) => text.into(),
                (_, Some(number), _) => number.to_string().into(),
                (.., Some(is)) => is.to_string().into(),
                _ => Value::Null,
            },
        }
    }
    let documents = Yaml::load_from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    documents.iter().map(value).collect()
}

/// Returns the pairs of a mapping, or none.
pub(crate) fn pairs(mapping: &Value) -> Vec<(String, String)> {
    let pairs = mapping.as_object().into_iter().flatten();
    pairs.map(|(name, value)| (name.clone(), value.as_str().expect("a variable is text").to_owned())).collect()
}

/// A host with azfob on PATH, and `deploy.sh` on PATH and in the folder. Only the recipe names the vault and the client
/// ID.
pub(crate) fn scenario(host: Host) -> Scenario {
    let given = ["AZFOB_VAULT", "AZURE_KEYVAULT_URL", "AZURE_TENANT_ID", "AZURE_CLIENT_ID"];
    let pipeline =
        ["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "AZURESUBSCRIPTION_CLIENT_ID", "AZURESUBSCRIPTION_TENANT_ID"];
    let scenario = given.iter().chain(&pipeline).fold(Scenario::on(host), |scenario, name| scenario.without(name));
    let scenario = scenario.program("deploy.sh", DEPLOY);
    fs::copy(scenario.bin().join("deploy.sh"), scenario.work().join("deploy.sh")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_azfob"), scenario.bin().join("azfob")).unwrap();
    scenario
}

/// Returns a variable of the sandbox that the scenario hides from the recipe.
fn host_variable(sandbox: &Sandbox, name: &str) -> String {
    let mut found = sandbox.variables().iter().filter(|(known, _)| known == name);
    found.next().unwrap_or_else(|| panic!("{name}")).1.to_str().unwrap().to_owned()
}

/// Runs a script like a runner: as a file, with these additional variables.
pub(crate) fn attempt(
    scenario: &Scenario,
    sandbox: &Sandbox,
    shell: &[&str],
    text: &str,
    more: &[(String, String)],
) -> Output {
    let file = scenario.work().join("step.sh");
    fs::write(&file, text).unwrap();
    let mut command = scenario.command(sandbox, Path::new(shell[0]));
    // The system's tools follow those of the scenario.
    let path = format!(
        "{}:/usr/bin:/bin",
        command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_str().unwrap()
    );
    command.args(&shell[1..]).arg(&file).env("PATH", path).envs(more.iter().cloned()).stdin(Stdio::null());
    command.output().unwrap()
}

/// The same, for a script that succeeds.
pub(crate) fn script(
    scenario: &Scenario,
    sandbox: &Sandbox,
    shell: &[&str],
    text: &str,
    more: &[(String, String)],
) -> Output {
    let output = attempt(scenario, sandbox, shell, text, more);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Runs a list of words without a shell.
fn words(scenario: &Scenario, sandbox: &Sandbox, words: &[String], more: &[(String, String)]) -> Output {
    let mut command = scenario.command(sandbox, &scenario.bin().join(words[0].rsplit('/').next().unwrap()));
    command.args(&words[1..]).envs(more.iter().cloned()).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{words:?}\n{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Returns true if a program of the system can be started.
fn is_installed(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn assert_shows_secrets(text: &str) {
    for part in [API_KEY, DATABASE, CERTIFICATE, "-----END CERTIFICATE-----"] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

/// Asserts that every value in the log of a deployment is masked.
fn assert_shows_no_secret(log: &str) {
    for part in [API_KEY, DATABASE, CERTIFICATE] {
        assert!(!log.contains(part), "{part} is in:\n{log}");
    }
    assert!(log.contains("key: ***"), "{log}");
}

#[test]
fn recipes_are_listed_and_two_are_in_readme() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = fs::read_to_string(top.join("docs/recipes/README.md")).unwrap();
    let files = fs::read_dir(top.join("docs/recipes")).unwrap().map(|entry| entry.unwrap().file_name());
    for name in files.map(|name| name.into_string().unwrap()).filter(|name| name != "README.md") {
        assert!(list.contains(&format!("]({name})")), "{name} is not in docs/recipes/README.md");
    }
    let known: Vec<_> =
        ["shell", "github-actions"].iter().flat_map(|name| blocks(&format!("docs/recipes/{name}.md"))).collect();
    let kept = blocks("README.md").into_iter().filter(|block| known.contains(block)).count();
    assert_eq!(kept, 2, "the README has a recipe word for word as docs/recipes has it");
}
