//! Formats the reports of `diagnose` and `explain`: for a terminal, as JSON and as Markdown.

mod json;
mod markdown;
mod terminal;
mod words;
mod workload;

use crate::args::{ColorWhen, ReportFormat};
use crate::diagnosis::explain::code::CodeExplanation;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::log::LogFinding;
use crate::diagnosis::report::Report;
use crate::redact::identifiers::shorten_identifiers;
use crate::settings::Verbosity;

use super::{CommandResult, json as az};
use terminal::Layout;
use words::Detail;

/// Whether to shorten IDs, addresses and names (`--redact`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redaction {
    On,
    Off,
}

/// Formats a report.
pub fn report(
    report: &Report,
    format: ReportFormat,
    redaction: Redaction,
    verbosity: Verbosity,
    color: ColorWhen,
) -> CommandResult {
    let names = names_in(report);
    let shown = |text: String| match redaction {
        Redaction::On => shorten_identifiers(&text, &names),
        Redaction::Off => text,
    };
    match format {
        ReportFormat::Table => {
            let layout = Layout::of_stdout(color);
            let detail = if verbosity == Verbosity::Verbose { Detail::Full } else { Detail::Brief };
            CommandResult::text(shown(terminal::report(report, &layout, detail)))
        }
        ReportFormat::Markdown => CommandResult::text(shown(markdown::markdown(report))),
        ReportFormat::Json => {
            let text = String::from_utf8_lossy(&az::of_report(json::of_report(report))).into_owned();
            CommandResult::text(shown(text))
        }
    }
}

/// Formats the findings of a log.
pub fn log(findings: &[LogFinding], format: ReportFormat, color: ColorWhen) -> CommandResult {
    match format {
        ReportFormat::Json => CommandResult::text(az::of_report(json::of_log(findings)).to_vec()),
        ReportFormat::Table => CommandResult::text(terminal::log(findings, &Layout::of_stdout(color))),
        ReportFormat::Markdown => CommandResult::text(markdown::log(findings)),
    }
}

/// Formats what a code means.
pub fn code(code: &CodeExplanation, format: ReportFormat, color: ColorWhen) -> CommandResult {
    match format {
        ReportFormat::Json => CommandResult::text(az::of_report(json::of_code(code)).to_vec()),
        ReportFormat::Table => CommandResult::text(terminal::code(code, &Layout::of_stdout(color))),
        ReportFormat::Markdown => CommandResult::text(markdown::code(code)),
    }
}

/// Formats every known finding, one line each.
pub fn all(findings: &[Finding], format: ReportFormat, color: ColorWhen) -> CommandResult {
    match format {
        ReportFormat::Json => CommandResult::text(az::of_report(json::of_all(findings)).to_vec()),
        ReportFormat::Table => CommandResult::text(terminal::all(findings, &Layout::of_stdout(color))),
        ReportFormat::Markdown => CommandResult::text(markdown::all(findings)),
    }
}

/// Returns the names that `--redact` shortens.
fn names_in(report: &Report) -> Vec<String> {
    let vault = report.vault.iter().map(|vault| vault.url.name().to_owned());
    let host = &report.host;
    let host = host.name.iter().chain(&host.scale_set).chain(&host.resource_group).chain(&host.namespace).cloned();
    let labels = report.chain.iter().filter_map(|line| line.identity.as_ref()?.label().map(str::to_owned));
    // The subject of a federated token has the names of a repository, or of a namespace and a service account.
    let subjects = report.chain.iter().filter_map(|line| line.federation.as_ref()?.sub.clone());
    let names = subjects.chain(vault).chain(host).chain(labels.filter(|label| !label.contains('@')));
    names.chain(report.names.iter().cloned()).collect()
}
