//! Formats the identities of a workload (`azfob whoami --for`).

use serde_json::{Value, json};

use crate::azure_resource_manager::resource_id::ResourceId;
use crate::azure_resource_manager::workload::{AssignedIdentity, Workload};
use crate::host::Host;
use crate::redact::sanitize_line;

/// Formats a summary line, and the IDs of each identity.
pub fn text(workload: &Workload) -> String {
    let count = match workload.identities.len() {
        0 => "no managed identity".to_owned(),
        1 => "1 managed identity".to_owned(),
        count => format!("{count} managed identities"),
    };
    let mut text = sanitize_line(&format!("{}: {count}", host_label(&workload.host())));
    text.push('\n');
    for one in &workload.identities {
        text.push_str(&format!("\n{}\n", sanitize_line(one.label())));
        let facts = [
            ("object ID", Some(one.object_id.as_str())),
            ("client ID", one.client_id.as_deref()),
            ("tenant", one.tenant.as_deref()),
            ("resource ID", one.resource_id.as_deref()),
        ];
        for (name, value) in facts.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            text.push_str(&format!("  {name:12}  {}\n", sanitize_line(value)));
        }
    }
    text
}

/// `virtual machine scale set 'my-set' in resource group 'my-group'`.
pub(super) fn host_label(host: &Host) -> String {
    let (kind, name) = match &host.scale_set {
        Some(set) if host.name.is_none() => ("virtual machine scale set", Some(set)),
        _ => (host.kind.label(), host.name.as_ref()),
    };
    let name = name.map(|name| format!(" '{name}'")).unwrap_or_default();
    let group = host.resource_group.as_ref().map(|group| format!(" in resource group '{group}'")).unwrap_or_default();
    let space = host.namespace.as_ref().map(|name| format!(" in namespace '{name}'")).unwrap_or_default();
    format!("{kind}{name}{group}{space}")
}

/// The JSON shape of `azfob whoami --for APP -o json`.
pub fn json(workload: &Workload) -> Value {
    json!({
        "resourceId": workload.id.as_ref().filter(|_| workload.pod.is_none()).map(ResourceId::as_str),
        "kind": workload.kind.as_json(),
        "name": workload.name(),
        "namespace": workload.pod.as_ref().map(|pod| &pod.namespace),
        "resourceGroup": workload.host().resource_group,
        "identities": workload.identities.iter().map(identity).collect::<Vec<_>>(),
    })
}

/// Formats an identity as JSON.
pub fn identity(identity: &AssignedIdentity) -> Value {
    let is_user_assigned = identity.resource_id.is_some();
    json!({
        "identityType": identity.kind().as_json(),
        "name": is_user_assigned.then(|| identity.label()),
        "tenantId": identity.tenant,
        "objectId": identity.object_id,
        "clientId": identity.client_id,
        "managedIdentityResourceId": identity.resource_id,
    })
}
