//! Hides secrets, tokens and control characters. No other module does.
//!
//! Text from servers, tools and files is untrusted: it can quote anything. [`sanitize`] is called where such a text comes in.
//! It removes known secrets, whatever looks like a token and invisible characters, and clips the rest. [`sanitize_line`] is
//! called for each line that goes out, including azfob's own.
//!
//! Fetched values are hidden in untrusted text only. A value can be a vault's name or address, and azfob's own messages and
//! the fields that it acts on must keep those.

mod encodings;
mod forms;
pub mod identifiers;
mod registry;
pub mod secret;
pub mod stream;
mod tokens;

use std::borrow::Cow;
use std::io;

use serde_json::Value;

pub use registry::{mask_fetched, may_hold_password, register_env_secrets, register_fetched, register_secret};
pub use tokens::mask_tokens;

/// The longest untrusted text that is shown, in characters.
const LIMIT: usize = 1_000;

/// The start of a pipeline command, `##vso[` or `##[`. Agents run these anywhere in a line
/// (<https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>).
pub const COMMAND_MARKER: &str = "##";

/// Returns untrusted text without secrets, fetched values, tokens and invisible characters, clipped to 1,000 characters.
/// Keeps line breaks.
pub fn sanitize(text: &str) -> String {
    sanitize_with(text, |mut text| {
        mask_fetched([&mut text]);
        mask(text)
    })
}

/// Returns a message of azfob's, or a field that azfob acts on, as [`sanitize`] does, but with fetched values.
pub fn sanitize_field(text: &str) -> String {
    sanitize_with(text, mask)
}

fn sanitize_with(text: &str, mask: impl Fn(String) -> String) -> String {
    let visible: Cow<'_, str> = match is_printable_ascii(text) {
        true => text.into(),
        false => text.chars().filter(|c| matches!(c, '\n' | '\t') || !is_invisible(*c)).collect(),
    };
    // Megabytes need not be searched: most of them are not shown.
    let beginning = clip(&visible, 8 * LIMIT);
    let masked = mask(beginning.to_owned());
    let clipped = clip(&masked, LIMIT);
    if (clipped.len(), beginning.len()) == (masked.len(), visible.len()) {
        return masked;
    }
    format!("{clipped}… ({} characters)", visible.chars().count())
}

/// Returns text for one line of output, without secrets, tokens and invisible characters. Line breaks become spaces.
pub fn sanitize_line(text: &str) -> String {
    mask(strip_control_chars(text))
}

/// Returns a quote from a log without secrets, and without words that look like secrets of any kind.
pub fn sanitize_log_quote(text: &str) -> String {
    tokens::mask_likely_secrets(&sanitize_line(text))
}

/// Returns text for one line, without invisible characters and pipeline commands. It masks nothing: a secret's name in a
/// list must stay as it is.
pub fn strip_control_chars(text: &str) -> String {
    let text: String =
        if is_printable_ascii(text) { text.to_owned() } else { text.chars().filter_map(visible_or_space).collect() };
    if text.contains(COMMAND_MARKER) { text.replace("##vso[", "# #vso[").replace("##[", "# #[") } else { text }
}

/// Returns the first line of an error message. Advice or a stack trace often follows it.
pub fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default().trim()
}

/// Returns the operating system's error message, in lower case and without the error number and the final full stop.
pub fn os_error_text(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).trim_end_matches('.').to_lowercase()
}

/// Sanitizes every string of JSON that azfob acts on.
pub fn sanitize_json(value: Value) -> Value {
    map_strings(value, &|text| sanitize_field(&text))
}

/// Masks secrets and tokens in every string of a report. Its writer escapes invisible characters.
pub fn mask_json(value: Value) -> Value {
    map_strings(value, &mask)
}

fn map_strings(value: Value, change: &dyn Fn(String) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(text)),
        Value::Array(values) => values.into_iter().map(|value| map_strings(value, change)).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, map_strings(value, change))).collect(),
        other => other,
    }
}

/// Returns true if the text is printable ASCII. Most texts are, and need no search for invisible characters.
pub fn is_printable_ascii(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

/// Returns true for control characters, bidirectional marks and characters without width (Unicode's
/// `Default_Ignorable_Code_Point`). Line breaks and tabs are among them.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn visible_or_space(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        c => (!is_invisible(c)).then_some(c),
    }
}

fn mask(text: String) -> String {
    mask_tokens(&registry::mask_secrets(text))
}

/// The first `limit` characters.
fn clip(text: &str, limit: usize) -> &str {
    text.char_indices().nth(limit).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sanitize_removes_invisible_characters_and_keeps_lines() {
        let text = "a\u{1b}[31mb\u{9b}c\u{61c}d\u{202e}e\u{200b}f\u{feff}g\r\nh\u{2066}k";
        assert_eq!(sanitize(text), "a[31mbcdefg\nhk");
        assert_eq!(sanitize_line("a\r\nb\u{2028}c\td\u{85}e\u{7}"), "a  b c de");
        assert_eq!(sanitize("Grüße, 世界 👋"), "Grüße, 世界 👋");
    }

    #[test]
    fn sanitize_line_disarms_pipeline_commands() {
        for text in ["a ##vso[task.prependpath]/tmp", "###[error]x", "#\u{200b}#v\u{2060}so[task.complete]"] {
            let line = sanitize_line(text);
            assert!(!line.contains("##vso[") && !line.contains("##["), "{line}");
        }
        assert_eq!(sanitize_line("## Title, C##, #[x]"), "## Title, C##, #[x]");
    }

    #[test]
    fn sanitize_masks_a_token_with_invisible_characters_in_it() {
        assert_eq!(sanitize("saw e\u{200b}yJhbGciOiJub25lIn0.e3\u{202e}0.c2ln here"), "saw *** here");
    }

    #[test]
    fn sanitize_clips_long_text_and_gives_its_length() {
        let text = sanitize(&"é".repeat(3 << 20));
        assert!(text.ends_with("é… (3145728 characters)"), "{}", &text[text.len() - 60..]);
        assert_eq!(text.chars().filter(|c| *c == 'é').count(), LIMIT);
    }

    proptest! {
        #[test]
        fn sanitized_text_is_visible_and_short(text in "\\PC*|.*|[\u{0}-\u{2fff}]*") {
            prop_assert!(!sanitize_line(&text).chars().any(is_invisible));
            prop_assert!(!sanitize(&text).chars().any(|c| c != '\n' && c != '\t' && is_invisible(c)));
            prop_assert!(sanitize(&text).chars().count() < LIMIT + 40);
        }
    }
}
