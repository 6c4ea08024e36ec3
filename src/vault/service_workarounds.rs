//! Handles two errors of a vault that a retry solves: an unresolved signing key, and an unknown API version.

use std::time::Duration;

use serde_json::Value;

use crate::http::Reply;
use crate::http::status;

/// The waits before retries if the vault could not find the signing key of a token. The next request often succeeds
/// (<https://github.com/Azure-Samples/azuresandbox/issues/362>).
pub(super) const KEY_WAITS: [Duration; 3] =
    [Duration::from_millis(300), Duration::from_millis(700), Duration::from_millis(1500)];

/// Returns true if the vault could not find the token's signing key. The token is valid.
pub(super) fn is_key_unresolved(reply: &Reply) -> bool {
    reply.status == status::UNAUTHORIZED && message(reply).is_some_and(|text| text.contains("AKV10046"))
}

/// Returns the API version that a vault supports if it does not know ours, like Azure Stack Hub's
/// (<https://github.com/Azure/azure-sdk-for-python/issues/28595>).
pub(super) fn supported_version(reply: &Reply) -> Option<String> {
    if reply.status == status::BAD_REQUEST { version_in(&message(reply)?) } else { None }
}

fn version_in(text: &str) -> Option<String> {
    let (_, named) = text.split_once("is not recognized.")?.1.split_once("supported version (")?;
    let (version, _) = named.split_once(')')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    (!version.is_empty() && version.len() <= 32 && version.bytes().all(plain)).then(|| version.to_owned())
}

fn message(reply: &Reply) -> Option<String> {
    let body: Value = reply.json()?;
    body.get("error")?.get("message")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn supported_version_is_read_from_message() {
        let text = |version: &str| {
            format!(
                "The specified version (7.4) is not recognized. Consider using the latest supported version ({version})."
            )
        };
        assert_eq!(version_in(&text("7.1")).as_deref(), Some("7.1"));
        assert_eq!(version_in(&text("2016-10-01")).as_deref(), Some("2016-10-01"));
        for hostile in ["", "7.1&x=y", "7.1 ", "7.1/../keys", "é"] {
            assert_eq!(version_in(&text(hostile)), None, "{hostile}");
        }
        assert_eq!(version_in("The request URI contains an invalid name: supported version (7.1)"), None);
    }
}
