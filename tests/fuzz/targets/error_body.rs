//! What the vault, Entra ID and the metadata service say when they refuse: read, and no token of theirs is kept in words.
#![no_main]

use arbitrary::Arbitrary;
use azfob::testing::{VaultErrorKind, answer, read_entra_refusal, read_metadata_service};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Answer<'a> {
    status: u16,
    server: &'a str,
    body: &'a [u8],
}

fuzz_target!(|given: Answer<'_>| {
    let statuses = [400, 401, 403, 404, 410, 429, 500, 503];
    let reply = answer(statuses[usize::from(given.status) % statuses.len()], given.server, given.body);
    let _ = VaultErrorKind::from_reply(&reply).is_of_identity();
    assert!(!read_entra_refusal(&reply).contains('\n'));
    assert!(read_metadata_service(&reply).is_err(), "there is no token in a refusal");
});
