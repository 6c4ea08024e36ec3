//! The plan of a sandbox: the host to imitate, the vault, the identities and the faults. Data only.

use std::{collections::HashSet, io, time::Duration};

use super::{
    cloud::EmulatedCloud,
    fault::{self, Fault},
    host::kind::EmulatedHost,
    names,
    rule::Rule,
    secret_spec::{SecretSpec, default_secrets},
    throttle::{Limit, RetryAfter},
    workload::EmulatedWorkload,
};

/// A sandbox to start.
#[derive(Clone, Debug)]
pub struct SandboxPlan {
    /// The kind of host to imitate.
    pub host: EmulatedHost,
    /// The workload that Azure Resource Manager shows, and that the faults concern; `None` if they concern the host.
    pub workload: Option<EmulatedWorkload>,
    /// The cloud to emulate.
    pub cloud: EmulatedCloud,
    /// The name of the vault.
    pub vault: String,
    /// The content of the vault.
    pub secrets: Vec<SecretSpec>,
    /// The managed identities assigned to the host.
    pub identities: Identities,
    /// The certificate registered for the service principal, if there is one.
    pub certificate: Option<ClientCertificate>,
    /// The faults to simulate.
    pub faults: Vec<Fault>,
    /// How many reads the vault answers under the fault `throttled`. `None` means none.
    pub limit: Option<Limit>,
    /// The `Retry-After` header of the throttled vault.
    pub retry_after: RetryAfter,
    /// The simulated round-trip time to Azure.
    pub round_trip: Duration,
    /// Rules for single requests. They come before the faults.
    pub rules: Vec<Rule>,
}

impl SandboxPlan {
    /// Creates a plan without faults: the default vault and secrets, a system-assigned and a user-assigned identity.
    pub fn new(host: EmulatedHost) -> SandboxPlan {
        SandboxPlan {
            host,
            workload: None,
            cloud: EmulatedCloud::Public,
            vault: names::VAULT_NAME.into(),
            secrets: default_secrets(),
            identities: Identities::default(),
            certificate: None,
            faults: Vec::new(),
            limit: None,
            retry_after: RetryAfter::None,
            round_trip: Duration::ZERO,
            rules: Vec::new(),
        }
    }

    /// Returns a host on which all these faults are possible: `app-service` if it is one, or if there is none.
    pub fn host_for(faults: &[Fault]) -> EmulatedHost {
        let restricted = || faults.iter().map(|fault| fault::row(*fault).hosts).filter(|hosts| !hosts.is_empty());
        let fits = |host: &EmulatedHost| restricted().all(|hosts| hosts.contains(host));
        let candidates = restricted().next().unwrap_or_default().iter().copied();
        let default = EmulatedHost::AppService;
        std::iter::once(default).chain(candidates).find(fits).unwrap_or(default)
    }

    /// Adds a fault.
    pub fn fault(mut self, fault: Fault) -> SandboxPlan {
        self.faults.push(fault);
        self
    }

    /// Adds a rule.
    pub fn rule(mut self, rule: Rule) -> SandboxPlan {
        self.rules.push(rule);
        self
    }

    /// Registers a certificate for the service principal.
    pub fn certificate(self, certificate: ClientCertificate) -> SandboxPlan {
        SandboxPlan { certificate: Some(certificate), ..self }
    }

    /// Adds a secret, or replaces the one of the same name.
    pub fn secret(self, secret: SecretSpec) -> SandboxPlan {
        self.with_secrets([secret])
    }

    /// Adds secrets. Of several with the same name, the last one stays. Takes time in proportion to all secrets.
    pub fn with_secrets(mut self, secrets: impl IntoIterator<Item = SecretSpec>) -> SandboxPlan {
        self.secrets.extend(secrets);
        self.secrets = last_of_each(self.secrets, |secret| secret.name.to_ascii_lowercase());
        self
    }

    /// Returns the host name of the vault.
    pub fn vault_host(&self) -> String {
        format!("{}{}", self.vault, self.cloud.vault_suffix())
    }

    /// True if the fault is planned.
    pub(super) fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// True if the fault is planned for the host, and not for a workload.
    pub(super) fn has_on_host(&self, fault: Fault) -> bool {
        self.has(fault) && self.workload.is_none()
    }

    /// Returns the host that the faults concern: that of the workload, or else this one.
    pub(super) fn examined_host(&self) -> EmulatedHost {
        self.workload.map_or(self.host, EmulatedWorkload::host)
    }

    /// Returns the tenant of the vault.
    pub(super) fn vault_tenant(&self) -> &'static str {
        let is_other = self.has(Fault::WrongTenant) || self.has(Fault::Guest);
        if is_other { names::OTHER_TENANT_ID } else { names::TENANT_ID }
    }

    /// Finds contradictions in the plan.
    ///
    /// # Errors
    /// `InvalidInput` with a message for users.
    pub(super) fn check(&self) -> io::Result<()> {
        let invalid = |text: String| Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        if !is_vault_name(&self.vault) {
            return invalid(format!(
                "'{}' is not a vault name: use 3 to 24 letters, digits and single dashes, starting with a letter",
                self.vault
            ));
        }
        for secret in &self.secrets {
            if !is_secret_name(&secret.name) {
                return invalid(format!(
                    "'{}' is not a secret name: use 1 to 127 letters, digits and dashes",
                    secret.name
                ));
            }
        }
        if self.limit.is_some() && !self.has(Fault::Throttled) {
            return invalid("--limit requires --fault throttled".into());
        }
        if self.retry_after != RetryAfter::None && !self.has(Fault::Throttled) {
            return invalid("--retry-after requires --fault throttled".into());
        }
        if let Some(workload) = self.workload {
            if !matches!(self.host, EmulatedHost::AzureCli | EmulatedHost::ServicePrincipal) {
                let host = self.host;
                return invalid(format!("--workload requires --as azure-cli or service-principal, not --as {host}"));
            }
            let is_shown = |fault: &&Fault| fault.is_shown_by_management() || fault.is_only_of_workloads();
            if let Some(fault) = self.faults.iter().find(|fault| !is_shown(fault)) {
                return invalid(format!(
                    "Azure Resource Manager does not show --fault {fault} of a workload; use --as {}",
                    workload.host()
                ));
            }
        }
        let only = self.faults.iter().find(|fault| fault.is_only_of_workloads() && self.workload.is_none());
        if let Some(fault) = only {
            return invalid(format!("--fault {fault} requires --workload"));
        }
        for fault in &self.faults {
            let hosts = fault::row(*fault).hosts;
            if !hosts.is_empty() && !hosts.contains(&self.examined_host()) {
                let hosts: Vec<&str> = hosts.iter().map(|host| host.name()).collect();
                return invalid(format!(
                    "--fault {fault} is possible only with --as {}, not with --as {}",
                    hosts.join(" or "),
                    self.host
                ));
            }
        }
        Ok(())
    }
}

/// A certificate for the client assertions of an application.
#[derive(Clone, Debug)]
pub struct ClientCertificate {
    /// The certificate as DER.
    pub der: Vec<u8>,
    /// Its public key as PKCS#1.
    pub public_key: Vec<u8>,
}

/// The managed identities assigned to the host.
#[derive(Clone, Debug)]
pub struct Identities {
    /// True if the system-assigned identity is enabled.
    pub system_assigned: bool,
    /// The user-assigned identities.
    pub user_assigned: Vec<UserAssigned>,
}

impl Default for Identities {
    fn default() -> Identities {
        Identities { system_assigned: true, user_assigned: vec![UserAssigned::first()] }
    }
}

/// A user-assigned managed identity.
#[derive(Clone, Debug)]
pub struct UserAssigned {
    /// Its name.
    pub name: String,
    /// Its client ID.
    pub client_id: String,
    /// Its object ID.
    pub object_id: String,
}

impl UserAssigned {
    /// Returns the identity `my-identity`.
    pub fn first() -> UserAssigned {
        UserAssigned {
            name: names::USER_ASSIGNED_NAME.into(),
            client_id: names::USER_ASSIGNED_CLIENT_ID.into(),
            object_id: names::USER_ASSIGNED_OBJECT_ID.into(),
        }
    }

    /// Returns the identity `my-other-identity`.
    pub fn second() -> UserAssigned {
        UserAssigned {
            name: names::SECOND_USER_ASSIGNED_NAME.into(),
            client_id: names::SECOND_USER_ASSIGNED_CLIENT_ID.into(),
            object_id: names::SECOND_USER_ASSIGNED_OBJECT_ID.into(),
        }
    }

    /// Returns its resource ID, spelled as in the claim `xms_mirid`.
    pub fn resource_id(&self) -> String {
        format!(
            "/subscriptions/{}/resourcegroups/{}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{}",
            names::SUBSCRIPTION_ID,
            names::RESOURCE_GROUP,
            self.name
        )
    }
}

/// Keeps the last item of each key, in the original order. Computes each key once.
fn last_of_each<T>(items: Vec<T>, mut key: impl FnMut(&T) -> String) -> Vec<T> {
    let mut seen = HashSet::with_capacity(items.len());
    let mut kept: Vec<T> = items.into_iter().rev().filter(|item| seen.insert(key(item))).collect();
    kept.reverse();
    kept
}

/// True if the text is a valid secret name
/// (<https://learn.microsoft.com/rest/api/keyvault/secrets/set-secret/set-secret>).
pub(super) fn is_secret_name(name: &str) -> bool {
    (1..=127).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// True if the text is a valid vault name
/// (<https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name>).
fn is_vault_name(name: &str) -> bool {
    (3..=24).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && !name.ends_with('-')
        && !name.contains("--")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_id_constant_matches_first_identity() {
        assert_eq!(UserAssigned::first().resource_id(), names::USER_ASSIGNED_RESOURCE_ID);
    }

    #[test]
    fn fault_of_another_host_is_an_error() {
        let error = SandboxPlan::new(EmulatedHost::AppService).fault(Fault::Mfa).check().unwrap_err();
        let tools = "azure-cli or azure-powershell or azure-developer-cli or visual-studio";
        let expected = format!("--fault mfa is possible only with --as {tools}, not with --as app-service");
        assert_eq!(error.to_string(), expected);
        assert!(SandboxPlan::new(EmulatedHost::AzureCli).fault(Fault::Mfa).check().is_ok());
    }

    #[test]
    fn invalid_names_are_errors() {
        for (vault, good) in [("my-vault", true), ("a-", false), ("ab-", false), ("a--b", false), ("1ab", false)] {
            let plan = SandboxPlan { vault: vault.into(), ..SandboxPlan::new(EmulatedHost::Nothing) };
            assert_eq!(plan.check().is_ok(), good, "{vault}");
        }
        let plan = SandboxPlan::new(EmulatedHost::Nothing).secret(SecretSpec::new("a_b", "v"));
        assert!(plan.check().unwrap_err().to_string().contains("'a_b'"));
    }

    #[test]
    fn secret_of_the_same_name_is_replaced() {
        let plan = SandboxPlan::new(EmulatedHost::Nothing).secret(SecretSpec::new("APIKEY", "v"));
        assert_eq!(plan.secrets.iter().filter(|secret| secret.name.eq_ignore_ascii_case("apikey")).count(), 1);
    }

    #[test]
    fn last_of_each_keeps_order_and_computes_each_key_once() {
        let mut calls = 0;
        let kept = last_of_each(vec!["a1", "b1", "a2", "c1", "b2"], |item| {
            calls += 1;
            item[..1].to_owned()
        });
        assert_eq!((kept, calls), (vec!["a2", "c1", "b2"], 5));
        let plan = SandboxPlan::new(EmulatedHost::Nothing).with_secrets([
            SecretSpec::new("A", "1"),
            SecretSpec::new("B", "1"),
            SecretSpec::new("a", "2"),
        ]);
        let names: Vec<&str> = plan.secrets.iter().skip(3).map(|secret| secret.name.as_str()).collect();
        assert_eq!(names, ["B", "a"]);
    }
}
