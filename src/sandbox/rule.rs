//! Rules that answer a request in place of the emulated service, or break the connection.
//!
//! Tests and stateless faults use them to make a service misbehave.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// Name of the managed identity endpoint in rules and records.
pub const IDENTITY: &str = "identity";
/// Name of a cluster's API server in rules and records. It has the address of the token proxy.
pub const API_SERVER: &str = "api-server";

/// A rule for requests that get another answer than Azure's.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The host, with `*` for any characters; [`IDENTITY`] for the managed identity endpoint.
    pub host: String,
    /// The prefix of the path.
    pub path_prefix: String,
    /// When the rule applies.
    pub stage: Stage,
    /// How many matching requests to skip first.
    pub skip: usize,
    /// Applies to one in this many requests after that, beginning with the first.
    pub every: usize,
    /// How often it applies. `None` means without limit.
    pub times: Option<usize>,
    /// `Some(true)` for requests with a credential only, `Some(false)` for requests without one.
    pub authorized: Option<bool>,
    /// What the rule does.
    pub action: Action,
}

/// The moment when a rule applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// When a client requests a connection to the host from the proxy. The path is empty.
    Connect,
    /// When a request has arrived.
    Request,
}

/// What a rule does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Sends this reply.
    Reply {
        /// The status code.
        status: u16,
        /// The headers, without `Content-Length`.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// Sends nothing until the client closes the connection or the sandbox ends.
    Hang,
    /// Closes the connection without a reply.
    Close,
    /// Answers as the service does, after this delay. On [`Stage::Connect`], connects after it.
    Late(Duration),
    /// Sends the body one byte at a time.
    Trickle {
        /// The status code.
        status: u16,
        /// The body.
        body: Vec<u8>,
        /// The pause before each byte.
        pause: Duration,
    },
    /// Announces the whole body and closes the connection after a part of it.
    CutOff {
        /// The status code.
        status: u16,
        /// The announced body.
        body: Vec<u8>,
        /// How many bytes are sent.
        after: usize,
    },
    /// Answers as the service does, but closes the connection after half of the body.
    CutShort,
    /// Does each of these in turn.
    InTurn(Vec<Action>),
    /// Sends a body without end.
    Endless {
        /// The status code.
        status: u16,
    },
    /// Sends these bytes, HTTP or not, and closes the connection.
    Raw(Vec<u8>),
    /// On [`Stage::Connect`] only: re-signs TLS with an authority that no client trusts.
    Intercept,
}

impl Action {
    /// Creates a plain text reply.
    pub fn reply(status: u16, body: impl Into<Vec<u8>>) -> Action {
        let headers = vec![("Content-Type".into(), "text/plain".into())];
        Action::Reply { status, headers, body: body.into() }
    }

    /// Creates a JSON reply.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Action {
        let headers = vec![("Content-Type".into(), "application/json".into())];
        Action::Reply { status, headers, body: body.into() }
    }

    /// Adds a header, if this is a reply.
    pub fn header(mut self, name: &str, value: &str) -> Action {
        if let Action::Reply { headers, .. } = &mut self {
            headers.push((name.into(), value.into()));
        }
        self
    }
}

impl Rule {
    /// Creates a rule for all requests to `host` with this path prefix.
    pub fn new(host: impl Into<String>, path_prefix: impl Into<String>, action: Action) -> Rule {
        Rule {
            host: host.into(),
            path_prefix: path_prefix.into(),
            stage: Stage::Request,
            skip: 0,
            every: 1,
            times: None,
            authorized: None,
            action,
        }
    }

    /// Creates a rule for connections to `host` through the proxy.
    pub fn connecting(host: impl Into<String>, action: Action) -> Rule {
        Rule { stage: Stage::Connect, ..Rule::new(host, "", action) }
    }

    /// Skips the first `count` requests.
    pub fn skip(self, count: usize) -> Rule {
        Rule { skip: count, ..self }
    }

    /// Applies to one request in `count`.
    pub fn every(self, count: usize) -> Rule {
        Rule { every: count, ..self }
    }

    /// Applies to `count` requests only.
    pub fn times(self, count: usize) -> Rule {
        Rule { times: Some(count), ..self }
    }

    /// Applies only to requests with a credential.
    pub fn with_credential(self) -> Rule {
        Rule { authorized: Some(true), ..self }
    }

    /// Applies only to requests without a credential.
    pub fn without_credential(self) -> Rule {
        Rule { authorized: Some(false), ..self }
    }

    fn covers(&self, subject: &RuleSubject<'_>) -> bool {
        self.stage == subject.stage
            && matches_glob(&self.host, subject.host)
            && subject.path.starts_with(&self.path_prefix)
            && self.authorized.is_none_or(|authorized| authorized == subject.authorized)
    }
}

/// A connection or a request, as rules see it.
pub(super) struct RuleSubject<'a> {
    pub(super) stage: Stage,
    pub(super) host: &'a str,
    /// Empty at [`Stage::Connect`].
    pub(super) path: &'a str,
    pub(super) authorized: bool,
}

/// All rules, each with the number of its matches.
pub(super) struct Rules(Vec<(Rule, AtomicUsize)>);

impl Rules {
    pub(super) fn new(rules: impl IntoIterator<Item = Rule>) -> Rules {
        Rules(rules.into_iter().map(|rule| (rule, AtomicUsize::new(0))).collect())
    }

    /// True if a rule names exactly this host.
    pub(super) fn mention(&self, host: &str) -> bool {
        self.0.iter().any(|(rule, _)| rule.host == host)
    }

    /// Returns the action of the first rule that applies. Counts the match.
    pub(super) fn find(&self, subject: &RuleSubject<'_>) -> Option<&Action> {
        self.0.iter().filter(|(rule, _)| rule.covers(subject)).find_map(|(rule, met)| {
            let before = met.fetch_add(1, Ordering::SeqCst);
            let turns = before.checked_sub(rule.skip).filter(|since| since % rule.every == 0)? / rule.every;
            let ended = rule.times.is_some_and(|times| turns >= times);
            (!ended).then(|| match &rule.action {
                Action::InTurn(actions) => &actions[turns % actions.len()],
                action => action,
            })
        })
    }
}

/// True if the text matches the pattern, in which `*` stands for any characters.
fn matches_glob(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(start) else {
        return false;
    };
    (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| matches_glob(rest, &text[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(host: &str) -> RuleSubject<'_> {
        RuleSubject { stage: Stage::Request, host, path: "/secrets/a", authorized: true }
    }

    #[test]
    fn glob_is_exact_except_for_stars() {
        for (pattern, text, fits) in [
            ("a.net", "a.net", true),
            ("a.net", "b.a.net", false),
            ("*.net", "b.a.net", true),
            ("*", "", true),
            ("my-*.net", "my-vault.vault.net", true),
            ("my-*.net", "my-vault.com", false),
        ] {
            assert_eq!(matches_glob(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn rule_skips_and_ends_by_count() {
        let rules = Rules::new([Rule::new("v", "/secrets", Action::Close).skip(1).times(2)]);
        let met: Vec<bool> = (0..5).map(|_| rules.find(&subject("v")).is_some()).collect();
        assert_eq!(met, [false, true, true, false, false]);
    }

    #[test]
    fn every_nth_request_gets_the_next_action() {
        let actions = vec![Action::Close, Action::Hang];
        let rules = Rules::new([Rule::new("v", "", Action::InTurn(actions)).skip(1).every(3).times(3)]);
        let met: Vec<_> =
            (0..12).map(|_| rules.find(&subject("v")).map(|action| matches!(action, Action::Hang))).collect();
        let at = |number: usize| met[number];
        assert_eq!([at(1), at(4), at(7), at(10)], [Some(false), Some(true), Some(false), None]);
        assert_eq!(met.iter().flatten().count(), 3);
    }

    #[test]
    fn rule_depends_on_credential_and_stage() {
        let rules =
            Rules::new([Rule::new("v", "", Action::Close).without_credential(), Rule::connecting("v", Action::Hang)]);
        assert!(rules.find(&subject("v")).is_none());
        assert!(matches!(rules.find(&RuleSubject { authorized: false, ..subject("v") }), Some(Action::Close)));
        assert!(matches!(
            rules.find(&RuleSubject { stage: Stage::Connect, path: "", ..subject("v") }),
            Some(Action::Hang)
        ));
    }
}
