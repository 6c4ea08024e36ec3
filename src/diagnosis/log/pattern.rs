//! Finds the patterns of all rows, and AADSTS codes, in a text. No other module matches error messages.

use std::sync::LazyLock;

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Input, MatchKind};

use super::text::Text;
use crate::diagnosis::table::{Row, Weight, aadsts, identity, network, other_programs, rows, service, sign_in, vault};
use crate::env;

/// A match of a pattern.
#[derive(Clone, Copy)]
pub(super) struct Match {
    pub(super) row: &'static Row,
    /// Offset in the unwrapped text.
    pub(super) at: u32,
    length: u16,
    /// Index of the pattern. AADSTS codes have the last one.
    pattern: u16,
}

impl Match {
    pub(super) fn begin(&self) -> usize {
        self.at as usize
    }

    pub(super) fn end(&self) -> usize {
        self.at as usize + usize::from(self.length)
    }

    /// Returns true for a match of the same pattern.
    pub(super) fn is_like(&self, other: &Match) -> bool {
        self.row == other.row && self.pattern == other.pattern
    }

    /// Returns true for the heading of a chain's error. The name of its exception does not count: single credentials use it
    /// too.
    pub(super) fn is_heading(&self) -> bool {
        let is_class = |pattern: &&str| pattern.starts_with("credentialunavailable");
        *self.row == *sign_in::CREDENTIAL_UNAVAILABLE
            && !PATTERNS.patterns.get(usize::from(self.pattern)).is_some_and(is_class)
    }

    /// Returns true for an AADSTS code.
    pub(super) fn is_aadsts(&self) -> bool {
        usize::from(self.pattern) == PATTERNS.rows.len()
    }
}

/// The patterns of all rows, in one automaton.
struct Patterns {
    automaton: NFA,
    patterns: Vec<&'static str>,
    /// The row of each pattern. The last pattern, of AADSTS codes, has none.
    rows: Vec<&'static Row>,
}

/// The prefix of Entra ID's error codes.
const AADSTS: &str = "aadsts";
/// Words near an error of Azure. Other services have errors with the same words.
const AZURE_WORDS: [&str; 6] = ["azure", "vault", "microsoft", "169.254.169.254", "entra", "msi"];
/// A shorter text was chosen by the user, so it is about Azure.
const SHORTEST_LOG: usize = 2_000;
/// Bytes around a match that are searched for such words.
const NEAR: usize = 600;

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let (patterns, rows): (Vec<&str>, Vec<&'static Row>) =
        rows().flat_map(|row| row.patterns.iter().map(move |pattern| (*pattern, row))).unzip();
    let automaton = NFA::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(patterns.iter().copied().chain([AADSTS]))
        .expect("a few hundred patterns fit into an automaton");
    Patterns { automaton, patterns, rows }
});

/// Returns all matches in a text, in order.
pub(super) fn all(text: &Text) -> impl Iterator<Item = Match> {
    let found = PATTERNS.automaton.try_find_iter(Input::new(text.as_str()));
    found.into_iter().flatten().filter_map(|found| {
        let at = u32::try_from(found.start()).ok()?;
        let pattern = found.pattern().as_usize();
        let (row, length) = match PATTERNS.rows.get(pattern) {
            Some(row) => (refined(row, text, found.start(), found.end()), found.len()),
            None => {
                let after = &text.as_str()[found.end()..];
                let digits = after.bytes().take(10).take_while(u8::is_ascii_digit).count();
                let number = after[..digits].parse().ok()?;
                (aadsts::row(number).unwrap_or(sign_in::SIGN_IN_REFUSED), found.len() + digits)
            }
        };
        Some(Match { row, at, length: u16::try_from(length).ok()?, pattern: u16::try_from(pattern).ok()? })
    })
}

/// Returns the matches that are errors of Azure. In a long text, an ambiguous match counts only near a word of Azure.
pub(super) fn of_azure(text: &Text) -> impl Iterator<Item = Match> {
    let is_short = text.as_str().len() < SHORTEST_LOG;
    all(text).filter(move |seen| is_short || !is_ambiguous(seen) || is_near_azure_word(text, seen))
}

fn is_ambiguous(seen: &Match) -> bool {
    let row = seen.row;
    !seen.is_aadsts()
        && (row.weight == Weight::Vague
            || network::ROWS.contains(&row)
            || [service::THROTTLED, vault::FORBIDDEN_ACCESS_POLICY, other_programs::DRIVER_OBJECT_FORMAT]
                .contains(&row))
}

fn is_near_azure_word(text: &Text, seen: &Match) -> bool {
    let around = around(text, seen.begin(), seen.end(), NEAR).to_ascii_lowercase();
    AZURE_WORDS.iter().any(|word| around.contains(word))
}

/// Returns the text of a range and `reach` bytes on each side.
fn around(text: &Text, begin: usize, end: usize, reach: usize) -> &str {
    let text = text.as_str();
    let (mut from, mut to) = (begin.saturating_sub(reach), (end + reach).min(text.len()));
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    while !text.is_char_boundary(to) {
        to += 1;
    }
    &text[from..to]
}

/// Returns a more specific row if the text around the match calls for one.
fn refined(row: &'static Row, text: &Text, begin: usize, end: usize) -> &'static Row {
    let near = |reach| around(text, begin, end, reach);
    if row == identity::MULTIPLE_IDENTITIES {
        let near = near(NEAR);
        let is_driver = ["BearerAuthorizer", "secrets-store", "SecretProviderClass", "MountVolume"];
        let is_terraform = ["azurerm", "erraform"];
        let has = |words: &[&str]| words.iter().any(|word| near.contains(word));
        return if has(&is_driver) && !has(&is_terraform) { other_programs::DRIVER_IDENTITY_NOT_SELECTED } else { row };
    }
    if row == sign_in::ENVIRONMENT_INCOMPLETE {
        // `These variables are set: AZURE_CLIENT_ID`, followed by others.
        let set = text.after(end, 0);
        let others = [env::AZURE_TENANT_ID, env::AZURE_CLIENT_SECRET, "AZURE_CLIENT_CERT", env::AZURE_USERNAME];
        let is_alone = set.trim_start().starts_with(env::AZURE_CLIENT_ID)
            && !others.iter().any(|other| set.get(..200).unwrap_or(set).contains(other));
        return if is_alone { sign_in::CLIENT_ID_ONLY } else { row };
    }
    if ![network::VAULT_NAME_UNKNOWN, network::UNREACHABLE, network::CERTIFICATE_NOT_TRUSTED].contains(&row) {
        return row;
    }
    let near = near(200);
    if near.contains("169.254.169.254") {
        return identity::MANAGED_IDENTITY_UNAVAILABLE;
    }
    if row != network::UNREACHABLE && near.contains(".privatelink.vaultcore.") {
        return network::PRIVATELINK_NAME;
    }
    // An unknown name can be that of a vault or of another host.
    let is_vault = near.contains(".vault.") || near.contains(".vaultcore.");
    let is_other = ["login.microsoft", "login.chinacloudapi", "login.windows", "sts.windows", "management.azure"];
    if row == network::VAULT_NAME_UNKNOWN && !is_vault && is_other.iter().any(|host| near.contains(host)) {
        return network::UNREACHABLE;
    }
    row
}
