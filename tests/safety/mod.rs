//! Security properties: tokens, untrusted text, memory and files.

mod answers;
mod echoes;
mod files;
#[cfg(target_os = "linux")]
mod memory;
mod output;
#[cfg(unix)]
mod pipes;
#[cfg(target_os = "linux")]
mod stdout;
mod tokens;
