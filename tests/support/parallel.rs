//! Runs cases in parallel.

/// Runs a test for each case in a thread of its own. Useful for cases that wait for a time limit.
pub fn in_parallel<T: Send>(cases: impl IntoIterator<Item = T>, test: impl Fn(T) + Sync) {
    std::thread::scope(|scope| {
        let test = &test;
        for case in cases {
            scope.spawn(move || test(case));
        }
    });
}
