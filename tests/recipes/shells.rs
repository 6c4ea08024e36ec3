//! Shell scripts, direnv, make and PowerShell.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{API_KEY, CERTIFICATE, assert_shows_secrets, attempt, recipe, scenario, script, text};
use crate::support::{Host, report_missing};

#[test]
fn shell_script_recipe_works() {
    let [whole, one_command] = recipe::<2>("shell", "sh");
    for shell in ["/bin/dash", "/bin/bash", "/bin/sh"] {
        if !Path::new(shell).exists() {
            report_missing(shell, "the shell script");
            continue;
        }
        for text_of_it in [&whole, &one_command] {
            let scenario = scenario(Host::AppService);
            assert_shows_secrets(&text(&script(&scenario, &scenario.sandbox(), &[shell], text_of_it, &[]).stdout));
        }
    }
    // The script stops before the deployment if a secret is missing.
    let scenario = scenario(Host::AppService);
    let output =
        attempt(&scenario, &scenario.sandbox(), &["/bin/sh"], &whole.replace("get ApiKey", "get Missing-Key"), &[]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(6), &b""[..]));
}

#[test]
fn direnv_recipe_works() {
    let [values, references] = recipe::<2>("direnv", "sh");
    for (file, run) in [(values, "./deploy.sh"), (references, "azfob run -- ./deploy.sh")] {
        // direnv runs the file in bash and exports its variables.
        let scenario = scenario(Host::AzureCli);
        let sandbox = scenario.sandbox();
        assert_shows_secrets(&text(
            &script(&scenario, &sandbox, &["/bin/bash"], &format!("{file}{run}\n"), &[]).stdout,
        ));
    }
    let message = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes/direnv.md")).unwrap();
    assert!(message.contains("`azfob run -- ./deploy.sh`"));
}

#[test]
fn makefile_recipe_works() {
    let [makefile] = recipe::<1>("make", "make");
    if Command::new("make").arg("--version").stdout(Stdio::null()).status().is_err() {
        report_missing("make", "its recipe");
        return;
    }
    let scenario = scenario(Host::AzureCli);
    fs::write(scenario.work().join("Makefile"), makefile).unwrap();
    let shown = text(&script(&scenario, &scenario.sandbox(), &["/bin/sh"], "make deploy\n", &[]).stdout);
    assert_shows_secrets(&shown);
    assert!(shown.starts_with("azfob run --env APIKEY=ApiKey "), "make prints only names: {shown}");
}

/// Returns the azfob commands of the PowerShell lines. The rest of the lines is only for PowerShell.
#[test]
fn powershell_recipe_is_complete() {
    let blocks = recipe::<3>("powershell", "powershell");
    let lines = blocks.iter().flat_map(|block| block.lines()).filter_map(|line| {
        let at = line.find("azfob ")?;
        (at == 0 || line[..at].ends_with("= ")).then(|| line[at..].split(" |").next().unwrap())
    });
    let lines: Vec<_> = lines.collect();
    let [plain, json, run] = lines[..] else { panic!("{lines:?}") };
    let vault = [("AZFOB_VAULT".to_owned(), "my-vault".to_owned())];
    let scenario = scenario(Host::AppService);
    let sandbox = scenario.sandbox();
    let printed = |line: &str, more: &[(String, String)]| script(&scenario, &sandbox, &["/bin/sh"], line, more).stdout;
    assert_eq!(text(&printed(plain, &vault)), API_KEY);
    let found: serde_json::Value = serde_json::from_slice(&printed(json, &vault)).unwrap();
    let names: Vec<_> = found.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["ApiKey", "DatabaseConnectionString", "TlsCertificate"]);
    assert!(found[2]["value"].as_str().unwrap().contains(CERTIFICATE));
    assert_shows_secrets(&text(&printed(run, &[])));
    assert!(blocks[1].contains("$_.name") && blocks[1].contains("$_.value"));
}
