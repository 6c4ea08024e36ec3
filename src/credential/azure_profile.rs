//! The active account of az, as `az account show` prints it, from the file in which az keeps it. az is not run: it takes a
//! second to start.
//!
//! The file is `azureProfile.json`, written by azure-cli-core (`azure/cli/core/_profile.py`).

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::json_file;

/// A profile with thousands of subscriptions has some megabytes.
const LIMIT: u64 = 16 << 20;

/// The active account, with the names of `az account show`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AzAccount {
    /// The ID of the subscription, or that of the tenant if the account has none.
    id: String,
    #[serde(default)]
    name: String,
    tenant_id: String,
    #[serde(default)]
    tenant_default_domain: Option<String>,
    pub user: AzUser,
    #[serde(default, skip_serializing)]
    is_default: bool,
}

/// The user or service principal of an account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct AzUser {
    name: String,
    /// `user` or `servicePrincipal`. A managed identity is a service principal.
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct AzureProfile {
    subscriptions: Vec<AzAccount>,
}

impl AzAccount {
    /// Reads the active account. A file that is missing or malformed has none: az would overwrite it.
    pub fn read(az_folder: &Path) -> Option<Self> {
        let path = az_folder.join("azureProfile.json");
        let profile: AzureProfile = json_file::read(&path, LIMIT, "the profile of az").ok()??;
        profile.subscriptions.into_iter().find(|account| account.is_default)
    }

    /// Returns the tenant with its domain.
    pub fn tenant(&self) -> String {
        let domain = self.tenant_default_domain.as_ref().map(|domain| format!(" ({domain})"));
        format!("{}{}", self.tenant_id, domain.unwrap_or_default())
    }

    /// Returns the subscription with its ID.
    pub fn subscription(&self) -> String {
        // az gives an account without subscriptions the ID of its tenant.
        if self.id == self.tenant_id { "none".to_owned() } else { format!("{} ({})", self.name, self.id) }
    }
}

impl fmt::Display for AzUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, if self.kind == "servicePrincipal" { "service principal" } else { &self.kind })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(text: &str) -> Option<AzAccount> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("azureProfile.json"), text).unwrap();
        AzAccount::read(folder.path())
    }

    #[test]
    fn default_subscription_is_the_account() {
        let account = |id: &str, is_default: bool| {
            format!(
                r#"{{"id":"{id}","name":"Pay-As-You-Go","isDefault":{is_default},"tenantId":"t-1","state":"Enabled",
                    "tenantDefaultDomain":"contoso.example","user":{{"name":"a@contoso.example","type":"user"}}}}"#
            )
        };
        let file = |accounts: &[String]| format!("\u{feff}{{\"subscriptions\":[{}]}}", accounts.join(","));
        let found = read(&file(&[account("s-1", false), account("s-2", true)])).unwrap();
        assert_eq!(found.subscription(), "Pay-As-You-Go (s-2)");
        assert_eq!(found.tenant(), "t-1 (contoso.example)");
        assert_eq!(found.user.to_string(), "a@contoso.example (user)");
        assert_eq!(read(&file(&[account("t-1", true)])).unwrap().subscription(), "none");
        for none in [file(&[account("s-1", false)]), file(&[]), "{".to_owned(), String::new(), "[]".to_owned()] {
            assert_eq!(read(&none), None, "{none}");
        }
        assert_eq!(AzAccount::read(Path::new("/nonexistent")), None);
    }
}
