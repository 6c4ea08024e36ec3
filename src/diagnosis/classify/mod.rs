//! The one classifier: from the evidence of a failure to the row that explains it.
//!
//! Typed errors and texts of other programs become [`Evidence`], and [`classify`] decides, so that the same words give the
//! same row wherever they occur. The words are data: the [`patterns`], the words of each [`Component`], and the
//! phrases of network failures. The name of an exception class identifies a component, never a cause.

mod component;
mod endpoint;
mod network;
mod pattern;
mod patterns;
mod refine;
mod service;
mod words;

use std::ops::Range;

pub use component::Component;
pub(in crate::diagnosis) use endpoint::RequestedHost;
pub(super) use network::{NetworkFailure, general_row as network_row};
pub(super) use pattern::{Match, matches};
pub(super) use service::OtherService;

use super::table::{Row, Weight, other_programs, sign_in};
use crate::http::status;
use component::Components;
use pattern::Failed;

/// What is known about one failure.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// The component that answered, if it is known from the request and not only from the text.
    pub component: Option<Component>,
    /// The HTTP status, if it is known and not only part of the text.
    pub status: Option<u16>,
    /// The exact words of the failure: its code, body and message.
    pub text: &'a str,
    /// True if a user-assigned identity was requested.
    pub asked_identity: bool,
    /// True if the text is known to be about Azure Identity or Key Vault.
    pub is_field: bool,
}

impl<'a> Evidence<'a> {
    /// Creates the evidence of a component's answer.
    pub fn of(component: Component, text: &'a str) -> Self {
        Evidence { component: Some(component), is_field: true, ..Self::of_text(text) }
    }

    /// Creates the evidence of a text.
    pub fn of_text(text: &'a str) -> Self {
        Evidence { component: None, status: None, text, asked_identity: false, is_field: false }
    }
}

/// The row of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub row: &'static Row,
    /// The component that answered, as far as the evidence shows.
    pub component: Option<Component>,
    /// The words that decided.
    pub at: Range<usize>,
    /// How directly the words name the row.
    pub rank: Rank,
}

/// How directly a match names its row; the first in this order decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// An AADSTS code.
    Code,
    /// Words that identify the row.
    Words,
    /// An identity endpoint's answer that there is no identity.
    Answer,
    /// A network failure, with the host that was dialled.
    Network,
    /// Words about a credential that is not set up, which is rarely the reason.
    Setup,
    /// Words that leave the reason open.
    Open,
    /// The status of a component.
    Status,
    /// The component is known, and nothing else.
    Component,
}

/// Returns the row for the words of a component's answer, if they give a reason.
pub(super) fn row_of_answer(evidence: &Evidence<'_>) -> Option<&'static Row> {
    classify(evidence)
        .filter(|verdict| verdict.gives_reason() || verdict.rank == Rank::Status)
        .filter(|verdict| *verdict.row != *other_programs::NOT_RECOGNIZED)
        .map(|verdict| verdict.row)
}

/// Returns the row of a failure, or nothing if the evidence shows no failure of this field.
pub fn classify(evidence: &Evidence<'_>) -> Option<Verdict> {
    let found: Vec<Match> = matches(evidence.text).collect();
    decide(evidence, &found)
}

/// Returns the row of a failure from the matches in its text.
pub(super) fn decide(evidence: &Evidence<'_>, found: &[Match]) -> Option<Verdict> {
    let prepared = PreparedEvidence::new(evidence);
    let candidates = found.iter().filter_map(|matched| prepared.candidate(matched, found)).chain(prepared.of_status());
    let best = candidates.min_by_key(|verdict| (verdict.rank, verdict.row.weight, verdict.at.start));
    best.or_else(|| prepared.not_recognized(found))
}

/// Bytes of a message that name its component.
const NEAR: usize = 80;

/// Evidence with what is derived from it.
struct PreparedEvidence<'a> {
    evidence: &'a Evidence<'a>,
    /// The text in lower case.
    lower: String,
    components: Components,
}

impl<'a> PreparedEvidence<'a> {
    fn new(evidence: &'a Evidence<'a>) -> Self {
        let lower = evidence.text.to_ascii_lowercase();
        let components = Components::of(evidence.component, &lower);
        PreparedEvidence { evidence, lower, components }
    }

    /// Returns the row that a match stands for in this evidence.
    fn candidate(&self, matched: &Match, found: &[Match]) -> Option<Verdict> {
        let at = matched.at.clone();
        let (row, rank, component) = match matched.kind {
            pattern::Kind::Words(same) => {
                let pattern =
                    same.iter().find(|pattern| pattern.conditions.iter().all(|condition| self.holds(condition)))?;
                let is_setup = (Weight::Misleading..=Weight::ToolMissing).contains(&pattern.row.weight);
                let rank = match () {
                    () if pattern.is_open => Rank::Open,
                    () if pattern.is_answer => Rank::Answer,
                    () if is_setup => Rank::Setup,
                    () => Rank::Words,
                };
                let asked = self.evidence.asked_identity || refine::names_identity(&self.lower);
                let row = refine::row(pattern.row, self.evidence.text, &self.lower, asked, &at);
                (row, rank, self.components.first())
            }
            pattern::Kind::Aadsts(number) => {
                let is_outer = pattern::is_outer_code(number)
                    && found.iter().any(|other| matches!(other.kind, pattern::Kind::Aadsts(code) if code != number));
                (refine::aadsts(number, is_outer, &self.lower)?, Rank::Code, Some(Component::EntraId))
            }
            pattern::Kind::Network(failure) => {
                // The reason follows the words that only say that all tries failed.
                let reason = || found.iter().find_map(|other| other.network_reason(&at));
                let failure = if failure == NetworkFailure::Other { reason().unwrap_or(failure) } else { failure };
                let endpoint = RequestedHost::dialled(self.evidence.text, &at);
                let is_field = self.is_field();
                let row = network::row_of_text(failure, endpoint.as_ref(), is_field, &self.lower)?;
                (row, Rank::Network, self.components.first())
            }
            pattern::Kind::Status(code) => {
                // Every vault answers the first request so, with the challenge that names its tenant.
                let is_challenge = code == status::UNAUTHORIZED && self.lower[..at.start].ends_with("response ");
                // go-autorest names the request that the token is for. The status is that of the token's endpoint.
                if self.lower[..at.start].contains("failed to refresh the token for request to") {
                    return None;
                }
                let endpoint = RequestedHost::requested(self.evidence.text, &at).filter(|_| !is_challenge);
                // A text that only mentions Key Vault can be about another service's answer.
                let answered = || self.components.first().filter(|_| !is_challenge && self.is_answered_by_client());
                if let Some(row) = endpoint.as_ref().and_then(|endpoint| refine::status_of_other(code, endpoint)) {
                    return Some(Verdict { row, component: None, at, rank: Rank::Status });
                }
                let component = endpoint.map_or_else(answered, |endpoint| endpoint.component());
                (refine::status(code, component?, &self.lower)?, Rank::Status, component)
            }
            pattern::Kind::Failed(_) => return None,
        };
        Some(Verdict { row, component, at, rank })
    }

    /// Returns the row for the status of a component that is known.
    fn of_status(&self) -> Option<Verdict> {
        let (component, status) = (self.evidence.component?, self.evidence.status?);
        let row = refine::status(status, component, &self.lower)?;
        Some(Verdict { row, component: Some(component), at: 0..0, rank: Rank::Status })
    }

    /// Returns true if a further condition of a pattern holds.
    fn holds(&self, condition: &pattern::Condition) -> bool {
        match condition {
            pattern::Condition::Has(words) => self.lower.contains(words),
            pattern::Condition::Lacks(words) => !self.lower.contains(words),
            // A single word to explain is of this field, and names no component.
            pattern::Condition::Answered(component) => {
                self.components.has(*component) || (self.evidence.is_field && !self.components.any())
            }
            pattern::Condition::IsOurs => self.is_field(),
        }
    }

    /// Returns true if the text names a client of Key Vault, an identity endpoint or a library, and not only a vault.
    fn is_answered_by_client(&self) -> bool {
        let clients =
            ["keyvault.baseclient#", "keyvault.managementclient#", "azsecrets", "secretclient", "key vault secret"];
        self.components.first() != Some(Component::KeyVault) || clients.iter().any(|client| self.lower.contains(client))
    }

    fn is_field(&self) -> bool {
        self.evidence.is_field || self.components.any()
    }

    /// Returns the row for an error of a component if no row has its words.
    fn not_recognized(&self, found: &[Match]) -> Option<Verdict> {
        found.iter().find_map(|matched| {
            let pattern::Kind::Failed(failed) = matched.kind else { return None };
            Some(Verdict {
                row: other_programs::NOT_RECOGNIZED,
                component: Some(self.failed_component(failed, &matched.at)?),
                at: matched.at.clone(),
                rank: Rank::Component,
            })
        })
    }

    /// Returns the component that reports what failed, if it is one of this field.
    fn failed_component(&self, failed: Failed, at: &Range<usize>) -> Option<Component> {
        // The component that the message is about, and not one of its stack trace.
        let near = at.start.saturating_sub(NEAR)..(at.end + NEAR).min(self.lower.len());
        let near = Components::of(None, self.lower.get(near).unwrap_or_default());
        let first_of = |components: &[Component]| {
            let in_order = |found: &Components| components.iter().copied().find(|component| found.has(*component));
            in_order(&near).or_else(|| in_order(&self.components))
        };
        let any = near.first().or(self.components.first());
        match failed {
            // A class without a message says nothing.
            Failed::SignInClass => {
                let message = self.evidence.text[at.end..].trim_start_matches([':', ' ']);
                let has_words = !message.starts_with("at ") && message.split_whitespace().take(3).count() == 3;
                any.filter(|_| has_words)
            }
            // The service that the token is for received no request.
            Failed::SignIn | Failed::Token => {
                // `SharedTokenCacheCredential authentication unavailable`.
                let is_class = self.lower[at.clone()].starts_with("credential")
                    && self.lower[..at.start].ends_with(|c: char| c.is_ascii_alphabetic());
                let is_known = is_class || any.is_some();
                first_of(Component::OF_SIGN_IN).or(is_known.then_some(Component::Library))
            }
            // Other services have errors and secrets of their own.
            Failed::Secret | Failed::Request => {
                let requested = RequestedHost::requested(self.evidence.text, at);
                if requested.is_some_and(|host| host.component() == Some(Component::IdentityEndpoint)) {
                    return Some(Component::IdentityEndpoint);
                }
                first_of(&[Component::KeyVault]).or_else(|| first_of(&[Component::IdentityEndpoint]))
            }
        }
    }
}

impl Verdict {
    /// Returns true if the row gives a reason, and not only a component.
    pub(super) fn gives_reason(&self) -> bool {
        self.rank < Rank::Open && self.row.weight != Weight::Vague
    }

    /// Returns true if an identity endpoint itself answered that there is no identity.
    pub(super) fn is_answer(&self) -> bool {
        self.rank == Rank::Answer
    }

    /// Returns true for the error of a whole chain.
    pub(super) fn is_chain(&self) -> bool {
        *self.row == *sign_in::CREDENTIAL_UNAVAILABLE
    }
}

#[cfg(test)]
mod tests {
    use super::patterns::all;
    use super::*;

    /// A text with the words of a pattern and of its conditions has the pattern's row.
    #[test]
    fn each_pattern_gives_its_row() {
        let mut wrong = Vec::new();
        for (row, pattern) in all() {
            let mut parts = pattern.split(" & ");
            let first = parts.next().unwrap_or_default().trim_start_matches(['~', '=']).trim_end_matches('*');
            let parts: Vec<&str> = parts.filter(|part| !part.starts_with('!')).collect();
            let component = parts.iter().find_map(|part| part.strip_prefix('@')).filter(|name| *name != "ours");
            let words = parts.iter().filter(|part| !part.starts_with('@')).copied();
            let text = std::iter::once(first).chain(words).collect::<Vec<_>>().join(" / ");
            let component = component.map(Component::of_name);
            let evidence = Evidence { component, is_field: true, ..Evidence::of_text(&text) };
            let code = classify(&evidence).map_or("nothing", |verdict| verdict.row.code);
            if code != row.code {
                wrong.push(format!("{pattern}: {code} instead of {}", row.code));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
