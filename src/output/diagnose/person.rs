//! The report for people: legible without colour, and in 80 columns.

use anstyle::{AnsiColor, Style};

use crate::args::ColorWhen;
use crate::diagnosis::explain::code::CodeExplanation;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::log::LogFinding;
use crate::diagnosis::report::{CheckStatus, CredentialOutcome, RatedFinding, Report, Severity, VaultReport};
use crate::env::Source;

use super::super::error::heading;
use super::super::fold::fold;
use super::super::table::{self, Bold, Width};
use super::super::terminal;
use super::words::{host_name, host_words, row, time};
use crate::error::exit_code;
use crate::redact::sanitize_line;

const GOOD: Style = AnsiColor::Green.on_default();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const TITLE: Style = Style::new().bold();
/// What stands behind the labels of the left column begins here.
const INDENT: usize = 7;
/// The longest value of a setting that is shown beside its source.
const WORD: usize = 24;
/// Below so many columns the details of the chain stand below their credentials.
const ROOMY: u16 = 120;

/// How much of what was seen is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// What is out of the ordinary; the rest in a line.
    Folded,
    /// All of it.
    Whole,
}

/// How a report may look where it goes.
pub(super) struct Look {
    pub(super) width: Width,
    pub(super) colour: bool,
}

impl Look {
    /// What stdout allows.
    pub(super) fn of_stdout(color: ColorWhen) -> Self {
        Look { width: Width::of_stdout(), colour: terminal::stdout_has_color(color) }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.colour && style != Style::new() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn is_narrow(&self) -> bool {
        matches!(self.width, Width::Terminal(columns) if columns < ROOMY)
    }

    fn fold(&self, text: &str, indent: usize) -> String {
        fold(text, indent, self.width)
    }

    /// Words behind a label of the left column.
    fn labelled(&self, label: &str, words: &str) -> String {
        format!("{label:5}  {}\n", self.fold(&sanitize_line(words), INDENT))
    }
}

/// The report: the verdict first, the main finding with its commands last, next to the prompt. In between stands what was
/// seen, folded to what is out of the ordinary unless all of it was asked for.
pub(super) fn report(report: &Report, look: &Look, detail: Detail) -> String {
    let mut text = verdict(report, look);
    text.push('\n');
    match detail {
        Detail::Folded => text.push_str(&folded(report, look)),
        Detail::Whole => text.push_str(&whole(report, look)),
    }
    text.push_str(&findings(&report.findings, look, detail));
    text
}

/// `FAIL  ManagedIdentityCredential is my-app, and my-vault refuses it: Missing RBAC role`.
fn verdict(report: &Report, look: &Look) -> String {
    let (style, word) = if report.exit_code == exit_code::OK { (GOOD, "ok") } else { (BAD, "FAIL") };
    let words = look.fold(&sanitize_line(&report.verdict()), INDENT);
    format!("{}  {words}\n", look.paint(style, &format!("{word:5}")))
}

/// What is out of the ordinary, and a line for all that is not.
fn folded(report: &Report, look: &Look) -> String {
    let mut text = look.labelled("Host", &host_name(report));
    let settings = report.settings.iter().filter(|(name, ..)| *name != "vault");
    let settings: Vec<_> = settings.map(|(name, value, source)| setting(name, value, source)).collect();
    if !settings.is_empty() {
        text.push_str(&look.labelled("Set", &settings.join(", ")));
    }
    text.push_str(&folded_chain(report, look));
    match &report.vault {
        None => text.push_str(&look.labelled("Vault", "none is named (--vault, AZFOB_VAULT): this is the chain alone")),
        Some(vault) => text.push_str(&folded_way(vault, report, look)),
    }
    text.push('\n');
    text
}

/// `tenant contoso.com from --tenant`; what is longer than a word, as an id, stands below -v.
fn setting(name: &str, value: &str, source: &Source) -> String {
    if value.len() <= WORD { format!("{name} {value} from {source}") } else { format!("{name} from {source}") }
}

/// The credentials that are somebody or failed, a line each, and in one line those that are merely not set up.
fn folded_chain(report: &Report, look: &Look) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut absent = 0;
    for line in &report.chain {
        let name = line.credential.name();
        match (line.outcome, &line.identity) {
            (CredentialOutcome::Unavailable, _) => absent += 1,
            (CredentialOutcome::Skipped, _) => {}
            // Its ids stand in the finding, or below -v.
            (outcome, Some(identity)) => {
                let label = identity.label().or(identity.object_id()).unwrap_or("no name in its token");
                lines.push(format!("{} {name}: {label}, {}", outcome.word(), identity.kind));
            }
            (outcome, None) if says(report, &line.message) => lines.push(format!("{} {name}", outcome.word())),
            (outcome, None) => lines.push(format!("{} {name}: {}", outcome.word(), line.message)),
        }
    }
    match (absent, lines.is_empty()) {
        (0, _) => {}
        (1, true) => lines.push("the one that was asked is not set up (-v says why)".to_owned()),
        (_, true) => lines.push(format!("none of {absent} credentials is set up (-v says why)")),
        (1, false) => lines.push("1 other is not set up (-v says why)".to_owned()),
        (_, false) => lines.push(format!("{absent} others are not set up (-v says why)")),
    }
    labelled_lines("Chain", &lines, look, painted)
}

/// The steps on the way that failed, a line each, and in one line those that are ok. What the main finding says is not
/// said here too.
fn folded_way(vault: &VaultReport, report: &Report, look: &Look) -> String {
    let source = report.settings.iter().find(|(name, ..)| *name == "vault").map(|(.., source)| source);
    let source = source.map(|source| format!(" (from {source})")).unwrap_or_default();
    let mut lines = vec![format!("{}{source}", vault.url)];
    let names = |verdict| -> Vec<_> {
        vault.checks.iter().filter(|check| check.status == verdict).map(|check| check.name).collect()
    };
    let ok = names(CheckStatus::Ok);
    let worst = if names(CheckStatus::Fail).is_empty() { CheckStatus::Warn } else { CheckStatus::Fail };
    let checks = vault.checks.iter().filter(|check| check.status == worst);
    // Both tenants stand in the finding.
    let (told, telling): (Vec<_>, Vec<_>) =
        checks.partition(|check| says(report, &check.message) || check.name == "tenant");
    let told: Vec<_> = told.iter().map(|check| check.name).collect();
    let joined = [("ok   ", ok), (if worst == CheckStatus::Fail { "FAIL " } else { "warn " }, told)];
    let joined = joined.into_iter().filter(|(_, names)| !names.is_empty());
    let joined: Vec<_> = joined.map(|(word, names)| format!("{word}{}", names.join(", "))).collect();
    if !joined.is_empty() {
        lines.push(joined.join("   "));
    }
    let telling = telling.iter().map(|check| format!("{:4} {}: {}", check.status.word(), check.name, check.message));
    lines.extend(telling);
    labelled_lines("Vault", &lines, look, |line, look| {
        let words: Vec<_> = line.split(' ').map(|word| look.paint(verdict_style(word), word)).collect();
        words.join(" ")
    })
}

/// Whether a finding says it, so that it need not be said twice.
fn says(report: &Report, words: &str) -> bool {
    report.findings.iter().any(|rated| rated.finding.message.contains(words))
}

/// Lines behind one label, their first words in colour.
fn labelled_lines(label: &str, lines: &[String], look: &Look, paint: impl Fn(&str, &Look) -> String) -> String {
    let blank = " ".repeat(INDENT);
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        let label = if at == 0 { format!("{label:5}  ") } else { blank.clone() };
        text.push_str(&format!("{label}{}\n", paint(&look.fold(&sanitize_line(line), INDENT), look)));
    }
    text
}

/// A line of the chain with its outcome in colour.
fn painted(line: &str, look: &Look) -> String {
    let Some((word, rest)) = line.split_once(' ') else { return line.to_owned() };
    let style = match word {
        "selected" => GOOD,
        "shadowed" => DOUBTFUL,
        "failed" => BAD,
        _ => return line.to_owned(),
    };
    format!("{} {rest}", look.paint(style, word))
}

fn verdict_style(word: &str) -> Style {
    match word {
        "ok" => GOOD,
        "warn" => DOUBTFUL,
        "FAIL" => BAD,
        _ => Style::new(),
    }
}

/// All that was seen: every credential with its reason, every setting, every step with its time.
fn whole(report: &Report, look: &Look) -> String {
    let mut text = format!("{}  {}\n\n", look.paint(TITLE, "Host"), look.fold(&host_words(report), 6));
    text.push_str(&chain(report, look));
    text.push_str(&searched(report, look));
    if !report.settings.is_empty() {
        text.push_str(&format!("\n{}\n", look.paint(TITLE, "Settings")));
        for (name, value, source) in &report.settings {
            let words = format!("{} (from {source})", sanitize_line(value));
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
    text
}

/// The folders that programs were looked for in: one list, since PATH is the same for all.
fn searched(report: &Report, look: &Look) -> String {
    let Some(folders) = report.chain.iter().map(|line| &line.searched).find(|folders| !folders.is_empty()) else {
        return String::new();
    };
    let folders: Vec<_> = folders.iter().map(|folder| sanitize_line(&folder.display().to_string())).collect();
    format!("\n{}  {}\n", look.paint(TITLE, "PATH"), look.fold(&folders.join(" "), 6))
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
        text.push_str(&credential.map_or_else(|| line.to_owned(), |c| with_colour(line, c.outcome, look)));
        text.push('\n');
        if let (Some(credential), true) = (credential, look.is_narrow()) {
            text.push_str(&format!("   {}\n", look.fold(&sanitize_line(&credential.message), 3)));
        }
    }
    text
}

/// A line of the table with its outcome in colour.
fn with_colour(line: &str, outcome: CredentialOutcome, look: &Look) -> String {
    let style = match outcome {
        CredentialOutcome::Selected => GOOD,
        CredentialOutcome::Shadowed => DOUBTFUL,
        CredentialOutcome::Failed => BAD,
        CredentialOutcome::Unavailable | CredentialOutcome::Skipped => return line.to_owned(),
    };
    match line.split_once(outcome.word()) {
        Some((before, after)) => format!("{before}{}{after}", look.paint(style, outcome.word())),
        None => line.to_owned(),
    }
}

/// The vault and the way to it.
fn way(vault: &VaultReport, look: &Look) -> String {
    let mut text = format!("\n{} {}\n", look.paint(TITLE, "Vault"), vault.url);
    for check in &vault.checks {
        let verdict = look.paint(verdict_style(check.status.word()), &format!("{:4}", check.status.word()));
        let took = time(check.took);
        let message = look.fold(&sanitize_line(&check.message), 26);
        text.push_str(&format!("{verdict}  {:10} {took:>7}  {message}\n", check.name));
    }
    text
}

/// The findings, the main one last. What is good to know beside it takes a line or two, unless all of it was asked for.
fn findings(findings: &[RatedFinding], look: &Look, detail: Detail) -> String {
    let Some((main, others)) = findings.split_first() else { return String::new() };
    let is_brief = |rated: &&RatedFinding| rated.severity != Severity::Error && detail == Detail::Folded;
    let (brief, full): (Vec<_>, Vec<_>) = others.iter().partition(is_brief);
    let mut parts: Vec<String> = Vec::new();
    let lines: String = brief.iter().map(|rated| in_brief(rated, look)).collect();
    if !lines.is_empty() {
        parts.push(lines);
    }
    parts.extend(full.iter().rev().map(|rated| in_full(rated, look)));
    parts.push(in_full(main, look));
    parts.join("\n")
}

/// A finding in a line: `note   A role was just assigned, and 403 all the same: wait for it`.
fn in_brief(rated: &RatedFinding, look: &Look) -> String {
    let row = rated.finding.row;
    let label = if rated.severity == Severity::Warning { "warn" } else { rated.severity.word() };
    let label = look.paint(severity_style(rated.severity), &format!("{label:5}"));
    let message = if rated.finding.message.is_empty() { row.error } else { &rated.finding.message };
    format!("{label}  {}\n", look.fold(&sanitize_line(&format!("{message}: {}", row.fix)), INDENT))
}

fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Error => BAD,
        Severity::Warning => DOUBTFUL,
        Severity::Note => TITLE,
    }
}

/// A finding: its error with what happened, cause, fix and commands.
fn in_full(rated: &RatedFinding, look: &Look) -> String {
    let grade = match rated.severity {
        Severity::Error => "",
        Severity::Warning => "warning: ",
        Severity::Note => "note: ",
    };
    let title = look.fold(&sanitize_line(&format!("{grade}{}", heading(&rated.finding))), 0);
    format!("{}\n{}", look.paint(severity_style(rated.severity), &title), explained(&rated.finding, look))
}

/// Cause and fix, with the commands as they are to be pasted.
fn explained(finding: &Finding, look: &Look) -> String {
    let mut text = look.labelled("cause", &finding.cause());
    finding.details.iter().for_each(|detail| text.push_str(&look.labelled("", detail)));
    text.push_str(&look.labelled("fix", finding.row.fix));
    for command in finding.commands.iter().flat_map(FixCommand::lines) {
        text.push_str(&format!("{}{}\n", " ".repeat(INDENT), sanitize_line(&command)));
    }
    text
}

/// What was recognised in a log.
pub(super) fn recognised(found: &[LogFinding], look: &Look) -> String {
    let one = |recognised: &LogFinding| {
        let times = if recognised.times > 1 { format!(", {} times", recognised.times) } else { String::new() };
        let at = format!(" (line {}{times})", recognised.line);
        titled(&recognised.finding, &at, look)
    };
    found.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// What a code means: its likeliest cause whole, and the others by the codes that explain them.
pub(super) fn meaning(meaning: &CodeExplanation, look: &Look) -> String {
    let mut parts: Vec<String> = meaning.about.iter().map(|about| format!("{}\n", look.fold(about, 0))).collect();
    if let Some((first, others)) = meaning.findings.split_first() {
        parts.push(titled(first, "", look) + &look.labelled("more", &first.row.page()));
        if !others.is_empty() {
            let others = others.iter().map(|other| by_code(other, look)).collect::<String>();
            parts.push(format!("{}\n{others}", look.fold("Or, each told by azfob explain CODE:", 0)));
        }
    }
    parts.join("\n")
}

/// All that is known, a line each.
pub(super) fn known(findings: &[Finding], look: &Look) -> String {
    findings.iter().map(|finding| by_code(finding, look)).collect()
}

/// The width of most codes.
const CODE: usize = 28;

/// `forbidden-firewall            The vault's firewall does not let this address in`.
fn by_code(finding: &Finding, look: &Look) -> String {
    let row = finding.row;
    format!("{:CODE$}  {}\n", row.code, look.fold(row.cause, CODE + 2))
}

fn titled(finding: &Finding, at: &str, look: &Look) -> String {
    let title = look.fold(&sanitize_line(&format!("{}{at}", heading(finding))), 0);
    format!("{}\n{}", look.paint(BAD, &title), explained(finding, look))
}
