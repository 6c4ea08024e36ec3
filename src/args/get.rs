//! The arguments of `azfob get`.

use clap::builder::{NonEmptyStringValueParser, PossibleValue};
use clap::{Args as ClapArgs, ValueEnum};

use crate::vault::glob::Glob;

use super::azure::{AzureOptions, OutFile, WaitArgs, glob};
use super::dialect::Dialect;
use super::examples::below;

/// The help below the options.
const HELP: &str = "\
A REF is one of
  NAME                                      a secret of the vault in use
  NAME/VERSION                              one version of it
  https://VAULT.vault.azure.net/secrets/NAME[/VERSION]
  https://VAULT.vault.azure.net/certificates/NAME[/VERSION]
  @Microsoft.KeyVault(SecretUri=...)        as in an App Service setting
  @Microsoft.KeyVault(VaultName=...;SecretName=...[;SecretVersion=...])
  akvs://SUBSCRIPTION/VAULT/NAME[/VERSION]  as azd writes it
  akv://VAULT/NAME
  ref+azurekeyvault://VAULT/NAME[/VERSION]  as vals writes it

The exact bytes of one value are printed; a newline follows on a terminal only. Several values are printed one a line, in \
the order asked, all or none. -o json prints what `az keyvault secret show` prints.

dotenv, docker-env, shell, github and azure-pipelines set variables. ALIAS=REF names one; without an alias the name is the secret's in \
upper case with _ for -, so that api-key becomes API_KEY. A name with -- keeps its case and -- becomes __, as .NET reads \
it: ConnectionStrings--Default becomes ConnectionStrings__Default.";

/// `azfob get`.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = below(HELP, "get"))]
pub struct GetArgs {
    /// The secrets: NAME, NAME/VERSION, an identifier, or a reference; with ALIAS= before it for a variable's name
    #[arg(value_name = "REF", required_unless_present = "matching", value_parser = NonEmptyStringValueParser::new())]
    pub references: Vec<String>,

    /// Get the enabled secrets whose names match, those of certificates left out
    #[arg(long = "match", value_name = "GLOB", id = "matching", value_parser = glob)]
    pub matching: Option<Glob>,

    /// How to print them
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = GetFormat::Text)]
    pub output: GetFormat,

    /// Never end the value with a newline
    #[arg(short = 'n', long)]
    pub no_newline: bool,

    /// Undo the encoding that the value is stored in
    #[arg(long, value_name = "ENCODING", value_enum)]
    pub decode: Option<Encoding>,

    #[command(flatten)]
    pub out: OutFile,

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
        use Dialect::{AzurePipelines, DockerEnv, Dotenv, Github, Shell};
        use GetFormat::{Json, Text, Variables};
        &[
            Text,
            Json,
            Variables(Dotenv),
            Variables(DockerEnv),
            Variables(Shell),
            Variables(Github),
            Variables(AzurePipelines),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            GetFormat::Text => Some(PossibleValue::new("text").help("The value and nothing else")),
            GetFormat::Json => Some(PossibleValue::new("json").help("As `az keyvault secret show` prints it")),
            GetFormat::Variables(dialect) => dialect.to_possible_value(),
        }
    }
}

/// An encoding that values are stored in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Encoding {
    /// As the tag file-encoding says, which `az keyvault secret set --file` leaves; a PFX from base64
    Auto,
    /// Bytes as base64 text, as certificates are
    Base64,
    /// Bytes as hexadecimal digits
    Hex,
    /// Text of a UTF-16 file, written as one again: in the tag's byte order, or else little-endian
    #[value(name = "utf-16")]
    Utf16,
}
