//! The report of `diagnose`: for people, for programs, and for a ticket.

mod json;
mod markdown;
mod person;

use std::time::Duration;

use crate::args::{ColorWhen, ReportFormat};
use crate::diagnosis::log::Recognised;
use crate::diagnosis::report::{Line, Outcome, Report, fitting_credential};

use crate::settings::Verbosity;

use super::redact::redact;
use super::table::Width;
use super::terminal::harmless;
use super::{Answer, json as az};
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
        Redaction::On => redact(&text, &names),
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
            let text = String::from_utf8_lossy(&az::to_bytes(&json::of_report(report))).into_owned();
            Answer::text(shown(text))
        }
    }
}

/// What was recognised in a log, or the one row that was asked for.
pub fn recognised(found: &[Recognised], format: ReportFormat, color: ColorWhen) -> Answer {
    let look = match format {
        ReportFormat::Json => return Answer { bytes: az::to_bytes(&json::of_log(found)), ..Answer::text([]) },
        ReportFormat::Table => Look::of_stdout(color),
        ReportFormat::Markdown => Look { width: Width::Unlimited, colour: false },
    };
    Answer::text(person::recognised(found, &look))
}

/// The names that `--redact` shortens.
fn names_in(report: &Report) -> Vec<String> {
    let vault = report.vault.iter().map(|vault| vault.url.name().to_owned());
    let host = &report.host;
    let host = host.name.iter().chain(&host.resource_group).chain(&host.namespace).cloned();
    let labels = report.chain.iter().filter_map(|line| line.identity.as_ref()?.label().map(str::to_owned));
    vault.chain(host).chain(labels.filter(|label| !label.contains('@'))).chain(report.names.iter().cloned()).collect()
}

/// `1  EnvironmentCredential  unavailable  0 ms  ...`.
fn row(at: usize, line: &Line) -> Vec<String> {
    let took = if line.outcome == Outcome::Skipped { String::new() } else { time(line.took) };
    vec![
        (at + 1).to_string(),
        line.credential.name().to_owned(),
        line.outcome.word().to_owned(),
        took,
        line.message.clone(),
    ]
}

/// `App Service app 'my-app' in resource group 'my-group'`.
fn host_name(report: &Report) -> String {
    let host = &report.host;
    let name = host.name.as_ref().map(|name| format!(" '{name}'")).unwrap_or_default();
    let group = host.resource_group.as_ref().map(|group| format!(" in resource group '{group}'")).unwrap_or_default();
    format!("{}{name}{group}", host.kind.words())
}

/// The host with what it is known by, and the credential that fits it.
fn host_words(report: &Report) -> String {
    let kind = report.host.kind;
    let fitting = fitting_credential(kind).name();
    harmless(&format!("{} (known by {}); {fitting} fits it", host_name(report), kind.known_by()))
}

fn time(took: Duration) -> String {
    match took.as_millis() {
        0 => "0 ms".to_owned(),
        ms @ 1..=9_999 => format!("{ms} ms"),
        _ => format!("{:.1} s", took.as_secs_f64()),
    }
}
