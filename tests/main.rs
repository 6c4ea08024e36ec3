//! Integration tests: the real binary, an emulated Azure, and the output that a user sees.
//!
//! Every child process has a cleared environment, its own home and PATH, and a closed managed identity endpoint unless
//! the scenario has one: no test can reach a real metadata address. The output of every run is searched for the secrets
//! and tokens of the scenario.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on errors and start programs, and `pub` marks what other modules use"
)]
#![cfg_attr(not(unix), allow(dead_code, unused_imports, reason = "used by the tests of POSIX shells"))]

// The fuzz targets import the macro from libFuzzer, which needs an unstable compiler.
extern crate self as libfuzzer_sys;
use fuzz_smoke::fuzz_target;

mod support;

// By command.
#[cfg(unix)] // the expected commands are for a POSIX shell
mod diagnose;
mod get;
mod inject;
mod list;
mod masking;
mod outputs;
#[cfg(unix)]
mod run;
mod sandbox;
mod scripts;
mod whoami;

// By credential: the exact requests and every failure.
mod credential;

// Properties of all commands.
mod catalogue;
mod chain;
#[cfg(unix)]
mod completions;
#[cfg(unix)]
mod config;
#[cfg(unix)] // the expected commands are for a POSIX shell
mod error_table;
mod exit_codes;
mod freshness;
mod fuzz_smoke;
#[cfg(target_os = "linux")]
mod happy_eyeballs;
mod many_processes;
mod messages;
mod not_found;
#[cfg(unix)]
mod packaging;
mod parsers;
#[cfg(unix)]
mod programs;
mod proxy;
#[cfg(unix)]
mod recipes;
mod retries;
#[cfg(unix)]
mod round_trips;
mod safety;
mod service_workarounds;
mod structure;
#[cfg(target_os = "linux")]
mod token_cache;
mod usage;
