//! Findings about Key Vault references that are not resolved
//! (<https://learn.microsoft.com/azure/app-service/app-service-key-vault-references#troubleshoot-key-vault-references>).

use crate::azure_resource_manager::workload::KeyVaultReference;
use crate::redact;
use crate::vault::url::VaultUrl;

use super::super::context::Context;
use super::super::finding::Finding;
use super::super::report::{RatedFinding, Severity};
use super::super::table::{Row, app_service, vault};

/// Returns a warning for each status other than `Resolved`, with the app settings that have it. Leaves out a status that a
/// refusal explains: of the examined vault, or of an identity that is not enabled.
pub(super) fn findings(references: &[KeyVaultReference], is_refused: bool, context: &Context) -> Vec<RatedFinding> {
    let mut findings = Vec::new();
    let vault = context.vault.as_ref().map(VaultUrl::name);
    let is_explained = |one: &KeyVaultReference| {
        is_refused && (one.status.as_deref() == Some("MSINotEnabled") || one.vault.as_deref() == vault)
    };
    let is_open = |one: &&KeyVaultReference| row(one.status.as_deref()).is_some() && !is_explained(one);
    let mut open: Vec<&KeyVaultReference> = references.iter().filter(is_open).collect();
    open.sort_by(|a, b| (&a.status, &a.setting).cmp(&(&b.status, &b.setting)));
    for same in open.chunk_by(|a, b| a.status == b.status) {
        let Some(row) = row(same[0].status.as_deref()) else { continue };
        let names: Vec<_> = same.iter().map(|one| one.setting.as_str()).collect();
        let message =
            format!("Key Vault reference {}: {}", names.join(", "), same[0].status.as_deref().unwrap_or_default());
        let is_of_vault = |vault: &VaultUrl| same[0].vault.as_deref().is_none_or(|name| name == vault.name());
        let context = Context {
            vault: context.vault.clone().filter(is_of_vault),
            secret: same[0].secret.clone().filter(|_| same.len() == 1),
            ..context.clone()
        };
        let mut finding = Finding::new(row, message, &context);
        finding.details = same.iter().filter_map(|one| one.details.as_deref()).map(redact::sanitize).collect();
        finding.details.dedup();
        findings.push(RatedFinding { severity: Severity::Warning, finding });
    }
    findings
}

/// Returns the row of a status. `Resolved` has none, and `Initialized` is not an error.
fn row(status: Option<&str>) -> Option<&'static Row> {
    Some(match status? {
        "Resolved" | "Initialized" => return None,
        "MSINotEnabled" => app_service::MSI_NOT_ENABLED,
        "VaultNotFound" => app_service::VAULT_NOT_FOUND,
        "SecretNotFound" => vault::SECRET_NOT_FOUND,
        "SecretVersionNotFound" => app_service::SECRET_VERSION_NOT_FOUND,
        "AccessToKeyVaultDenied" => app_service::ACCESS_DENIED,
        "FetchTimedOut" => app_service::FETCH_TIMED_OUT,
        "InvalidSyntax" => app_service::INVALID_SYNTAX,
        "UnauthorizedClient" => app_service::UNAUTHORIZED_CLIENT,
        _ => app_service::OTHER_REASONS,
    })
}
