//! Staging: rules that answer a request before the emulated service would see it, or spoil the connection.
//! The one mechanism by which tests, and the faults that need no state, make a service misbehave.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// The host name by which rules and records call the managed identity endpoint.
pub const IDENTITY: &str = "identity";

/// A request to be answered otherwise than Azure would.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The host it is about, with `*` for any run of characters; [`IDENTITY`] for the managed identity endpoint.
    pub host: String,
    /// What the path must begin with.
    pub path_prefix: String,
    /// What is answered: the request, or the attempt to connect.
    pub stage: Stage,
    /// How many matching requests go through before the rule begins.
    pub skip: usize,
    /// Of those then, each so many-th is answered by it, the first among them.
    pub every: usize,
    /// How many are answered by it; `None` is all of them.
    pub times: Option<usize>,
    /// Only requests that do (or do not) carry a proof: a bearer token, an identity header, a client secret.
    pub authorized: Option<bool>,
    /// What is done.
    pub action: Action,
}

/// When a rule acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// When a client asks the proxy for a connection to the host; the path is empty then.
    Connect,
    /// When a request has arrived.
    Request,
}

/// What a rule does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Answers this.
    Reply {
        /// The status code.
        status: u16,
        /// Headers beside `Content-Length`.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// Never answers, until the client leaves or the sandbox ends.
    Hang,
    /// Closes the connection without an answer.
    Close,
    /// Answers as the service would, but only after this long. On [`Stage::Connect`], connects after this long.
    Late(Duration),
    /// Answers this body one byte at a time.
    Trickle {
        /// The status code.
        status: u16,
        /// The body.
        body: Vec<u8>,
        /// The wait before each byte.
        pause: Duration,
    },
    /// Promises the whole body and closes after so many bytes of it.
    CutOff {
        /// The status code.
        status: u16,
        /// The body promised.
        body: Vec<u8>,
        /// How many bytes of it are sent.
        after: usize,
    },
    /// Answers as the service would, but closes after half of the body.
    CutShort,
    /// Does each of these in turn.
    InTurn(Vec<Action>),
    /// Answers a body without end.
    Endless {
        /// The status code.
        status: u16,
    },
    /// Writes these bytes, HTTP or not, and closes.
    Raw(Vec<u8>),
    /// On [`Stage::Connect`] alone: re-signs the TLS of the tunnel by an authority that nobody trusts.
    Intercept,
}

impl Action {
    /// Answers a status with a text, as `Content-Type: text/plain`.
    pub fn reply(status: u16, body: impl Into<Vec<u8>>) -> Action {
        let headers = vec![("Content-Type".into(), "text/plain".into())];
        Action::Reply { status, headers, body: body.into() }
    }

    /// Answers a status with a JSON text.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Action {
        let headers = vec![("Content-Type".into(), "application/json".into())];
        Action::Reply { status, headers, body: body.into() }
    }

    /// This act with one header more, where it is a reply.
    pub fn header(mut self, name: &str, value: &str) -> Action {
        if let Action::Reply { headers, .. } = &mut self {
            headers.push((name.into(), value.into()));
        }
        self
    }
}

impl Rule {
    /// A rule for every request to `host` below `path_prefix`.
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

    /// A rule for every attempt to connect to `host` through the proxy.
    pub fn connecting(host: impl Into<String>, action: Action) -> Rule {
        Rule { stage: Stage::Connect, ..Rule::new(host, "", action) }
    }

    /// This rule, beginning after the first `count` requests.
    pub fn skip(self, count: usize) -> Rule {
        Rule { skip: count, ..self }
    }

    /// This rule, for one request in `count`.
    pub fn every(self, count: usize) -> Rule {
        Rule { every: count, ..self }
    }

    /// This rule, for `count` requests only.
    pub fn times(self, count: usize) -> Rule {
        Rule { times: Some(count), ..self }
    }

    /// This rule, for requests that carry a proof.
    pub fn with_proof(self) -> Rule {
        Rule { authorized: Some(true), ..self }
    }

    /// This rule, for requests that carry none.
    pub fn without_proof(self) -> Rule {
        Rule { authorized: Some(false), ..self }
    }

    fn covers(&self, asked: &Asked<'_>) -> bool {
        self.stage == asked.stage
            && matches_glob(&self.host, asked.host)
            && asked.path.starts_with(&self.path_prefix)
            && self.authorized.is_none_or(|authorized| authorized == asked.authorized)
    }
}

/// What the rules are asked about.
pub(super) struct Asked<'a> {
    /// Which stage it is at.
    pub(super) stage: Stage,
    /// The host.
    pub(super) host: &'a str,
    /// The path, empty at [`Stage::Connect`].
    pub(super) path: &'a str,
    /// Whether it carries a proof.
    pub(super) authorized: bool,
}

/// The rules in force, each with how often it was met.
pub(super) struct Rules(Vec<(Rule, AtomicUsize)>);

impl Rules {
    /// These rules, none met yet.
    pub(super) fn new(rules: impl IntoIterator<Item = Rule>) -> Rules {
        Rules(rules.into_iter().map(|rule| (rule, AtomicUsize::new(0))).collect())
    }

    /// Whether one of them is about this very host.
    pub(super) fn mention(&self, host: &str) -> bool {
        self.0.iter().any(|(rule, _)| rule.host == host)
    }

    /// What the first rule in force does about this. Counts.
    pub(super) fn find(&self, asked: &Asked<'_>) -> Option<&Action> {
        self.0.iter().filter(|(rule, _)| rule.covers(asked)).find_map(|(rule, met)| {
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

/// Whether a text fits a pattern in which `*` stands for any run of characters.
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

    fn asked(host: &str) -> Asked<'_> {
        Asked { stage: Stage::Request, host, path: "/secrets/a", authorized: true }
    }

    #[test]
    fn a_glob_is_exact_but_for_its_stars() {
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
    fn a_rule_begins_and_ends_when_it_says() {
        let rules = Rules::new([Rule::new("v", "/secrets", Action::Close).skip(1).times(2)]);
        let met: Vec<bool> = (0..5).map(|_| rules.find(&asked("v")).is_some()).collect();
        assert_eq!(met, [false, true, true, false, false]);
    }

    #[test]
    fn one_in_so_many_is_answered_in_turn() {
        let actions = vec![Action::Close, Action::Hang];
        let rules = Rules::new([Rule::new("v", "", Action::InTurn(actions)).skip(1).every(3).times(3)]);
        let met: Vec<_> =
            (0..12).map(|_| rules.find(&asked("v")).map(|action| matches!(action, Action::Hang))).collect();
        let at = |number: usize| met[number];
        assert_eq!([at(1), at(4), at(7), at(10)], [Some(false), Some(true), Some(false), None]);
        assert_eq!(met.iter().flatten().count(), 3);
    }

    #[test]
    fn proof_and_stage_decide() {
        let rules =
            Rules::new([Rule::new("v", "", Action::Close).without_proof(), Rule::connecting("v", Action::Hang)]);
        assert!(rules.find(&asked("v")).is_none());
        assert!(matches!(rules.find(&Asked { authorized: false, ..asked("v") }), Some(Action::Close)));
        assert!(matches!(rules.find(&Asked { stage: Stage::Connect, path: "", ..asked("v") }), Some(Action::Hang)));
    }
}
