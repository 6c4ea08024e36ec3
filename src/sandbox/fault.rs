//! The faults of `--fault`: a table with the name, the description and the hosts of each.
//!
//! To add a fault, add a variant and its row here. Then implement it: in `staging` if it is a rule or changes the plan,
//! else in its service (`plan.has(Fault::...)`).

use std::{fmt, str::FromStr};

use super::host::kind::EmulatedHost;

/// A fault that the sandbox simulates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "TABLE describes each one, as --help prints it")]
pub enum Fault {
    NoIdentity,
    MultipleIdentities,
    ImdsImpostor,
    ExpiredLogin,
    Mfa,
    SlowAz,
    WrongSecret,
    ExpiredAssertion,
    Forbidden,
    Shadowed,
    Reader,
    AccessPolicy,
    Firewall,
    PrivateLink,
    SigningKeyOnce,
    SigningKey,
    Revoked,
    WrongTenant,
    Guest,
    OldApi,
    NotFound,
    SoftDeleted,
    Disabled,
    Expired,
    NotYetValid,
    Throttled,
    Flaky,
    Unreachable,
    ProxyRefuses,
    TlsIntercepted,
    ClockSkew,
}

/// A row of the fault table.
#[derive(Debug)]
pub struct FaultRow {
    /// The fault.
    pub fault: Fault,
    /// Its name for `--fault`.
    pub name: &'static str,
    /// A description in one line.
    pub help: &'static str,
    /// The hosts that it can happen on. Empty means all hosts.
    pub hosts: &'static [EmulatedHost],
}

const METADATA: &[EmulatedHost] =
    &[EmulatedHost::AppService, EmulatedHost::Functions, EmulatedHost::ContainerApps, EmulatedHost::Imds];
const AZ: &[EmulatedHost] = &[EmulatedHost::AzureCli];
/// Hosts with credentials for several tenants. A managed identity has only one.
const MANY_TENANTS: &[EmulatedHost] = &[
    EmulatedHost::WorkloadIdentity,
    EmulatedHost::GithubActions,
    EmulatedHost::AzurePipelines,
    EmulatedHost::ServicePrincipal,
    EmulatedHost::AzureCli,
];

/// All faults, in the order of a request: sign-in, access, secret, network.
pub const TABLE: &[FaultRow] = &[
    any(Fault::NoIdentity, "no-identity", "no identity is enabled on the host, or nobody is signed in"),
    on(
        METADATA,
        Fault::MultipleIdentities,
        "multiple-identities",
        "two user-assigned identities and no system-assigned one",
    ),
    on(&[EmulatedHost::Imds], Fault::ImdsImpostor, "imds-impostor", "a web server answers 403 at the metadata address"),
    on(
        &[EmulatedHost::AzureCli, EmulatedHost::AzureMl],
        Fault::ExpiredLogin,
        "expired-login",
        "az's login has expired (AADSTS700082), or a person's at a compute",
    ),
    on(AZ, Fault::Mfa, "mfa", "az has to sign in again with a second factor (AADSTS50076)"),
    on(AZ, Fault::SlowAz, "slow-az", "az does not answer for ten minutes"),
    on(
        &[EmulatedHost::ServicePrincipal],
        Fault::WrongSecret,
        "wrong-secret",
        "AZURE_CLIENT_SECRET is not the client's secret (AADSTS7000215)",
    ),
    on(
        &[EmulatedHost::WorkloadIdentity, EmulatedHost::GithubActions, EmulatedHost::AzurePipelines],
        Fault::ExpiredAssertion,
        "expired-assertion",
        "the federated token has expired (AADSTS700024)",
    ),
    any(Fault::Forbidden, "forbidden", "403: the identity has no role on the vault"),
    on(
        AZ,
        Fault::Shadowed,
        "shadowed",
        "403: a client secret of an application without a role wins over the person signed in to az, who has one",
    ),
    any(Fault::Reader, "reader", "403 on values: the identity is Key Vault Reader, which may only list"),
    any(Fault::AccessPolicy, "access-policy", "403: a vault with access policies, none for the identity"),
    any(Fault::Firewall, "firewall", "403: the vault's firewall does not know the address"),
    any(Fault::PrivateLink, "private-link", "403: the vault is open to private endpoints only"),
    any(Fault::SigningKeyOnce, "signing-key-once", "401: the vault cannot find Entra ID's key, twice (AKV10046)"),
    any(Fault::SigningKey, "signing-key", "401: the vault cannot find Entra ID's key at all (AKV10046)"),
    any(Fault::Revoked, "revoked", "401: the session was revoked; the vault wants a token asked for with its claims"),
    any(Fault::WrongTenant, "wrong-tenant", "401: the vault lives in a tenant that does not know the identity"),
    on(MANY_TENANTS, Fault::Guest, "guest", "the vault lives in another tenant, whose tokens must be asked for"),
    any(Fault::OldApi, "old-api", "400: the vault knows no later version of its API than 7.1, as Azure Stack Hub's"),
    any(Fault::NotFound, "not-found", "404: the vault is empty"),
    any(Fault::SoftDeleted, "soft-deleted", "404: every secret lies among the deleted ones"),
    any(Fault::Disabled, "disabled", "403: every secret is disabled"),
    any(Fault::Expired, "expired", "every secret is past its expiry, and still handed out"),
    any(Fault::NotYetValid, "not-yet-valid", "no secret has reached its start, and all are handed out"),
    any(Fault::Throttled, "throttled", "429: the vault answers nothing else, or no more than --limit"),
    any(Fault::Flaky, "flaky", "one answer of the vault in ten is a 503, a 429, cut short or none at all"),
    any(Fault::Unreachable, "unreachable", "the proxy cannot connect to the vault"),
    any(Fault::ProxyRefuses, "proxy-refuses", "the proxy wants a sign-in before it connects to the vault (407)"),
    any(Fault::TlsIntercepted, "tls-intercepted", "the vault's TLS is re-signed by an authority nobody trusts"),
    any(Fault::ClockSkew, "clock-skew", "this machine's clock is two hours behind Azure's"),
];

const fn any(fault: Fault, name: &'static str, help: &'static str) -> FaultRow {
    on(&[], fault, name, help)
}

const fn on(hosts: &'static [EmulatedHost], fault: Fault, name: &'static str, help: &'static str) -> FaultRow {
    FaultRow { fault, name, help, hosts }
}

/// Returns the row of a fault.
pub(super) fn row(fault: Fault) -> &'static FaultRow {
    TABLE.iter().find(|row| row.fault == fault).expect("a test proves that every fault has a row")
}

impl Fault {
    /// Returns the name for `--fault`.
    pub fn name(self) -> &'static str {
        row(self).name
    }

    /// Returns the description.
    pub fn help(self) -> &'static str {
        row(self).help
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = String;

    /// Parses a name of the table.
    fn from_str(name: &str) -> Result<Fault, String> {
        TABLE.iter().find(|row| row.name == name).map(|row| row.fault).ok_or_else(|| {
            let names: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
            format!("there is no fault '{name}'; there are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_one_row_and_its_name_parses() {
        // `ClockSkew` has to be the last variant.
        assert_eq!(TABLE.len(), Fault::ClockSkew as usize + 1);
        for row in TABLE {
            assert_eq!(row.name.parse::<Fault>().unwrap(), row.fault);
            assert_eq!(TABLE.iter().filter(|other| other.fault == row.fault).count(), 1, "{}", row.name);
        }
        assert!("nope".parse::<Fault>().unwrap_err().contains("no-identity"));
    }
}
