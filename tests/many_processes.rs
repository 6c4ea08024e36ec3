//! Simulates many processes that start together and read more secrets from one vault than it allows at a time.
//!
//! The waits come from the program's retry schedule. Nothing sleeps.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use azfob::testing::throttled_pause;

/// The time budget of `get`.
const BUDGET: Duration = Duration::from_secs(60);
/// Key Vault counts requests in 10 seconds.
const WINDOW: Duration = Duration::from_secs(10);
/// The processes start within this time.
const START: Duration = Duration::from_secs(1);

/// The window in which a vault counts requests.
#[derive(Clone, Copy, Debug)]
enum Count {
    /// Consecutive windows. The first one began this long before the processes started.
    Fixed(Duration),
    /// The last 10 seconds.
    Sliding,
}

/// The `Retry-After` header of a 429.
#[derive(Clone, Copy, Debug)]
enum RetryAfter {
    Missing,
    Seconds(u64),
    /// The end of the window, rounded up to a whole second.
    EndOfWindow,
}

struct Vault {
    limit: usize,
    count: Count,
    taken: VecDeque<Duration>,
}

impl Vault {
    /// Counts a request, or returns the requested wait.
    fn take(&mut self, now: Duration, retry_after: RetryAfter) -> Result<(), Option<Duration>> {
        let begun = match self.count {
            Count::Fixed(before) => Duration::from_secs((now + before).as_secs() / 10 * 10).saturating_sub(before),
            Count::Sliding => now.saturating_sub(WINDOW),
        };
        while self.taken.front().is_some_and(|at| *at < begun) {
            self.taken.pop_front();
        }
        if self.taken.len() < self.limit {
            self.taken.push_back(now);
            return Ok(());
        }
        Err(match retry_after {
            RetryAfter::Missing => None,
            RetryAfter::Seconds(seconds) => Some(Duration::from_secs(seconds)),
            RetryAfter::EndOfWindow => Some(Duration::from_secs((begun + WINDOW).saturating_sub(now).as_secs() + 1)),
        })
    }
}

/// A random number generator with the same numbers from 0 to 1 in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1_u64 << 31) as f64
    }
}

/// Returns how many of the processes fail. Each reads this many secrets at once.
fn failed_processes(processes: usize, secrets: usize, limit: usize, count: Count, retry_after: RetryAfter) -> usize {
    let mut vault = Vault { limit, count, taken: VecDeque::new() };
    let mut random = Random(7);
    // The time of the next request, the secrets still missing, the number of refusals, the time of the start.
    let start = |_| {
        let at = START.mul_f64(random.next());
        Reverse((at, secrets, 0, at))
    };
    let mut waiting: BinaryHeap<_> = (0..processes).map(start).collect();
    let mut failed = 0;
    while let Some(Reverse((now, lacking, refusals, begun))) = waiting.pop() {
        let answers: Vec<_> = (0..lacking).filter_map(|_| vault.take(now, retry_after).err()).collect();
        let Some(requested) = answers.first() else { continue };
        let left = BUDGET.saturating_sub(now - begun);
        let pause = throttled_pause(refusals + 1, *requested, random.next(), left);
        if pause < left {
            waiting.push(Reverse((now + pause, answers.len(), refusals + 1, begun)));
        } else {
            failed += 1;
        }
    }
    failed
}

/// 500 processes with half of the limit, and 1,000 processes with all of it.
#[test]
fn all_processes_succeed_if_the_vault_can_serve_them_in_time() {
    let counts = [Count::Fixed(Duration::ZERO), Count::Fixed(Duration::from_secs(5)), Count::Sliding];
    let headers = [
        RetryAfter::Missing,
        RetryAfter::Seconds(0),
        RetryAfter::Seconds(1),
        RetryAfter::Seconds(10),
        RetryAfter::EndOfWindow,
    ];
    for (processes, limit) in [(500, 2_000), (1_000, 4_000)] {
        for count in counts {
            for retry_after in headers {
                let failed = failed_processes(processes, 20, limit, count, retry_after);
                assert_eq!(failed, 0, "of {processes}, {count:?}, {retry_after:?}");
            }
        }
    }
}

#[test]
fn some_processes_fail_if_the_vault_cannot_serve_them_in_time() {
    assert!(failed_processes(1_000, 20, 1_000, Count::Sliding, RetryAfter::Missing) > 0);
}
