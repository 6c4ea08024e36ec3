//! The environment that all hosts share: the proxy, the certificate authority, and empty configuration.
//!
//! Also lists the inherited variables to remove.

use std::io;

use super::{
    environment::{Environment, HostSetup, url},
    kind::EmulatedHost,
};
use crate::env;
use crate::sandbox::cloud::EmulatedCloud;
use crate::sandbox::file;

/// A closed port, so that no client probes the real metadata address
/// (<https://learn.microsoft.com/dotnet/api/azure.identity.managedidentitycredential>,
/// `AZURE_POD_IDENTITY_AUTHORITY_HOST`).
const CLOSED: &str = "http://127.0.0.1:1";

/// Prefixes of variables for a host, an identity or a setting of azfob. They are not inherited.
const CLEARED_PREFIXES: &[&str] = &[
    "AZURE_",
    "AZURESUBSCRIPTION_",
    "AZFOB_",
    "AZD_",
    "IDENTITY_",
    "MSI_",
    "IMDS_",
    "ACTIONS_ID_TOKEN",
    "SYSTEM_OIDC",
    "WEBSITE_",
    "CONTAINER_APP_",
    "FUNCTIONS_",
    "FABRIC_",
    "SSL_CERT_",
];

/// Names of more such variables.
const CLEARED_NAMES: &[&str] = &[
    env::KEY_VAULT_NAME,
    "ACC_CLOUD",
    env::DEFAULT_IDENTITY_CLIENT_ID,
    env::SYSTEM_ACCESSTOKEN,
    "AZUREPS_HOST_ENVIRONMENT",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
];

/// True if a variable must not be inherited. Ignores case, as Windows and proxy settings do.
///
/// Variables about the place of the sandbox itself, such as a pod or a CI job, stay: they are true for the command too.
pub(in crate::sandbox) fn is_cleared(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.ends_with("_PROXY")
        || CLEARED_NAMES.contains(&name.as_str())
        || CLEARED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The configuration folder of az in the sandbox's folder.
pub(super) const AZ_FOLDER: &str = "az-config";

/// Sets the variables of all hosts.
pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    let plan = &setup.azure.plan;
    for name in [env::HTTPS_PROXY, env::HTTPS_PROXY_LOWER, env::HTTP_PROXY, env::HTTP_PROXY_LOWER] {
        environment.set(name, url(setup.proxy));
    }
    for name in [env::NO_PROXY, env::NO_PROXY_LOWER] {
        environment.set(name, "127.0.0.1,localhost");
    }
    // OpenSSL, Go, .NET on Linux and azfob; Python's requests and az; curl; Node.js.
    for name in [env::SSL_CERT_FILE, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
        environment.set(name, setup.authority_file);
    }
    // Node.js 24 uses the proxy variables only with this.
    environment.set("NODE_USE_ENV_PROXY", "1");
    environment.set(env::AZFOB_VAULT, &plan.vault);
    environment.set(env::AZURE_KEYVAULT_URL, format!("https://{}", plan.vault_host()));
    // An empty file and empty folders hide the real user's settings and logins.
    let config = setup.folder.join("azfob.toml");
    file::write_readable(&config, b"")?;
    environment.set(env::AZFOB_CONFIG, config);
    for (name, folder) in [(env::AZURE_CONFIG_DIR, AZ_FOLDER), (env::AZD_CONFIG_DIR, "azd-config")] {
        let folder = setup.folder.join(folder);
        file::create_folder(&folder)?;
        environment.set(name, folder);
    }
    environment.set("AZURE_CORE_COLLECT_TELEMETRY", "false");
    if plan.cloud != EmulatedCloud::Public {
        environment.set(env::AZURE_AUTHORITY_HOST, format!("https://{}/", plan.cloud.authorities()[0]));
    }
    if plan.host != EmulatedHost::Imds {
        environment.set(env::AZURE_POD_IDENTITY_AUTHORITY_HOST, CLOSED);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_identities_are_cleared() {
        for name in [
            "AZURE_CLIENT_ID",
            "AZFOB_VAULT",
            "IDENTITY_HEADER",
            "https_proxy",
            "ALL_PROXY",
            "no_proxy",
            "SSL_CERT_DIR",
            "KEY_VAULT_NAME",
            "Fabric_NodeName",
            "ACTIONS_ID_TOKEN_REQUEST_URL",
        ] {
            assert!(is_cleared(name), "{name}");
        }
        for name in ["PATH", "HOME", "LANG", "GITHUB_ENV", "PROXY"] {
            assert!(!is_cleared(name), "{name}");
        }
    }
}
