//! One module a credential: not set up, works, refused, malformed answer, too slow.

mod azure_cli;
mod environment;
mod managed_identity;
mod workload_identity;
