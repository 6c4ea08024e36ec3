//! A reference in any form: a vault of a known suffix and a name, or an error.
#![no_main]

use azfob::testing::PUBLIC;
use azfob::testing::SecretRef;
use azfob::testing::Suffixes;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let suffixes = Suffixes { cloud: PUBLIC, extra: None };
    let _ = SecretRef::is_setting_reference(text);
    let Ok(secret) = SecretRef::parse(text, &suffixes) else { return };
    assert!(!secret.name.as_str().is_empty());
    assert!(secret.name.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    // Its full identifier has the same meaning.
    let Some(vault) = &secret.vault else { return };
    let version = secret.version.as_ref().map(|version| format!("/{}", version.as_str())).unwrap_or_default();
    let identifier = format!("https://{}/secrets/{}{version}", vault.host(), secret.name.as_str());
    let again = SecretRef::parse(&identifier, &suffixes).expect("an identifier is a reference");
    assert_eq!(again.vault.as_ref().map(|vault| vault.host()), Some(vault.host()));
    assert_eq!(again.name.as_str(), secret.name.as_str());
    assert_eq!(again.version.map(|v| v.as_str().to_owned()), secret.version.map(|v| v.as_str().to_owned()));
});
