//! Text that must not be seen: a secret's value, a token, a client secret.
//!
//! It has no `Display`, its `Debug` shows nothing, and its memory is wiped when it is dropped. Whoever needs the
//! text says so with [`Secret::expose`], which makes every such place easy to find.

use std::alloc::System;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use zeroize::Zeroizing;
use zeroizing_alloc::ZeroAlloc;

/// The whole program's memory: what any library frees is wiped, such as a buffer that an answer was read into. `Zeroizing`
/// beside it says which memory it is done for.
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

/// Keeps other programs of the same user out of this process's memory, and its memory out of core dumps, where the system
/// can: only root reads it then. It ends with `exec`, so that a command that is run is not touched by it.
pub fn keep_memory_private() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // A system that forbids this is one on which it would not help.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// Text that is never printed by accident and is wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text in.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(Zeroizing::new(text.into()))
    }

    /// Hands the text out, for sending it or writing it where it was asked for.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Another program's words with everything that is a JSON web token's first part cut out, and what follows it: nobody can
/// know what an error message of somebody else's quotes.
pub fn mask_tokens(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(TOKEN_START) {
        let (before, found) = rest.split_at(at);
        let end = found.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.=+/".contains(c))).unwrap_or(found.len());
        let (told, length) = if begins_token(&found[..end]) { ("***", end) } else { (TOKEN_START, TOKEN_START.len()) };
        masked.push_str(before);
        masked.push_str(told);
        rest = &found[length..];
    }
    masked + rest
}

/// Base64 of `{"` and a letter, with which every JSON web token begins.
const TOKEN_START: &str = "eyJ";
/// How much of a token is looked at: 9 bytes.
const LOOKED_AT: usize = 12;

/// Whether this is base64 of what can be JSON, as `MonkeyJsonSettings`, a fine name for a secret, is not from its `eyJ` on.
fn begins_token(text: &str) -> bool {
    let beginning = text.get(..LOOKED_AT).map(|beginning| beginning.replace('+', "-").replace('/', "_"));
    let decoded = beginning.and_then(|beginning| URL_SAFE_NO_PAD.decode(beginning).ok());
    text.len() > LOOKED_AT && decoded.is_some_and(|json| json.iter().all(|byte| matches!(byte, b' '..=b'~')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_text() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(..)");
    }

    #[test]
    fn tokens_in_the_words_of_others_are_cut_out() {
        let text = r#"{"accessToken": "eyJhbGciOiJub25lIn0.e30.c2ln", "x": "eyJ"} end"#;
        assert_eq!(mask_tokens(text), r#"{"accessToken": "***", "x": "eyJ"} end"#);
    }

    #[test]
    fn a_name_that_only_looks_like_a_token_stays() {
        for name in ["MonkeyJsonSettings", "keyJustification-2024", "TurnkeyJWKS-signing-key", "moneyJar-of-the-team"] {
            assert_eq!(mask_tokens(name), name);
        }
        assert_eq!(mask_tokens("MonkeyJsonSettings.eyJhbGciOiJub25lIn0.e30."), "MonkeyJsonSettings.***");
    }

    #[test]
    fn json_text_becomes_a_secret() {
        let secret: Secret = serde_json::from_str(r#""a\nb\u0000""#).unwrap();
        assert_eq!(secret.expose(), "a\nb\0");
    }
}
