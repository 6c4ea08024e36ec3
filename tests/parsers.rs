//! Property tests of the parsers of external input: they accept any text, and their results are safe.

use azfob::Env;
use azfob::testing::Challenge;
use azfob::testing::Claims;
use azfob::testing::Context;
use azfob::testing::PUBLIC;
use azfob::testing::SecretRef;
use azfob::testing::Selection;
use azfob::testing::Timestamp;
use azfob::testing::mask_tokens;
use azfob::testing::read_log;
use azfob::testing::sanitize_line;
use azfob::testing::{Authority, Scope, TenantId};
use azfob::testing::{Suffixes, VaultUrl};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;

fn suffixes() -> Suffixes {
    Suffixes { cloud: PUBLIC, extra: None }
}

proptest! {
    #[test]
    fn parsed_reference_has_known_vault_and_valid_name(text in r"\PC{0,80}|(https?://|@Microsoft.KeyVault\(|akvs?://)?[a-zA-Z0-9:/@.;=()\\-]{0,60}") {
        if let Ok(secret) = SecretRef::parse(&text, &suffixes()) {
            prop_assert!(secret.name.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
            prop_assert!(secret.vault.is_none_or(|vault| vault.host().ends_with(".vault.azure.net")
                || vault.host().ends_with(".vault.usgovcloudapi.net") || vault.host().ends_with(".vault.azure.cn")));
        }
    }

    #[test]
    fn parsed_vault_has_one_host(text in r"\PC{0,60}|(https://)?[a-zA-Z0-9:/@.?#\\-]{0,40}(.vault.azure.net)?[/:@.a-z0-9]{0,12}") {
        if let Ok(vault) = VaultUrl::parse(&text, &suffixes()) {
            prop_assert!(!vault.host().contains(['/', '@', ':', '\\', '?', '#', ' ']));
            prop_assert_eq!(vault.host().matches('.').count(), 3);
        }
    }

    #[test]
    fn challenge_permits_only_vault_resource(
        header in r#"\PC{0,120}|(Bearer |PoP )?(resource|scope|[a-z_]{0,12})="?(https://)?(vault.azure.net)?\PC{0,60}"#
    ) {
        let vault = VaultUrl::parse("my-vault", &suffixes()).expect("a vault");
        let challenge = Challenge::parse([header.as_str()].into_iter());
        if let Some(challenge) = challenge.filter(|challenge| challenge.permits(&vault)) {
            let resource = challenge.resource.as_deref().unwrap_or("https://vault.azure.net");
            let resource = resource.trim_end_matches('/').trim_end_matches("/.default").to_ascii_lowercase();
            prop_assert_eq!(resource, "https://vault.azure.net");
        }
    }

    #[test]
    fn parsers_accept_any_text(text in r"\PC{0,200}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let lossy = String::from_utf8_lossy(&bytes);
        for text in [text.as_str(), &lossy] {
            let _ = (Claims::from_jwt(text), TenantId::parse(text), Scope::parse(text), Authority::parse(text));
            let _ = (Timestamp::from_text(text), Timestamp::from_http_date(text), Selection::parse(text));
            let _ = mask_tokens(text);
            prop_assert!(!sanitize_line(text).chars().any(char::is_control));
            let place = Context::detect(&Env::default());
            let _ = read_log(text, &place, &suffixes());
        }
    }

    #[test]
    fn token_is_masked_anywhere_in_text(before in ".{0,20}", json in r#"\{"[a-z][ -~]{9,40}"#, after in r"[^A-Za-z0-9_.=+/-]\PC{0,20}") {
        let token = format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(json));
        let masked = mask_tokens(&format!("{before}{token}{after}"));
        prop_assert!(masked.contains("***") && !masked.contains(&token[3..]), "{masked}");
    }
}
