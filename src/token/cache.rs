//! Tokens kept between runs, for those who ask for it: in the kernel's memory, never on a disk.
//!
//! One key of the user's own keyring holds them all, so that `azfob logout` has one thing to drop. Linux keeps it until the
//! last of its tokens ends or the user has no process left, and gives it to this user's processes alone
//! (<https://man7.org/linux/man-pages/man7/user-keyring.7.html>); what it holds is never swapped. Other systems have no
//! such place that needs no helper, and keep nothing.

use std::collections::BTreeMap;
use std::fmt;

use ring::digest;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::time::timestamp::Timestamp;

/// A token that ends sooner is not handed out, as az does not either.
const MARGIN_SECS: i64 = 300;
/// What all of them may take: a user who is not root has 20,000 bytes for every key
/// (<https://man7.org/linux/man-pages/man7/keyrings.7.html>).
const LIMIT_BYTES: usize = 16_000;

/// Where one token is cached, by all that it was asked for with.
#[derive(Clone, PartialEq, Eq)]
pub struct CacheKey(String);

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A token as it is cached.
#[derive(Serialize, Deserialize)]
pub struct CachedToken {
    /// The token.
    pub token: Zeroizing<String>,
    expires_on: i64,
    since: i64,
}

impl CachedToken {
    /// When it ends.
    pub fn expires_on(&self) -> Timestamp {
        Timestamp(self.expires_on)
    }

    /// Since when it has been cached.
    pub fn since(&self) -> Timestamp {
        Timestamp(self.since)
    }

    /// Whether it ends too soon to be handed out at this time.
    fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_on().seconds_since(now) < MARGIN_SECS
    }
}

impl CacheKey {
    /// The key of a token that was asked for with all of this, in this order. The parts cannot be read from it.
    pub fn new<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut digest = digest::Context::new(&digest::SHA256);
        for part in parts {
            digest.update(&(part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        CacheKey(digest.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The token that is kept here, where it is good for a while yet.
    pub fn look_up(&self) -> Option<CachedToken> {
        read().remove(&self.0).filter(|cached| !cached.is_expired(Timestamp::now()))
    }

    /// Keeps a token here until it ends, where there is room.
    pub fn store(&self, token: &str, expires_on: Timestamp) {
        let mut all = read();
        let (token, since) = (Zeroizing::new(token.to_owned()), Timestamp::now().0);
        all.insert(self.0.clone(), CachedToken { token, expires_on: expires_on.0, since });
        write(all);
    }

    /// Drops the token that is kept here.
    pub fn forget(&self) {
        let mut all = read();
        if all.remove(&self.0).is_some() {
            write(all);
        }
    }
}

/// Whether tokens can be kept here at all.
pub fn is_available() -> bool {
    keyring::is_available()
}

/// Drops every token, and answers with how many there were.
pub fn clear() -> usize {
    let all = read().len();
    keyring::clear();
    all
}

fn read() -> BTreeMap<String, CachedToken> {
    keyring::read().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Writes them, without those that have ended, and without the oldest where there are too many.
fn write(mut all: BTreeMap<String, CachedToken>) {
    let now = Timestamp::now();
    all.retain(|_, cached| !cached.is_expired(now));
    loop {
        let Some(last_end) = all.values().map(|cached| cached.expires_on).max() else { return keyring::clear() };
        let bytes = Zeroizing::new(serde_json::to_vec(&all).expect("text and numbers"));
        if bytes.len() <= LIMIT_BYTES {
            return keyring::write(&bytes, Timestamp(last_end).seconds_since(now).unsigned_abs());
        }
        let oldest = all.iter().min_by_key(|(_, cached)| cached.since).map(|(key, _)| key.clone());
        all.remove(&oldest.expect("there is one"));
    }
}

#[cfg(target_os = "linux")]
mod keyring {
    use linux_keyutils::{Key, KeyPermissionsBuilder, KeyRing, KeyRingIdentifier, Permission};
    use zeroize::Zeroizing;

    const NAME: &str = "azfob:tokens";

    fn ring() -> Option<KeyRing> {
        let ring = KeyRing::from_special_id(KeyRingIdentifier::User, true);
        ring.inspect_err(|error| log::info!(target: "azfob", "the kernel's keyring: {error}")).ok()
    }

    fn key() -> Option<Key> {
        ring()?.search(NAME).ok()
    }

    pub(super) fn is_available() -> bool {
        ring().is_some()
    }

    pub(super) fn read() -> Option<Zeroizing<Vec<u8>>> {
        key()?.read_to_vec().ok().map(Zeroizing::new)
    }

    pub(super) fn write(bytes: &[u8], secs: u64) {
        let Some(ring) = ring() else { return };
        let written = ring.add_key(NAME, bytes).and_then(|key| {
            // Where a session is not linked to its user's keyring, as a service's is not, only the user's rights count.
            let ours = KeyPermissionsBuilder::builder().posessor(Permission::ALL).user(Permission::ALL).build();
            key.set_perms(ours)?;
            key.set_timeout(usize::try_from(secs).unwrap_or(usize::MAX))
        });
        if let Err(error) = written {
            log::info!(target: "azfob", "the token is not kept: {error}");
        }
    }

    pub(super) fn clear() {
        if let Some(key) = key() {
            let _ = key.invalidate();
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod keyring {
    use zeroize::Zeroizing;

    pub(super) fn is_available() -> bool {
        false
    }

    pub(super) fn read() -> Option<Zeroizing<Vec<u8>>> {
        None
    }

    pub(super) fn write(_: &[u8], _: u64) {}

    pub(super) fn clear() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_by_every_part_and_by_where_each_ends() {
        let key = |parts: &[&str]| CacheKey::new(parts.iter().map(|part| part.as_bytes()));
        assert_eq!(key(&["az", "t"]), key(&["az", "t"]));
        assert_ne!(key(&["az", "t"]), key(&["azt"]));
        assert_ne!(key(&["az", "t"]), key(&["t", "az"]));
        assert_eq!(key(&["az"]).0.len(), 64);
    }
}
