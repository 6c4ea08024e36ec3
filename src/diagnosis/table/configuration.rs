//! Rows for the configuration of programs that embed the client libraries: options, references, operators and drivers.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::env;
use crate::host::HostKind;

use super::network::list_vaults;
use super::other_programs::list_provider_classes;
use super::sign_in::show_settings;
use super::vault::{vault_id, with_vault_name};

rows! {
    OPTION_MISSING {
        code: "option-missing", error: "A required option of the credential is missing",
        cause: "The program's credential lacks an option, such as client ID, tenant ID, client secret, certificate or user name",
        fix: "Set the missing option in the program's configuration or environment",
        source: "https://learn.microsoft.com/dotnet/api/azure.identity",
        weight: Incomplete, commands: show_settings,
    }

    OPTION_INVALID {
        code: "option-invalid", error: "An option of the credential is not valid",
        cause: "The program passes an option that the credential does not accept: a scope, an ID or a tenant",
        fix: "Correct the option in the program's configuration",
        source: "https://learn.microsoft.com/dotnet/api/azure.identity",
        weight: Incomplete, commands: show_settings,
    }

    DRIVER_PARAMETERS {
        code: "driver-parameters", error: "SecretProviderClass is not valid",
        cause: "The SecretProviderClass is missing, or a parameter in it is missing or not valid",
        fix: "Correct the parameter in the SecretProviderClass",
        source: "https://azure.github.io/secrets-store-csi-driver-provider-azure/docs/getting-started/usage/",
        weight: Incomplete, commands: |_| vec![list_provider_classes("PARAMETERS:.spec.parameters")],
    }

    STORE_CONFIGURATION {
        code: "store-configuration", error: "The program's Azure configuration is not complete",
        cause: "A SecretStore, Issuer, TriggerAuthentication or provider block lacks what it needs to sign in",
        fix: "Add the missing part to that configuration, or use workload identity",
        source: "https://external-secrets.io/latest/provider/azure-key-vault/",
        weight: Incomplete, commands: show_settings,
    }

    STORE_AUTH_TYPE {
        code: "store-auth-type", error: "The SecretStore uses a managed identity",
        cause: "The cluster's nodes do not reach the metadata service (IMDS): they are not in Azure, or it is blocked",
        fix: "Set authType: WorkloadIdentity and serviceAccountRef in the SecretStore instead of ManagedIdentity",
        source: "https://external-secrets.io/latest/provider/azure-key-vault/#workload-identity",
        weight: HostSetup, commands: |_| vec![FixCommand::read_only(STORES)],
    }

    DATABRICKS_SCOPE {
        code: "databricks-scope", error: "Unable to grant read/list permission to Databricks service principal",
        cause: "The account that creates the secret scope cannot assign roles on the vault; the vault received no request",
        fix: "Assign Key Vault Secrets User to AzureDatabricks on the vault, then create the scope again",
        source: "https://learn.microsoft.com/azure/databricks/security/secrets/#azure-key-vault-backed-scopes",
        commands: grant_to_databricks,
    }

    DATABRICKS_ACCESS {
        code: "databricks-access", error: "Databricks could not access keyvault",
        cause: "AzureDatabricks has no role or access policy on the vault, or the vault's firewall blocks it",
        fix: "Assign Key Vault Secrets User to AzureDatabricks on the vault; in the firewall, allow trusted Microsoft services",
        source: "https://learn.microsoft.com/azure/databricks/security/secrets/#azure-key-vault-backed-scopes",
        commands: grant_to_databricks,
    }

    APP_REFERENCE {
        code: "app-reference", error: "A Key Vault reference of the app is not resolved",
        cause: "The app's identity is not enabled or selected, or lacks the role, or a firewall blocks the app",
        fix: "Enable the identity, select a user-assigned one for references, and assign Key Vault Secrets User",
        source: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
        weight: HostSetup, commands: list_apps,
    }

    REFERENCE_MALFORMED {
        code: "reference-malformed", error: "A Key Vault reference is not valid",
        cause: "The reference to a secret or key does not have the form that the program expects",
        fix: "Correct the reference: vault, name, and the program's own prefix",
        source: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references#understand-source-app-settings-from-key-vault",
        weight: Incomplete, commands: |_| vec![list_vaults()],
    }

    VAULT_URL_MALFORMED {
        code: "vault-url-malformed", error: "The vault URL is not valid",
        cause: "The address is not the https URL of a vault or of one of its secrets",
        fix: "Use https://NAME.vault.azure.net, with the vault's own name",
        source: "https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#objects-identifiers-and-versioning",
        weight: Incomplete, commands: |_| vec![list_vaults()],
    }

    AUTHORITY_UNKNOWN {
        code: "authority-unknown", error: "The authority is not valid",
        cause: "The authority host is not an authority host of Entra ID, or its discovery document does not match",
        fix: "Set AZURE_AUTHORITY_HOST to the cloud's authority host, or unset it for the public cloud",
        source: "https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud",
        weight: Incomplete,
        commands: |context| vec![FixCommand::local(context.shell.unset(env::AZURE_AUTHORITY_HOST))],
    }

    TENANT_UNKNOWN {
        code: "tenant-unknown", error: "Unable to get authority configuration",
        cause: "Entra ID described no authority for this URL: the tenant in it does not exist, or a proxy changed the answer",
        fix: "Correct the tenant in the program's settings: a tenant ID, or a domain name of the tenant",
        source: "https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc",
        weight: Incomplete,
        commands: |_| vec![FixCommand::read_only("az account list --query '[].{tenant:tenantId, subscription:name}' -o table")],
    }

    MANAGEMENT_FORBIDDEN {
        code: "management-forbidden", error: "AuthorizationFailed",
        cause: "Azure Resource Manager or Microsoft Graph refused the identity; the vault received no request",
        fix: "Assign a role for that operation (Reader, ...); for Microsoft Graph, grant the API permission with admin consent",
        source: "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",
        commands: show_management_access,
    }

    VAULT_NOT_IN_SUBSCRIPTION {
        code: "vault-not-in-subscription", error: "ResourceNotFound: Microsoft.KeyVault/vaults",
        cause: "Azure Resource Manager found no such vault in this subscription and resource group for this identity",
        fix: "Check the vault's name, resource group and subscription, and whether the identity has the Reader role",
        source: "https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-not-found",
        commands: |context| [vec![list_vaults()], show_management_access(context)].concat(),
    }
}

/// Lists the SecretStores with their authentication types.
const STORES: &str = "kubectl get secretstore,clustersecretstore --all-namespaces -o \
                      'custom-columns=NAME:.metadata.name,AUTH:.spec.provider.azurekv.authType'";

/// The application ID of AzureDatabricks, the same in every tenant
/// (<https://learn.microsoft.com/azure/databricks/security/secrets/>).
const DATABRICKS: &str = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d";

/// Assigns the role on the vault to the service principal of Azure Databricks.
fn grant_to_databricks(context: &Context) -> Vec<FixCommand> {
    with_vault_name(context, |name| {
        let role = format!(
            "az role assignment create --role \"Key Vault Secrets User\" --assignee {DATABRICKS} --scope {}",
            vault_id(name)
        );
        vec![FixCommand::shared("lets Azure Databricks read the vault's secrets", context.shell.with_paths(role))]
    })
}

/// Lists the apps with their identities and the identity that resolves references.
pub(super) fn list_apps(context: &Context) -> Vec<FixCommand> {
    if matches!(context.host.kind, HostKind::ContainerApp | HostKind::ContainerAppJob) {
        let columns = "{name:name, group:resourceGroup, identity:identity.type}";
        return vec![FixCommand::read_only(format!("az containerapp list --query '[].{columns}' -o table"))];
    }
    let columns = "{name:name, group:resourceGroup, identity:identity.type, references:keyVaultReferenceIdentity}";
    vec![FixCommand::read_only(format!("az webapp list --query '[].{columns}' -o table"))]
}

/// Shows who is signed in, and the role assignments on the vault.
fn show_management_access(context: &Context) -> Vec<FixCommand> {
    let account = FixCommand::read_only("az account show --query '{user:user.name, tenant:tenantId, subscription:id}'");
    let vault = context.vault.as_ref().map(|_| {
        with_vault_name(context, |name| {
            vec![FixCommand::read_only(format!(
                "az keyvault show --name {name} --query '{{id:id, tenant:properties.tenantId}}'"
            ))]
        })
    });
    [vec![account], vault.unwrap_or_default()].concat()
}
