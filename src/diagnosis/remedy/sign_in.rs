//! What a developer does: signs in.

use crate::entra::Scope;
use crate::entra::cloud::Cloud;

use super::word;

/// Signs a developer in, to the vault's tenant where it is known, for the vaults of its cloud.
pub(in crate::diagnosis) fn sign_in(tenant: Option<&str>, cloud: Option<&Cloud>) -> Vec<String> {
    let tenant = tenant.map(|t| format!(" --tenant {}", word(t))).unwrap_or_default();
    let scope = cloud.map(|c| format!(" --scope {}", word(&Scope::of_vaults(c).to_string()))).unwrap_or_default();
    vec![format!("az login{tenant}{scope}")]
}

/// Signs in again with a tool, to the vault's tenant where it is known.
pub(in crate::diagnosis) fn sign_in_with(
    program: &str,
    command: &str,
    tenant: Option<&str>,
    cloud: Option<&Cloud>,
) -> String {
    let flag = match program {
        "az" => return sign_in(tenant, cloud).remove(0),
        "azd" => "--tenant-id",
        _ => "-Tenant",
    };
    tenant.map_or_else(|| command.to_owned(), |tenant| format!("{command} {flag} {}", word(tenant)))
}

/// Times a tool that did not answer, without showing a token.
pub(in crate::diagnosis) fn run_by_hand(program: &str) -> Option<String> {
    (program == "az").then(|| "time az account get-access-token --output none".to_owned())
}

/// Spares az what it does at its start beside its work, and then times it
/// (<https://learn.microsoft.com/cli/azure/azure-cli-configuration>).
pub(in crate::diagnosis) fn speed_up_az() -> Vec<String> {
    let settings = "az config set core.collect_telemetry=false auto-upgrade.enable=no";
    vec![settings.to_owned(), "time az account get-access-token --output none".to_owned()]
}

/// Installs az where Python is, which is where most images have it from
/// (<https://learn.microsoft.com/cli/azure/install-azure-cli-linux>).
pub(in crate::diagnosis) fn get_az() -> Vec<String> {
    vec!["python3 -m pip install --user azure-cli  # or as in https://aka.ms/azure-cli".to_owned()]
}
