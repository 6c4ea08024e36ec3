//! A text of the catalogue as the answer that azfob itself gets.

use azfob::testing::row_of_answer;
use serde_json::{Value, json};

use super::entries::{Entry, Row};

/// Returns the row that azfob gives live. `None` if the component does not answer in words.
pub fn row(entry: &Entry) -> Option<&'static str> {
    let from = entry.live.as_deref()?;
    let (status, body) = match from {
        "developer tool" => (1, reason(&entry.text).to_owned()),
        _ => (status(&entry.text, from), body(&entry.text, from).to_string()),
    };
    let requests_identity = matches!(&entry.row, Row::Code(code) if code == "identity-not-assigned");
    row_of_answer(from, status, &body, requests_identity.then_some("11111111-2222-3333-4444-555555555555"))
}

/// Returns a tool's own words without the credential that quotes them.
fn reason(text: &str) -> &str {
    [
        "AzureCLICredential: ",
        "AzurePowerShellCredential: ",
        "AzureDeveloperCLICredential: ",
        "CredentialUnavailableError: ",
    ]
    .iter()
    .fold(text, |text, name| text.strip_prefix(name).unwrap_or(text))
}

/// Returns the answer's body: the JSON in the text, or the text in the form of the component.
fn body(text: &str, from: &str) -> Value {
    let found = text.match_indices('{').find_map(|(at, _)| {
        let value = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>().next()?.ok()?;
        (value.get("error").is_some() || value.get("statusCode").is_some()).then_some(value)
    });
    let code = after(text, "ERROR CODE: ").or(text.split_once('(').map(|(_, rest)| rest)).map_or("", word);
    let inner = after(text, "\"code\": \"").map_or("", word);
    found.unwrap_or_else(|| match from {
        "key vault" => json!({ "error": { "code": code, "message": text, "innererror": { "code": inner } } }),
        "entra id" => json!({ "error": "invalid_request", "error_description": text }),
        _ => json!({ "statusCode": 400, "message": text }),
    })
}

fn status(text: &str, from: &str) -> u16 {
    let keys =
        ["RESPONSE ", "Status: ", "Status=", "status code: ", "status code ", "Status code: ", "status code was "];
    let named = keys.iter().find_map(|key| after(text, key)?.get(..3)?.parse().ok());
    let has = |word: &str| text.contains(word);
    named.unwrap_or(match from {
        "key vault" if has("Unauthorized") || has("AKV10") => 401,
        "key vault" if has("SecretNotFound") || has("was not found in this key vault") => 404,
        "key vault" if has("Conflict") => 409,
        "key vault" if has("BadParameter") => 400,
        "key vault" if has("Throttled") || has("Too many requests") => 429,
        "key vault" if has("InternalServerError") => 500,
        "key vault" => 403,
        "identity endpoint" if has("throttled") => 429,
        _ => 400,
    })
}

fn after<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.split_once(key).map(|(_, rest)| rest)
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default()
}
