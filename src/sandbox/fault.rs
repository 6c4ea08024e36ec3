//! The faults of `--fault`: a table with the name, the description and the hosts of each.
//!
//! To add a fault, add its line here. Then implement it: in `staging` if it is a rule or changes the plan,
//! else in its service (`plan.has(Fault::...)`).

use std::{fmt, str::FromStr};

use super::host::kind::EmulatedHost::{self, *};

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
    /// True if Azure Resource Manager shows the fault of a workload, and the workload itself notices it too.
    pub is_shown_by_management: bool,
}

const METADATA: &[EmulatedHost] = &[AppService, Functions, ContainerApps, Imds];
const IMDS: &[EmulatedHost] = &[Imds];
const SIGNED_IN: &[EmulatedHost] = &[AzureCli, AzurePowershell, AzureDeveloperCli, VisualStudio, AzureMl];
const TOOLS: &[EmulatedHost] = &[AzureCli, AzurePowershell, AzureDeveloperCli, VisualStudio];
const POWERSHELL: &[EmulatedHost] = &[AzurePowershell];
const BROWSER: &[EmulatedHost] = &[Browser];
const SERVICE_PRINCIPAL: &[EmulatedHost] = &[ServicePrincipal];
const FEDERATED: &[EmulatedHost] = &[WorkloadIdentity, GithubActions, AzurePipelines, GitLab, CircleCi, Buildkite];
const JOBS: &[EmulatedHost] = &[GithubActions, AzurePipelines];
const BOUND: &[EmulatedHost] = &[IdentityBinding];
const POD: &[EmulatedHost] = &[WorkloadIdentity];
const AZ: &[EmulatedHost] = &[AzureCli];
/// Hosts with credentials for several tenants. A managed identity has only one.
const MANY_TENANTS: &[EmulatedHost] = &[
    WorkloadIdentity,
    GithubActions,
    AzurePipelines,
    ServicePrincipal,
    AzureCli,
    AzurePowershell,
    AzureDeveloperCli,
    VisualStudio,
    Browser,
];
const CONTAINER_APPS: &[EmulatedHost] = &[ContainerApps];

/// Defines the faults, and the tables of their rows.
macro_rules! faults {
    ($($(#[$doc:meta])* $table:ident {
        $($fault:ident $name:literal $($hosts:ident)?: $help:literal $(=> $shown:ident)?;)*
    })*) => {
        /// A fault that the sandbox simulates.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fault {
            $($(#[doc = $help] $fault,)*)*
        }

        $($(#[$doc])*
        pub const $table: &[FaultRow] = &[$(FaultRow {
            fault: Fault::$fault,
            name: $name,
            help: $help,
            hosts: faults!(@hosts $($hosts)?),
            is_shown_by_management: faults!(@shown $($shown)?),
        },)*];)*
    };
    (@hosts) => { &[] };
    (@hosts $hosts:ident) => { $hosts };
    (@shown) => { false };
    (@shown shown_by_management) => { true };
}

faults! {
    /// All faults, in the order of a request: sign-in, access, secret, network.
    TABLE {
        NoIdentity "no-identity": "no managed identity is enabled, or no account is signed in" => shown_by_management;
        MultipleIdentities "multiple-identities" METADATA:
            "two user-assigned identities, no system-assigned one" => shown_by_management;
        NotImds "not-imds" IMDS: "another web server answers 403 at the metadata address";
        ExpiredLogin "expired-login" SIGNED_IN:
            "the sign-in of the tool (AADSTS700082) or of the compute's user has expired";
        Mfa "mfa" TOOLS: "multi-factor authentication (MFA) is required (AADSTS50076)";
        NoTool "no-tool" TOOLS: "the tool is not installed, unless this machine has its own on PATH";
        NoModule "no-module" POWERSHELL: "PowerShell does not have the module Az.Accounts";
        SlowTool "slow-tool" TOOLS: "the tool does not respond for ten minutes";
        Garbage "garbage" TOOLS: "the tool prints other text in place of a token";
        SignInCancelled "sign-in-cancelled" BROWSER: "the user cancels the sign-in (access_denied)";
        WrongState "wrong-state" BROWSER: "the browser brings back the response to another sign-in";
        ConsentRequired "consent-required" BROWSER: "consent to the application is missing (AADSTS65001)";
        RedirectUri "redirect-uri" BROWSER:
            "the redirect URI is not registered (AADSTS50011); Entra ID shows it in the browser";
        WrongSecret "wrong-secret" SERVICE_PRINCIPAL: "AZURE_CLIENT_SECRET is wrong (AADSTS7000215)";
        ExpiredAssertion "expired-assertion" FEDERATED: "the federated token has expired (AADSTS700024)";
        ImmutableSubject "immutable-subject" JOBS:
            "the job's token has the newer form of subject, with IDs; it still signs in";
        BindingNotUsed "binding-not-used" BOUND:
            "AZFOB_IDENTITY_BINDING is not set: the chain sends the pod's token to Entra ID (AADSTS700212)"
            => shown_by_management;
        BindingRefused "binding-refused" BOUND: "403: no ClusterRole allows the pod to use the identity";
        BindingCa "binding-ca" BOUND: "AZURE_KUBERNETES_CA_FILE has the CA of another cluster";
        BindingSni "binding-sni" BOUND: "AZURE_KUBERNETES_SNI_NAME is not the name of the token proxy";
        BindingTwoCas "binding-two-cas" BOUND:
            "AZURE_KUBERNETES_CA_DATA is set, beside the CA file" => shown_by_management;
        NotInjected "not-injected" POD: "the workload identity webhook did not change the pod" => shown_by_management;
        NoAnnotation "no-annotation" POD:
            "the service account has no annotation with a client ID" => shown_by_management;
        NoServiceAccount "no-service-account" POD:
            "the service account of the pod does not exist" => shown_by_management;
        OtherIdentity "other-identity" POD:
            "the service account names an identity that does not trust it (AADSTS70025)" => shown_by_management;
        NoFederation "no-federation" POD:
            "the identity has no federated credential (AADSTS70025)" => shown_by_management;
        IssuerSlash "issuer-slash" POD:
            "the issuer of the federated credential lacks the final slash (AADSTS700211)" => shown_by_management;
        SubjectCase "subject-case" POD:
            "the subject of the federated credential differs in case only (AADSTS7002138)" => shown_by_management;
        OtherNamespace "other-namespace" POD:
            "the subject of the federated credential has another namespace (AADSTS700213)" => shown_by_management;
        OtherAudience "other-audience" POD:
            "the token of the pod has another audience (AADSTS700212)" => shown_by_management;
        Forbidden "forbidden": "403: the identity has no role on the vault" => shown_by_management;
        Shadowed "shadowed" AZ: "403: EnvironmentCredential, without a role, takes precedence over az login";
        Reader "reader": "403 on values: the identity has only the role Key Vault Reader" => shown_by_management;
        OtherScope "other-scope": "403: the role is assigned on another vault" => shown_by_management;
        OtherSecret "other-secret": "403: the role is assigned on another secret" => shown_by_management;
        EligibleRole "eligible-role":
            "403: the role is eligible in Privileged Identity Management, not active" => shown_by_management;
        DenyAssignment "deny-assignment": "403: a deny assignment applies" => shown_by_management;
        SecretsUser "secrets-user": "403 on certificates: the identity has only the role Key Vault Secrets User";
        AccessPolicy "access-policy":
            "403: the vault uses access policies, none for the identity" => shown_by_management;
        PolicyApplication "policy-application":
            "403: the access policy names an application (applicationId)" => shown_by_management;
        AllowedByPolicy "allowed-by-policy": "the vault uses access policies, and one allows the identity to read";
        Firewall "firewall": "403: the vault firewall does not allow the client address" => shown_by_management;
        PrivateLink "private-link": "403: public network access is disabled on the vault" => shown_by_management;
        Perimeter "perimeter":
            "403: an enforced network security perimeter has no rule for the address" => shown_by_management;
        SigningKeyOnce "signing-key-once": "401: the vault does not find the token's signing key, twice (AKV10046)";
        SigningKey "signing-key": "401: the vault never finds the token's signing key (AKV10046)";
        Revoked "revoked": "401: the session was revoked; the vault sends a claims challenge";
        WrongTenant "wrong-tenant": "401: the vault tenant does not know the identity" => shown_by_management;
        Guest "guest" MANY_TENANTS: "the vault is in another tenant, which must issue the token";
        OldApi "old-api": "400: the newest API version of the vault is 7.1, as on Azure Stack Hub";
        NotFound "not-found": "404: the vault is empty" => shown_by_management;
        SoftDeleted "soft-deleted": "404: every secret is soft-deleted";
        Disabled "disabled": "403: every secret is disabled" => shown_by_management;
        Expired "expired": "every secret has expired; the vault still returns it" => shown_by_management;
        NotYetValid "not-yet-valid": "no secret is valid yet; the vault still returns it" => shown_by_management;
        Throttled "throttled": "429: the vault refuses all reads, or those above --limit";
        Flaky "flaky": "one vault answer in ten is a 503, a 429, incomplete or missing";
        Unreachable "unreachable": "the proxy cannot connect to the vault";
        ProxyRefuses "proxy-refuses": "the proxy requires authentication (407)";
        TlsIntercepted "tls-intercepted": "a TLS-inspecting proxy replaces the certificate of the vault";
        ClockSkew "clock-skew": "the clock of this machine is two hours slow";
    }

    /// The faults that only Azure Resource Manager shows, so that they require `--workload`: the vault answers as if there
    /// were none, or not at all.
    OF_WORKLOADS {
        WrongIdentity "wrong-identity" CONTAINER_APPS: "AZURE_CLIENT_ID names the identity without a role";
        NoBinding "no-binding" BOUND: "the AKS cluster has no identity binding for the identity of the pod";
        GroupRole "group-role": "the role is assigned to a group with the identity";
        RoleCondition "role-condition": "the role assignment has a condition";
        IdentityLifecycle "identity-lifecycle" CONTAINER_APPS: "only init containers have the identity";
        VaultDeleted "vault-deleted": "the vault is soft-deleted";
    }
}

/// Returns the rows of all faults.
pub fn all() -> impl Iterator<Item = &'static FaultRow> {
    TABLE.iter().chain(OF_WORKLOADS)
}

/// Returns the row of a fault.
pub(super) fn row(fault: Fault) -> &'static FaultRow {
    all().find(|row| row.fault == fault).expect("the table defines the faults")
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
        row(self).is_shown_by_management
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
    fn every_name_parses() {
        for row in all() {
            assert_eq!(row.name.parse::<Fault>().unwrap(), row.fault);
        }
        assert!("nope".parse::<Fault>().unwrap_err().contains("no-identity"));
    }
}
