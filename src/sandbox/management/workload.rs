//! The workload: its resource and its system-assigned identity.

use serde_json::{Value, json};

use super::reply::{id, not_found, unknown, version};
use super::{cluster, compute, container_app, container_group, identity, site};
use crate::sandbox::{
    azure::Azure,
    message::{HttpReply, HttpRequest},
    names,
    workload::EmulatedWorkload,
};

/// Answers a request for a resource of a type. Only the workload of the plan exists.
pub(super) fn answer(
    azure: &Azure,
    request: &HttpRequest,
    kind: &str,
    name: &str,
    rest: &[&str],
) -> Result<Value, HttpReply> {
    let row = azure.plan.workload.map(EmulatedWorkload::row);
    let row = row.filter(|row| row.resource.eq_ignore_ascii_case(kind) && name == row.name_of_resource());
    let row = row.ok_or_else(|| not_found(kind, name))?;
    let resource = id(row.resource, row.name_of_resource());
    let versions = match row.workload {
        EmulatedWorkload::AppService | EmulatedWorkload::Functions => site::VERSIONS,
        EmulatedWorkload::ContainerApp | EmulatedWorkload::ContainerAppsJob => container_app::VERSIONS,
        EmulatedWorkload::VirtualMachine | EmulatedWorkload::ScaleSet => compute::VERSIONS,
        EmulatedWorkload::ContainerInstance => container_group::VERSIONS,
        EmulatedWorkload::Pod | EmulatedWorkload::BoundPod => cluster::VERSIONS,
    };
    match rest {
        [] => {
            version(request, versions)?;
            Ok(json!({
                "id": resource,
                "name": name,
                "type": row.resource,
                "kind": site::variant(row.workload),
                "location": names::REGION,
                "identity": if row.workload.is_pod() { Value::Null } else { identity::block(azure) },
                "properties": match row.workload {
                    EmulatedWorkload::AppService | EmulatedWorkload::Functions => site::properties(),
                    EmulatedWorkload::ContainerApp | EmulatedWorkload::ContainerAppsJob => container_app::properties(azure),
                    EmulatedWorkload::VirtualMachine => compute::machine(),
                    EmulatedWorkload::ScaleSet => compute::scale_set(),
                    EmulatedWorkload::ContainerInstance => container_group::properties(),
                    EmulatedWorkload::Pod | EmulatedWorkload::BoundPod => cluster::properties(azure),
                },
            }))
        }
        ["providers", "microsoft.managedidentity", "identities", "default"] => {
            identity::default_of(azure, request, &resource)
        }
        ["config", "configreferences", "appsettings"] if row.resource == site::KIND => {
            version(request, versions)?;
            Ok(json!({ "id": null, "nextLink": null, "value": [site::reference(azure)] }))
        }
        ["identitybindings"] if row.workload.is_pod() => {
            version(request, versions)?;
            Ok(json!({ "value": cluster::identity_bindings(azure) }))
        }
        _ => Err(unknown()),
    }
}
