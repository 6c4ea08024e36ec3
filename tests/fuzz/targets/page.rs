//! A page of the vault's list: parsed, and its next link goes to the same vault over HTTPS.
#![no_main]

use azfob::testing::{PUBLIC, Page, Suffixes, Timestamp, VaultUrl, json, leads_to, tsv};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let vault = VaultUrl::parse("my-vault", &Suffixes { cloud: PUBLIC, extra: None }).expect("it is a vault");
    let Ok(page) = serde_json::from_slice::<Page>(bytes) else { return };
    for properties in page.value.iter().flatten() {
        assert!(!properties.name().contains('/'));
        let _ = (properties.version(), properties.is_enabled(), properties.expired(Timestamp(0)));
        let one = std::slice::from_ref(properties);
        let [secret, deleted] = [json::SecretList::Present(one), json::SecretList::Deleted(one)]
            .map(|list| serde_json::to_value(list).expect("names and dates"));
        assert_eq!((&secret[0]["name"], &secret[0]["id"]), (&deleted[0]["name"], &deleted[0]["id"]));
        let line = tsv::line(&[properties.id.clone(), properties.content_type.clone().unwrap_or_default()]);
        assert_eq!((line.matches('\t').count(), line.lines().count()), (1, 1));
    }
    if let Some(link) = page.next_link.filter(|link| leads_to(link, &vault, "/secrets")) {
        let rest = link.get(8..).unwrap_or_default().to_ascii_lowercase();
        let after = rest.strip_prefix("my-vault.vault.azure.net").expect("the same vault");
        let after = after.strip_prefix(":443").unwrap_or(after);
        assert!(link[..8].eq_ignore_ascii_case("https://"), "{link}");
        assert!(after.is_empty() || after.starts_with(['/', '?', '#']), "{link}");
    }
});
