//! systemd services, Azure Functions on a developer's machine, and Terraform.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use azfob::testing::sandbox::ClientCertificate;

use super::{API_KEY, CERTIFICATE, DATABASE, assert_shows_secrets, recipe, scenario, script, text, words};
use crate::support::{Host, Scenario, report_missing};

/// Returns the values of a setting of a unit, in order.
fn settings<'a>(unit: &'a str, name: &str) -> Vec<&'a str> {
    unit.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')).collect()
}

/// Starts the command of a setting, with the unit's variables and expanded specifiers.
fn start(scenario: &Scenario, unit: &str, setting: &str) -> String {
    let work = scenario.work().display().to_string();
    let filled = |text: &str| text.replace("%d", &work).replace("%t/my-app", &work);
    let variables = settings(unit, "Environment").into_iter().map(|line| {
        let (name, value) = line.split_once('=').unwrap();
        (name.to_owned(), filled(value))
    });
    let variables: Vec<_> = variables.collect();
    let [line] = settings(unit, setting)[..] else { panic!("one {setting}:\n{unit}") };
    let mut command: Vec<_> = line.split(' ').map(filled).collect();
    // The scenario's programs replace the installed ones.
    let installed = scenario.bin().join("deploy.sh").display().to_string();
    command.iter_mut().filter(|word| *word == "/usr/local/bin/deploy.sh").for_each(|word| word.clone_from(&installed));
    text(&words(scenario, &scenario.sandbox(), &command, &variables).stdout)
}

#[test]
fn systemd_service_uses_managed_identity() {
    let [plain, _] = recipe::<2>("systemd", "ini");
    assert_shows_secrets(&start(&scenario(Host::Imds), &plain, "ExecStart"));
}

#[test]
fn systemd_service_with_certificate_passes_secret_as_file() {
    let [_, unit] = recipe::<2>("systemd", "ini");
    let keys = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/keys");
    let registered = ClientCertificate {
        der: fs::read(keys.join("client.der")).unwrap(),
        public_key: fs::read(keys.join("client-public.der")).unwrap(),
    };
    let scenario = scenario(Host::ServicePrincipal)
        .plan(|plan| plan.certificate(registered))
        .without("AZURE_CLIENT_SECRET")
        .program("deploy.sh", "cat \"$1\"");
    // This is the effect of LoadCredential.
    let [credential] = settings(&unit, "LoadCredential")[..] else { panic!("one credential") };
    fs::copy(keys.join("chain-first.pem"), scenario.work().join(credential.split(':').next().unwrap())).unwrap();
    assert_eq!(start(&scenario, &unit, "ExecStartPre"), "");
    let shown = start(&scenario, &unit, "ExecStart");
    assert!(shown.contains(CERTIFICATE), "{shown}");
}

#[test]
fn systemd_analyze_accepts_units() {
    let folder = tempfile::tempdir().unwrap();
    for (number, unit) in recipe::<2>("systemd", "ini").iter().enumerate() {
        // The programs that the units start are not installed.
        let unit = unit.replace("/usr/bin/azfob", "/bin/true").replace("/usr/local/bin/deploy.sh", "/bin/true");
        let file = folder.path().join(format!("my-app-{number}.service"));
        fs::write(&file, unit).unwrap();
        let read = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&file).output();
        match read {
            Err(_) => report_missing("systemd-analyze", "the units of the systemd recipe"),
            Ok(read) => {
                let message = text(&read.stderr);
                let own: Vec<_> = message.lines().filter(|line| line.contains("my-app")).collect();
                assert!(own.is_empty() && Path::new("/bin/true").exists(), "{message}");
            }
        }
    }
}

#[test]
fn functions_read_file_and_environment() {
    let [template] = recipe::<1>("azure-functions", "json");
    let sh: Vec<String> =
        recipe::<4>("azure-functions", "sh").into_iter().filter(|block| block.contains("azfob")).collect();
    let [by_file, by_environment] = sh.as_slice() else { panic!("{sh:?}") };
    let scenario = scenario(Host::AzureCli).var("AZFOB_VAULT", "my-vault");
    let scenario = scenario.program("func", "[ \"$1\" = start ]; cat local.settings.json; echo \"ApiKey is $ApiKey\"");
    fs::write(scenario.work().join("local.settings.template.json"), template).unwrap();
    let sandbox = scenario.sandbox();
    let run = |block: &str| text(&script(&scenario, &sandbox, &["/bin/sh", "-e"], block, &[]).stdout);
    assert!(run(by_file).contains(&format!("\"ApiKey\": \"{API_KEY}\"")));
    assert!(run(by_environment).ends_with(&format!("ApiKey is {API_KEY}\n")));
}

#[test]
fn terraform_data_source_gets_strings() {
    let [block] = recipe::<1>("terraform", "hcl");
    let [variable] = recipe::<1>("terraform", "sh");
    let terraform = scenario(Host::AzureCli).program("terraform", "echo \"$* $TF_VAR_api_key\"");
    let shown = script(&terraform, &terraform.sandbox(), &["/bin/sh", "-e"], &variable, &[]).stdout;
    assert_eq!(text(&shown), format!("plan {API_KEY}\n"));
    let [template] = recipe::<1>("terraform", "json");
    let (_, list) = block.split_once("program = ").unwrap();
    let program: Vec<String> =
        serde_json::from_str(list.split_once(']').map(|(list, _)| format!("{list}]")).as_deref().unwrap()).unwrap();
    let host = scenario(Host::AzureCli);
    let word = |word: &str| format!("'{}'", word.replace("${path.module}", "."));
    let line = program.iter().map(|part| word(part)).collect::<Vec<_>>().join(" ");
    let write = |template: &str| fs::write(host.work().join("secrets.json"), template).unwrap();
    write(&template);
    let shown = script(&host, &host.sandbox(), &["/bin/sh", "-e"], &line, &[]).stdout;
    let object: std::collections::BTreeMap<String, String> = serde_json::from_slice(&shown).unwrap();
    assert_eq!(object.keys().collect::<Vec<_>>(), ["api_key", "database"]);
    assert!(object["api_key"] == API_KEY && object["database"].contains(DATABASE));
    write(&template.replace("{{ ApiKey", "{{ Missing"));
    let failed = super::attempt(&host, &host.sandbox(), &["/bin/sh", "-e"], &line, &[]);
    assert_eq!(failed.status.code(), Some(6), "{}", text(&failed.stderr));
}
