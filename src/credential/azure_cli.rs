//! The account that is signed in to the Azure CLI: `az account get-access-token`.
//!
//! <https://learn.microsoft.com/cli/azure/account#az-account-get-access-token>. The program is run once and never
//! again, since its start alone can take seconds; its stdout holds a token and is never shown.

use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

use crate::entra::aadsts_code;
use crate::env::Env;
use crate::process::{Ending, Output, Programs};
use crate::secret::{Secret, mask_tokens};
use crate::timestamp::Timestamp;
use crate::token::AccessToken;

use super::ending::ProgramFailure;
use super::{Credential, Failure, Group, NoToken, Reason, Surroundings, TokenRequest};

/// The Azure CLI's account.
pub struct AzureCliCredential;

const AZ: &str = "az";
/// az has been seen to need more than 10 s to start (<https://github.com/Azure/azure-cli/issues/20404>).
const LIMIT: Duration = Duration::from_secs(30);

impl Credential for AzureCliCredential {
    fn name(&self) -> &'static str {
        "AzureCliCredential"
    }

    fn short_name(&self) -> &'static str {
        "azure-cli"
    }

    fn group(&self) -> Group {
        Group::Developer
    }

    fn get_token(&self, request: &TokenRequest, around: &Surroundings) -> Result<AccessToken, NoToken> {
        let Some(az) = around.programs.find(AZ) else {
            return Err(NoToken::Unavailable(Reason::ProgramMissing {
                program: AZ,
                searched: around.programs.folders().to_vec(),
                elsewhere: Programs::installed_at(&usual_places(around)),
            }));
        };
        let mut arguments =
            vec!["account", "get-access-token", "--output", "json", "--resource", request.scope.resource()];
        let tenant = request.tenant.for_any_account();
        if let Some(tenant) = &tenant {
            arguments.extend(["--tenant", tenant.as_str()]);
        }
        let failed = |ending| NoToken::Failed(Failure::Program { program: AZ, ending });
        match around.programs.run(&az, &arguments, &[("AZURE_CORE_NO_COLOR", "true")], LIMIT, &around.deadline) {
            Ending::Exited(output) if output.succeeded() => read_token(&output.stdout),
            Ending::Exited(output) => Err(classify(&output)),
            Ending::TimedOut(limit) => Err(failed(ProgramFailure::TimedOut(limit))),
            Ending::TooMuch(limit) => Err(failed(ProgramFailure::TooMuch(limit))),
            Ending::NotStarted(error) => Err(failed(ProgramFailure::NotStarted(error.kind()))),
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "accessToken")]
    access_token: Secret,
    /// Seconds since 1970; since az 2.54.
    #[serde(default)]
    expires_on: Value,
    /// Local time, without saying so; deprecated.
    #[serde(default, rename = "expiresOn")]
    local_expires_on: Option<String>,
}

fn read_token(stdout: &[u8]) -> Result<AccessToken, NoToken> {
    let malformed =
        || NoToken::Failed(Failure::Malformed { from: AZ, expected: "JSON with an accessToken, as az prints it" });
    let answer: Answer = serde_json::from_slice(stdout).map_err(|_| malformed())?;
    if answer.access_token.expose().is_empty() {
        return Err(malformed());
    }
    let expires = Timestamp::from_expiry(&answer.expires_on, Timestamp::now()).or_else(|| {
        answer.local_expires_on.as_deref().and_then(|text| Timestamp::from_local_text(text, &TimeZone::system()))
    });
    Ok(AccessToken::new(answer.access_token, expires))
}

/// Tells by az's own words whether nobody is signed in, or somebody is and was refused.
fn classify(output: &Output) -> NoToken {
    let stderr = &output.stderr;
    let aadsts = aadsts_code(stderr);
    let asks_to_sign_in = ["az login", "az account set", "CLIInternalError"].iter().any(|words| stderr.contains(words));
    if asks_to_sign_in && aadsts.is_none() {
        return NoToken::Unavailable(Reason::NotSignedIn { program: AZ, sign_in: "az login" });
    }
    let said = mask_tokens(reason_line(stderr));
    NoToken::Failed(Failure::Program {
        program: AZ,
        ending: ProgramFailure::Exited { code: output.code, said, aadsts },
    })
}

/// The line that says why: the one that az marks as an error, or else the last one that says anything. az puts the ids
/// of the exchange behind Entra ID's words; they are for a ticket, and hide the words here.
fn reason_line(stderr: &str) -> &str {
    let lines = || stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let marked = lines().find_map(|line| line.strip_prefix("ERROR:"));
    let line = marked.or_else(|| lines().next_back()).unwrap_or_default();
    line.split(" Trace ID: ").next().unwrap_or(line).trim()
}

/// Where installers put az; looked at only when PATH does not have it.
fn usual_places(around: &Surroundings) -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = if cfg!(windows) {
        windows_folders(&around.env).map(|f| f.join(r"Microsoft SDKs\Azure\CLI2\wbin\az.cmd")).collect()
    } else {
        [
            "/usr/bin",
            "/usr/local/bin",
            "/opt/az/bin",
            "/opt/homebrew/bin",
            "/home/linuxbrew/.linuxbrew/bin",
            "/snap/bin",
        ]
        .iter()
        .map(|folder| PathBuf::from(folder).join(AZ))
        .collect()
    };
    places.extend(around.home.as_ref().map(|home| home.join(".local/bin/az")));
    places
}

fn windows_folders(env: &Env) -> impl Iterator<Item = PathBuf> {
    ["ProgramFiles", "ProgramFiles(x86)"].into_iter().filter_map(|name| env.get_os(name).map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    fn stderr(text: &str) -> NoToken {
        classify(&Output { code: Some(1), stdout: Zeroizing::new(Vec::new()), stderr: text.to_owned() })
    }

    #[test]
    fn both_ages_of_output_are_read() {
        let new =
            read_token(br#"{"accessToken":"t","expires_on":1767268800,"expiresOn":"2030-01-01 00:00:00.000000"}"#);
        assert_eq!(new.unwrap().expires_on, Some(Timestamp(1_767_268_800)));
        let old = read_token(br#"{"accessToken":"t","expiresOn":"2026-01-01 12:00:00.000000","tokenType":"Bearer"}"#);
        let distance = old.unwrap().expires_on.unwrap().seconds_since(Timestamp(1_767_268_800)).abs();
        assert!(distance <= 14 * 3600, "within the offsets that zones have");
    }

    #[test]
    fn what_is_no_token_is_malformed() {
        for text in ["", "null", "{}", r#"{"accessToken":""}"#, r#"{"accessToken":7}"#, "WARNING: x\n{}", "\0\u{1b}["] {
            assert!(matches!(read_token(text.as_bytes()), Err(NoToken::Failed(Failure::Malformed { .. }))), "{text}");
        }
    }

    #[test]
    fn not_signed_in_is_told_from_refused() {
        for text in [
            "ERROR: Please run 'az login' to setup account.",
            "ERROR: No subscription found. Run 'az account set' to select a subscription.",
            "ERROR: User 'x' does not exist in MSAL token cache. Run `az login`.",
        ] {
            assert!(matches!(stderr(text), NoToken::Unavailable(Reason::NotSignedIn { .. })), "{text}");
        }
        let expired = "ERROR: AADSTS700082: The refresh token has expired due to inactivity.\r\nTrace ID: x\r\n\
                       Interactive authentication is needed. Please run:\naz login --tenant \"t\"";
        let NoToken::Failed(Failure::Program { ending: ProgramFailure::Exited { said, aadsts, .. }, .. }) =
            stderr(expired)
        else {
            panic!("refused")
        };
        assert_eq!(aadsts, Some(700_082));
        assert_eq!(said, "AADSTS700082: The refresh token has expired due to inactivity.");
    }

    #[test]
    fn words_without_a_mark_are_kept_too() {
        assert_eq!(reason_line("warning\n\nTraceback\nImportError: no module\n"), "ImportError: no module");
        assert_eq!(reason_line(""), "");
    }
}
