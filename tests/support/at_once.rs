//! Cases that wait, waited for together.

/// Runs a test for every case at the same time: for those that spend their time waiting for a limit to pass.
pub fn at_once<T: Send>(cases: impl IntoIterator<Item = T>, test: impl Fn(T) + Sync) {
    std::thread::scope(|scope| {
        let test = &test;
        for case in cases {
            scope.spawn(move || test(case));
        }
    });
}
