//! Requests an assertion from a CI runner's service or program.

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::env::{self, Env};
use crate::http::retry::CLOUD;
use crate::http::status;
use crate::http::{Request, fits_a_header};
use crate::redact::secret::Secret;

use super::super::developer_tool::DeveloperTool;
use super::super::error_message::error_message;
use super::super::{CredentialContext, Failure, NoToken, TokenRequest};
use super::file::one_token;

/// The reply of a runner's service: `value` from GitHub, `oidcToken` from Azure Pipelines.
#[derive(Deserialize)]
struct RunnerToken {
    #[serde(alias = "oidcToken")]
    value: Secret,
}

/// Requests the job's assertion. `variable` holds the token for the runner's service.
pub(super) fn request_assertion(
    runner: &'static str,
    request: Request<'_>,
    variable: &'static str,
    context: &CredentialContext,
) -> Result<Secret, NoToken> {
    let expected = "a token that is a valid HTTP header value";
    let bearer = context.env.get(variable).filter(|text| fits_a_header(text));
    let bearer = bearer.ok_or(NoToken::Failed(Failure::Setting { variable, expected }))?;
    let authorization = Zeroizing::new(format!("Bearer {bearer}"));
    let request = request.header("authorization", authorization.as_str()).header("accept", "application/json");
    let reply = context
        .http
        .send_patiently(&request, &CLOUD, &context.deadline)
        .map_err(|error| NoToken::Failed(Failure::Network(error)))?;
    if reply.status != status::OK {
        let message = error_message(&reply).unwrap_or_default();
        return Err(NoToken::Failed(Failure::Runner { runner, status: reply.status, message }));
    }
    let token: Option<RunnerToken> = reply.json();
    match token {
        Some(RunnerToken { value }) if !value.expose().is_empty() => Ok(value),
        _ => Err(NoToken::Failed(Failure::Malformed { from: runner, expected: "JSON with the job's token" })),
    }
}

/// Returns the audience of assertions for the authority's cloud. Each cloud expects its own; that of another authority is
/// unknown.
pub(super) fn federated_audience(request: &TokenRequest) -> Result<&'static str, NoToken> {
    let (variable, expected) = (env::AZURE_AUTHORITY_HOST, "the authority host of a known cloud");
    let cloud = request.authority.cloud().ok_or(NoToken::Failed(Failure::Setting { variable, expected }))?;
    Ok(cloud.federated_audience)
}

/// Runs a program of the CI system, which prints the job's assertion.
pub(super) fn printed_assertion(
    tool: &DeveloperTool,
    arguments: &[&str],
    context: &CredentialContext,
) -> Result<Secret, NoToken> {
    let program = tool.find(context)?;
    let output = tool.run(&program, arguments, context)?;
    if !output.succeeded() {
        return Err(tool.refused(output.code, &output.stderr));
    }
    let assertion = std::str::from_utf8(&output.stdout).ok().and_then(one_token);
    assertion.ok_or_else(|| tool.malformed("a single token"))
}

/// Returns the URL of the runner's service. It must be https, because a token is sent there.
pub(super) fn runner_url<'a>(env: &'a Env, variable: &'static str) -> Result<&'a str, NoToken> {
    let url = env.get(variable).and_then(https_url);
    url.ok_or(NoToken::Failed(Failure::Setting { variable, expected: "an https:// URL" }))
}

/// Returns a text without blanks around it, if it is an https URL without user name and fragment.
pub(super) fn https_url(text: &str) -> Option<&str> {
    let url = text.trim();
    let rest = url.get(..8).filter(|scheme| scheme.eq_ignore_ascii_case("https://")).map(|_| &url[8..]);
    let authority = rest.and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
    (!authority.is_empty() && !authority.contains('@') && !url.contains(['#', ' ', '\\'])).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::ACTIONS_ID_TOKEN_REQUEST_URL as URL;

    #[test]
    fn runner_url_must_be_https() {
        for (url, good) in [
            ("https://run-actions-1.example/x?api-version=2.0", true),
            ("HTTPS://h", true),
            ("http://h/x", false),
            ("https://u@h/x", false),
            ("https:///x", false),
            ("https://", false),
            ("h", false),
        ] {
            let env: Env = [(URL, url)].into_iter().collect();
            assert_eq!(runner_url(&env, URL).is_ok(), good, "{url}");
        }
    }

    #[test]
    fn replies_of_both_runners_are_read() {
        for body in [r#"{"count":9,"value":"t"}"#, r#"{"oidcToken":"t"}"#] {
            assert_eq!(serde_json::from_str::<RunnerToken>(body).unwrap().value.expose(), "t");
        }
    }
}
