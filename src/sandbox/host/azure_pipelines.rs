//! An Azure task of an Azure Pipelines job, with a service connection:
//! <https://learn.microsoft.com/azure/devops/release-notes/2024/sprint-240-update#pipelines-and-tasks-populate-variables-to-customize-workload-identity-federation-authentication>.

use std::io;

use super::environment::{Environment, HostSetup};
use crate::env;
use crate::sandbox::{fault::Fault, names};

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    let ids = "271ef6f7-5998-4b0f-86fb-4b54d9129990/_apis/distributedtask/hubs/build/plans/\
               c738a23e-2307-4a6c-a406-f1f0f729387c/jobs/12f1170f-54f2-53f3-20dd-22fc7dff55f9";
    environment.set(env::TF_BUILD, "True");
    environment.set(env::AGENT_NAME, "Hosted Agent");
    environment
        .set(env::SYSTEM_OIDCREQUESTURI, format!("https://{}/contoso/{ids}/oidctoken", names::AZURE_DEVOPS_HOST));
    environment.set(env::AZURESUBSCRIPTION_SERVICE_CONNECTION_ID, names::SERVICE_CONNECTION_ID);
    environment.set(env::AZURESUBSCRIPTION_CLIENT_ID, names::USER_ASSIGNED_CLIENT_ID);
    environment.set(env::AZURESUBSCRIPTION_TENANT_ID, names::TENANT_ID);
    // No identity: the step does not have the job's token.
    if !setup.azure.plan.has(Fault::NoIdentity) {
        environment.set(env::SYSTEM_ACCESSTOKEN, &setup.azure.keys.job_token);
    }
    Ok(())
}
