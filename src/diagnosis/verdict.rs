//! Summarizes a report in one line: the selected identity, and what the vault lets it do.

use crate::error::exit_code;

use super::report::{CheckStatus, CredentialOutcome, CredentialReport, Report, Severity, VaultReport};

/// The checks that need no token.
const CONNECTIVITY: [&str; 6] = ["proxy", "name", "tcp", "tunnel", "tls", "challenge"];

impl Report {
    /// `ManagedIdentityCredential is my-app, and my-vault refuses it: Missing RBAC role`.
    pub fn verdict(&self) -> String {
        let main = self.findings.first().filter(|rated| rated.severity == Severity::Error);
        let cause = main.map(|rated| format!(": {}", rated.finding.row.cause)).unwrap_or_default();
        let selected = self.chain.iter().find(|entry| entry.outcome == CredentialOutcome::Selected);
        match (selected, &self.vault) {
            (_, Some(vault)) if is_unreachable(vault) => format!("{} cannot be reached{cause}", vault.url.name()),
            (None, _) => format!("no credential gives a token{cause}"),
            (Some(entry), None) => format!("{}; no vault is named", subject(entry)),
            (Some(entry), Some(vault)) => {
                format!("{}, and {} {}{cause}", subject(entry), vault.url.name(), self.access(vault))
            }
        }
    }

    fn access(&self, vault: &VaultReport) -> &'static str {
        let read = vault.checks.iter().any(|check| check.name == "get" && check.status == CheckStatus::Ok);
        match self.exit_code {
            exit_code::OK if read => "lets it read the secret",
            exit_code::OK => "lets it list the secrets",
            exit_code::UNAUTHENTICATED | exit_code::FORBIDDEN => "refuses it",
            exit_code::NOT_FOUND => "does not have the secret",
            exit_code::NETWORK => "does not answer it",
            exit_code::THROTTLED => "is throttled",
            _ => "fails",
        }
    }
}

fn is_unreachable(vault: &VaultReport) -> bool {
    vault.checks.iter().any(|check| check.status == CheckStatus::Fail && CONNECTIVITY.contains(&check.name))
}

/// `ManagedIdentityCredential is my-app`.
fn subject(entry: &CredentialReport) -> String {
    let identity = entry.identity.as_ref();
    let name = identity.and_then(|identity| identity.label().or(identity.object_id()));
    format!("{} is {}", entry.credential.name(), name.unwrap_or("somebody whose token does not say who"))
}
