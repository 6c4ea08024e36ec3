//! Which service answers a request, by the host that it is meant for.

use super::{
    azure::Azure,
    cloud::Site,
    entra, host, job, management,
    message::{HttpReply, HttpRequest},
    rule::IDENTITY,
    vault,
};

/// What the service that a request is meant for answers.
pub(super) fn answer(azure: &Azure, request: &HttpRequest) -> HttpReply {
    let misdirected = || HttpReply::text(421, "this connection is for another host");
    if request.host == IDENTITY {
        return host::answer(azure, request);
    }
    let asked = request.header("host").map(|host| host.strip_suffix(":443").unwrap_or(host));
    if asked.is_none_or(|asked| !asked.eq_ignore_ascii_case(&request.host)) {
        return misdirected();
    }
    match Site::from_host(&request.host) {
        Some(Site::Vault(_)) => vault::answer(azure, request),
        Some(Site::Entra(cloud)) => entra::answer(azure, cloud, request),
        Some(Site::Management(_)) => management::answer(azure, request),
        Some(Site::GithubActions) => job::answer_github_actions(azure, request),
        Some(Site::AzurePipelines) => job::answer_azure_pipelines(azure, request),
        None => misdirected(),
    }
}
