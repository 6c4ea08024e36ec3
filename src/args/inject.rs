//! The arguments of `azfob inject`.

use clap::{Args as ClapArgs, ValueEnum};
use std::path::{Path, PathBuf};

use super::azure::{AzureOptions, OutFile, WaitArgs};
use super::examples::below;

/// The help below the options.
const HELP: &str = "\
In any file {{ REF }} becomes the value of the secret, written as its place wants it: escaped in the quotes of JSON, YAML and \
TOML, in quotes of its own where it stands outside of any, as a block of YAML is indented, with the escapes of Java properties, \
and with the quotes that a line of a .env file needs. In JSON and YAML a string that is nothing but a reference of \
@Microsoft.KeyVault(...), akvs://, akv:// or ref+azurekeyvault:// becomes the value too. Comments and keys stay as they are, \
and so does {{ without }} on its line.

All or nothing: one reference that is malformed, one secret that fails, or one value that its place has no way to write, and \
nothing is written. There are no conditions and no loops.";

/// `azfob inject`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below(HELP, "inject"))]
pub struct InjectArgs {
    /// The file to read, - for stdin
    #[arg(value_name = "FILE", default_value = "-", value_parser = clap::value_parser!(PathBuf))]
    pub file: PathBuf,

    /// How values are written in it [default: by the file's ending, or else raw]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<InjectFormat>,

    #[command(flatten)]
    pub out: OutFile,

    #[command(flatten)]
    pub wait: WaitArgs,

    #[command(flatten)]
    pub azure: AzureOptions,
}

/// A format of files that secrets are written into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InjectFormat {
    /// Any text: the value as it is
    Raw,
    /// JSON, with comments or without
    Json,
    /// YAML
    Yaml,
    /// TOML
    Toml,
    /// Java properties
    Properties,
    /// A .env file
    Env,
}

impl InjectFormat {
    /// Returns the format for a file name extension, `Raw` for an unknown one.
    pub fn from_extension(file: &Path) -> Self {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_ascii_lowercase();
        match name.rsplit('.').next().unwrap_or_default() {
            "json" | "jsonc" => InjectFormat::Json,
            "yaml" | "yml" => InjectFormat::Yaml,
            "toml" => InjectFormat::Toml,
            "properties" => InjectFormat::Properties,
            "env" => InjectFormat::Env,
            _ => InjectFormat::Raw,
        }
    }
}
