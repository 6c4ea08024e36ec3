//! The parts of a report about a workload in Azure (`--for`).

use serde_json::{Value, json};

use super::super::workload as output;
use super::words::Detail;
use crate::azure_resource_manager::kubernetes_clusters::IdentityBinding;
use crate::diagnosis::report::{PodReport, WorkloadIdentity, WorkloadReport};

/// Returns the lines of the identities, of the references and of what was not read, each with its label.
pub(super) fn lines(workload: &WorkloadReport, detail: Detail) -> [(&'static str, Vec<String>); 4] {
    let identities = match (workload.identities.as_slice(), &workload.pod) {
        ([], Some(PodReport { client_id: Some(id), .. })) => vec![format!("client {id} was not found")],
        ([], Some(_)) => Vec::new(),
        ([], None) => vec!["none is assigned".to_owned()],
        // The finding and -v have the IDs of the others.
        (identities, _) => identities
            .iter()
            .map(|line| match detail {
                Detail::Brief if !line.is_selected => line.identity.label().to_owned(),
                // The identity of a pod is named by its client ID.
                Detail::Brief if workload.pod.is_some() => {
                    let client =
                        line.identity.client_id.as_ref().map(|id| format!(": client {id}")).unwrap_or_default();
                    format!("selected {}{client}", line.identity.label())
                }
                _ => identity(line),
            })
            .collect(),
    };
    let references = workload.references.iter().map(|one| {
        let secret = [one.vault.as_deref(), one.secret.as_deref()].map(Option::unwrap_or_default).join("/");
        let status = one.status.as_ref().map(|status| format!(": {status}")).unwrap_or_default();
        format!("{} ({secret}){status}", one.setting)
    });
    let pod = workload.pod.as_ref().filter(|_| detail == Detail::Full);
    let token = pod.map(claims).unwrap_or_default();
    let resolver = workload.reference_identity.as_deref().filter(|id| !id.eq_ignore_ascii_case("SystemAssigned"));
    let resolver = resolver.filter(|_| !workload.references.is_empty());
    let resolver = resolver.map(|id| format!("resolved with the identity {}", id.rsplit('/').next().unwrap_or(id)));
    let references = references.chain(resolver);
    let not_read = workload.not_read.iter().map(|what| format!("not read: {what}"));
    [("IDs", identities), ("Token", token), ("Refs", references.collect()), ("Note", not_read.collect())]
}

/// Returns the claims of a pod's token, and those that each federated credential accepts.
fn claims(pod: &PodReport) -> Vec<String> {
    let claims = [("subject", &pod.token.sub), ("issuer", &pod.token.iss), ("audience", &pod.token.aud)];
    let token = claims.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?)));
    let credentials = pod.credentials.iter().map(|one| {
        let subject = one.subject.as_deref().unwrap_or("an expression");
        format!("credential {}: {subject}, {}, {}", one.name, one.issuer, one.audience)
    });
    let bindings = pod.bindings.iter().map(|one| {
        let client = one.client_id().map(|id| format!(" for the client {id}")).unwrap_or_default();
        format!("identity binding {}{client}", one.name)
    });
    token.chain(credentials).chain(bindings).collect()
}

/// `selected system-assigned: object aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb`.
fn identity(line: &WorkloadIdentity) -> String {
    let selected = if line.is_selected { "selected " } else { "" };
    let one = &line.identity;
    let client = one.client_id.as_ref().map(|id| format!(", client {id}")).unwrap_or_default();
    format!("{selected}{}: object {}{client}", one.label(), one.object_id)
}

fn binding(one: &IdentityBinding) -> Value {
    json!({ "name": one.name, "clientId": one.client_id() })
}

/// Formats the workload as JSON.
pub(super) fn json(workload: &WorkloadReport) -> Value {
    let identities = workload.identities.iter().map(|line| {
        let mut one = output::identity(&line.identity);
        one["selected"] = line.is_selected.into();
        one
    });
    let references = workload.references.iter().map(|one| {
        json!({
            "setting": one.setting,
            "vault": one.vault,
            "secret": one.secret,
            "status": one.status,
            "details": one.details,
        })
    });
    let pod = workload.pod.as_ref().map(|pod| {
        let credentials = pod.credentials.iter().map(
            |one| json!({ "name": one.name, "issuer": one.issuer, "subject": one.subject, "audience": one.audience }),
        );
        json!({
            "serviceAccount": pod.service_account,
            "container": pod.container,
            "clientId": pod.client_id,
            "issuer": pod.token.iss,
            "subject": pod.token.sub,
            "audience": pod.token.aud,
            "federatedCredentials": credentials.collect::<Vec<_>>(),
            "identityBindings": pod.bindings.iter().map(binding).collect::<Vec<_>>(),
        })
    });
    json!({
        "resourceId": workload.id,
        "pod": pod,
        "readBy": workload.read_by,
        "identities": identities.collect::<Vec<_>>(),
        "keyVaultReferenceIdentity": workload.reference_identity,
        "keyVaultReferences": references.collect::<Vec<_>>(),
        "notRead": workload.not_read,
    })
}
