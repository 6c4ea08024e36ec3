//! Detects the identity endpoint of the host from its variables.
//!
//! The order is that of MSAL
//! (<https://github.com/AzureAD/microsoft-authentication-library-for-go/blob/main/apps/managedidentity/managedidentity.go>).

use std::path::{Path, PathBuf};

use crate::env::{self, Env};

/// The kinds of managed identity endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `IDENTITY_ENDPOINT`, `IDENTITY_HEADER` and `IDENTITY_SERVER_THUMBPRINT`.
    ServiceFabric,
    /// App Service, Functions, Container Apps: `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
    AppService,
    /// Azure Machine Learning, and App Service's 2017 protocol: `MSI_ENDPOINT` and `MSI_SECRET`.
    AzureMl,
    /// Only `MSI_ENDPOINT`.
    CloudShell,
    /// `IDENTITY_ENDPOINT` and `IMDS_ENDPOINT`, or the agent is installed.
    AzureArc,
    /// The metadata service of virtual machines, scale sets, AKS and container instances.
    Imds,
}

impl Endpoint {
    /// Detects the endpoint from the variables and, for Azure Arc, from the agent's path.
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

/// Returns true if the agent's program is at its default path.
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
    fn endpoint_is_detected_from_variables() {
        let of = |names: &[&str]| Endpoint::named_by(&names.iter().map(|n| (*n, "x")).collect());
        let (endpoint, header, thumbprint) = ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT");
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[endpoint]), None);
        assert_eq!(of(&[endpoint, header, thumbprint]), Some(Endpoint::ServiceFabric));
        // Container Apps also sets MSI_ENDPOINT; the newer variables win.
        assert_eq!(of(&[endpoint, header, "MSI_ENDPOINT", "MSI_SECRET"]), Some(Endpoint::AppService));
        assert_eq!(of(&["MSI_ENDPOINT", "MSI_SECRET"]), Some(Endpoint::AzureMl));
        assert_eq!(of(&["MSI_ENDPOINT"]), Some(Endpoint::CloudShell));
        assert_eq!(of(&[endpoint, "IMDS_ENDPOINT"]), Some(Endpoint::AzureArc));
        assert_eq!(of(&["IMDS_ENDPOINT"]), None);
    }
}
