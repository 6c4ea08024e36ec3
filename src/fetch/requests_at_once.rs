//! Sends several requests at once, each in a thread.

use std::thread;

use crate::background;

/// The most requests at once. Each needs a connection, which is opened while the chain runs.
const MAX_CONCURRENT: usize = 25;

/// Returns how many requests to send at once: the fewest that need no more rounds than the maximum would.
pub(super) fn concurrent(requests: usize) -> usize {
    requests.div_ceil(requests.div_ceil(MAX_CONCURRENT).max(1))
}

/// Does the work in several threads at once, and collects the results of all.
pub(super) fn in_threads<T: Send>(threads: usize, work: impl Fn() -> Vec<T> + Copy + Send) -> Vec<T> {
    thread::scope(|scope| {
        // This thread works too, and does all that is left if the system cannot start more threads.
        let start = |_| background::builder().spawn_scoped(scope, work).ok();
        let others: Vec<_> = (1..threads).map_while(start).collect();
        let own = work();
        let others = others.into_iter().flat_map(|thread| thread.join().expect("a fetching thread does not panic"));
        own.into_iter().chain(others).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_of_one_size() {
        let sizes = [0, 1, 3, 20, 25, 26, 50, 51, 60, 10_000].map(concurrent);
        assert_eq!(sizes, [0, 1, 3, 20, 25, 13, 25, 17, 20, 25]);
    }
}
