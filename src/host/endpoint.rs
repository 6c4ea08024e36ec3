//! Which kind of endpoint hands out the tokens of this host's managed identity, told from its variables alone.
//!
//! Order of detection as MSAL has it
//! (<https://github.com/AzureAD/microsoft-authentication-library-for-go/blob/main/apps/managedidentity/managedidentity.go>).

use std::path::{Path, PathBuf};

use crate::env::{self, Env};

/// The kinds of endpoint that hand out a managed identity's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Service Fabric: `IDENTITY_ENDPOINT`, `IDENTITY_HEADER` and `IDENTITY_SERVER_THUMBPRINT`.
    ServiceFabric,
    /// App Service, Functions, Container Apps: `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
    AppService,
    /// Azure Machine Learning, and App Service's protocol of 2017: `MSI_ENDPOINT` and `MSI_SECRET`.
    AzureMl,
    /// Cloud Shell: `MSI_ENDPOINT` alone.
    CloudShell,
    /// Azure Arc: `IDENTITY_ENDPOINT` and `IMDS_ENDPOINT`, or its agent is installed.
    AzureArc,
    /// The metadata service of virtual machines, scale sets, AKS and container instances.
    Imds,
}

impl Endpoint {
    /// The endpoint of this host, from its variables and, for Azure Arc, from its agent's place on the disk.
    pub fn detect(env: &Env) -> Self {
        Self::named_by(env).unwrap_or_else(|| if agent_is_installed(env) { Endpoint::AzureArc } else { Endpoint::Imds })
    }

    fn named_by(env: &Env) -> Option<Self> {
        let all = |names: &[&str]| names.iter().all(|name| env.has(name));
        if all(&[env::IDENTITY_ENDPOINT, env::IDENTITY_HEADER, env::IDENTITY_SERVER_THUMBPRINT]) {
            Some(Endpoint::ServiceFabric)
        } else if all(&[env::IDENTITY_ENDPOINT, env::IDENTITY_HEADER]) {
            Some(Endpoint::AppService)
        } else if all(&[env::MSI_ENDPOINT, env::MSI_SECRET]) {
            Some(Endpoint::AzureMl)
        } else if all(&[env::MSI_ENDPOINT]) {
            Some(Endpoint::CloudShell)
        } else if all(&[env::IDENTITY_ENDPOINT, env::IMDS_ENDPOINT]) {
            Some(Endpoint::AzureArc)
        } else {
            None
        }
    }
}

/// Whether the agent's program is where its installer puts it.
fn agent_is_installed(env: &Env) -> bool {
    let program = if cfg!(windows) {
        env.get_os(env::PROGRAM_FILES).map(|folder| Path::new(folder).join(r"AzureConnectedMachineAgent\himds.exe"))
    } else {
        Some(PathBuf::from("/opt/azcmagent/bin/himds"))
    };
    program.is_some_and(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_tell_the_host() {
        let of = |names: &[&str]| Endpoint::named_by(&names.iter().map(|n| (*n, "x")).collect());
        let (endpoint, header, thumbprint) = ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT");
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[endpoint]), None);
        assert_eq!(of(&[endpoint, header, thumbprint]), Some(Endpoint::ServiceFabric));
        // Container Apps sets MSI_ENDPOINT beside these, and these win.
        assert_eq!(of(&[endpoint, header, "MSI_ENDPOINT", "MSI_SECRET"]), Some(Endpoint::AppService));
        assert_eq!(of(&["MSI_ENDPOINT", "MSI_SECRET"]), Some(Endpoint::AzureMl));
        assert_eq!(of(&["MSI_ENDPOINT"]), Some(Endpoint::CloudShell));
        assert_eq!(of(&[endpoint, "IMDS_ENDPOINT"]), Some(Endpoint::AzureArc));
        assert_eq!(of(&["IMDS_ENDPOINT"]), None);
    }
}
