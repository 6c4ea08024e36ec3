//! The words of others: what a server, a proxy, a program or a file says, made fit to be told.
//!
//! Nobody can know what such a text quotes. Each passes through [`sanitize`] where it comes in, which cuts out pieces of the
//! secrets that this run holds, whatever looks like a token and whatever a terminal would act on or not show, and clips
//! the rest. What goes out is masked once more, by [`sanitize_line`], whoever wrote it.
//!
//! The list of what is held is the process's own: a log line has no other way to it. It keeps no text of 12 characters or
//! more, only keyed hashes of its pieces. What is quoted may be encoded, so that a text is searched in each of its readings.

mod encodings;
pub mod identifiers;
pub mod secret;
pub mod stream;

use std::borrow::Cow;
use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::io;
use std::ops::Range;
use std::sync::{LazyLock, PoisonError, RwLock};

use serde_json::Value;
use zeroize::Zeroizing;

use crate::env::{Env, VARIABLES};
use crate::redact::secret::mask_tokens;

use encodings::Reading;

/// The longest text that is told, in characters.
const LIMIT: usize = 1_000;
/// A piece of a secret as long as this is cut out; a shorter one says too little of it, and occurs by chance.
const PIECE: usize = 12;
/// A secret shorter than a piece is cut out whole; one shorter than this would cut up every word.
const SHORTEST: usize = 4;
/// No secret is longer than this in what it is known by: no header carries more.
const LONGEST: usize = 64 << 10;
/// What stands for what was cut out.
const MASK: &str = "***";

/// What commands to the agents of pipelines begin with, which read them anywhere in a line: `##vso[` and `##[`
/// (<https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>).
pub const COMMAND_MARKER: &str = "##";

static REGISTRY: LazyLock<RwLock<SecretRegistry>> = LazyLock::new(RwLock::default);

/// What is known of the secrets of this run.
#[derive(Default)]
struct SecretRegistry {
    key: Key,
    pieces: HashSet<u64, BuildHasherDefault<IdentityHasher>>,
    short: Vec<Zeroizing<Vec<u8>>>,
}

/// What pieces are hashed with: chance, anew in each process. A token has a thousand pieces and is taken in by every run,
/// so that a hash has to cost next to nothing.
struct Key(u64, u64);

impl Default for Key {
    fn default() -> Self {
        let chance = RandomState::new();
        Key(chance.hash_one(0), chance.hash_one(1))
    }
}

impl Key {
    fn hash(&self, piece: &[u8]) -> u64 {
        let word = |from: usize| u64::from_le_bytes(piece[from..from + 8].try_into().expect("eight bytes"));
        let product = u128::from(word(0) ^ self.0) * u128::from(word(PIECE - 8) ^ self.1);
        #[allow(clippy::cast_possible_truncation, reason = "both halves are taken")]
        let (low, high) = (product as u64, (product >> 64) as u64);
        low ^ high
    }
}

/// What is a hash already needs no other.
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
        unreachable!("hashes alone are kept")
    }
}

/// Keeps a secret out of whatever is told from now on.
pub fn register_secret(secret: &str) {
    REGISTRY.write().unwrap_or_else(PoisonError::into_inner).add(secret);
}

/// Keeps the secrets in the environment out of it, and the passwords of proxies.
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

/// Somebody else's text as it may be kept and told: without pieces of secrets, tokens and what is not seen, and clipped.
/// Its lines stay lines.
pub fn sanitize(text: &str) -> String {
    let seen: Cow<'_, str> = match is_printable_ascii(text) {
        true => text.into(),
        false => text.chars().filter(|c| matches!(c, '\n' | '\t') || !is_invisible(*c)).collect(),
    };
    // Megabytes need not be searched for what is not told.
    let beginning = cut(&seen, 8 * LIMIT);
    let told = masked(beginning.to_owned());
    let kept = cut(&told, LIMIT);
    if (kept.len(), beginning.len()) == (told.len(), seen.len()) {
        return told;
    }
    // What is longer says how long it was.
    format!("{kept}… ({} characters)", seen.chars().count())
}

/// Any text as it may be told on one line: without pieces of secrets, tokens and what is not seen. Line breaks become
/// blanks.
pub fn sanitize_line(text: &str) -> String {
    masked(strip_control_chars(text))
}

/// What is listed, on one line: without what is not seen and without commands to a pipeline, and otherwise as it is, for a
/// name with a part masked would be another name.
pub fn strip_control_chars(text: &str) -> String {
    let text: String = if is_printable_ascii(text) { text.to_owned() } else { text.chars().filter_map(seen).collect() };
    if text.contains(COMMAND_MARKER) { text.replace("##vso[", "# #vso[").replace("##[", "# #[") } else { text }
}

/// The first line of somebody else's words: what follows it is advice, a trace, or the same once more.
pub fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim()
}

/// What the system says of a failure, without the error number, or Windows' full stop, behind it.
pub fn os_error_text(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).trim_end_matches('.').to_lowercase()
}

/// Every text in somebody else's value, cleaned.
pub fn sanitize_json(value: Value) -> Value {
    each_text(value, &|text| sanitize(&text))
}

/// A value as it may be told: every text in it without pieces of secrets and tokens. What is not seen is the writer's to
/// escape.
pub fn mask_json(value: Value) -> Value {
    each_text(value, &masked)
}

fn each_text(value: Value, change: &dyn Fn(String) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(text)),
        Value::Array(values) => values.into_iter().map(|value| each_text(value, change)).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, each_text(value, change))).collect(),
        other => other,
    }
}

/// Whether a text is nothing but letters, digits and signs of ASCII, as most are: all of it is seen.
pub fn is_printable_ascii(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

/// Whether a character is not seen, or changes how those around it are: controls, marks that turn the direction of text
/// around, with which a line can be made to read as another, and what has no width, which is what Unicode calls
/// `Default_Ignorable_Code_Point`. Line breaks and tabs are among them.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn seen(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        c => (!is_invisible(c)).then_some(c),
    }
}

fn masked(text: String) -> String {
    mask_tokens(&REGISTRY.read().unwrap_or_else(PoisonError::into_inner).mask(text))
}

/// No more than so many characters.
fn cut(text: &str, limit: usize) -> &str {
    text.char_indices().nth(limit).map_or(text, |(end, _)| &text[..end])
}

impl SecretRegistry {
    fn add(&mut self, secret: &str) {
        for reading in Reading::all(secret) {
            let bytes = same(&reading.bytes);
            match bytes.len() {
                0..SHORTEST => {}
                SHORTEST..PIECE if self.short.contains(&bytes) => {}
                SHORTEST..PIECE => self.short.push(bytes),
                length => {
                    self.pieces.reserve(length);
                    let known = bytes.windows(PIECE).take(LONGEST);
                    self.pieces.extend(known.map(|piece| self.key.hash(piece)));
                }
            }
        }
    }

    fn mask(&self, text: String) -> String {
        let mut covered = vec![false; text.len()];
        Reading::all(&text).for_each(|reading| self.cover(&reading, &mut covered));
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

    /// Marks the bytes of a text that belong to a piece of a secret in one of its readings.
    fn cover(&self, reading: &Reading, covered: &mut [bool]) {
        self.find(&reading.bytes, |found| covered[reading.stretch(&found)].fill(true));
        for run in reading.runs_of_base64(PIECE) {
            if reading.decoded(&run).any(|bytes| self.is_in(&bytes)) {
                covered[reading.stretch(&run)].fill(true);
            }
        }
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        let mut found = false;
        self.find(bytes, |_| found = true);
        found
    }

    /// Tells where each piece of a secret is.
    fn find(&self, bytes: &[u8], mut found: impl FnMut(Range<usize>)) {
        let bytes = same(bytes);
        if !self.pieces.is_empty() {
            let pieces = bytes.windows(PIECE).enumerate();
            let known = pieces.filter(|(_, piece)| self.pieces.contains(&self.key.hash(piece)));
            known.for_each(|(at, _)| found(at..at + PIECE));
        }
        for secret in &self.short {
            memchr::memmem::find_iter(&bytes, secret.as_slice()).for_each(|at| found(at..at + secret.len()));
        }
    }
}

/// A form writes a blank as `+`: the two are not told apart.
fn same(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.iter().map(|byte| if *byte == b' ' { b'+' } else { *byte }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &str = "Xy7~Q8_quite+secret/indeed.and-\"long\"";

    fn holding(secrets: &[&str]) -> SecretRegistry {
        let mut held = SecretRegistry::default();
        secrets.iter().for_each(|secret| held.add(secret));
        held
    }

    #[test]
    fn a_secret_is_cut_out_whole_in_part_and_as_it_is_quoted() {
        let held = holding(&[SECRET, "pa55"]);
        let mask = |text: &str| held.mask(text.to_owned());
        assert_eq!(mask(&format!("bad secret {SECRET}.")), "bad secret ***.");
        assert_eq!(mask(&format!("bad secret {}...", &SECRET[3..20])), "bad secret ***...");
        assert_eq!(mask("client_secret=Xy7%7EQ8_quite%2Bsecret%2Findeed.and-%22long%22&x=1"), "client_secret=***&x=1");
        assert_eq!(mask(&serde_json::json!([SECRET]).to_string()), "[\"***\"]");
        assert_eq!(mask("the password pa55 is old"), "the password *** is old");
        assert_eq!(mask("quite another secret"), "quite another secret");
        assert_eq!(mask(&format!("é{SECRET}é")), "é***é");
    }

    #[test]
    fn a_secret_is_cut_out_however_it_is_encoded() {
        let held = holding(&["Xy7~Q8 quite+secret/indeed", "pa+5"]);
        let mask = |text: &str| held.mask(text.to_owned());
        for encoded in [
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
    fn the_password_of_a_proxy_is_known() {
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

    #[test]
    fn what_is_not_seen_is_taken_out_and_lines_stay() {
        let text = "a\u{1b}[31mb\u{9b}c\u{61c}d\u{202e}e\u{200b}f\u{feff}g\r\nh\u{2066}k";
        assert_eq!(sanitize(text), "a[31mbcdefg\nhk");
        assert_eq!(sanitize_line("a\r\nb\u{2028}c\td\u{85}e"), "a  b c de");
        assert_eq!(sanitize("Grüße, 世界 👋"), "Grüße, 世界 👋");
    }

    #[test]
    fn a_command_to_a_pipeline_is_none_any_more() {
        let told_by = |text: &str| (sanitize_line(text), sanitize(text));
        for text in ["a ##vso[task.prependpath]/tmp", "###[error]x", "#\u{200b}#v\u{2060}so[task.complete]"] {
            assert!(
                !sanitize_line(text).contains("##vso[") && !sanitize_line(text).contains("##["),
                "{:?}",
                told_by(text)
            );
        }
        assert_eq!(sanitize_line("## Title, C##, #[x]"), "## Title, C##, #[x]");
    }

    #[test]
    fn what_hides_a_token_does_not_help_it() {
        assert_eq!(sanitize("saw e\u{200b}yJhbGciOiJub25lIn0.e3\u{202e}0.c2ln here"), "saw *** here");
    }

    #[test]
    fn what_is_long_is_clipped_and_says_how_long_it_was() {
        let told = sanitize(&"é".repeat(3 << 20));
        assert!(told.ends_with("é… (3145728 characters)"), "{}", &told[told.len() - 60..]);
        assert_eq!(told.chars().filter(|c| *c == 'é').count(), LIMIT);
    }

    proptest! {
        /// Whatever stands around it, and whatever unseen is strewn into it.
        #[test]
        fn no_piece_of_a_secret_is_left(before in ".*", secret in "[!-~]{16,80}", from in 0..4usize, after in ".*") {
            let held = holding(&[&secret]);
            let part = &secret[from..from + PIECE];
            let masked = held.mask(format!("{before}{part}{after}"));
            // What stands around it can hold a piece of its own only by being one.
            prop_assert!(!masked.contains(part));
        }

        #[test]
        fn what_is_told_is_seen_and_short(text in "\\PC*|.*|[\u{0}-\u{2fff}]*") {
            prop_assert!(!sanitize_line(&text).chars().any(is_invisible));
            prop_assert!(!sanitize(&text).chars().any(|c| c != '\n' && c != '\t' && is_invisible(c)));
            prop_assert!(sanitize(&text).chars().count() < LIMIT + 40);
        }
    }
}
