//! What azfob must never do: send a token elsewhere, show one, believe whoever answers, or leave half a file.

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
