//! Configuration files: parsed, or refused with the line.
#![no_main]

use azfob::testing::read_config;

libfuzzer_sys::fuzz_target!(|text: &str| {
    for profile in [None, Some("prod")] {
        if let Err(error) = read_config(text, profile) {
            assert!(!error.contains('\n'), "{error}");
        }
    }
});
