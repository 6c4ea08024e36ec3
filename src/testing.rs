//! The items that tests and fuzzers use. They can change at any time.
//!
//! All others are private to the crate, so that the compiler finds unused code.

pub use crate::args::{examples, topics};
pub use crate::certificate::{ChainPart, KeyedChain};
pub use crate::credential::selection::Selection;
pub use crate::diagnosis::context::Context;
pub use crate::diagnosis::log::{explain_code, read_log};
pub use crate::diagnosis::table::aadsts::codes;
pub use crate::diagnosis::table::{DOCUMENTED, rows};
pub use crate::entra::certificate::{Certificate, Signing, Thumbprint};
pub use crate::entra::cloud::PUBLIC;
pub use crate::entra::{Authority, Scope, TenantId, aadsts_code};
pub use crate::env::{VARIABLES, VariableGroup};
pub use crate::http::retry::throttled_pause;
pub use crate::output::json;
pub use crate::output::tsv;
pub use crate::output::variables::{SecretVariable, azure_pipelines, dotenv, github, shell};
pub use crate::redact::secret::Secret;
pub use crate::redact::stream::{MaskingWriter, Masks};
pub use crate::redact::{is_invisible, mask_tokens, register_fetched, register_secret, sanitize, sanitize_line};
pub use crate::time::timestamp::Timestamp;
pub use crate::token::identity::{Identity, Origin};
pub use crate::token::{AccessToken, Claims};
pub use crate::vault::challenge::Challenge;
pub use crate::vault::error::VaultErrorKind;
pub use crate::vault::glob::Glob;
pub use crate::vault::list::{Page, leads_to};
pub use crate::vault::reference::SecretRef;
pub use crate::vault::secret_bundle::SecretBundle;
pub use crate::vault::url::{Suffixes, VaultUrl};

use std::time::Duration;

use zeroize::Zeroizing;

use crate::args::Args;
use crate::credential::chain::{Attempt, ChainOutcome};
use crate::credential::environment::EnvironmentCredential;
use crate::credential::managed_identity::{self, IdKind, ManagedIdentityCredential, ManagedIdentityId, imds};
use crate::credential::{
    Credential, NoToken, azure_cli, azure_developer_cli, azure_powershell, interactive_browser, visual_studio,
};
use crate::diagnosis::explain::{explain, unavailable};
use crate::diagnosis::finding::Finding;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::table::Row;
use crate::entra::NoGrant;
use crate::env::Source;
use crate::error::{Denied, Error, NoCredential};
use crate::http::Reply;
use crate::process::Output;
use crate::settings::config::{Config, Keys};
use crate::vault::error::{Operation, VaultError};

/// Returns the text of a file for `azfob inject` with one value in the place of every reference.
///
/// # Errors
/// The file is malformed, or a place cannot contain the value.
pub fn inject(file: &str, text: &str, value: &str) -> Result<String, String> {
    let text = crate::command::inject::fill(file.as_ref(), text, value).map_err(|error| error.to_string())?;
    Ok(text.as_str().to_owned())
}

/// Returns the command line with all commands, for completions and manual pages.
pub fn command_line() -> clap::Command {
    let mut azfob = <Args as clap::CommandFactory>::command();
    azfob.build();
    azfob
}

/// Returns the commands of a row with example names, for a POSIX shell.
pub fn commands(row: &'static Row) -> Vec<String> {
    let suffixes = Suffixes { cloud: PUBLIC, extra: None };
    Finding::of_row(row, &Context::default(), &suffixes).commands.iter().flat_map(FixCommand::lines).collect()
}

/// Reads the output of `az`.
///
/// # Errors
/// Returns the reason if there is no token.
pub fn read_az(code: Option<i32>, stdout: &[u8], stderr: &str) -> Result<AccessToken, String> {
    azure_cli::read(&output(code, stdout, stderr)).map_err(|none| none.to_string())
}

/// Reads the output of PowerShell 7.
///
/// # Errors
/// Returns the reason if there is no token.
pub fn read_pwsh(code: Option<i32>, stdout: &[u8], stderr: &str) -> Result<AccessToken, String> {
    azure_powershell::read(&output(code, stdout, stderr)).map_err(|none| none.to_string())
}

/// Reads the output of `azd`.
///
/// # Errors
/// Returns the reason if there is no token.
pub fn read_azd(code: Option<i32>, stdout: &[u8], stderr: &str) -> Result<AccessToken, String> {
    azure_developer_cli::read(&output(code, stdout, stderr)).map_err(|none| none.to_string())
}

/// Reads the output of Visual Studio's token provider.
///
/// # Errors
/// Returns the reason if there is no token.
pub fn read_visual_studio(code: Option<i32>, stdout: &[u8], stderr: &str) -> Result<AccessToken, String> {
    visual_studio::read(&output(code, stdout, stderr)).map_err(|none| none.to_string())
}

fn output(code: Option<i32>, stdout: &[u8], stderr: &str) -> Output {
    Output { code, stdout: Zeroizing::new(stdout.to_vec()), stderr: stderr.to_owned() }
}

/// Creates an HTTP reply with a `Server` header.
pub fn answer(status: u16, server: &str, body: &[u8]) -> Reply {
    let server = server.parse().ok().map(|value| (ureq::http::header::SERVER, value));
    Reply { status, headers: server.into_iter().collect(), body: body.to_vec() }
}

/// Reads a reply of the instance metadata service.
///
/// # Errors
/// Returns the reason if there is no token.
pub fn read_metadata_service(reply: &Reply) -> Result<AccessToken, String> {
    imds::read_reply(reply, None).map_err(|none| none.to_string())
}

/// Reads an Entra ID error.
pub fn read_entra_refusal(reply: &Reply) -> String {
    crate::entra::refusal_in(reply).to_string()
}

/// Returns the row for an answer that azfob itself gets: the typed error of a credential or a vault, explained. `None` for a
/// component that does not answer in words. `asked_identity` is the requested client ID.
pub fn row_of_answer(from: &str, status: u16, body: &str, asked_identity: Option<&str>) -> Option<&'static str> {
    let id = asked_identity.map(|id| ManagedIdentityId { kind: IdKind::Client, value: id.to_owned(), source: None });
    let reply = || Reply { status, headers: ureq::http::HeaderMap::new(), body: body.into() };
    let failed = |credential: &'static dyn Credential, result: Result<AccessToken, NoToken>| {
        let attempts = vec![Attempt { credential, result, took: Duration::ZERO }];
        let outcome = ChainOutcome { attempts, members: 1 };
        let host = crate::host::Host::default();
        let (vault, secret, vault_tenant, az_folder) = (None, None, None, None);
        Error::NoToken(Box::new(NoCredential { outcome, vault, secret, vault_tenant, host, az_folder }))
    };
    let error = match from {
        "key vault" => {
            let vault = VaultUrl::parse("my-vault", &Suffixes { cloud: PUBLIC, extra: None }).ok()?;
            let operation = Operation::Get("db-password".to_owned());
            let kind = VaultErrorKind::from_reply(&reply());
            Denied::anonymous(VaultError { vault, operation, kind, request_id: None })
        }
        "entra id" => {
            let refusal = NoGrant::Refused(crate::entra::refusal_in(&reply()));
            failed(&EnvironmentCredential, Err(NoToken::from_grant(refusal)))
        }
        "identity endpoint" if imds::is_imds_reply(&reply()) => {
            failed(&ManagedIdentityCredential, imds::read_reply(&reply(), id.as_ref()))
        }
        "identity endpoint" => failed(
            &ManagedIdentityCredential,
            Err(managed_identity::refused_identity("App Service app", &reply(), id.as_ref())),
        ),
        "developer tool" if body.contains("azd") => failed(
            &azure_developer_cli::AzureDeveloperCliCredential,
            azure_developer_cli::read(&output(Some(1), b"", body)),
        ),
        "developer tool" if body.contains("Az.Account") || body.contains("AzAccount") || body.contains("Get-Az") => {
            failed(&azure_powershell::AzurePowerShellCredential, azure_powershell::read(&output(Some(1), b"", body)))
        }
        "developer tool" => failed(&azure_cli::AzureCliCredential, azure_cli::read(&output(Some(1), b"", body))),
        _ => return None,
    };
    let context = Context::default();
    if let Error::NoToken(none) = &error
        && let Attempt { result: Err(NoToken::Unavailable(reason)), .. } = &none.outcome.attempts[0]
        && let Some(finding) = unavailable(&none.outcome.attempts[0], reason, &context)
    {
        return Some(finding.row.code);
    }
    explain(&error, &context).first().map(|finding| finding.row.code)
}

/// Returns the authorization code in a browser's request, if its state matches.
pub fn read_browser_request(bytes: &[u8], state: &str) -> Option<Secret> {
    interactive_browser::code(bytes, state)
}

/// Parses a configuration file with a profile.
///
/// # Errors
/// Returns the reason if the file is malformed or the profile is missing.
pub fn read_config(text: &str, profile: Option<&str>) -> Result<Keys, String> {
    let profile = profile.map(|name| (Source::Option("--profile"), name));
    Config::parse(None, text, profile).map(|config| config.keys).map_err(|error| error.to_string())
}

/// The emulated Azure.
#[cfg(feature = "sandbox")]
pub mod sandbox {
    pub use crate::sandbox::*;
}
