//! Text that must not be seen: a secret's value, a token, a client secret.
//!
//! It has no `Display`, its `Debug` shows nothing, and its memory is wiped when it is dropped. Whoever needs the
//! text says so with [`Secret::expose`], which makes every such place easy to find.

use std::alloc::System;
use std::fmt;

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

/// Another program's words with everything that looks like a token (a JSON web token's first part) cut out: nobody can
/// know what an error message of somebody else's quotes.
pub fn mask_tokens(text: &str) -> String {
    const START: &str = "eyJ"; // base64 of `{"`, with which every JSON web token begins
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(START) {
        let end = rest[at..].find(|c: char| !(c.is_ascii_alphanumeric() || "-_.=+/".contains(c)));
        let end = end.map_or(rest.len(), |length| at + length);
        masked.push_str(&rest[..at]);
        masked.push_str(if end - at > 12 { "***" } else { &rest[at..end] });
        rest = &rest[end..];
    }
    masked + rest
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
    fn json_text_becomes_a_secret() {
        let secret: Secret = serde_json::from_str(r#""a\nb\u0000""#).unwrap();
        assert_eq!(secret.expose(), "a\nb\0");
    }
}
