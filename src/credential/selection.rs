//! The credentials in order, their names, and the selection of `--credential`.

use super::azure_cli::AzureCliCredential;
use super::azure_developer_cli::AzureDeveloperCliCredential;
use super::azure_powershell::AzurePowerShellCredential;
use super::environment::EnvironmentCredential;
use super::interactive_browser::InteractiveBrowserCredential;
use super::managed_identity::ManagedIdentityCredential;
use super::visual_studio::VisualStudioCredential;
use super::visual_studio_code::VisualStudioCodeCredential;
use super::workload_identity::WorkloadIdentityCredential;
use super::{Credential, Group, Interaction};

/// The credentials of `DefaultAzureCredential` in its documented order
/// (<https://learn.microsoft.com/dotnet/azure/sdk/authentication/credential-chains#defaultazurecredential-overview>).
pub const CHAIN: [&dyn Credential; 9] = [
    &EnvironmentCredential,
    &WorkloadIdentityCredential,
    &ManagedIdentityCredential,
    &VisualStudioCredential,
    &VisualStudioCodeCredential,
    &AzureCliCredential,
    &AzurePowerShellCredential,
    &AzureDeveloperCliCredential,
    &InteractiveBrowserCredential,
];

/// The selected part of the chain.
#[derive(Clone, Copy, Debug)]
pub enum Selection {
    /// All credentials; interactive ones only with permission.
    All,
    /// `dev` or `prod`.
    Group(Group),
    /// One credential.
    One(&'static dyn Credential),
}

impl Selection {
    /// Parses `dev`, `prod`, an SDK's class name or a short name, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.to_ascii_lowercase().as_str() {
            "dev" => Some(Selection::Group(Group::Developer)),
            "prod" => Some(Selection::Group(Group::Production)),
            _ => Self::parse_name(text).map(Selection::One),
        }
    }

    /// Parses a credential's name.
    pub fn parse_name(text: &str) -> Option<&'static dyn Credential> {
        let named = |c: &&dyn Credential| {
            c.name().eq_ignore_ascii_case(text.trim()) || c.short_name().eq_ignore_ascii_case(text.trim())
        };
        CHAIN.into_iter().find(named)
    }

    /// Returns the group that was meant: the long form of its name, or one letter off.
    pub fn nearest_group(text: &str) -> Option<&'static str> {
        let text = text.trim().to_ascii_lowercase();
        let groups = [("dev", "development"), ("prod", "production")].into_iter();
        let meant = |name: &str, long: &str| text == long || strsim::damerau_levenshtein(name, &text) == 1;
        groups.map(|(name, long)| (name, meant(name, long))).find(|(_, meant)| *meant).map(|(name, _)| name)
    }

    /// Returns the short name of the credential that was meant: by a part of its name, another tool's word for it, or
    /// the most similar spelling.
    pub fn nearest(text: &str) -> Option<&'static str> {
        /// The minimum similarity of two names.
        const ALIKE: f64 = 0.84;
        const NICKNAMES: [(&str, &str); 8] = [
            ("msi", "managed-identity"),
            ("mi", "managed-identity"),
            ("imds", "managed-identity"),
            ("az", "azure-cli"),
            ("azd", "azure-developer-cli"),
            ("pwsh", "azure-powershell"),
            ("spn", "environment"),
            ("service-principal", "environment"),
        ];
        let plain = text.trim().to_ascii_lowercase().replace(['_', ' '], "-");
        let plain = plain.strip_suffix("credential").unwrap_or(&plain).trim_end_matches('-');
        if let Some((_, short)) = NICKNAMES.iter().find(|(nickname, _)| *nickname == plain) {
            return Some(short);
        }
        let names = CHAIN.map(Credential::short_name);
        let containing =
            names.into_iter().find(|name| plain.len() > 2 && name.split('-').any(|part| part.starts_with(plain)));
        containing.or_else(|| {
            let alike = names.map(|name| (strsim::jaro_winkler(&name.replace('-', ""), &plain.replace('-', "")), name));
            alike.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(how, _)| *how >= ALIKE).map(|(_, name)| name)
        })
    }

    /// Returns all names, for a message.
    pub fn names() -> String {
        CHAIN.map(|c| c.name()).join(", ")
    }

    /// Returns true if the selection includes a credential.
    pub(super) fn includes(&self, credential: &dyn Credential, interaction: Interaction) -> bool {
        match self {
            Selection::All => {
                credential.group() != Group::Interactive || matches!(interaction, Interaction::Allowed { .. })
            }
            Selection::Group(group) => credential.group() == *group,
            Selection::One(one) => one.name() == credential.name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_has_documented_order_and_names_select_credentials() {
        let names: Vec<_> = CHAIN.iter().map(|c| c.name()).collect();
        let documented = [
            "EnvironmentCredential",
            "WorkloadIdentityCredential",
            "ManagedIdentityCredential",
            "VisualStudioCredential",
            "VisualStudioCodeCredential",
            "AzureCliCredential",
            "AzurePowerShellCredential",
            "AzureDeveloperCliCredential",
            "InteractiveBrowserCredential",
        ];
        assert_eq!(names, documented);
        for credential in CHAIN {
            for name in [credential.name().to_uppercase(), format!(" {} ", credential.short_name())] {
                assert!(matches!(Selection::parse(&name), Some(Selection::One(c)) if c.name() == credential.name()));
            }
        }
        let production_first = CHAIN.iter().map(|c| c.group() != Group::Production);
        assert!(production_first.is_sorted());
        assert!(Selection::parse("everything").is_none());
    }
}
