//! A pod with a workload identity: the variables that the webhook of AKS adds
//! (<https://azure.github.io/azure-workload-identity/docs/installation/mutating-admission-webhook.html>).

use std::io;

use super::environment::{Environment, HostSetup};
use crate::env;
use crate::sandbox::{cluster, fault::Fault, file};

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    let plan = &setup.azure.plan;
    environment.set(env::KUBERNETES_SERVICE_HOST, "10.0.0.1");
    let variables = cluster::variables(plan);
    if variables.is_empty() {
        return Ok(());
    }
    let assertion = setup.folder.join("azure-identity-token");
    // Kubernetes issues no token for a service account that does not exist.
    if !plan.has(Fault::NoServiceAccount) {
        file::write_private(&assertion, setup.azure.keys.assertion.as_bytes())?;
    }
    variables.into_iter().for_each(|(name, value)| environment.set(name, value));
    environment.set(env::AZURE_FEDERATED_TOKEN_FILE, assertion);
    Ok(())
}
