//! A job of GitHub Actions with the permission `id-token: write`:
//! <https://docs.github.com/actions/reference/security/oidc#methods-for-requesting-the-oidc-token>.

use std::io;

use super::environment::{Environment, HostSetup};
use crate::env;
use crate::sandbox::{fault::Fault, names};

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    environment.set(env::GITHUB_ACTIONS, "true");
    environment.set(env::RUNNER_NAME, "GitHub Actions 1");
    environment.set(env::AZURE_CLIENT_ID, names::USER_ASSIGNED_CLIENT_ID);
    environment.set(env::AZURE_TENANT_ID, names::TENANT_ID);
    // No identity: the job lacks the permission.
    if !setup.azure.plan.has(Fault::NoIdentity) {
        let url = format!("https://{}/abc//idtoken/def/ghi?api-version=2.0", names::GITHUB_RUNNER_HOST);
        environment.set(env::ACTIONS_ID_TOKEN_REQUEST_URL, url);
        environment.set(env::ACTIONS_ID_TOKEN_REQUEST_TOKEN, &setup.azure.keys.job_token);
    }
    Ok(())
}
