//! The part of Azure Resource Manager that `az login --identity` requests: the subscription and the tenant.
//!
//! All other paths are answered with 404. Format: <https://learn.microsoft.com/rest/api/resources/subscriptions/list>.

use serde_json::json;

use super::{
    azure::Azure,
    message::{HttpReply, HttpRequest},
    names,
};

/// Answers a request to Azure Resource Manager.
pub(super) fn answer(azure: &Azure, request: &HttpRequest) -> HttpReply {
    let audiences =
        [format!("https://{}", azure.plan.cloud.management()), "https://management.core.windows.net".to_owned()];
    let claims = request.bearer().and_then(|token| azure.tokens.claims(token));
    let accepted = claims.filter(|claims| {
        let audience = claims.audience.strip_suffix('/').unwrap_or(&claims.audience);
        audiences.iter().any(|one| one == audience) && claims.expires > azure.now()
    });
    if accepted.is_none() {
        let message = "Authentication failed. The 'Authorization' header is missing or invalid.";
        let challenge = format!(
            "Bearer authorization_uri=\"https://{}/{}\", error=\"invalid_token\"",
            azure.plan.cloud.authorities()[0],
            names::TENANT_ID
        );
        return error(401, "AuthenticationFailed", message).with("WWW-Authenticate", challenge);
    }
    let segments = request.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", ["subscriptions"]) => {
            HttpReply::json(200, &json!({ "value": [subscription()], "count": { "type": "Total", "value": 1 } }))
        }
        ("GET", ["subscriptions", id]) if id.eq_ignore_ascii_case(names::SUBSCRIPTION_ID) => {
            HttpReply::json(200, &subscription())
        }
        ("GET", ["tenants"]) => HttpReply::json(200, &json!({ "value": [tenant()] })),
        _ => error(404, "NotFound", "the azfob sandbox's management plane has no such page"),
    }
}

fn subscription() -> serde_json::Value {
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

fn tenant() -> serde_json::Value {
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

fn error(status: u16, code: &str, message: &str) -> HttpReply {
    HttpReply::json(status, &json!({ "error": { "code": code, "message": message } }))
}
