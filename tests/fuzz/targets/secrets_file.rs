//! The sandbox's secrets file and NAME=VALUE: parsed, or refused without the value.
#![no_main]

use azfob::testing::sandbox::{parse_secret_argument, parse_secrets};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(secrets) = parse_secrets(text) {
        let mut names: Vec<_> = secrets.iter().map(|secret| secret.name.to_ascii_lowercase()).collect();
        names.sort();
        let before = names.len();
        names.dedup();
        assert_eq!(names.len(), before, "no name is repeated");
    }
    let _ = parse_secret_argument(text);
});
