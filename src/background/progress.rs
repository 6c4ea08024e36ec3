//! What is being waited for, so that somebody who watches can be told.
//!
//! One table for the process, as there is one terminal. Who waits says so for as long as it does; nothing is told unless
//! somebody [watches](watch), and then only what takes longer than anybody sits through without a word.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::background;

use crate::time::deadline::Stopwatch;

/// What ends sooner is not told.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often what is told is looked at again.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// Shows a line in the place of the one before it, or takes that one away.
pub type Show = fn(Option<&str>);

static TABLE: Mutex<Table> = Mutex::new(Table { waits: Vec::new(), begun: 0, shown: false, show: None });

struct Table {
    /// Those who wait now, the first to begin first.
    waits: Vec<(u64, Wait)>,
    begun: u64,
    shown: bool,
    show: Option<Show>,
}

struct Wait {
    what: String,
    why: &'static str,
    since: Stopwatch,
    limit: Duration,
}

/// Somebody waits; dropped, no longer.
pub struct Waiting(u64);

/// Says that from now on `what` is waited for, and for how long at the most.
pub fn wait_for(what: &str, limit: Duration) -> Waiting {
    go_on(Stopwatch::start(), what, limit)
}

/// Says that `what` is waited for again, and has been since then.
pub fn go_on(since: Stopwatch, what: &str, limit: Duration) -> Waiting {
    let mut table = table();
    table.begun += 1;
    let number = table.begun;
    table.waits.push((number, Wait { what: what.to_owned(), why: "", since, limit }));
    Waiting(number)
}

impl Waiting {
    /// Says why it takes longer, in the words that go on behind what is waited for.
    pub fn because(&self, why: &'static str) {
        if let Some((_, wait)) = table().waits.iter_mut().find(|(number, _)| *number == self.0) {
            wait.why = why;
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut table = table();
        table.waits.retain(|(number, _)| *number != self.0);
        // Whoever prints next prints on a line of its own.
        table.clear();
    }
}

/// Has somebody told, from now on and to the end. Where no thread can be started for it, nobody is.
pub fn watch(show: Show) {
    if table().show.replace(show).is_some() {
        return;
    }
    let _ = background::thread(|| {
        loop {
            std::thread::sleep(BETWEEN_LOOKS);
            table().tell();
        }
    });
}

impl Table {
    /// Tells of the one that has waited longest.
    fn tell(&mut self) {
        let (Some(show), Some((_, wait))) = (self.show, self.waits.first()) else { return };
        let elapsed = wait.since.elapsed();
        if elapsed >= PATIENCE {
            let limit = wait.limit.as_secs_f64().round();
            show(Some(&format!("waiting for {}{}: {} of {limit} s", wait.what, wait.why, elapsed.as_secs())));
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
