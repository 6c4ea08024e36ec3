//! Uses the account of the Azure Developer CLI: `azd auth token`.
//!
//! azd's help does not show the command; its source is the reference
//! (<https://github.com/Azure/azure-dev/blob/main/cli/azd/cmd/auth_token.go>). With JSON output, its errors are JSON
//! too, on stdout or stderr, in a form that depends on the version. azfob passes the tenant, because azd would use the
//! account's home tenant (<https://github.com/Azure/azure-dev/issues/4293>).

use serde::Deserialize;
use serde_json::{Deserializer, Value};

use crate::entra::{TenantId, aadsts_code};
use crate::env;
use crate::process::Output;
use crate::redact::secret::Secret;
use crate::time::timestamp::Timestamp;
use crate::token::AccessToken;

use super::developer_tool::{DeveloperTool, SignIns, first_object};
use super::{Credential, CredentialContext, CredentialInfo, Group, NoToken, TokenRequest};

/// The account of the Azure Developer CLI.
pub struct AzureDeveloperCliCredential;

const AZD: DeveloperTool = DeveloperTool {
    program: "azd",
    sign_in: Some("azd auth login"),
    variables: &[(env::NO_COLOR, "true")],
    // An external program that signs in: its address, and the key for requests to it (azd's `pkg/auth`).
    own_variables: "AZD_AUTH_",
    windows_paths: &[
        (env::LOCALAPPDATA, r"Programs\Azure Dev CLI\azd.exe"),
        (env::PROGRAM_FILES, r"Azure Dev CLI\azd.exe"),
        (env::LOCALAPPDATA, r"Microsoft\WinGet\Links\azd.exe"),
    ],
    // The signed-in account, and whether azd uses az's account
    // (https://github.com/Azure/azure-dev/blob/main/cli/azd/pkg/auth/manager.go).
    sign_ins: SignIns {
        variable: Some(env::AZD_CONFIG_DIR),
        folder: ".azd",
        files: &["auth.json", "config.json"],
        managed_identity: "managedIdentity",
    },
};

impl Credential for AzureDeveloperCliCredential {
    fn info(&self) -> CredentialInfo {
        CredentialInfo {
            name: "AzureDeveloperCliCredential",
            short_name: "azure-developer-cli",
            group: Group::Developer,
        }
    }

    fn get_token(&self, request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
        let azd = AZD.find(context)?;
        let scope = request.scope.to_string();
        AZD.token(&azd, &arguments(&scope, request.tenant.requested.as_ref()), request, context, || {
            let tenant = request.tenant.for_any_account();
            read(&AZD.run(&azd, &arguments(&scope, tenant.as_ref()), context)?)
        })
    }
}

fn arguments<'a>(scope: &'a str, tenant: Option<&'a TenantId>) -> Vec<&'a str> {
    // Without --no-prompt azd waits for Enter if AZD_DEBUG is set
    // (https://github.com/Azure/azure-sdk-for-net/issues/52005).
    let call = ["auth", "token", "--output", "json", "--no-prompt", "--scope", scope];
    call.into_iter().chain(tenant.iter().flat_map(|tenant| ["--tenant-id", tenant.as_str()])).collect()
}

/// Reads the output of azd.
///
/// # Errors
/// It holds no token.
pub fn read(output: &Output) -> Result<AccessToken, NoToken> {
    if output.succeeded() { read_token(&output.stdout) } else { Err(classify(output)) }
}

#[derive(Deserialize)]
struct AzdToken {
    /// Missing in messages that precede the token.
    token: Secret,
    /// RFC 3339, UTC.
    #[serde(default, rename = "expiresOn")]
    expires_on: Option<String>,
}

fn read_token(stdout: &[u8]) -> Result<AccessToken, NoToken> {
    first_object::<AzdToken>(stdout)
        .and_then(|answer| AccessToken::new(answer.token, answer.expires_on.as_deref().and_then(Timestamp::from_text)))
        .ok_or_else(|| AZD.malformed("JSON with a token, as azd prints it"))
}

/// Classifies a failure by azd's messages: not signed in, or refused.
fn classify(output: &Output) -> NoToken {
    let words = error_text(output);
    // The first two texts mean an expired sign-in, the third one MFA.
    let needs_renewal = ["ogin expired", "reauthentication required", "multi-factor authentication"];
    let was_signed_in = aadsts_code(&words).is_some() || needs_renewal.iter().any(|text| words.contains(text));
    let asks_to_sign_in = ["azd auth login", "azd login"].iter().any(|command| words.contains(command));
    if asks_to_sign_in && !was_signed_in {
        return AZD.not_signed_in();
    }
    AZD.refused(output.code, &words)
}

/// Returns azd's messages from its JSON, or stderr if there is none.
fn error_text(output: &Output) -> String {
    let printed = String::from_utf8_lossy(&output.stdout);
    let texts: Vec<String> = [&*output.stderr, &*printed].into_iter().flat_map(messages).collect();
    // Only messages are taken from stdout, which can hold a token.
    if texts.is_empty() { output.stderr.clone() } else { texts.join("\n") }
}

/// Returns the messages of a sequence of JSON objects: `error` in new versions, a console message in older ones.
fn messages(text: &str) -> Vec<String> {
    let objects = &text[text.find('{').unwrap_or(text.len())..];
    let message = |object: Value| {
        let words = object.get("error").or_else(|| object.get("data")?.get("message"))?;
        words.as_str().map(|words| words.trim().to_owned())
    };
    Deserializer::from_str(objects).into_iter::<Value>().map_while(Result::ok).filter_map(message).collect()
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::credential::error::ProgramFailure;
    use crate::credential::{Failure, Reason};

    fn ended(stdout: &str, stderr: &str) -> NoToken {
        let stdout = Zeroizing::new(stdout.as_bytes().to_vec());
        classify(&Output { code: Some(1), stdout, stderr: stderr.to_owned() })
    }

    fn refusal(no_token: NoToken) -> (String, Option<u32>) {
        match no_token {
            NoToken::Failed(Failure::Program { ending: ProgramFailure::Exited { message, aadsts, .. }, .. }) => {
                (message, aadsts)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn expiry_is_utc_and_preceding_messages_are_skipped() {
        for text in [
            r#"{"token":"t","expiresOn":"2026-01-01T12:00:00Z"}"#,
            "{\n  \"token\": \"t\",\n  \"expiresOn\": \"2026-01-01T12:00:00Z\"\n}\n",
            "{\"type\":\"consoleMessage\",\"data\":{\"message\":\"update\"}}\n\
             {\"token\":\"t\",\"expiresOn\":\"2026-01-01T12:00:00Z\"}",
        ] {
            let token = read_token(text.as_bytes()).unwrap();
            assert_eq!((token.expose(), token.expires_on), ("t", Some(Timestamp(1_767_268_800))), "{text}");
        }
    }

    #[test]
    fn output_without_token_is_malformed() {
        for text in ["", "null", "{}", r#"{"token":""}"#, r#"{"token":7}"#, "\0\u{1b}[", "WARNING: x"] {
            assert!(matches!(read_token(text.as_bytes()), Err(NoToken::Failed(Failure::Malformed { .. }))), "{text}");
        }
    }

    #[test]
    fn not_signed_in_is_distinguished_from_refused() {
        let message = r#"{"type":"consoleMessage","timestamp":"2023-01-18T08:00:00-08:00","data":{"message":"\nERROR: fetching token: not logged in, run `azd auth login` to login\n"}}"#;
        let older = r#"{"type":"consoleMessage","data":{"message":"ERROR: not logged in, run `azd login` to login"}}"#;
        let newest = r#"{"error":"not logged in, run `azd auth login` to login"}"#;
        let indented = "{\n  \"error\": \"not logged in, run `azd auth login` to login\"\n}\n";
        for text in [message, older, newest, indented, "ERROR: not logged in, run `azd auth login` to login"] {
            assert!(matches!(ended("", text), NoToken::Unavailable(Reason::NotSignedIn { .. })), "{text}");
        }
        assert!(matches!(ended(message, ""), NoToken::Unavailable(Reason::NotSignedIn { .. })));

        let expired = r#"{"type":"consoleMessage","data":{"message":"\nERROR: fetching token: AADSTS70043: The refresh token has expired.\r\nTrace ID: t\nSuggestion: login expired, run `azd auth login` to acquire a new token.\n"}}"#;
        let expected = ("AADSTS70043: The refresh token has expired.".to_owned(), Some(70043));
        assert_eq!(refusal(ended("", expired)), expected);
        assert_eq!(refusal(ended(expired, "")), expected);
        let again = r#"{"error":"reauthentication required, run `azd auth login --scope x` to log in"}"#;
        assert_eq!(refusal(ended("", again)).1, None);
        assert_eq!(refusal(ended("", r#"{"error":"unknown flag: --no-prompt"}"#)).0, "unknown flag: --no-prompt");
    }

    #[test]
    fn token_on_stdout_is_not_in_message() {
        let token = r#"{"token":"opaque-token","expiresOn":"x"}"#;
        assert_eq!(refusal(ended(token, "")).0, "");
    }
}
