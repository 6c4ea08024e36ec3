//! Gets the assertion of a GitHub Actions job, from the runner's service.
//!
//! <https://docs.github.com/actions/reference/security/oidc#methods-for-requesting-the-oidc-token>; the reference is
//! `getIDToken` of <https://github.com/actions/toolkit/blob/main/packages/core/src/oidc-utils.ts>. The service answers
//! only jobs with the permission `id-token: write`; for other jobs the runner sets no URL.

use crate::env::{self, Env};
use crate::http::{Request, Route, with_query};
use crate::redact::secret::Secret;

use super::super::{CredentialContext, NoToken, TokenRequest};
use super::runner::{federated_audience, request_assertion, runner_url};

pub(super) const VARIABLES: [&str; 2] = [env::ACTIONS_ID_TOKEN_REQUEST_URL, env::ACTIONS_ID_TOKEN_REQUEST_TOKEN];
pub(super) const PERMISSION: &str = "the job needs 'permissions: id-token: write'";

pub(super) fn is_here(env: &Env) -> bool {
    env.has(env::ACTIONS_ID_TOKEN_REQUEST_URL) || env.get(env::GITHUB_ACTIONS) == Some("true")
}

pub(super) fn assertion(request: &TokenRequest, context: &CredentialContext) -> Result<Secret, NoToken> {
    let audience = federated_audience(request)?;
    let url = with_query(runner_url(&context.env, env::ACTIONS_ID_TOKEN_REQUEST_URL)?, &[("audience", audience)]);
    request_assertion(
        "GitHub Actions",
        Request::get(Route::Internet, url),
        env::ACTIONS_ID_TOKEN_REQUEST_TOKEN,
        context,
    )
}
