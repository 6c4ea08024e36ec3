//! A glob for secrets' names: `*` is any run of characters, `?` any one, `[abc]`, `[a-z]` and `[!a-z]` one of a set.
//!
//! The case of letters does not matter, as it does not to a vault. There is no escape: a name holds none of these marks.

use std::fmt;

/// A pattern for names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    AnyRun,
    AnyOne,
    One(u8),
    OneOf { ranges: Vec<(u8, u8)>, inverted: bool },
}

impl Glob {
    /// Reads a pattern; none where it is empty, or a set in it is empty or has no end.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            match first {
                b'*' if parts.last() == Some(&Part::AnyRun) => {}
                b'*' => parts.push(Part::AnyRun),
                b'?' => parts.push(Part::AnyOne),
                b'[' => {
                    let end = rest.iter().position(|b| *b == b']')?;
                    parts.push(set(&rest[..end])?);
                    rest = &rest[end + 1..];
                }
                byte => parts.push(Part::One(byte.to_ascii_lowercase())),
            }
        }
        (!parts.is_empty()).then(|| Glob { text: text.to_owned(), parts })
    }

    /// Whether a name fits, whole and without regard to case.
    pub fn matches(&self, name: &str) -> bool {
        let name = name.as_bytes();
        let (mut part, mut at) = (0, 0);
        // Where to go on after the last `*` when what follows it does not fit here.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            match self.parts.get(part) {
                Some(Part::AnyRun) => {
                    retry = Some((part + 1, at));
                    part += 1;
                    continue;
                }
                Some(single) if at < name.len() && single.fits(name[at]) => {
                    (part, at) = (part + 1, at + 1);
                    continue;
                }
                None if at == name.len() => return true,
                _ => {}
            }
            match retry {
                Some((after, from)) if from < name.len() => {
                    retry = Some((after, from + 1));
                    (part, at) = (after, from + 1);
                }
                _ => return false,
            }
        }
    }
}

impl Part {
    fn fits(&self, byte: u8) -> bool {
        let byte = byte.to_ascii_lowercase();
        match self {
            Part::AnyRun | Part::AnyOne => true,
            Part::One(one) => *one == byte,
            Part::OneOf { ranges, inverted } => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&byte)) != *inverted
            }
        }
    }
}

fn set(inner: &[u8]) -> Option<Part> {
    let (inverted, mut inner) = match inner {
        [b'!' | b'^', rest @ ..] => (true, rest),
        _ => (false, inner),
    };
    let mut ranges = Vec::new();
    while let Some((first, rest)) = inner.split_first() {
        let (last, rest) = match rest {
            [b'-', last, after @ ..] => (last, after),
            _ => (first, rest),
        };
        ranges.push((first.to_ascii_lowercase(), last.to_ascii_lowercase()));
        inner = rest;
    }
    (!ranges.is_empty()).then_some(Part::OneOf { ranges, inverted })
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_as_in_a_shell_but_without_case() {
        for (pattern, name, fits) in [
            ("*", "a", true),
            ("*", "", true),
            ("db-*", "DB-Password", true),
            ("db-*", "db-", true),
            ("db-*", "adb-x", false),
            ("*-key", "api-KEY", true),
            ("*-key", "api-keys", false),
            ("a*b*c", "aXXbYYbZZc", true),
            ("a*b*c", "aXXcYYb", false),
            ("**a**", "bab", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("secret-[0-4]*", "secret-0001", true),
            ("secret-[0-4]*", "secret-5", false),
            ("[!a-c]x", "dx", true),
            ("[!a-c]x", "Bx", false),
            ("[-a]", "-", true),
            ("exact", "EXACT", true),
            ("exact", "exactly", false),
        ] {
            assert_eq!(Glob::parse(pattern).unwrap().matches(name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_take_no_longer() {
        let pattern = Glob::parse(&"a*".repeat(40)).unwrap();
        assert!(!pattern.matches(&format!("{}b", "a".repeat(30))));
        assert!(pattern.matches(&"a".repeat(127)));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["", "[", "a[", "[]", "[!]"] {
            assert_eq!(Glob::parse(text), None, "{text}");
        }
    }
}
