//! Error bodies of the vault, Entra ID and the metadata service: no token is kept in their text.
#![no_main]

use azfob::testing::{VaultErrorKind, answer, read_entra_refusal, read_metadata_service};

libfuzzer_sys::fuzz_target!(|given: (u16, &str, &[u8])| {
    let (status, server, body) = given;
    let statuses = [400, 401, 403, 404, 410, 429, 500, 503];
    let reply = answer(statuses[usize::from(status) % statuses.len()], server, body);
    let _ = VaultErrorKind::from_reply(&reply).is_of_identity();
    assert!(!read_entra_refusal(&reply).contains('\n'));
    assert!(read_metadata_service(&reply).is_err(), "a refusal contains no token");
});
