//! Container Apps, with the variables of
//! <https://learn.microsoft.com/azure/container-apps/environment-variables#built-in-environment-variables>.

use std::io;

use super::{
    app_service::set_identity,
    environment::{Environment, HostSetup},
};
use crate::env;
use crate::sandbox::{fault::Fault, names};

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    let domain = "happyhill-70162bb9.westeurope.azurecontainerapps.io";
    environment.set(env::CONTAINER_APP_NAME, names::APP_NAME);
    environment.set("CONTAINER_APP_REVISION", format!("{}--20mh1s9", names::APP_NAME));
    environment.set("CONTAINER_APP_HOSTNAME", format!("{}--20mh1s9.{domain}", names::APP_NAME));
    environment.set("CONTAINER_APP_ENV_DNS_SUFFIX", domain);
    environment.set("CONTAINER_APP_REPLICA_NAME", format!("{}--20mh1s9-86c8c4b497-zx9bq", names::APP_NAME));
    environment.set("CONTAINER_APP_PORT", "8080");
    if !setup.azure.plan.has(Fault::NoIdentity) {
        set_identity(setup, environment, "/msi/token");
    }
    Ok(())
}
