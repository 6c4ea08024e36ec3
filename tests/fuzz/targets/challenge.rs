//! The `WWW-Authenticate` header of a 401: a token goes only to a vault of the named resource.
#![no_main]

use azfob::testing::{Challenge, PUBLIC, Suffixes, VaultUrl};

libfuzzer_sys::fuzz_target!(|headers: Vec<&str>| {
    let Some(challenge) = Challenge::parse(headers.iter().copied()) else { return };
    if let Some(tenant) = &challenge.tenant {
        assert!(
            tenant.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b)),
            "{}",
            tenant.as_str()
        );
    }
    let Some(resource) = &challenge.resource else { return };
    let public = VaultUrl::parse("my-vault", &Suffixes { cloud: PUBLIC, extra: None }).expect("it is a vault");
    if challenge.permits(&public) {
        let resource = resource.trim_end_matches('/');
        let resource = resource.strip_suffix("/.default").unwrap_or(resource);
        assert!(resource.eq_ignore_ascii_case("https://vault.azure.net"), "{resource}");
    }
    let suffix = "vault.local.azurestack.external";
    let suffixes = Suffixes { cloud: PUBLIC, extra: Some(suffix.into()) };
    let named = VaultUrl::parse(&format!("https://my-vault.{suffix}"), &suffixes).expect("it is a vault");
    if challenge.permits(&named) {
        let scope = challenge.scope.as_ref().expect("a resource").resource().to_ascii_lowercase();
        let domain = scope.strip_prefix("https://").expect("an HTTPS address");
        assert!(domain.contains('.') && named.host().ends_with(&format!(".{domain}")), "{domain}");
    }
});
