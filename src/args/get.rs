//! The arguments of `azfob get`.

use std::path::PathBuf;

use clap::builder::{NonEmptyStringValueParser, PossibleValue};
use clap::{Args as ClapArgs, ValueEnum};

use crate::vault::glob::Glob;

use super::azure::{AzureOptions, MissingArgs, WaitArgs, glob};
use super::dialect::Dialect;
use super::examples::below;

/// The help below the options.
const HELP: &str = "\
REF is one of
  NAME                                      a secret in the configured vault
  NAME/VERSION                              one version of a secret
  https://VAULT.vault.azure.net/secrets/NAME[/VERSION]
  https://VAULT.vault.azure.net/certificates/NAME[/VERSION]
  @Microsoft.KeyVault(SecretUri=...)        in an App Service setting
  @Microsoft.KeyVault(VaultName=...;SecretName=...[;SecretVersion=...])
  akvs://SUBSCRIPTION/VAULT/NAME[/VERSION]  written by azd
  akv://VAULT/NAME
  ref+azurekeyvault://VAULT/NAME[/VERSION]  written by vals
  REF#/KEY[/KEY]                            one value of a secret that is YAML or JSON

azfob prints one value byte for byte, and adds a newline only on a terminal. It prints several values one per line, in the \
given order. If one secret fails, it prints nothing. -o json prints the format of `az keyvault secret show`.

dotenv, docker-env, shell, env-json, github and azure-pipelines set variables. ALIAS=REF names the variable. The default name is the \
secret's name in upper case with _ for -: api-key becomes API_KEY. A name with -- keeps its case, and -- becomes __ as in \
.NET: ConnectionStrings--Default becomes ConnectionStrings__Default.";

/// `azfob get`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below(HELP, "get"))]
pub struct GetArgs {
    /// Secret: NAME, NAME/VERSION, URL or reference; ALIAS=REF names its variable
    #[arg(value_name = "REF", required_unless_present = "matching", value_parser = NonEmptyStringValueParser::new())]
    pub references: Vec<String>,

    /// Get all enabled secrets with a matching name
    ///
    /// GLOB can contain *, ? and [a-z], and ignores case. Secrets of certificates are skipped
    #[arg(long = "match", value_name = "GLOB", id = "matching", value_parser = glob)]
    pub matching: Option<Glob>,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = GetFormat::Text)]
    pub output: GetFormat,

    /// Do not print a newline after the value
    #[arg(short = 'n', long)]
    pub no_newline: bool,

    /// Decode the value before printing it
    #[arg(long, value_name = "ENCODING", value_enum)]
    pub decode: Option<Decoding>,

    /// Part of a certificate, as PEM
    ///
    /// If the option is repeated, each --part has its own --out-file, in the same order
    #[arg(long = "part", value_name = "PART", value_enum, hide_short_help = true)]
    pub parts: Vec<CertificatePart>,

    /// Write to a new file instead of stdout
    ///
    /// On Unix, only you can read the file (mode 0600)
    #[arg(long = "out-file", value_name = "PATH", id = "out_file", value_parser = clap::value_parser!(PathBuf))]
    pub out_files: Vec<PathBuf>,

    /// Replace the file if it exists
    #[arg(long, requires = "out_file")]
    pub force: bool,

    #[command(flatten)]
    pub missing: MissingArgs,

    #[command(flatten)]
    pub wait: WaitArgs,

    #[command(flatten)]
    pub azure: AzureOptions,
}

/// A format of `get`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GetFormat {
    Text,
    Json,
    Variables(Dialect),
}

impl ValueEnum for GetFormat {
    fn value_variants<'a>() -> &'a [Self] {
        use Dialect::{AzurePipelines, DockerEnv, Dotenv, EnvJson, Github, Shell};
        use GetFormat::{Json, Text, Variables};
        &[
            Text,
            Json,
            Variables(Dotenv),
            Variables(DockerEnv),
            Variables(Shell),
            Variables(EnvJson),
            Variables(Github),
            Variables(AzurePipelines),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            GetFormat::Text => Some(PossibleValue::new("text").help("Only the value")),
            GetFormat::Json => Some(PossibleValue::new("json").help("The format of `az keyvault secret show`")),
            GetFormat::Variables(dialect) => dialect.to_possible_value(),
        }
    }
}

/// A value of `--decode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoding {
    Stored(Encoding),
    Pem,
    Pfx,
}

impl ValueEnum for Decoding {
    fn value_variants<'a>() -> &'a [Self] {
        use Decoding::{Pem, Pfx, Stored};
        use Encoding::{Auto, Base64, Hex, Utf16};
        &[Stored(Auto), Stored(Base64), Stored(Hex), Stored(Utf16), Pem, Pfx]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Decoding::Stored(encoding) => encoding.to_possible_value(),
            Decoding::Pem => Some(PossibleValue::new("pem").help("Certificate as PEM: key, leaf, issuers")),
            Decoding::Pfx => {
                Some(PossibleValue::new("pfx").help("Certificate as PFX, with AZFOB_PFX_PASSWORD or none"))
            }
        }
    }
}

/// An encoding that values are stored in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Encoding {
    /// The encoding in the tag file-encoding, which `az keyvault secret set --file` sets; base64 for a PFX
    Auto,
    /// Base64 text, as for certificates
    Base64,
    /// Hexadecimal digits
    Hex,
    /// Text that is written as UTF-16: in the byte order of the tag, or little-endian
    #[value(name = "utf-16")]
    Utf16,
}

/// A part of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CertificatePart {
    /// The private key (PKCS#8, without encryption)
    Key,
    /// The certificate of the key (leaf)
    Cert,
    /// The certificates of the issuers
    Chain,
    /// cert and chain
    Fullchain,
    /// key, cert and chain
    All,
}
