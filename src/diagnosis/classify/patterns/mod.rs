//! The patterns: the words by which a failure is recognized, for each row. [`super::pattern`] describes how they are written.
//!
//! A pattern is the shortest literal part that identifies a message. Words that other services use too need a condition.

mod identity;
mod programs;
mod sign_in;
mod vault;

use crate::diagnosis::table::{Row, aadsts};

/// Returns every pattern with its row.
pub(super) fn all() -> impl Iterator<Item = (&'static Row, &'static str)> {
    let areas = [vault::PATTERNS, identity::PATTERNS, sign_in::PATTERNS, programs::PATTERNS];
    let of_codes = sign_in::CODES.into_iter().filter_map(|(code, pattern)| Some((aadsts::row(code)?, pattern)));
    areas
        .into_iter()
        .flatten()
        .flat_map(|(row, patterns)| patterns.iter().map(|pattern| (*row, *pattern)))
        .chain(of_codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_lower_case_and_occur_once() {
        let mut patterns: Vec<_> = all().map(|(_, pattern)| pattern).collect();
        for pattern in &patterns {
            assert_eq!(**pattern, pattern.to_lowercase());
        }
        let count = patterns.len();
        patterns.sort_unstable();
        patterns.dedup();
        assert_eq!(patterns.len(), count);
    }
}
