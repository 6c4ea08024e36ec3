//! Services of systemd.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use azfob::testing::sandbox::ClientCertificate;

use super::{CERTIFICATE, recipe, scenario, shows_all, text, words};
use crate::support::{Host, Scenario};

/// The values of a setting of a unit, in order.
fn settings<'a>(unit: &'a str, name: &str) -> Vec<&'a str> {
    unit.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')).collect()
}

/// Starts what a setting names, with the unit's variables and its specifiers filled in.
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
    // What is installed is the scenario's.
    let installed = scenario.bin().join("deploy.sh").display().to_string();
    command.iter_mut().filter(|word| *word == "/usr/local/bin/deploy.sh").for_each(|word| word.clone_from(&installed));
    text(&words(scenario, &scenario.sandbox(), &command, &variables).stdout)
}

#[test]
fn a_service_of_a_machine_with_an_identity() {
    let [plain, _] = recipe::<2>("systemd", "ini");
    shows_all(&start(&scenario(Host::Imds), &plain, "ExecStart"));
}

#[test]
fn a_service_with_a_certificate_hands_a_secret_over_as_a_file() {
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
    // What LoadCredential does.
    let [credential] = settings(&unit, "LoadCredential")[..] else { panic!("one credential") };
    fs::copy(keys.join("chain-first.pem"), scenario.work().join(credential.split(':').next().unwrap())).unwrap();
    assert_eq!(start(&scenario, &unit, "ExecStartPre"), "");
    let shown = start(&scenario, &unit, "ExecStart");
    assert!(shown.contains(CERTIFICATE), "{shown}");
}

/// Where systemd is not installed that is told, and nothing more.
#[test]
#[allow(clippy::print_stderr, reason = "who reads the test's output learns what was not tried")]
fn systemd_reads_the_units_without_a_complaint() {
    let folder = tempfile::tempdir().unwrap();
    for (number, unit) in recipe::<2>("systemd", "ini").iter().enumerate() {
        // The programs that it starts are not installed here.
        let unit = unit.replace("/usr/bin/azfob", "/bin/true").replace("/usr/local/bin/deploy.sh", "/bin/true");
        let file = folder.path().join(format!("my-app-{number}.service"));
        fs::write(&file, unit).unwrap();
        let read = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&file).output();
        match read {
            Err(_) => eprintln!("systemd-analyze is not installed: the units were not read by it"),
            Ok(read) => {
                let said = text(&read.stderr);
                let own: Vec<_> = said.lines().filter(|line| line.contains("my-app")).collect();
                assert!(own.is_empty() && Path::new("/bin/true").exists(), "{said}");
            }
        }
    }
}
