//! Keeps a table of what azfob waits for, and shows the longest wait.
//!
//! The table is global, as there is one terminal. Nothing is shown before [`watch`] is called.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::background;
use crate::time::deadline::Stopwatch;

/// Shorter waits are not shown.
const SHOW_AFTER: Duration = Duration::from_secs(2);
const REFRESH_INTERVAL: Duration = Duration::from_millis(250);

/// Replaces the progress line, or erases it.
pub type Show = fn(Option<&str>);

static TABLE: Mutex<Table> = Mutex::new(Table { waits: Vec::new(), last_number: 0, shown: false, show: None });

struct Table {
    /// The current waits by number, the oldest first.
    waits: Vec<(u64, Wait)>,
    last_number: u64,
    shown: bool,
    show: Option<Show>,
}

struct Wait {
    what: String,
    reason: Option<&'static str>,
    since: Stopwatch,
    limit: Duration,
}

/// A wait in the table. Dropping it ends the wait.
pub struct WaitGuard(u64);

/// Starts a wait for `what`, of at most `limit`.
pub fn wait_for(what: &str, limit: Duration) -> WaitGuard {
    resume(Stopwatch::start(), what, limit)
}

/// Continues a wait that started at `since`.
pub fn resume(since: Stopwatch, what: &str, limit: Duration) -> WaitGuard {
    let mut table = table();
    table.last_number += 1;
    let number = table.last_number;
    table.waits.push((number, Wait { what: what.to_owned(), reason: None, since, limit }));
    WaitGuard(number)
}

impl WaitGuard {
    /// Adds the reason of a retry, such as `failed to answer`, which is shown after the name.
    pub fn because(&self, reason: &'static str) {
        if let Some((_, wait)) = table().waits.iter_mut().find(|(number, _)| *number == self.0) {
            wait.reason = Some(reason);
        }
    }
}

impl Drop for WaitGuard {
    fn drop(&mut self) {
        let mut table = table();
        table.waits.retain(|(number, _)| *number != self.0);
        // The next output needs an empty line.
        table.clear();
    }
}

/// Shows waits from now on, if a thread can be started.
pub fn watch(show: Show) {
    if table().show.replace(show).is_some() {
        return;
    }
    let _ = background::thread(|| {
        loop {
            std::thread::sleep(REFRESH_INTERVAL);
            table().show_oldest();
        }
    });
}

impl Table {
    fn show_oldest(&mut self) {
        let (Some(show), Some((_, wait))) = (self.show, self.waits.first()) else { return };
        let elapsed = wait.since.elapsed();
        if elapsed >= SHOW_AFTER {
            let limit = wait.limit.as_secs_f64().round();
            let action = wait.reason.map_or_else(
                || format!("waiting for {}:", wait.what),
                |reason| format!("{} {reason}: retrying,", wait.what),
            );
            show(Some(&format!("{action} {} of {limit} s", elapsed.as_secs())));
            self.shown = true;
        }
    }

    fn clear(&mut self) {
        if let (true, Some(show)) = (self.shown, self.show) {
            show(None);
            self.shown = false;
        }
    }
}

fn table() -> MutexGuard<'static, Table> {
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}
