//! azfob's tests by behaviour: the real binary, an emulated Azure, and what a user would see.
//!
//! Every child has a cleared environment, a home and a PATH of its own, and a managed identity endpoint that is closed
//! unless the scenario opens one: no test can reach a real metadata address. After every run its output is searched for
//! each secret and token of the scenario.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot go on panics, it starts programs, and `pub` in it says what others may use"
)]
#![cfg_attr(not(unix), allow(dead_code, unused_imports, reason = "what tests of POSIX shells are written with"))]

mod support;

// By command: what each prints and takes.
#[cfg(unix)] // what its tests see is told for a POSIX shell
mod diagnose;
mod get;
mod inject;
mod list;
mod outputs;
#[cfg(unix)]
mod run;
mod sandbox;
mod whoami;

// By credential: the exact requests, and every way to say no.
mod credential;

// By promise: what holds whatever the command.
#[cfg(target_os = "linux")]
mod addresses;
mod catalogue;
mod chain;
mod comfort;
#[cfg(unix)]
mod completions;
#[cfg(unix)]
mod config;
#[cfg(unix)] // the same
mod error_table;
mod exit_codes;
mod freshness;
mod many_processes;
mod not_found;
#[cfg(unix)]
mod packaging;
#[cfg(unix)]
mod programs;
mod proxy;
#[cfg(unix)]
mod recipes;
mod retries;
mod robust;
#[cfg(unix)]
mod round_trips;
mod safety;
mod second_tries;
mod structure;
#[cfg(target_os = "linux")]
mod token_cache;
mod usage;
