//! The portal's shell: <https://learn.microsoft.com/azure/cloud-shell/msi-authorization>.

use std::io;

use super::{super::fault::Fault, Ground, Surroundings, every_host::url};

pub(super) fn prepare(ground: &Ground<'_>, surroundings: &mut Surroundings) -> io::Result<()> {
    surroundings.set("ACC_CLOUD", "PROD");
    surroundings.set("AZUREPS_HOST_ENVIRONMENT", "cloud-shell/1.0");
    if !ground.azure.plan.has(Fault::NoIdentity) {
        surroundings.set("MSI_ENDPOINT", format!("{}/oauth2/token", url(ground.identity)));
    }
    Ok(())
}
