//! Masks tokens, and words that look like secrets, without knowing them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Replaces each hidden part.
pub(super) const MASK: &str = "***";
/// Base64 of `{"` and a letter: every JSON web token begins with it.
const TOKEN_START: &str = "eyJ";
/// Characters that decide whether a word is a token: 9 bytes of JSON.
const TOKEN_PREFIX: usize = 12;
/// Passwords and keys follow these in connection strings and queries.
const SECRET_NAMES: [&str; 5] = ["client_secret=", "password=", "pwd=", "sig=", "accountkey="];
/// A word of at least this length with upper case, lower case and digits is taken for a key.
const SHORTEST_KEY: usize = 32;

/// Masks every JSON web token. A server's message can quote one.
pub fn mask_tokens(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(TOKEN_START) {
        let (before, found) = rest.split_at(at);
        let end = found.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.=+/".contains(c))).unwrap_or(found.len());
        let (shown, length) = match &found[..end] {
            claims if is_claims_request(claims) => (claims, end),
            token if begins_token(token) => (MASK, end),
            _ => (TOKEN_START, TOKEN_START.len()),
        };
        masked.push_str(before);
        masked.push_str(shown);
        rest = &found[length..];
    }
    masked + rest
}

/// Returns true if the text begins with base64 of printable characters. `MonkeyJsonSettings`, a valid secret name, contains
/// `eyJ` and does not.
fn begins_token(text: &str) -> bool {
    let prefix = text.get(..TOKEN_PREFIX).map(|prefix| prefix.replace('+', "-").replace('/', "_"));
    let decoded = prefix.and_then(|prefix| URL_SAFE_NO_PAD.decode(prefix).ok());
    text.len() > TOKEN_PREFIX && decoded.is_some_and(|json| json.iter().all(|byte| matches!(byte, b' '..=b'~')))
}

/// Returns true for a request for claims, which `az login --claims-challenge` accepts: `{"access_token":{"acrs":...}}`.
/// In an answer with a token, the value is a string (<https://openid.net/specs/openid-connect-core-1_0.html#ClaimsParameter>).
fn is_claims_request(text: &str) -> bool {
    let json = STANDARD.decode(text).ok();
    let claims = json.and_then(|json| serde_json::from_slice::<serde_json::Map<_, serde_json::Value>>(&json).ok());
    claims.is_some_and(|claims| claims.len() == 1 && claims.get("access_token").is_some_and(is_request))
}

/// True if the value only names claims, their values and whether they are essential.
fn is_request(claims: &serde_json::Value) -> bool {
    let is_claim = |claim: &serde_json::Value| {
        claim.is_null()
            || claim
                .as_object()
                .is_some_and(|parts| parts.keys().all(|part| ["essential", "value", "values"].contains(&part.as_str())))
    };
    claims.as_object().is_some_and(|claims| claims.values().all(is_claim))
}

/// Masks long words of mixed letters and digits, and words after a name such as `password=`. IDs and addresses stay: they
/// have dashes, dots and slashes.
pub(super) fn mask_likely_secrets(text: &str) -> String {
    let is_word_char = |c: char| c.is_ascii_alphanumeric() || "_=+~".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut is_after_bearer = false;
    for word in text.split_inclusive(|c| !is_word_char(c)) {
        let lower = word.to_ascii_lowercase();
        let name = SECRET_NAMES.iter().find(|name| lower.starts_with(**name) && word.len() > name.len());
        let kept = name.map_or(0, |name| name.len());
        let is_masked = word[kept..].starts_with('*');
        let is_token = is_after_bearer && !is_short_word(word);
        if (name.is_some() || is_token || is_key(word)) && !is_masked {
            out.push_str(&word[..kept]);
            out.push_str(MASK);
            out.extend(word.chars().next_back().filter(|c| !is_word_char(*c)));
        } else {
            out.push_str(word);
        }
        is_after_bearer = lower.ends_with("bearer ");
    }
    out
}

/// True for a word such as `or` in Key Vault's "a Bearer or PoP token". No token is that short.
fn is_short_word(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    word.len() < 6 && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn is_key(word: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| word.as_bytes().iter().any(kind);
    word.len() >= SHORTEST_KEY && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_masked() {
        let text = r#"{"accessToken": "eyJhbGciOiJub25lIn0.e30.c2ln", "x": "eyJ"} end"#;
        assert_eq!(mask_tokens(text), r#"{"accessToken": "***", "x": "eyJ"} end"#);
    }

    #[test]
    fn a_request_for_claims_stays() {
        let encoded = |json: &str| format!("--claims-challenge '{}'", STANDARD.encode(json));
        for claims in
            [r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#, r#"{"access_token":{"acrs":null}}"#]
        {
            assert_eq!(mask_tokens(&encoded(claims)), encoded(claims));
        }
        for token in [r#"{"access_token":"abc"}"#, r#"{"access_token":{"x":{"token":"abc"}}}"#] {
            assert_eq!(mask_tokens(&encoded(token)), "--claims-challenge '***'");
        }
    }

    #[test]
    fn a_name_that_looks_like_a_token_stays() {
        for name in ["MonkeyJsonSettings", "keyJustification-2024", "TurnkeyJWKS-signing-key", "moneyJar-of-the-team"] {
            assert_eq!(mask_tokens(name), name);
        }
        assert_eq!(mask_tokens("MonkeyJsonSettings.eyJhbGciOiJub25lIn0.e30."), "MonkeyJsonSettings.***");
    }

    #[test]
    fn likely_secrets_are_masked() {
        for (text, masked) in [
            ("x client_secret=hunter2&y=1", "x client_secret=***&y=1"),
            ("Authorization: Bearer Abcdefgh0123456789 z", "Authorization: Bearer *** z"),
            ("missing a Bearer or PoP token", "missing a Bearer or PoP token"),
            ("Password=a;Pwd=***;SIG=ab", "Password=***;Pwd=***;SIG=***"),
            ("Bearer ***, client_secret=", "Bearer ***, client_secret="),
            ("key Ab0Ab0Ab0Ab0Ab0Ab0Ab0Ab0Ab0Ab0Ab0Ab0.", "key ***."),
            ("id 4f3c7a3e-0000-1111-2222-ABCDEFabcdef at /a/b", "id 4f3c7a3e-0000-1111-2222-ABCDEFabcdef at /a/b"),
        ] {
            assert_eq!(mask_likely_secrets(text), masked);
        }
    }
}
