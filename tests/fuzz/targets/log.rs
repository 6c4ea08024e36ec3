//! Program output for `diagnose --log`: no token is quoted.
#![no_main]

use azfob::Env;
use azfob::testing::{Context, PUBLIC, Suffixes, explain_code, read_log};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (here, suffixes) = (Context::detect(&Env::default()), Suffixes { cloud: PUBLIC, extra: None });
    let _ = read_log(text, &here, &suffixes);
    let _ = explain_code(text, &here, &suffixes);
});
