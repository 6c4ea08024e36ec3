//! Cuts a log into failures: one record, or lines that belong together, is one failure with one verdict.

use std::ops::Range;

use super::line::LineKind;
use super::text::Text;
use crate::diagnosis::classify::{Evidence, Match, Rank, Verdict, decide, matches};
use crate::diagnosis::table::{Row, Weight, federation, identity, is_vault_answer, other_programs, sign_in};

/// A failure in a log.
pub(super) struct LogFailure {
    /// Its text.
    pub(super) range: Range<usize>,
    pub(super) verdict: Verdict,
    /// The number of the pattern that decided.
    pub(super) pattern: usize,
    /// Where it mentions a network failure.
    pub(super) network: Option<Range<usize>>,
    /// The messages of the credentials, if it is the error of a chain.
    pub(super) members: Vec<Verdict>,
}

/// Bytes between two matches of one failure. .NET writes a stack trace.
const GAP: usize = 4_000;
/// The longest text that one verdict is for.
const LONGEST: usize = 64 << 10;

const NOT_SET_UP: [&Row; 13] = [
    identity::MANAGED_IDENTITY_UNAVAILABLE,
    identity::METADATA_UNREACHABLE,
    identity::METADATA_TIMED_OUT,
    federation::FEDERATION_INCOMPLETE,
    other_programs::ENVIRONMENT_NOT_SET,
    other_programs::TOOL_NOT_FOUND,
    sign_in::CLIENT_ID_ONLY,
    sign_in::NOT_SIGNED_IN,
    sign_in::POWERSHELL_NOT_SIGNED_IN,
    sign_in::AZD_NOT_SIGNED_IN,
    sign_in::POWERSHELL_MODULE,
    sign_in::NEEDS_BROKER,
    sign_in::EDITOR_NOT_SIGNED_IN,
];

/// Returns true if the row means that a credential is not set up.
pub(super) fn is_not_set_up(row: &Row) -> bool {
    NOT_SET_UP.contains(&row)
}

/// Returns the failures of a log, in order.
pub(super) fn failures(text: &Text) -> Vec<LogFailure> {
    let mut failures = Vec::new();
    let mut current: Option<UnitGroup> = None;
    for unit in units(text) {
        match &mut current {
            Some(group) if group.takes(&unit) => group.add(unit),
            _ => {
                failures.extend(current.take().and_then(|group| group.failure(text)));
                current = Some(UnitGroup::new(unit));
            }
        }
    }
    failures.extend(current.and_then(|group| group.failure(text)));
    failures
}

/// A line and its continuations, with matches.
struct Unit {
    range: Range<usize>,
    /// The start of the record.
    record: usize,
    kind: LineKind,
    matches: Vec<Match>,
    verdict: Option<Verdict>,
}

impl Unit {
    /// Returns the number of the pattern that decided.
    fn pattern(&self) -> Option<usize> {
        let verdict = self.verdict.as_ref()?;
        self.matches.iter().find(|matched| matched.at.start == verdict.at.start).map(|matched| matched.pattern)
    }
}

/// Returns the units of a text that have matches.
fn units(text: &Text) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut lines = text.lines().peekable();
    let (mut start, mut record, mut kind) = (0, 0, LineKind::Line);
    for matched in matches(text.as_str()).filter(|matched| !text.is_source_code(matched.at.start)) {
        while let Some((at, next)) = lines.next_if(|(at, _)| *at <= matched.at.start) {
            if next == LineKind::Record {
                record = at;
            }
            if next != LineKind::Continuation || at - start > LONGEST {
                (start, kind) = (at, next);
            }
        }
        match units.last_mut() {
            Some(unit) if unit.range.start == start && matched.at.end - start < LONGEST => {
                unit.matches.push(matched.before(start));
            }
            _ => {
                units.push(Unit {
                    range: start..start,
                    record,
                    kind,
                    matches: vec![matched.before(start)],
                    verdict: None,
                });
            }
        }
    }
    for unit in &mut units {
        unit.range.end = text.end_of_unit(unit.range.start, LONGEST);
        let last = unit.matches.last().map_or(0, |matched| matched.at.end);
        unit.range.end = unit.range.end.max(unit.range.start + last);
        unit.verdict = decide(&Evidence::of_text(&text.as_str()[unit.range.clone()]), &unit.matches);
    }
    join_members(&mut units);
    units
}

/// Marks the lines between two members of a chain as members: a credential's message can have several lines.
fn join_members(units: &mut [Unit]) {
    let mut from = None;
    for at in 0..units.len() {
        match units[at].kind {
            LineKind::Member => {
                let from = from.replace(at).unwrap_or(at);
                if units[at].range.start.saturating_sub(units[from].range.end) < GAP {
                    units[from..at].iter_mut().for_each(|unit| unit.kind = LineKind::Member);
                }
            }
            LineKind::Line if !units[at].verdict.as_ref().is_some_and(Verdict::is_chain) => {}
            _ => from = None,
        }
    }
}

/// Units that are one failure.
struct UnitGroup {
    units: Vec<Unit>,
    /// The verdict of the unit with the best one.
    best: Option<Verdict>,
    /// The patterns that decided in a unit.
    patterns: Vec<usize>,
    has_heading: bool,
}

impl UnitGroup {
    fn new(unit: Unit) -> Self {
        let mut group = UnitGroup { units: Vec::new(), best: None, patterns: Vec::new(), has_heading: false };
        group.add(unit);
        group
    }

    fn add(&mut self, unit: Unit) {
        self.patterns.extend(unit.pattern());
        if let Some(verdict) = &unit.verdict {
            self.has_heading |= verdict.is_chain();
            let rank = |verdict: &Verdict| (verdict.rank, verdict.row.weight);
            if self.best.as_ref().is_none_or(|best| rank(verdict) < rank(best)) {
                self.best = Some(verdict.clone());
            }
        }
        self.units.push(unit);
    }

    /// Returns true if the unit belongs to this failure.
    fn takes(&self, unit: &Unit) -> bool {
        let Some(last) = self.units.last() else { return true };
        let end = last.range.start + last.matches.last().map_or(0, |matched| matched.at.end);
        let begin = unit.range.start + unit.matches[0].at.start;
        let is_near = begin.saturating_sub(end) < GAP && unit.range.end - self.units[0].range.start < LONGEST;
        if !is_near || unit.kind == LineKind::Record {
            return false;
        }
        let (Some(best), Some(verdict)) = (&self.best, &unit.verdict) else { return true };
        // A vault that answers has got a token.
        if is_vault_answer(verdict.row) && !is_vault_answer(best.row) && best.rank != Rank::Component {
            return false;
        }
        let has_header = last.record == unit.record && self.units[0].kind == LineKind::Record;
        // Several credentials of one chain can have the same reason.
        let is_of_chain = unit.kind == LineKind::Member && self.has_heading && !verdict.is_chain();
        let is_repeated = !is_of_chain && unit.pattern().is_some_and(|pattern| self.patterns.contains(&pattern));
        let is_member = match unit.kind {
            LineKind::Member => self.has_heading || is_not_set_up(best.row),
            _ => is_not_set_up(verdict.row) && is_not_set_up(best.row),
        };
        has_header
            || (!is_repeated
                && (is_member || best.row == verdict.row || !best.gives_reason() || !verdict.gives_reason()))
    }

    /// Decides on the whole failure.
    fn failure(mut self, text: &Text) -> Option<LogFailure> {
        let range = self.units[0].range.start..self.units.last()?.range.end;
        let mut found = Vec::new();
        for unit in &self.units {
            let shift = unit.range.start - range.start;
            found.extend(unit.matches.iter().map(|matched| matched.after(shift)));
        }
        let own = &text.as_str()[range.clone()];
        let verdict = match self.units.as_mut_slice() {
            [unit] => unit.verdict.take(),
            _ => decide(&Evidence::of_text(own), &found),
        };
        // The only line of a failure needs no second verdict.
        let is_one_line = self.units.len() == 1 && text.line_around(range.start).end >= range.end;
        let is_of_chain = found.iter().any(Match::is_of_chain);
        let lines = match &verdict {
            Some(_) if is_one_line && !is_of_chain => Vec::new(),
            _ => messages(text, &range, &found),
        };
        let is_chain = lines.iter().any(Verdict::is_chain) || has_several_not_set_up(&lines);
        let members = if is_chain { lines } else { Vec::new() };
        let mut verdict = verdict?;
        let pattern = found.iter().find(|matched| matched.at.start == verdict.at.start).map(|matched| matched.pattern);
        let network = found.iter().find(|matched| matched.is_network()).map(|matched| matched.at.clone());
        verdict.at = verdict.at.start + range.start..verdict.at.end + range.start;
        Some(LogFailure { range, verdict, pattern: pattern?, network, members })
    }
}

fn has_several_not_set_up(messages: &[Verdict]) -> bool {
    let mut rows = messages.iter().map(|verdict| verdict.row).filter(|row| is_not_set_up(row));
    let first = rows.next();
    rows.any(|row| Some(row) != first)
}

/// Returns the verdict on each line of a failure. If a program wrote the error of a chain in one line, on each credential.
fn messages(text: &Text, range: &Range<usize>, found: &[Match]) -> Vec<Verdict> {
    let mut messages = Vec::new();
    let mut rest = found;
    let mut begin = range.start;
    // The end of a line with a whole chain.
    let mut of_chain = range.start;
    while let Some(first) = rest.first() {
        let line = text.line_around(first.at.start + range.start);
        // Words can go on in the next line.
        let last = first.at.end + range.start;
        let mut end = line.end.max(text.line_around(last - 1).end);
        if first.is_of_chain() {
            of_chain = end;
        }
        if last < of_chain {
            end = last + next_member(&text.as_str()[last..end]);
        }
        while end < range.end && is_of_answer(&text.as_str()[end..]) {
            end = text.line_around(end).end;
        }
        let line = line.start.max(begin)..end.min(range.end);
        begin = line.end;
        let count = rest.iter().take_while(|matched| matched.at.start + range.start < line.end).count().max(1);
        let (own, others) = rest.split_at(count);
        rest = others;
        let own = own.iter().map(|matched| matched.after(range.start).before(line.start));
        let own: Vec<Match> = own.filter(|matched| matched.at.end <= line.len()).collect();
        if let Some(verdict) = decide(&Evidence::of_text(&text.as_str()[line.clone()]), &own) {
            messages.push(Verdict { at: verdict.at.start + line.start..verdict.at.end + line.start, ..verdict });
        }
    }
    messages
}

/// Returns true for a line in which the libraries for Go show a request and its answer.
fn is_of_answer(line: &str) -> bool {
    ["GET http", "POST http", "----", "RESPONSE ", "ERROR CODE"]
        .iter()
        .any(|start| line.trim_start().starts_with(start))
}

/// Returns the offset of the next credential's message in a line, or the line's length: `NameCredential: ...` or `- Name...`.
fn next_member(line: &str) -> usize {
    let mut words = line.match_indices(' ').map(|(at, _)| (at + 1, &line[at + 1..]));
    let member = words.find(|(_, rest)| {
        let word = rest.split(' ').next().unwrap_or_default();
        let is_listed = rest.strip_prefix("- ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()));
        is_listed || word.ends_with("Credential:")
    });
    member.map_or(line.len(), |(at, _)| at)
}

impl LogFailure {
    /// Returns the members of a chain that were refused or give another reason, the most specific first.
    pub(super) fn reasons(&self) -> Vec<&Verdict> {
        let gives_reason = |verdict: &&Verdict| {
            // A tool that failed is a reason, even if its library hides the error.
            let is_reason = verdict.gives_reason()
                || (verdict.rank == Rank::Network && verdict.row.weight <= Weight::Vague)
                || verdict.rank == Rank::Status
                || *verdict.row == *sign_in::TOOL_FAILED;
            is_reason
                && !verdict.is_chain()
                && (verdict.is_answer() || !is_not_set_up(verdict.row))
                && !is_vault_answer(verdict.row)
        };
        let mut reasons: Vec<&Verdict> = self.members.iter().filter(gives_reason).collect();
        // .NET says of every 400 of the metadata service that the identity is not assigned. The body follows.
        if reasons.iter().any(|verdict| *verdict.row == *identity::MULTIPLE_IDENTITIES) {
            reasons.retain(|verdict| *verdict.row != *identity::IDENTITY_NOT_ASSIGNED);
        }
        reasons.sort_by_key(|verdict| (verdict.rank, verdict.row.weight));
        reasons
    }

    pub(super) fn is_chain(&self) -> bool {
        !self.members.is_empty()
    }
}
