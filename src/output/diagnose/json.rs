//! Formats reports as JSON. Fields may be added to this shape, but none changes.

use serde_json::{Value, json};

use crate::diagnosis::explain::code::CodeExplanation;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::log::LogFinding;
use crate::diagnosis::report::{CredentialOutcome, Report, Severity, fitting_credential};
use crate::error::exit_code;

use super::super::json as az;
use super::workload;

/// The JSON shape of `azfob diagnose -o json`.
pub(super) fn of_report(report: &Report) -> Value {
    let chain = report.chain.iter().map(|line| {
        json!({
            "credential": line.credential.name(),
            "status": line.outcome.json_word(),
            "message": line.message,
            "durationMs": u64::try_from(line.took.as_millis()).unwrap_or(u64::MAX),
            "identity": line.identity.as_ref().map(az::identity),
            "federatedCredential": line.federation.as_ref().map(az::federation),
            "error": line.error,
            "searched": line.searched,
        })
    });
    let vault = report.vault.as_ref().map(|vault| {
        let checks = vault.checks.iter().map(|check| {
            json!({
                "check": check.name,
                "status": check.status.json_word(),
                "message": check.message,
                "durationMs": u64::try_from(check.took.as_millis()).unwrap_or(u64::MAX),
            })
        });
        json!({
            "url": vault.url.to_string(),
            "tenantId": vault.tenant.as_ref().map(ToString::to_string),
            "region": vault.region,
            "cloud": vault.url.cloud().map(|cloud| cloud.name),
            "clientAddress": vault.seen_as,
            "checks": checks.collect::<Vec<_>>(),
        })
    });
    let selected = report.chain.iter().find(|line| line.outcome == CredentialOutcome::Selected);
    let settings = report
        .settings
        .iter()
        .map(|(name, value, source)| json!({ "name": name, "value": value, "source": source.to_string() }));
    let mut whole = json!({
        "ok": report.exit_code == exit_code::OK,
        "exitCode": report.exit_code,
        "verdict": report.verdict(),
        "host": {
            "kind": report.host.kind.as_json(),
            "name": report.host.name.as_ref().or(report.host.scale_set.as_ref()),
            "resourceGroup": report.host.resource_group,
            "namespace": report.host.namespace,
            "knownBy": match &report.workload {
                Some(workload) if workload.pod.is_some() => "kubectl",
                Some(_) => "Azure Resource Manager",
                None => report.host.kind.known_by(),
            },
            "fittingCredential": fitting_credential(report.host.kind).name(),
        },
        "selected": selected.map(|line| line.credential.name()),
        "settings": settings.collect::<Vec<_>>(),
        "chain": chain.collect::<Vec<_>>(),
        "vault": vault,
        "findings": report.findings.iter().map(|g| finding_json(&g.finding, g.severity)).collect::<Vec<_>>(),
    });
    if let Some(about) = &report.workload {
        whole["workload"] = workload::json(about);
    }
    whole
}

fn finding_json(finding: &Finding, severity: Severity) -> Value {
    let message = (!finding.message.is_empty()).then(|| finding.message.clone());
    let detail: Vec<String> =
        message.into_iter().chain(finding.qualifier.clone()).chain(finding.details.iter().cloned()).collect();
    json!({
        "code": finding.row.code,
        "severity": severity.word(),
        "error": finding.row.error,
        "cause": finding.row.cause,
        "fix": finding.row.fix,
        "commands": finding.commands.iter().map(|command| &command.text).collect::<Vec<_>>(),
        "detail": detail.join("; "),
        "source": finding.row.source,
    })
}

/// Formats the findings of a log.
pub(super) fn of_log(findings: &[LogFinding]) -> Value {
    let item = |found: &LogFinding| {
        let mut item = finding_json(&found.finding, Severity::from_row(found.finding.row));
        item["line"] = json!(found.line);
        item["times"] = json!(found.times);
        item
    };
    json!({ "findings": findings.iter().map(item).collect::<Vec<_>>() })
}

/// Formats what a code means. `about` is null if a single row explains it.
pub(super) fn of_code(code: &CodeExplanation) -> Value {
    json!({ "about": code.about, "findings": of_findings(&code.findings) })
}

/// Formats every known finding.
pub(super) fn of_all(findings: &[Finding]) -> Value {
    json!({ "findings": of_findings(findings) })
}

fn of_findings(findings: &[Finding]) -> Value {
    findings.iter().map(|finding| finding_json(finding, Severity::from_row(finding.row))).collect()
}
