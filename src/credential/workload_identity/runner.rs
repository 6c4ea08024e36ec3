//! Asking a CI runner's service to vouch for its job.

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::env::Env;
use crate::http::retry::CLOUD;
use crate::http::status;
use crate::http::{Request, fits_a_header};
use crate::redact::secret::Secret;

use super::super::error_message::error_message;
use super::super::{CredentialContext, Failure, NoToken};

/// What a runner answers: GitHub calls the token `value`, Azure Pipelines `oidcToken`.
#[derive(Deserialize)]
struct Vouched {
    #[serde(alias = "oidcToken")]
    value: Secret,
}

/// Asks a runner's service for the job's token, by the token for that service in `variable`.
pub(super) fn ask_runner(
    runner: &'static str,
    request: Request<'_>,
    variable: &'static str,
    context: &CredentialContext,
) -> Result<Secret, NoToken> {
    let expected = "a token that an HTTP header can carry";
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
    let vouched: Option<Vouched> = reply.json();
    match vouched {
        Some(Vouched { value }) if !value.expose().is_empty() => Ok(value),
        _ => Err(NoToken::Failed(Failure::Malformed { from: runner, expected: "JSON with the job's token" })),
    }
}

/// A runner's address: https alone, since a token for its service goes there.
pub(super) fn runner_url<'a>(env: &'a Env, variable: &'static str) -> Result<&'a str, NoToken> {
    let url = env.get(variable).map(str::trim).filter(|url| {
        let rest = url.get(..8).filter(|scheme| scheme.eq_ignore_ascii_case("https://")).map(|_| &url[8..]);
        let authority = rest.and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
        !authority.is_empty() && !authority.contains('@') && !url.contains(['#', ' ', '\\'])
    });
    url.ok_or(NoToken::Failed(Failure::Setting { variable, expected: "an address that begins with https://" }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::ACTIONS_ID_TOKEN_REQUEST_URL as URL;

    #[test]
    fn a_runner_is_asked_over_https_alone() {
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
    fn both_runners_answers_are_read() {
        for body in [r#"{"count":9,"value":"t"}"#, r#"{"oidcToken":"t"}"#] {
            assert_eq!(serde_json::from_str::<Vouched>(body).unwrap().value.expose(), "t");
        }
    }
}
