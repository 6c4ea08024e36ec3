//! Keeps secrets, tokens and keys out of output and wipes them from memory.
//!
//! [`Secret`] has no `Display`, and its `Debug` shows nothing. Only [`Secret::expose`] returns the text, so that each use is
//! easy to find.

use std::alloc::System;
use std::fmt;
use std::sync::{Arc, Weak};

use serde::Deserialize;
use zeroize::Zeroizing;
use zeroizing_alloc::ZeroAlloc;

/// Wipes all memory that is freed, also by libraries, such as a buffer with a server's reply. `Zeroizing` in the code marks
/// the memory that this is needed for.
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

/// Prevents core dumps, and lets only root read this process's memory (Linux only). `exec` ends it: a command that azfob
/// runs is not affected.
pub fn keep_memory_private() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // A kernel that forbids this call gives no protection anyway.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// A text that is never printed by accident. Clones share it, and its memory is wiped when the last one is dropped.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(Arc::new(Zeroizing::new(text.into())))
    }

    /// Returns the text, to send it or to write it to the destination that the user chose.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn downgrade(&self) -> Weak<Zeroizing<String>> {
        Arc::downgrade(&self.0)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(..)");
    }

    #[test]
    fn a_secret_is_read_from_json() {
        let secret: Secret = serde_json::from_str(r#""a\nb\u0000""#).unwrap();
        assert_eq!(secret.expose(), "a\nb\0");
    }
}
