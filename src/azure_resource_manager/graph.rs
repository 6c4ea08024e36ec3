//! Resource Graph: finds resources by name (<https://learn.microsoft.com/azure/governance/resource-graph/overview>).
//!
//! It leaves out subscriptions that the caller cannot read, without an error. Its data can be some minutes old, so that only
//! IDs come from it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ManagementError;
use super::resource_id::ResourceId;
use super::{ResourceManager, kubernetes_clusters, user_assigned};

/// <https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources>
const PATH: &str = "/providers/Microsoft.ResourceGraph/resources";
const VERSION: &str = "2024-04-01";
/// The type of a vault.
const VAULT: &str = "microsoft.keyvault/vaults";
/// The most rows of a page.
const PAGE: usize = 1000;
/// The most pages that are read.
const MOST_PAGES: usize = 5;

/// A resource that was found.
#[derive(Clone, Debug)]
pub struct Found {
    pub id: ResourceId,
    /// The tenant of its subscription.
    pub tenant: Option<String>,
}

#[derive(Deserialize)]
struct QueryResult {
    #[serde(default)]
    data: Vec<QueryRow>,
    #[serde(rename = "$skipToken")]
    skip_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryRow {
    id: String,
    tenant_id: Option<String>,
}

/// Returns true if a name can be part of a query.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= 260 && text.chars().all(|c| c.is_alphanumeric() || "-_.()".contains(c))
}

/// Finds the resources with a name, and the vaults with another one.
///
/// # Errors
/// Resource Graph refuses the query.
pub fn find(
    client: &ResourceManager<'_>,
    name: Option<&str>,
    vault: Option<&str>,
    subscription: Option<&str>,
) -> Result<Vec<Found>, ManagementError> {
    let name = name.filter(|name| is_name(name)).map(|name| format!("name =~ '{name}'"));
    let vault = vault.filter(|vault| is_name(vault));
    let vault = vault.map(|vault| format!("(type =~ 'microsoft.keyvault/vaults' and name =~ '{vault}')"));
    let filter: Vec<String> = name.into_iter().chain(vault).collect();
    if filter.is_empty() { Ok(Vec::new()) } else { rows(client, &filter.join(" or "), subscription) }
}

/// Finds the user-assigned identity with a client ID, the AKS cluster with an API server, and a vault.
///
/// # Errors
/// Resource Graph refuses the query.
pub fn of_pod(
    client: &ResourceManager<'_>,
    client_id: Option<&str>,
    server: Option<&str>,
    vault: Option<&str>,
    subscription: Option<&str>,
) -> Result<Vec<Found>, ManagementError> {
    let is = |kind: &str, columns: &[&str], value: Option<&str>| {
        let value = value.filter(|value| is_name(value))?;
        let columns: Vec<_> = columns.iter().map(|column| format!("{column} =~ '{value}'")).collect();
        Some(format!("(type =~ '{kind}' and ({}))", columns.join(" or ")))
    };
    let filter = [
        is(user_assigned::TYPE, &["tostring(properties.clientId)"], client_id),
        // https://learn.microsoft.com/rest/api/aks/managed-clusters/get#managedcluster
        is(kubernetes_clusters::TYPE, &["tostring(properties.fqdn)", "tostring(properties.privateFQDN)"], server),
        is(VAULT, &["name"], vault),
    ];
    let filter: Vec<String> = filter.into_iter().flatten().collect();
    if filter.is_empty() { Ok(Vec::new()) } else { rows(client, &filter.join(" or "), subscription) }
}

/// Returns the vault with this name.
pub fn vault(found: &[Found], name: &str) -> Option<ResourceId> {
    let is_vault = |found: &&Found| found.id.kind() == VAULT && found.id.name().eq_ignore_ascii_case(name);
    found.iter().find(is_vault).map(|found| found.id.clone())
}

/// Finds the user-assigned identity with a client ID or object ID, the resource with the system-assigned identity of an
/// object ID, and a vault. Resource Graph has no client ID of a system-assigned identity.
///
/// # Errors
/// Resource Graph refuses the query.
pub fn of_identity(
    client: &ResourceManager<'_>,
    id: &str,
    vault: Option<&str>,
    subscription: Option<&str>,
) -> Result<Vec<Found>, ManagementError> {
    let of_type = user_assigned::TYPE;
    let mut filter = format!(
        "(type =~ '{of_type}' and (tostring(properties.clientId) =~ '{id}' or tostring(properties.principalId) =~ '{id}')) \
         or tostring(identity.principalId) =~ '{id}'"
    );
    if let Some(vault) = vault.filter(|vault| is_name(vault)) {
        filter.push_str(&format!(" or (type =~ 'microsoft.keyvault/vaults' and name =~ '{vault}')"));
    }
    rows(client, &filter, subscription)
}

/// Lists the resources of these types.
///
/// # Errors
/// Resource Graph refuses the query.
pub fn of_types(
    client: &ResourceManager<'_>,
    types: &[&str],
    subscription: Option<&str>,
) -> Result<Vec<Found>, ManagementError> {
    let types: Vec<String> = types.iter().map(|kind| format!("'{kind}'")).collect();
    rows(client, &format!("type in~ ({})", types.join(", ")), subscription)
}

fn rows(client: &ResourceManager<'_>, filter: &str, subscription: Option<&str>) -> Result<Vec<Found>, ManagementError> {
    let mut found = Vec::new();
    let mut skip: Option<String> = None;
    for _ in 0..MOST_PAGES {
        let mut body = json!({
            "query": format!("resources | where {filter} | project id, tenantId | order by id asc"),
            "options": { "resultFormat": "objectArray", "$top": PAGE },
        });
        if let Some(subscription) = subscription {
            body["subscriptions"] = json!([subscription]);
        }
        if let Some(token) = &skip {
            body["options"]["$skipToken"] = Value::from(token.as_str());
        }
        let answer: QueryResult = client.query(PATH, VERSION, &body)?;
        let ids = answer.data.into_iter();
        found.extend(ids.filter_map(|row| Some(Found { id: ResourceId::parse(&row.id)?, tenant: row.tenant_id })));
        skip = answer.skip_token.filter(|token| !token.is_empty());
        if skip.is_none() {
            break;
        }
    }
    Ok(found)
}
