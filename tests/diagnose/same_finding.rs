//! `get` explains a failure as `diagnose` does: the same cause, fix and commands on every host with every fault.

use std::sync::Mutex;

use azfob::testing::sandbox::{FAULTS, HOSTS};

use super::{Report, SECRET, on};
use crate::support::{Fault, Host, in_parallel, normalized};

/// The faults that only a report can explain: it compares the clocks, and tries the credentials after the selected one.
const SEEN_BY_THE_REPORT: [Fault; 2] = [Fault::ClockSkew, Fault::Shadowed];

/// Returns how the failures differ.
fn difference(host: Host, fault: Fault) -> Option<String> {
    let scenario = on(host).fault(fault);
    let report = Report::with(&scenario, &["--secret", SECRET, "--timeout", "4"]);
    let get = scenario.azfob(["get", SECRET, "--timeout", "4"]);
    let finding = &report.json["findings"][0];
    let differs = |what: &str| Some(format!("{what}, {host:?} with {fault:?}:\n{}{finding:#}", get.stderr));
    if (fault, get.code) == (Fault::Revoked, Some(0)) {
        // `get` gets a new token. A report does not.
        return None;
    }
    if Some(report.json["exitCode"].as_i64().expect("a code")) != get.code.map(i64::from) {
        return differs("exit code");
    }
    if get.code == Some(0) || SEEN_BY_THE_REPORT.contains(&fault) {
        return None;
    }
    let text = |field: &str| finding[field].as_str().expect("text").to_owned();
    // The port of the sandbox's proxy is another one each time.
    let is_comment = |line: &&str| !line.starts_with("       # ");
    let printed = normalized(&get.stderr.lines().filter(is_comment).map(|l| format!("{l}\n")).collect::<String>());
    let commands: String = report.commands(0).iter().map(|command| format!("       {command}\n")).collect();
    let expected = [
        format!("\ncause: {}", text("cause")),
        format!("\nfix:   {}\n{}more:  azfob diagnose", text("fix"), normalized(&commands)),
        format!("\n       azfob explain {}\n", text("code")),
    ];
    expected.iter().find(|part| !printed.contains(*part)).and_then(|part| differs(part))
}

#[test]
fn get_explains_every_fault_as_diagnose_does() {
    let is_possible = |hosts: &[Host], host: &Host| hosts.is_empty() || hosts.contains(host);
    // The hosts of a fault wait together.
    let pairs: Vec<_> = FAULTS
        .iter()
        .flat_map(|fault| HOSTS.iter().map(move |host| (host.host, fault)))
        .filter(|(host, fault)| is_possible(fault.hosts, host))
        .collect();
    assert!(pairs.len() > 250, "{}", pairs.len());
    let differences = Mutex::new(Vec::new());
    pairs.chunks(6).for_each(|few| {
        in_parallel(few, |(host, row)| {
            let found = difference(*host, row.fault);
            differences.lock().expect("no panic").extend(found);
        })
    });
    let differences = differences.into_inner().expect("no panic");
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n\n"));
}
