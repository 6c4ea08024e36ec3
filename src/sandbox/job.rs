//! The token services of CI jobs: they issue a federated token in exchange for the job's own token.
//!
//! <https://docs.github.com/actions/reference/security/oidc#methods-for-requesting-the-oidc-token> and
//! <https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create>.

use serde_json::json;

use super::{
    azure::Azure,
    host::kind::EmulatedHost,
    keys,
    message::{HttpReply, HttpRequest},
    names,
};

/// Answers a request to the token service of GitHub Actions.
pub(super) fn answer_github_actions(azure: &Azure, request: &HttpRequest) -> HttpReply {
    if azure.plan.host != EmulatedHost::GithubActions || request.method != "GET" {
        return HttpReply::text(404, "");
    }
    if request.bearer() != Some(&azure.keys.job_token) || request.parameter("api-version") != Some("2.0") {
        return HttpReply::json(401, &json!({ "message": "The job's token is not valid." }));
    }
    // Without an audience the token is for the repository's owner.
    let audience = request.parameter("audience").unwrap_or("https://github.com/contoso");
    let value = if audience == azure.plan.cloud.federated_audience() {
        azure.keys.assertion.clone()
    } else {
        keys::assertion(&azure.plan, audience)
    };
    HttpReply::json(200, &json!({ "count": value.len(), "value": value }))
}

/// Answers a request to Azure DevOps.
pub(super) fn answer_azure_pipelines(azure: &Azure, request: &HttpRequest) -> HttpReply {
    let is_token = request.path.ends_with("/oidctoken") && request.method == "POST";
    if azure.plan.host != EmulatedHost::AzurePipelines || !is_token {
        return HttpReply::text(404, "");
    }
    if request.bearer() != Some(&azure.keys.job_token) {
        let suppressed = request.header("x-tfs-fedauthredirect") == Some("Suppress");
        let status = if suppressed { 401 } else { 302 };
        return HttpReply::text(status, "").with("Location", "https://spsprodeus21.vssps.visualstudio.com/_signin");
    }
    if request.parameter("api-version") != Some("7.1") || request.header("content-length") != Some("0") {
        return HttpReply::json(400, &json!({ "message": "The request is not one of version 7.1." }));
    }
    match request.parameter("serviceConnectionId") {
        Some(names::SERVICE_CONNECTION_ID) => HttpReply::json(200, &json!({ "oidcToken": azure.keys.assertion })),
        _ => HttpReply::json(404, &json!({ "message": "The service connection does not exist or is not authorized." })),
    }
}
