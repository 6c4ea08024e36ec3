//! The hosts that the sandbox imitates, one file each: its environment and, if it has one, its managed identity
//! endpoint.
//!
//! To add a host, add its line in `kind`, a file, and a line in [`prepare`] and [`answer`]. A host answers
//! only its own protocol: an App Service has no metadata endpoint.

mod app_service;
mod arc;
mod assigned;
mod azure_cli;
mod azure_developer_cli;
mod azure_ml;
mod azure_pipelines;
mod azure_powershell;
mod browser;
mod cloud_shell;
mod container_apps;
mod developer_tool;
mod environment;
mod every_host;
mod github_actions;
pub(super) mod identity_binding;
mod imds;
pub(super) mod kind;
mod kubectl;
mod printed_token;
mod service_fabric;
mod service_principal;
mod tool_script;
mod visual_studio;
mod workload_identity;

use std::io;

use super::{
    azure::Azure,
    message::{HttpReply, HttpRequest},
};
use kind::EmulatedHost;

pub(super) use environment::{Environment, HostSetup};
pub(super) use every_host::is_cleared;
pub use tool_script::quoted;

/// Creates the environment of the planned host.
///
/// # Errors
/// A file cannot be written.
pub(super) fn prepare(setup: &HostSetup<'_>) -> io::Result<Environment> {
    let mut environment = Environment::default();
    every_host::prepare(setup, &mut environment)?;
    let prepare = match setup.azure.plan.host {
        EmulatedHost::AppService => app_service::prepare,
        EmulatedHost::Functions => app_service::prepare_functions,
        EmulatedHost::ContainerApps => container_apps::prepare,
        EmulatedHost::Imds => imds::prepare,
        EmulatedHost::ServiceFabric => service_fabric::prepare,
        EmulatedHost::Arc => arc::prepare,
        EmulatedHost::CloudShell => cloud_shell::prepare,
        EmulatedHost::AzureMl => azure_ml::prepare,
        EmulatedHost::WorkloadIdentity => workload_identity::prepare,
        EmulatedHost::IdentityBinding => identity_binding::prepare,
        EmulatedHost::GithubActions => github_actions::prepare,
        EmulatedHost::AzurePipelines => azure_pipelines::prepare,
        EmulatedHost::GitLab => printed_token::prepare_gitlab,
        EmulatedHost::CircleCi => printed_token::prepare_circleci,
        EmulatedHost::Buildkite => printed_token::prepare_buildkite,
        EmulatedHost::ServicePrincipal => service_principal::prepare,
        EmulatedHost::AzureCli => azure_cli::prepare,
        EmulatedHost::AzurePowershell => azure_powershell::prepare,
        EmulatedHost::AzureDeveloperCli => azure_developer_cli::prepare,
        EmulatedHost::VisualStudio => visual_studio::prepare,
        EmulatedHost::Browser => browser::prepare,
        EmulatedHost::Nothing => return Ok(environment),
    };
    prepare(setup, &mut environment)?;
    Ok(environment)
}

/// Answers a request to the host's managed identity endpoint.
pub(super) fn answer(azure: &Azure, request: &HttpRequest) -> HttpReply {
    let is_metadata = request.path == "/metadata/identity/oauth2/token";
    let is_app_service = request.path.eq_ignore_ascii_case("/MSI/token");
    match azure.plan.host {
        EmulatedHost::AppService | EmulatedHost::Functions | EmulatedHost::ContainerApps if is_app_service => {
            app_service::answer(azure, request)
        }
        EmulatedHost::Imds => imds::answer(azure, request),
        EmulatedHost::ServiceFabric if is_metadata => service_fabric::answer(azure, request),
        EmulatedHost::Arc if is_metadata => arc::answer(azure, request),
        EmulatedHost::CloudShell if request.path == "/oauth2/token" => cloud_shell::answer(azure, request),
        EmulatedHost::AzureMl if request.path == "/MSI/auth" => azure_ml::answer(azure, request),
        EmulatedHost::IdentityBinding => identity_binding::answer(azure, request),
        _ => HttpReply::text(404, "the azfob sandbox's host has no such endpoint\n"),
    }
}
