//! Formats reports for a terminal. They are readable without color and in 80 columns.

use anstyle::{AnsiColor, Style};

use crate::args::ColorWhen;
use crate::diagnosis::explain::code::CodeExplanation;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::log::LogFinding;
use crate::diagnosis::report::{
    CheckStatus, CredentialOutcome, RatedFinding, Report, Severity, VaultReport, WorkloadReport,
};
use crate::env::Source;
use crate::redact::sanitize_line;

use super::super::error::heading;
use super::super::fold::{fold, fold_command};
use super::super::table::{self, Bold, Width};
use super::super::terminal;
use super::words::{Detail, host_name, host_words, row, time, without_vault};
use super::workload;
use crate::error::exit_code;

const OK: Style = AnsiColor::Green.on_default();
const WARNING: Style = AnsiColor::Yellow.on_default();
const FAILED: Style = AnsiColor::Red.on_default().bold();
const TITLE: Style = Style::new().bold();
/// Width of the label column.
const INDENT: usize = 7;
/// Longest value of a setting that is shown without `-v`.
const LONGEST_SETTING: usize = 24;
/// In fewer columns, the chain shows each message below its credential.
const WIDE: u16 = 120;

/// The width and color that a report may use.
pub(super) struct Layout {
    pub(super) width: Width,
    pub(super) color: bool,
}

impl Layout {
    pub(super) fn of_stdout(color: ColorWhen) -> Self {
        Layout { width: Width::of_stdout(), color: terminal::stdout_has_color(color) }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.color && style != Style::new() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn is_narrow(&self) -> bool {
        matches!(self.width, Width::Terminal(columns) if columns < WIDE)
    }

    fn fold(&self, text: &str, indent: usize) -> String {
        fold(text, indent, self.width)
    }

    /// Formats text after a label.
    fn labelled(&self, label: &str, text: &str) -> String {
        format!("{label:5}  {}\n", self.fold(&sanitize_line(text), INDENT))
    }
}

/// Formats a report: the verdict first, and last, next to the prompt, the main finding with its commands.
pub(super) fn report(report: &Report, layout: &Layout, detail: Detail) -> String {
    let mut text = verdict(report, layout);
    text.push('\n');
    match detail {
        Detail::Brief => text.push_str(&brief(report, layout)),
        Detail::Full => text.push_str(&full(report, layout)),
    }
    text.push_str(&findings(&report.findings, layout, detail));
    text
}

/// `FAIL  ManagedIdentityCredential is my-app, and my-vault refuses it: Missing RBAC role`.
fn verdict(report: &Report, layout: &Layout) -> String {
    let (style, word) = if report.exit_code == exit_code::OK { (OK, "ok") } else { (FAILED, "FAIL") };
    let verdict = layout.fold(&sanitize_line(&report.verdict()), INDENT);
    format!("{}  {verdict}\n", layout.paint(style, &format!("{word:5}")))
}

/// Formats what is unusual, and one line for the rest.
fn brief(report: &Report, layout: &Layout) -> String {
    let mut text = layout.labelled("Host", &host_name(report));
    let settings = report.settings.iter().filter(|(name, ..)| *name != "vault");
    let settings: Vec<_> = settings.map(|(name, value, source)| setting(name, value, source)).collect();
    if !settings.is_empty() {
        text.push_str(&layout.labelled("Set", &settings.join(", ")));
    }
    match &report.workload {
        None => text.push_str(&brief_chain(report, layout)),
        Some(about) => text.push_str(&about_workload(about, layout, Detail::Brief)),
    }
    match &report.vault {
        None => {
            let words = format!("none configured (--vault, AZFOB_VAULT): {}", without_vault(report));
            text.push_str(&layout.labelled("Vault", &words));
        }
        Some(vault) => text.push_str(&brief_vault(vault, report, layout)),
    }
    text.push('\n');
    text
}

/// `tenant contoso.com from --tenant`; without the value if it is long, such as an ID.
fn setting(name: &str, value: &str, source: &Source) -> String {
    if value.len() <= LONGEST_SETTING {
        format!("{name} {value} from {source}")
    } else {
        format!("{name} from {source}")
    }
}

/// Formats each credential with a token or an error on a line, and the number of the unavailable ones.
fn brief_chain(report: &Report, layout: &Layout) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut absent = 0;
    for line in &report.chain {
        let name = line.credential.name();
        match (line.outcome, &line.identity) {
            (CredentialOutcome::Unavailable, _) => absent += 1,
            (CredentialOutcome::Skipped, _) => {}
            // The finding, or -v, shows the IDs.
            (outcome, Some(identity)) => {
                let label = identity.label().or(identity.object_id()).unwrap_or("unnamed identity");
                // A failure needs the room.
                let lifetime = identity.kind.lifetime().filter(|_| report.exit_code == exit_code::OK);
                let lifetime = lifetime.map(|lifetime| format!(" ({lifetime})")).unwrap_or_default();
                lines.push(format!("{} {name}: {label}, {}{lifetime}", outcome.word(), identity.kind));
            }
            (outcome, None) if is_in_finding(report, &line.message) => lines.push(format!("{} {name}", outcome.word())),
            (outcome, None) => lines.push(format!("{} {name}: {}", outcome.word(), line.message)),
        }
    }
    match (absent, lines.is_empty()) {
        (0, _) => {}
        (1, true) => lines.push("the only credential that was tried is not configured (-v shows why)".to_owned()),
        (_, true) => lines.push(format!("none of the {absent} credentials is configured (-v shows why)")),
        (1, false) => lines.push("1 other is not configured (-v shows why)".to_owned()),
        (_, false) => lines.push(format!("{absent} others are not configured (-v shows why)")),
    }
    labelled_lines("Chain", &lines, layout, painted)
}

/// Formats each failed check on a line, and the names of the successful ones. Omits messages that a finding contains.
fn brief_vault(vault: &VaultReport, report: &Report, layout: &Layout) -> String {
    let source = report.settings.iter().find(|(name, ..)| *name == "vault").map(|(.., source)| source);
    let source = source.map(|source| format!(" (from {source})")).unwrap_or_default();
    let mut lines = vec![format!("{}{source}", vault.url)];
    let names = |verdict| -> Vec<_> {
        vault.checks.iter().filter(|check| check.status == verdict).map(|check| check.name).collect()
    };
    let ok = names(CheckStatus::Ok);
    let worst = if names(CheckStatus::Fail).is_empty() { CheckStatus::Warn } else { CheckStatus::Fail };
    let checks = vault.checks.iter().filter(|check| check.status == worst);
    // The finding names both tenants.
    let (named, explained): (Vec<_>, Vec<_>) =
        checks.partition(|check| is_in_finding(report, &check.message) || check.name == "tenant");
    let named: Vec<_> = named.iter().map(|check| check.name).collect();
    let joined = [("ok   ", ok), (if worst == CheckStatus::Fail { "FAIL " } else { "warn " }, named)];
    let joined = joined.into_iter().filter(|(_, names)| !names.is_empty());
    let joined: Vec<_> = joined.map(|(word, names)| format!("{word}{}", names.join(", "))).collect();
    if !joined.is_empty() {
        lines.push(joined.join("   "));
    }
    let explained =
        explained.iter().map(|check| format!("{:4} {}: {}", check.status.word(), check.name, check.message));
    lines.extend(explained);
    labelled_lines("Vault", &lines, layout, |line, layout| {
        let words: Vec<_> = line.split(' ').map(|word| layout.paint(verdict_style(word), word)).collect();
        words.join(" ")
    })
}

/// Formats the identities and references of a workload, and what was not read.
fn about_workload(about: &WorkloadReport, layout: &Layout, detail: Detail) -> String {
    workload::lines(about, detail).iter().map(|(label, lines)| labelled_lines(label, lines, layout, painted)).collect()
}

fn is_in_finding(report: &Report, text: &str) -> bool {
    report.findings.iter().any(|rated| rated.finding.message.contains(text))
}

/// Formats lines after one label, each colored by `paint`.
fn labelled_lines(label: &str, lines: &[String], layout: &Layout, paint: impl Fn(&str, &Layout) -> String) -> String {
    let blank = " ".repeat(INDENT);
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        let label = if at == 0 { format!("{label:5}  ") } else { blank.clone() };
        text.push_str(&format!("{label}{}\n", paint(&layout.fold(&sanitize_line(line), INDENT), layout)));
    }
    text
}

/// Colors the outcome in a line of the brief chain.
fn painted(line: &str, layout: &Layout) -> String {
    let Some((word, rest)) = line.split_once(' ') else { return line.to_owned() };
    let style = match word {
        "selected" => OK,
        "shadowed" => WARNING,
        "failed" => FAILED,
        _ => return line.to_owned(),
    };
    format!("{} {rest}", layout.paint(style, word))
}

fn verdict_style(word: &str) -> Style {
    match word {
        "ok" => OK,
        "warn" => WARNING,
        "FAIL" => FAILED,
        _ => Style::new(),
    }
}

/// Formats every credential, every setting and every check.
fn full(report: &Report, layout: &Layout) -> String {
    let mut text = format!("{}  {}\n\n", layout.paint(TITLE, "Host"), layout.fold(&host_words(report), 6));
    match &report.workload {
        None => text.push_str(&(chain(report, layout) + &searched(report, layout))),
        Some(about) => text.push_str(&about_workload(about, layout, Detail::Full)),
    }
    if !report.settings.is_empty() {
        text.push_str(&format!("\n{}\n", layout.paint(TITLE, "Settings")));
        for (name, value, source) in &report.settings {
            let words = format!("{} (from {source})", sanitize_line(value));
            text.push_str(&format!("{name:10}  {}\n", layout.fold(&words, 12)));
        }
    }
    match &report.vault {
        None => {
            let words = format!("No vault is configured (--vault, AZFOB_VAULT): {}.", without_vault(report));
            text.push_str(&format!("\n{}\n", layout.fold(&words, 0)));
        }
        Some(vault) => text.push_str(&vault_checks(vault, layout)),
    }
    text.push('\n');
    text
}

/// Formats the folders of PATH, which are the same for all credentials.
fn searched(report: &Report, layout: &Layout) -> String {
    let Some(folders) = report.chain.iter().map(|line| &line.searched).find(|folders| !folders.is_empty()) else {
        return String::new();
    };
    let folders: Vec<_> = folders.iter().map(|folder| sanitize_line(&folder.display().to_string())).collect();
    format!("\n{}  {}\n", layout.paint(TITLE, "PATH"), layout.fold(&folders.join(" "), 6))
}

/// Formats the chain as a table, with each message below its credential if the terminal is narrow.
fn chain(report: &Report, layout: &Layout) -> String {
    let header = ["#", "Credential", "Outcome", "Time", "Detail"];
    let shown = if layout.is_narrow() { 4 } else { 5 };
    let rows: Vec<Vec<String>> =
        report.chain.iter().enumerate().map(|(at, line)| row(at, line)[..shown].to_vec()).collect();
    let bold = if layout.color { Bold::Header } else { Bold::Nothing };
    // Escape codes would count as width, so color is added later.
    let width = if layout.is_narrow() { Width::Unlimited } else { layout.width };
    let table = table::render(&header[..shown], &rows, width, bold);
    let mut lines = table.lines();
    let mut text = lines.next().map(|line| format!("{line}\n")).unwrap_or_default();
    let mut credentials = report.chain.iter();
    for line in lines {
        // A wrapped line begins with spaces.
        let is_first = line.starts_with(|c: char| c.is_ascii_digit());
        let credential = if is_first { credentials.next() } else { None };
        text.push_str(&credential.map_or_else(|| line.to_owned(), |c| with_color(line, c.outcome, layout)));
        text.push('\n');
        if let (Some(credential), true) = (credential, layout.is_narrow()) {
            text.push_str(&format!("   {}\n", layout.fold(&sanitize_line(&credential.message), 3)));
        }
    }
    text
}

/// Colors the outcome in a line of the table.
fn with_color(line: &str, outcome: CredentialOutcome, layout: &Layout) -> String {
    let style = match outcome {
        CredentialOutcome::Selected => OK,
        CredentialOutcome::Shadowed => WARNING,
        CredentialOutcome::Failed => FAILED,
        CredentialOutcome::Unavailable | CredentialOutcome::Skipped => return line.to_owned(),
    };
    match line.split_once(outcome.word()) {
        Some((before, after)) => format!("{before}{}{after}", layout.paint(style, outcome.word())),
        None => line.to_owned(),
    }
}

/// Formats the vault and the checks of its network path.
fn vault_checks(vault: &VaultReport, layout: &Layout) -> String {
    let mut text = format!("\n{} {}\n", layout.paint(TITLE, "Vault"), vault.url);
    for check in &vault.checks {
        let verdict = layout.paint(verdict_style(check.status.word()), &format!("{:4}", check.status.word()));
        let took = time(check.took);
        let message = layout.fold(&sanitize_line(&check.message), 26);
        text.push_str(&format!("{verdict}  {:10} {took:>7}  {message}\n", check.name));
    }
    text
}

/// Formats the findings, with the main one last. Warnings and notes are brief without `-v`.
fn findings(findings: &[RatedFinding], layout: &Layout, detail: Detail) -> String {
    let Some((main, others)) = findings.split_first() else { return String::new() };
    let is_brief = |rated: &&RatedFinding| rated.severity != Severity::Error && detail == Detail::Brief;
    let (brief, full): (Vec<_>, Vec<_>) = others.iter().partition(is_brief);
    let mut parts: Vec<String> = Vec::new();
    let lines: String = brief.iter().map(|rated| brief_finding(rated, layout)).collect();
    if !lines.is_empty() {
        parts.push(lines);
    }
    parts.extend(full.iter().rev().map(|rated| full_finding(rated, layout)));
    parts.push(full_finding(main, layout));
    parts.join("\n")
}

/// Formats a finding on one line: `note   A role was just assigned, and 403 all the same: wait for it`.
fn brief_finding(rated: &RatedFinding, layout: &Layout) -> String {
    let row = rated.finding.row;
    let label = if rated.severity == Severity::Warning { "warn" } else { rated.severity.word() };
    let label = layout.paint(severity_style(rated.severity), &format!("{label:5}"));
    let message = if rated.finding.message.is_empty() { row.error } else { &rated.finding.message };
    format!("{label}  {}\n", layout.fold(&sanitize_line(&format!("{message}: {}", row.fix)), INDENT))
}

fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Error => FAILED,
        Severity::Warning => WARNING,
        Severity::Note => TITLE,
    }
}

/// Formats a finding with error, cause, fix and commands.
fn full_finding(rated: &RatedFinding, layout: &Layout) -> String {
    let grade = match rated.severity {
        Severity::Error => "",
        Severity::Warning => "warning: ",
        Severity::Note => "note: ",
    };
    let title = layout.fold(&sanitize_line(&format!("{grade}{}", heading(&rated.finding))), 0);
    format!("{}\n{}", layout.paint(severity_style(rated.severity), &title), explained(&rated.finding, layout))
}

/// Formats cause, details, fix and commands.
fn explained(finding: &Finding, layout: &Layout) -> String {
    let mut text = layout.labelled("cause", &finding.cause());
    finding.details.iter().for_each(|detail| text.push_str(&layout.labelled("", detail)));
    text.push_str(&layout.labelled("fix", finding.row.fix));
    let commands = finding.commands.iter().flat_map(FixCommand::lines);
    text.extend(commands.map(|command| fold_command(&command, finding.shell, INDENT, layout.width)));
    text
}

/// Formats the findings of a log, the main one last, next to the prompt.
pub(super) fn log(findings: &[LogFinding], layout: &Layout) -> String {
    let one = |found: &LogFinding| {
        let times = if found.times > 1 { format!(", {} times", found.times) } else { String::new() };
        let at = format!(" (line {}{times})", found.line);
        titled(&found.finding, &at, layout)
    };
    findings.iter().rev().map(one).collect::<Vec<_>>().join("\n")
}

/// Formats what a code means: the likeliest cause in full, the others by code.
pub(super) fn code(code: &CodeExplanation, layout: &Layout) -> String {
    let mut parts: Vec<String> = code.about.iter().map(|about| format!("{}\n", layout.fold(about, 0))).collect();
    if let Some((first, others)) = code.findings.split_first() {
        parts.push(titled(first, "", layout) + &layout.labelled("more", first.row.source));
        if !others.is_empty() {
            let others = others.iter().map(|other| by_code(other, layout)).collect::<String>();
            parts.push(format!(
                "{}\n{others}",
                layout.fold("Other possible causes (azfob explain CODE shows each):", 0)
            ));
        }
    }
    parts.join("\n")
}

/// Formats every known finding, one line each.
pub(super) fn all(findings: &[Finding], layout: &Layout) -> String {
    findings.iter().map(|finding| by_code(finding, layout)).collect()
}

/// Width of the code column.
const CODE_WIDTH: usize = 28;

/// `forbidden-firewall            The vault's firewall does not let this address in`.
fn by_code(finding: &Finding, layout: &Layout) -> String {
    let row = finding.row;
    format!("{:CODE_WIDTH$}  {}\n", row.code, layout.fold(row.cause, CODE_WIDTH + 2))
}

fn titled(finding: &Finding, at: &str, layout: &Layout) -> String {
    let title = layout.fold(&sanitize_line(&format!("{}{at}", heading(finding))), 0);
    format!("{}\n{}", layout.paint(FAILED, &title), explained(finding, layout))
}
