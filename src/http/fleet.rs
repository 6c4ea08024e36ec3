//! A fleet in a simulation: many processes that start together and ask one vault for more than it gives at a time. The
//! waits are those of [`super::retry`]; nothing sleeps here.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use super::retry::throttled_pause;

/// The time of a `get`.
const BUDGET: Duration = Duration::from_secs(60);
/// Key Vault counts over 10 s.
const WINDOW: Duration = Duration::from_secs(10);
/// How far apart the processes start, at the most.
const START: Duration = Duration::from_secs(1);

/// How a vault counts.
#[derive(Clone, Copy, Debug)]
enum Count {
    /// In windows that follow each other, the first of them begun this long before the fleet.
    Fixed(Duration),
    /// In the last 10 s, whenever it is.
    Sliding,
}

/// What a vault asks for with a 429.
#[derive(Clone, Copy, Debug)]
enum Wish {
    Nothing,
    Seconds(u64),
    /// A date, in whole seconds, at which the window ends.
    EndOfWindow,
}

struct Vault {
    limit: usize,
    count: Count,
    taken: VecDeque<Duration>,
}

impl Vault {
    /// Takes a request in, or asks for a wait.
    fn take(&mut self, now: Duration, wish: Wish) -> Result<(), Option<Duration>> {
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
        Err(match wish {
            Wish::Nothing => None,
            Wish::Seconds(seconds) => Some(Duration::from_secs(seconds)),
            Wish::EndOfWindow => Some(Duration::from_secs((begun + WINDOW).saturating_sub(now).as_secs() + 1)),
        })
    }
}

/// Numbers from 0 to 1, the same in every run.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1_u64 << 31) as f64
    }
}

/// How many of these processes fail, each of which wants so many secrets at once.
fn failing(processes: usize, secrets: usize, limit: usize, count: Count, wish: Wish) -> usize {
    let mut vault = Vault { limit, count, taken: VecDeque::new() };
    let mut draw = Draw(7);
    // When it comes next, how many secrets it lacks, how often it was refused, when it began.
    let start = |_| {
        let at = START.mul_f64(draw.next());
        Reverse((at, secrets, 0, at))
    };
    let mut waiting: BinaryHeap<_> = (0..processes).map(start).collect();
    let mut failed = 0;
    while let Some(Reverse((now, lacking, refusals, begun))) = waiting.pop() {
        let answers: Vec<_> = (0..lacking).filter_map(|_| vault.take(now, wish).err()).collect();
        let Some(asked) = answers.first() else { continue };
        let left = BUDGET.saturating_sub(now - begun);
        let pause = throttled_pause(refusals + 1, *asked, draw.next(), left);
        if pause < left {
            waiting.push(Reverse((now + pause, answers.len(), refusals + 1, begun)));
        } else {
            failed += 1;
        }
    }
    failed
}

/// 500 processes, half of the limit used up by others; and 1,000 that have it to themselves.
#[test]
fn nobody_in_a_fleet_fails_while_the_vault_could_serve_all_in_time() {
    let counts = [Count::Fixed(Duration::ZERO), Count::Fixed(Duration::from_secs(5)), Count::Sliding];
    let wishes = [Wish::Nothing, Wish::Seconds(0), Wish::Seconds(1), Wish::Seconds(10), Wish::EndOfWindow];
    for (processes, limit) in [(500, 2_000), (1_000, 4_000)] {
        for count in counts {
            for wish in wishes {
                let failed = failing(processes, 20, limit, count, wish);
                assert_eq!(failed, 0, "of {processes}, {count:?}, {wish:?}");
            }
        }
    }
}

#[test]
fn a_vault_that_cannot_serve_all_in_time_fails_some() {
    assert!(failing(1_000, 20, 1_000, Count::Sliding, Wish::Nothing) > 0);
}
