//! Caches tokens between runs in the kernel's keyring, if the user enabled it. Never on disk.
//!
//! All tokens are in one key of the user's keyring, so that `azfob logout` deletes one key. Linux keeps it until the
//! last token expires or the user has no process left, and only this user's processes can read it
//! (<https://man7.org/linux/man-pages/man7/user-keyring.7.html>). It is never swapped. Containers of one user share the
//! keyring, so the key's name has the namespaces of users and mounts, which differ between containers
//! (<https://man7.org/linux/man-pages/man7/namespaces.7.html>). Linux gives the number of an ended container's namespace to
//! the next one, so the name also has the start time of process 1 and the unique ID of the root's mount. Other systems have
//! no such store without a helper program, and cache nothing.

use std::collections::BTreeMap;
use std::fmt;

use ring::digest;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::time::timestamp::Timestamp;

/// Tokens that expire sooner are not used, as in az.
const MARGIN_SECS: i64 = 300;
/// The maximum size of all tokens. The quota of a user other than root is 20,000 bytes for all keys
/// (<https://man7.org/linux/man-pages/man7/keyrings.7.html>).
const LIMIT_BYTES: usize = 16_000;

/// The key of a cached token: a hash of everything that its request depends on.
#[derive(Clone, PartialEq, Eq)]
pub struct CacheKey(String);

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A token with the time at which it was cached.
#[derive(Serialize, Deserialize)]
pub struct CachedToken {
    pub token: Zeroizing<String>,
    expires_on: i64,
    since: i64,
}

impl CachedToken {
    /// Returns when it expires.
    pub fn expires_on(&self) -> Timestamp {
        Timestamp(self.expires_on)
    }

    /// Returns when it was cached.
    pub fn since(&self) -> Timestamp {
        Timestamp(self.since)
    }

    /// Returns true if it expires too soon to be used.
    fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_on().seconds_since(now) < MARGIN_SECS
    }
}

impl CacheKey {
    /// Creates the key for these parts, in this order. The parts cannot be read from it.
    pub fn new<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut digest = digest::Context::new(&digest::SHA256);
        for part in parts {
            digest.update(&(part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        CacheKey(digest.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Returns the cached token, if it does not expire soon.
    pub fn look_up(&self) -> Option<CachedToken> {
        read().remove(&self.0).filter(|cached| !cached.is_expired(Timestamp::now()))
    }

    /// Caches a token until it expires, if there is room.
    pub fn store(&self, token: &str, expires_on: Timestamp) {
        let mut all = read();
        let (token, since) = (Zeroizing::new(token.to_owned()), Timestamp::now().0);
        all.insert(self.0.clone(), CachedToken { token, expires_on: expires_on.0, since });
        write(all);
    }

    /// Removes the token.
    pub fn forget(&self) {
        let mut all = read();
        if all.remove(&self.0).is_some() {
            write(all);
        }
    }
}

/// Returns true if tokens can be cached on this system.
pub fn is_available() -> bool {
    keyring::is_available()
}

/// Removes every token, and returns how many there were.
pub fn clear() -> usize {
    let all = read().len();
    keyring::clear();
    all
}

fn read() -> BTreeMap<String, CachedToken> {
    keyring::read().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Writes tokens that have not expired. Drops the oldest ones if there are too many.
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
    use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
    use zeroize::Zeroizing;

    /// The PID namespace of the machine: `PROC_PID_INIT_INO` of Linux.
    const PIDS_OF_MACHINE: &str = "pid:[4026531836]";
    /// The mount namespace of the machine, on Linux before 6.8. It never ends, so its number is not given again.
    const MOUNTS_OF_MACHINE: [&str; 2] = ["mnt:[4026531840]", "mnt:[4026531841]"];

    /// Returns the name of this container's key, or `None` if the container cannot be told from others.
    fn name() -> Option<String> {
        let namespace =
            |kind| std::fs::read_link(format!("/proc/self/ns/{kind}")).ok()?.into_os_string().into_string().ok();
        let [user, mounts, pids] = [namespace("user")?, namespace("mnt")?, namespace("pid")?];
        let start = start_time(&std::fs::read_to_string("/proc/1/stat").ok()?)?;
        let root = match root_mount() {
            Some(id) => id.to_string(),
            None if is_distinct(&mounts, &pids) => String::new(),
            None => return None,
        };
        Some(format!("azfob:tokens:{user}:{mounts}:{start}:{root}"))
    }

    /// Returns the ID of the mount at `/`, which Linux 6.8 and later give only once
    /// (<https://man7.org/linux/man-pages/man2/statx.2.html>).
    pub(super) fn root_mount() -> Option<u64> {
        const STATX_MNT_ID_UNIQUE: StatxFlags = StatxFlags::from_bits_retain(0x4000);
        let root = statx(CWD, "/", AtFlags::empty(), STATX_MNT_ID_UNIQUE).ok()?;
        (root.stx_mask & STATX_MNT_ID_UNIQUE.bits() != 0).then_some(root.stx_mnt_id)
    }

    /// Returns true if the start time of process 1 tells the container from others: it has processes of its own, or is none.
    pub(super) fn is_distinct(mounts: &str, pids: &str) -> bool {
        pids != PIDS_OF_MACHINE || MOUNTS_OF_MACHINE.contains(&mounts)
    }

    /// Returns the field `starttime` of `/proc/PID/stat` (<https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>):
    /// clock ticks since boot. The program's name, in parentheses, can contain blanks and parentheses.
    pub(super) fn start_time(stat: &str) -> Option<u64> {
        stat.rsplit_once(") ")?.1.split(' ').nth(19)?.parse().ok()
    }

    fn ring() -> Option<KeyRing> {
        let ring = KeyRing::from_special_id(KeyRingIdentifier::User, true);
        ring.inspect_err(|error| log::info!(target: "azfob", "kernel keyring: {error}")).ok()
    }

    fn key() -> Option<Key> {
        ring()?.search(&name()?).ok()
    }

    pub(super) fn is_available() -> bool {
        ring().is_some() && name().is_some()
    }

    pub(super) fn read() -> Option<Zeroizing<Vec<u8>>> {
        key()?.read_to_vec().ok().map(Zeroizing::new)
    }

    pub(super) fn write(bytes: &[u8], secs: u64) {
        let (Some(ring), Some(name)) = (ring(), name()) else { return };
        let written = ring.add_key(&name, bytes).and_then(|key| {
            // If a session is not linked to the user's keyring, like that of a service, only the user's rights apply.
            let ours = KeyPermissionsBuilder::builder().posessor(Permission::ALL).user(Permission::ALL).build();
            key.set_perms(ours)?;
            key.set_timeout(usize::try_from(secs).unwrap_or(usize::MAX))
        });
        if let Err(error) = written {
            log::info!(target: "azfob", "the token was not cached: {error}");
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
    fn cache_key_depends_on_every_part_and_its_end() {
        let key = |parts: &[&str]| CacheKey::new(parts.iter().map(|part| part.as_bytes()));
        assert_eq!(key(&["az", "t"]), key(&["az", "t"]));
        assert_ne!(key(&["az", "t"]), key(&["azt"]));
        assert_ne!(key(&["az", "t"]), key(&["t", "az"]));
        assert_eq!(key(&["az"]).0.len(), 64);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn start_time_of_a_process_is_read() {
        let stat = "1 (a) b (c) S 0 1 1 0 -1 4194560 4 5 6 7 8 9 10 11 20 0 1 0 74832 21 22 23";
        assert_eq!(keyring::start_time(stat), Some(74_832));
        assert_eq!(keyring::start_time("1 (init) S 0"), None);
        assert!(keyring::start_time(&std::fs::read_to_string("/proc/self/stat").unwrap()).is_some());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn containers_with_the_processes_of_the_machine_are_distinct_only_by_their_root() {
        let machine = "pid:[4026531836]";
        assert!(
            keyring::is_distinct("mnt:[4026531841]", machine) && !keyring::is_distinct("mnt:[4026532201]", machine)
        );
        assert!(keyring::is_distinct("mnt:[4026532201]", "pid:[4026532202]"));
        assert_eq!(keyring::root_mount(), keyring::root_mount());
    }
}
