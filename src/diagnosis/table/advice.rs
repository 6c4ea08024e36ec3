//! Rows for warnings, best practices (<https://learn.microsoft.com/azure/key-vault/general/authentication>) and notes
//! beside a failure.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::env;

use super::identity::skip_managed_identity;
use super::network::bypass_proxy_for_imds;
use super::sign_in::{speed_up_az, unset_secret};
use super::vault::{list_versions, with_vault_name};

rows! {
    METADATA_SLOW {
        code: "metadata-slow", error: "The chain is slow",
        cause: "The managed identity is looked for where nothing answers",
        fix: "Set AZURE_TOKEN_CREDENTIALS=dev on a developer's machine; on one of Azure's, wait for it with --credential managed-identity",
        source: "https://github.com/Azure/azure-sdk-for-net/issues/39295",
        weight: Note, commands: skip_managed_identity,
    }

    SECRET_IS_A_FILE {
        code: "secret-is-a-file", error: "The secret is a file",
        cause: "Its content type or its tag says so",
        fix: "azfob get prints it as it is stored: --decode undoes an encoding, --out-file keeps the bytes",
        source: "https://learn.microsoft.com/azure/key-vault/certificates/about-certificates",
        weight: Note,
    }

    METADATA_PROXIED {
        code: "metadata-proxied", error: "502, 503 or a hang from the metadata service",
        cause: "A proxy is set for plain http, and NO_PROXY does not name the metadata address: SDKs send its requests there",
        fix: "Add 169.254.169.254 to NO_PROXY",
        source: "https://github.com/Azure/azure-sdk-for-net/issues/18362",
        weight: Note, commands: bypass_proxy_for_imds,
    }

    ROLE_PROPAGATION {
        code: "role-propagation", error: "A role was just assigned",
        cause: "A role assignment takes up to ten minutes to be seen everywhere",
        fix: "Wait ten minutes, or give --wait-for-access 10m",
        source: "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",
        weight: Note,
    }

    IDENTITY_SHADOWED {
        code: "identity-shadowed", error: "Works on one machine, 403 on another",
        cause: "An earlier credential wins over one that is somebody else",
        fix: "Name the one that is meant: AZURE_TOKEN_CREDENTIALS or --credential",
        source: "https://github.com/Azure/azure-sdk-for-net/issues/27872",
        weight: Warning, commands: name_credential,
    }

    TOOL_SLOW {
        code: "developer-tool-slow", error: "Azure CLI timed out after 10 seconds",
        cause: "The tool needs longer to start than the SDKs wait",
        fix: "Raise the SDK's process timeout, or speed the tool up",
        source: "https://github.com/Azure/azure-cli/issues/20404",
        weight: Warning, commands: speed_up_az,
    }

    LIST_DENIED {
        code: "list-denied", error: "403 Forbidden on secrets/list",
        cause: "The identity may not list the vault's secrets; reading one by name can still work",
        fix: "Give --secret NAME to test reading, or assign Key Vault Secrets User",
        source: "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        weight: Note,
    }

    ACCESS_POLICY_VAULT {
        code: "access-policy-vault", error: "The vault uses access policies",
        cause: "Its permissions are not roles, and cannot be given for one secret",
        fix: "Move the vault to RBAC",
        source: "https://learn.microsoft.com/azure/key-vault/general/rbac-migration",
        weight: Note, commands: move_to_rbac,
    }

    STORED_SECRET {
        code: "stored-secret", error: "A stored client secret is used where a managed identity is offered",
        cause: "AZURE_CLIENT_SECRET comes before the managed identity in the chain",
        fix: "Give the managed identity the role, and remove AZURE_CLIENT_SECRET",
        source: "https://learn.microsoft.com/azure/key-vault/general/authentication",
        weight: Note, commands: unset_secret,
    }

    MANAGEMENT_ROLE {
        code: "management-role", error: "Owner or Contributor, and 403 all the same",
        cause: "Owner, Contributor and Key Vault Reader are not data roles: none of them reads a secret's value",
        fix: "Assign Key Vault Secrets User",
        source: "https://learn.microsoft.com/azure/key-vault/general/rbac-guide",
        weight: Note,
    }

    TOKEN_AGE {
        code: "token-age", error: "A group membership or role change is not seen",
        cause: "A managed identity's token is cached by its host for up to 24 hours, and carries the groups of its issue time",
        fix: "Assign the role to the identity itself, not to a group",
        source: "https://github.com/Azure/azure-sdk-for-net/issues/27019",
        weight: Note,
    }

    IDENTITY_UNNAMED {
        code: "identity-unnamed", error: "A user-assigned identity is used without being named",
        cause: "AZURE_CLIENT_ID is not set; a second identity on this host would make the request ambiguous",
        fix: "Set AZURE_CLIENT_ID to the identity's client id",
        source: "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq",
        weight: Note, commands: name_identity,
    }

    SECRET_PAST_ITS_DATE {
        code: "secret-past-its-date", error: "An expired secret is handed out as if good",
        cause: "The vault does not enforce the dates of a secret on reads",
        fix: "Store a new version",
        source: "https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#date-time-controlled-operations",
        weight: Warning, commands: list_versions,
    }

    SECRET_BEFORE_ITS_DATE {
        code: "secret-before-its-date", error: "A secret is handed out before its start date",
        cause: "The vault does not enforce the dates of a secret on reads",
        fix: "Wait for its start date, or ask for another version",
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
    id.map(|id| FixCommand::local(context.shell.set(env::AZURE_CLIENT_ID, id))).into_iter().collect()
}

fn move_to_rbac(context: &Context) -> Vec<FixCommand> {
    with_vault_name(context, |name| {
        let list = format!("az keyvault show --name {name} --query 'properties.accessPolicies[].objectId' -o tsv");
        let update = format!("az keyvault update --name {name} --enable-rbac-authorization true");
        let note = "ends all access policies of the vault: assign roles before";
        vec![FixCommand::read_only(list), FixCommand::shared(note, update)]
    })
}
