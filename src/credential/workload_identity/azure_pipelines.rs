//! Gets the assertion of an Azure Pipelines job, from its service connection.
//!
//! <https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create> and
//! <https://learn.microsoft.com/azure/devops/release-notes/2024/sprint-240-update#pipelines-and-tasks-populate-variables-to-customize-workload-identity-federation-authentication>,
//! which names the variables that the tasks for Azure set; the reference is .NET's `AzurePipelinesCredential`. The
//! connection's cloud decides the audience, so none is requested.

use crate::env::{self, Env};
use crate::http::{Request, Route, with_query};
use crate::redact::secret::Secret;

use super::super::{CredentialContext, NoToken};
use super::runner::{request_assertion, runner_url};

pub(super) const VARIABLES: [&str; 3] =
    [env::SYSTEM_OIDCREQUESTURI, env::AZURESUBSCRIPTION_SERVICE_CONNECTION_ID, env::SYSTEM_ACCESSTOKEN];
pub(super) const PERMISSION: &str = "the step needs 'env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)'";

const VERSION: &str = "7.1";

pub(super) fn is_here(env: &Env) -> bool {
    env.has(env::SYSTEM_OIDCREQUESTURI) || env.has(env::TF_BUILD)
}

pub(super) fn assertion(context: &CredentialContext) -> Result<Secret, NoToken> {
    let env = &context.env;
    let parameters = [
        ("api-version", VERSION),
        ("serviceConnectionId", env.get(env::AZURESUBSCRIPTION_SERVICE_CONNECTION_ID).unwrap_or_default()),
    ];
    let url = with_query(runner_url(env, env::SYSTEM_OIDCREQUESTURI)?, &parameters);
    let request = Request::post(Route::Internet, url, &[])
        .header("content-type", "application/json")
        // Without it the service answers an expired token with a redirect to a sign-in page.
        .header("x-tfs-fedauthredirect", "Suppress");
    request_assertion("Azure Pipelines", request, env::SYSTEM_ACCESSTOKEN, context)
}
