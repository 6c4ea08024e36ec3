//! Finds what identifies a failure in a text: [`patterns`], AADSTS codes, network failures, HTTP statuses, and words that
//! only say what failed.
//!
//! A pattern is the shortest literal text that identifies a message, in lower case and at word boundaries:
//!
//! | written | meaning |
//! |---|---|
//! | `a & b` | `a`, if the failure also contains `b` |
//! | `a & !b` | `a`, if the failure does not contain `b` |
//! | `a & @vault` | `a`, if this component answered: `identity`, `entra`, `vault`, `proxy`, `tool`, `ci`, `management`, or any: `ours` |
//! | `~a` | `a` leaves the reason open: any other match explains the failure better |
//! | `=a` | `a` is the answer of an identity endpoint: it is the reason, also in a chain |
//! | `a*` | `a` can end inside a word |

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::component::Component;
use super::network::{NetworkFailure, PHRASES};
use super::patterns;
use super::words::{Words, ends_word, starts_word};
use crate::diagnosis::table::{Row, sign_in};

/// Part of a text that matches a pattern or has a known form.
#[derive(Clone, Debug)]
pub(in crate::diagnosis) struct Match {
    pub(in crate::diagnosis) at: Range<usize>,
    pub(super) kind: Kind,
    /// The number of the pattern, the same for the same words.
    pub(in crate::diagnosis) pattern: usize,
}

impl Match {
    pub(in crate::diagnosis) fn is_network(&self) -> bool {
        matches!(self.kind, Kind::Network(_))
    }

    /// Returns the kind of a network failure that follows words without one.
    pub(super) fn network_reason(&self, vague: &Range<usize>) -> Option<NetworkFailure> {
        let is_near = vague.end <= self.at.start && self.at.start - vague.end < REASON;
        let Kind::Network(failure) = self.kind else { return None };
        (is_near && failure != NetworkFailure::Other).then_some(failure)
    }

    /// Returns true for the words of a chain's error.
    pub(in crate::diagnosis) fn is_of_chain(&self) -> bool {
        matches!(self.kind, Kind::Words(same) if *same[0].row == *sign_in::CREDENTIAL_UNAVAILABLE)
    }

    /// Returns the match in a text that begins `shift` bytes later.
    pub(in crate::diagnosis) fn before(&self, shift: usize) -> Match {
        let start = self.at.start.saturating_sub(shift);
        Match { at: start..start + self.at.len(), ..self.clone() }
    }

    /// Returns the match in a text that begins `shift` bytes earlier.
    pub(in crate::diagnosis) fn after(&self, shift: usize) -> Match {
        Match { at: self.at.start + shift..self.at.end + shift, ..self.clone() }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Words of one or more rows.
    Words(&'static [Pattern]),
    Aadsts(u32),
    Network(NetworkFailure),
    /// An HTTP status of an error.
    Status(u16),
    /// Words that say that something of this field failed, and not why.
    Failed(Failed),
}

/// What a text without a reason says has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// A sign-in: the name of an exception class of an identity library.
    SignInClass,
    /// A sign-in, in the words of any program.
    SignIn,
    /// A request for a token.
    Token,
    /// Reading a secret or a vault.
    Secret,
    /// A request to any service: the name of an exception class of a client library.
    Request,
}

/// A pattern of a row, parsed.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) row: &'static Row,
    words: &'static str,
    pub(super) conditions: Vec<Condition>,
    pub(super) is_open: bool,
    pub(super) is_answer: bool,
    is_prefix: bool,
}

/// A further condition of a pattern.
#[derive(Debug)]
pub(super) enum Condition {
    Has(&'static str),
    Lacks(&'static str),
    Answered(Component),
    IsOurs,
}

impl Pattern {
    fn parse(row: &'static Row, text: &'static str) -> Self {
        let mut parts = text.split(" & ");
        let first = parts.next().unwrap_or_default();
        let (is_open, words) = first.strip_prefix('~').map_or((false, first), |words| (true, words));
        let (is_answer, words) = words.strip_prefix('=').map_or((false, words), |words| (true, words));
        let (is_prefix, words) = words.strip_suffix('*').map_or((false, words), |words| (true, words));
        let conditions = parts.map(|part| match (part.strip_prefix('@'), part.strip_prefix('!')) {
            (Some("ours"), _) => Condition::IsOurs,
            (Some(name), _) => Condition::Answered(Component::of_name(name)),
            (_, Some(words)) => Condition::Lacks(words),
            _ => Condition::Has(part),
        });
        Pattern { row, words, conditions: conditions.collect(), is_open, is_answer, is_prefix }
    }
}

/// Bytes after a network failure without its kind in which the kind can be.
const REASON: usize = 600;

/// The prefix of Entra ID's error codes.
const AADSTS: &str = "aadsts";

/// The words before an HTTP status.
const STATUSES: [&str; 21] = [
    "status code: '",
    "status code: ",
    "status code = '",
    "status code ",
    "status code:",
    "statuscode: ",
    "statuscode=",
    "statuscode\":",
    "statuscode\": ",
    "status: ",
    "status=",
    "response ",
    "status ",
    "http error ",
    "http response: ",
    "response code: ",
    "returned error: ",
    "does not indicate success: ",
    "clientresponseerror: ",
    "client error '",
    // requests for Python: `401 Client Error: Unauthorized for url: https://...`.
    CLIENT_ERROR,
];

/// The words after an HTTP status.
const CLIENT_ERROR: &str = " client error: ";

/// Words that say that something failed.
const FAILED: [(&str, Failed); 59] = [
    ("azureservicetokenproviderexception", Failed::SignInClass),
    ("autorest/adal/devicetoken", Failed::SignInClass),
    ("adal: ", Failed::SignInClass),
    ("clientauthenticationerror", Failed::SignInClass),
    ("clientauthenticationexception", Failed::SignInClass),
    ("authenticationfailedexception", Failed::SignInClass),
    ("authenticationrequirederror", Failed::SignInClass),
    ("authenticationrequiredexception", Failed::SignInClass),
    ("credentialunavailableerror", Failed::SignInClass),
    ("credentialunavailableexception", Failed::SignInClass),
    ("msalserviceexception", Failed::SignInClass),
    ("msalclientexception", Failed::SignInClass),
    ("msaluirequiredexception", Failed::SignInClass),
    ("msalthrottledserviceexception", Failed::SignInClass),
    ("msalthrottlingexception", Failed::SignInClass),
    ("clientautherror", Failed::SignInClass),
    ("managedidentityerror", Failed::SignInClass),
    ("interactionrequiredautherror", Failed::SignInClass),
    ("authenticationerror: unknown_error", Failed::SignInClass),
    ("credential authentication failed", Failed::SignIn),
    ("credential authentication unavailable", Failed::SignIn),
    ("credential.get_token failed", Failed::SignIn),
    ("authentication failed", Failed::SignIn),
    ("login failed", Failed::SignIn),
    ("failed to log in", Failed::SignIn),
    ("failed to login", Failed::SignIn),
    ("could not login", Failed::SignIn),
    ("could not log in", Failed::SignIn),
    ("failed to sign in", Failed::SignIn),
    ("failed to authenticate", Failed::SignIn),
    ("failed to do authentication", Failed::SignIn),
    ("getting credentials: exec", Failed::SignIn),
    // The usage errors of az.
    ("error: argument -", Failed::SignIn),
    ("arguments are required: -", Failed::SignIn),
    ("unrecognized arguments: -", Failed::SignIn),
    // Kubernetes, of the webhook that injects workload identity.
    ("failed calling webhook", Failed::SignIn),
    ("cannot configure default credentials", Failed::SignIn),
    ("keyvaultreferenceexception", Failed::Request),
    ("azure.requestfailedexception", Failed::Request),
    ("httpresponseerror", Failed::Request),
    ("httpresponseexception", Failed::Request),
    ("resourcenotfounderror", Failed::Request),
    ("resterror", Failed::Request),
    ("failure responding to request", Failed::Request),
    ("error code: keynotfound", Failed::Request),
    ("failed to", Failed::Token),
    ("could not", Failed::Token),
    ("couldn't", Failed::Token),
    ("cannot", Failed::Token),
    ("unable to", Failed::Token),
    ("error acquiring", Failed::Token),
    ("error building", Failed::Token),
    ("error fetching", Failed::Token),
    ("error getting", Failed::Token),
    ("error obtaining", Failed::Token),
    ("error populating", Failed::Token),
    ("error reading", Failed::Token),
    ("error refreshing", Failed::Token),
    ("error retrieving", Failed::Token),
];

/// What programs do with a token or a secret, by the stem of the verb.
const VERBS: [&str; 20] = [
    "acquir",
    "build",
    "configur",
    "creat",
    "decrypt",
    "download",
    "exchang",
    "fetch",
    "find",
    "get",
    "initializ",
    "obtain",
    "pars",
    "read",
    "receiv",
    "refresh",
    "renew",
    "request",
    "resolv",
    "retriev",
];
/// Bytes after a verb in which its object is.
const OBJECT: usize = 60;

/// Returns what was not had in a clause such as `failed to acquire an access token`, after its first words.
fn not_had(clause: &str, needs_verb: bool) -> Option<Failed> {
    let mut clause = clause.trim_start_matches(' ');
    let mut verb = "";
    if needs_verb {
        let starts = |verb: &&&str| clause.get(..verb.len()).is_some_and(|word| word.eq_ignore_ascii_case(verb));
        verb = VERBS.iter().find(starts)?;
        clause = &clause[verb.len()..];
    }
    let mut end = clause.len().min(OBJECT);
    while !clause.is_char_boundary(end) {
        end -= 1;
    }
    let clause = clause[..end].split([':', ';', '"']).next()?.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| clause.contains(word));
    match () {
        () if has(&["token", "credential", "authorizer", "azure cli", "azurecli"]) => Some(Failed::Token),
        // A secret that is not found is no failure to every program.
        () if verb != "find" && has(&["secret", "key vault", "keyvault"]) => Some(Failed::Secret),
        () => None,
    }
}

struct Matcher {
    words: Words,
    /// The patterns with the same words.
    patterns: Vec<Vec<Pattern>>,
}

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| {
    let mut by_words: BTreeMap<&str, Vec<Pattern>> = BTreeMap::new();
    for pattern in patterns::all().map(|(row, text)| Pattern::parse(row, text)) {
        by_words.entry(pattern.words).or_default().push(pattern);
    }
    let patterns: Vec<Vec<Pattern>> = by_words.into_values().collect();
    let words = patterns.iter().map(|same| same[0].words);
    let words = words.chain([AADSTS]).chain(PHRASES.iter().map(|(phrase, _)| *phrase)).chain(STATUSES);
    let words = words.chain(FAILED.iter().map(|(words, _)| *words));
    Matcher { words: Words::new(words), patterns }
});

/// Returns the matches in a text, in order.
pub(in crate::diagnosis) fn matches(text: &str) -> impl Iterator<Item = Match> {
    let all = &*MATCHER;
    all.words.find(text).into_iter().filter_map(move |(pattern, mut at)| {
        let kind = all.kind(pattern, text, &mut at)?;
        Some(Match { at, kind, pattern })
    })
}

impl Matcher {
    fn kind(&'static self, pattern: usize, text: &str, at: &mut Range<usize>) -> Option<Kind> {
        if let Some(same) = self.patterns.get(pattern) {
            let is_whole = starts_word(text, at.start) && (same[0].is_prefix || ends_word(text, at.end));
            return is_whole.then_some(Kind::Words(same));
        }
        let number = |least: usize| {
            let digits = text[at.end..].bytes().take(10).take_while(u8::is_ascii_digit).count();
            let number: Option<u32> = text[at.end..at.end + digits].parse().ok();
            number.filter(|_| digits >= least).map(|number| (number, digits))
        };
        let other = pattern - self.patterns.len();
        if other == 0 {
            let (code, length) = code(&text[at.end..])?;
            at.end += length;
            return Some(Kind::Aadsts(code));
        }
        if let Some((_, failure)) = PHRASES.get(other - 1) {
            return starts_word(text, at.start).then_some(Kind::Network(*failure));
        }
        if other - 1 - PHRASES.len() < STATUSES.len() {
            let status = if STATUSES[other - 1 - PHRASES.len()] == CLIENT_ERROR {
                let before = text.get(at.start.checked_sub(3)?..at.start)?;
                before.parse().ok()?
            } else {
                let (status, _) = number(3).filter(|(_, digits)| *digits == 3)?;
                at.end += 3;
                u16::try_from(status).ok()?
            };
            return (status >= 400).then_some(Kind::Status(status));
        }
        let (words, failed) = FAILED[other - 1 - PHRASES.len() - STATUSES.len()];
        if failed != Failed::Token {
            return Some(Kind::Failed(failed));
        }
        not_had(&text[at.end..], !words.starts_with("error ")).map(Kind::Failed)
    }
}

/// Returns the number of an AADSTS code and its length. GitHub's copied logs have links within numbers: `700[21](https://...)1`.
fn code(text: &str) -> Option<(u32, usize)> {
    let digits = |text: &str| text.bytes().take(10).take_while(u8::is_ascii_digit).count();
    let first = digits(text);
    let plain = || Some((text[..first].parse().ok()?, first));
    let linked = || {
        let link = text[first..].strip_prefix('[')?;
        let (inner, rest) = link.split_at(digits(link));
        let (_, last) = rest.strip_prefix("](http")?.split_once(')')?;
        let last = &last[..digits(last)];
        let number = format!("{}{inner}{last}", &text[..first]).parse().ok()?;
        Some((number, last.as_ptr() as usize + last.len() - text.as_ptr() as usize))
    };
    if first == 0 { None } else { linked().or_else(plain) }
}

/// Returns true for a code that only says that credentials were refused, and is followed by the code of the reason.
pub(super) fn is_outer_code(number: u32) -> bool {
    number == 70_002
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<&'static str> {
        let row = |matched: Match| if let Kind::Words(same) = matched.kind { Some(same[0].row.code) } else { None };
        matches(text).filter_map(row).collect()
    }

    #[test]
    fn patterns_match_whole_words() {
        assert_eq!(codes("Inner: ForbiddenByRbac."), ["forbidden-rbac"]);
        assert!(codes("NotForbiddenByRbac ForbiddenByRbacRule forbiddenByRbac_x").is_empty());
    }

    /// The automaton finds only the first of two equal words.
    #[test]
    fn words_are_of_one_kind() {
        let patterns = MATCHER.patterns.iter().map(|same| same[0].words);
        let mut words: Vec<&str> = patterns.chain(PHRASES.iter().map(|(phrase, _)| *phrase)).chain(STATUSES).collect();
        words.extend(FAILED.iter().map(|(words, _)| *words).chain([AADSTS]));
        words.sort_unstable();
        let twice: Vec<_> = words.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn a_code_can_contain_a_link() {
        for (text, expected) in [
            ("700211: x", Some((700_211, 6))),
            ("700[21](https://x/1#s:2)1: x", Some((700_211, 25))),
            ("700[x] 1", Some((700, 3))),
            ("x", None),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
    }

    #[test]
    fn a_status_is_that_of_an_error() {
        let status =
            |text| matches(text).find_map(|s| if let Kind::Status(status) = s.kind { Some(status) } else { None });
        assert_eq!(status("StatusCode: 403, x"), Some(403));
        assert_eq!(status("RESPONSE 404: 404 Not Found"), Some(404));
        for text in ["status: 200", "status: 4031", "status: x"] {
            assert_eq!(status(text), None, "{text}");
        }
    }
}
