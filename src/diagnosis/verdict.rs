//! Summarizes a report in one line: the selected identity, and what the vault lets it do.

use crate::error::exit_code;

use super::report::{CheckStatus, CredentialOutcome, CredentialReport, Report, Severity, VaultReport};

/// The checks that need no token.
const CONNECTIVITY: [&str; 6] = ["proxy", "name", "tcp", "tunnel", "tls", "challenge"];

impl Report {
    /// `my-vault refused ManagedIdentityCredential (my-app): Missing RBAC role`.
    pub fn verdict(&self) -> String {
        if let Some(workload) = &self.workload {
            return workload.verdict.clone();
        }
        let main = self.findings.first().filter(|rated| rated.severity == Severity::Error);
        let cause = main.map(|rated| format!(": {}", rated.finding.row.cause)).unwrap_or_default();
        let selected = self.chain.iter().find(|entry| entry.outcome == CredentialOutcome::Selected);
        match (selected, &self.vault) {
            (None, _) => format!("no credential returned a token{cause}"),
            (_, Some(vault)) if is_unreachable(vault) => format!("{} is unreachable{cause}", vault.url.name()),
            (Some(entry), None) => format!("{} returned a token; no vault is configured", subject(entry)),
            (Some(entry), Some(vault)) => format!("{}{cause}", self.access(&subject(entry), vault)),
        }
    }

    fn access(&self, subject: &str, vault: &VaultReport) -> String {
        let name = vault.url.name();
        let read = vault.checks.iter().any(|check| check.name == "get" && check.status == CheckStatus::Ok);
        match self.exit_code {
            exit_code::OK if read => format!("{subject} can read the secret in {name}"),
            exit_code::OK => format!("{subject} can list the secrets of {name}"),
            exit_code::UNAUTHENTICATED | exit_code::FORBIDDEN => format!("{name} refused {subject}"),
            exit_code::NOT_FOUND => format!("{name} does not have the secret"),
            exit_code::NETWORK => format!("{name} did not answer {subject}"),
            exit_code::THROTTLED => format!("{name} throttled {subject}"),
            _ => format!("the request of {subject} to {name} failed"),
        }
    }
}

fn is_unreachable(vault: &VaultReport) -> bool {
    vault.checks.iter().any(|check| check.status == CheckStatus::Fail && CONNECTIVITY.contains(&check.name))
}

/// `ManagedIdentityCredential (my-app)`.
fn subject(entry: &CredentialReport) -> String {
    let identity = entry.identity.as_ref();
    let name = identity.and_then(|identity| identity.label().or(identity.object_id()));
    format!("{}{}", entry.credential.name(), name.map(|name| format!(" ({name})")).unwrap_or_default())
}
