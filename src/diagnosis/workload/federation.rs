//! Explains whether Entra ID accepts the token of a pod: its variables, its service account, and the federated credential of
//! its identity
//! (<https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations>).

use crate::azure_resource_manager::error::ManagementError;
use crate::azure_resource_manager::kubernetes_clusters::IdentityBinding;
use crate::azure_resource_manager::resource_id::ResourceId;
use crate::azure_resource_manager::user_assigned::FederatedCredential;
use crate::azure_resource_manager::workload::AssignedIdentity;
use crate::env;
use crate::error::exit_code;
use crate::kubernetes::error::{KubectlError, KubectlErrorKind};
use crate::kubernetes::pod::{Pod, ServiceAccount};
use crate::token::Claims;

use super::super::context::{Context, PodSetup};
use super::super::table::{Row, aadsts, federation, identity, identity_binding};
use super::step::{Step, StepRefusal};

/// The code of Entra ID for an identity without federated credentials.
const NO_CREDENTIAL: u32 = 70_025;
/// The code for a client ID that does not exist in the tenant.
const OTHER_TENANT: u32 = 700_016;

/// What is known about a pod, and about the identity that its client ID names.
pub struct PodFacts {
    pub pod: Pod,
    pub account: Result<ServiceAccount, KubectlError>,
    /// The client ID that it signs in with, if it is known.
    pub client_id: Option<String>,
    /// The issuer of the cluster's tokens, or why it is not known.
    pub issuer: Result<String, String>,
    /// The federated credentials of the identity. `None` if the identity was not found.
    pub credentials: Option<Result<Vec<FederatedCredential>, ManagementError>>,
    /// The AKS cluster, if it was found.
    pub cluster: Option<ResourceId>,
    /// The identity bindings of the cluster. `None` if the pod uses none, or the cluster was not found.
    pub bindings: Option<Result<Vec<IdentityBinding>, ManagementError>>,
}

impl PodFacts {
    /// Returns the claims of the pod's token that a federated credential must match.
    pub fn assertion(&self) -> Claims {
        Claims {
            iss: self.issuer.clone().ok(),
            sub: Some(self.pod.subject()),
            aud: self.pod.container.audience.clone(),
            ..Claims::default()
        }
    }

    /// Returns the client ID that it signs in with, or else the annotated one.
    pub(super) fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref().or_else(|| self.account.as_ref().ok()?.client_id())
    }

    /// Returns the names that `--redact` shortens, apart from the pod's own.
    pub fn names(&self) -> Vec<String> {
        let credentials = self.credentials.iter().flatten().flatten().map(|one| one.name.clone());
        let bindings = self.bindings.iter().flatten().flatten().map(|one| one.name.clone());
        let cluster = self.cluster.iter().flat_map(|id| [id.name().to_owned(), id.resource_group().to_owned()]);
        credentials.chain(bindings).chain(cluster).chain([self.pod.service_account.clone()]).collect()
    }

    /// Returns the variables that are missing. An option can name the client ID.
    fn missing(&self) -> Vec<&'static str> {
        let is_named = |name: &str| name == env::AZURE_CLIENT_ID && self.client_id.is_some();
        self.pod.container.missing().into_iter().filter(|name| !is_named(name)).collect()
    }

    /// Returns what was not read, for the report.
    pub(super) fn not_read(&self) -> Vec<String> {
        let issuer = self.issuer.as_ref().err().map(|error| format!("the issuer of the cluster: {error}"));
        let account = self.account.as_ref().err().filter(|error| error.kind != KubectlErrorKind::NotFound);
        let account = account.map(|error| format!("the service account: {error}"));
        issuer.into_iter().chain(account).collect()
    }

    /// Checks the steps until Entra ID issues a token.
    pub(super) fn step(&self, identity: Option<&AssignedIdentity>, context: &Context) -> Step {
        let container = &self.pod.container;
        if !self.missing().is_empty() {
            return self.incomplete(context);
        }
        if matches!(&self.account, Err(error) if error.kind == KubectlErrorKind::NotFound) {
            let (account, namespace) = (&self.pod.service_account, &self.pod.id.namespace);
            let message =
                format!("the namespace {namespace} has no service account '{account}', so the pod gets no token");
            let context = Context { pod_setup: PodSetup::NoServiceAccount, ..context.clone() };
            return refused(federation::TOKEN_FILE, message, Vec::new(), &context);
        }
        if container.is_bound {
            return self.bound(context);
        }
        let Some(identity) = identity else { return self.no_identity(context) };
        if identity.is_principal {
            let reason =
                "Microsoft Graph has the federated credentials of app registrations, and azfob does not use it";
            return Step::NotKnown(reason.to_owned());
        }
        if let (Some(pod), Some(own)) = (container.tenant.value(), &identity.tenant)
            && !pod.eq_ignore_ascii_case(own)
        {
            let message = format!("the identity is in the tenant {own}, and AZURE_TENANT_ID is {pod}");
            return refused(code(OTHER_TENANT), message, Vec::new(), context);
        }
        match &self.credentials {
            Some(Ok(credentials)) => self.compare(credentials, identity.label(), context),
            Some(Err(error)) => Step::NotKnown(format!("the federated credentials: {error}")),
            None => Step::NotKnown("the federated credentials were not read".to_owned()),
        }
    }

    /// Explains why the pod lacks variables.
    fn incomplete(&self, context: &Context) -> Step {
        let Pod { container, service_account, is_labelled, .. } = &self.pod;
        let missing = self.missing();
        if container.has_unread {
            let names = missing.join(", ");
            return Step::NotKnown(format!("{names} can come from a ConfigMap or a Secret, which azfob does not read"));
        }
        let verb = if missing.len() == 1 { "is" } else { "are" };
        let message = format!("{} {verb} not set in the container '{}'", missing.join(", "), container.name);
        let annotated = self.account.as_ref().ok().and_then(ServiceAccount::client_id);
        let mut details = Vec::new();
        if !is_labelled {
            details.push("the pod has no label azure.workload.identity/use: \"true\"".to_owned());
        }
        match &self.account {
            Ok(_) if annotated.is_none() => details.push(format!(
                "the service account '{service_account}' has no annotation azure.workload.identity/client-id"
            )),
            Err(error) if error.kind == KubectlErrorKind::NotFound => {
                details.push(format!("the service account '{service_account}' does not exist"));
            }
            _ => {}
        }
        let mut context = context.clone();
        if *is_labelled && !details.is_empty() {
            context.pod_setup = PodSetup::NotAnnotated;
        }
        if details.is_empty() {
            context.pod_setup = PodSetup::NotInjected;
            details.push(
                "label and annotation are there: the pod is older than them, or the webhook did not run".to_owned(),
            );
        }
        let refusal = StepRefusal {
            row: federation::FEDERATION_INCOMPLETE,
            message,
            details,
            context,
            exit_code: exit_code::UNAVAILABLE,
        };
        Step::Refused(Box::new(refusal))
    }

    /// Returns the step for a client ID that names no identity that was found.
    fn no_identity(&self, context: &Context) -> Step {
        let Some(id) = &self.client_id else {
            let reason = "AZURE_CLIENT_ID comes from a ConfigMap or a Secret, which azfob does not read";
            return Step::NotKnown(reason.to_owned());
        };
        Step::Depends(Box::new(StepRefusal {
            row: identity::OBJECT_ID_NEEDED,
            message: format!("no user-assigned identity with the client ID {id} was found"),
            details: Vec::new(),
            context: context.clone(),
            exit_code: exit_code::UNAUTHENTICATED,
        }))
    }

    /// Explains whether a pod with an AKS identity binding has a token. It does not use federated credentials.
    fn bound(&self, context: &Context) -> Step {
        const USE: &str =
            "DefaultAzureCredential does not use the binding; WorkloadIdentityCredential has an option for it";
        let container = &self.pod.container;
        let is_own = |one: &&IdentityBinding| {
            one.client_id().zip(self.client_id.as_deref()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
        };
        let own = self.bindings.as_ref().map(|read| read.as_ref().map(|all| all.iter().find(is_own)));
        let context = Context { pod_setup: PodSetup::Bound, ..context.clone() };
        match own {
            Some(Ok(None)) => {
                let (Some(cluster), Some(id)) = (&self.cluster, &self.client_id) else {
                    return Step::NotKnown("the client ID of the pod is not known".to_owned());
                };
                let message = format!("the cluster {} has no identity binding for the client ID {id}", cluster.name());
                refused(identity_binding::MISSING, message, vec![USE.to_owned()], &context)
            }
            _ if !container.uses_binding => {
                let message = match own {
                    Some(Ok(Some(binding))) => format!("the pod has the identity binding '{}'", binding.name),
                    _ => "the pod has an identity binding".to_owned(),
                };
                refused(identity_binding::NOT_USED, message, vec![USE.to_owned()], &context)
            }
            _ if container.has_two_authorities => {
                let message = format!("both are set in the container '{}'", container.name);
                refused(identity_binding::TWO_AUTHORITIES, message, Vec::new(), &context)
            }
            Some(Err(error)) => Step::NotKnown(format!("the identity bindings of the cluster: {error}")),
            None => Step::NotKnown("the AKS cluster of the pod was not found".to_owned()),
            Some(Ok(Some(_))) => Step::NotKnown(
                "azfob does not read whether a ClusterRole allows the pod the verb use-managed-identity".to_owned(),
            ),
        }
    }

    /// Compares the pod's token with each federated credential, character by character.
    fn compare(&self, credentials: &[FederatedCredential], label: &str, context: &Context) -> Step {
        let Claims { iss, sub, aud, .. } = self.assertion();
        let (subject, audience) = (sub.unwrap_or_default(), aud);
        let differences = |one: &FederatedCredential| {
            let own = one.subject.as_deref();
            [
                iss.as_deref().and_then(|issuer| difference("issuer", issuer, &one.issuer)),
                own.and_then(|own| difference("subject", &subject, own)),
                audience.as_deref().and_then(|audience| difference("audience", audience, &one.audience)),
            ]
        };
        // The credential with the fewest differences is the one that was meant.
        let compared = credentials.iter().map(|one| (one, differences(one)));
        let nearest = compared.min_by_key(|(_, differences)| differences.iter().flatten().count());
        let Some((nearest, differences)) = nearest else {
            let message = format!("{label} has no federated credential");
            return refused(code(NO_CREDENTIAL), message, Vec::new(), context);
        };
        let mut found = differences.into_iter().flatten();
        let Some(first) = found.next() else {
            return match (&iss, &audience, &nearest.subject) {
                (Some(_), Some(_), Some(_)) => Step::Allowed(format!("the federated credential '{}'", nearest.name)),
                (None, ..) => Step::NotKnown("the issuer of the cluster is not known".to_owned()),
                (_, None, _) => Step::NotKnown("the audience of the token is not known".to_owned()),
                (.., None) => Step::NotKnown(format!("the expression of the federated credential '{}'", nearest.name)),
            };
        };
        let message = format!("credential '{}' of {label}", nearest.name);
        let details = std::iter::once(first.text()).chain(found.map(|other| other.text())).collect();
        refused(code(first.code), message, details, context)
    }
}

/// The first difference between a claim of the token and a federated credential.
struct Difference {
    what: &'static str,
    /// The code of Entra ID for it.
    code: u32,
    token: String,
    credential: String,
    /// The number of the first character that differs, from 1.
    at: usize,
}

/// Compares a claim. Entra ID compares with case and without trimming.
fn difference(what: &'static str, token: &str, credential: &str) -> Option<Difference> {
    if token == credential {
        return None;
    }
    let code = match what {
        "issuer" => 700_211,
        "audience" => 700_212,
        _ if token.eq_ignore_ascii_case(credential) => 7_002_138,
        _ => 700_213,
    };
    let same = token.chars().zip(credential.chars()).take_while(|(a, b)| a == b).count();
    Some(Difference { what, code, token: token.to_owned(), credential: credential.to_owned(), at: same + 1 })
}

impl Difference {
    /// `issuer, character 10: https://x/ in the token, https://x in the credential`, with the text around the difference.
    fn text(&self) -> String {
        const AROUND: usize = 12;
        let around = |text: &str| {
            let start = self.at.saturating_sub(AROUND + 1);
            let shown: String = text.chars().skip(start).take(2 * AROUND).collect();
            let (before, after) = (start > 0, text.chars().count() > start + 2 * AROUND);
            format!("{}{shown}{}", if before { "…" } else { "" }, if after { "…" } else { "" })
        };
        let (token, credential) = (around(&self.token), around(&self.credential));
        format!("{}, character {}: {token} in the token, {credential} in the credential", self.what, self.at)
    }
}

/// Returns the row of a code. A test reads each of them.
fn code(code: u32) -> &'static Row {
    aadsts::row(code).unwrap_or(federation::TOKEN_FILE)
}

fn refused(row: &'static Row, message: String, details: Vec<String>, context: &Context) -> Step {
    let context = context.clone();
    Step::Refused(Box::new(StepRefusal { row, message, details, context, exit_code: exit_code::UNAUTHENTICATED }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_difference_is_named_with_its_code() {
        let of = |what, token, credential| difference(what, token, credential).map(|found| (found.code, found.at));
        assert_eq!(of("issuer", "https://x/a/", "https://x/a/"), None);
        assert_eq!(of("issuer", "https://x/a/", "https://x/a"), Some((700_211, 12)));
        assert_eq!(of("subject", "a:b:Web", "a:b:web"), Some((7_002_138, 5)));
        assert_eq!(of("subject", "a:b:web", "a:c:web"), Some((700_213, 3)));
        assert_eq!(of("audience", "api://a", "api://a "), Some((700_212, 8)));
        let text = difference("issuer", "https://x/", "https://x").unwrap().text();
        assert_eq!(text, "issuer, character 10: https://x/ in the token, https://x in the credential");
        let long = |end| format!("system:serviceaccount:namespace:{end}-of-my-application");
        let text = difference("subject", &long("Web"), &long("web")).unwrap().text();
        let expected = "subject, character 33: …t:namespace:Web-of-my-ap… in the token, …t:namespace:web-of-my-ap… in the credential";
        assert_eq!(text, expected);
        for number in [NO_CREDENTIAL, OTHER_TENANT, 700_211, 700_212, 700_213, 7_002_138] {
            assert_eq!(code(number).code, format!("AADSTS{number}"));
        }
    }
}
