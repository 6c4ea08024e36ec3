//! `get` explains a failure as `diagnose` does: the same exit code, cause, fix and commands.

use std::sync::Mutex;

use azfob::testing::sandbox::{FAULTS, FaultRow, HOSTS};

#[cfg(unix)]
use super::screen;
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

/// Returns the hosts on which a fault is tested: every one if it is a fault of a credential. A fault of the vault or the
/// network is the same on all hosts, so two of them are enough, other ones for each fault.
fn hosts_of((index, row): (usize, &FaultRow)) -> Vec<(Host, Fault)> {
    let is_of_credential = row.fault == Fault::NoIdentity;
    let two = [index, index + HOSTS.len() / 2].map(|nth| HOSTS[nth % HOSTS.len()].host);
    let is_tested = |host: &Host| match row.hosts {
        [] => is_of_credential || two.contains(host),
        hosts => hosts.contains(host),
    };
    HOSTS.iter().map(|row| row.host).filter(is_tested).map(|host| (host, row.fault)).collect()
}

/// With and without a developer tool, in Azure, in a pod and in a job.
#[cfg(unix)]
#[test]
fn get_without_credential_fits_on_a_screen() {
    let hosts: Vec<_> = HOSTS.iter().map(|row| row.host).collect();
    hosts.chunks(4).for_each(|few| {
        in_parallel(few, |host| {
            let scenario = on(*host).fault(Fault::NoIdentity);
            let text = screen::errors(scenario, &["get", SECRET]);
            assert!(text.contains("\ncause: ") && text.contains("\nfix:   "), "{host:?}: {text}");
            let others = text.matches("not configured (-v shows why)").count();
            assert!(others == 1 && screen::rows(&text) <= screen::ROWS, "{host:?}: {text}");
        });
    });
}

#[test]
fn get_explains_every_fault_as_diagnose_does() {
    let pairs: Vec<_> = FAULTS.iter().enumerate().flat_map(hosts_of).collect();
    assert!(pairs.len() > 60 && HOSTS.iter().all(|row| pairs.iter().any(|(host, _)| *host == row.host)), "{pairs:?}");
    let (left, differences) = (Mutex::new(pairs.into_iter()), Mutex::new(Vec::new()));
    let next = || left.lock().expect("no panic").next();
    in_parallel(0..6, |_| {
        while let Some((host, fault)) = next() {
            // On a busy machine one of the two commands can reach its time limit before the failure.
            let found = difference(host, fault).and_then(|_| difference(host, fault));
            differences.lock().expect("no panic").extend(found);
        }
    });
    let differences = differences.into_inner().expect("no panic");
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n\n"));
}
