//! A service principal in the environment:
//! <https://learn.microsoft.com/dotnet/api/azure.identity.environmentcredential>.

use std::io;

use super::{super::fault::Fault, Ground, Surroundings, names};

pub(super) fn prepare(ground: &Ground<'_>, surroundings: &mut Surroundings) -> io::Result<()> {
    surroundings.set("AZURE_CLIENT_ID", names::SERVICE_PRINCIPAL_CLIENT_ID);
    surroundings.set("AZURE_TENANT_ID", names::TENANT_ID);
    // Without an identity: the pipeline's secret variable was not mapped.
    if !ground.azure.plan.has(Fault::NoIdentity) {
        surroundings.set("AZURE_CLIENT_SECRET", &ground.azure.keys.client_secret_shown);
    }
    Ok(())
}
