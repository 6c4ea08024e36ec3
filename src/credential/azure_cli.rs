//! Uses the account of the Azure CLI: `az account get-access-token`.
//!
//! <https://learn.microsoft.com/cli/azure/account#az-account-get-access-token>. The start of az takes most of the time, so
//! it starts before the vault's challenge names the tenant. It runs again only if its own tenant is another one. Its stdout
//! holds a token and is never shown.

use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

use crate::entra::{TenantId, aadsts_code};
use crate::env;
use crate::process::Output;
use crate::redact::secret::Secret;
use crate::time::timestamp::Timestamp;
use crate::token::AccessToken;

use super::developer_tool::{DeveloperTool, SignIns, first_object, is_crash, is_locked, reason_line};
use super::error::ProgramFailure;
use super::{Credential, CredentialContext, CredentialInfo, Failure, Group, NoToken, Reason, TokenRequest};

/// The account of the Azure CLI.
pub struct AzureCliCredential;

const AZ: DeveloperTool = DeveloperTool {
    program: "az",
    sign_in: Some("az login"),
    variables: &[("AZURE_CORE_NO_COLOR", "true")],
    own_variables: "",
    windows_paths: &[
        (env::PROGRAM_FILES, r"Microsoft SDKs\Azure\CLI2\wbin\az.cmd"),
        (env::PROGRAM_FILES_X86, r"Microsoft SDKs\Azure\CLI2\wbin\az.cmd"),
    ],
    // https://learn.microsoft.com/cli/azure/azure-cli-configuration
    // The name of a managed identity is systemAssignedIdentity or userAssignedIdentity
    // (https://github.com/Azure/azure-cli/blob/dev/src/azure-cli-core/azure/cli/core/_profile.py).
    sign_ins: SignIns {
        variable: Some(env::AZURE_CONFIG_DIR),
        folder: ".azure",
        files: &["azureProfile.json"],
        managed_identity: "AssignedIdentity",
    },
};

impl Credential for AzureCliCredential {
    fn info(&self) -> CredentialInfo {
        CredentialInfo { name: "AzureCliCredential", short_name: "azure-cli", group: Group::Developer }
    }

    fn get_token(&self, request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
        let az = AZ.find(context)?;
        let tenants = &request.tenant;
        let ask = |tenant: Option<&TenantId>| read(&AZ.run(&az, &arguments(request, tenant), context)?);
        AZ.token(&az, &arguments(request, tenants.requested.as_ref()), request, context, || {
            tenants.read_challenge();
            let first = ask(tenants.requested.as_ref());
            if tenants.requested.is_some() || !depends_on_tenant(&first) {
                return first;
            }
            match tenants.for_any_account() {
                Some(vaults) if !is_from(&first, &vaults) => ask(Some(&vaults)),
                _ => first,
            }
        })
    }
}

fn arguments<'a>(request: &'a TokenRequest, tenant: Option<&'a TenantId>) -> Vec<&'a str> {
    let call = ["account", "get-access-token", "--output", "json", "--resource", request.scope.resource()];
    call.into_iter().chain(tenant.iter().flat_map(|tenant| ["--tenant", tenant.as_str()])).collect()
}

/// Returns true if az could answer otherwise in another tenant: it has an account, and ended by itself.
fn depends_on_tenant(answer: &Result<AccessToken, NoToken>) -> bool {
    let refused = |failure: &Failure| match failure {
        Failure::Program { ending: ProgramFailure::Exited { code: Some(_), message, .. }, .. } => !is_locked(message),
        _ => false,
    };
    answer.as_ref().map_or_else(|error| matches!(error, NoToken::Failed(failure) if refused(failure)), |_| true)
}

fn is_from(answer: &Result<AccessToken, NoToken>, tenant: &TenantId) -> bool {
    answer.as_ref().is_ok_and(|token| token.claims().tid.is_some_and(|own| tenant.is(&own)))
}

/// Reads the output of az.
///
/// # Errors
/// It holds no token.
pub fn read(output: &Output) -> Result<AccessToken, NoToken> {
    if output.succeeded() { read_token(&output.stdout) } else { Err(classify(output)) }
}

#[derive(Deserialize)]
struct AzToken {
    #[serde(rename = "accessToken")]
    access_token: Secret,
    /// Seconds since 1970, from az 2.54 on.
    #[serde(default)]
    expires_on: Value,
    /// Local time without an offset; deprecated.
    #[serde(default, rename = "expiresOn")]
    local_expires_on: Option<String>,
}

fn read_token(stdout: &[u8]) -> Result<AccessToken, NoToken> {
    let malformed = || AZ.malformed("JSON with an accessToken, as az prints it");
    let answer: AzToken = first_object(stdout).ok_or_else(malformed)?;
    let expires = Timestamp::from_expiry(&answer.expires_on, Timestamp::now()).or_else(|| {
        answer.local_expires_on.as_deref().and_then(|text| Timestamp::from_local_text(text, &TimeZone::system()))
    });
    AccessToken::new(answer.access_token, expires).ok_or_else(malformed)
}

/// Classifies a failure by az's messages: not signed in, or refused.
fn classify(output: &Output) -> NoToken {
    // The traceback of a crash can name anything.
    let words = if is_crash(&output.stderr) { reason_line(&output.stderr) } else { &output.stderr };
    let says = |all: &[&str]| all.iter().any(|some| words.contains(some)) && aadsts_code(&output.stderr).is_none();
    if says(&["az login", "CLIInternalError"]) {
        return AZ.not_signed_in();
    }
    if says(&["az account set"]) {
        return NoToken::Unavailable(Reason::NoSubscription);
    }
    AZ.refused(output.code, &output.stderr)
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn stderr(text: &str) -> NoToken {
        classify(&Output { code: Some(1), stdout: Zeroizing::new(Vec::new()), stderr: text.to_owned() })
    }

    #[test]
    fn old_and_new_output_is_read() {
        let new =
            read_token(br#"{"accessToken":"t","expires_on":1767268800,"expiresOn":"2030-01-01 00:00:00.000000"}"#);
        assert_eq!(new.unwrap().expires_on, Some(Timestamp(1_767_268_800)));
        let old = read_token(br#"{"accessToken":"t","expiresOn":"2026-01-01 12:00:00.000000","tokenType":"Bearer"}"#);
        let distance = old.unwrap().expires_on.unwrap().seconds_since(Timestamp(1_767_268_800)).abs();
        assert!(distance <= 14 * 3600, "within the offsets that zones have");
    }

    #[test]
    fn output_without_token_is_malformed() {
        for text in ["", "null", "{}", r#"{"accessToken":""}"#, r#"{"accessToken":7}"#, "WARNING: x\n{}", "\0\u{1b}["] {
            assert!(matches!(read_token(text.as_bytes()), Err(NoToken::Failed(Failure::Malformed { .. }))), "{text}");
        }
    }

    #[test]
    fn not_signed_in_is_distinguished_from_refused() {
        for text in [
            "ERROR: Please run 'az login' to setup account.",
            "ERROR: User 'x' does not exist in MSAL token cache. Run `az login`.",
        ] {
            assert!(matches!(stderr(text), NoToken::Unavailable(Reason::NotSignedIn { .. })), "{text}");
        }
        let no_subscription = stderr("ERROR: No subscription found. Run 'az account set' to select a subscription.");
        assert!(matches!(no_subscription, NoToken::Unavailable(Reason::NoSubscription)));
        let expired = "ERROR: AADSTS700082: The refresh token has expired due to inactivity.\r\nTrace ID: x\r\n\
                       Interactive authentication is needed. Please run:\naz login --tenant \"t\"";
        let NoToken::Failed(Failure::Program { ending: ProgramFailure::Exited { message, aadsts, .. }, .. }) =
            stderr(expired)
        else {
            panic!("refused")
        };
        assert_eq!(aadsts, Some(700_082));
        assert_eq!(message, "AADSTS700082: The refresh token has expired due to inactivity.");
    }
}
