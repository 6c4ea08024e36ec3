//! The blocks of the README and of the pages in `docs/`, each run in the shell that the README opens.
//!
//! A comment above a block changes how it runs: `<!-- not run: REASON -->`, `<!-- exits: CODE -->`, and
//! `<!-- sandbox: OPTIONS -->` for options of `azfob sandbox`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{is_installed, scenario, text};
use crate::support::{Host, Scenario, in_parallel, report_missing};

/// The page that the freshness tests generate.
const GENERATED: [&str; 1] = ["errors.md"];
/// The README starts azfob from source, because nothing is installed yet.
const FROM_SOURCE: &str = "cargo run -- ";

/// A block of commands.
#[derive(Default)]
struct Block {
    language: String,
    text: String,
    exit_code: i32,
    sandbox_options: String,
    reason_not_to_run: Option<String>,
}

impl Block {
    /// The commands, and their output if the page shows it.
    fn script(&self) -> (String, Option<String>) {
        let started = |line: &str| line.replace(FROM_SOURCE, "azfob ");
        if self.language == "sh" {
            return (started(&self.text), None);
        }
        let (commands, output): (Vec<&str>, Vec<&str>) = self.text.lines().partition(|line| line.starts_with("$ "));
        let commands: Vec<_> = commands.iter().map(|line| started(&line[2..])).collect();
        (commands.join("\n"), Some(output.join("\n")))
    }
}

/// Returns the blocks of a page that a shell can run.
fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut next = Block::default();
    let mut is_open = false;
    for line in page.lines() {
        let comment = line.strip_prefix("<!-- ").and_then(|line| line.strip_suffix(" -->"));
        match (is_open, line.strip_prefix("```")) {
            (false, Some(language)) => {
                next.language = language.to_owned();
                is_open = true;
            }
            (true, Some(_)) => {
                let block = std::mem::take(&mut next);
                found.extend(Some(block).filter(|block| ["sh", "console"].contains(&block.language.as_str())));
                is_open = false;
            }
            (true, None) => next.text.push_str(&format!("{line}\n")),
            (false, None) => match comment.and_then(|comment| comment.split_once(": ")) {
                Some(("not run", reason)) => next.reason_not_to_run = Some(reason.to_owned()),
                Some(("exits", code)) => next.exit_code = code.parse().unwrap(),
                Some(("sandbox", options)) => options.clone_into(&mut next.sandbox_options),
                _ => {}
            },
        }
    }
    found
}

/// Runs a block like a user in the shell of the README.
fn run(scenario: &Scenario, block: &Block, script: &str) -> Output {
    let file = scenario.work().join("block.sh");
    fs::write(&file, script).unwrap();
    let mut azfob = Command::new(env!("CARGO_BIN_EXE_azfob"));
    azfob.env_clear().env("HOME", scenario.home()).env("PATH", format!("{}:/usr/bin:/bin", scenario.bin().display()));
    azfob.arg("sandbox").args(block.sandbox_options.split_whitespace());
    azfob.args(["--", "/bin/bash", "--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(file);
    azfob.current_dir(scenario.work()).stdin(Stdio::null()).output().unwrap()
}

/// Runs every block of a page in one folder, and returns their number.
fn run_page(name: &str) -> usize {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let scenario = scenario(Host::Nothing).program("server", "echo started");
    fs::copy(scenario.bin().join("server"), scenario.work().join("server")).unwrap();
    let mut ran = 0;
    for block in blocks(&page).iter().filter(|block| block.reason_not_to_run.is_none()) {
        let (script, shown) = block.script();
        if script.contains("jq ") && !is_installed("jq") {
            report_missing("jq", &format!("a block of {name}"));
            continue;
        }
        let output = run(&scenario, block, &script);
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(block.exit_code), "{name}:\n{script}\n{stdout}\n{stderr}");
        if let Some(shown) = shown {
            assert_eq!(stdout.trim_end(), shown.trim_end(), "{name}:\n{script}");
        }
        ran += 1;
    }
    ran
}

#[test]
fn readme_commands_work_as_written() {
    assert_eq!(run_page("README.md"), 5);
}

#[test]
fn page_commands_work_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pages = names.filter(|name| name.ends_with(".md") && !GENERATED.contains(&name.as_str()));
    let ran = AtomicUsize::new(0);
    in_parallel(pages, |name| {
        ran.fetch_add(run_page(&format!("docs/{name}")), Ordering::Relaxed);
    });
    assert!(ran.into_inner() >= 18);
}

/// azfob reads the configuration file of the page.
#[test]
fn configuration_file_of_the_page_is_read() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md")).unwrap();
    let file = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let scenario = scenario(Host::Nothing);
    fs::write(scenario.work().join("config.toml"), file).unwrap();
    let script = "chmod 600 config.toml; unset AZFOB_VAULT AZURE_KEYVAULT_URL AZURE_TENANT_ID AZURE_TOKEN_CREDENTIALS
        AZFOB_CONFIG=$PWD/config.toml azfob diagnose --profile prod --timeout 5 -o json || true";
    let output = run(&scenario, &Block::default(), script);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let settings = report["settings"].to_string();
    for value in ["my-prod-vault", "AzureCliCredential", "contoso.onmicrosoft.com"] {
        assert!(settings.contains(value), "{value} is not in:\n{settings}");
    }
}

/// The page documents every field of the JSON output, and no other.
#[test]
fn json_page_has_every_field() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let documented = rows.flat_map(|cell| cell.split('`').step_by(2)).flat_map(|path| path.split('.'));
    let documented: Vec<&str> = documented.map(|name| name.trim_end_matches("[]")).collect();
    let scenario = scenario(Host::Nothing);
    let script = "azfob get ApiKey -o json; azfob list -o json
        azfob sandbox --fault soft-deleted -- azfob list --deleted -o json
        azfob list --certificates --wide -o json
        azfob sandbox --as azure-cli -- azfob whoami -o json
        azfob whoami -o json; azfob diagnose -o json; azfob explain 403 -o json
        azfob sandbox --fault forbidden -- azfob diagnose -o json || true
        azfob sandbox --workload functions -- azfob diagnose --for my-app -o json
        azfob sandbox --workload functions -- azfob whoami --for my-app -o json
        azfob sandbox --workload pod -- azfob diagnose --for pod/my-namespace/my-pod -o json
        echo AADSTS700213 | azfob diagnose --log - -o json";
    let output = run(&scenario, &Block::default(), script);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mut printed = Vec::new();
    for document in serde_json::Deserializer::from_slice(&output.stdout).into_iter::<serde_json::Value>() {
        fields(&document.unwrap(), &mut printed);
    }
    let known = |name: &str| documented.contains(&name) || page.contains(&format!("`{name}`"));
    let missing: Vec<_> = printed.iter().filter(|name| !known(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let is_field = |name: &&str| !name.contains(' ') && !name.starts_with("azfob");
    let stale: Vec<_> =
        documented.iter().copied().filter(is_field).filter(|name| !printed.contains(&(*name).to_owned())).collect();
    assert!(stale.is_empty(), "{stale:?}");
}

/// Collects the names of all fields, except those of tags.
fn fields(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (name, inner) in map {
                found.push(name.clone());
                if name != "tags" {
                    fields(inner, found);
                }
            }
        }
        serde_json::Value::Array(list) => list.iter().for_each(|inner| fields(inner, found)),
        _ => {}
    }
}
