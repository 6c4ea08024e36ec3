//! Masks every line of known values in a stream of bytes (`run --mask`), wherever the stream is split.
//!
//! Bytes that can begin a secret are held back until it is clear that they do not.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::tokens::MASK;

/// Characters of the shortest line that is masked. Masking one or two characters would hide half of a log.
pub const SHORTEST_LINE: usize = 3;

/// Returns the lines of a value to mask, without surrounding spaces, and the number of lines too short to mask.
pub fn lines_to_mask(value: &str) -> (Vec<&str>, usize) {
    let lines: Vec<_> = value.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect();
    let long = lines.iter().copied().filter(|line| line.chars().count() >= SHORTEST_LINE).collect::<Vec<_>>();
    let short = lines.len() - long.len();
    (long, short)
}

/// The lines to mask, by their first byte.
#[derive(Clone)]
pub struct Masks(Arc<Vec<Vec<Zeroizing<Vec<u8>>>>>);

impl Masks {
    /// Collects every line of the values that is long enough.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let lines: BTreeSet<&str> = values.into_iter().flat_map(|value| lines_to_mask(value).0).collect();
        let mut by_first_byte: Vec<Vec<Zeroizing<Vec<u8>>>> = vec![Vec::new(); 256];
        for line in lines {
            by_first_byte[usize::from(line.as_bytes()[0])].push(Zeroizing::new(line.as_bytes().to_vec()));
        }
        Masks(Arc::new(by_first_byte))
    }

    fn beginning_with(&self, byte: u8) -> &[Zeroizing<Vec<u8>>] {
        &self.0[usize::from(byte)]
    }
}

/// A writer that masks secrets in what passes through it.
pub struct MaskingWriter<W> {
    out: W,
    masks: Masks,
    held: Zeroizing<Vec<u8>>,
    /// Bytes at the beginning of `held` that are part of a secret already masked.
    covered: usize,
}

impl<W: Write> MaskingWriter<W> {
    /// Creates a writer in front of `out`.
    pub fn new(out: W, masks: Masks) -> Self {
        MaskingWriter { out, masks, held: Zeroizing::default(), covered: 0 }
    }

    /// Adds bytes, and writes all that cannot be part of a secret.
    ///
    /// # Errors
    /// Returns the error of `out`.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        // A new buffer, so that growing leaves no copies behind.
        let mut all = Zeroizing::new(Vec::with_capacity(self.held.len() + bytes.len()));
        all.extend_from_slice(&self.held);
        all.extend_from_slice(bytes);
        self.held = all;
        self.write(Input::Open)
    }

    /// Writes the bytes that were held back, because none follow.
    ///
    /// # Errors
    /// Returns the error of `out`.
    pub fn finish(&mut self) -> io::Result<()> {
        self.write(Input::Ended)
    }

    fn write(&mut self, input: Input) -> io::Result<()> {
        let held = &self.held;
        let mut out = Zeroizing::new(Vec::with_capacity(held.len() + MASK.len()));
        let (mut at, mut covered) = (0, self.covered);
        while at < held.len() {
            let here = &held[at..];
            let candidates = self.masks.beginning_with(here[0]);
            if input == Input::Open && candidates.iter().any(|mask| mask.len() > here.len() && mask.starts_with(here)) {
                break;
            }
            // Overlapping secrets are masked to the end of the last one.
            if let Some(longest) = candidates.iter().filter(|mask| here.starts_with(mask)).map(|mask| mask.len()).max()
            {
                if at >= covered {
                    out.extend_from_slice(MASK.as_bytes());
                }
                covered = covered.max(at + longest);
            }
            if at >= covered {
                out.push(here[0]);
            }
            at += 1;
        }
        let left = Zeroizing::new(held[at..].to_vec());
        (self.held, self.covered) = (left, covered.saturating_sub(at));
        self.out.write_all(&out).and_then(|()| self.out.flush())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Input {
    Open,
    Ended,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(values: &[&str], pieces: &[&str]) -> String {
        let mut stream = MaskingWriter::new(Vec::new(), Masks::new(values.iter().copied()));
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
}
