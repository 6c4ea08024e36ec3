//! An application of a Service Fabric cluster:
//! <https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code>.

use std::io;

use super::{super::fault::Fault, Ground, Surroundings, names};

pub(super) fn prepare(ground: &Ground<'_>, surroundings: &mut Surroundings) -> io::Result<()> {
    surroundings.set("Fabric_ApplicationName", format!("fabric:/{}", names::APP_NAME));
    surroundings.set("Fabric_NodeName", "_Node_0");
    let Some(certificate) = ground.azure.endpoint.as_ref().filter(|_| !ground.azure.plan.has(Fault::NoIdentity)) else {
        return Ok(());
    };
    surroundings.set("IDENTITY_ENDPOINT", format!("https://{}/metadata/identity/oauth2/token", ground.identity));
    surroundings.set("IDENTITY_HEADER", &ground.azure.keys.identity_header);
    surroundings.set("IDENTITY_SERVER_THUMBPRINT", &certificate.thumbprint);
    surroundings.set("IDENTITY_API_VERSION", "2019-07-01-preview");
    Ok(())
}
