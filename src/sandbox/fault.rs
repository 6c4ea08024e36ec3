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
    NotImds,
    ExpiredLogin,
    Mfa,
    NoTool,
    NoModule,
    SlowTool,
    Garbage,
    SignInCancelled,
    WrongState,
    ConsentRequired,
    RedirectUri,
    WrongSecret,
    ExpiredAssertion,
    ImmutableSubject,
    BindingNotUsed,
    BindingRefused,
    BindingCa,
    BindingSni,
    BindingTwoCas,
    NotInjected,
    NoAnnotation,
    NoServiceAccount,
    OtherIdentity,
    NoFederation,
    IssuerSlash,
    SubjectCase,
    OtherNamespace,
    OtherAudience,
    Forbidden,
    Shadowed,
    Reader,
    OtherScope,
    OtherSecret,
    GroupRole,
    EligibleRole,
    RoleCondition,
    DenyAssignment,
    WrongIdentity,
    NoBinding,
    IdentityLifecycle,
    SecretsUser,
    AccessPolicy,
    PolicyApplication,
    AllowedByPolicy,
    Firewall,
    PrivateLink,
    Perimeter,
    VaultDeleted,
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
const POD: &[EmulatedHost] = &[EmulatedHost::WorkloadIdentity];
const AZ: &[EmulatedHost] = &[EmulatedHost::AzureCli];
const TOOLS: &[EmulatedHost] = &[
    EmulatedHost::AzureCli,
    EmulatedHost::AzurePowershell,
    EmulatedHost::AzureDeveloperCli,
    EmulatedHost::VisualStudio,
];
const BROWSER: &[EmulatedHost] = &[EmulatedHost::Browser];
const FEDERATED: &[EmulatedHost] = &[
    EmulatedHost::WorkloadIdentity,
    EmulatedHost::GithubActions,
    EmulatedHost::AzurePipelines,
    EmulatedHost::GitLab,
    EmulatedHost::CircleCi,
    EmulatedHost::Buildkite,
];
const BOUND: &[EmulatedHost] = &[EmulatedHost::IdentityBinding];
/// Hosts with credentials for several tenants. A managed identity has only one.
const MANY_TENANTS: &[EmulatedHost] = &[
    EmulatedHost::WorkloadIdentity,
    EmulatedHost::GithubActions,
    EmulatedHost::AzurePipelines,
    EmulatedHost::ServicePrincipal,
    EmulatedHost::AzureCli,
    EmulatedHost::AzurePowershell,
    EmulatedHost::AzureDeveloperCli,
    EmulatedHost::VisualStudio,
    EmulatedHost::Browser,
];

/// All faults, in the order of a request: sign-in, access, secret, network.
pub const TABLE: &[FaultRow] = &[
    any(Fault::NoIdentity, "no-identity", "no managed identity is enabled, or no account is signed in"),
    on(
        METADATA,
        Fault::MultipleIdentities,
        "multiple-identities",
        "two user-assigned identities, no system-assigned one",
    ),
    on(&[EmulatedHost::Imds], Fault::NotImds, "not-imds", "another web server answers 403 at the metadata address"),
    on(
        &[
            EmulatedHost::AzureCli,
            EmulatedHost::AzurePowershell,
            EmulatedHost::AzureDeveloperCli,
            EmulatedHost::VisualStudio,
            EmulatedHost::AzureMl,
        ],
        Fault::ExpiredLogin,
        "expired-login",
        "the sign-in of the tool (AADSTS700082) or of the compute's user has expired",
    ),
    on(TOOLS, Fault::Mfa, "mfa", "multi-factor authentication (MFA) is required (AADSTS50076)"),
    on(TOOLS, Fault::NoTool, "no-tool", "the tool is not installed, unless this machine has its own on PATH"),
    on(
        &[EmulatedHost::AzurePowershell],
        Fault::NoModule,
        "no-module",
        "PowerShell does not have the module Az.Accounts",
    ),
    on(TOOLS, Fault::SlowTool, "slow-tool", "the tool does not respond for ten minutes"),
    on(TOOLS, Fault::Garbage, "garbage", "the tool prints other text in place of a token"),
    on(BROWSER, Fault::SignInCancelled, "sign-in-cancelled", "the user cancels the sign-in (access_denied)"),
    on(BROWSER, Fault::WrongState, "wrong-state", "the browser brings back the response to another sign-in"),
    on(BROWSER, Fault::ConsentRequired, "consent-required", "consent to the application is missing (AADSTS65001)"),
    on(
        BROWSER,
        Fault::RedirectUri,
        "redirect-uri",
        "the redirect URI is not registered (AADSTS50011); Entra ID shows it in the browser",
    ),
    on(
        &[EmulatedHost::ServicePrincipal],
        Fault::WrongSecret,
        "wrong-secret",
        "AZURE_CLIENT_SECRET is wrong (AADSTS7000215)",
    ),
    on(FEDERATED, Fault::ExpiredAssertion, "expired-assertion", "the federated token has expired (AADSTS700024)"),
    on(
        &[EmulatedHost::GithubActions, EmulatedHost::AzurePipelines],
        Fault::ImmutableSubject,
        "immutable-subject",
        "the job's token has the newer form of subject, with IDs; it still signs in",
    ),
    on(
        BOUND,
        Fault::BindingNotUsed,
        "binding-not-used",
        "AZFOB_IDENTITY_BINDING is not set: the chain sends the pod's token to Entra ID (AADSTS700212)",
    ),
    on(BOUND, Fault::BindingRefused, "binding-refused", "403: no ClusterRole allows the pod to use the identity"),
    on(BOUND, Fault::BindingCa, "binding-ca", "AZURE_KUBERNETES_CA_FILE has the CA of another cluster"),
    on(BOUND, Fault::BindingSni, "binding-sni", "AZURE_KUBERNETES_SNI_NAME is not the name of the token proxy"),
    on(BOUND, Fault::BindingTwoCas, "binding-two-cas", "AZURE_KUBERNETES_CA_DATA is set, beside the CA file"),
    on(POD, Fault::NotInjected, "not-injected", "the workload identity webhook did not change the pod"),
    on(POD, Fault::NoAnnotation, "no-annotation", "the service account has no annotation with a client ID"),
    on(POD, Fault::NoServiceAccount, "no-service-account", "the service account of the pod does not exist"),
    on(
        POD,
        Fault::OtherIdentity,
        "other-identity",
        "the service account names an identity that does not trust it (AADSTS70025)",
    ),
    on(POD, Fault::NoFederation, "no-federation", "the identity has no federated credential (AADSTS70025)"),
    on(
        POD,
        Fault::IssuerSlash,
        "issuer-slash",
        "the issuer of the federated credential lacks the final slash (AADSTS700211)",
    ),
    on(
        POD,
        Fault::SubjectCase,
        "subject-case",
        "the subject of the federated credential differs in case only (AADSTS7002138)",
    ),
    on(
        POD,
        Fault::OtherNamespace,
        "other-namespace",
        "the subject of the federated credential has another namespace (AADSTS700213)",
    ),
    on(POD, Fault::OtherAudience, "other-audience", "the token of the pod has another audience (AADSTS700212)"),
    any(Fault::Forbidden, "forbidden", "403: the identity has no role on the vault"),
    on(AZ, Fault::Shadowed, "shadowed", "403: EnvironmentCredential, without a role, takes precedence over az login"),
    any(Fault::Reader, "reader", "403 on values: the identity has only the role Key Vault Reader"),
    any(Fault::OtherScope, "other-scope", "403: the role is assigned on another vault"),
    any(Fault::OtherSecret, "other-secret", "403: the role is assigned on another secret"),
    any(
        Fault::EligibleRole,
        "eligible-role",
        "403: the role is eligible in Privileged Identity Management, not active",
    ),
    any(Fault::DenyAssignment, "deny-assignment", "403: a deny assignment applies"),
    any(
        Fault::SecretsUser,
        "secrets-user",
        "403 on certificates: the identity has only the role Key Vault Secrets User",
    ),
    any(Fault::AccessPolicy, "access-policy", "403: the vault uses access policies, none for the identity"),
    any(Fault::PolicyApplication, "policy-application", "403: the access policy names an application (applicationId)"),
    any(
        Fault::AllowedByPolicy,
        "allowed-by-policy",
        "the vault uses access policies, and one allows the identity to read",
    ),
    any(Fault::Firewall, "firewall", "403: the vault firewall does not allow the client address"),
    any(Fault::PrivateLink, "private-link", "403: public network access is disabled on the vault"),
    any(Fault::Perimeter, "perimeter", "403: an enforced network security perimeter has no rule for the address"),
    any(
        Fault::SigningKeyOnce,
        "signing-key-once",
        "401: the vault does not find the token's signing key, twice (AKV10046)",
    ),
    any(Fault::SigningKey, "signing-key", "401: the vault never finds the token's signing key (AKV10046)"),
    any(Fault::Revoked, "revoked", "401: the session was revoked; the vault sends a claims challenge"),
    any(Fault::WrongTenant, "wrong-tenant", "401: the vault tenant does not know the identity"),
    on(MANY_TENANTS, Fault::Guest, "guest", "the vault is in another tenant, which must issue the token"),
    any(Fault::OldApi, "old-api", "400: the newest API version of the vault is 7.1, as on Azure Stack Hub"),
    any(Fault::NotFound, "not-found", "404: the vault is empty"),
    any(Fault::SoftDeleted, "soft-deleted", "404: every secret is soft-deleted"),
    any(Fault::Disabled, "disabled", "403: every secret is disabled"),
    any(Fault::Expired, "expired", "every secret has expired; the vault still returns it"),
    any(Fault::NotYetValid, "not-yet-valid", "no secret is valid yet; the vault still returns it"),
    any(Fault::Throttled, "throttled", "429: the vault refuses all reads, or those above --limit"),
    any(Fault::Flaky, "flaky", "one vault answer in ten is a 503, a 429, incomplete or missing"),
    any(Fault::Unreachable, "unreachable", "the proxy cannot connect to the vault"),
    any(Fault::ProxyRefuses, "proxy-refuses", "the proxy requires authentication (407)"),
    any(Fault::TlsIntercepted, "tls-intercepted", "a TLS-inspecting proxy replaces the certificate of the vault"),
    any(Fault::ClockSkew, "clock-skew", "the clock of this machine is two hours slow"),
];

/// The faults that only Azure Resource Manager shows, so that they require `--workload`: the vault answers as if there were
/// none, or not at all.
pub const OF_WORKLOADS: &[FaultRow] = &[
    on(
        &[EmulatedHost::ContainerApps],
        Fault::WrongIdentity,
        "wrong-identity",
        "AZURE_CLIENT_ID names the identity without a role",
    ),
    on(BOUND, Fault::NoBinding, "no-binding", "the AKS cluster has no identity binding for the identity of the pod"),
    any(Fault::GroupRole, "group-role", "the role is assigned to a group with the identity"),
    any(Fault::RoleCondition, "role-condition", "the role assignment has a condition"),
    on(
        &[EmulatedHost::ContainerApps],
        Fault::IdentityLifecycle,
        "identity-lifecycle",
        "only init containers have the identity",
    ),
    any(Fault::VaultDeleted, "vault-deleted", "the vault is soft-deleted"),
];

/// The faults of a workload that Azure Resource Manager shows (`--workload`), and that the workload itself notices.
const SHOWN_BY_MANAGEMENT: &[Fault] = &[
    Fault::OtherScope,
    Fault::OtherSecret,
    Fault::EligibleRole,
    Fault::DenyAssignment,
    Fault::PolicyApplication,
    Fault::Perimeter,
    Fault::NoIdentity,
    Fault::MultipleIdentities,
    Fault::BindingNotUsed,
    Fault::BindingTwoCas,
    Fault::NotInjected,
    Fault::NoAnnotation,
    Fault::NoServiceAccount,
    Fault::OtherIdentity,
    Fault::NoFederation,
    Fault::IssuerSlash,
    Fault::SubjectCase,
    Fault::OtherNamespace,
    Fault::OtherAudience,
    Fault::Forbidden,
    Fault::Reader,
    Fault::AccessPolicy,
    Fault::Firewall,
    Fault::PrivateLink,
    Fault::WrongTenant,
    Fault::NotFound,
    Fault::Disabled,
    Fault::Expired,
    Fault::NotYetValid,
];

const fn any(fault: Fault, name: &'static str, help: &'static str) -> FaultRow {
    on(&[], fault, name, help)
}

const fn on(hosts: &'static [EmulatedHost], fault: Fault, name: &'static str, help: &'static str) -> FaultRow {
    FaultRow { fault, name, help, hosts }
}

/// Returns the rows of all faults.
pub fn all() -> impl Iterator<Item = &'static FaultRow> {
    TABLE.iter().chain(OF_WORKLOADS)
}

/// Returns the row of a fault.
pub(super) fn row(fault: Fault) -> &'static FaultRow {
    all().find(|row| row.fault == fault).expect("a test proves that every fault has a row")
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

    /// True if Azure Resource Manager shows the fault of a workload: those of its identities, of its permissions and of
    /// the vault's settings.
    pub fn is_shown_by_management(self) -> bool {
        SHOWN_BY_MANAGEMENT.contains(&self)
    }

    /// True if the fault is possible only with `--workload`.
    pub fn is_only_of_workloads(self) -> bool {
        OF_WORKLOADS.iter().any(|row| row.fault == self)
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
        all().find(|row| row.name == name).map(|row| row.fault).ok_or_else(|| {
            let names: Vec<&str> = all().map(|row| row.name).collect();
            format!("no fault '{name}'; the faults are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_one_row_and_its_name_parses() {
        // `ClockSkew` has to be the last variant.
        assert_eq!(all().count(), Fault::ClockSkew as usize + 1);
        for row in all() {
            assert_eq!(row.name.parse::<Fault>().unwrap(), row.fault);
            assert_eq!(all().filter(|other| other.fault == row.fault).count(), 1, "{}", row.name);
        }
        assert!("nope".parse::<Fault>().unwrap_err().contains("no-identity"));
    }
}
