//! Security properties: tokens, untrusted text, memory and files.

mod files;
mod malformed_responses;
#[cfg(target_os = "linux")]
mod memory;
mod output;
mod redaction;
#[cfg(unix)]
mod special_files;
#[cfg(target_os = "linux")]
mod stdout;
mod tokens;
