//! User-assigned managed identities, and the federated credentials of one
//! (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust-user-assigned-managed-identity>).

use serde::Deserialize;

use super::ResourceManager;
use super::error::ManagementError;
use super::resource_id::ResourceId;
use super::workload::AssignedIdentity;

/// <https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities/get>,
/// <https://learn.microsoft.com/rest/api/managedidentity/federated-identity-credentials/list>
const VERSION: &str = "2024-11-30";
/// The type of this file, in lower case.
pub const TYPE: &str = "microsoft.managedidentity/userassignedidentities";

#[derive(Deserialize)]
struct IdentityResource {
    properties: UserAssignedProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserAssignedProperties {
    principal_id: String,
    client_id: Option<String>,
    tenant_id: Option<String>,
}

#[derive(Deserialize)]
struct FederatedCredentialItem {
    name: String,
    #[serde(default)]
    properties: FederatedCredentialProperties,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FederatedCredentialProperties {
    issuer: String,
    subject: Option<String>,
    audiences: Vec<String>,
}

/// A federated credential: the tokens that it accepts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FederatedCredential {
    pub name: String,
    pub issuer: String,
    /// `None` if an expression compares the claims
    /// (<https://learn.microsoft.com/entra/workload-id/workload-identities-flexible-federated-identity-credentials>).
    pub subject: Option<String>,
    /// Azure allows only one.
    pub audience: String,
}

/// Reads an identity.
///
/// # Errors
/// It does not exist, or the caller may not read it.
pub fn read(client: &ResourceManager<'_>, id: &ResourceId) -> Result<AssignedIdentity, ManagementError> {
    let identity: IdentityResource = client.get(id.as_str(), VERSION)?;
    let UserAssignedProperties { principal_id, client_id, tenant_id } = identity.properties;
    let resource_id = Some(id.to_string());
    Ok(AssignedIdentity {
        resource_id,
        object_id: principal_id,
        client_id,
        tenant: tenant_id,
        ..AssignedIdentity::default()
    })
}

/// Lists the federated credentials of an identity. It can have 20 of them.
///
/// # Errors
/// The caller may not read them.
pub fn federated_credentials(
    client: &ResourceManager<'_>,
    id: &ResourceId,
) -> Result<Vec<FederatedCredential>, ManagementError> {
    let path = format!("{id}/federatedIdentityCredentials");
    let listed: Vec<FederatedCredentialItem> = client.list(&path, &[("api-version", VERSION)])?;
    let credential = |FederatedCredentialItem {
                          name,
                          properties: FederatedCredentialProperties { issuer, subject, audiences },
                      }: FederatedCredentialItem| {
        let audience = audiences.into_iter().next().unwrap_or_default();
        FederatedCredential { name, issuer, subject, audience }
    };
    Ok(listed.into_iter().map(credential).collect())
}
