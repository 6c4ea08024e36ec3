//! Rows for managed identities, their endpoints, and the metadata service (IMDS).

use crate::credential::{IdKind, ManagedIdentityId};
use crate::diagnosis::context::{Context, System};
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::shell::{Shell, is_plain, output_of};
use crate::env;
use crate::host::HostKind;
use crate::token::identity::IdentityType;

use super::federation::annotate_service_account;

rows! {
    MANAGED_IDENTITY_UNAVAILABLE {
        code: "managed-identity-unavailable", error: "ManagedIdentityCredential authentication unavailable",
        cause: "Identity not enabled",
        fix: "Enable managed identity on the resource",
        source: "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview",
        weight: HostSetup, commands: enable_or_share_identity,
    }

    IDENTITY_NOT_ASSIGNED {
        code: "identity-not-assigned", error: "ManagedIdentityCredential authentication failed",
        cause: "The requested managed identity is not assigned to this host",
        fix: "Assign the identity to the host, or select one that is assigned",
        source: "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token",
        commands: assign_identity,
    }

    IDENTITY_LIFECYCLE {
        code: "identity-lifecycle", error: "ManagedIdentityCredential authentication failed",
        cause: "The identity's lifecycle setting keeps it from the main containers of the container app",
        fix: "Set the lifecycle of the identity to Main or All (properties.configuration.identitySettings)",
        source: "https://learn.microsoft.com/azure/container-apps/managed-identity#control-managed-identity-availability",
        weight: HostSetup, commands: set_lifecycle,
    }

    OBJECT_ID_NEEDED {
        code: "object-id-needed", error: "No role assignment for a client ID",
        cause: "The ID can be the client ID of an application or a system-assigned identity; Microsoft Graph has the object ID",
        fix: "Repeat the command with --object-id and the object ID of the service principal",
        source: "https://learn.microsoft.com/entra/identity-platform/app-objects-and-service-principals",
        weight: Warning, commands: find_object_id,
    }

    MULTIPLE_IDENTITIES {
        code: "multiple-identities", error: "ManagedIdentityCredential authentication unavailable",
        cause: "Multiple user-assigned identities exist, and none is selected",
        fix: "Select an identity with --client-id or AZURE_CLIENT_ID",
        source: "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq",
        weight: HostSetup, commands: list_identities,
    }

    IDENTITY_NOT_SELECTED {
        code: "identity-not-selected", error: "ManagedIdentityCredential authentication unavailable",
        cause: "Identity not enabled, or only user-assigned identities and none selected",
        fix: "Enable managed identity on the resource, or select an identity with --client-id or AZURE_CLIENT_ID",
        source: "https://learn.microsoft.com/azure/app-service/overview-managed-identity",
        weight: HostSetup, commands: |context| [list_identities(context), enable_identity(context)].concat(),
    }

    IDENTITY_ID_NOT_SUPPORTED {
        code: "identity-id-not-supported", error: "ManagedIdentityCredential authentication failed",
        cause: "This host does not support selecting a user-assigned identity by this type of ID",
        fix: "Use a type of ID that the host supports; if it supports none, omit the ID",
        source: "https://learn.microsoft.com/dotnet/api/azure.identity.managedidentityid",
        commands: find_client_id,
    }

    WORKLOAD_ID_NOT_SUPPORTED {
        code: "workload-id-not-supported", error: "WorkloadIdentityCredential authentication failed",
        cause: "Workload identity federation requires a client ID; other types of ID are not supported",
        fix: "Set --client-id to the client ID of the application or identity with the federated credential",
        source: "https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        commands: find_client_id,
    }

    IDENTITY_ENDPOINT_FAILED {
        code: "identity-endpoint-failed", error: "ManagedIdentityCredential authentication failed",
        cause: "The host's managed identity endpoint refused the request or is unavailable",
        fix: "Try again in a minute; if it still fails, restart the app or the host's agent",
        source: "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#error-handling",
        commands: restart_host,
    }

    IDENTITY_ENDPOINT_NOT_READY {
        code: "identity-endpoint-not-ready", error: "ManagedIdentityCredential authentication unavailable",
        cause: "An identity endpoint is set up, but is not accepting connections: it starts after the container",
        fix: "Try again when the app has started; init containers may have no identity endpoint",
        source: "https://learn.microsoft.com/azure/container-apps/managed-identity#limitations",
        weight: HostSetup, commands: probe_endpoint,
    }

    IDENTITY_ENDPOINT_HEADER {
        code: "identity-endpoint-header", error: "ManagedIdentityCredential authentication failed",
        cause: "The identity endpoint did not accept the secret header of the request (IDENTITY_HEADER, MSI_SECRET)",
        fix: "Update the program's identity library, and leave the endpoint's variables as the host sets them",
        source: "https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference",
        commands: probe_endpoint,
    }

    IDENTITY_ENDPOINT_THROTTLED {
        code: "identity-endpoint-throttled", error: "429 Too Many Requests from the managed identity endpoint",
        cause: "The identity endpoint or metadata service (IMDS) is throttling this host; Entra ID received no request",
        fix: "Start fewer processes at once, read several secrets with one azfob get A B C, or set AZFOB_TOKEN_CACHE=1",
        source: "https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service#rate-limiting",
        commands: |context| vec![FixCommand::local(context.shell.set(env::AZFOB_TOKEN_CACHE, "1"))],
    }

    IDENTITY_NOT_CONFIRMED {
        code: "identity-not-confirmed", error: "ManagedIdentityCredential authentication failed",
        cause: "The host returned a token without confirming that it is for the requested identity",
        fix: "Update the Azure Arc agent, or omit the ID to use the server's system-assigned identity",
        source: "https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication",
        commands: show_arc_agent,
    }

    IDENTITY_ENDPOINT_CERTIFICATE {
        code: "identity-endpoint-certificate", error: "ManagedIdentityCredential authentication failed",
        cause: "The certificate of the managed identity endpoint is not the one in IDENTITY_SERVER_THUMBPRINT",
        fix: "Restart the application to renew its variables, then check which process listens on the endpoint's port",
        source: "https://learn.microsoft.com/azure/service-fabric/how-to-managed-identity-service-fabric-app-code",
        commands: show_listeners,
    }

    ARC_KEY_DENIED {
        code: "azure-arc-key-denied", error: "ManagedIdentityCredential authentication failed",
        cause: "Permission denied: only members of the Azure Arc agent's group can read its key files",
        fix: "Run as root, or add the user to that group",
        source: "https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication",
        commands: join_arc_group,
    }

    ARC_KEY_UNSAFE {
        code: "azure-arc-key-unsafe", error: "ManagedIdentityCredential authentication failed",
        cause: "The Azure Arc agent's key file is not valid: it may not come from the agent",
        fix: "Check with 'azcmagent show' that the agent runs, and that no other process listens on its port",
        source: "https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication",
        commands: show_arc_agent,
    }

    IDENTITY_ENDPOINT_NO_ANSWER {
        code: "identity-endpoint-no-answer", error: "The identity endpoint does not answer",
        cause: "The host's identity endpoint sent no complete answer: no connection, a timeout, or a closed connection",
        fix: "Try again with more time (azfob: --timeout); then restart the app, or the agent that serves the endpoint",
        source: "https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference",
        weight: HostSetup, commands: probe_endpoint,
    }

    METADATA_NO_ANSWER {
        code: "metadata-no-answer", error: "The metadata service (IMDS) does not answer",
        cause: "IMDS answered a short request, and sent no complete answer to the request for a token in time",
        fix: "Try again with more time (azfob: --timeout); if it still fails, restart the virtual machine",
        source: "https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service#troubleshooting",
        weight: HostSetup, commands: query_imds,
    }

    METADATA_TIMED_OUT {
        code: "metadata-timed-out", error: "ManagedIdentityCredential authentication unavailable",
        cause: "The metadata service (IMDS) timed out: not in Azure, still starting, or blocked by a firewall",
        fix: "In Azure, check that nothing on the host blocks 169.254.169.254, and allow more time (azfob: --timeout)",
        source: "https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service#troubleshooting",
        weight: HostSetup, commands: query_imds,
    }

    METADATA_UNREACHABLE {
        code: "metadata-unreachable", error: "ManagedIdentityCredential authentication unavailable",
        cause: "No connection to the metadata service (IMDS): not an Azure VM, or a container or network blocks it",
        fix: "Outside Azure, use another credential; in Azure, allow 169.254.169.254, or enable managed identity on the resource",
        source: "https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service#troubleshooting",
        weight: HostSetup, commands: query_imds_or_skip_it,
    }

    METADATA_NOT_IMDS {
        code: "metadata-not-imds", error: "ManagedIdentityCredential authentication unavailable",
        cause: "The server at the metadata address is not Azure's IMDS, but for example a container runtime, VPN or proxy",
        fix: "Sign in with az login, and set AZURE_TOKEN_CREDENTIALS=dev to skip the managed identity",
        source: "https://github.com/Azure/azure-sdk-for-net/issues/38218",
        weight: Misleading, commands: skip_managed_identity,
    }
}

/// The Azure resource of a host, as az commands name it.
pub(super) struct HostResource {
    /// The az command group: `webapp`.
    pub(super) group: &'static str,
    pub(super) name: String,
    /// The name, or a command that looks it up.
    resource_group: String,
    subscription: Option<String>,
}

/// Returns the host's resource, if it is known.
pub(super) fn resource(context: &Context) -> Option<HostResource> {
    let host = &context.host;
    let of_token = subscription_and_group(context);
    let named = |group: &'static str, name: Option<&String>| {
        let name = name.filter(|name| is_plain(name))?;
        let subscription = host.subscription.clone().or(of_token.map(|(subscription, _)| subscription.to_owned()));
        let resource_group = match host.resource_group.as_deref().or(of_token.map(|(_, group)| group)) {
            Some(known) => context.shell.quote(known),
            None => {
                let list = format!("az {group} list --query \"[?name=='{name}'].resourceGroup\" -o tsv");
                output_of(&format!("{list}{}", subscription_flag(subscription.as_deref(), context.shell)))
            }
        };
        let subscription = subscription.map(|id| context.shell.quote(&id));
        Some(HostResource { group, name: name.clone(), resource_group, subscription })
    };
    match host.kind {
        HostKind::AppService => named("webapp", host.name.as_ref()),
        HostKind::FunctionApp => named("functionapp", host.name.as_ref()),
        HostKind::ContainerApp => named("containerapp", host.name.as_ref()),
        HostKind::ContainerAppJob => named("containerapp job", host.name.as_ref()),
        // A scale set's machines have the identities of the scale set.
        HostKind::VirtualMachine if host.scale_set.is_some() => named("vmss", host.scale_set.as_ref()),
        HostKind::VirtualMachine => named("vm", host.name.as_ref()).or_else(|| {
            let field = |field| metadata(field, context.shell);
            let (name, resource_group, subscription) = (field("name"), field("resourceGroupName"), None);
            Some(HostResource { group: "vm", name, resource_group, subscription })
        }),
        _ => None,
    }
}

/// Returns the host's subscription and resource group from the token of its system-assigned identity. Its claim `xms_mirid`
/// is the host's resource ID.
fn subscription_and_group(context: &Context) -> Option<(&str, &str)> {
    let identity = context.identity.as_ref().filter(|identity| identity.kind == IdentityType::SystemAssigned)?;
    let id = identity.claims.xms_mirid.as_deref()?.strip_prefix("/subscriptions/")?;
    let mut parts = id.split('/');
    let (subscription, group) = (parts.next()?, parts.nth(1)?);
    (is_plain(subscription) && !group.is_empty()).then_some((subscription, group))
}

impl HostResource {
    /// `az webapp identity VERB --name my-app --resource-group my-group`.
    fn identity(&self, verb: &str) -> String {
        format!("az {} identity {verb} {}", self.group, self.place(&self.name))
    }

    /// `--name NAME --resource-group my-group --subscription S`.
    pub(super) fn place(&self, name: &str) -> String {
        let subscription = self.subscription.as_ref().map(|id| format!(" --subscription {id}")).unwrap_or_default();
        format!("--name {name} --resource-group {}{subscription}", self.resource_group)
    }
}

/// ` --subscription S` if it is known.
fn subscription_flag(subscription: Option<&str>, shell: Shell) -> String {
    subscription.map(|id| format!(" --subscription {}", shell.quote(id))).unwrap_or_default()
}

/// Looks up a field of the virtual machine in the metadata service (IMDS). The command has to run on that machine.
fn metadata(field: &str, shell: Shell) -> String {
    let url = format!("http://169.254.169.254/metadata/instance/compute/{field}?api-version=2021-02-01&format=text");
    output_of(&format!("{} -s --noproxy '*' -H Metadata:true '{url}'", shell.curl()))
}

/// Lists the resources that the host could be. Azure Machine Learning's computes are listed only in their workspaces.
fn list_resources(context: &Context) -> FixCommand {
    FixCommand::read_only(match context.host.kind {
        HostKind::AzureMl => "az ml workspace list --query '[].{workspace:name, group:resource_group}' -o table",
        _ => "az resource list --query '[].{name:name, type:type, identity:identity.type}' -o table",
    })
}

/// Lists all user-assigned identities.
pub(super) fn list_all_identities() -> FixCommand {
    FixCommand::read_only("az identity list --query '[].{name:name, clientId:clientId, group:resourceGroup}' -o table")
}

/// Enables the host's system-assigned identity.
pub(super) fn enable_identity(context: &Context) -> Vec<FixCommand> {
    match (resource(context), context.host.kind) {
        (_, HostKind::Kubernetes) => annotate_service_account(context),
        // An Arc server always has one (https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication).
        (_, HostKind::AzureArc) => show_arc_agent(context),
        (_, HostKind::ContainerInstance) => create_container_group_again(context),
        (Some(resource), _) => {
            let extra = if resource.group.starts_with("containerapp") { " --system-assigned" } else { "" };
            let command = format!("{}{extra}", resource.identity("assign"));
            vec![FixCommand::shared("enables the host's system-assigned managed identity", command)]
        }
        (None, _) => vec![list_resources(context)],
    }
}

/// Enables the host's system-assigned identity, or creates a user-assigned one, which several resources can share
/// (<https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identity-best-practice-recommendations>).
fn enable_or_share_identity(context: &Context) -> Vec<FixCommand> {
    let mut commands = enable_identity(context);
    if let Some(resource) = resource(context).filter(|resource| is_plain(&resource.name)) {
        let name = format!("{}-identity", resource.name);
        let create = format!("az identity create {}", resource.place(&name));
        let id = output_of(&format!("az identity show {} --query id -o tsv", resource.place(&name)));
        let flag = if resource.group.starts_with("containerapp") { "--user-assigned" } else { "--identities" };
        let assign = context.shell.with_paths(format!("{} {flag} {id}", resource.identity("assign")));
        let note = "for several resources with the same access: creates one identity";
        commands.push(FixCommand::shared(note, create));
        commands.push(FixCommand::shared("assigns it to this host, and likewise to the others", assign));
    }
    commands
}

/// Writes a container group to a file and creates it again: az cannot add an identity to it
/// (<https://learn.microsoft.com/azure/container-instances/container-instances-managed-identity>).
fn create_container_group_again(context: &Context) -> Vec<FixCommand> {
    let (Some(name), Some(group)) = (&context.host.name, &context.host.resource_group) else {
        return vec![list_resources(context)];
    };
    let (name, group) = (context.shell.quote(name), context.shell.quote(group));
    let export = format!("az container export --name {name} --resource-group {group} --file group.yaml");
    let create = format!("az container create --resource-group {group} --file group.yaml");
    vec![
        FixCommand::local(export).with_note("add identity: {type: SystemAssigned} to the file"),
        FixCommand::shared("creates the container group again, with the identity", create),
    ]
}

/// Assigns the requested identity to the host.
fn assign_identity(context: &Context) -> Vec<FixCommand> {
    let Some(id) = &context.requested_identity else { return list_identities(context) };
    let find = FixCommand::read_only(query(id, "name"));
    let Some(resource) = resource(context) else { return vec![find] };
    let wanted = match id.kind {
        IdKind::Resource => context.shell.quote(&id.value),
        _ => output_of(&query(id, "id")),
    };
    let flag = if resource.group.starts_with("containerapp") { "--user-assigned" } else { "--identities" };
    let command = context.shell.with_paths(format!("{} {flag} {wanted}", resource.identity("assign")));
    vec![find, FixCommand::shared("assigns the user-assigned identity to the host", command)]
}

/// Looks up a field of an identity by its ID.
fn query(id: &ManagedIdentityId, field: &str) -> String {
    match id.kind {
        IdKind::Resource => format!("az identity show --ids '{}' --query {field} -o tsv", id.value),
        IdKind::Client => format!("az identity list --query \"[?clientId=='{}'].{field}\" -o tsv", id.value),
        IdKind::Object => format!("az identity list --query \"[?principalId=='{}'].{field}\" -o tsv", id.value),
    }
}

/// Lists the identities that are assigned to the host.
fn list_identities(context: &Context) -> Vec<FixCommand> {
    let show = |resource: HostResource| format!("{} --query userAssignedIdentities", resource.identity("show"));
    vec![resource(context).map(show).map_or_else(list_all_identities, FixCommand::read_only)]
}

/// Writes the container app to a file and updates it from there: az has no option for the lifecycle.
fn set_lifecycle(context: &Context) -> Vec<FixCommand> {
    let Some(resource) = resource(context).filter(|resource| resource.group.starts_with("containerapp")) else {
        return vec![list_resources(context)];
    };
    let (group, app) = (resource.group, resource.place(&resource.name));
    vec![
        FixCommand::local(format!("az {group} show {app} --output yaml > app.yaml"))
            .with_note("edit identitySettings in the file"),
        FixCommand::shared(
            "updates the container app from the file",
            format!("az {group} update {app} --yaml app.yaml"),
        ),
    ]
}

/// Looks up the object ID of the service principal of an application.
fn find_object_id(context: &Context) -> Vec<FixCommand> {
    let own = || context.identity.as_ref().and_then(|identity| identity.object_id());
    let id = context.client_id.as_deref().or_else(own);
    let id = id.map_or_else(|| context.application_id(), |id| context.shell.quote(id));
    vec![FixCommand::read_only(format!("az ad sp show --id {id} --query id -o tsv"))]
}

/// Looks up the client ID of the requested identity.
pub(super) fn find_client_id(context: &Context) -> Vec<FixCommand> {
    let id = context.requested_identity.as_ref();
    vec![id.map_or_else(list_all_identities, |id| FixCommand::read_only(query(id, "clientId")))]
}

/// Restarts the host, and so its identity endpoint.
pub(super) fn restart_host(context: &Context) -> Vec<FixCommand> {
    match (resource(context), context.host.kind) {
        (Some(resource), kind) if kind.is_app() => {
            let (group, app) = (resource.group, resource.place(&resource.name));
            let restart = match kind {
                HostKind::ContainerApp => {
                    let active = "--query '[?properties.active] | [0].name' -o tsv";
                    let revision = output_of(&format!("az containerapp revision list {app} {active}"));
                    format!("az containerapp revision restart {app} --revision {revision}")
                }
                HostKind::ContainerAppJob => format!("az containerapp job start {app}"),
                _ => format!("az {group} restart {app}"),
            };
            vec![FixCommand::shared("restarts the app", restart)]
        }
        (_, HostKind::AzureArc) => show_arc_agent(context),
        (_, HostKind::VirtualMachine) => query_imds(context),
        (_, HostKind::Kubernetes) => super::federation::restart_pod(context),
        _ => vec![list_resources(context)],
    }
}

/// Connects to the endpoint without its header: any HTTP status means that it runs.
fn probe_endpoint(context: &Context) -> Vec<FixCommand> {
    let variable = match context.host.kind {
        HostKind::AzureArc => return show_arc_agent(context),
        HostKind::CloudShell | HostKind::AzureMl => env::MSI_ENDPOINT,
        _ => env::IDENTITY_ENDPOINT,
    };
    let url = context.shell.value_of(variable);
    vec![FixCommand::read_only(format!("{} -sSi --noproxy '*' {url}", context.shell.curl()))]
}

fn show_listeners(context: &Context) -> Vec<FixCommand> {
    vec![FixCommand::read_only(match context.system {
        System::Windows => "Get-NetTCPConnection -State Listen | Select-Object LocalAddress, LocalPort, OwningProcess",
        System::MacOs => "sudo lsof -nP -iTCP -sTCP:LISTEN",
        _ => "sudo ss -ltnp",
    })]
}

/// Joins the group with read access to the keys of the Azure Arc agent
/// (<https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication#prerequisites>).
fn join_arc_group(context: &Context) -> Vec<FixCommand> {
    let command = match context.system {
        System::Windows => "Add-LocalGroupMember -Group 'Hybrid agent extension applications' -Member $env:USERNAME",
        _ => "sudo usermod -aG himds \"$USER\"",
    };
    vec![FixCommand::local(command).with_note("applies from the user's next sign-in")]
}

fn show_arc_agent(_: &Context) -> Vec<FixCommand> {
    vec![FixCommand::read_only("azcmagent show")]
}

/// Queries the metadata service (IMDS) without a proxy, and measures the time.
fn query_imds(context: &Context) -> Vec<FixCommand> {
    let url = "http://169.254.169.254/metadata/instance/compute/name?api-version=2021-02-01&format=text";
    let curl = context.shell.curl();
    vec![FixCommand::read_only(format!(
        "{curl} -s --noproxy '*' -H Metadata:true -w ' in %{{time_total}} s\\n' '{url}'"
    ))]
}

/// Queries the metadata service (IMDS), and limits the chain to developer tools where developers work.
fn query_imds_or_skip_it(context: &Context) -> Vec<FixCommand> {
    let developer = context.host.kind.has_developers().then(|| skip_managed_identity(context));
    query_imds(context).into_iter().chain(developer.unwrap_or_default()).collect()
}

/// Limits the chain to developer tools. On an Azure virtual machine it selects the managed identity instead, which makes
/// azfob wait for the metadata service (IMDS).
pub(super) fn skip_managed_identity(context: &Context) -> Vec<FixCommand> {
    let is_in_azure = context.host.kind == HostKind::VirtualMachine;
    let credentials = if is_in_azure { "ManagedIdentityCredential" } else { "dev" };
    vec![FixCommand::local(context.shell.set(env::AZURE_TOKEN_CREDENTIALS, credentials))]
}
