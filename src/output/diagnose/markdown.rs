//! Formats a report or an explanation as Markdown, for a ticket.

use crate::diagnosis::explain::code::CodeExplanation;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::log::LogFinding;
use crate::diagnosis::report::Report;
use crate::error::exit_code;
use crate::redact::sanitize_line;

use super::words::{Detail, host_words, row, time, without_vault};
use super::workload;

/// Formats a report as Markdown.
pub(super) fn markdown(report: &Report) -> String {
    let mut text = format!(
        "## azfob diagnose\n\n**{}**: {}\n\nHost: {}\n\n",
        if report.exit_code == exit_code::OK { "ok" } else { "FAIL" },
        sanitize_line(&report.verdict()),
        host_words(report)
    );
    for (label, lines) in report.workload.iter().flat_map(|about| workload::lines(about, Detail::Full)) {
        lines.iter().for_each(|line| text.push_str(&format!("- {label}: {}\n", sanitize_line(line))));
    }
    if report.workload.is_none() {
        text.push_str("| # | Credential | Outcome | Time | Detail |\n|---|---|---|---|---|\n");
    }
    for (at, line) in report.chain.iter().enumerate() {
        let cells: Vec<String> = row(at, line).iter().map(|c| cell(c)).collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    if !report.settings.is_empty() {
        text.push_str("\n| Setting | Value | From |\n|---|---|---|\n");
        for (name, value, source) in &report.settings {
            text.push_str(&format!("| {name} | {} | {source} |\n", cell(value)));
        }
    }
    match &report.vault {
        None => text.push_str(&format!("\nNo vault is configured: {}.\n", without_vault(report))),
        Some(vault) => {
            text.push_str(&format!("\nVault {}\n\n| | Check | Time | Detail |\n|---|---|---|---|\n", vault.url));
            for check in &vault.checks {
                let (verdict, took, message) = (check.status.word(), time(check.took), cell(&check.message));
                text.push_str(&format!("| {verdict} | {} | {took} | {message} |\n", check.name));
            }
        }
    }
    text.push_str(&format!("\nExit code {}\n", report.exit_code));
    for (at, rated) in report.findings.iter().enumerate() {
        text.push_str(&section(Some(at), &rated.finding, &format!("{}, ", rated.severity.word())));
    }
    text
}

/// Formats the findings of a log, the main one first.
pub(super) fn log(findings: &[LogFinding]) -> String {
    let mut text = "## azfob diagnose --log\n".to_owned();
    for (at, found) in findings.iter().enumerate() {
        let times = if found.times > 1 { format!("{} times, ", found.times) } else { String::new() };
        text.push_str(&section(Some(at), &found.finding, &format!("line {}, {times}", found.line)));
    }
    text
}

/// Formats what a code means: the most likely cause in full, the others by code.
pub(super) fn code(code: &CodeExplanation) -> String {
    let mut text = "## azfob explain\n".to_owned();
    code.about.iter().for_each(|about| text.push_str(&format!("\n{about}\n")));
    if let Some((first, others)) = code.findings.split_first() {
        text.push_str(&section(None, first, ""));
        text.push_str(&format!("\nMore: <{}>\n", first.row.source));
        if !others.is_empty() {
            text.push_str(&format!("\nOther possible causes (`azfob explain CODE` shows each):\n\n{}", all(others)));
        }
    }
    text
}

/// Formats findings as a table of codes and causes.
pub(super) fn all(findings: &[Finding]) -> String {
    let mut text = "| Code | Cause |\n|---|---|\n".to_owned();
    for finding in findings {
        text.push_str(&format!("| `{}` | {} |\n", finding.row.code, cell(finding.row.cause)));
    }
    text
}

/// Formats a finding with a heading that has its number and, in parentheses, `facts` and its code.
fn section(at: Option<usize>, f: &Finding, facts: &str) -> String {
    let number = at.map(|at| format!("{}. ", at + 1)).unwrap_or_default();
    let mut text = format!("\n### {number}{} ({facts}`{}`)\n\n", f.row.error, f.row.code);
    if !f.message.is_empty() {
        text.push_str(&format!("- message: {}\n", sanitize_line(&f.message)));
    }
    text.push_str(&format!("- cause: {}\n", sanitize_line(&f.cause())));
    f.details.iter().for_each(|detail| text.push_str(&format!("  - {}\n", sanitize_line(detail))));
    text.push_str(&format!("- fix: {}\n", f.row.fix));
    if !f.commands.is_empty() {
        let commands: Vec<String> = f.commands.iter().flat_map(FixCommand::lines).map(|c| sanitize_line(&c)).collect();
        text.push_str(&format!("\n```sh\n{}\n```\n", commands.join("\n")));
    }
    text
}

fn cell(text: &str) -> String {
    sanitize_line(text).replace('|', "\\|")
}
