//! Reads the error message of a token service, in all forms in use.

use serde_json::Value;

use crate::http::Reply;
use crate::redact;

/// Returns the message: a field of JSON, or the first line of a plain text. `None` if the reply has neither.
pub(super) fn error_message(reply: &Reply) -> Option<String> {
    reply.json().as_ref().and_then(message_in).or_else(|| text(reply.header("content-type")?, &reply.body))
}

/// Returns the first line of a plain text, as some endpoints answer.
fn text(kind: &str, body: &[u8]) -> Option<String> {
    let line = redact::first_line(std::str::from_utf8(body).ok()?);
    (kind.starts_with("text/plain") && !line.is_empty()).then(|| redact::sanitize(line))
}

fn message_in(body: &Value) -> Option<String> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let nested = body.get("error").filter(|e| e.is_object());
    let words = text(body, "error_description")
        .or_else(|| text(body, "message"))
        .or_else(|| nested.and_then(|e| text(e, "message")))
        .or_else(|| text(body, "error"))
        .or_else(|| nested.and_then(|e| text(e, "code")))?;
    Some(redact::sanitize(redact::first_line(&words)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn messages_of_every_service_are_found() {
        for (body, expected) in [
            (
                json!({"error": "invalid_request", "error_description": "Identity not found\r\nmore"}),
                "Identity not found",
            ),
            (json!({"statusCode": 400, "message": "Unable to load"}), "Unable to load"),
            (
                json!({"error": {"code": "SecretHeaderNotFound", "message": "Secret is not found"}}),
                "Secret is not found",
            ),
            (json!({"error": {"code": "InternalServerError"}}), "InternalServerError"),
            (json!({"error": "unknown_source"}), "unknown_source"),
        ] {
            assert_eq!(message_in(&body).as_deref(), Some(expected));
        }
        assert_eq!(message_in(&json!([])), None);
    }
}
