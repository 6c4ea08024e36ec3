//! The words of others: what a server, a proxy, a program or a file says, made fit to be told.
//!
//! Nobody can know what such a text quotes. So every one of them passes through a [`Cleaner`] where it comes in: pieces of
//! the secrets that this run holds are cut out, tokens are, whatever a terminal would act on or not show is, and what is
//! left is clipped. What goes out passes [`is_unseen`] once more.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;
use zeroize::Zeroizing;

use crate::env::{self, Env};
use crate::secret::{Secret, mask_tokens};

/// The longest line that is told, in characters.
const LINE_LIMIT: usize = 1_000;
/// The longest text of several lines: a vault's refusal, with all its facts, has about 1,000 characters.
const TEXT_LIMIT: usize = 8 * LINE_LIMIT;
/// A piece of a secret as long as this is cut out; a shorter one says too little of it, and occurs by chance.
const PIECE: usize = 8;
/// A secret shorter than a piece is cut out whole; one shorter than this would cut up every word.
const SHORTEST: usize = 4;
/// What stands for what was cut out.
const MASK: &str = "***";

/// Knows the secrets that a run holds.
#[derive(Clone, Default)]
pub struct Cleaner {
    secrets: Arc<Vec<Secret>>,
}

impl Cleaner {
    /// Knows the secrets in the environment.
    pub fn new(env: &Env) -> Self {
        let secrets = env::VARIABLES.iter().filter(|variable| variable.is_secret);
        Cleaner { secrets: Arc::new(secrets.filter_map(|variable| env.get(variable.name)).map(Secret::new).collect()) }
    }

    /// Knows these too: what a request was sent with.
    pub fn knowing<'a>(&self, more: impl IntoIterator<Item = &'a str>) -> Self {
        let secrets = self.secrets.iter().cloned().chain(more.into_iter().map(Secret::new));
        Cleaner { secrets: Arc::new(secrets.collect()) }
    }

    /// The text without pieces of secrets, tokens and what is not seen, clipped. Its lines stay lines.
    pub fn clean(&self, text: &str) -> String {
        clip(&seen(&mask_tokens(&self.mask(text))))
    }

    /// Every text in a value, cleaned.
    pub fn clean_json(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.clean(&text)),
            Value::Array(values) => values.into_iter().map(|value| self.clean_json(value)).collect(),
            Value::Object(fields) => {
                fields.into_iter().map(|(name, value)| (self.clean(&name), self.clean_json(value))).collect()
            }
            other => other,
        }
    }

    /// The text without pieces of secrets, in the forms that they are sent and quoted in.
    pub fn mask(&self, text: &str) -> String {
        let mut windows: HashSet<[u8; PIECE]> = HashSet::new();
        let mut short: Vec<Zeroizing<String>> = Vec::new();
        for secret in self.secrets.iter().map(Secret::expose) {
            for form in [Zeroizing::new(secret.to_owned()), encoded(secret)] {
                match form.len() {
                    0..SHORTEST => {}
                    SHORTEST..PIECE => short.push(form),
                    _ => windows.extend(form.as_bytes().array_windows()),
                }
            }
        }
        if windows.is_empty() && short.is_empty() {
            return text.to_owned();
        }
        let covered = covered(text.as_bytes(), &windows, &short);
        let mut masked = String::with_capacity(text.len());
        let mut was_covered = false;
        for (at, c) in text.char_indices() {
            match covered[at] {
                true if !was_covered => masked.push_str(MASK),
                true => {}
                false => masked.push(c),
            }
            was_covered = covered[at];
        }
        masked
    }
}

/// Which bytes belong to a piece of a secret.
fn covered(text: &[u8], windows: &HashSet<[u8; PIECE]>, short: &[Zeroizing<String>]) -> Zeroizing<Vec<bool>> {
    let mut covered = Zeroizing::new(vec![false; text.len()]);
    for (at, window) in text.array_windows::<PIECE>().enumerate() {
        if windows.contains(window) {
            covered[at..at + PIECE].fill(true);
        }
    }
    for secret in short.iter().map(|secret| secret.as_bytes()) {
        for at in (0..text.len()).filter(|at| text[*at..].starts_with(secret)) {
            covered[at..at + secret.len()].fill(true);
        }
    }
    covered
}

/// A secret as a form carries it.
fn encoded(secret: &str) -> Zeroizing<String> {
    Zeroizing::new(form_urlencoded::byte_serialize(secret.as_bytes()).collect())
}

/// Whether a character is not seen, or changes how those around it are: controls, marks that turn the direction of text
/// around, with which a line can be made to read as another, and what has no width. Line breaks and tabs are among them.
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Without what is not seen, save the ends of lines; other breaks and tabs become blanks.
fn seen(text: &str) -> String {
    let keep = |c: char| match c {
        '\n' | '\r' => Some(c),
        '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        c => (!is_unseen(c)).then_some(c),
    };
    text.chars().filter_map(keep).collect()
}

/// No line longer than the limit, and not too many of them; what was longer says how long.
fn clip(text: &str) -> String {
    let clipped = |text: &str, limit: usize| match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
    };
    if text.len() <= LINE_LIMIT {
        return text.to_owned();
    }
    let lines: Vec<_> = text.split('\n').map(|line| clipped(line, LINE_LIMIT)).collect();
    clipped(&lines.join("\n"), TEXT_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SECRET: &str = "Xy7~Q8_quite+secret/indeed.and-long";

    fn cleaner() -> Cleaner {
        [(env::AZURE_CLIENT_SECRET, SECRET), (env::AZURE_CLIENT_ID, "not-a-secret"), (env::AZURE_PASSWORD, "pa55")]
            .into_iter()
            .collect::<Env>()
            .into()
    }

    impl From<Env> for Cleaner {
        fn from(env: Env) -> Self {
            Cleaner::new(&env)
        }
    }

    #[test]
    fn a_secret_is_cut_out_whole_in_part_and_as_a_form_carries_it() {
        let clean = |text: &str| cleaner().clean(text);
        assert_eq!(clean(&format!("bad secret {SECRET}.")), "bad secret ***.");
        assert_eq!(clean(&format!("bad secret {}...", &SECRET[3..20])), "bad secret ***...");
        assert_eq!(clean("client_secret=Xy7%7EQ8_quite%2Bsecret%2Findeed.and-long&x=1"), "client_secret=***&x=1");
        assert_eq!(clean("the password pa55 is old"), "the password *** is old");
        assert_eq!(clean("quite another secret, not-a-secret"), "quite another secret, not-a-secret");
        let token = "opaque-token-of-this-run";
        assert_eq!(cleaner().knowing([token]).clean(&format!("got {token}")), "got ***");
        assert_eq!(clean("saw eyJhbGciOiJub25lIn0.e30.c2ln here"), "saw *** here");
        assert_eq!(
            cleaner().clean_json(json!({"error": {"message": [format!("é{SECRET}é")]}, "codes": [7]})),
            json!({"error": {"message": ["é***é"]}, "codes": [7]})
        );
    }

    #[test]
    fn what_is_not_seen_is_taken_out_and_lines_stay() {
        let text = "a\u{1b}[31mb\u{9b}c\u{61c}d\u{202e}e\u{200b}f\u{feff}g\r\nh\ti\u{2028}j\u{2066}k";
        assert_eq!(Cleaner::default().clean(text), "a[31mbcdefg\r\nh i jk");
        assert_eq!(Cleaner::default().clean("Grüße, 世界 👋"), "Grüße, 世界 👋");
    }

    #[test]
    fn what_is_long_is_clipped_and_says_how_long_it_was() {
        let told = Cleaner::default().clean(&"é".repeat(3 << 20));
        assert!(told.starts_with("éé") && told.ends_with("é… (3145728 characters)"), "{}", &told[told.len() - 60..]);
        assert_eq!(told.chars().filter(|c| *c == 'é').count(), LINE_LIMIT);
        let lines = Cleaner::default().clean(&"line\n".repeat(1 << 20));
        assert!(lines.chars().count() < TEXT_LIMIT + 40);
    }
}
