//! Reads the assertion of a job from `AZFOB_ID_TOKEN`, for CI systems that issue it in a variable.
//!
//! GitLab names the variable under `id_tokens` (<https://docs.gitlab.com/ci/secrets/id_token_authentication/>). In
//! Jenkins, the plugin OpenID Connect Provider issues a token as "secret text" (<https://plugins.jenkins.io/oidc-provider/>).

use crate::env::{self, Env};
use crate::redact::secret::Secret;

use super::super::{Failure, NoToken};
use super::file::one_token;

pub(super) fn assertion(env: &Env) -> Result<Secret, NoToken> {
    let token = env.get(env::AZFOB_ID_TOKEN).and_then(one_token);
    let (variable, expected) = (env::AZFOB_ID_TOKEN, "a single token without spaces");
    token.ok_or(NoToken::Failed(Failure::Setting { variable, expected }))
}
