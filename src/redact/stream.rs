//! `***` for every line of every secret in a stream of bytes, however the stream is cut into pieces.
//!
//! Bytes that could be the beginning of a secret are held back until it is known that they are not.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::output::variables::lines_to_mask;

/// What stands for a secret.
const MASK: &[u8] = b"***";

/// The texts that may not be seen. It has no `Debug`.
#[derive(Clone)]
pub struct Masks(Arc<Vec<Vec<Zeroizing<Vec<u8>>>>>);

impl Masks {
    /// Every line of the values that is long enough.
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

/// A stream in which the secrets are masked.
pub struct Masked<W> {
    out: W,
    masks: Masks,
    held: Zeroizing<Vec<u8>>,
    /// How many bytes at the beginning of `held` are part of a secret that is masked already.
    covered: usize,
}

impl<W: Write> Masked<W> {
    /// A stream to `out`.
    pub fn new(out: W, masks: Masks) -> Self {
        Masked { out, masks, held: Zeroizing::default(), covered: 0 }
    }

    /// Takes bytes in and writes what can be told to be no secret.
    ///
    /// # Errors
    /// Whatever the writing ended with.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        // A new buffer, so that growing leaves no copies behind.
        let mut all = Zeroizing::new(Vec::with_capacity(self.held.len() + bytes.len()));
        all.extend_from_slice(&self.held);
        all.extend_from_slice(bytes);
        self.held = all;
        self.write(Rest::MayFollow)
    }

    /// Writes what was held back: nothing follows that could make it a secret.
    ///
    /// # Errors
    /// Whatever the writing ended with.
    pub fn finish(&mut self) -> io::Result<()> {
        self.write(Rest::IsOver)
    }

    fn write(&mut self, rest: Rest) -> io::Result<()> {
        let held = &self.held;
        let mut out = Zeroizing::new(Vec::with_capacity(held.len() + MASK.len()));
        let (mut at, mut covered) = (0, self.covered);
        while at < held.len() {
            let here = &held[at..];
            let candidates = self.masks.beginning_with(here[0]);
            if rest == Rest::MayFollow
                && candidates.iter().any(|mask| mask.len() > here.len() && mask.starts_with(here))
            {
                break;
            }
            // Secrets that overlap in the text are hidden to the end of the last of them.
            if let Some(longest) = candidates.iter().filter(|mask| here.starts_with(mask)).map(|mask| mask.len()).max()
            {
                if at >= covered {
                    out.extend_from_slice(MASK);
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
enum Rest {
    MayFollow,
    IsOver,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(values: &[&str], pieces: &[&str]) -> String {
        let mut stream = Masked::new(Vec::new(), Masks::new(values.iter().copied()));
        pieces.iter().for_each(|piece| stream.push(piece.as_bytes()).unwrap());
        stream.finish().unwrap();
        String::from_utf8(stream.out).unwrap()
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
    fn it_does_not_matter_how_the_stream_is_cut() {
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
    fn what_cannot_be_a_secret_goes_out_at_once() {
        let mut stream = Masked::new(Vec::new(), Masks::new(["secret"]));
        stream.push(b"Password: ").unwrap();
        assert_eq!(stream.out, b"Password: ");
        stream.push(b"s").unwrap();
        assert_eq!(stream.out, b"Password: ");
        stream.push(b"o").unwrap();
        assert_eq!(stream.out, b"Password: so");
    }
}
