//! The secrets that this run knows, and the search for them in a text.
//!
//! The registry is global, because a log line has no other way to it. It stores keyed hashes of pieces, and as text only
//! secrets shorter than a piece. A quoted secret can be encoded, so a text is searched in each of its decodings.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::ops::Range;
use std::sync::{LazyLock, PoisonError, RwLock, Weak};

use zeroize::Zeroizing;

use crate::env::{Env, VARIABLES};

use super::encodings::DecodedText;
use super::secret::Secret;
use super::tokens::MASK;

/// Bytes of a secret that are masked wherever they occur. Fewer tell little, and occur by chance.
const PIECE: usize = 12;
/// A secret of fewer bytes than a piece is masked as a whole. Below this length it would mask parts of ordinary words.
const SHORTEST: usize = 4;
/// Pieces stored of one secret. No header carries more bytes.
const LONGEST: usize = 64 << 10;

static REGISTRY: LazyLock<RwLock<SecretRegistry>> = LazyLock::new(RwLock::default);

/// The fetched values that are still in use. A thousand values of 25 KB have 25 million pieces: they are not hashed before a
/// text has to be searched for them.
static FETCHED: RwLock<Vec<Weak<Zeroizing<String>>>> = RwLock::new(Vec::new());

/// Hides a secret in all later output.
pub fn register_secret(secret: &str) {
    REGISTRY.write().unwrap_or_else(PoisonError::into_inner).add(secret);
}

/// Hides a fetched value in untrusted text for as long as the value is in use.
pub fn register_fetched(value: &Secret) {
    FETCHED.write().unwrap_or_else(PoisonError::into_inner).push(value.downgrade());
}

/// Registers the secrets in environment variables and the passwords of proxies.
pub fn register_env_secrets(env: &Env) {
    for variable in VARIABLES {
        match env.get(variable.name) {
            Some(secret) if variable.is_secret => register_secret(secret),
            Some(address) if variable.is_proxy => password_in(address).into_iter().for_each(register_secret),
            _ => {}
        }
    }
}

/// `[SCHEME://]USER:PASSWORD@HOST`
fn password_in(address: &str) -> Option<&str> {
    let (user, _) = address.rsplit_once('@')?;
    let (_, user) = user.split_once("://").unwrap_or(("", user));
    user.split_once(':').map(|(_, password)| password)
}

/// Returns true if there is a colon before an `@`: the text between them can be a password.
pub fn may_hold_password(value: &str) -> bool {
    value.rsplit_once('@').is_some_and(|(before, _)| before.contains(':'))
}

/// Replaces each known secret in a text, and each piece of one.
pub(super) fn mask_secrets(text: String) -> String {
    REGISTRY.read().unwrap_or_else(PoisonError::into_inner).mask(text)
}

/// Replaces each fetched value in these texts, and each piece of one.
pub fn mask_fetched<'a>(texts: impl IntoIterator<Item = &'a mut String>) {
    let values: Vec<_> = {
        let mut fetched = FETCHED.write().unwrap_or_else(PoisonError::into_inner);
        fetched.retain(|value| value.strong_count() > 0);
        fetched.iter().filter_map(Weak::upgrade).collect()
    };
    if values.is_empty() {
        return;
    }
    let texts: Vec<_> = texts.into_iter().collect();
    let quoted = SecretRegistry::quoted(&texts, values.iter().map(|value| value.as_str()));
    texts.into_iter().for_each(|text| *text = quoted.mask(std::mem::take(text)));
}

type Pieces = HashSet<u64, BuildHasherDefault<IdentityHasher>>;

#[derive(Default)]
struct SecretRegistry {
    key: Key,
    pieces: Pieces,
    short: Vec<Zeroizing<Vec<u8>>>,
}

/// A random hash key, new in each process. A token has a thousand pieces and every run registers one, so the hash must be
/// very cheap.
struct Key(u64, u64);

impl Default for Key {
    fn default() -> Self {
        let random = RandomState::new();
        Key(random.hash_one(0), random.hash_one(1))
    }
}

impl Key {
    /// Hashes each piece of a text.
    fn hashes(&self, bytes: &[u8]) -> impl Iterator<Item = u64> {
        bytes.windows(PIECE).map(|piece| self.hash(piece))
    }

    fn hash(&self, piece: &[u8]) -> u64 {
        let word = |from: usize| u64::from_le_bytes(piece[from..from + 8].try_into().expect("eight bytes"));
        let product = u128::from(word(0) ^ self.0) * u128::from(word(PIECE - 8) ^ self.1);
        #[allow(clippy::cast_possible_truncation, reason = "both halves are taken")]
        let (low, high) = (product as u64, (product >> 64) as u64);
        low ^ high
    }
}

/// Hashes nothing: the keys are hashes already.
#[derive(Default)]
struct IdentityHasher(u64);

impl Hasher for IdentityHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("the keys are u64")
    }
}

impl SecretRegistry {
    /// Collects only the pieces of the values that occur in the texts, to keep the memory small.
    fn quoted<'a>(texts: &[&mut String], values: impl Iterator<Item = &'a str>) -> Self {
        let mut quoted = SecretRegistry::default();
        let mut known = Pieces::default();
        let mut collect = |bytes: &[u8]| known.extend(quoted.key.hashes(&normalize(bytes)));
        for decoding in texts.iter().flat_map(|text| DecodedText::all(text)) {
            collect(&decoding.bytes);
            for run in decoding.base64_runs(PIECE) {
                decoding.decode_base64(&run).for_each(|bytes| collect(&bytes));
            }
        }
        values.for_each(|value| quoted.add_if(value, |piece| known.contains(piece)));
        quoted
    }

    fn add(&mut self, secret: &str) {
        self.pieces.reserve(secret.len());
        self.add_if(secret, |_| true);
    }

    fn add_if(&mut self, secret: &str, is_wanted: impl Fn(&u64) -> bool) {
        for decoding in DecodedText::all(secret) {
            let bytes = normalize(&decoding.bytes);
            match bytes.len() {
                0..SHORTEST => {}
                SHORTEST..PIECE if self.short.contains(&bytes) => {}
                SHORTEST..PIECE => self.short.push(bytes),
                _ => {
                    self.pieces.extend(self.key.hashes(&bytes).take(LONGEST).filter(&is_wanted));
                }
            }
        }
    }

    fn mask(&self, text: String) -> String {
        let mut covered = vec![false; text.len()];
        DecodedText::all(&text).for_each(|decoding| self.cover(&decoding, &mut covered));
        if !covered.contains(&true) {
            return text;
        }
        let mut masked = String::with_capacity(text.len());
        let mut was_covered = false;
        for (at, c) in text.char_indices() {
            match covered[at] {
                true if !was_covered => masked.push_str(MASK),
                true => {}
                false => masked.push(c),
            }
            was_covered = covered[at];
        }
        masked
    }

    /// Marks the bytes of the original text that decode to a piece of a secret.
    fn cover(&self, decoding: &DecodedText, covered: &mut [bool]) {
        self.find(&decoding.bytes, |found| covered[decoding.source_range(&found)].fill(true));
        for run in decoding.base64_runs(PIECE) {
            if decoding.decode_base64(&run).any(|bytes| self.is_in(&bytes)) {
                covered[decoding.source_range(&run)].fill(true);
            }
        }
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        let mut found = false;
        self.find(bytes, |_| found = true);
        found
    }

    /// Calls `found` with the range of each piece of a secret.
    fn find(&self, bytes: &[u8], mut found: impl FnMut(Range<usize>)) {
        let bytes = normalize(bytes);
        if !self.pieces.is_empty() {
            let known = self.key.hashes(&bytes).enumerate().filter(|(_, piece)| self.pieces.contains(piece));
            known.for_each(|(at, _)| found(at..at + PIECE));
        }
        for secret in &self.short {
            memchr::memmem::find_iter(&bytes, secret.as_slice()).for_each(|at| found(at..at + secret.len()));
        }
    }
}

/// Replaces spaces by `+`, as forms do, so that both spellings match.
fn normalize(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.iter().map(|byte| if *byte == b' ' { b'+' } else { *byte }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &str = "Xy7~Q8_quite+secret/indeed.and-\"long\"";

    fn registry(secrets: &[&str]) -> SecretRegistry {
        let mut registry = SecretRegistry::default();
        secrets.iter().for_each(|secret| registry.add(secret));
        registry
    }

    #[test]
    fn a_secret_is_masked_whole_in_part_and_quoted() {
        let registry = registry(&[SECRET, "pa55"]);
        let mask = |text: &str| registry.mask(text.to_owned());
        assert_eq!(mask(&format!("bad secret {SECRET}.")), "bad secret ***.");
        assert_eq!(mask(&format!("bad secret {}...", &SECRET[3..20])), "bad secret ***...");
        assert_eq!(mask("client_secret=Xy7%7EQ8_quite%2Bsecret%2Findeed.and-%22long%22&x=1"), "client_secret=***&x=1");
        assert_eq!(mask(&serde_json::json!([SECRET]).to_string()), "[\"***\"]");
        assert_eq!(mask("the password pa55 is old"), "the password *** is old");
        assert_eq!(mask("quite another secret"), "quite another secret");
        assert_eq!(mask(&format!("é{SECRET}é")), "é***é");
    }

    #[test]
    fn a_secret_is_masked_in_every_encoding() {
        let registry = registry(&["Xy7~Q8 quite+secret/indeed", "pa+5"]);
        let mask = |text: &str| registry.mask(text.to_owned());
        for encoded in [
            "Xy7~Q8 quite+secret/indeed",
            "Xy7%7eQ8+quite%2bsecret%2findeed",
            "Xy7~Q8%20quite%2Bsecret%2Findeed",
            "Xy7%257EQ8%2520quite%252Bsecret%252Findeed",
            r"Xy7~Q8 quite\u002Bsecret\/indeed",
            r"Xy7~Q8 quite\\u002Bsecret\\/indeed",
            "WHk3flE4IHF1aXRlK3NlY3JldC9pbmRlZWQ",
            "dXNlcjpYeTd-UTggcXVpdGUrc2VjcmV0L2luZGVlZA",
            "dXNlcjpYeTd%2bUTggcXVpdGUrc2VjcmV0L2luZGVlZA",
        ] {
            assert_eq!(mask(&format!("the word «{encoded}»")), "the word «***»", "{encoded}");
        }
        assert_eq!(mask("pa%2B5, pa%2b6"), "***, pa%2b6");
        assert_eq!(mask("100 % of https://login.example/a%2Fb, \\n"), "100 % of https://login.example/a%2Fb, \\n");
    }

    #[test]
    fn a_fetched_value_is_masked_while_it_is_in_use() {
        let values = [Secret::new(SECRET), Secret::new("pa55"), Secret::new("no"), Secret::new("from the vault")];
        values.iter().for_each(register_fetched);
        let mask = |text: &str| {
            let (mut text, mut other) = (text.to_owned(), "no words from the vault".to_owned());
            mask_fetched([&mut text, &mut other]);
            (text, other)
        };
        let masked = |text: &str| (text.to_owned(), "no words ***".to_owned());
        assert_eq!(mask(&format!("é{SECRET}, {}", &SECRET[3..20])), masked("é***, ***"));
        assert_eq!(mask("Xy7%7EQ8_quite%2Bsecret, BhNTU, from the"), masked("***, BhNTU, from the"));
        assert_eq!(mask("IFh5N35ROF9xdWl0ZStzZWNyZXQ= pa55 no"), masked("***= *** no"));
        drop(values);
        assert_eq!(mask(SECRET), (SECRET.to_owned(), "no words from the vault".to_owned()));
    }

    #[test]
    fn the_password_of_a_proxy_is_found() {
        for (address, password) in [
            ("http://user:pa%40ss@proxy.example:3128", Some("pa%40ss")),
            ("DOMAIN%5Cuser:pass@10.0.0.1", Some("pass")),
            ("http://user@proxy.example:3128", None),
            ("http://proxy.example:3128", None),
            ("socks5h://u:p:q@[::1]:1", Some("p:q")),
        ] {
            assert_eq!(password_in(address), password, "{address}");
        }
    }

    proptest! {
        #[test]
        fn no_piece_of_a_secret_is_left(before in ".*", secret in "[!-~]{16,80}", from in 0..4usize, after in ".*") {
            let part = &secret[from..from + PIECE];
            let masked = registry(&[&secret]).mask(format!("{before}{part}{after}"));
            prop_assert!(!masked.contains(part));
        }
    }
}
