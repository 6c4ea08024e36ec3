//! The 401's `WWW-Authenticate`: a token goes only to a host under the resource that it names.
#![no_main]

use azfob::door::Challenge;
use libfuzzer_sys::fuzz_target;

const VAULT: &str = "my-vault.vault.azure.net";

fuzz_target!(|headers: Vec<&str>| {
    let Some(challenge) = Challenge::parse(headers.iter().copied()) else { return };
    if let Some(tenant) = &challenge.tenant {
        assert!(
            tenant.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b)),
            "{}",
            tenant.as_str()
        );
    }
    let Some(scope) = &challenge.scope else { return };
    assert!(!challenge.permits("") && !challenge.permits("evil.example.net.invalid"));
    if challenge.permits(VAULT) {
        let host = scope.host().to_ascii_lowercase();
        assert!(VAULT.ends_with(&format!(".{host}")), "{host}");
    }
});
