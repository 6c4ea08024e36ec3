//! The credentials in their order, by what they are called, and which of them were asked for.

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

/// Which part of the chain was asked for.
#[derive(Clone, Copy, Debug)]
pub enum Selection {
    /// All of it; what needs a person only where one may be asked.
    All,
    /// One part: `dev` or `prod`.
    Group(Group),
    /// One credential, whose failure is then the answer.
    One(&'static dyn Credential),
}

impl Selection {
    /// Reads `dev`, `prod`, an SDK's class name or a short form, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.to_ascii_lowercase().as_str() {
            "dev" => Some(Selection::Group(Group::Developer)),
            "prod" => Some(Selection::Group(Group::Production)),
            _ => Self::parse_name(text).map(Selection::One),
        }
    }

    /// Reads one credential's name.
    pub fn parse_name(text: &str) -> Option<&'static dyn Credential> {
        let named = |c: &&dyn Credential| {
            c.name().eq_ignore_ascii_case(text.trim()) || c.short_name().eq_ignore_ascii_case(text.trim())
        };
        CHAIN.into_iter().find(named)
    }

    /// The short form of the credential that somebody meant: by a part of a name, by what other tools call it, or by the
    /// nearest spelling.
    pub fn nearest(text: &str) -> Option<&'static str> {
        /// Spellings less alike than this have nothing to do with each other.
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

    /// Every credential's name, for a message that lists them.
    pub fn names() -> String {
        CHAIN.map(|c| c.name()).join(", ")
    }

    /// Whether a credential is part of it.
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
    fn the_documented_order_holds_and_every_name_selects_its_credential() {
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
