//! Writes errors, warnings, notes and timings to stderr. One function renders every failure: error, cause, fix, more.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use crate::args::ColorWhen;
use crate::diagnosis::context::Context;
use crate::diagnosis::explain::explain;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::table::Row;
use crate::entra::cloud::PUBLIC;
use crate::error::Error;
use crate::redact;
use crate::vault::url::VaultUrl;

use super::fold::{fold, fold_command};
use super::table::Width;
use super::terminal;
use crate::redact::sanitize_line;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const LABEL: Style = Style::new().bold();
/// Width of the label column.
const INDENT: usize = 7;
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// Writes a failure to stderr.
pub fn write(error: &Error, here: &Context, when: ColorWhen) {
    let text = render(error, &explain(error, here), more(error).as_deref());
    // If stderr is closed, the error cannot be reported anywhere.
    let _ = terminal::stderr(when).write_all(text.as_bytes());
}

/// Writes an error message without cause and fix to stderr.
pub fn write_error(text: &str, when: ColorWhen) {
    let mut whole = String::new();
    line(&mut whole, ERROR, "error:", text);
    let _ = terminal::stderr(when).write_all(whole.as_bytes());
}

/// Writes a warning to stderr.
pub fn warn(text: &str, when: ColorWhen) {
    let text = fold(&sanitize_line(text), "warning: ".len(), Width::of_stderr());
    let _ = writeln!(terminal::stderr(when), "{WARNING}warning:{WARNING:#} {text}");
}

/// Writes an instruction for the user to stderr (`--interactive`).
pub fn notify(text: &str) {
    let _ = writeln!(terminal::stderr(ColorWhen::Auto), "{}", sanitize_line(text));
}

/// Writes a note to stderr.
pub fn note(text: &str, when: ColorWhen) {
    let text = fold(&sanitize_line(text), "note: ".len(), Width::of_stderr());
    let _ = writeln!(terminal::stderr(when), "{LABEL}note:{LABEL:#} {text}");
}

/// Writes the duration of each step to stderr.
pub fn timings(lines: &[String]) {
    let mut whole = String::from("timings:\n");
    lines.iter().for_each(|line| whole.push_str(&format!("  {}\n", sanitize_line(&redact::sanitize_field(line)))));
    let _ = terminal::stderr(ColorWhen::Auto).write_all(whole.as_bytes());
}

/// Renders a failure. Findings with the same cause and commands are explained once, after all their errors.
fn render(error: &Error, findings: &[Finding], more: Option<&str>) -> String {
    let mut text = String::new();
    if findings.is_empty() {
        line(&mut text, ERROR, "error:", &error.to_string());
        return text;
    }
    for finding in findings {
        line(&mut text, ERROR, "error:", &heading(finding));
    }
    let mut explained: Vec<&Finding> = Vec::new();
    for finding in findings {
        let is_same =
            |t: &&Finding| t.row == finding.row && t.qualifier == finding.qualifier && t.commands == finding.commands;
        if explained.iter().any(is_same) {
            continue;
        }
        explained.push(finding);
        explain_one(&mut text, finding);
    }
    if let Error::Several(several) = error {
        for (label, names) in [("also failed:", &several.alike), ("not requested:", &several.not_asked)] {
            if !names.is_empty() {
                line(&mut text, LABEL, label, &names.join(", "));
            }
        }
    }
    let Finding { row, shell, .. } = findings[0];
    let width = Width::of_stderr();
    let commands = more.map(str::to_owned).into_iter().chain([format!("azfob explain {}", row.code)]);
    let lines: String = commands.map(|command| fold_command(&command, shell, INDENT, width)).collect();
    text.push_str(&format!("{LABEL}more: {LABEL:#} {}", lines.trim_start()));
    below(&mut text, &fold(&page(row, width), INDENT, width));
    text
}

/// Returns a finding's title: `403 Forbidden: my-vault refused secrets/get on 'X'`.
pub(super) fn heading(finding: &Finding) -> String {
    let error = finding.reported_as.unwrap_or(finding.row.error);
    match finding.message.as_str() {
        "" => error.to_owned(),
        // An Entra ID message begins with its code.
        message if error.starts_with("AADSTS") && message.contains(finding.row.code) => message.to_owned(),
        // The message contains the error already.
        message if message.to_lowercase().contains(&error.to_lowercase()) => message.to_owned(),
        // Both begin with the name of the credential.
        message => match message.split_once(": ") {
            Some((credential, rest)) if error.starts_with(credential) => format!("{error}: {rest}"),
            _ => format!("{error}: {message}"),
        },
    }
}

/// Returns the row's page: the address of its section if that fits on a line, else of the whole page.
fn page(row: &Row, width: Width) -> String {
    let page = row.page();
    match (width, page.split_once('#')) {
        (Width::Terminal(columns), Some((whole, _))) if page.len() > usize::from(columns) => whole.to_owned(),
        _ => page,
    }
}

fn explain_one(text: &mut String, finding: &Finding) {
    line(text, LABEL, "cause:", &finding.cause());
    for detail in &finding.details {
        below(text, &fold(&sanitize_line(detail), INDENT, Width::of_stderr()));
    }
    line(text, LABEL, "fix:  ", finding.row.fix);
    let commands = finding.commands.iter().flat_map(FixCommand::lines);
    text.extend(commands.map(|command| fold_command(&command, finding.shell, INDENT, Width::of_stderr())));
}

fn line(text: &mut String, style: Style, label: &str, rest: &str) {
    let rest = fold(&sanitize_line(rest), INDENT, Width::of_stderr());
    text.push_str(&format!("{style}{label}{style:#} {rest}\n"));
}

fn below(text: &mut String, rest: &str) {
    match rest.strip_prefix('\n') {
        // Its first word does not fit beside the indentation.
        Some(rest) => text.push_str(&format!("{rest}\n")),
        None => text.push_str(&format!("{}{rest}\n", " ".repeat(INDENT))),
    }
}

/// Returns the command that shows more about a failure.
fn more(error: &Error) -> Option<String> {
    let (vault, secret) = match error {
        Error::NoToken(none) => (none.vault.as_ref(), none.secret.as_deref()),
        Error::Vault(denied) => (Some(&denied.error.vault), denied.error.operation.secret()),
        Error::Several(several) => return several.errors.first().and_then(more),
        Error::Usage(_)
        | Error::Decode { .. }
        | Error::Certificate { .. }
        | Error::Document(_)
        | Error::Unrepresentable { .. }
        | Error::Write { .. }
        | Error::NotStarted(_)
        | Error::Workload(_)
        | Error::Machine(_) => return None,
    };
    let vault = vault.map(|vault| format!(" --vault {}", named(vault))).unwrap_or_default();
    // A pattern names no single secret.
    let secret = secret.filter(|name| !name.contains(['*', '?', '[']));
    let secret = secret.map(|secret| format!(" --secret {secret}")).unwrap_or_default();
    Some(format!("azfob diagnose{vault}{secret}"))
}

/// Returns a vault for a command line: its name in the public cloud, its URL in another cloud.
fn named(vault: &VaultUrl) -> String {
    if vault.cloud() == Some(PUBLIC) { vault.name().to_owned() } else { vault.to_string() }
}
