//! What is done at a host: its managed identities.

use crate::credential::{IdKind, ManagedIdentityId};
use crate::host::{Host, HostKind};

use super::{Shell, is_plain, word};

/// Gives the host an identity, by the command for its kind.
pub(in crate::diagnosis) fn enable_identity(host: &Host) -> Vec<String> {
    let group = |list: &str, name: &str| match &host.resource_group {
        Some(group) => word(group),
        None => format!("\"$(az {list} list --query \"[?name=='{name}'].resourceGroup\" -o tsv)\""),
    };
    let with_name = |command: &str, extra: &str| {
        host.name.as_deref().filter(|name| is_plain(name)).map(|name| {
            let list = command.split(' ').next().unwrap_or(command);
            format!("az {command} identity assign --name {} --resource-group {}{extra}", word(name), group(list, name))
        })
    };
    let command = match host.kind {
        HostKind::AppService => with_name("webapp", ""),
        HostKind::FunctionApp => with_name("functionapp", ""),
        HostKind::ContainerApp => with_name("containerapp", " --system-assigned"),
        // A machine of a scale set has the set's identities.
        HostKind::VirtualMachine if host.scale_set.is_some() => {
            let set = Host { name: host.scale_set.clone(), scale_set: None, ..host.clone() };
            return enable_identity(&set)
                .into_iter()
                .map(|command| command.replacen("az vm ", "az vmss ", 1))
                .collect();
        }
        HostKind::VirtualMachine if host.name.is_some() => with_name("vm", ""),
        HostKind::VirtualMachine => Some(format!(
            "az vm identity assign --name {} --resource-group {}",
            metadata("name"),
            metadata("resourceGroupName")
        )),
        _ => None,
    };
    command.into_iter().collect()
}

/// A virtual machine's own word for itself, asked for where the command is run: on that machine.
fn metadata(field: &str) -> String {
    format!(
        "\"$(curl -s --noproxy '*' -H Metadata:true \
         'http://169.254.169.254/metadata/instance/compute/{field}?api-version=2021-02-01&format=text')\""
    )
}

/// Gives the host the identity that was asked for.
pub(in crate::diagnosis) fn assign_identity(host: &Host, id: &ManagedIdentityId, shell: Shell) -> Vec<String> {
    let resource = match id.kind {
        IdKind::Resource => word(&id.value),
        IdKind::Client => format!("\"$(az identity list --query \"[?clientId=='{}'].id\" -o tsv)\"", id.value),
        IdKind::Object => format!("\"$(az identity list --query \"[?principalId=='{}'].id\" -o tsv)\"", id.value),
    };
    let flag = match host.kind {
        HostKind::ContainerApp => "--user-assigned",
        _ => "--identities",
    };
    enable_identity(host)
        .into_iter()
        .map(|command| {
            shell.with_paths(format!("{} {flag} {resource}", command.trim_end_matches(" --system-assigned")))
        })
        .collect()
}

/// Lists the identities of the host, so that one can be named.
pub(in crate::diagnosis) fn list_identities(host: &Host) -> Vec<String> {
    let query = "--query userAssignedIdentities";
    enable_identity(host)
        .into_iter()
        .map(|command| {
            format!(
                "{} {query}",
                command.replace("identity assign", "identity show").trim_end_matches(" --system-assigned")
            )
        })
        .collect()
}

/// Joins the group that may read the keys of Azure Arc's agent
/// (<https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication#prerequisites>).
pub(in crate::diagnosis) fn read_arc_keys() -> Vec<String> {
    if cfg!(unix) { vec!["sudo usermod -aG himds \"$USER\"".to_owned()] } else { Vec::new() }
}

/// Asks the metadata service about the machine, past any proxy, and says how long that takes.
pub(in crate::diagnosis) fn show_metadata() -> Vec<String> {
    let url = "http://169.254.169.254/metadata/instance/compute/name?api-version=2021-02-01&format=text";
    vec![format!("curl -s --noproxy '*' -H Metadata:true -w ' in %{{time_total}} s\\n' '{url}'")]
}
