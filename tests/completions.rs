//! Completion in the shells: each script is sourced in bash, zsh, fish and elvish, with an `azfob` on PATH that records
//! its arguments.
//!
//! A shell that is not installed is reported on stderr; `.ci/run` installs all four. PowerShell's script is not run:
//! Debian has no PowerShell package.

mod shells;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use azfob::testing::command_line;

use crate::support::{Action, Host, Rule, Scenario, VAULT, in_parallel};

use shells::{Shell, here};

/// A scenario with an azfob on PATH that records its arguments.
fn noted(scenario: Scenario) -> Scenario {
    let real = env!("CARGO_BIN_EXE_azfob");
    scenario.program("azfob", &format!("echo \"$*\" >>\"$HOME/asked\"\nPATH=$outer\nexec {real} \"$@\""))
}

fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("completions").join(name)
}

#[test]
fn completion_scripts_are_up_to_date() {
    for (shell, file) in [
        ("bash", "azfob.bash"),
        ("zsh", "_azfob"),
        ("fish", "azfob.fish"),
        ("powershell", "_azfob.ps1"),
        ("elvish", "azfob.elv"),
    ] {
        let printed = Scenario::on(Host::Nothing).azfob(["completions", shell]).succeeds().sends_no_request();
        printed.prints(fs::read(script(file)).unwrap());
    }
}

#[test]
fn sourcing_script_starts_no_program() {
    in_parallel(here(), |shell| {
        let scenario = noted(Scenario::on(Host::Nothing));
        assert_eq!(shell.complete(&scenario, &[]), Vec::<Vec<String>>::new(), "{shell:?}");
        assert!(scenario.has_no_record("asked"), "{shell:?}");
    });
}

/// Every line to complete, with the expected offers: commands, options of each command, and values of each option.
fn known() -> Vec<(String, Vec<String>)> {
    let root = command_line();
    let commands: Vec<_> = root.get_subcommands().filter(|command| !command.is_hide_set()).collect();
    let mut known = vec![("azfob ".to_owned(), commands.iter().map(|c| c.get_name().to_owned()).collect())];
    for command in commands {
        let name = command.get_name();
        let options = command.get_arguments().filter(|option| !option.is_hide_set());
        let longs = options.filter_map(|option| Some(format!("--{}", option.get_long()?)));
        known.push((format!("azfob {name} --"), longs.collect()));
        for argument in command.get_arguments() {
            let values = argument.get_possible_values();
            let values: Vec<_> = values.iter().filter(|v| !v.is_hide_set()).map(|v| v.get_name().to_owned()).collect();
            match argument.get_long() {
                _ if values.is_empty() || !argument.get_action().takes_values() => {}
                None => known.push((format!("azfob {name} "), values)),
                Some(long) => {
                    known.push((format!("azfob {name} --{long} "), values.clone()));
                    let whole = values.iter().map(|value| format!("--{long}={value}")).collect();
                    known.push((format!("azfob {name} --{long}="), whole));
                }
            }
        }
    }
    known
}

#[test]
fn every_command_option_and_value_completes() {
    let known = known();
    assert!(known.len() > 25, "{}", known.len());
    let lines: Vec<_> = known.iter().map(|(line, _)| line.as_str()).collect();
    in_parallel(here(), |shell| {
        let scenario = noted(Scenario::on(Host::Nothing));
        let offered = shell.complete(&scenario, &lines);
        for ((line, expected), offered) in known.iter().zip(offered) {
            let mut expected = shell.expected(line, expected);
            expected.sort();
            assert_eq!(offered, expected, "{shell:?}: {line}");
        }
        let requested = scenario.recorded("asked");
        assert!(requested.lines().all(|line| line.starts_with("__complete -- ")), "{requested}");
    });
}

/// Asserts the sorted offers of a shell for each line.
fn offers(shell: Shell, scenario: &Scenario, cases: &[(&str, &[&str])]) {
    let lines: Vec<_> = cases.iter().map(|(line, _)| *line).collect();
    for ((line, expected), offered) in cases.iter().zip(shell.complete(scenario, &lines)) {
        let expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
        assert_eq!(offered, shell.expected(line, &expected), "{shell:?}: {line}");
    }
}

#[test]
fn configured_names_complete() {
    let config = "vault = 'first-vault'\n[profiles.prod]\nvault = 'second-vault'\n[profiles.test]\ntenant = 't'\n";
    in_parallel(here(), |shell| {
        let scenario = noted(Scenario::on(Host::Nothing));
        let file = scenario.home().join("config.toml");
        fs::write(&file, config).unwrap();
        let scenario = scenario.var("AZFOB_CONFIG", &file);
        offers(
            shell,
            &scenario,
            &[
                ("azfob get --profile ", &["prod", "test"]),
                ("azfob --vault ", &["first-vault", "second-vault"]),
                ("azfob get -q --vault=s", &["--vault=second-vault"]),
                ("azfob whoami --credential az", &["azure-cli", "azure-developer-cli", "azure-powershell"]),
                ("azfob whoami --credential Man", &["ManagedIdentityCredential"]),
                ("azfob diagnose --explain forbidden-fire", &["forbidden-firewall"]),
            ],
        );
    });
}

/// Repeats a completion until it has names. A busy machine does not always get them within the limit of 300 ms.
fn until_in_time<T>(complete: impl Fn() -> T, has_names: impl Fn(&T) -> bool) -> T {
    let tries = std::iter::repeat_with(complete).take(50);
    let mut last = None;
    for offered in tries {
        if has_names(&offered) {
            return offered;
        }
        last = Some(offered);
    }
    last.expect("50 tries")
}

#[test]
fn secret_names_complete_without_reading_values() {
    in_parallel(here(), |shell| {
        let scenario = noted(Scenario::on(Host::AppService)).secret("db-one", "hunter2").secret("DB-two", "hunter3");
        let sandbox = scenario.sandbox();
        let lines =
            ["azfob get db", "azfob get ApiKey --vault my-vault db-t", "azfob get X=db-o", "azfob run -e X=db-o"];
        let expected: [&[&str]; 4] = [&["db-one", "db-two"], &["db-two"], &["X=db-one"], &["X=db-one"]];
        for (line, expected) in lines.iter().zip(expected) {
            let expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
            let expected = shell.expected(line, &expected);
            let complete = || shell.complete_in(&scenario, &sandbox, &[line]).remove(0);
            assert_eq!(until_in_time(complete, |offered| *offered == expected), expected, "{shell:?}: {line}");
        }
        assert!(sandbox.requests().iter().all(|request| !request.path.starts_with("/secrets/")), "{shell:?}");
    });
}

fn complete(scenario: &Scenario, words: &[&str]) -> crate::support::Outcome {
    scenario.azfob(["__complete", "--"].iter().chain(words)).succeeds()
}

#[test]
fn name_lookup_is_short_and_can_be_disabled() {
    let hangs = Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/secrets", Action::Hang).with_credential());
    complete(&hangs, &["get", ""]).prints("").within(Duration::from_secs(2));
    let refused = Scenario::on(Host::AppService).fault(crate::support::Fault::Forbidden);
    complete(&refused, &["get", ""]).prints("");
    complete(&Scenario::on(Host::Nothing), &["get", "", "--interactive", ""]).prints("");
    let off = Scenario::on(Host::AppService).var("AZFOB_NO_COMPLETE_NAMES", "1");
    complete(&off, &["get", ""]).prints("").sends_no_request();
    let scenario = Scenario::on(Host::AppService);
    // A word that cannot begin a name sends no request.
    complete(&scenario, &["get", "https://my-vault"]).prints("").sends_no_request();
    complete(&scenario, &["run", "-e", "X_"]).prints("").sends_no_request();
    complete(&scenario, &["get", "--vault", "x"]).prints("").sends_no_request();
    let shown = until_in_time(|| complete(&scenario, &["get", "ApiK"]), |shown| !shown.stdout.is_empty());
    let shown = shown.prints("ApiKey\t\n");
    assert!(shown.requests_to(VAULT).iter().all(|request| request.path.trim_end_matches('/') == "/secrets"));
}

#[test]
fn files_are_offered_only_for_file_arguments() {
    in_parallel(here(), |shell| {
        let scenario = noted(Scenario::on(Host::Nothing));
        fs::write(scenario.work().join("a-file.log"), "").unwrap();
        fs::write(scenario.work().join("azfob-log"), "").unwrap();
        let mut cases: Vec<(&str, &[&str])> = vec![
            ("azfob diagnose --log a-f", &["a-file.log"]),
            ("azfob get A --out-file a-f", &["a-file.log"]),
            ("azfob list a-f", &[]),
            ("azfob get --tenant a-f", &[]),
            ("azfob a-f", &[]),
        ];
        if shell == Shell::Fish {
            // The other shells remove quotes before they call the completer.
            fs::write(scenario.work().join("a file.log"), "").unwrap();
            for line in ["azfob diagnose --log a\\ f", "azfob diagnose --log 'a f", "azfob run -- cat a\\ f"] {
                cases.push((line, &["a file.log"]));
            }
        }
        offers(shell, &scenario, &cases);
    });
}

#[test]
fn command_after_dashes_completes() {
    in_parallel(here(), |shell| {
        let scenario = noted(Scenario::on(Host::Nothing)).program("zz-deploy", "true");
        fs::write(scenario.work().join("a-file.log"), "").unwrap();
        let cases: [(&str, &[&str]); 2] =
            [("azfob run -e X=a -- zz-de", &["zz-deploy"]), ("azfob run -- cat a-f", &["a-file.log"])];
        offers(shell, &scenario, &cases);
    });
}
