//! The chain's own report in a log: one error whose details are what each credential said.
//!
//! .NET and Python write it as one exception, Go as a list, Java as causes of one another, and some programs without any
//! heading. A credential that is not set up is no error of its own in it.

use super::pattern::Match;
use crate::diagnosis::table::{Row, Weight, federation, identity, is_vault_answer, network, other_programs, sign_in};

/// A chain that found nobody.
pub(super) struct ChainReport {
    /// Its heading, or else the first of its members.
    pub(super) head: Match,
    /// What its members said, each once.
    pub(super) members: Vec<Match>,
    /// The members that were refused, or else say why: the most telling first.
    pub(super) telling: Vec<Match>,
    /// How often such a report stands in the log.
    pub(super) times: usize,
}

/// Between two members of one chain there can be so much: .NET writes a stack trace.
const GAP: usize = 4_000;
/// More is not told of one.
const MEMBERS: usize = 12;

/// The rows of credentials that are not set up.
const NOT_SET_UP: [&Row; 8] = [
    identity::MANAGED_IDENTITY_UNAVAILABLE,
    federation::FEDERATION_INCOMPLETE,
    other_programs::ENVIRONMENT_NOT_SET,
    other_programs::TOOL_NOT_FOUND,
    sign_in::CLIENT_ID_ALONE,
    sign_in::NOT_SIGNED_IN,
    sign_in::POWERSHELL_MODULE,
    sign_in::NEEDS_BROKER,
];

/// What only a vault answers, beside the rows of vaults.
const VAULT_ONLY: [&Row; 3] =
    [other_programs::FORBIDDEN_PERIMETER, other_programs::SECRET_NAME_INVALID, other_programs::DRIVER_OBJECT_FORMAT];

/// Whether a row says only that a credential is not set up.
pub(super) fn is_not_set_up(row: &Row) -> bool {
    NOT_SET_UP.contains(&row)
}

/// Whether a row says only that the chain, or a credential, has nothing.
pub(super) fn is_of_chain(row: &Row) -> bool {
    *row == *sign_in::CREDENTIAL_UNAVAILABLE || is_not_set_up(row)
}

/// A stretch of signs in which no two of the chain's are far from one another.
struct Stretch {
    from: usize,
    to: usize,
}

/// The first chain in a log, with the number of all; and the other signs: those of refusals outside of it, and of what is
/// not set up where no chain is near.
pub(super) fn chain(seen: &[Match]) -> (Option<ChainReport>, Vec<Match>) {
    let mut chain: Option<ChainReport> = None;
    let mut others = Vec::new();
    let mut next = 0;
    for stretch in stretches(seen) {
        let signs = &seen[stretch.from..=stretch.to];
        if !is_chain(signs) {
            continue;
        }
        others.extend_from_slice(&seen[next..stretch.from]);
        next = stretch.to + 1;
        let (of_chain, telling): (Vec<_>, Vec<_>) = signs.iter().partition(|seen| is_of_chain(seen.row));
        match &mut chain {
            None => chain = Some(ChainReport::new(&of_chain, &telling, &mut others)),
            Some(first) => {
                first.times += of_chain.iter().filter(|seen| seen.is_like(&first.head)).count();
                others.extend(telling);
            }
        }
    }
    others.extend_from_slice(&seen[next..]);
    (chain, others)
}

/// Where the chain's signs stand close together, with what stands among them and shortly behind.
fn stretches(seen: &[Match]) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for (at, sign) in seen.iter().enumerate().filter(|(_, sign)| is_of_chain(sign.row)) {
        match stretches.last_mut() {
            Some(last) if sign.begin() - seen[last.to].end() < GAP => last.to = at,
            _ => stretches.push(Stretch { from: at, to: at }),
        }
    }
    // The last member can be the one that was refused.
    let mut limit = seen.len();
    for stretch in stretches.iter_mut().rev() {
        let end = seen[stretch.to].end();
        while stretch.to + 1 < limit
            && can_be_member(&seen[stretch.to + 1])
            && seen[stretch.to + 1].begin() - end < GAP / 4
        {
            stretch.to += 1;
        }
        limit = stretch.from;
    }
    stretches
}

/// Whether a stretch is a chain's report: it has a heading, or several credentials have nothing.
fn is_chain(signs: &[Match]) -> bool {
    let not_set_up = || signs.iter().map(|seen| seen.row).filter(|row| is_not_set_up(row));
    let first = not_set_up().next();
    signs.iter().any(Match::is_heading) || not_set_up().any(|row| Some(row) != first)
}

/// Whether what a credential said can be this: vaults answer no credential.
fn can_be_member(seen: &Match) -> bool {
    let says_why = seen.row.weight != Weight::Vague || *seen.row == *network::UNREACHABLE;
    let is_of_vault = [network::VAULT_NAME_UNKNOWN, network::PRIVATELINK_NAME].contains(&seen.row);
    says_why && !is_of_vault && !is_vault_answer(seen.row) && !VAULT_ONLY.contains(&seen.row)
}

impl ChainReport {
    fn new(of_chain: &[&Match], among: &[&Match], others: &mut Vec<Match>) -> Self {
        let head = **of_chain.iter().find(|seen| seen.is_heading()).unwrap_or(&of_chain[0]);
        let mut telling: Vec<Match> = Vec::new();
        for seen in among.iter().map(|seen| **seen) {
            if !can_be_member(&seen) {
                others.push(seen);
            } else if !telling.iter().any(|known| known.row == seen.row) {
                telling.push(seen);
            }
        }
        let mut members: Vec<Match> = Vec::new();
        for seen in
            of_chain.iter().filter(|seen| is_not_set_up(seen.row)).map(|seen| **seen).chain(telling.iter().copied())
        {
            if members.len() < MEMBERS && !members.iter().any(|known| known.is_like(&seen)) {
                members.push(seen);
            }
        }
        members.sort_by_key(|seen| seen.at);
        telling.sort_by_key(|seen| seen.row.weight);
        let times = of_chain.iter().filter(|seen| seen.is_like(&head)).count();
        ChainReport { head, members, telling, times }
    }
}
