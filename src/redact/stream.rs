//! Masks every line of known values in a stream of bytes (`run --mask`), wherever the stream is split.
//!
//! Bytes that can begin a secret are held back until it is clear that they do not.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io::{self, Write};
use std::sync::Arc;

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};
use zeroize::Zeroizing;

use super::forms;
use super::tokens::MASK;

/// Characters of the shortest line that is masked. Masking one or two characters would hide half of a log.
pub const SHORTEST_LINE: usize = 3;

/// Beginnings of this length and shorter have a table of all bytes: the next state is found in one step.
const DENSE_DEPTH: usize = 3;

/// Returns the lines of a value to mask, without surrounding spaces, and the number of lines too short to mask.
pub fn lines_to_mask(value: &str) -> (Vec<&str>, usize) {
    let lines: Vec<_> = value.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect();
    let long = lines.iter().copied().filter(|line| line.chars().count() >= SHORTEST_LINE).collect::<Vec<_>>();
    let short = lines.len() - long.len();
    (long, short)
}

/// An automaton that finds every line of the values. It takes one step for each byte, whatever the values are.
#[derive(Clone)]
pub struct Masks(Arc<Automata>);

struct Automata {
    nfa: NFA,
    start: StateID,
    /// For each state, how many of the last bytes can still become a secret; sorted by state.
    held: Vec<(StateID, u32)>,
}

impl Masks {
    /// Collects every line of the values that is long enough, and the encoded forms of the lines and of the whole values.
    ///
    /// # Panics
    /// The lines have more than 2 GB.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let values: Vec<&str> = values.into_iter().collect();
        let lines: BTreeSet<&str> = values.iter().flat_map(|value| lines_to_mask(value).0).collect();
        let whole = values.into_iter().filter(|value| value.chars().count() >= SHORTEST_LINE);
        let forms: Vec<_> = lines.iter().copied().chain(whole).flat_map(forms::encoded).collect();
        let lines: BTreeSet<&str> = lines.into_iter().chain(forms.iter().map(|form| form.as_str())).collect();
        let nfa = NFA::builder().match_kind(MatchKind::Standard).dense_depth(DENSE_DEPTH).build(&lines);
        let nfa = nfa.expect("values of a size that memory can hold");
        let start = nfa.start_state(Anchored::No).expect("an automaton for searches that begin anywhere");
        let held = held_by_state(&nfa, start, &lines);
        Masks(Arc::new(Automata { nfa, start, held }))
    }

    fn step(&self, state: StateID, byte: u8) -> StateID {
        self.0.nfa.next_state(Anchored::No, state, byte)
    }

    /// Returns the length of the longest secret that ends in this state.
    fn ends(&self, state: StateID) -> Option<usize> {
        let nfa = &self.0.nfa;
        let is_end = nfa.is_special(state) && nfa.is_match(state);
        // The first pattern is the state's own, the others are ends of it.
        is_end.then(|| nfa.pattern_len(nfa.match_pattern(state, 0)))
    }

    /// Returns how many of the last bytes can still become a secret.
    fn held(&self, state: StateID) -> usize {
        let held = &self.0.held;
        held.binary_search_by_key(&state, |(other, _)| *other).map_or(0, |index| held[index].1 as usize)
    }
}

/// Computes, for each state, the length of the longest end of the text that is a proper beginning of a line.
fn held_by_state(nfa: &NFA, start: StateID, lines: &BTreeSet<&str>) -> Vec<(StateID, u32)> {
    let step = |state, byte: &u8| nfa.next_state(Anchored::No, state, *byte);
    let length = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    // Each state is reached by the beginning of a line, and holds that beginning.
    let mut held = HashMap::new();
    for line in lines {
        line.as_bytes().iter().enumerate().fold(start, |state, (at, byte)| {
            held.entry(state).or_insert(length(at));
            step(state, byte)
        });
    }
    // A whole line that begins no other one holds what the text without its first byte does. Shorter lines come first.
    let mut by_length: Vec<&str> = lines.iter().copied().collect();
    by_length.sort_by_key(|line| line.len());
    for line in by_length {
        let end = line.as_bytes().iter().fold(start, step);
        let rest = line.as_bytes()[1..].iter().fold(start, step);
        let of_rest = held.get(&rest).copied().unwrap_or(0);
        held.entry(end).or_insert(of_rest);
    }
    let mut sorted: Vec<_> = held.into_iter().collect();
    sorted.sort_unstable();
    sorted
}

/// A writer that masks secrets in what passes through it.
pub struct MaskingWriter<W> {
    out: W,
    masks: Masks,
    state: StateID,
    /// The last bytes, which can become a secret.
    held: Zeroizing<Vec<u8>>,
    /// The secrets found in `held`, in order, as offsets. Overlapping ones are one.
    found: VecDeque<(usize, usize)>,
    /// Bytes at the beginning of `held` that are part of a secret already masked.
    covered: usize,
}

impl<W: Write> MaskingWriter<W> {
    /// Creates a writer in front of `out`.
    pub fn new(out: W, masks: Masks) -> Self {
        let state = masks.0.start;
        MaskingWriter { out, masks, state, held: Zeroizing::default(), found: VecDeque::new(), covered: 0 }
    }

    /// Adds bytes, and writes all that cannot be part of a secret.
    ///
    /// # Errors
    /// Returns the error of `out`.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        let first = self.held.len();
        // A new buffer, so that growing leaves no copies behind.
        let mut all = Zeroizing::new(Vec::with_capacity(first + bytes.len()));
        all.extend_from_slice(&self.held);
        all.extend_from_slice(bytes);
        let mut state = self.state;
        for (at, byte) in bytes.iter().enumerate() {
            state = self.masks.step(state, *byte);
            if let Some(length) = self.masks.ends(state) {
                let end = first + at + 1;
                self.add(end - length, end);
            }
        }
        self.state = state;
        let safe = all.len() - self.masks.held(state);
        self.write(all, safe)
    }

    /// Adds a secret that ends after all others.
    fn add(&mut self, mut start: usize, end: usize) {
        while let Some((earlier, _)) = self.found.back().copied().filter(|(_, last)| *last > start) {
            start = start.min(earlier);
            self.found.pop_back();
        }
        self.found.push_back((start, end));
    }

    /// Writes the bytes that were held back, because none follow.
    ///
    /// # Errors
    /// Returns the error of `out`.
    pub fn finish(&mut self) -> io::Result<()> {
        let all = std::mem::take(&mut self.held);
        let end = all.len();
        self.write(all, end)
    }

    /// Writes the first `safe` bytes, and a mask for each secret that begins in them.
    fn write(&mut self, all: Zeroizing<Vec<u8>>, safe: usize) -> io::Result<()> {
        let mut out = Zeroizing::new(Vec::with_capacity(safe + MASK.len()));
        while let Some((start, end)) = self.found.front().copied().filter(|(start, _)| *start < safe) {
            self.found.pop_front();
            // A secret that overlaps the last one is masked with it.
            if start >= self.covered {
                out.extend_from_slice(&all[self.covered..start]);
                out.extend_from_slice(MASK.as_bytes());
            }
            self.covered = self.covered.max(end);
        }
        if self.covered < safe {
            out.extend_from_slice(&all[self.covered..safe]);
        }
        self.held = Zeroizing::new(all[safe..].to_vec());
        self.covered = self.covered.saturating_sub(safe);
        self.found.iter_mut().for_each(|(start, end)| (*start, *end) = (*start - safe, *end - safe));
        self.out.write_all(&out).and_then(|()| self.out.flush())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(values: &[&str], pieces: &[&str]) -> String {
        masked_by(&Masks::new(values.iter().copied()), pieces)
    }

    fn masked_by(masks: &Masks, pieces: &[&str]) -> String {
        let mut stream = MaskingWriter::new(Vec::new(), masks.clone());
        pieces.iter().for_each(|piece| stream.push(piece.as_bytes()).unwrap());
        stream.finish().unwrap();
        String::from_utf8(stream.out).unwrap()
    }

    #[test]
    fn lines_to_mask_are_trimmed_and_not_too_short() {
        assert_eq!(lines_to_mask("one\r\n  two \n\n{\n\rab\n"), (vec!["one", "two"], 2));
        assert_eq!(lines_to_mask(" \n "), (vec![], 0));
        assert_eq!(lines_to_mask("äöü"), (vec!["äöü"], 0));
    }

    #[test]
    fn every_line_of_every_value_is_masked() {
        for (values, text, shown) in [
            (&["secret"][..], "a secret, secretsecret.", "a ***, ******."),
            (&["one\ntwo\n  three\r\n"], "one\ntwo|  three", "***\n***|  ***"),
            (&["secret", "secret-longer"], "secret-longer secret-long", "*** ***-long"),
            (&["abcd", "cdef"], "xabcdefx", "x***x"),
            (&["aab"], "aaaab", "aa***"),
            (&["ab"], "ab", "ab"),
            (&[""], "text", "text"),
            (&["ünï"], "zünïz", "z***z"),
            (&["secret-1"], "c2VjcmV0LTE= eHNlY3JldC0x %73", "*** eH*** %73"),
            (&["a b&c"], "?q=a%20b%26c&r=a+b%26c", "?q=***&r=***"),
            (&["p\"q\nline two"], "{\"a\":\"p\\\"q\\nline two\"}", "{\"a\":\"***\"}"),
        ] {
            assert_eq!(masked(values, &[text]), shown, "{values:?}");
        }
    }

    #[test]
    fn a_split_stream_is_masked_alike() {
        let text = "aab secret-longer secret-lo secret\nabcdef aaaab secre";
        let values = ["secret", "secret-longer", "abcd", "cdef", "aab"];
        let whole = masked(&values, &[text]);
        assert!(!whole.contains("cdef") && whole.ends_with("secre"), "{whole}");
        for first in 0..text.len() {
            for second in first..text.len() {
                let pieces = [&text[..first], &text[first..second], &text[second..]];
                assert_eq!(masked(&values, &pieces), whole, "{first} {second}");
            }
        }
        let bytes: Vec<_> = (0..text.len()).map(|at| &text[at..=at]).collect();
        assert_eq!(masked(&values, &bytes), whole);
    }

    #[test]
    fn bytes_that_begin_no_secret_are_written_at_once() {
        let mut stream = MaskingWriter::new(Vec::new(), Masks::new(["secret"]));
        stream.push(b"Password: ").unwrap();
        assert_eq!(stream.out, b"Password: ");
        stream.push(b"s").unwrap();
        assert_eq!(stream.out, b"Password: ");
        stream.push(b"o").unwrap();
        assert_eq!(stream.out, b"Password: so");
    }

    /// Masks the text by the definition: each secret, and one mask for those that overlap.
    fn by_definition(values: &[&str], text: &str) -> String {
        let (mut shown, mut covered) = (String::new(), 0);
        for at in 0..text.len() {
            let longest = values.iter().filter(|value| text[at..].starts_with(**value)).map(|value| value.len()).max();
            if let Some(length) = longest {
                shown += if at >= covered { MASK } else { "" };
                covered = covered.max(at + length);
            }
            shown += if at >= covered { &text[at..=at] } else { "" };
        }
        shown
    }

    /// All values of three and four letters of two, in groups, against texts of the same letters.
    #[test]
    fn masks_equal_the_definition() {
        let words = |length: u32| {
            (0..1_u32 << length)
                .map(move |bits| (0..length).map(|at| if bits >> at & 1 == 1 { 'a' } else { 'b' }).collect::<String>())
        };
        let values: Vec<String> = words(3).chain(words(4)).collect();
        let texts: Vec<String> = words(9).collect();
        for (first, step) in (0..values.len()).flat_map(|first| (1..9).map(move |step| (first, step))) {
            let chosen: Vec<&str> = (0..3).map(|nth| values[(first + nth * step) % values.len()].as_str()).collect();
            let masks = Masks::new(chosen.iter().copied());
            for text in texts.iter().step_by(7) {
                let expected = by_definition(&chosen, text);
                assert_eq!(masked_by(&masks, &[text]), expected, "{chosen:?} {text}");
                let pieces: Vec<_> = (0..text.len()).map(|at| &text[at..=at]).collect();
                assert_eq!(masked_by(&masks, &pieces), expected, "{chosen:?} {text} byte by byte");
            }
        }
    }

    #[test]
    fn whole_secret_is_masked_at_once() {
        let mut stream = MaskingWriter::new(Vec::new(), Masks::new(["secret", "retry", "rets"]));
        stream.push(b"a secret").unwrap();
        assert_eq!(stream.out, b"a ***");
        stream.push(b"r").unwrap();
        stream.push(b"y").unwrap();
        assert_eq!(String::from_utf8_lossy(&stream.out), "a ***", "'retry' overlaps 'secret'");
    }

    /// With 25 KB of lines that begin alike, each byte took thousands of comparisons.
    #[test]
    fn lines_that_begin_alike_cost_no_time() {
        let letters = "bcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let pairs = letters.chars().flat_map(|one| letters.chars().map(move |other| format!("a{one}{other}\n")));
        let value: String = pairs.collect();
        let (sender, ended) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut stream = MaskingWriter::new(io::sink(), Masks::new([value.as_str()]));
            let block = vec![b'a'; 16 << 10];
            (0..512).for_each(|_| stream.push(&block).unwrap());
            sender.send(()).unwrap();
        });
        ended.recv_timeout(std::time::Duration::from_secs(60)).expect("8 MB are masked in a minute");
    }
}
