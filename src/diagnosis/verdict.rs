//! The report in one line: who we are, and whether the vault lets us in.

use super::report::{Line, Outcome, Report, Severity, VaultPart, Verdict};

/// The steps that need no credential.
const CONNECTIVITY: [&str; 6] = ["proxy", "name", "tcp", "tunnel", "tls", "challenge"];

impl Report {
    /// `ManagedIdentityCredential is my-app, and my-vault refuses it: Missing RBAC role`.
    pub fn verdict(&self) -> String {
        let main = self.findings.first().filter(|rated| rated.severity == Severity::Error);
        let cause = main.map(|rated| format!(": {}", rated.finding.row.cause)).unwrap_or_default();
        let selected = self.chain.iter().find(|line| line.outcome == Outcome::Selected);
        let unreached = self.vault.as_ref().filter(|vault| failed(vault, |name| CONNECTIVITY.contains(&name)));
        match (selected, unreached, &self.vault) {
            (_, Some(vault), _) => format!("{} cannot be reached{cause}", vault.url.name()),
            (None, None, _) => format!("no credential gives a token{cause}"),
            (Some(line), None, None) => format!("{}; no vault is named", subject(line)),
            (Some(line), None, Some(vault)) => {
                format!("{}, and {} {}{cause}", subject(line), vault.url.name(), self.answer(vault))
            }
        }
    }

    /// What the vault does with it.
    fn answer(&self, vault: &VaultPart) -> &'static str {
        let read = vault.checks.iter().any(|check| check.name == "get" && check.verdict == Verdict::Ok);
        match self.exit_code {
            0 if read => "lets it read the secret",
            0 => "lets it list the secrets",
            4 | 5 => "refuses it",
            6 => "does not have the secret",
            7 => "does not answer it",
            8 => "is throttled",
            _ => "fails",
        }
    }
}

fn failed(vault: &VaultPart, of: impl Fn(&str) -> bool) -> bool {
    vault.checks.iter().any(|check| check.verdict == Verdict::Fail && of(check.name))
}

/// `ManagedIdentityCredential is my-app`.
fn subject(line: &Line) -> String {
    let identity = line.identity.as_ref();
    let who = identity.and_then(|identity| identity.label().or(identity.object_id()));
    format!("{} is {}", line.credential.name(), who.unwrap_or("somebody whose token does not say who"))
}
