//! The vault's secret bundle: parsed, and printed like az without changing the value.
#![no_main]

use azfob::testing::SecretBundle;
use azfob::testing::Timestamp;
use azfob::testing::json;
use serde_json::Value;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(bundle) = serde_json::from_slice::<SecretBundle>(bytes) else { return };
    let (name, _) = (bundle.properties.name(), bundle.properties.version());
    assert!(!name.contains('/'));
    let now = Timestamp(1_700_000_000);
    let _ = (bundle.properties.expired(now), bundle.properties.not_yet_valid(now));
    let printed: Value =
        serde_json::from_slice(&json::to_bytes(&json::SecretView::new(&bundle))).expect("JSON is printed");
    assert_eq!(printed["value"], bundle.value.expose());
    assert_eq!(printed["name"], name);
});
