//! The output of any program, as `diagnose --log` reads it: no token in it is ever quoted.
#![no_main]

use azfob::Env;
use azfob::door::PUBLIC;
use azfob::door::Place;
use azfob::door::Suffixes;
use azfob::door::{explain_code, recognise};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (place, suffixes) = (Place::of(&Env::default()), Suffixes { cloud: PUBLIC, extra: None });
    let _ = recognise(text, &place, &suffixes);
    let _ = explain_code(text, &place, &suffixes);
});
