//! Combines the matches of a credential chain into one error.
//!
//! .NET and Python write it as one exception, Go as a list, Java as nested causes, and some programs without a heading. A
//! credential that is not set up is not an error of its own.

use super::pattern::Match;
use crate::diagnosis::table::{Row, Weight, federation, identity, is_vault_answer, network, other_programs, sign_in};

/// The error of a chain in which no credential had a token.
pub(super) struct ChainReport {
    /// The heading, or the first member.
    pub(super) head: Match,
    /// The messages of the members, each once.
    pub(super) members: Vec<Match>,
    /// The members that were refused or give another reason, the most specific first.
    pub(super) specific: Vec<Match>,
    /// The number of such errors in the log.
    pub(super) times: usize,
}

/// Bytes between two members of one chain. .NET writes a stack trace.
const GAP: usize = 4_000;
/// Members that are shown of one chain.
const MAX_MEMBERS: usize = 12;

const NOT_SET_UP: [&Row; 8] = [
    identity::MANAGED_IDENTITY_UNAVAILABLE,
    federation::FEDERATION_INCOMPLETE,
    other_programs::ENVIRONMENT_NOT_SET,
    other_programs::TOOL_NOT_FOUND,
    sign_in::CLIENT_ID_ONLY,
    sign_in::NOT_SIGNED_IN,
    sign_in::POWERSHELL_MODULE,
    sign_in::NEEDS_BROKER,
];

/// Rows of vaults that are in other tables.
const VAULT_ONLY: [&Row; 3] =
    [other_programs::FORBIDDEN_PERIMETER, other_programs::SECRET_NAME_INVALID, other_programs::DRIVER_OBJECT_FORMAT];

/// Returns true if the row means that a credential is not set up.
pub(super) fn is_not_set_up(row: &Row) -> bool {
    NOT_SET_UP.contains(&row)
}

/// Returns true if the row means that the chain or a credential has no token.
pub(super) fn is_of_chain(row: &Row) -> bool {
    *row == *sign_in::CREDENTIAL_UNAVAILABLE || is_not_set_up(row)
}

/// A range of matches in which those of the chain are close to each other.
struct Cluster {
    from: usize,
    to: usize,
}

/// Returns the first chain in a log, with the number of all, and the matches outside of chains.
pub(super) fn chain(seen: &[Match]) -> (Option<ChainReport>, Vec<Match>) {
    let mut chain: Option<ChainReport> = None;
    let mut others = Vec::new();
    let mut next = 0;
    for cluster in clusters(seen) {
        let matches = &seen[cluster.from..=cluster.to];
        if !is_chain(matches) {
            continue;
        }
        others.extend_from_slice(&seen[next..cluster.from]);
        next = cluster.to + 1;
        let (of_chain, specific): (Vec<_>, Vec<_>) = matches.iter().partition(|seen| is_of_chain(seen.row));
        match &mut chain {
            None => chain = Some(ChainReport::new(&of_chain, &specific, &mut others)),
            Some(first) => {
                first.times += of_chain.iter().filter(|seen| seen.is_like(&first.head)).count();
                others.extend(specific);
            }
        }
    }
    others.extend_from_slice(&seen[next..]);
    (chain, others)
}

/// Returns the clusters of the chain's matches, with the matches among and shortly after them.
fn clusters(seen: &[Match]) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    for (at, found) in seen.iter().enumerate().filter(|(_, found)| is_of_chain(found.row)) {
        match clusters.last_mut() {
            Some(last) if found.begin() - seen[last.to].end() < GAP => last.to = at,
            _ => clusters.push(Cluster { from: at, to: at }),
        }
    }
    // The refused member can be the last one.
    let mut limit = seen.len();
    for cluster in clusters.iter_mut().rev() {
        let end = seen[cluster.to].end();
        while cluster.to + 1 < limit
            && can_be_member(&seen[cluster.to + 1])
            && seen[cluster.to + 1].begin() - end < GAP / 4
        {
            cluster.to += 1;
        }
        limit = cluster.from;
    }
    clusters
}

/// Returns true for a chain's error: it has a heading, or several credentials are not set up.
fn is_chain(matches: &[Match]) -> bool {
    let not_set_up = || matches.iter().map(|seen| seen.row).filter(|row| is_not_set_up(row));
    let first = not_set_up().next();
    matches.iter().any(Match::is_heading) || not_set_up().any(|row| Some(row) != first)
}

/// Returns true if the match can be the message of a credential, and not of a vault.
fn can_be_member(seen: &Match) -> bool {
    let gives_reason = seen.row.weight != Weight::Vague || *seen.row == *network::UNREACHABLE;
    let is_of_vault = [network::VAULT_NAME_UNKNOWN, network::PRIVATELINK_NAME].contains(&seen.row);
    gives_reason && !is_of_vault && !is_vault_answer(seen.row) && !VAULT_ONLY.contains(&seen.row)
}

impl ChainReport {
    fn new(of_chain: &[&Match], among: &[&Match], others: &mut Vec<Match>) -> Self {
        let head = **of_chain.iter().find(|seen| seen.is_heading()).unwrap_or(&of_chain[0]);
        let mut specific: Vec<Match> = Vec::new();
        for seen in among.iter().map(|seen| **seen) {
            if !can_be_member(&seen) {
                others.push(seen);
            } else if !specific.iter().any(|known| known.row == seen.row) {
                specific.push(seen);
            }
        }
        let mut members: Vec<Match> = Vec::new();
        for seen in
            of_chain.iter().filter(|seen| is_not_set_up(seen.row)).map(|seen| **seen).chain(specific.iter().copied())
        {
            if members.len() < MAX_MEMBERS && !members.iter().any(|known| known.is_like(&seen)) {
                members.push(seen);
            }
        }
        members.sort_by_key(|seen| seen.at);
        specific.sort_by_key(|seen| seen.row.weight);
        let times = of_chain.iter().filter(|seen| seen.is_like(&head)).count();
        ChainReport { head, members, specific, times }
    }
}
