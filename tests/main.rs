//! azfob's tests by behaviour: the real binary, an emulated Azure, and what a user would see.
//!
//! Every child has a cleared environment, a home and a PATH of its own, and a managed identity endpoint that is closed
//! unless the scenario opens one: no test can reach a real metadata address. After every run its output is searched for
//! each secret and token of the scenario.

#[allow(clippy::disallowed_methods, reason = "the tests start azfob, and pass on a few variables")]
mod support;

mod credential;

mod exit_codes;
mod freshness;
mod get;
mod whoami;
