//! Rows for requests that a vault refuses: roles, access policies, network rules, missing secrets.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::shell::output_of;
use crate::host::HostKind;

use super::network::list_vaults;

rows! {
    FORBIDDEN {
        code: "forbidden-rbac", error: "403 Forbidden",
        cause: "Missing RBAC role",
        fix: "Assign Key Vault Secrets User role",
        source: "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        commands: assign_role,
    }

    FORBIDDEN_CERTIFICATES {
        code: "forbidden-certificates", error: "403 Forbidden on certificates",
        cause: "Missing RBAC role: Key Vault Secrets User does not include certificates/read",
        fix: "Assign Key Vault Reader role, which cannot read values; Key Vault Certificate User can",
        source: "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        commands: assign_role,
    }

    SECRET_NOT_FOUND {
        code: "secret-not-found", error: "SecretNotFound",
        cause: "Wrong vault URL or secret name",
        fix: "Verify vault URL and secret name",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        commands: find_secret,
    }

    SECRET_DELETED {
        code: "secret-deleted", error: "SecretNotFound (soft-deleted)",
        cause: "The secret is soft-deleted and can be recovered",
        fix: "Recover the secret, or use another secret name",
        source: "https://learn.microsoft.com/azure/key-vault/general/key-vault-recovery",
        commands: recover_secret,
    }

    FORBIDDEN_ACCESS_POLICY {
        code: "forbidden-access-policy", error: "403 Forbidden (ForbiddenByPolicy)",
        cause: "The vault uses access policies, and none grants this permission",
        fix: "Add an access policy with this permission, or migrate the vault to Azure RBAC",
        source: "https://learn.microsoft.com/azure/key-vault/general/assign-access-policy",
        commands: set_policy,
    }

    FORBIDDEN_FIREWALL {
        code: "forbidden-firewall", error: "403 Forbidden (ForbiddenByFirewall)",
        cause: "The vault firewall does not allow this client address",
        fix: "Allow the address in the vault firewall, or connect through a private endpoint",
        source: "https://learn.microsoft.com/azure/key-vault/general/network-security",
        commands: allow_address,
    }

    KEY_OPERATION {
        code: "key-operation", error: "403 Forbidden (KeyOperationForbidden)",
        cause: "The key does not permit this operation: it is not in the key's list of operations (key_ops)",
        fix: "Use a key that permits the operation, or add it to the key's operations; a role does not change them",
        source: "https://learn.microsoft.com/azure/key-vault/keys/about-keys-details#key-operations",
        commands: |context| with_vault_name(context, |name| {
            vec![FixCommand::read_only(format!("az keyvault key list --vault-name {name} --query '[].{{name:name, key:kid}}' -o table"))]
        }),
    }

    FORBIDDEN_PRIVATE_LINK {
        code: "forbidden-private-link", error: "403 Forbidden (ForbiddenByConnection)",
        cause: "Public network access is disabled on the vault",
        fix: "Connect through the vault's private endpoint: run in its virtual network, and link the private DNS zone. Do not enable public network access: this weakens the vault for all its users",
        source: "https://learn.microsoft.com/azure/key-vault/general/private-link-service",
        commands: use_private_endpoint,
    }

    SECRET_DISABLED {
        code: "secret-disabled", error: "403 Forbidden (SecretDisabled)",
        cause: "The secret or this version is disabled",
        fix: "Enable the secret, or request an enabled version",
        source: "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#secret-attributes",
        commands: enable_secret,
    }

    FORBIDDEN_DENY_ASSIGNMENT {
        code: "forbidden-deny-assignment", error: "403 Forbidden",
        cause: "A deny assignment blocks the action: it takes precedence over every role assignment",
        fix: "Have the deny assignment removed by its owner: a managed application, a deployment stack or Azure Blueprints",
        source: "https://learn.microsoft.com/azure/role-based-access-control/deny-assignments",
        commands: list_deny_assignments,
    }

    FORBIDDEN_ACTION {
        code: "forbidden-rbac-action", error: "403 Forbidden",
        cause: "Missing RBAC role for an action other than reading secrets",
        fix: "Assign a role that allows the action",
        source: "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        commands: assign_role,
    }

    FORBIDDEN_FIRST_PARTY {
        code: "forbidden-first-party", error: "403 Forbidden (Access denied to first party service)",
        cause: "A Microsoft application, such as Azure Resource Manager in a deployment, may not read this vault",
        fix: "Enable the vault for template deployment; for a program, sign in with a work account or a managed identity",
        source: "https://learn.microsoft.com/azure/azure-resource-manager/bicep/key-vault-parameter",
        commands: |context| show_vault_field(context, "\"properties.[enabledForTemplateDeployment, networkAcls.bypass]\""),
    }

    API_VERSION {
        code: "api-version", error: "400 BadParameter",
        cause: "Key Vault does not recognize the API version of the request",
        fix: "Update the client library, or set an API version that the vault supports",
        source: "https://learn.microsoft.com/rest/api/keyvault/",
        weight: Incomplete, commands: |context| show_vault_field(context, "properties.vaultUri"),
    }

    FORBIDDEN_OTHER {
        code: "forbidden", error: "403 Forbidden",
        cause: "Key Vault refused the request for a reason that azfob does not recognize",
        fix: "Read Key Vault's message above",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        weight: Vague, commands: show_vault,
    }
}

/// Calls `commands` with the vault's quoted name. Lists the vaults if it is not known.
pub(super) fn with_vault_name(context: &Context, commands: impl FnOnce(&str) -> Vec<FixCommand>) -> Vec<FixCommand> {
    match &context.vault {
        Some(vault) => commands(&context.shell.quote(vault.name())),
        None => vec![list_vaults()],
    }
}

/// Looks up the vault's resource ID with az.
pub(super) fn vault_id(name: &str) -> String {
    output_of(&format!("az keyvault show --name {name} --query id -o tsv"))
}

/// Shows a metric of the vault for each minute.
pub(super) fn show_metric(context: &Context, metric: &str, aggregation: &str) -> Vec<FixCommand> {
    with_vault_name(context, |name| {
        let id = vault_id(name);
        vec![FixCommand::read_only(context.shell.with_paths(format!(
            "az monitor metrics list --resource {id} --metric {metric} --interval PT1M --aggregation {aggregation} -o table"
        )))]
    })
}

/// The variable for the object ID of an identity that a log does not contain.
const CALLER: &str = "CALLER";

/// Returns the object ID of the refused identity. If it is not known, az looks up that of the application or of the
/// signed-in user. In a log, the user of this machine was not refused.
fn object_id(context: &Context) -> String {
    let known = context.identity.as_ref().and_then(|identity| identity.object_id());
    match (known, &context.refused_application) {
        (Some(id), _) => context.shell.quote(id),
        (None, Some(application)) => {
            output_of(&format!("az ad sp show --id {} --query id -o tsv", context.shell.quote(application)))
        }
        (None, None) if context.in_log => context.shell.value_of(CALLER),
        (None, None) => output_of("az ad signed-in-user show --query id -o tsv"),
    }
}

/// Returns whether `object_id` is that of the user who is signed in to az, because the refused identity is not known.
fn is_signed_in_user(context: &Context) -> bool {
    let known = context.identity.as_ref().and_then(|identity| identity.object_id());
    known.is_none() && context.refused_application.is_none() && !context.in_log
}

/// Adds a prompt for the object ID to a command if nothing shows it.
fn with_caller(context: &Context, command: String) -> String {
    let is_unknown = context.in_log && context.identity.is_none() && context.refused_application.is_none();
    if is_unknown {
        format!("{}; {command}", context.shell.ask_for(CALLER, "object ID of the caller"))
    } else {
        command
    }
}

/// Assigns the role to the identity.
pub(super) fn assign_role(context: &Context) -> Vec<FixCommand> {
    // The refusal names the secret's resource ID, which begins with the vault's.
    let kinds = ["/secrets/", "/keys/", "/certificates/"];
    let vault = context.resource.as_deref().map(|id| match kinds.iter().find_map(|kind| id.split_once(kind)) {
        Some((vault, _)) => vault,
        None => id,
    });
    let scope = match (vault.filter(|id| id.starts_with("/subscriptions/")), &context.vault) {
        (Some(id), _) => context.shell.quote(id),
        (None, Some(vault)) => vault_id(&context.shell.quote(vault.name())),
        (None, None) => return vec![list_vaults()],
    };
    let principal = context.identity.as_ref().filter(|identity| identity.object_id().is_some());
    let principal = principal.map(|identity| format!(" --assignee-principal-type {}", identity.principal_type()));
    let command = format!(
        "az role assignment create --role \"{}\" --assignee-object-id {}{} --scope {scope}",
        role(context),
        object_id(context),
        principal.unwrap_or_default()
    );
    let command = with_caller(context, context.shell.with_paths(command));
    let note = if is_signed_in_user(context) {
        "assigns the role on the vault to the signed-in user"
    } else {
        "assigns the role on the vault"
    };
    vec![FixCommand::shared(note, command)]
}

/// Lists the roles of the identity on the vault: its own, inherited ones, and those of its groups.
pub(super) fn list_roles(context: &Context) -> Vec<FixCommand> {
    with_vault_name(context, |name| {
        let (object, scope) = (object_id(context), vault_id(name));
        let command = format!(
            "az role assignment list --assignee {object} --scope {scope} --include-inherited --include-groups \
             --query '[].{{role:roleDefinitionName, scope:scope}}' -o table"
        );
        vec![FixCommand::read_only(with_caller(context, context.shell.with_paths(command)))]
    })
}

/// Returns the least privileged role with the refused action
/// (<https://learn.microsoft.com/azure/key-vault/general/rbac-guide>).
pub(in crate::diagnosis) fn role(context: &Context) -> &'static str {
    let action = context.action.as_deref().unwrap_or_default().to_ascii_lowercase();
    let has = |verbs: &[&str]| verbs.iter().any(|verb| action.contains(verb));
    let (reads, manages) = (has(&["read", "getsecret"]), has(&["/read", "/create", "/delete"]));
    match () {
        () if action.contains("/certificates/") && !reads => "Key Vault Certificates Officer",
        () if action.contains("/certificates/") => "Key Vault Reader",
        () if action.contains("/keys/") && manages => "Key Vault Crypto Officer",
        () if action.contains("/keys/") => "Key Vault Crypto User",
        () if action.contains("/secrets/") && !reads => "Key Vault Secrets Officer",
        () => "Key Vault Secrets User",
    }
}

/// Returns the access policy permissions for the refused action.
fn permissions(context: &Context) -> String {
    let refused = context.action.as_deref().and_then(|action| action.split_once('/'));
    match refused.filter(|(_, verb)| !verb.contains('/')) {
        Some(("keys", verb)) => format!("--key-permissions {verb}"),
        Some(("certificates", verb)) => format!("--certificate-permissions {verb}"),
        Some(("secrets", verb)) if !["get", "list"].contains(&verb) => format!("--secret-permissions {verb}"),
        _ => "--secret-permissions get list".to_owned(),
    }
}

/// Lists the deny assignments that apply to the vault
/// (<https://learn.microsoft.com/azure/role-based-access-control/deny-assignments#list-deny-assignments>).
fn list_deny_assignments(context: &Context) -> Vec<FixCommand> {
    with_vault_name(context, |name| {
        let url = format!(
            "https://management.azure.com{}/providers/Microsoft.Authorization/denyAssignments?api-version=2022-04-01",
            vault_id(name).trim_matches('"')
        );
        vec![FixCommand::read_only(context.shell.with_paths(format!("az rest --method get --url \"{url}\"")))]
    })
}

fn set_policy(context: &Context) -> Vec<FixCommand> {
    with_vault_name(context, |name| {
        let (object, permissions) = (object_id(context), permissions(context));
        let command = format!("az keyvault set-policy --name {name} --object-id {object} {permissions}");
        let command = with_caller(context, command);
        let note = if is_signed_in_user(context) {
            "adds an access policy for the signed-in user to the vault"
        } else {
            "adds an access policy for the identity to the vault"
        };
        vec![FixCommand::shared(note, command)]
    })
}

/// Adds this machine's address to the vault's firewall.
pub(super) fn allow_address(context: &Context) -> Vec<FixCommand> {
    with_vault_name(context, |name| {
        let list = FixCommand::read_only(format!("az keyvault network-rule list --name {name}"));
        let add = context.client_address.as_deref().map(|address| {
            let addresses: Vec<_> = address.split(' ').map(|address| context.shell.quote(address)).collect();
            let command = format!("az keyvault network-rule add --name {name} --ip-address {}", addresses.join(" "));
            FixCommand::shared("allows this address (all clients behind it) in the vault firewall", command)
        });
        [list].into_iter().chain(add).collect()
    })
}

/// Shows the vault's private endpoints. If this network lacks the link to their private DNS zone, adds it
/// (<https://learn.microsoft.com/azure/private-link/private-endpoint-dns>).
fn use_private_endpoint(context: &Context) -> Vec<FixCommand> {
    let Some(vault) = &context.vault else { return vec![list_vaults()] };
    let name = context.shell.quote(vault.name());
    let mut commands = vec![FixCommand::read_only(format!(
        "az keyvault show --name {name} --query \"properties.[publicNetworkAccess, privateEndpointConnections[].privateEndpoint.id]\""
    ))];
    let Some(zone) = vault.private_zone().filter(|_| context.zone_unlinked) else { return commands };
    commands.push(FixCommand::read_only(format!("nslookup {}.{zone}", vault.name())));
    let group = output_of(&format!(
        "az network private-dns zone list --query \"[?name=='{zone}'] | [0].resourceGroup\" -o tsv"
    ));
    let list = format!("az network private-dns link vnet list --resource-group {group} --zone-name {zone}");
    commands.push(FixCommand::read_only(format!("{list} --query '[].virtualNetwork.id' -o tsv")));
    let create = format!(
        "az network private-dns link vnet create --resource-group {group} --zone-name {zone} --name {name}-link \
         --registration-enabled false --virtual-network {}",
        virtual_network(context, &name)
    );
    let note = "links the private DNS zone to the virtual network";
    commands.push(FixCommand::shared(note, context.shell.with_paths(create)));
    commands
}

/// Looks up this machine's virtual network with az, or else that of the vault's private endpoint.
fn virtual_network(context: &Context, vault: &str) -> String {
    let subnet = match (context.host.kind, &context.host.name, &context.host.resource_group) {
        (HostKind::VirtualMachine, Some(name), Some(group)) if context.host.scale_set.is_none() => {
            let (name, group) = (context.shell.quote(name), context.shell.quote(group));
            let query = "--query 'networkProfile.networkInterfaces[0].id' -o tsv";
            let nic = output_of(&format!("az vm show --name {name} --resource-group {group} {query}"));
            format!("az network nic show --ids {nic} --query 'ipConfigurations[0].subnet.id' -o tsv")
        }
        _ => {
            let query = "--query 'properties.privateEndpointConnections[0].privateEndpoint.id' -o tsv";
            let endpoint = output_of(&format!("az keyvault show --name {vault} {query}"));
            format!("az network private-endpoint show --ids {endpoint} --query subnet.id -o tsv")
        }
    };
    // A subnet's ID begins with its network's.
    let (posix, powershell) =
        (format!("{subnet} | sed 's|/subnets/.*||'"), format!("({subnet}) -replace '/subnets/.*'"));
    output_of(&context.shell.select(posix, powershell))
}

fn list_names(command: &str, vault: &str) -> FixCommand {
    FixCommand::read_only(format!("az keyvault secret {command} --vault-name {vault} --query '[].name' -o tsv"))
}

/// Lists the secrets and the deleted secrets.
pub(super) fn find_secret(context: &Context) -> Vec<FixCommand> {
    with_vault_name(context, |vault| {
        let has_version = context.secret.as_deref().is_some_and(|secret| secret.contains('/'));
        let versions = if has_version { list_versions(context) } else { Vec::new() };
        [versions, vec![list_names("list", vault), list_names("list-deleted", vault)]].concat()
    })
}

/// Recovers a deleted secret, or lists the deleted secrets if its name is not known.
fn recover_secret(context: &Context) -> Vec<FixCommand> {
    with_vault_name(context, |vault| {
        let Some(name) = context.secret_name() else { return vec![list_names("list-deleted", vault)] };
        let name = context.shell.quote(name);
        let recover = format!("az keyvault secret recover --vault-name {vault} --name {name}");
        vec![FixCommand::shared("recovers the deleted secret with all its versions", recover)]
    })
}

fn enable_secret(context: &Context) -> Vec<FixCommand> {
    let Some(secret) = &context.secret else { return list_versions(context) };
    with_vault_name(context, |vault| {
        let (name, version) = secret.split_once('/').map_or((secret.as_str(), None), |(n, v)| (n, Some(v)));
        let version = version.map(|v| format!(" --version {}", context.shell.quote(v))).unwrap_or_default();
        let command = format!(
            "az keyvault secret set-attributes --vault-name {vault} --name {}{version} --enabled true",
            context.shell.quote(name)
        );
        [
            list_versions(context),
            vec![FixCommand::shared("lets all identities with access read the secret again", command)],
        ]
        .concat()
    })
}

/// Lists a secret's versions with their dates, or the secrets if its name is not known.
pub(super) fn list_versions(context: &Context) -> Vec<FixCommand> {
    with_vault_name(context, |vault| {
        let columns = "[].{id:id, enabled:attributes.enabled, from:attributes.notBefore, until:attributes.expires}";
        let of = match context.secret_name() {
            Some(name) => format!("list-versions --vault-name {vault} --name {}", context.shell.quote(name)),
            None => format!("list --vault-name {vault}"),
        };
        vec![FixCommand::read_only(format!("az keyvault secret {of} --query '{columns}' -o table"))]
    })
}

/// Shows a field of the vault.
pub(super) fn show_vault_field(context: &Context, query: &str) -> Vec<FixCommand> {
    with_vault_name(context, |name| {
        vec![FixCommand::read_only(format!("az keyvault show --name {name} --query {query}"))]
    })
}

/// Shows the vault's permission model and network rules.
fn show_vault(context: &Context) -> Vec<FixCommand> {
    show_vault_field(context, "\"properties.[enableRbacAuthorization, publicNetworkAccess, networkAcls]\"")
}
