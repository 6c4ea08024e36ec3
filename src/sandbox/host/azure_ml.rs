//! A compute of Azure Machine Learning:
//! <https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication>.

use std::io;

use super::{super::fault::Fault, Ground, Surroundings, every_host::url, names};

pub(super) fn prepare(ground: &Ground<'_>, surroundings: &mut Surroundings) -> io::Result<()> {
    surroundings.set("AZUREML_ARM_WORKSPACE_NAME", names::WORKSPACE_NAME);
    surroundings.set("AZUREML_ARM_RESOURCEGROUP", names::RESOURCE_GROUP);
    if !ground.azure.plan.has(Fault::NoIdentity) {
        surroundings.set("MSI_ENDPOINT", format!("{}/MSI/auth", url(ground.identity)));
        surroundings.set("MSI_SECRET", &ground.azure.keys.identity_header);
        surroundings.set("DEFAULT_IDENTITY_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID);
    }
    Ok(())
}
