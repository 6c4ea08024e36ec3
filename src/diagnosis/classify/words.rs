//! Finds which of many fixed words a text contains, at the leftmost place the longest of them.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Input, MatchKind};

/// The bytes for which an automaton of the words that can occur is built: up to here this takes less time than to build
/// the automaton of all words, which is ten times the rest of a short command.
const FEW: usize = 8 * 1024;

/// Fixed words in lower case, with the numbers by which matches refer to them.
pub(super) struct Words {
    words: Vec<&'static str>,
    /// The bytes that were searched so far.
    searched: AtomicUsize,
    /// Of all words, built when more than a few bytes are searched.
    automaton: OnceLock<NFA>,
}

impl Words {
    pub(super) fn new(words: impl IntoIterator<Item = &'static str>) -> Self {
        Words { words: words.into_iter().collect(), searched: AtomicUsize::new(0), automaton: OnceLock::new() }
    }

    /// Returns the matches of a text in any case: the number of each word, and where it is.
    pub(super) fn find(&self, text: &str) -> Vec<(usize, Range<usize>)> {
        if self.searched.fetch_add(text.len(), Ordering::Relaxed) + text.len() > FEW {
            return find_in(self.automaton.get_or_init(|| automaton(self.words.iter().copied())), text).collect();
        }
        let lower = text.to_ascii_lowercase();
        let pairs = Pairs::of(&lower);
        let numbers: Vec<usize> = (0..self.words.len()).filter(|number| pairs.can_form(self.words[*number])).collect();
        if numbers.is_empty() {
            return Vec::new();
        }
        let few = automaton(numbers.iter().map(|number| self.words[*number]));
        find_in(&few, text).map(|(which, at)| (numbers[which], at)).collect()
    }
}

/// The pairs of bytes that follow each other in a text.
struct Pairs {
    occur: Vec<bool>,
}

impl Pairs {
    fn of(text: &str) -> Self {
        let mut occur = vec![false; 1 << 16];
        for pair in text.as_bytes().windows(2) {
            occur[usize::from(pair[0]) << 8 | usize::from(pair[1])] = true;
        }
        Pairs { occur }
    }

    /// Returns false for a word that the text cannot contain.
    fn can_form(&self, word: &str) -> bool {
        word.as_bytes().windows(2).all(|pair| self.occur[usize::from(pair[0]) << 8 | usize::from(pair[1])])
    }
}

fn automaton(words: impl Iterator<Item = &'static str>) -> NFA {
    let mut builder = NFA::builder();
    builder.match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(true);
    builder.build(words).expect("a thousand words fit into an automaton")
}

fn find_in(automaton: &NFA, text: &str) -> impl Iterator<Item = (usize, Range<usize>)> {
    let found = automaton.try_find_iter(Input::new(text)).expect("searches may begin anywhere");
    found.map(|found| (found.pattern().as_usize(), found.range()))
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Returns true if a word begins at an offset.
pub(super) fn starts_word(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    at == 0 || !is_word_byte(bytes[at]) || !is_word_byte(bytes[at - 1])
}

/// Returns true if a word ends at an offset.
pub(super) fn ends_word(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    at == bytes.len() || !is_word_byte(bytes[at - 1]) || !is_word_byte(bytes[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_bytes_have_the_same_matches() {
        let words = Words::new(["forbidden", "forbidden by policy", "by", "policy: x", "denied"]);
        let text = "FORBIDDEN By policy: x, Denied, forbidden";
        let found = words.find(text);
        assert_eq!(found, [(1, 0..19), (4, 24..30), (0, 32..41)]);
        assert_eq!(words.find("nothing"), []);
        assert!(words.automaton.get().is_none());
        assert_eq!(words.find(&format!("{text}{}", " ".repeat(FEW))), found);
        assert_eq!(words.find(text), found);
        assert!(words.automaton.get().is_some());
    }
}
