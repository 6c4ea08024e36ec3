//! The claims of a token, and texts in which tokens are masked.
#![no_main]

use azfob::testing::Timestamp;
use azfob::testing::{AccessToken, Claims};
use azfob::testing::{Identity, Origin};
use azfob::testing::{Secret, mask_tokens};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let masked = mask_tokens(text);
    assert_eq!(mask_tokens(&masked), masked);
    let Some(token) = AccessToken::new(Secret::new(text), None) else {
        return;
    };
    assert_eq!(Claims::from_jwt(text).unwrap_or_default(), token.claims());
    let _ = token.expires_on.map(Timestamp::rfc3339);
    let identity = Identity::from_claims(token.claims(), Origin::Other);
    let _ = (identity.label(), identity.principal_type(), identity.kind.as_json());
    let printed = format!("{token:?}");
    assert!(printed.len() < 100, "only the expiry is printed: {printed}");
});
