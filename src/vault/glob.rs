//! A glob for secret names: `*` matches any characters, `?` one, and `[abc]`, `[a-z]`, `[!a-z]` and `[^a-z]` one of a set.
//!
//! Case does not matter, as in a vault. There is no escape: names hold none of these characters.

use std::fmt;

use glob::Pattern;

/// A pattern for secret names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    text: String,
    pattern: Pattern,
}

impl Glob {
    /// Reads a pattern. Returns nothing if it is empty, if it has a character that no name has, or if a set in it is empty
    /// or not closed.
    pub fn parse(text: &str) -> Option<Self> {
        let is_known = |c: char| c.is_ascii_alphanumeric() || "-*?[]!^".contains(c);
        if !text.chars().all(is_known) {
            return None;
        }
        let mut pattern = text.to_ascii_lowercase().replace("[^", "[!");
        // The crate accepts `**` as a whole path component only.
        while pattern.contains("**") {
            pattern = pattern.replace("**", "*");
        }
        // The crate reads a `]` that begins a set as a member of it.
        if text.is_empty() || pattern.contains("[]") || pattern.contains("[!]") {
            return None;
        }
        Some(Glob { text: text.to_owned(), pattern: Pattern::new(&pattern).ok()? })
    }

    /// Returns true if the pattern fixes the first word of the names, as `app-*` does, or is a name.
    pub fn has_first_word(&self) -> bool {
        let literal = self.text.find(['*', '?', '[']).map_or(self.text.as_str(), |end| &self.text[..end]);
        literal.len() == self.text.len() || literal.find('-').is_some_and(|at| at > 0)
    }

    /// Returns true if the pattern matches the whole name.
    pub fn matches(&self, name: &str) -> bool {
        self.pattern.matches(&name.to_ascii_lowercase())
    }
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
    fn glob_matches_whole_names_without_case() {
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
            ("[^a-c]x", "Bx", false),
            ("[-a]", "-", true),
            ("exact", "EXACT", true),
            ("exact", "exactly", false),
        ] {
            assert_eq!(Glob::parse(pattern).unwrap().matches(name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn many_stars_match_in_short_time() {
        let pattern = Glob::parse(&"a*".repeat(40)).unwrap();
        assert!(!pattern.matches(&format!("{}b", "a".repeat(30))));
        assert!(pattern.matches(&"a".repeat(127)));
    }

    #[test]
    fn malformed_pattern_is_refused() {
        for text in ["", "[", "a[", "[]", "[!]", "[^]", "db_*", "Config#/db", "a b"] {
            assert_eq!(Glob::parse(text), None, "{text}");
        }
    }
}
