//! What a sandbox is to be: the host it imitates, the vault, the identities, and what goes wrong. Data only.

use std::{collections::HashSet, io, time::Duration};

use super::{
    cloud::EmulatedCloud,
    fault::{self, Fault},
    host::kind::EmulatedHost,
    names,
    rule::Rule,
    secret_spec::{SecretSpec, default_secrets},
    throttle::{Limit, RetryAfter},
};

/// A sandbox to be started.
#[derive(Clone, Debug)]
pub struct SandboxPlan {
    /// The kind of host that the environment imitates.
    pub host: EmulatedHost,
    /// The cloud whose host names are answered.
    pub cloud: EmulatedCloud,
    /// The one vault's name.
    pub vault: String,
    /// What is in it.
    pub secrets: Vec<SecretSpec>,
    /// The managed identities assigned to the host.
    pub identities: Identities,
    /// The certificate that is registered with the service principal, where one is.
    pub certificate: Option<ClientCertificate>,
    /// What goes wrong, by name.
    pub faults: Vec<Fault>,
    /// How much the vault answers under the fault `throttled`; `None` is nothing.
    pub limit: Option<Limit>,
    /// What its refusals say then of when to ask again.
    pub retry_after: RetryAfter,
    /// How long the way to Azure and back takes; nothing on loopback.
    pub round_trip: Duration,
    /// What goes wrong, request by request. Looked at before the faults.
    pub rules: Vec<Rule>,
}

impl SandboxPlan {
    /// A sandbox for this host in which all is well: the default vault and secrets, a system-assigned and one
    /// user-assigned identity.
    pub fn new(host: EmulatedHost) -> SandboxPlan {
        SandboxPlan {
            host,
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

    /// This plan with a fault more.
    pub fn fault(mut self, fault: Fault) -> SandboxPlan {
        self.faults.push(fault);
        self
    }

    /// This plan with a rule more.
    pub fn rule(mut self, rule: Rule) -> SandboxPlan {
        self.rules.push(rule);
        self
    }

    /// This plan with a certificate for the service principal.
    pub fn certificate(self, certificate: ClientCertificate) -> SandboxPlan {
        SandboxPlan { certificate: Some(certificate), ..self }
    }

    /// This plan with a secret more; one of the same name is replaced.
    pub fn secret(self, secret: SecretSpec) -> SandboxPlan {
        self.with_secrets([secret])
    }

    /// This plan with more secrets; of those of the same name the last one stays. Takes time in proportion to all.
    pub fn with_secrets(mut self, secrets: impl IntoIterator<Item = SecretSpec>) -> SandboxPlan {
        self.secrets.extend(secrets);
        self.secrets = last_of_each(self.secrets, |secret| secret.name.to_ascii_lowercase());
        self
    }

    /// The host name of the vault.
    pub fn vault_host(&self) -> String {
        format!("{}{}", self.vault, self.cloud.vault_suffix())
    }

    /// Whether a fault is planned.
    pub(super) fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// The tenant that the vault lives in.
    pub(super) fn vault_tenant(&self) -> &'static str {
        let elsewhere = self.has(Fault::WrongTenant) || self.has(Fault::Guest);
        if elsewhere { names::OTHER_TENANT_ID } else { names::TENANT_ID }
    }

    /// Finds what cannot be started as planned.
    ///
    /// # Errors
    /// `InvalidInput`, with a sentence that names the mistake.
    pub(super) fn check(&self) -> io::Result<()> {
        let invalid = |text: String| Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        if !is_vault_name(&self.vault) {
            return invalid(format!(
                "'{}' is no vault name: 3 to 24 letters, digits and single dashes, beginning with a letter",
                self.vault
            ));
        }
        for secret in &self.secrets {
            if !is_secret_name(&secret.name) {
                return invalid(format!("'{}' is no secret name: 1 to 127 letters, digits and dashes", secret.name));
            }
        }
        if self.limit.is_some() && !self.has(Fault::Throttled) {
            return invalid("a limit belongs to the fault 'throttled'".into());
        }
        if self.retry_after != RetryAfter::None && !self.has(Fault::Throttled) {
            return invalid("when to ask again belongs to the fault 'throttled'".into());
        }
        for fault in &self.faults {
            let hosts = fault::row(*fault).hosts;
            if !hosts.is_empty() && !hosts.contains(&self.host) {
                let hosts: Vec<&str> = hosts.iter().map(|host| host.name()).collect();
                return invalid(format!(
                    "the fault '{fault}' can happen on {} only, not on {}",
                    hosts.join(", "),
                    self.host
                ));
            }
        }
        Ok(())
    }
}

/// A certificate that an application may sign its assertions with.
#[derive(Clone, Debug)]
pub struct ClientCertificate {
    /// The certificate.
    pub der: Vec<u8>,
    /// Its public key, as PKCS#1 has it.
    pub public_key: Vec<u8>,
}

/// The managed identities assigned to the host.
#[derive(Clone, Debug)]
pub struct Identities {
    /// Whether the system-assigned identity is enabled.
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
    /// Its client id.
    pub client_id: String,
    /// Its object id.
    pub object_id: String,
}

impl UserAssigned {
    /// The identity `my-identity`.
    pub fn first() -> UserAssigned {
        UserAssigned {
            name: names::USER_ASSIGNED_NAME.into(),
            client_id: names::USER_ASSIGNED_CLIENT_ID.into(),
            object_id: names::USER_ASSIGNED_OBJECT_ID.into(),
        }
    }

    /// The identity `my-other-identity`.
    pub fn second() -> UserAssigned {
        UserAssigned {
            name: names::SECOND_USER_ASSIGNED_NAME.into(),
            client_id: names::SECOND_USER_ASSIGNED_CLIENT_ID.into(),
            object_id: names::SECOND_USER_ASSIGNED_OBJECT_ID.into(),
        }
    }

    /// Its resource id, in the spelling that tokens have in `xms_mirid`.
    pub fn resource_id(&self) -> String {
        format!(
            "/subscriptions/{}/resourcegroups/{}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{}",
            names::SUBSCRIPTION_ID,
            names::RESOURCE_GROUP,
            self.name
        )
    }
}

/// The items without those that a later one has the key of, in their order. Asks for each item's key once.
fn last_of_each<T>(items: Vec<T>, mut key: impl FnMut(&T) -> String) -> Vec<T> {
    let mut seen = HashSet::with_capacity(items.len());
    let mut kept: Vec<T> = items.into_iter().rev().filter(|item| seen.insert(key(item))).collect();
    kept.reverse();
    kept
}

/// Whether a text may name a secret (<https://learn.microsoft.com/rest/api/keyvault/secrets/set-secret/set-secret>).
pub(super) fn is_secret_name(name: &str) -> bool {
    (1..=127).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether a text may name a vault
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
    fn the_constant_resource_id_is_the_first_identitys() {
        assert_eq!(UserAssigned::first().resource_id(), names::USER_ASSIGNED_RESOURCE_ID);
    }

    #[test]
    fn a_fault_that_cannot_happen_on_the_host_is_an_error() {
        let error = SandboxPlan::new(EmulatedHost::AppService).fault(Fault::Mfa).check().unwrap_err();
        assert_eq!(error.to_string(), "the fault 'mfa' can happen on azure-cli only, not on app-service");
        assert!(SandboxPlan::new(EmulatedHost::AzureCli).fault(Fault::Mfa).check().is_ok());
    }

    #[test]
    fn names_are_checked() {
        for (vault, good) in [("my-vault", true), ("a-", false), ("ab-", false), ("a--b", false), ("1ab", false)] {
            let plan = SandboxPlan { vault: vault.into(), ..SandboxPlan::new(EmulatedHost::Nothing) };
            assert_eq!(plan.check().is_ok(), good, "{vault}");
        }
        let plan = SandboxPlan::new(EmulatedHost::Nothing).secret(SecretSpec::new("a_b", "v"));
        assert!(plan.check().unwrap_err().to_string().contains("'a_b'"));
    }

    #[test]
    fn a_secret_of_the_same_name_is_replaced() {
        let plan = SandboxPlan::new(EmulatedHost::Nothing).secret(SecretSpec::new("APIKEY", "v"));
        assert_eq!(plan.secrets.iter().filter(|secret| secret.name.eq_ignore_ascii_case("apikey")).count(), 1);
    }

    #[test]
    fn the_last_of_each_name_stays_where_it_is_and_each_is_looked_at_once() {
        let mut asked = 0;
        let kept = last_of_each(vec!["a1", "b1", "a2", "c1", "b2"], |item| {
            asked += 1;
            item[..1].to_owned()
        });
        assert_eq!((kept, asked), (vec!["a2", "c1", "b2"], 5));
        let plan = SandboxPlan::new(EmulatedHost::Nothing).with_secrets([
            SecretSpec::new("A", "1"),
            SecretSpec::new("B", "1"),
            SecretSpec::new("a", "2"),
        ]);
        let names: Vec<&str> = plan.secrets.iter().skip(3).map(|secret| secret.name.as_str()).collect();
        assert_eq!(names, ["B", "a"]);
    }
}
