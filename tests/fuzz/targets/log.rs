//! The output of any program, as `diagnose --log` reads it: no token in it is ever quoted.
#![no_main]

use azfob::Env;
use azfob::testing::{Context, PUBLIC, Suffixes, explain_code, recognise};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (here, suffixes) = (Context::detect(&Env::default()), Suffixes { cloud: PUBLIC, extra: None });
    let _ = recognise(text, &here, &suffixes);
    let _ = explain_code(text, &here, &suffixes);
});
