//! The report for people: legible without colour, and in 80 columns.

use anstyle::{AnsiColor, Style};

use crate::args::ColorWhen;
use crate::diagnosis::explain::Finding;
use crate::diagnosis::log::Recognised;
use crate::diagnosis::report::{Graded, Outcome, Report, Severity, VaultPart, Verdict};

use super::super::table::{self, Bold, Width};
use super::super::terminal::{self, harmless};
use super::{host_words, row, time};

const GOOD: Style = AnsiColor::Green.on_default();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const TITLE: Style = Style::new().bold();
/// Below so many columns the details of the chain stand below their credentials.
const ROOMY: u16 = 120;

/// How a report may look where it goes.
pub(super) struct Look {
    pub(super) width: Width,
    pub(super) colour: bool,
}

impl Look {
    /// What stdout allows.
    pub(super) fn of_stdout(color: ColorWhen) -> Self {
        Look { width: Width::of_stdout(), colour: terminal::stdout_has_colour(color) }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn is_narrow(&self) -> bool {
        matches!(self.width, Width::Terminal(columns) if columns < ROOMY)
    }

    /// Breaks prose into lines that fit, each after the first behind `indent` blanks. A word longer than a line is broken
    /// too.
    fn fold(&self, text: &str, indent: usize) -> String {
        let Width::Terminal(columns) = self.width else { return text.to_owned() };
        let room = usize::from(columns).saturating_sub(indent).max(20);
        let mut lines = vec![String::new()];
        for word in text.split(' ') {
            let mut letters: Vec<char> = word.chars().collect();
            while letters.len() > room {
                let rest = letters.split_off(room);
                lines.push(letters.into_iter().collect());
                letters = rest;
            }
            let word: String = letters.into_iter().collect();
            let last = lines.last_mut().expect("one to begin with");
            if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > room {
                lines.push(word);
            } else {
                if !last.is_empty() {
                    last.push(' ');
                }
                last.push_str(&word);
            }
        }
        lines.retain(|line| !line.is_empty());
        lines.join(&format!("\n{}", " ".repeat(indent)))
    }
}

/// The whole report.
pub(super) fn report(report: &Report, look: &Look) -> String {
    let mut text = format!("{}  {}\n\n", look.paint(TITLE, "Host"), look.fold(&host_words(report), 6));
    text.push_str(&chain(report, look));
    if !report.settings.is_empty() {
        text.push_str(&format!("\n{}\n", look.paint(TITLE, "Settings")));
        for (name, value, source) in &report.settings {
            let words = format!("{} (from {source})", harmless(value));
            text.push_str(&format!("{name:10}  {}\n", look.fold(&words, 12)));
        }
    }
    match &report.vault {
        None => {
            let words = "No vault is named (--vault, AZFOB_VAULT): this is the chain alone.";
            text.push_str(&format!("\n{}\n", look.fold(words, 0)));
        }
        Some(vault) => text.push_str(&way(vault, look)),
    }
    text.push('\n');
    text.push_str(&findings(&report.findings, look));
    text
}

/// The chain, a line for each credential; where there is no room beside it, the detail stands below.
fn chain(report: &Report, look: &Look) -> String {
    let header = ["#", "Credential", "Outcome", "Time", "Detail"];
    let shown = if look.is_narrow() { 4 } else { 5 };
    let rows: Vec<Vec<String>> =
        report.chain.iter().enumerate().map(|(at, line)| row(at, line)[..shown].to_vec()).collect();
    let bold = if look.colour { Bold::Header } else { Bold::Nothing };
    // Laid out without colour, which would count as width, and on lines of any length where all details fit beside.
    let width = if look.is_narrow() { Width::Unlimited } else { look.width };
    let table = table::render(&header[..shown], &rows, width, bold);
    let mut lines = table.lines();
    let mut text = lines.next().map(|line| format!("{line}\n")).unwrap_or_default();
    let mut credentials = report.chain.iter();
    for line in lines {
        // A wrapped line goes on with blanks; each other one is a credential's.
        let own = line.starts_with(|c: char| c.is_ascii_digit());
        let credential = if own { credentials.next() } else { None };
        text.push_str(&credential.map_or_else(|| line.to_owned(), |c| painted(line, c.outcome, look)));
        text.push('\n');
        if let (Some(credential), true) = (credential, look.is_narrow()) {
            text.push_str(&format!("   {}\n", look.fold(&harmless(&credential.message), 3)));
        }
    }
    text
}

/// A line of the chain with its outcome in colour.
fn painted(line: &str, outcome: Outcome, look: &Look) -> String {
    let style = match outcome {
        Outcome::Selected => GOOD,
        Outcome::Shadowed => DOUBTFUL,
        Outcome::Failed => BAD,
        Outcome::Unavailable | Outcome::Skipped => return line.to_owned(),
    };
    match line.split_once(outcome.word()) {
        Some((before, after)) => format!("{before}{}{after}", look.paint(style, outcome.word())),
        None => line.to_owned(),
    }
}

/// The vault and the way to it.
fn way(vault: &VaultPart, look: &Look) -> String {
    let mut text = format!("\n{} {}\n", look.paint(TITLE, "Vault"), vault.url);
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
    text
}

fn findings(findings: &[Graded], look: &Look) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !findings.iter().any(|f| f.severity == Severity::Error) {
        parts.push(format!("{}\n", look.paint(GOOD, "Nothing stands in the way.")));
    }
    parts.extend(findings.iter().enumerate().map(|(at, graded)| finding(at, graded, look)));
    parts.join("\n")
}

fn finding(at: usize, graded: &Graded, look: &Look) -> String {
    let (style, grade) = match graded.severity {
        Severity::Error => (BAD, ""),
        Severity::Warning => (DOUBTFUL, "warning: "),
        Severity::Note => (TITLE, "note: "),
    };
    let title = look.paint(style, &look.fold(&format!("{grade}{}", graded.finding.row.error), 3));
    format!("{}. {title}\n{}", at + 1, told(&graded.finding, look))
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

/// What was recognised in a log, or the one row that was asked for.
pub(super) fn recognised(found: &[Recognised], look: &Look) -> String {
    let one = |(at, r): (usize, &Recognised)| {
        let times = if r.times > 1 { format!(", {} times", r.times) } else { String::new() };
        let line = if r.line > 0 { format!(" (line {}{times})", r.line) } else { String::new() };
        let title = look.paint(BAD, &look.fold(r.finding.row.error, 3));
        format!("{}. {title}{line}\n{}", at + 1, told(&r.finding, look))
    };
    found.iter().enumerate().map(one).collect::<Vec<_>>().join("\n")
}
