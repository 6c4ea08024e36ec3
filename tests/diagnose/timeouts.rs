//! A report ends in time and names what did not answer, whatever hangs.

use std::time::Duration;

use super::{Report, on};
use crate::support::{
    Action, Host, IDENTITY, LOGIN, Rule, UnresponsivePort, VAULT, wait_until_ended, with_longer_limits,
};

/// The longest that a report takes after its `--timeout`.
const GRACE: Duration = Duration::from_secs(3);
/// The duration of a report with `--timeout 2`.
const IN_TIME: Duration = Duration::from_secs(5);
const TWO_SECONDS: [&str; 2] = ["--timeout", "2"];

#[cfg(unix)]
#[test]
fn hanging_az_is_reported_and_ended_with_children() {
    let scenario =
        on(Host::Nothing).program("az", "sh -c 'echo $$ >\"$HOME/child\"; exec sleep 600' & echo $! >/dev/null; wait");
    let child = with_longer_limits(|limit| {
        let report = Report::with(&scenario, &["--timeout", limit]);
        let child = scenario.finished_record("child").filter(|_| report.has("developer-tool-timed-out"))?;
        report
            .exits_with(3)
            .has_cause("developer-tool-timed-out")
            .within(Duration::from_secs(limit.parse().unwrap()) + GRACE);
        Some(child)
    });
    wait_until_ended(&child, "what az started");
}

#[test]
fn hanging_metadata_service_is_reported() {
    let scenario = on(Host::Imds).rule(Rule::new(IDENTITY, "/", Action::Hang));
    let report = Report::with(&scenario, &["--timeout", "2", "--credential", "managed-identity"]).exits_with(3);
    report.has_cause("metadata-timed-out").within(IN_TIME);
}

#[test]
fn hanging_vault_is_reported() {
    let scenario = on(Host::AppService).rule(Rule::new(VAULT, "/", Action::Hang));
    let report = Report::with(&scenario, &TWO_SECONDS).exits_with(7).has_cause("unreachable");
    assert_eq!(report.check("challenge")["status"], "failed");
    report.within(IN_TIME);
}

/// The tools use the vault's tenant; without a challenge they are tried without it.
#[test]
fn hanging_vault_leaves_time_for_tools() {
    let scenario = on(Host::AzureCli).rule(Rule::new(VAULT, "/", Action::Hang));
    let report = Report::with(&scenario, &["--timeout", "4"]).exits_with(7).has_cause("unreachable");
    assert_eq!(report.json["selected"], "AzureCliCredential");
    report.within(Duration::from_secs(8));
}

#[test]
fn vault_hanging_after_token_is_reported() {
    let scenario = on(Host::AppService).rule(Rule::new(VAULT, "/", Action::Hang).with_credential());
    Report::with(&scenario, &TWO_SECONDS).exits_with(7).has_cause("unreachable").within(IN_TIME);
}

#[test]
fn hanging_authority_is_reported() {
    let scenario = on(Host::ServicePrincipal).rule(Rule::new(LOGIN, "/", Action::Hang));
    Report::with(&scenario, &TWO_SECONDS).exits_with(7).has_cause("unreachable").within(IN_TIME);
}

#[test]
fn simultaneous_hangs_take_no_longer() {
    let silent = UnresponsivePort::new();
    let scenario = on(Host::Nothing)
        .program("az", "exec sleep 600")
        .program("pwsh", "exec sleep 600")
        .program("azd", "exec sleep 600")
        .var("AZURE_POD_IDENTITY_AUTHORITY_HOST", silent.url())
        .rule(Rule::new(VAULT, "/", Action::Hang));
    let report = Report::with(&scenario, &TWO_SECONDS).exits_with(3).has_cause("developer-tool-timed-out");
    assert!(report.has("unreachable"), "{}", report.text());
    report.within(IN_TIME);
}

/// Probes run in parallel: three tools that need a second each take less than three seconds.
#[test]
fn probes_run_in_parallel() {
    let tool = "sleep 1; exit 1";
    let scenario = on(Host::Nothing).program("az", tool).program("pwsh", tool).program("azd", tool);
    Report::with(&scenario, &["--timeout", "10"]).within(Duration::from_millis(2_800));
}

/// A report takes much less than a second if everything answers; the bound allows for a busy machine.
#[test]
fn report_is_fast_if_every_probe_answers() {
    let scenario = on(Host::AppService);
    let fastest = (0..3).map(|_| Report::with(&scenario, &[]).took()).min().expect("three");
    assert!(fastest < Duration::from_millis(900), "{fastest:?}");
}
