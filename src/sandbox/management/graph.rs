//! Resource Graph (<https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources>).

use serde_json::{Value, json};

use super::identity;
use super::managed_identity;
use super::query::Filter;
use super::reply::{error, id, is_reader};
use super::site;
use crate::sandbox::{
    azure::Azure,
    fault::Fault,
    message::{HttpReply, HttpRequest},
    names,
    token::IssuedToken,
};

/// Answers a query. A caller without a role in the subscription finds nothing.
pub(super) fn answer(azure: &Azure, request: &HttpRequest, caller: &IssuedToken) -> Result<Value, HttpReply> {
    let malformed = |message: &str| error(400, "BadRequest", message);
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| malformed("The request body is not JSON."))?;
    if let Some(subscriptions) = body["subscriptions"].as_array()
        && !subscriptions.iter().any(|id| id == names::SUBSCRIPTION_ID)
    {
        let details = json!([{ "code": "NoValidSubscriptionsInQueryRequest", "message": "There must be at least one subscription that is eligible to contain resources." }]);
        let body = json!({ "error": { "code": "BadRequest", "message": "Please provide below info when asking for support.", "details": details } });
        return Err(HttpReply::json(400, &body));
    }
    let query = body["query"].as_str().unwrap_or_default();
    let condition = Filter::of_query(query).ok_or_else(|| malformed("The query is not supported by the sandbox."))?;
    let found: Vec<Value> = resources(azure)
        .into_iter()
        .filter(|_| is_reader(azure, caller))
        .filter(|resource| {
            condition.is_met(&|column| {
                let value = column.split('.').fold(resource, |value, name| &value[name]);
                value.as_str().unwrap_or_default().to_owned()
            })
        })
        .collect();
    Ok(json!({ "totalRecords": found.len(), "count": found.len(), "resultTruncated": "false", "data": found }))
}

/// Returns the rows of the vaults.
pub(super) fn vaults(azure: &Azure) -> Vec<Value> {
    let rows = resources(azure).into_iter();
    rows.filter(|row| row["type"] == "microsoft.keyvault/vaults").collect()
}

/// Returns the rows of the table `resources`, ordered by ID. Types are in lower case.
fn resources(azure: &Azure) -> Vec<Value> {
    let plan = &azure.plan;
    let row = |kind: &str, name: &str, variant: &str| {
        json!({
            "id": id(kind, name), "name": name, "type": kind.to_ascii_lowercase(), "kind": variant,
            "subscriptionId": names::SUBSCRIPTION_ID, "resourceGroup": names::RESOURCE_GROUP,
            "tenantId": names::TENANT_ID,
        })
    };
    let vault = (!plan.has(Fault::VaultDeleted)).then(|| row("Microsoft.KeyVault/vaults", &plan.vault, ""));
    let mut rows: Vec<Value> = vault.into_iter().collect();
    let identities = plan.identities.user_assigned.iter();
    rows.extend(identities.map(|one| {
        let mut identity = row(managed_identity::KIND, &one.name, "");
        identity["properties"] = json!({ "clientId": one.client_id, "principalId": one.object_id });
        identity
    }));
    rows.extend(plan.workload.map(|workload| {
        let variant = site::variant(workload).unwrap_or_default();
        let mut resource = row(workload.row().resource, workload.row().name_of_resource(), variant);
        resource["identity"] = identity::block(azure);
        if workload.is_pod() {
            resource["properties"] = json!({ "fqdn": names::API_SERVER });
        }
        resource
    }));
    rows
}
