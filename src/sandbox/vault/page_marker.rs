//! The `$skiptoken` of a list: an opaque marker of the next page, base64 of JSON.
//!
//! The format follows the replies recorded in the SDKs for JavaScript and C++
//! (<https://github.com/Azure/azure-sdk-for-cpp>).

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

/// The position of a page in a list.
pub(super) struct PageMarker {
    /// The last item before the page.
    pub(super) after: String,
    /// True if an empty page comes first.
    pub(super) pause: bool,
}

impl PageMarker {
    /// Returns the value of `$skiptoken`.
    pub(super) fn encode(&self) -> String {
        let marker = format!("2!{}!{}", self.after.len(), STANDARD.encode(&self.after));
        let token = json!({ "NextMarker": marker, "TargetLocation": u8::from(self.pause) });
        URL_SAFE_NO_PAD.encode(token.to_string())
    }

    /// Parses a value of `$skiptoken`; `None` if the sandbox did not create it.
    pub(super) fn decode(token: &str) -> Option<PageMarker> {
        let token: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (_, after) = token["NextMarker"].as_str()?.rsplit_once('!')?;
        let after = String::from_utf8(STANDARD.decode(after).ok()?).ok()?;
        Some(PageMarker { after, pause: token["TargetLocation"] == 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marker_is_opaque_and_decodes() {
        let written = PageMarker { after: "my-secret".into(), pause: true }.encode();
        assert!(!written.contains("secret") && written.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{written}");
        let read = PageMarker::decode(&written).unwrap();
        assert_eq!((read.after.as_str(), read.pause), ("my-secret", true));
        assert!(PageMarker::decode("my-secret").is_none() && PageMarker::decode("").is_none());
    }
}
