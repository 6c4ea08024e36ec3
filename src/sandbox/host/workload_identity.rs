//! A pod with a workload identity: the variables that the webhook of AKS adds
//! (<https://azure.github.io/azure-workload-identity/docs/installation/mutating-admission-webhook.html>).

use std::io;

use super::environment::{Environment, HostSetup};
use crate::env;
use crate::sandbox::{fault::Fault, file, names};

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    let plan = &setup.azure.plan;
    environment.set(env::KUBERNETES_SERVICE_HOST, "10.0.0.1");
    // No identity: the pod lacks the label that the webhook requires.
    if plan.has(Fault::NoIdentity) {
        return Ok(());
    }
    let assertion = setup.folder.join("azure-identity-token");
    file::write_private(&assertion, setup.azure.keys.assertion.as_bytes())?;
    environment.set(env::AZURE_CLIENT_ID, names::USER_ASSIGNED_CLIENT_ID);
    environment.set(env::AZURE_TENANT_ID, names::TENANT_ID);
    environment.set(env::AZURE_FEDERATED_TOKEN_FILE, assertion);
    environment.set(env::AZURE_AUTHORITY_HOST, format!("https://{}/", plan.cloud.authorities()[0]));
    Ok(())
}
