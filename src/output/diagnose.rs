//! The report of `diagnose`: for people, for programs, and for a ticket.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use crate::args::{ColorWhen, ReportFormat};
use crate::diagnosis::explain::Finding;
use crate::diagnosis::log::Recognised;
use crate::diagnosis::report::{Graded, Line, Outcome, Report, Severity, Verdict};

use super::redact::redact;
use super::table::{self, Bold, Width};
use super::terminal::{self, harmless};
use super::{Answer, json as az};

/// Whether ids, addresses and names are shortened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redaction {
    /// They are.
    On,
    /// They are not.
    Off,
}

const GOOD: Style = AnsiColor::Green.on_default();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const TITLE: Style = Style::new().bold();

/// The report in the format asked for.
pub fn answer(report: &Report, format: ReportFormat, redaction: Redaction, color: ColorWhen) -> Answer {
    let names = names_in(report);
    let shown = |text: String| match redaction {
        Redaction::On => redact(&text, &names),
        Redaction::Off => text,
    };
    match format {
        ReportFormat::Table => {
            let look = Look::of_stdout(color);
            Answer::text(shown(person(report, &look)))
        }
        ReportFormat::Markdown => Answer::text(shown(markdown(report))),
        ReportFormat::Json => {
            let text = String::from_utf8_lossy(&az::to_bytes(&json_of(report))).into_owned();
            Answer::text(shown(text))
        }
    }
}

/// The names that `--redact` shortens.
fn names_in(report: &Report) -> Vec<String> {
    let vault = report.vault.iter().map(|vault| vault.url.name().to_owned());
    let host = report.host.name.iter().chain(report.host.resource_group.iter()).cloned();
    let labels = report.chain.iter().filter_map(|line| line.identity.as_ref()?.label().map(str::to_owned));
    vault.chain(host).chain(labels.filter(|label| !label.contains('@'))).collect()
}

/// How a report may look where it goes.
struct Look {
    width: Width,
    colour: bool,
}

impl Look {
    fn of_stdout(color: ColorWhen) -> Self {
        Look { width: Width::of_stdout(), colour: terminal::stdout_has_colour(color) }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Breaks prose into lines that fit, each after the first behind `indent` blanks.
    fn fold(&self, text: &str, indent: usize) -> String {
        let Width::Terminal(columns) = self.width else { return text.to_owned() };
        let room = usize::from(columns).saturating_sub(indent).max(20);
        let mut lines = vec![String::new()];
        for word in text.split(' ') {
            let last = lines.last_mut().expect("one to begin with");
            if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > room {
                lines.push(word.to_owned());
            } else {
                if !last.is_empty() {
                    last.push(' ');
                }
                last.push_str(word);
            }
        }
        lines.join(&format!("\n{}", " ".repeat(indent)))
    }
}

fn person(report: &Report, look: &Look) -> String {
    let mut text = format!("{} {}\n\n", look.paint(TITLE, "Host"), look.fold(&host_words(report), 5));
    let rows: Vec<Vec<String>> = report.chain.iter().enumerate().map(|(at, line)| row(at, line)).collect();
    let bold = if look.colour { Bold::Header } else { Bold::Nothing };
    let chain = table::render(&["#", "Credential", "Outcome", "Time", "Detail"], &rows, look.width, bold);
    text.push_str(&colour_outcomes(&chain, look));
    if !report.settings.is_empty() {
        text.push_str(&format!("\n{}\n", look.paint(TITLE, "Settings")));
        for (name, value, source) in &report.settings {
            text.push_str(&format!("{name:10}  {} (from {source})\n", harmless(value)));
        }
    }
    match &report.vault {
        None => text.push_str("\nNo vault is named (--vault, AZFOB_VAULT): this is the chain alone.\n"),
        Some(vault) => {
            text.push_str(&format!("\n{} {}\n", look.paint(TITLE, "Vault"), vault.url));
            for check in &vault.checks {
                let style = match check.verdict {
                    Verdict::Ok => GOOD,
                    Verdict::Warn => DOUBTFUL,
                    Verdict::Fail => BAD,
                    Verdict::Skipped => Style::new(),
                };
                let verdict = look.paint(style, &format!("{:4}", check.verdict.word()));
                let took = time(check.took);
                let message = look.fold(&harmless(&check.message), 26);
                text.push_str(&format!("{verdict}  {:10} {took:>7}  {message}\n", check.name));
            }
        }
    }
    text.push('\n');
    text.push_str(&findings(&report.findings, look));
    text
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

/// Outcomes stand in the third column; the table is laid out without colour, which would count as width.
fn colour_outcomes(chain: &str, look: &Look) -> String {
    if !look.colour {
        return chain.to_owned();
    }
    let paint = |line: &str| {
        for (word, style) in [("selected", GOOD), ("shadowed", DOUBTFUL), ("failed", BAD)] {
            let at =
                line.find("Credential").and_then(|at| line[at..].find(&format!(" {word}")).map(|more| at + more + 1));
            let cell_is_there = line.split_whitespace().nth(2) == Some(word);
            if let (Some(at), true) = (at, cell_is_there) {
                return format!("{}{}{}", &line[..at], look.paint(style, word), &line[at + word.len()..]);
            }
        }
        line.to_owned()
    };
    chain.lines().map(|line| paint(line) + "\n").collect()
}

fn findings(findings: &[Graded], look: &Look) -> String {
    if !findings.iter().any(|f| f.severity == Severity::Error) {
        let done = look.paint(GOOD, "Nothing stands in the way.");
        let rest = findings.iter().enumerate().map(|(at, graded)| finding(at, graded, look));
        return format!("{done}\n{}", rest.collect::<String>());
    }
    findings.iter().enumerate().map(|(at, graded)| finding(at, graded, look)).collect()
}

fn finding(at: usize, graded: &Graded, look: &Look) -> String {
    let style = match graded.severity {
        Severity::Error => BAD,
        Severity::Warning => DOUBTFUL,
        Severity::Note => TITLE,
    };
    let grade = match graded.severity {
        Severity::Error => String::new(),
        other => format!("{}: ", other.word()),
    };
    let title = look.paint(style, &format!("{grade}{}", graded.finding.row.error));
    let number = format!("{}. ", at + 1);
    format!("{number}{title}\n{}", told(&graded.finding, look))
}

/// What happened, cause and fix below a title, with the commands as they are to be pasted.
fn told(finding: &Finding, look: &Look) -> String {
    let mut text = String::new();
    let mut line = |label: &str, words: &str| {
        text.push_str(&format!("   {label:5}  {}\n", look.fold(&harmless(words), 10)));
    };
    if !finding.what.is_empty() {
        line("what", &finding.what);
    }
    let aside = finding.aside.as_ref().map(|aside| format!(" ({aside})")).unwrap_or_default();
    line("cause", &format!("{}{aside}", finding.row.cause));
    finding.details.iter().for_each(|detail| line("", detail));
    line("fix", finding.row.fix);
    for command in &finding.commands {
        text.push_str(&format!("          {}\n", harmless(command)));
    }
    text
}

/// `App Service app 'my-app' in resource group 'my-group' (known by WEBSITE_SITE_NAME); ManagedIdentityCredential fits it`.
fn host_words(report: &Report) -> String {
    let host = &report.host;
    let name = host.name.as_ref().map(|name| format!(" '{name}'")).unwrap_or_default();
    let group = host.resource_group.as_ref().map(|group| format!(" in resource group '{group}'")).unwrap_or_default();
    harmless(&format!(
        "{}{name}{group} (known by {}); {} fits it",
        host.kind.words(),
        host.kind.known_by(),
        host.kind.fitting_credential()
    ))
}

fn time(took: Duration) -> String {
    match took.as_millis() {
        0 => "0 ms".to_owned(),
        ms @ 1..=9_999 => format!("{ms} ms"),
        _ => format!("{:.1} s", took.as_secs_f64()),
    }
}

/// The JSON shape of `azfob diagnose -o json`.
fn json_of(report: &Report) -> Value {
    let chain = report.chain.iter().map(|line| {
        json!({
            "credential": line.credential.name(),
            "status": line.outcome.status(),
            "message": line.message,
            "durationMs": u64::try_from(line.took.as_millis()).unwrap_or(u64::MAX),
            "identity": line.identity.as_ref().map(az::identity),
            "error": line.error,
        })
    });
    let vault = report.vault.as_ref().map(|vault| {
        let checks = vault.checks.iter().map(|check| {
            json!({
                "check": check.name,
                "status": check.verdict.status(),
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
    let selected = report.chain.iter().find(|line| line.outcome == Outcome::Selected);
    let settings = report
        .settings
        .iter()
        .map(|(name, value, source)| json!({ "name": name, "value": value, "source": source.to_string() }));
    json!({
        "ok": report.exit_code == 0,
        "exitCode": report.exit_code,
        "host": {
            "kind": report.host.kind.word(),
            "name": report.host.name,
            "resourceGroup": report.host.resource_group,
            "knownBy": report.host.kind.known_by(),
            "fittingCredential": report.host.kind.fitting_credential(),
        },
        "selected": selected.map(|line| line.credential.name()),
        "settings": settings.collect::<Vec<_>>(),
        "chain": chain.collect::<Vec<_>>(),
        "vault": vault,
        "findings": report.findings.iter().map(|g| finding_json(&g.finding, g.severity)).collect::<Vec<_>>(),
    })
}

fn finding_json(finding: &Finding, severity: Severity) -> Value {
    let said = (!finding.what.is_empty()).then(|| finding.what.clone());
    let detail: Vec<String> =
        said.into_iter().chain(finding.aside.clone()).chain(finding.details.iter().cloned()).collect();
    json!({
        "code": finding.row.code,
        "severity": severity.word(),
        "error": finding.row.error,
        "cause": finding.row.cause,
        "fix": finding.row.fix,
        "commands": finding.commands,
        "detail": detail.join("; "),
        "source": finding.row.source,
    })
}

/// A report for a ticket.
fn markdown(report: &Report) -> String {
    let cell = |text: &str| harmless(text).replace('|', "\\|");
    let mut text = format!("## azfob diagnose\n\nHost: {}\n\n", host_words(report));
    text.push_str("| # | Credential | Outcome | Time | Detail |\n|---|---|---|---|---|\n");
    for (at, line) in report.chain.iter().enumerate() {
        let cells: Vec<String> = row(at, line).iter().map(|c| cell(c)).collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    if let Some(vault) = &report.vault {
        text.push_str(&format!("\nVault {}\n\n| | Check | Detail |\n|---|---|---|\n", vault.url));
        for check in &vault.checks {
            text.push_str(&format!("| {} | {} | {} |\n", check.verdict.word(), check.name, cell(&check.message)));
        }
    }
    text.push_str(&format!("\nExit code {}\n", report.exit_code));
    for (at, graded) in report.findings.iter().enumerate() {
        let f = &graded.finding;
        text.push_str(&format!("\n### {}. {} ({}, `{}`)\n\n", at + 1, f.row.error, graded.severity.word(), f.row.code));
        if !f.what.is_empty() {
            text.push_str(&format!("- what: {}\n", harmless(&f.what)));
        }
        let aside = f.aside.as_ref().map(|aside| format!(" ({aside})")).unwrap_or_default();
        text.push_str(&format!("- cause: {}\n", harmless(&format!("{}{aside}", f.row.cause))));
        f.details.iter().for_each(|detail| text.push_str(&format!("  - {}\n", harmless(detail))));
        text.push_str(&format!("- fix: {}\n", f.row.fix));
        if !f.commands.is_empty() {
            let commands: Vec<String> = f.commands.iter().map(|c| harmless(c)).collect();
            text.push_str(&format!("\n```sh\n{}\n```\n", commands.join("\n")));
        }
    }
    text
}

/// What was recognised in a log, or the one row that was asked for.
pub fn recognised(found: &[Recognised], format: ReportFormat, color: ColorWhen) -> Answer {
    let look = Look::of_stdout(color);
    match format {
        ReportFormat::Json => {
            let items: Vec<Value> = found
                .iter()
                .map(|r| {
                    let mut item = finding_json(&r.finding, Severity::Error);
                    item["line"] = json!((r.line > 0).then_some(r.line));
                    item["times"] = json!(r.times);
                    item
                })
                .collect();
            Answer { bytes: az::to_bytes(&Value::Array(items)), ..Answer::text([]) }
        }
        ReportFormat::Table | ReportFormat::Markdown => {
            let look =
                if format == ReportFormat::Markdown { Look { width: Width::Unlimited, colour: false } } else { look };
            let one = |(at, r): (usize, &Recognised)| {
                let times = if r.times > 1 { format!(", {} times", r.times) } else { String::new() };
                let line = if r.line > 0 { format!(" (line {}{times})", r.line) } else { String::new() };
                let title = look.paint(BAD, r.finding.row.error);
                format!("{}. {title}{line}\n{}", at + 1, told(&r.finding, &look))
            };
            Answer::text(found.iter().enumerate().map(one).collect::<String>())
        }
    }
}
