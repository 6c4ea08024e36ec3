//! The order of programs, connections and requests: what waits for a round trip, and what does not.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use azfob::testing::sandbox::Sandbox;

use crate::credential::visual_studio_code;
use crate::support::{Action, Fault, Host, LOGIN, Rule, Scenario, VAULT, names};

/// The sandbox's az: it is in the last folder of PATH.
const REAL_AZ: &str = "exec \"${outer##*:}/az\" \"$@\"";

/// An azfob that runs until the test is done.
struct Started(Child);

impl Started {
    fn new(scenario: &Scenario, sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let mut command = scenario.command(sandbox, Path::new(env!("CARGO_BIN_EXE_azfob")));
        let command = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Started(command.spawn().expect("azfob starts"))
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until something has happened, which it would never do in the wrong order.
fn wait_for(what: &str, happened: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if happened() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("{what} did not happen");
}

#[test]
fn az_runs_while_the_challenge_is_read() {
    for arguments in [&["get", "ApiKey"][..], &["get", "ApiKey", "--tenant", names::TENANT_ID]] {
        let scenario = Scenario::on(Host::AzureCli)
            .program("az", "echo asked >\"$HOME/asked\"; exec sleep 60")
            .rule(Rule::new(VAULT, "/", Action::Hang));
        let sandbox = scenario.sandbox();
        let _azfob = Started::new(&scenario, &sandbox, arguments);
        assert_eq!(scenario.recorded("asked"), "asked\n");
        wait_for("the request for the challenge", || sandbox.requests().iter().any(|request| request.host == VAULT));
    }
}

/// The account of Visual Studio Code is reported, and az does not wait until the vault's tenant is known.
#[test]
fn az_starts_at_once_beside_an_account_of_visual_studio_code() {
    let scenario = Scenario::on(Host::AzureCli)
        .program("az", "echo asked >\"$HOME/asked\"; exec sleep 60")
        .visual_studio_code(".azure", &visual_studio_code::record().to_string())
        .rule(Rule::new(VAULT, "/", Action::Hang));
    let sandbox = scenario.sandbox();
    let _azfob = Started::new(&scenario, &sandbox, &["get", "ApiKey"]);
    assert_eq!(scenario.recorded("asked"), "asked\n");
}

#[test]
fn az_is_asked_again_only_for_another_tenant_and_its_first_token_is_not_sent() {
    let again = |tenant: &str| format!("asked --tenant {tenant}\n");
    for (fault, more) in [(None, String::new()), (Some(Fault::Guest), again(names::OTHER_TENANT_ID))] {
        let scenario = fault.into_iter().fold(Scenario::on(Host::AzureCli), Scenario::fault);
        let noting = "printf 'asked%s\\n' \"${7:+ $7 $8}\" >>\"$HOME/asked\"";
        let scenario = scenario.program("az", &format!("{noting}; {REAL_AZ}"));
        let outcome = scenario.azfob(["get", "ApiKey"]).succeeds().prints("sandbox-api-key-of-february");
        assert_eq!(scenario.recorded("asked"), format!("asked\n{more}"));
        let requests: Vec<_> = outcome.requests_to(VAULT).iter().map(|r| (r.authorized, r.status)).collect();
        assert_eq!(requests, [(false, Some(401)), (true, Some(200))], "{fault:?}");
        fs::remove_file(scenario.home().join("asked")).unwrap();
        // A tenant that the user requests is the only one.
        let _ = scenario.azfob(["get", "ApiKey", "--tenant", names::OTHER_TENANT_ID]);
        assert_eq!(scenario.recorded("asked"), again(names::OTHER_TENANT_ID));
    }
}

#[test]
fn a_refusal_in_the_own_tenant_is_not_one_in_the_vaults() {
    let refuses = "[ $# -gt 6 ] || { echo 'ERROR: AADSTS50076: Use MFA.' >&2; exit 1; }";
    let scenario = Scenario::on(Host::AzureCli).program("az", &format!("{refuses}; {REAL_AZ}"));
    scenario.azfob(["get", "ApiKey"]).succeeds().prints("sandbox-api-key-of-february");
    // What depends on no tenant is asked for once.
    for end in ["echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1", "echo garbage"] {
        let scenario = Scenario::on(Host::AzureCli).program("az", &format!("echo asked >>\"$HOME/asked\"; {end}"));
        scenario.azfob(["get", "ApiKey"]).fails(3);
        assert_eq!(scenario.recorded("asked"), "asked\n");
    }
}

#[test]
fn the_authority_is_connected_to_while_the_runner_is_asked() {
    for (host, runner) in
        [(Host::GithubActions, names::GITHUB_RUNNER_HOST), (Host::AzurePipelines, names::AZURE_DEVOPS_HOST)]
    {
        let scenario = Scenario::on(host).rule(Rule::new(runner, "/", Action::Hang));
        let sandbox = scenario.sandbox();
        let _azfob = Started::new(&scenario, &sandbox, &["get", "ApiKey"]);
        wait_for("a connection to the authority", || sandbox.tunnels().iter().any(|host| host == LOGIN));
        assert!(sandbox.requests().iter().all(|request| request.host != LOGIN), "nothing is sent to it yet");
        drop(sandbox);
        // One connection to each, and no more.
        let mut tunnels = Scenario::on(host).azfob(["get", "ApiKey"]).succeeds().tunnels;
        tunnels.sort();
        let mut expected = [VAULT, LOGIN, runner];
        expected.sort_unstable();
        assert_eq!(tunnels, expected);
    }
}
