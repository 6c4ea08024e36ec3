//! Rows for warnings, best practices (<https://learn.microsoft.com/azure/key-vault/general/authentication>) and notes
//! beside a failure.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::env;

use super::identity::{list_all_identities, skip_managed_identity};
use super::network::bypass_proxy_for_imds;
use super::sign_in::{speed_up_az, unset_secret};
use super::vault::{assign_role, list_roles, list_versions, with_vault_name};

rows! {
    METADATA_SLOW {
        code: "metadata-slow", error: "DefaultAzureCredential is slow",
        cause: "ManagedIdentityCredential waits for an identity endpoint (IMDS) that does not answer",
        fix: "On a developer machine, set AZURE_TOKEN_CREDENTIALS=dev. In Azure, wait longer with --credential managed-identity",
        source: "https://github.com/Azure/azure-sdk-for-net/issues/39295",
        weight: Note, commands: skip_managed_identity,
    }

    SECRET_IS_A_FILE {
        code: "secret-is-a-file", error: "The secret is a file",
        cause: "The content type or a tag marks the secret as a file",
        fix: "Use --decode to decode the value, or --out-file to save it; azfob get prints it as stored",
        source: "https://learn.microsoft.com/azure/key-vault/certificates/about-certificates",
        weight: Note, commands: |context| read_secret(context, "get", " --decode auto --out-file secret.bin"),
    }

    METADATA_PROXIED {
        code: "metadata-proxied", error: "502, 503 or a timeout from the metadata service (IMDS)",
        cause: "SDKs send IMDS requests to the HTTP proxy, because NO_PROXY does not list 169.254.169.254",
        fix: "Add 169.254.169.254 to NO_PROXY",
        source: "https://github.com/Azure/azure-sdk-for-net/issues/18362",
        weight: Note, commands: bypass_proxy_for_imds,
    }

    ROLE_PROPAGATION {
        code: "role-propagation", error: "New role assignment",
        cause: "A new role assignment can take up to 10 minutes to take effect",
        fix: "Wait 10 minutes, or use --wait-for-access 10m",
        source: "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",
        weight: Note, commands: |context| read_secret(context, "get", " --wait-for-access 10m"),
    }

    ROLE_THROUGH_GROUP {
        code: "role-through-group", error: "403 Forbidden in spite of a role of the group",
        cause: "A managed identity's token can be up to 24 hours older than its membership of a group",
        fix: "Wait 24 hours after the change, or assign the role to the identity itself",
        source: "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identity-best-practice-recommendations",
        weight: Warning, commands: assign_role,
    }

    ROLE_CONDITION {
        code: "role-condition", error: "403 Forbidden in spite of a role with a condition",
        cause: "The role assignment has a condition, which azfob does not evaluate",
        fix: "Check the condition, or assign the role without a condition",
        source: "https://learn.microsoft.com/azure/role-based-access-control/conditions-overview",
        weight: Warning, commands: list_roles,
    }

    CREDENTIAL_PRECEDENCE {
        code: "credential-precedence", error: "DefaultAzureCredential uses a different identity than intended",
        cause: "An earlier credential with a different identity takes precedence",
        fix: "Set AZURE_TOKEN_CREDENTIALS or --credential to the intended credential",
        source: "https://github.com/Azure/azure-sdk-for-net/issues/27872",
        weight: Warning, commands: name_credential,
    }

    TOOL_SLOW {
        code: "developer-tool-slow", error: "Azure CLI timed out after 10 seconds",
        cause: "The developer tool takes longer than the SDKs' process timeout",
        fix: "Increase the SDK's process timeout, or make the tool start faster",
        source: "https://github.com/Azure/azure-cli/issues/20404",
        weight: Warning, commands: speed_up_az,
    }

    LIST_DENIED {
        code: "list-denied", error: "403 Forbidden on secrets/list",
        cause: "The identity has no permission to list secrets; reading one by name can still work",
        fix: "Test reading with --secret NAME, or assign Key Vault Secrets User",
        source: "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        weight: Note, commands: |context| read_secret(context, "diagnose", ""),
    }

    ACCESS_POLICY_VAULT {
        code: "access-policy-vault", error: "The vault uses access policies",
        cause: "An access policy applies to all secrets of the vault, never to a single one",
        fix: "Migrate the vault to Azure RBAC",
        source: "https://learn.microsoft.com/azure/key-vault/general/rbac-migration",
        weight: Note, commands: move_to_rbac,
    }

    PROBABLE_ACCESS_POLICIES {
        code: "access-policy-vault-probable", error: "The vault probably uses access policies",
        cause: "The vault's answer names no role assignment, as is usual for a vault with access policies",
        fix: "Check the permission model; if it is access policies, migrate the vault to Azure RBAC",
        source: "https://learn.microsoft.com/azure/key-vault/general/rbac-migration",
        weight: Note, commands: move_to_rbac,
    }

    STORED_SECRET {
        code: "stored-secret", error: "A stored secret is used although the host offers an identity without one",
        cause: "EnvironmentCredential (client secret, certificate or password) takes precedence over the managed or workload identity",
        fix: "Assign the role to that identity, and unset the variable with the secret",
        source: "https://learn.microsoft.com/azure/key-vault/general/authentication",
        weight: Note, commands: unset_secret,
    }

    STORED_SECRET_REFUSED {
        code: "stored-secret-refused", error: "EnvironmentCredential authentication failed",
        cause: "A client secret, certificate or password was refused, and takes precedence over a credential that works without one",
        fix: "Unset the variable with the secret; if the application needs it, create a new secret",
        source: "https://learn.microsoft.com/azure/key-vault/general/authentication",
        commands: unset_secret,
    }

    MANAGEMENT_ROLE {
        code: "management-role", error: "403 despite the Owner or Contributor role",
        cause: "Owner, Contributor and Key Vault Reader cannot read secret values",
        fix: "Assign Key Vault Secrets User",
        source: "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        weight: Note, commands: list_roles,
    }

    TOKEN_AGE {
        code: "token-age", error: "A group membership or role change has no effect yet",
        cause: "A managed identity's token, with its group memberships, is cached for up to 24 hours",
        fix: "Assign the role directly to the identity, not to a group",
        source: "https://github.com/Azure/azure-sdk-for-net/issues/27019",
        weight: Note, commands: list_roles,
    }

    CLIENT_ID_NOT_SET {
        code: "client-id-not-set", error: "A user-assigned identity is used without its client ID",
        cause: "AZURE_CLIENT_ID is not set: a second identity on this host would make the request ambiguous",
        fix: "Set AZURE_CLIENT_ID to the identity's client ID",
        source: "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq",
        weight: Note, commands: name_identity,
    }

    SECRET_EXPIRED {
        code: "secret-expired", error: "The vault returned an expired secret",
        cause: "Key Vault does not enforce a secret's expiration date on reads",
        fix: "Create a new version of the secret",
        source: "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#date-time-controlled-operations",
        weight: Warning, commands: list_versions,
    }

    SECRET_NOT_YET_VALID {
        code: "secret-not-yet-valid", error: "The vault returned a secret before its activation date",
        cause: "Key Vault does not enforce a secret's activation date on reads",
        fix: "Wait until the activation date, or request another version",
        source: "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#date-time-controlled-operations",
        weight: Warning, commands: list_versions,
    }
}

/// Selects the intended credential.
fn name_credential(context: &Context) -> Vec<FixCommand> {
    vec![match context.credential {
        Some(name) => FixCommand::local(context.shell.set(env::AZURE_TOKEN_CREDENTIALS, name)),
        None => FixCommand::read_only("azfob diagnose"),
    }]
}

fn name_identity(context: &Context) -> Vec<FixCommand> {
    let id = context.identity.as_ref().and_then(|identity| identity.client_id());
    vec![match id {
        Some(id) => FixCommand::local(context.shell.set(env::AZURE_CLIENT_ID, id)),
        None => list_all_identities(),
    }]
}

/// Reads the secret with a command of azfob, or lists the secrets if its name is not known.
fn read_secret(context: &Context, command: &str, options: &str) -> Vec<FixCommand> {
    with_vault_name(context, |vault| {
        vec![FixCommand::read_only(match (context.secret.as_deref(), command) {
            (None, _) => format!("azfob list --vault {vault}"),
            (Some(secret), "get") => format!("azfob get --vault {vault} {}{options}", context.shell.quote(secret)),
            (Some(secret), _) => {
                format!("azfob {command} --vault {vault} --secret {}{options}", context.shell.quote(secret))
            }
        })]
    })
}

fn move_to_rbac(context: &Context) -> Vec<FixCommand> {
    with_vault_name(context, |name| {
        let list = format!("az keyvault show --name {name} --query 'properties.accessPolicies[].objectId' -o tsv");
        let update = format!("az keyvault update --name {name} --enable-rbac-authorization true");
        let note = "disables all access policies of the vault: assign roles first";
        vec![FixCommand::read_only(list), FixCommand::shared(note, update)]
    })
}
