//! A vault's name or URL: one host under a known suffix, whatever surrounds it.
#![no_main]

use azfob::testing::PUBLIC;
use azfob::testing::{Suffixes, VaultUrl};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let suffixes = Suffixes { cloud: PUBLIC, extra: None };
    let Ok(vault) = VaultUrl::parse(text, &suffixes) else { return };
    let host = vault.host();
    assert!(host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.'), "{host}");
    let known = [".vault.azure.net", ".vault.usgovcloudapi.net", ".vault.azure.cn"];
    assert!(known.iter().any(|suffix| host.strip_suffix(suffix).is_some_and(|name| !name.contains('.'))), "{host}");
    assert_eq!(vault.to_string(), format!("https://{host}"));
    assert_eq!(VaultUrl::parse(&vault.to_string(), &suffixes).expect("it is a vault").host(), host);
});
