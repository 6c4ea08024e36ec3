//! Formats the parts that a terminal report and a Markdown report share.

use std::time::Duration;

use crate::diagnosis::report::{CredentialOutcome, CredentialReport, Report, fitting_credential};
use crate::redact::sanitize_line;

use super::super::workload::host_label;

/// How much of the report to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// What is unusual; the rest in one line.
    Brief,
    /// Everything (`-v`).
    Full,
}

/// `1  EnvironmentCredential  unavailable  0 ms  ...`.
pub(super) fn row(at: usize, line: &CredentialReport) -> Vec<String> {
    let took = if line.outcome == CredentialOutcome::Skipped { String::new() } else { time(line.took) };
    vec![
        (at + 1).to_string(),
        line.credential.name().to_owned(),
        line.outcome.word().to_owned(),
        took,
        line.message.clone(),
    ]
}

/// `App Service app 'my-app' in resource group 'my-group'`.
pub(super) fn host_name(report: &Report) -> String {
    host_label(&report.host)
}

/// Formats the host, how it was detected and the credential for it.
pub(super) fn host_words(report: &Report) -> String {
    let kind = report.host.kind;
    let fitting = fitting_credential(kind).name();
    if let Some(workload) = &report.workload {
        let (name, by) = (host_name(report), &workload.read_by);
        let id = workload.id.as_ref().map(|id| format!(": {id}")).unwrap_or_default();
        let with = if workload.pod.is_some() { "with kubectl and " } else { "" };
        return sanitize_line(&format!("{name}, read {with}from Azure Resource Manager by {by}{id}"));
    }
    sanitize_line(&format!("{} (detected from {}); recommended: {fitting}", host_name(report), kind.known_by()))
}

/// Returns what was checked without a vault.
pub(super) fn without_vault(report: &Report) -> &'static str {
    if report.workload.is_some() { "only the identities were read" } else { "only the chain was checked" }
}

/// Formats a duration with about three digits.
pub(super) fn time(took: Duration) -> String {
    match took.as_millis() {
        0 => "0 ms".to_owned(),
        ms @ 1..=9_999 => format!("{ms} ms"),
        _ => format!("{:.1} s", took.as_secs_f64()),
    }
}
