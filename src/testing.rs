//! What the tests and the fuzzers reach of the program. Not an interface: whatever stands here can change with any commit.
//!
//! Everything else is private to the crate, so that the compiler finds what nobody uses.

pub use crate::args::{examples, topics};
pub use crate::credential::selection::Selection;
pub use crate::diagnosis::context::Context;
pub use crate::diagnosis::log::{explain_code, recognise};
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
pub use crate::redact::{is_invisible, mask_tokens, register_secret, sanitize, sanitize_line};
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

use zeroize::Zeroizing;

use crate::args::Args;
use crate::credential::managed_identity::imds;
use crate::credential::{azure_cli, azure_developer_cli, azure_powershell, interactive_browser, visual_studio};
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::table::Row;
use crate::env::Source;
use crate::http::Reply;
use crate::process::Output;
use crate::settings::config::{Config, Keys};

/// The command line with what each command takes, for completions and manual pages.
pub fn command_line() -> clap::Command {
    let mut azfob = <Args as clap::CommandFactory>::command();
    azfob.build();
    azfob
}

/// What is pasted for a row where nothing is known of the case, in a POSIX shell: a line each.
pub fn commands(row: &Row) -> Vec<String> {
    let mut commands = (row.commands)(&Context::default());
    commands.sort_by_key(|command| command.effect);
    commands.iter().flat_map(FixCommand::lines).collect()
}

/// What az printed.
///
/// # Errors
/// It printed no token; the words say why.
pub fn read_az(code: Option<i32>, stdout: &[u8], stderr: &str) -> Result<AccessToken, String> {
    azure_cli::read(&printed(code, stdout, stderr)).map_err(|none| none.to_string())
}

/// What PowerShell 7 printed.
///
/// # Errors
/// It printed no token; the words say why.
pub fn read_pwsh(code: Option<i32>, stdout: &[u8], stderr: &str) -> Result<AccessToken, String> {
    azure_powershell::read(&printed(code, stdout, stderr)).map_err(|none| none.to_string())
}

/// What azd printed.
///
/// # Errors
/// It printed no token; the words say why.
pub fn read_azd(code: Option<i32>, stdout: &[u8], stderr: &str) -> Result<AccessToken, String> {
    azure_developer_cli::read(&printed(code, stdout, stderr)).map_err(|none| none.to_string())
}

/// What Visual Studio's token service printed.
///
/// # Errors
/// It printed no token; the words say why.
pub fn read_visual_studio(code: Option<i32>, stdout: &[u8], stderr: &str) -> Result<AccessToken, String> {
    visual_studio::read(&printed(code, stdout, stderr)).map_err(|none| none.to_string())
}

fn printed(code: Option<i32>, stdout: &[u8], stderr: &str) -> Output {
    Output { code, stdout: Zeroizing::new(stdout.to_vec()), stderr: stderr.to_owned() }
}

/// An answer as the network gives it, by a server of this name.
pub fn answer(status: u16, server: &str, body: &[u8]) -> Reply {
    let server = server.parse().ok().map(|value| (ureq::http::header::SERVER, value));
    Reply { status, headers: server.into_iter().collect(), body: Zeroizing::new(body.to_vec()) }
}

/// What the metadata service answered.
///
/// # Errors
/// It gave no token; the words say why.
pub fn read_metadata_service(reply: &Reply) -> Result<AccessToken, String> {
    imds::judge(reply, None).map_err(|none| none.to_string())
}

/// Entra ID's words in a refusal.
pub fn read_entra_refusal(reply: &Reply) -> String {
    crate::entra::refusal_in(reply).to_string()
}

/// The code that a browser brings back from a sign-in of this state; none where the request brings none that is ours.
pub fn read_browser_request(bytes: &[u8], state: &str) -> Option<Secret> {
    interactive_browser::code(bytes, state)
}

/// The text of a configuration file, with this profile chosen.
///
/// # Errors
/// It is malformed; the profile is not in it.
pub fn read_config(text: &str, profile: Option<&str>) -> Result<Keys, String> {
    let profile = profile.map(|name| (Source::Option("--profile"), name));
    Config::parse(None, text, profile).map(|config| config.keys).map_err(|error| error.to_string())
}

/// The emulated Azure, which is also the tests' Azure.
#[cfg(feature = "sandbox")]
pub mod sandbox {
    pub use crate::sandbox::*;
}
