//! The report of `diagnose`: for people, for programs, and for a ticket.

mod json;
mod markdown;
mod person;
mod words;

use crate::args::{ColorWhen, ReportFormat};
use crate::diagnosis::explain::code::CodeExplanation;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::log::LogFinding;
use crate::diagnosis::report::Report;
use crate::settings::Verbosity;

use super::table::Width;
use super::{Answer, json as az};
use crate::redact::identifiers::shorten_identifiers;
use person::{Detail, Look};

/// Whether ids, addresses and names are shortened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redaction {
    /// They are.
    On,
    /// They are not.
    Off,
}

/// The report in the format asked for.
pub fn answer(
    report: &Report,
    format: ReportFormat,
    redaction: Redaction,
    verbosity: Verbosity,
    color: ColorWhen,
) -> Answer {
    let names = names_in(report);
    let shown = |text: String| match redaction {
        Redaction::On => shorten_identifiers(&text, &names),
        Redaction::Off => text,
    };
    match format {
        ReportFormat::Table => {
            let look = Look::of_stdout(color);
            let detail = if verbosity == Verbosity::Verbose { Detail::Whole } else { Detail::Folded };
            Answer::text(shown(person::report(report, &look, detail)))
        }
        ReportFormat::Markdown => Answer::text(shown(markdown::markdown(report))),
        ReportFormat::Json => {
            let text = String::from_utf8_lossy(&az::of_report(json::of_report(report))).into_owned();
            Answer::text(shown(text))
        }
    }
}

/// What was recognised in a log.
pub fn recognised(found: &[LogFinding], format: ReportFormat, color: ColorWhen) -> Answer {
    match look(format, color) {
        None => Answer::text(az::of_report(json::of_log(found)).to_vec()),
        Some(look) => Answer::text(person::recognised(found, &look)),
    }
}

/// What a code means.
pub fn meaning(meaning: &CodeExplanation, format: ReportFormat, color: ColorWhen) -> Answer {
    match look(format, color) {
        None => Answer::text(az::of_report(json::of_meaning(meaning)).to_vec()),
        Some(look) => Answer::text(person::meaning(meaning, &look)),
    }
}

/// All that is known, a line each.
pub fn known(findings: &[Finding], format: ReportFormat, color: ColorWhen) -> Answer {
    match look(format, color) {
        None => Answer::text(az::of_report(json::of_known(findings)).to_vec()),
        Some(look) => Answer::text(person::known(findings, &look)),
    }
}

/// How text looks in a format; JSON has no looks.
fn look(format: ReportFormat, color: ColorWhen) -> Option<Look> {
    match format {
        ReportFormat::Json => None,
        ReportFormat::Table => Some(Look::of_stdout(color)),
        ReportFormat::Markdown => Some(Look { width: Width::Unlimited, colour: false }),
    }
}

/// The names that `--redact` shortens.
fn names_in(report: &Report) -> Vec<String> {
    let vault = report.vault.iter().map(|vault| vault.url.name().to_owned());
    let host = &report.host;
    let host = host.name.iter().chain(&host.resource_group).chain(&host.namespace).cloned();
    let labels = report.chain.iter().filter_map(|line| line.identity.as_ref()?.label().map(str::to_owned));
    vault.chain(host).chain(labels.filter(|label| !label.contains('@'))).chain(report.names.iter().cloned()).collect()
}
