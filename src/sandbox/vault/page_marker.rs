//! Where the next page of a list begins, in the opaque form that the service gives it: base64 of JSON.
//! The form is that of the answers recorded in the SDKs for JavaScript and C++ (<https://github.com/Azure/azure-sdk-for-cpp>).

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

/// A place in a list.
pub(super) struct PageMarker {
    /// The item that the page comes after.
    pub(super) after: String,
    /// Whether an empty page comes first.
    pub(super) pause: bool,
}

impl PageMarker {
    /// The value of `$skiptoken`.
    pub(super) fn written(&self) -> String {
        let marker = format!("2!{}!{}", self.after.len(), STANDARD.encode(&self.after));
        let token = json!({ "NextMarker": marker, "TargetLocation": u8::from(self.pause) });
        URL_SAFE_NO_PAD.encode(token.to_string())
    }

    /// Reads it; `None` where it is not one of ours.
    pub(super) fn read(token: &str) -> Option<PageMarker> {
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
    fn a_place_is_opaque_and_reads_back() {
        let written = PageMarker { after: "my-secret".into(), pause: true }.written();
        assert!(!written.contains("secret") && written.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{written}");
        let read = PageMarker::read(&written).unwrap();
        assert_eq!((read.after.as_str(), read.pause), ("my-secret", true));
        assert!(PageMarker::read("my-secret").is_none() && PageMarker::read("").is_none());
    }
}
