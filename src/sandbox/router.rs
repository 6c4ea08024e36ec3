//! Passes a request to the service of its host.

use super::{
    azure::Azure,
    cloud::AzureService,
    entra, host, job, management,
    message::{HttpReply, HttpRequest},
    rule::{API_SERVER, IDENTITY},
    vault,
};

/// Answers a request.
pub(super) fn answer(azure: &Azure, request: &HttpRequest) -> HttpReply {
    let misdirected = || HttpReply::text(421, "this connection is for another host");
    if request.host == IDENTITY {
        return host::answer(azure, request);
    }
    if request.host == API_SERVER {
        return host::identity_binding::answer_as_api_server(request);
    }
    let named = request.header("host").map(|host| host.strip_suffix(":443").unwrap_or(host));
    if named.is_none_or(|named| !named.eq_ignore_ascii_case(&request.host)) {
        return misdirected();
    }
    match AzureService::from_host(&request.host) {
        Some(AzureService::Vault(_)) => vault::answer(azure, request),
        Some(AzureService::Entra(cloud)) => entra::answer(azure, cloud, request),
        Some(AzureService::Management(_)) => management::answer(azure, request),
        Some(AzureService::GithubActions) => job::answer_github_actions(azure, request),
        Some(AzureService::AzurePipelines) => job::answer_azure_pipelines(azure, request),
        None => misdirected(),
    }
}
