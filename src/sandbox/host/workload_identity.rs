//! A pod with a workload identity: what AKS's webhook adds to it
//! (<https://azure.github.io/azure-workload-identity/docs/installation/mutating-admission-webhook.html>).

use std::io;

use super::{
    super::{fault::Fault, file},
    Ground, Surroundings, names,
};

pub(super) fn prepare(ground: &Ground<'_>, surroundings: &mut Surroundings) -> io::Result<()> {
    let plan = &ground.azure.plan;
    surroundings.set("KUBERNETES_SERVICE_HOST", "10.0.0.1");
    // Without an identity: the pod lacks the label that the webhook looks for.
    if plan.has(Fault::NoIdentity) {
        return Ok(());
    }
    let assertion = ground.folder.join("azure-identity-token");
    file::write_private(&assertion, ground.azure.keys.assertion.as_bytes())?;
    surroundings.set("AZURE_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID);
    surroundings.set("AZURE_TENANT_ID", names::TENANT_ID);
    surroundings.set("AZURE_FEDERATED_TOKEN_FILE", assertion);
    surroundings.set("AZURE_AUTHORITY_HOST", format!("https://{}/", plan.cloud.authorities()[0]));
    Ok(())
}
