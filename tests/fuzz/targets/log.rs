//! The output of any program, as `diagnose --log` reads it: no token in it is ever quoted.
#![no_main]

use azfob::diagnosis::explain::Place;
use azfob::diagnosis::log::{explain_code, recognise};
use azfob::entra::cloud::PUBLIC;
use azfob::env::Env;
use azfob::vault::url::Suffixes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (place, suffixes) = (Place::of(&Env::default()), Suffixes { cloud: PUBLIC, extra: None });
    let _ = recognise(text, &place, &suffixes);
    let _ = explain_code(text, &place, &suffixes);
});
