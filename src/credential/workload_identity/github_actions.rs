//! A job of GitHub Actions, for which the runner's service vouches.
//!
//! <https://docs.github.com/actions/reference/security/oidc#methods-for-requesting-the-oidc-token>; the reference is
//! `getIDToken` of <https://github.com/actions/toolkit/blob/main/packages/core/src/oidc-utils.ts>. The service answers
//! only jobs with the permission `id-token: write`; for the others the runner sets no address.

use crate::env::{self, Env};
use crate::http::{Request, Route, with_query};
use crate::redact::secret::Secret;

use super::super::{CredentialContext, Failure, NoToken, TokenRequest};
use super::runner::{ask_runner, runner_url};

pub(super) const VARIABLES: [&str; 2] = [env::ACTIONS_ID_TOKEN_REQUEST_URL, env::ACTIONS_ID_TOKEN_REQUEST_TOKEN];
pub(super) const PERMISSION: &str = "the job needs 'permissions: id-token: write'";

pub(super) fn is_here(env: &Env) -> bool {
    env.has(env::ACTIONS_ID_TOKEN_REQUEST_URL) || env.get(env::GITHUB_ACTIONS) == Some("true")
}

pub(super) fn assertion(request: &TokenRequest, context: &CredentialContext) -> Result<Secret, NoToken> {
    let env = &context.env;
    // Every cloud expects an audience of its own; of an authority that belongs to none, nobody knows it.
    let cloud = request.authority.cloud().ok_or(NoToken::Failed(Failure::Setting {
        variable: env::AZURE_AUTHORITY_HOST,
        expected: "the authority of a known cloud, which a job's token has to be meant for",
    }))?;
    let url =
        with_query(runner_url(env, env::ACTIONS_ID_TOKEN_REQUEST_URL)?, &[("audience", cloud.federated_audience)]);
    ask_runner("GitHub Actions", Request::get(Route::Internet, url), env::ACTIONS_ID_TOKEN_REQUEST_TOKEN, context)
}
