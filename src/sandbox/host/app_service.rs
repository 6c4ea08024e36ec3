//! App Service and Functions: the variables of
//! <https://learn.microsoft.com/azure/app-service/reference-app-settings> that tell the app and its identity.

use std::io;

use super::{super::fault::Fault, Ground, Surroundings, every_host::url, names};

pub(super) fn prepare(ground: &Ground<'_>, surroundings: &mut Surroundings) -> io::Result<()> {
    surroundings.set("WEBSITE_SITE_NAME", names::APP_NAME);
    surroundings.set("WEBSITE_RESOURCE_GROUP", names::RESOURCE_GROUP);
    surroundings.set(
        "WEBSITE_OWNER_NAME",
        format!("{}+{}-WestEuropewebspace-Linux", names::SUBSCRIPTION_ID, names::RESOURCE_GROUP),
    );
    surroundings.set("WEBSITE_HOSTNAME", format!("{}.azurewebsites.net", names::APP_NAME));
    surroundings.set("WEBSITE_INSTANCE_ID", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    surroundings.set("WEBSITE_SKU", "Standard");
    if !ground.azure.plan.has(Fault::NoIdentity) {
        set_identity(ground, surroundings, "/MSI/token");
    }
    Ok(())
}

pub(super) fn prepare_functions(ground: &Ground<'_>, surroundings: &mut Surroundings) -> io::Result<()> {
    prepare(ground, surroundings)?;
    surroundings.set("FUNCTIONS_EXTENSION_VERSION", "~4");
    surroundings.set("FUNCTIONS_WORKER_RUNTIME", "python");
    Ok(())
}

/// The endpoint and its header, under both of its names
/// (<https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>).
pub(super) fn set_identity(ground: &Ground<'_>, surroundings: &mut Surroundings, path: &str) {
    let endpoint = format!("{}{path}", url(ground.identity));
    let header = &ground.azure.keys.identity_header;
    surroundings.set("IDENTITY_ENDPOINT", &endpoint);
    surroundings.set("IDENTITY_HEADER", header);
    // Both names are set by the platform too, and IDENTITY_ENDPOINT has to win:
    // https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/5245
    surroundings.set("MSI_ENDPOINT", &endpoint);
    surroundings.set("MSI_SECRET", header);
}
