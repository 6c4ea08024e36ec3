//! The hosts that a sandbox can imitate, one file each: its environment and, where it has one, its managed identity
//! endpoint.
//!
//! To add one: a variant and its row in `kind`, a file of its own, and here its line in [`prepare`] and [`answer`].
//! A host answers its own dialect only: an App Service has no metadata address.

mod app_service;
mod arc;
mod assigned;
mod az_script;
mod azure_cli;
mod azure_ml;
mod azure_pipelines;
mod cloud_shell;
mod container_apps;
mod environment;
mod every_host;
mod github_actions;
mod imds;
pub(super) mod kind;
mod service_fabric;
mod service_principal;
mod workload_identity;

use std::io;

use super::{
    azure::Azure,
    message::{Reply, Request},
};
use kind::Host;

pub use az_script::quoted;
pub(super) use environment::{Environment, HostSetup};
pub(super) use every_host::is_cleared;

/// The environment of the planned host.
///
/// # Errors
/// What writing a file ended with.
pub(super) fn prepare(setup: &HostSetup<'_>) -> io::Result<Environment> {
    let mut environment = Environment::default();
    every_host::prepare(setup, &mut environment)?;
    let prepare = match setup.azure.plan.host {
        Host::AppService => app_service::prepare,
        Host::Functions => app_service::prepare_functions,
        Host::ContainerApps => container_apps::prepare,
        Host::Imds => imds::prepare,
        Host::ServiceFabric => service_fabric::prepare,
        Host::Arc => arc::prepare,
        Host::CloudShell => cloud_shell::prepare,
        Host::AzureMl => azure_ml::prepare,
        Host::WorkloadIdentity => workload_identity::prepare,
        Host::GithubActions => github_actions::prepare,
        Host::AzurePipelines => azure_pipelines::prepare,
        Host::ServicePrincipal => service_principal::prepare,
        Host::AzureCli => azure_cli::prepare,
        Host::Nothing => return Ok(environment),
    };
    prepare(setup, &mut environment)?;
    Ok(environment)
}

/// Answers a request to the host's managed identity endpoint.
pub(super) fn answer(azure: &Azure, request: &Request) -> Reply {
    let is_metadata = request.path == "/metadata/identity/oauth2/token";
    let is_app_service = request.path.eq_ignore_ascii_case("/MSI/token");
    match azure.plan.host {
        Host::AppService | Host::Functions | Host::ContainerApps if is_app_service => {
            app_service::answer(azure, request)
        }
        Host::Imds => imds::answer(azure, request),
        Host::ServiceFabric if is_metadata => service_fabric::answer(azure, request),
        Host::Arc if is_metadata => arc::answer(azure, request),
        Host::CloudShell if request.path == "/oauth2/token" => cloud_shell::answer(azure, request),
        Host::AzureMl if request.path == "/MSI/auth" => azure_ml::answer(azure, request),
        _ => Reply::text(404, "the azfob sandbox's host has no such endpoint\n"),
    }
}
