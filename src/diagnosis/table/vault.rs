//! The vault: roles, access policies, network rules, secrets, and the tokens that it accepts.

use crate::diagnosis::case::Case;
use crate::diagnosis::command::Command;
use crate::diagnosis::shell::{Shell, output_of};
use crate::env;
use crate::host::HostKind;
use crate::token::identity::IdentityType;
use crate::vault::url::VaultUrl;

use super::Weight;
use super::identity::restart_host;
use super::network::{compare_clocks, find_vault, look_up, try_to_reach};
use super::sign_in::sign_in;

rows! {
    FORBIDDEN {
        code: "forbidden-rbac",
        error: "403 Forbidden",
        cause: "Missing RBAC role",
        fix: "Assign Key Vault Secrets User role",
        source: "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        signs: &["forbiddenbyrbac", "caller is not authorized to perform action on resource", "deniedwithnovalidrbac"],
        weight: Weight::Refusal,
        commands: assign_role,
    }

    SECRET_NOT_FOUND {
        code: "secret-not-found",
        error: "SecretNotFound",
        cause: "Wrong vault URL or secret name",
        fix: "Verify vault URL and secret name",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        signs: &["secretnotfound", "was not found in this key vault", "deleted secret not found"],
        weight: Weight::Refusal,
        commands: find_secret,
    }

    SECRET_DELETED {
        code: "secret-deleted",
        error: "SecretNotFound",
        cause: "The secret was deleted, and can still be recovered",
        fix: "Recover it, or name another",
        source: "https://learn.microsoft.com/azure/key-vault/general/key-vault-recovery",
        signs: &["objectisdeletedbutrecoverable", "is currently in a deleted but recoverable state"],
        weight: Weight::Refusal,
        commands: recover_secret,
    }

    FORBIDDEN_ACCESS_POLICY {
        code: "forbidden-access-policy",
        error: "403 Forbidden",
        cause: "The vault uses access policies, and none allows this",
        fix: "Add an access policy with the permission, or move the vault to RBAC",
        source: "https://learn.microsoft.com/azure/key-vault/general/assign-access-policy",
        signs: &[
            "forbiddenbypolicy",
            "does not have secrets get permission on key vault",
            "does not have secrets list permission on key vault",
            "permission on key vault '",
            "accessdenied",
        ],
        weight: Weight::Refusal,
        commands: set_policy,
    }

    FORBIDDEN_FIREWALL {
        code: "forbidden-firewall",
        error: "403 Forbidden",
        cause: "The vault's firewall does not let this address in",
        fix: "Allow the address, or come over a private endpoint",
        source: "https://learn.microsoft.com/azure/key-vault/general/network-security",
        signs: &["forbiddenbyfirewall", "client address is not authorized and caller is not a trusted service"],
        weight: Weight::Refusal,
        commands: allow_address,
    }

    FORBIDDEN_PRIVATE_LINK {
        code: "forbidden-private-link",
        error: "403 Forbidden",
        cause: "The vault takes private links only, and this request came over the public network",
        fix: "Come over the vault's private endpoint: run in its network, and link its DNS zone there. Opening the vault to the public network would weaken it for all its users",
        source: "https://learn.microsoft.com/azure/key-vault/general/private-link-service",
        signs: &[
            "forbiddenbyconnection",
            "public network access is disabled and request is not from a trusted service",
            "is not an approved private link",
        ],
        weight: Weight::Refusal,
        commands: come_privately,
    }

    SECRET_DISABLED {
        code: "secret-disabled",
        error: "403 Forbidden",
        cause: "The secret, or this version of it, is disabled",
        fix: "Enable it, or ask for a version that is enabled",
        source: "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#secret-attributes",
        signs: &["secretdisabled", "operation get is not allowed on a disabled secret"],
        weight: Weight::Refusal,
        commands: enable_secret,
    }

    SECRET_NOT_YET_VALID {
        code: "secret-not-yet-valid",
        error: "403 Forbidden",
        cause: "The secret is not yet valid",
        fix: "Wait for its start date, or ask for another version",
        source: "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#date-time-controlled-operations",
        signs: &["secretnotyetvalid"],
        weight: Weight::Refusal,
        commands: list_versions,
    }

    SECRET_EXPIRED {
        code: "secret-expired",
        error: "403 Forbidden",
        cause: "The secret has expired",
        fix: "Store a new version",
        source: "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#date-time-controlled-operations",
        signs: &["secretexpired"],
        weight: Weight::Refusal,
        commands: list_versions,
    }

    FORBIDDEN_OTHER {
        code: "forbidden",
        error: "403 Forbidden",
        cause: "The vault refused, for a reason that azfob does not know",
        fix: "Read the vault's words above",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        signs: &["403 (forbidden)", "statuscode: 403", "status code 403", "status: 403"],
        weight: Weight::Vague,
        commands: show_vault,
    }

    WRONG_TENANT {
        code: "wrong-tenant",
        error: "401 Unauthorized (AKV10032: Invalid issuer)",
        cause: "The token is from another tenant than the vault's",
        fix: "Sign in to the vault's tenant",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        signs: &["akv10032", "invalid issuer. expected one of"],
        weight: Weight::Refusal,
        commands: cross_tenants,
    }

    IDENTITY_OF_ANOTHER_TENANT {
        code: "identity-of-another-tenant",
        error: "401 Unauthorized (AKV10032: Invalid issuer)",
        cause: "The managed identity is of another tenant than the vault",
        fix: "Use a vault of the identity's own tenant, or an application of the vault's; a vault whose subscription was moved is moved along",
        source: "https://learn.microsoft.com/azure/key-vault/general/move-subscription",
        signs: &[],
        weight: Weight::Refusal,
        commands: compare_tenants,
    }

    WRONG_AUDIENCE {
        code: "wrong-audience",
        error: "401 Unauthorized (AKV10022: Invalid audience)",
        cause: "The token is for another resource than the vault: most often https://management.azure.com was asked for",
        fix: "Ask for the scope https://vault.azure.net/.default; AZURE_AUTHORITY_HOST and the vault's suffix have to be of one cloud",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        signs: &["akv10022", "invalid audience. expected"],
        weight: Weight::Refusal,
        commands: show_cloud,
    }

    TOKEN_EXPIRED {
        code: "token-expired",
        error: "401 Unauthorized (token expired)",
        cause: "The token is past its time, or the clock of this machine is wrong",
        fix: "Set the clock, then try again",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        signs: &["[tokenexpired]", "s2s12086", "tokenexpired"],
        weight: Weight::Refusal,
        commands: compare_clocks,
    }

    SIGNING_KEY_UNRESOLVED {
        code: "signing-key-unresolved",
        error: "401 Unauthorized (AKV10046)",
        cause: "The vault cannot find the key of the token's signature: the service's trouble, not the token's",
        fix: "Try again in a few minutes; where it lasts, open a support request",
        source: "https://github.com/hashicorp/terraform-provider-azurerm/issues/30912",
        signs: &["akv10046", "unable to resolve the key used for signature validation"],
        weight: Weight::Refusal,
        commands: show_availability,
    }

    SESSION_REVOKED {
        code: "session-revoked",
        error: "401 Unauthorized (invalid_token)",
        cause: "The session behind the token was revoked, by a changed password, sign-in or policy",
        fix: "Sign in again; an application or a host gets a new token when it is started anew",
        source: "https://learn.microsoft.com/entra/identity/conditional-access/concept-continuous-access-evaluation",
        signs: &["user session has been revoked"],
        weight: Weight::Refusal,
        commands: begin_session,
    }

    UNAUTHORIZED {
        code: "unauthorized",
        error: "401 Unauthorized",
        cause: "The vault does not accept the token",
        fix: "Compare the token's tenant and identity with what the vault expects",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        signs: &["akv10000", "request is missing a bearer or pop token"],
        weight: Weight::Vague,
        commands: show_identity_and_tenant,
    }

    CHALLENGE_ELSEWHERE {
        code: "challenge-elsewhere",
        error: "The challenge resource does not match the requested domain",
        cause: "What answers under the vault's name asks for a token of somebody else",
        fix: "Find out who answers there: a proxy, or a changed name",
        source: "https://aka.ms/azsdk/blog/vault-uri",
        signs: &["does not match the requested domain"],
        weight: Weight::Refusal,
        commands: show_name_and_server,
    }

    THROTTLED {
        code: "throttled",
        error: "429 Too Many Requests",
        cause: "The vault's limit of 4,000 requests in 10 s is used up by all its clients together",
        fix: "Fetch less often, or many secrets with one azfob; spread clients over vaults",
        source: "https://learn.microsoft.com/azure/key-vault/general/service-limits",
        signs: &[
            "vaultrequesttypelimitreached",
            "too many requests were received",
            "429 too many requests",
            "status code 429",
            "statuscode: 429",
        ],
        weight: Weight::Refusal,
        commands: show_load,
    }

    VAULT_IN_TROUBLE {
        code: "vault-in-trouble",
        error: "Key Vault is in trouble",
        cause: "The service failed, and still did after every retry",
        fix: "Try again in some minutes; https://azure.status.microsoft tells of outages",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        signs: &[],
        weight: Weight::Refusal,
        commands: ask_health,
    }

    UNEXPECTED_ANSWER {
        code: "unexpected-answer",
        error: "Unexpected answer",
        cause: "What answered does not speak the protocol",
        fix: "Find out what answers there: run again with --verbose",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        signs: &["unexpected output from azure cli"],
        weight: Weight::Refusal,
        commands: ask_health,
    }
}

/// Commands for the vault, or those that find it where it is not known. `commands` is given its name, quoted.
pub(super) fn of_vault(case: &Case, commands: impl FnOnce(&str) -> Vec<Command>) -> Vec<Command> {
    match &case.vault {
        Some(vault) => commands(&case.shell.quote(vault.name())),
        None => vec![find_vault()],
    }
}

/// The vault's resource id, found by az where it is run.
fn vault_id(name: &str) -> String {
    output_of(&format!("az keyvault show --name {name} --query id -o tsv"))
}

/// The object id of who was refused, or what finds that of the person who pastes the command.
fn object_id(case: &Case) -> String {
    let known = case.identity.as_ref().and_then(|identity| identity.object_id());
    known.map_or_else(|| output_of("az ad signed-in-user show --query id -o tsv"), |id| case.shell.quote(id))
}

/// Gives the identity the role that reads secrets.
fn assign_role(case: &Case) -> Vec<Command> {
    // The refusal names the secret's resource id; what stands before its kind is the vault's.
    let kinds = ["/secrets/", "/keys/", "/certificates/"];
    let vault_of =
        |id: &str| kinds.iter().find_map(|kind| id.split_once(kind)).map_or(id.len(), |(vault, _)| vault.len());
    let vault = case.resource.as_deref().map(|id| &id[..vault_of(id)]);
    let scope = match (vault.filter(|id| id.starts_with("/subscriptions/")), &case.vault) {
        (Some(id), _) => case.shell.quote(id),
        (None, Some(vault)) => vault_id(&case.shell.quote(vault.name())),
        (None, None) => return vec![find_vault()],
    };
    let principal = case.identity.as_ref().filter(|identity| identity.object_id().is_some());
    let principal = principal.map(|identity| format!(" --assignee-principal-type {}", identity.principal_type()));
    let command = format!(
        "az role assignment create --role \"{}\" --assignee-object-id {}{} --scope {scope}",
        role(case),
        object_id(case),
        principal.unwrap_or_default()
    );
    vec![Command::changes("gives the identity the role on the vault", case.shell.with_paths(command))]
}

/// The least role that has the action which was refused
/// (<https://learn.microsoft.com/azure/key-vault/general/rbac-guide>).
fn role(case: &Case) -> &'static str {
    let action = case.action.as_deref().unwrap_or_default().to_ascii_lowercase();
    let reads = ["read", "getsecret", "readmetadata"].iter().any(|verb| action.contains(verb));
    match () {
        () if action.contains("/certificates/") && !reads => "Key Vault Certificates Officer",
        () if action.contains("/certificates/") => "Key Vault Certificate User",
        () if action.contains("/keys/") && ["/read", "/create", "/delete"].iter().any(|verb| action.contains(verb)) => {
            "Key Vault Crypto Officer"
        }
        () if action.contains("/keys/") => "Key Vault Crypto User",
        () if action.contains("/secrets/") && !reads => "Key Vault Secrets Officer",
        () => "Key Vault Secrets User",
    }
}

/// The permissions of a policy that the refused action needs.
fn permissions(case: &Case) -> String {
    let refused = case.action.as_deref().and_then(|action| action.split_once('/'));
    match refused.filter(|(_, verb)| !verb.contains('/')) {
        Some(("keys", verb)) => format!("--key-permissions {verb}"),
        Some(("certificates", verb)) => format!("--certificate-permissions {verb}"),
        Some(("secrets", verb)) if !["get", "list"].contains(&verb) => format!("--secret-permissions {verb}"),
        _ => "--secret-permissions get list".to_owned(),
    }
}

/// Gives the identity a place in the vault's access policies.
fn set_policy(case: &Case) -> Vec<Command> {
    of_vault(case, |name| {
        let (object, permissions) = (object_id(case), permissions(case));
        let command = format!("az keyvault set-policy --name {name} --object-id {object} {permissions}");
        vec![Command::changes("gives the identity a place in the vault's access policies", command)]
    })
}

/// Lets this machine's address through the vault's firewall.
pub(super) fn allow_address(case: &Case) -> Vec<Command> {
    of_vault(case, |name| {
        let list = Command::looks(format!("az keyvault network-rule list --name {name}"));
        let add = case.client_address.as_deref().map(|address| {
            let address = case.shell.quote(address);
            let command = format!("az keyvault network-rule add --name {name} --ip-address {address}");
            Command::changes("lets this address, and all behind it, through the vault's firewall", command)
        });
        [list].into_iter().chain(add).collect()
    })
}

/// Shows the vault's private endpoints, and where one exists whose zone this network lacks, links that
/// (<https://learn.microsoft.com/azure/private-link/private-endpoint-dns>).
fn come_privately(case: &Case) -> Vec<Command> {
    let Some(vault) = &case.vault else { return vec![find_vault()] };
    let name = case.shell.quote(vault.name());
    let mut commands = vec![Command::looks(format!(
        "az keyvault show --name {name} --query \"properties.[publicNetworkAccess, privateEndpointConnections[].privateEndpoint.id]\""
    ))];
    let Some(zone) = zone(vault).filter(|_| case.zone_unlinked) else { return commands };
    commands.push(Command::looks(format!("nslookup {}.{zone}", vault.name())));
    let group = output_of(&format!(
        "az network private-dns zone list --query \"[?name=='{zone}'] | [0].resourceGroup\" -o tsv"
    ));
    let list = format!("az network private-dns link vnet list --resource-group {group} --zone-name {zone}");
    commands.push(Command::looks(format!("{list} --query '[].virtualNetwork.id' -o tsv")));
    let create = format!(
        "az network private-dns link vnet create --resource-group {group} --zone-name {zone} --name {name}-link \
         --registration-enabled false --virtual-network {}",
        own_network(case, &name)
    );
    let note = "makes this network see the private endpoints of that zone";
    commands.push(Command::changes(note, case.shell.with_paths(create)));
    commands
}

/// The private DNS zone of the vaults of a cloud.
fn zone(vault: &VaultUrl) -> Option<String> {
    let host = vault.host();
    let (_, domain) = host.split_once(".vault.")?;
    Some(format!("privatelink.vaultcore.{domain}"))
}

/// The virtual network that this machine is in, or else that of the vault's endpoint, found by az where it is run.
fn own_network(case: &Case, vault: &str) -> String {
    let subnet = match (case.host.kind, &case.host.name, &case.host.resource_group) {
        (HostKind::VirtualMachine, Some(name), Some(group)) if case.host.scale_set.is_none() => {
            let (name, group) = (case.shell.quote(name), case.shell.quote(group));
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
    // The network's id is what stands before that of its subnet.
    match case.shell {
        Shell::Posix | Shell::Msys => output_of(&format!("{subnet} | sed 's|/subnets/.*||'")),
        Shell::PowerShell => output_of(&format!("({subnet}) -replace '/subnets/.*'")),
    }
}

/// Shows how many requests the vault serves.
fn show_load(case: &Case) -> Vec<Command> {
    of_vault(case, |name| {
        vec![Command::looks(case.shell.with_paths(format!(
            "az monitor metrics list --resource {} --metric ServiceApiHit --interval PT1M --aggregation Count -o table",
            vault_id(name)
        )))]
    })
}

/// Signs a person in again; of everybody else, shows whose token it is, since no command of theirs makes a new session.
fn begin_session(case: &Case) -> Vec<Command> {
    let is_app = matches!(case.host.kind, HostKind::AppService | HostKind::FunctionApp | HostKind::ContainerApp);
    match &case.identity {
        Some(identity) if identity.kind == IdentityType::ServicePrincipal => vec![Command::looks("azfob whoami")],
        Some(identity) if identity.kind != IdentityType::User && is_app => restart_host(case),
        Some(identity) if identity.kind != IdentityType::User => vec![Command::looks("azfob whoami")],
        // The vault took the token's tenant for its own.
        identity => {
            let tenant = identity.as_ref().and_then(|identity| identity.tenant()).map(str::to_owned);
            sign_in(&Case { vault_tenant: case.vault_tenant.clone().or(tenant), ..case.clone() })
        }
    }
}

/// Shows how many requests the vault could serve at all.
fn show_availability(case: &Case) -> Vec<Command> {
    of_vault(case, |name| {
        vec![Command::looks(case.shell.with_paths(format!(
            "az monitor metrics list --resource {} --metric Availability --interval PT1M --aggregation Average -o table",
            vault_id(name)
        )))]
    })
}

/// Lists what is there, and what was deleted; or recovers what is known to be deleted.
pub(super) fn find_secret(case: &Case) -> Vec<Command> {
    of_vault(case, |vault| {
        let has_version = case.secret.as_deref().is_some_and(|secret| secret.contains('/'));
        let versions = if has_version { list_versions(case) } else { Vec::new() };
        let list =
            |command: &str| format!("az keyvault secret {command} --vault-name {vault} --query '[].name' -o tsv");
        [versions, vec![Command::looks(list("list")), Command::looks(list("list-deleted"))]].concat()
    })
}

/// Brings a deleted secret back; where it is not known, lists those that can be.
fn recover_secret(case: &Case) -> Vec<Command> {
    of_vault(case, |vault| {
        let Some(name) = case.secret_name() else {
            let list = format!("az keyvault secret list-deleted --vault-name {vault} --query '[].name' -o tsv");
            return vec![Command::looks(list)];
        };
        let name = case.shell.quote(name);
        let recover = format!("az keyvault secret recover --vault-name {vault} --name {name}");
        vec![Command::changes("brings the deleted secret back, with all its versions", recover)]
    })
}

/// Makes a secret readable again.
fn enable_secret(case: &Case) -> Vec<Command> {
    let Some(secret) = &case.secret else { return list_versions(case) };
    of_vault(case, |vault| {
        let (name, version) = secret.split_once('/').map_or((secret.as_str(), None), |(n, v)| (n, Some(v)));
        let version = version.map(|v| format!(" --version {}", case.shell.quote(v))).unwrap_or_default();
        let command = format!(
            "az keyvault secret set-attributes --vault-name {vault} --name {}{version} --enabled true",
            case.shell.quote(name)
        );
        [list_versions(case), vec![Command::changes("lets everybody with access read it again", command)]].concat()
    })
}

/// Lists the versions of a secret with their dates; where the secret is not known, the secrets.
pub(super) fn list_versions(case: &Case) -> Vec<Command> {
    of_vault(case, |vault| {
        let columns = "[].{id:id, enabled:attributes.enabled, from:attributes.notBefore, until:attributes.expires}";
        let of = match case.secret_name() {
            Some(name) => format!("list-versions --vault-name {vault} --name {}", case.shell.quote(name)),
            None => format!("list --vault-name {vault}"),
        };
        vec![Command::looks(format!("az keyvault secret {of} --query '{columns}' -o table"))]
    })
}

/// Shows which vaults are in which tenant.
fn compare_tenants(case: &Case) -> Vec<Command> {
    let list = Command::looks("az keyvault list --query '[].{vault:name, tenant:properties.tenantId}' -o table");
    let show =
        |name: &str| vec![Command::looks(format!("az keyvault show --name {name} --query properties.tenantId -o tsv"))];
    if case.vault.is_some() { [of_vault(case, show), vec![list]].concat() } else { vec![list] }
}

/// Gets the caller across to the vault's tenant, by the way that its kind of identity has.
fn cross_tenants(case: &Case) -> Vec<Command> {
    let kind = case.identity.as_ref().map(|identity| identity.kind);
    let show =
        |name: &str| Command::looks(format!("az keyvault show --name {name} --query properties.tenantId -o tsv"));
    match (kind, &case.vault_tenant) {
        (Some(IdentityType::User), _) | (None, Some(_)) => sign_in(case),
        (Some(IdentityType::ServicePrincipal), Some(tenant)) => {
            vec![Command::mends(case.shell.set(env::AZURE_TENANT_ID, tenant))]
        }
        (None, None) if case.vault.is_none() => sign_in(case),
        _ => of_vault(case, |name| vec![show(name)]),
    }
}

/// Shows which cloud az is in, and whom azfob speaks for, with the token's audience.
fn show_cloud(_: &Case) -> Vec<Command> {
    vec![
        Command::looks("azfob whoami"),
        Command::looks("az cloud show --query '{cloud:name, vaults:suffixes.keyvaultDns}'"),
    ]
}

fn show_name_and_server(case: &Case) -> Vec<Command> {
    [vec![look_up(case)], try_to_reach(case)].concat()
}

/// The vault's health, which is told to everybody
/// (<https://learn.microsoft.com/azure/key-vault/general/alert#monitor-key-vault-availability>).
fn ask_health(case: &Case) -> Vec<Command> {
    try_to_reach(case)
}

/// Shows how the vault lets callers in.
fn show_vault(case: &Case) -> Vec<Command> {
    of_vault(case, |name| {
        let query = "properties.[enableRbacAuthorization, publicNetworkAccess, networkAcls]";
        vec![Command::looks(format!("az keyvault show --name {name} --query \"{query}\""))]
    })
}

fn show_identity_and_tenant(case: &Case) -> Vec<Command> {
    let show = of_vault(case, |name| {
        vec![Command::looks(format!("az keyvault show --name {name} --query properties.tenantId -o tsv"))]
    });
    [vec![Command::looks("azfob whoami")], show].concat()
}
