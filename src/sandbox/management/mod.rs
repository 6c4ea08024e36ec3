//! Azure Resource Manager: what `az login` requests, and the resources that a reader of the subscription sees.
//!
//! It only reads. The one POST is the query of Resource Graph. Every resource is checked for its API versions. Formats:
//! <https://learn.microsoft.com/rest/api/resources/subscriptions/list> and the links at each resource.

mod authorization;
mod cluster;
mod compute;
mod container_app;
mod container_group;
mod graph;
mod identity;
mod managed_identity;
mod network;
mod query;
mod reply;
mod site;
mod vault;
mod workload;

use serde_json::{Value, json};

use super::{
    azure::Azure,
    message::{HttpReply, HttpRequest},
    names, random,
    token::IssuedToken,
};
use reply::{error, is_reader, no_authorization, unknown, version};

/// Answers a request to Azure Resource Manager.
pub(super) fn answer(azure: &Azure, request: &HttpRequest) -> HttpReply {
    let audiences =
        [format!("https://{}", azure.plan.cloud.management()), "https://management.core.windows.net".to_owned()];
    let claims = request.bearer().and_then(|token| azure.tokens.claims(token));
    let accepted = claims.filter(|claims| {
        let audience = claims.audience.strip_suffix('/').unwrap_or(&claims.audience);
        audiences.iter().any(|one| one == audience) && claims.expires > azure.now()
    });
    let Some(caller) = accepted else {
        let message = "Authentication failed. The 'Authorization' header is missing or invalid.";
        let challenge = format!(
            "Bearer authorization_uri=\"https://{}/{}\", error=\"invalid_token\"",
            azure.plan.cloud.authorities()[0],
            names::TENANT_ID
        );
        return error(401, "AuthenticationFailed", message).with("WWW-Authenticate", challenge);
    };
    serve(azure, request, &caller).unwrap_or_else(|refused| refused).with("x-ms-correlation-request-id", random::guid())
}

fn serve(azure: &Azure, request: &HttpRequest, caller: &IssuedToken) -> Result<HttpReply, HttpReply> {
    let segments = request.segments();
    let lower: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let path: Vec<&str> = lower.iter().map(String::as_str).collect();
    let body = match (request.method.as_str(), path.as_slice()) {
        ("GET", ["subscriptions"]) => json!({ "value": [subscription()], "count": { "type": "Total", "value": 1 } }),
        ("GET", ["tenants"]) => json!({ "value": [tenant()] }),
        ("GET", ["subscriptions", id]) if *id == names::SUBSCRIPTION_ID => subscription(),
        ("POST", ["providers", "microsoft.resourcegraph", "resources"]) => {
            version(request, &["2024-04-01"])?;
            graph::answer(azure, request, caller)?
        }
        ("GET", ["subscriptions", id, ..]) if *id != names::SUBSCRIPTION_ID => {
            return Err(error(
                404,
                "SubscriptionNotFound",
                &format!("The subscription '{}' could not be found.", segments[1]),
            ));
        }
        ("GET", ["subscriptions", _, rest @ ..]) => {
            if !is_reader(azure, caller) {
                return Err(no_authorization(caller, &request.path));
            }
            resource(azure, request, rest)?
        }
        _ => return Err(unknown()),
    };
    Ok(HttpReply::json(200, &body))
}

/// Answers a GET below the subscription, for a caller with the role Reader on it.
fn resource(azure: &Azure, request: &HttpRequest, path: &[&str]) -> Result<Value, HttpReply> {
    match path {
        ["providers", "microsoft.keyvault", "deletedvaults"] => {
            version(request, vault::VERSIONS)?;
            Ok(vault::deleted(azure))
        }
        // The first request of `az keyvault show`, which has the vault's name in a filter (azure-cli 2.91,
        // command_modules/keyvault/_validators.py).
        ["resources"] => {
            version(request, &["2015-11-01"])?;
            let filter = request.parameter("$filter").unwrap_or_default();
            Ok(
                json!({ "value": graph::vaults(azure).into_iter().filter(|vault| filter.contains(vault["name"].as_str().unwrap_or("?"))).collect::<Vec<_>>() }),
            )
        }
        [.., "providers", "microsoft.authorization", kind] => authorization::list(azure, request, kind),
        ["providers", "microsoft.authorization", "roledefinitions", id] => authorization::definition(request, id),
        ["resourcegroups", names::RESOURCE_GROUP, "providers", namespace, kind, name, rest @ ..] => {
            match (*namespace, *kind) {
                ("microsoft.keyvault", "vaults") => vault::answer(azure, request, name, rest),
                ("microsoft.managedidentity", "userassignedidentities") => {
                    managed_identity::answer(azure, request, name, rest)
                }
                ("microsoft.app", "managedenvironments") => container_app::environment(request, name),
                ("microsoft.network", _) => network::answer(request),
                _ => workload::answer(azure, request, &format!("{namespace}/{kind}"), name, rest),
            }
        }
        _ => Err(unknown()),
    }
}

fn subscription() -> Value {
    json!({
        "id": format!("/subscriptions/{}", names::SUBSCRIPTION_ID),
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": names::SUBSCRIPTION_ID,
        "tenantId": names::TENANT_ID,
        "displayName": names::SUBSCRIPTION_NAME,
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    })
}

fn tenant() -> Value {
    json!({
        "id": format!("/tenants/{}", names::TENANT_ID),
        "tenantId": names::TENANT_ID,
        "countryCode": "NL",
        "displayName": names::TENANT_NAME,
        "domains": ["contoso.example"],
        "tenantCategory": "Home",
        "defaultDomain": "contoso.example",
        "tenantType": "AAD",
    })
}
