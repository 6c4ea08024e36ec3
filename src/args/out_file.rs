//! A file that an answer is written to in place of stdout.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// Where the answer goes.
#[derive(Debug, ClapArgs)]
pub struct OutFile {
    /// Write to a new file instead of stdout; on Unix only you can read it
    #[arg(long = "out-file", value_name = "PATH", id = "out_file", value_parser = clap::value_parser!(PathBuf))]
    pub path: Option<PathBuf>,

    /// Replace the file if it exists
    #[arg(long, requires = "out_file")]
    pub force: bool,
}
