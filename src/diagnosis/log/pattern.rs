//! The signs of errors in a text: each row's words, and Entra ID's numbers. The only matcher of messages.

use std::sync::LazyLock;

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Input, MatchKind};

use super::text::Text;
use crate::diagnosis::table::{Row, Weight, aadsts, identity, network, other_programs, rows, service, sign_in, vault};
use crate::env;

/// A sign that was seen.
#[derive(Clone, Copy)]
pub(super) struct Match {
    /// What it is a sign of.
    pub(super) row: &'static Row,
    /// Where it begins in the running text.
    pub(super) at: u32,
    /// How long it is.
    length: u16,
    /// Which sign it is; others of the same row are others.
    sign: u16,
}

impl Match {
    /// Where it begins.
    pub(super) fn begin(&self) -> usize {
        self.at as usize
    }

    /// Where it ends.
    pub(super) fn end(&self) -> usize {
        self.at as usize + usize::from(self.length)
    }

    /// Whether the same words were seen.
    pub(super) fn is_like(&self, other: &Match) -> bool {
        self.row == other.row && self.sign == other.sign
    }

    /// Whether it is the heading of a chain's report, and not only the class of its exception, which single credentials
    /// have too.
    pub(super) fn is_heading(&self) -> bool {
        let is_class = |sign: &&str| sign.starts_with("credentialunavailable");
        *self.row == *sign_in::CREDENTIAL_UNAVAILABLE && !SIGNS.signs.get(usize::from(self.sign)).is_some_and(is_class)
    }

    /// Whether it is one of Entra ID's numbers.
    pub(super) fn is_number(&self) -> bool {
        usize::from(self.sign) == SIGNS.rows.len()
    }
}

/// Every row's signs, ready to be looked for all at once.
struct Signs {
    automaton: NFA,
    /// The words of each.
    signs: Vec<&'static str>,
    /// The row of each sign; Entra ID's mark comes last and has none.
    rows: Vec<&'static Row>,
}

/// Entra ID's mark, behind which its number stands.
const MARK: &str = "aadsts";
/// The words that tell a failure of Azure's from the same words about anything else.
const OURS: [&str; 6] = ["azure", "vault", "microsoft", "169.254.169.254", "entra", "msi"];
/// What is shorter was chosen by a person, who knows what it is about.
const PASTED: usize = 2_000;
/// So far around a sign they are looked for.
const NEAR: usize = 600;

static SIGNS: LazyLock<Signs> = LazyLock::new(|| {
    let (signs, rows): (Vec<&str>, Vec<&'static Row>) =
        rows().flat_map(|row| row.patterns.iter().map(move |sign| (*sign, row))).unzip();
    let automaton = NFA::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(signs.iter().copied().chain([MARK]))
        .expect("some hundred signs make no automaton too large");
    Signs { automaton, signs, rows }
});

/// The signs in a text, in its order, whatever it is about.
pub(super) fn all(text: &Text) -> impl Iterator<Item = Match> {
    let found = SIGNS.automaton.try_find_iter(Input::new(text.as_str()));
    found.into_iter().flatten().filter_map(|found| {
        let at = u32::try_from(found.start()).ok()?;
        let sign = found.pattern().as_usize();
        let (row, length) = match SIGNS.rows.get(sign) {
            Some(row) => (refined(row, text, found.start(), found.end()), found.len()),
            None => {
                let after = &text.as_str()[found.end()..];
                let digits = after.bytes().take(10).take_while(u8::is_ascii_digit).count();
                let number = after[..digits].parse().ok()?;
                (aadsts::row(number).unwrap_or(sign_in::SIGN_IN_REFUSED), found.len() + digits)
            }
        };
        Some(Match { row, at, length: u16::try_from(length).ok()?, sign: u16::try_from(sign).ok()? })
    })
}

/// The signs of Azure's failures: in a long text, what could be about anything else counts where Azure is spoken of.
pub(super) fn of_azure(text: &Text) -> impl Iterator<Item = Match> {
    let is_pasted = text.as_str().len() < PASTED;
    all(text).filter(move |seen| is_pasted || !could_be_anothers(seen) || is_of_azure(text, seen))
}

fn could_be_anothers(seen: &Match) -> bool {
    let row = seen.row;
    !seen.is_number()
        && (row.weight == Weight::Vague
            || network::ROWS.contains(&row)
            || [service::THROTTLED, vault::FORBIDDEN_ACCESS_POLICY, other_programs::DRIVER_OBJECT_FORMAT]
                .contains(&row))
}

fn is_of_azure(text: &Text, seen: &Match) -> bool {
    let around = around(text, seen.begin(), seen.end(), NEAR).to_ascii_lowercase();
    OURS.iter().any(|word| around.contains(word))
}

/// What stands around a place, some bytes to each side.
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

/// The row that the words around a sign make of its own.
fn refined(row: &'static Row, text: &Text, begin: usize, end: usize) -> &'static Row {
    let near = |reach| around(text, begin, end, reach);
    if row == identity::SEVERAL_IDENTITIES {
        let near = near(NEAR);
        let is_driver = ["BearerAuthorizer", "secrets-store", "SecretProviderClass", "MountVolume"];
        let is_terraform = ["azurerm", "erraform"];
        let has = |words: &[&str]| words.iter().any(|word| near.contains(word));
        return if has(&is_driver) && !has(&is_terraform) { other_programs::DRIVER_IDENTITY_NOT_NAMED } else { row };
    }
    if row == sign_in::ENVIRONMENT_INCOMPLETE {
        // `These variables are set: AZURE_CLIENT_ID`, and more of them behind it.
        let set = text.after(end, 0);
        let others = [env::AZURE_TENANT_ID, env::AZURE_CLIENT_SECRET, "AZURE_CLIENT_CERT", env::AZURE_USERNAME];
        let alone = set.trim_start().starts_with(env::AZURE_CLIENT_ID)
            && !others.iter().any(|other| set.get(..200).unwrap_or(set).contains(other));
        return if alone { sign_in::CLIENT_ID_ALONE } else { row };
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
    // Whose name it is that nobody knows decides whether it is a vault's.
    let is_vault = near.contains(".vault.") || near.contains(".vaultcore.");
    let is_other = ["login.microsoft", "login.chinacloudapi", "login.windows", "sts.windows", "management.azure"];
    if row == network::VAULT_NAME_UNKNOWN && !is_vault && is_other.iter().any(|host| near.contains(host)) {
        return network::UNREACHABLE;
    }
    row
}
