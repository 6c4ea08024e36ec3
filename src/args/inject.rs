//! The arguments of `azfob inject`.

use clap::{Args as ClapArgs, ValueEnum};
use std::path::{Path, PathBuf};

use super::azure::{AzureOptions, MissingArgs, OutFile, WaitArgs};
use super::examples::below;

/// The help below the options.
const HELP: &str = "\
azfob replaces {{ REF }} in the file with the value of the secret, in the syntax of the file. In JSON, YAML and TOML, it \
escapes the value inside quotes, and adds quotes if there are none. In a YAML block, it indents the value. In Java \
properties, it escapes the value. In a .env file, it adds quotes if needed.

In JSON and YAML, azfob also replaces a string that is only a reference: @Microsoft.KeyVault(...), akvs://, akv:// or \
ref+azurekeyvault://. Comments and keys do not change, nor does {{ without }} on the same line.

azfob writes nothing if a reference is malformed, a secret fails, or a value cannot be written in its place. With \
--allow-missing, the value of a secret that is not found is empty. There are no conditions and no loops.";

/// `azfob inject`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below(HELP, "inject"))]
pub struct InjectArgs {
    /// File to read (- for stdin)
    #[arg(value_name = "FILE", default_value = "-", value_parser = clap::value_parser!(PathBuf))]
    pub file: PathBuf,

    /// Format of the file [default: from its extension, else raw]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<InjectFormat>,

    #[command(flatten)]
    pub out: OutFile,

    #[command(flatten)]
    pub missing: MissingArgs,

    #[command(flatten)]
    pub wait: WaitArgs,

    #[command(flatten)]
    pub azure: AzureOptions,
}

/// A format of files that secrets are written into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InjectFormat {
    /// Any text; the value is not escaped
    Raw,
    /// JSON, also with comments
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
