//! Findings beside the main failure: clock, shadowed identities, slow tools, metadata service and best practices.

use std::time::Duration;

use crate::credential::azure_cli::AzureCliCredential;
use crate::credential::chain::Selected;
use crate::credential::environment::{EnvironmentCredential, stored_secret_variable};
use crate::credential::managed_identity::ManagedIdentityCredential;
use crate::credential::{Credential, Failure, Group, NoToken, ProgramFailure, Reason};
use crate::env::{self, Env};
use crate::error::Error;
use crate::host::{Host, HostKind};
use crate::http::error::seconds;
use crate::token::identity::{Identity, IdentityType};
use crate::vault::error::VaultErrorKind;

use super::super::connectivity::clock_text;
use super::super::explain;
use super::super::report::{RatedFinding, Severity};
use super::super::table::{Row, advice, identity, network, sign_in, unauthorized};
use super::{Finding, Findings, Observations};
use crate::diagnosis::context::{Context, tool_of};

/// How long the Azure SDKs wait for a developer tool by default.
const SDK_TOOL_TIMEOUT: Duration = Duration::from_secs(10);

impl Observations<'_> {
    pub(super) fn clock(&self, findings: &mut Findings) {
        if let Some(ahead) = self.connectivity.and_then(|connectivity| connectivity.clock_ahead) {
            let unauthorized = matches!(self.denied, Some(Error::Vault(d)) if matches!(&d.error.kind, VaultErrorKind::Unauthorized(_)));
            let message = format!("this machine's clock is {} the vault's", clock_text(ahead));
            let finding = Finding::new(network::CLOCK_SKEW, message, self.context);
            if unauthorized || self.no_token.is_some() {
                // The wrong clock explains why a token was refused as expired or not yet valid.
                findings.0.retain(|rated| !is_about_expiry(rated.finding.row));
                findings.0.insert(0, RatedFinding { severity: Severity::Error, finding });
            } else {
                findings.add(Severity::Warning, finding);
            }
        }
    }

    /// Adds later credentials that have a token for a different identity. If the vault accepts one of them and refuses the
    /// selected one, the precedence is the main cause.
    pub(super) fn shadowed_identities(&self, findings: &mut Findings) {
        let Some(selected) = self.selected() else { return };
        let mine = selected.identity();
        let admitted = self.admitted.map(|other| other.credential.name());
        for attempt in self.attempts.iter().filter(|a| a.credential.name() != selected.credential.name()) {
            let Ok(token) = &attempt.result else { continue };
            let other = Selected { credential: attempt.credential, token: token.clone() };
            if other.identity().object_id() == mine.object_id() {
                continue;
            }
            let (first, later) = (selected.credential.name(), attempt.credential.name());
            let message = format!(
                "{first} ({}) takes precedence over {} ({})",
                name(&mine),
                described(attempt.credential),
                name(&other.identity())
            );
            let context = Context { credential: Some(later), ..self.context.clone() };
            let mut finding = Finding::new(advice::CREDENTIAL_PRECEDENCE, message, &context);
            if admitted == Some(later) {
                finding.details.insert(0, format!("the vault refuses {first} and accepts {later}"));
                // The refusal is a consequence, and its own fix is the second choice.
                findings.0.retain(|rated| rated.severity != Severity::Note);
                findings.0.iter_mut().for_each(|rated| rated.severity = rated.severity.max(Severity::Warning));
                findings.0.insert(0, RatedFinding { severity: Severity::Error, finding });
            } else {
                findings.add(Severity::Warning, finding);
            }
        }
    }

    /// Adds developer tools that failed although the chain has a token, and tools that are slow.
    pub(super) fn tools(&self, findings: &mut Findings) {
        for attempt in self.attempts {
            let tool = attempt.credential.group() == Group::Developer;
            if let (Err(NoToken::Failed(failure)), true, None) = (&attempt.result, tool, self.no_token) {
                findings.add(Severity::Warning, explain::failed(attempt, failure, self.context));
            }
            let timed_out = matches!(
                &attempt.result,
                Err(NoToken::Failed(Failure::Program { ending: ProgramFailure::TimedOut(_), .. }))
            );
            if tool && attempt.took > SDK_TOOL_TIMEOUT && !timed_out {
                let message = format!("{} took {}", attempt.credential.name(), seconds(attempt.took));
                let context = Context { tool: tool_of(attempt.credential.name()), ..self.context.clone() };
                findings.row(advice::TOOL_SLOW, message, &context);
            }
        }
    }

    /// Adds notes on a metadata service (IMDS) that does not answer, is not Azure's, or is hidden by a proxy.
    pub(super) fn metadata(&self, findings: &mut Findings) {
        let Some(attempt) = self.managed_identity_attempt() else { return };
        // Without a token, the chain's own finding covers this.
        if explain::imds_probe_timed_out(&attempt.result) && self.no_token.is_none() {
            let message = format!("{} took {}", attempt.credential.name(), seconds(attempt.took));
            findings.row(advice::METADATA_SLOW, message, self.context);
        }
        if let Err(NoToken::Unavailable(reason @ Reason::NotMetadataService { .. })) = &attempt.result
            && self.no_token.is_none()
            && let Some(finding) = explain::unavailable(attempt, reason, self.context)
        {
            findings.add(Severity::Warning, finding);
        }
        if is_imds_proxied(self.env) {
            findings.row(advice::METADATA_PROXIED, "", self.context);
        }
    }

    /// Adds a warning if only `AZURE_CLIENT_ID` is set, which names either an application or a managed identity.
    pub(super) fn client_id(&self, findings: &mut Findings) {
        let with_tenant = self.attempts.iter().find_map(|attempt| match attempt.result {
            Err(NoToken::Unavailable(Reason::ClientIdNamesIdentity { with_tenant })) => Some(with_tenant),
            _ => None,
        });
        // Without a token, the chain's own findings cover this.
        let Some(with_tenant) = with_tenant.filter(|_| self.no_token.is_none()) else { return };
        let by_managed = self.selected().is_some_and(|s| s.credential.name() == ManagedIdentityCredential.name());
        let severity = if by_managed { Severity::Note } else { Severity::Warning };
        let mut finding = match with_tenant && !by_managed {
            true => Finding::new(sign_in::ENVIRONMENT_INCOMPLETE, "AZURE_CLIENT_SECRET is missing", self.context),
            false => Finding::new(sign_in::CLIENT_ID_ONLY, "", self.context),
        };
        if by_managed {
            // The variable works as intended, so there is nothing to fix.
            finding.commands.clear();
        }
        findings.add(severity, finding);
    }

    /// Adds a note if a developer's sign-in is used on a host that can have a managed identity.
    pub(super) fn missing_identity(&self, findings: &mut Findings) {
        let by_developer = self.selected().is_some_and(|selected| selected.credential.group() == Group::Developer);
        let Some(attempt) = self.managed_identity_attempt().filter(|_| by_developer) else { return };
        let has_none = matches!(&attempt.result, Err(NoToken::Unavailable(Reason::NoIdentity { .. })));
        if has_none || (attempt.result.is_err() && self.context.host.kind.can_have_identity()) {
            let message = attempt.result.as_ref().err().map(ToString::to_string).unwrap_or_default();
            let finding = Finding::new(identity::MANAGED_IDENTITY_UNAVAILABLE, message, self.context);
            findings.add(Severity::Note, finding);
        }
    }

    pub(super) fn best_practices(&self, findings: &mut Findings) {
        let Some(selected) = self.selected() else { return };
        if let Some(message) = stored_secret(&selected, self.env) {
            let context = Context { stored_secret: stored_secret_variable(self.env), ..self.context.clone() };
            findings.row(advice::STORED_SECRET, message, &context);
        }
        let identity = selected.identity();
        // An Azure ML compute names its default identity itself.
        let is_named = self.settings.identity.is_some() || self.env.has(env::DEFAULT_IDENTITY_CLIENT_ID);
        let is_of_host = selected.credential.name() == ManagedIdentityCredential.name();
        if identity.kind == IdentityType::UserAssigned && is_of_host && !is_named {
            let context = Context { identity: Some(identity), ..self.context.clone() };
            findings.row(advice::CLIENT_ID_NOT_SET, "", &context);
        }
    }
}

/// True if a row is about a token or assertion that is expired or not yet valid.
fn is_about_expiry(row: &Row) -> bool {
    row == unauthorized::TOKEN_EXPIRED || row.code == "AADSTS700024"
}

/// Describes a stored secret that is used although the host offers a managed or workload identity.
pub fn stored_secret(selected: &Selected, env: &Env) -> Option<String> {
    let is_stored = selected.credential.name() == EnvironmentCredential.name();
    let variable = stored_secret_variable(env).filter(|_| is_stored)?;
    let used = match variable {
        env::AZURE_CLIENT_SECRET => "a client secret",
        env::AZURE_CLIENT_CERTIFICATE_PATH => "a certificate",
        _ => "a password",
    };
    let offers = |names: &[&str]| names.iter().any(|name| env.has(name));
    let identity = if offers(&[
        env::AZURE_FEDERATED_TOKEN_FILE,
        env::AZFOB_ID_TOKEN,
        env::ACTIONS_ID_TOKEN_REQUEST_URL,
        env::AZURESUBSCRIPTION_SERVICE_CONNECTION_ID,
    ]) {
        "workload"
    } else if offers(&[env::IDENTITY_ENDPOINT, env::MSI_ENDPOINT]) || Host::detect(env).kind == HostKind::VirtualMachine
    {
        "managed"
    } else {
        return None;
    };
    Some(format!(
        "EnvironmentCredential used {used}, but this host can use a {identity} identity: assign the role to that \
         identity and unset {variable}"
    ))
}

/// True if the Azure SDKs would send metadata service (IMDS) requests through a proxy, which cannot reach it.
fn is_imds_proxied(env: &Env) -> bool {
    let proxied = env.first(&[env::HTTP_PROXY_LOWER, env::HTTP_PROXY, env::ALL_PROXY_LOWER, env::ALL_PROXY]).is_some();
    let spared = env.first(&[env::NO_PROXY_LOWER, env::NO_PROXY]).is_some_and(|(_, list)| {
        list.split(',').map(str::trim).any(|entry| entry == "*" || entry.starts_with("169.254."))
    });
    // If a variable sets the identity endpoint, no request goes to the metadata address.
    let imds_used =
        ![env::IDENTITY_ENDPOINT, env::MSI_ENDPOINT, env::AZURE_POD_IDENTITY_AUTHORITY_HOST].iter().any(|v| env.has(v));
    proxied && !spared && imds_used
}

/// `your az login`, `AzurePowerShellCredential`.
fn described(credential: &dyn Credential) -> &'static str {
    if credential.name() == AzureCliCredential.name() { "your az login" } else { credential.name() }
}

fn name(identity: &Identity) -> &str {
    identity.label().or(identity.object_id()).unwrap_or("an unknown identity")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_proxy_hides_metadata_service_unless_exempt() {
        let proxied = |pairs: &[(&str, &str)]| is_imds_proxied(&pairs.iter().copied().collect());
        assert!(proxied(&[("HTTP_PROXY", "http://p:1")]));
        assert!(!proxied(&[("HTTP_PROXY", "http://p:1"), ("NO_PROXY", "localhost, 169.254.169.254")]));
        assert!(!proxied(&[("HTTPS_PROXY", "http://p:1")]));
        assert!(!proxied(&[("HTTP_PROXY", "http://p:1"), ("IDENTITY_ENDPOINT", "http://127.0.0.1:1")]));
    }
}
