//! The report for programs: the shape of `azfob diagnose -o json`, which never changes but by additions.

use serde_json::{Value, json};

use crate::diagnosis::explain::code::CodeExplanation;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::log::LogFinding;
use crate::diagnosis::report::{CredentialOutcome, Report, Severity, fitting_credential};
use crate::error::exit_code;

use super::super::json as az;

/// The JSON shape of `azfob diagnose -o json`.
pub(super) fn of_report(report: &Report) -> Value {
    let chain = report.chain.iter().map(|line| {
        json!({
            "credential": line.credential.name(),
            "status": line.outcome.json_word(),
            "message": line.message,
            "durationMs": u64::try_from(line.took.as_millis()).unwrap_or(u64::MAX),
            "identity": line.identity.as_ref().map(az::identity),
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
    json!({
        "ok": report.exit_code == exit_code::OK,
        "exitCode": report.exit_code,
        "verdict": report.verdict(),
        "host": {
            "kind": report.host.kind.word(),
            "name": report.host.name,
            "resourceGroup": report.host.resource_group,
            "knownBy": report.host.kind.known_by(),
            "fittingCredential": fitting_credential(report.host.kind).name(),
        },
        "selected": selected.map(|line| line.credential.name()),
        "settings": settings.collect::<Vec<_>>(),
        "chain": chain.collect::<Vec<_>>(),
        "vault": vault,
        "findings": report.findings.iter().map(|g| finding_json(&g.finding, g.severity)).collect::<Vec<_>>(),
    })
}

fn finding_json(finding: &Finding, severity: Severity) -> Value {
    let said = (!finding.message.is_empty()).then(|| finding.message.clone());
    let detail: Vec<String> =
        said.into_iter().chain(finding.qualifier.clone()).chain(finding.details.iter().cloned()).collect();
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

/// What was recognised in a log, a finding for each row.
pub(super) fn of_log(found: &[LogFinding]) -> Value {
    let item = |recognised: &LogFinding| {
        let mut item = finding_json(&recognised.finding, Severity::from_row(recognised.finding.row));
        item["line"] = json!(recognised.line);
        item["times"] = json!(recognised.times);
        item
    };
    json!({ "findings": found.iter().map(item).collect::<Vec<_>>() })
}

/// What a code means; `about` is null where one row says it all.
pub(super) fn of_meaning(meaning: &CodeExplanation) -> Value {
    json!({ "about": meaning.about, "findings": of_findings(&meaning.findings) })
}

/// All that is known.
pub(super) fn of_known(findings: &[Finding]) -> Value {
    json!({ "findings": of_findings(findings) })
}

fn of_findings(findings: &[Finding]) -> Value {
    findings.iter().map(|finding| finding_json(finding, Severity::from_row(finding.row))).collect()
}
