//! A service principal in the environment:
//! <https://learn.microsoft.com/dotnet/api/azure.identity.environmentcredential>.

use std::io;

use super::environment::{Environment, HostSetup};
use crate::env;
use crate::sandbox::{fault::Fault, names};

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    environment.set(env::AZURE_CLIENT_ID, names::SERVICE_PRINCIPAL_CLIENT_ID);
    environment.set(env::AZURE_TENANT_ID, names::TENANT_ID);
    // No identity: the pipeline's secret variable is not mapped.
    if !setup.azure.plan.has_on_host(Fault::NoIdentity) {
        environment.set(env::AZURE_CLIENT_SECRET, &setup.azure.keys.client_secret_shown);
    }
    Ok(())
}
