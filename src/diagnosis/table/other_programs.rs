//! Rows for errors of other programs, which azfob sees only in logs.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;

use super::federation::annotate_service_account;
use super::identity::{enable_identity, list_all_identities};
use super::sign_in::{install_tool, sign_in, sign_in_commands, sign_in_with_tool};
use super::vault::{allow_address, find_secret, with_vault_name};

rows! {
    ENVIRONMENT_NOT_SET {
        code: "environment-not-set", error: "EnvironmentCredential authentication unavailable",
        cause: "Not all environment variables of a service principal were set for the program; the log does not list them",
        fix: "Set AZURE_TENANT_ID, AZURE_CLIENT_ID and a client secret or certificate there, or use a managed identity",
        source: "https://aka.ms/azsdk/net/identity/environmentcredential/troubleshoot",
        weight: Misleading, commands: sign_in_commands,
    }

    TOOL_NOT_FOUND {
        code: "developer-tool-not-found", error: "Azure CLI not found on path",
        cause: "The program did not find the developer tool: it is not installed on that host, or not on PATH",
        fix: "Use the credential that fits that host; on a developer's machine, install the tool or add it to PATH",
        source: "https://aka.ms/azsdk/net/identity/azclicredential/troubleshoot",
        weight: ToolMissing, commands: install_az_or_set_up_identity,
    }

    PYTHON_WITHOUT_SSL {
        code: "python-without-ssl", error: "Can't connect to HTTPS URL because the SSL module is not available",
        cause: "The program's Python cannot load its ssl module, so it opened no connection",
        fix: "Repair that Python (OpenSSL's libraries; conda: activate the environment), and test it with import ssl",
        source: "https://docs.python.org/3/library/ssl.html",
        weight: HostSetup, commands: |_| vec![FixCommand::read_only("python3 -c 'import ssl; print(ssl.OPENSSL_VERSION)'")],
    }

    DRIVER_IDENTITY_NOT_SELECTED {
        code: "driver-identity-not-selected", error: "Multiple user assigned identities exist",
        cause: "The nodes have multiple user-assigned identities, and the SecretProviderClass selects none",
        fix: "Set useVMManagedIdentity and userAssignedIdentityID (a client ID) in the SecretProviderClass",
        source: "https://azure.github.io/secrets-store-csi-driver-provider-azure/docs/configurations/identity-access-modes/user-assigned-msi-mode/",
        weight: HostSetup, commands: show_provider_identities,
    }

    DRIVER_OBJECT_FORMAT {
        code: "driver-object-format", error: "illegal base64 data",
        cause: "The driver decodes the secret as base64 (PFX), but its value is other text, for example PEM",
        fix: "Set objectFormat: pem in the SecretProviderClass, and omit objectEncoding; with azfob, omit --decode",
        source: "https://azure.github.io/secrets-store-csi-driver-provider-azure/docs/configurations/getting-certs-and-keys/",
        commands: show_object_format,
    }

    IDENTITY_ENDPOINT_MISSING {
        code: "identity-endpoint-missing", error: "ManagedIdentityCredential authentication failed",
        cause: "IDENTITY_ENDPOINT is not set: no managed identity on this App Service app, or enabled after the app started",
        fix: "Enable the managed identity of the app; if it is enabled, restart the app",
        source: "https://learn.microsoft.com/azure/app-service/overview-managed-identity",
        weight: HostSetup, commands: enable_app_identity,
    }

    AUDIENCE_NOT_SUPPORTED {
        code: "audience-not-supported", error: "ManagedIdentityCredential authentication failed",
        cause: "Cloud Shell issues tokens only for its list of audiences, and this audience is not on the list",
        fix: "Sign in inside Cloud Shell with az login, which supports all audiences",
        source: "https://learn.microsoft.com/azure/cloud-shell/msi-authorization",
        commands: sign_in,
    }

    MACHINE_LEARNING_IDENTITY {
        code: "azure-ml-identity", error: "ManagedIdentityCredential authentication failed",
        cause: "The compute's identity endpoint returned plain text: no managed identity, or none with the requested client ID",
        fix: "Assign a managed identity to the compute, and select its client ID, as in DEFAULT_IDENTITY_CLIENT_ID",
        source: "https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication",
        commands: |_| vec![list_all_identities()],
    }

    MACHINE_LEARNING_SIGN_ON {
        code: "azure-ml-sign-on", error: "ManagedIdentityCredential authentication failed",
        cause: "The user's single sign-on (SSO) at the compute instance is no longer valid",
        fix: "Sign in again on the compute instance",
        source: "https://learn.microsoft.com/azure/machine-learning/how-to-create-compute-instance",
        commands: sign_in,
    }

    SECRET_NAME_INVALID {
        code: "secret-name-invalid", error: "400 BadParameter",
        cause: "The secret name is not valid: only letters, digits and dashes are allowed",
        fix: "Use the name that the secret has in the vault, often with - instead of _",
        source: "https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#objects-identifiers-and-versioning",
        commands: find_secret,
    }

    DRIVER_TOKEN_MISSING {
        code: "driver-token-missing", error: "token for audience not found",
        cause: "The Secrets Store CSI driver receives no service account token for this audience",
        fix: "List the audience api://AzureADTokenExchange in tokenRequests of the CSIDriver secrets-store.csi.k8s.io",
        source: "https://azure.github.io/secrets-store-csi-driver-provider-azure/docs/configurations/identity-access-modes/workload-identity-mode/",
        weight: HostSetup,
        commands: |_| vec![FixCommand::read_only("kubectl get csidriver secrets-store.csi.k8s.io -o 'jsonpath={.spec.tokenRequests}'")],
    }

    DRIVER_MISSING {
        code: "driver-missing", error: "driver name secrets-store.csi.k8s.io not found",
        cause: "The Secrets Store CSI driver or its Azure provider is not running on the node of the pod",
        fix: "Enable the add-on azure-keyvault-secrets-provider of AKS, or install the Azure provider with Helm",
        source: "https://learn.microsoft.com/azure/aks/csi-secrets-store-driver",
        weight: HostSetup, commands: show_provider_pods,
    }

    POD_IDENTITY {
        code: "pod-identity", error: "AAD Pod Identity failed",
        cause: "The pod uses AAD Pod Identity, which is retired; it did not answer or has no identity for the pod",
        fix: "Migrate the pod to Microsoft Entra Workload ID",
        source: "https://learn.microsoft.com/azure/aks/workload-identity-migrate-from-pod-identity",
        weight: HostSetup, commands: annotate_service_account,
    }

    VOLUME_TIMED_OUT {
        code: "volume-timed-out", error: "MountVolume.SetUp failed: DeadlineExceeded",
        cause: "The Secrets Store CSI driver did not mount the volume in time; the event of the pod does not contain the reason",
        fix: "Read the log of the driver's Azure provider on the node of the pod",
        source: "https://azure.github.io/secrets-store-csi-driver-provider-azure/docs/troubleshooting/",
        weight: Vague, commands: show_provider_log,
    }

    NOT_RECOGNIZED {
        code: "not-recognized", error: "Unknown error of Azure Identity or Key Vault",
        cause: "azfob does not recognize the reason in this message",
        fix: "Read the message; run azfob diagnose on that host, or turn on the program's debug log",
        source: "https://aka.ms/azsdk/net/identity/defaultazurecredential/troubleshoot",
        weight: Vague, commands: |_| vec![FixCommand::read_only("azfob diagnose")],
    }

    OTHER_SERVICE_FORBIDDEN {
        code: "other-service-forbidden", error: "PermissionDenied",
        cause: "Another Azure service (not Key Vault) refused the identity, key or signature (SAS) of the request",
        fix: "Assign a role of that service to the identity; the roles of Key Vault do not grant it",
        source: "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",
        commands: list_role_assignments,
    }

    OTHER_SERVICE_TOKEN {
        code: "other-service-token", error: "InvalidAuthenticationToken",
        cause: "Another Azure service (Microsoft Graph, Azure Resource Manager, ...) received no access token, or rejects it",
        fix: "Request a new token for that service, for example with the scope https://graph.microsoft.com/.default",
        source: "https://learn.microsoft.com/graph/resolve-auth-errors",
        commands: |_| vec![FixCommand::read_only("az account show --query '{user:user.name, tenant:tenantId}'")],
    }

    OTHER_SERVICE_TENANT {
        code: "other-service-tenant", error: "InvalidAuthenticationTokenTenant",
        cause: "The access token is from another tenant than the resource or subscription; Key Vault did not answer",
        fix: "Sign in to the tenant of the resource, or set AZURE_TENANT_ID to it",
        source: "https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-invalid-authentication-token-tenant",
        commands: sign_in_to_other_tenant,
    }

    SQL_LOGIN_FAILED {
        code: "sql-login-failed", error: "Login failed for user '<token-identified principal>'",
        cause: "Azure SQL (not Key Vault) refused the identity: the database has no user for it; the sign-in succeeded",
        fix: "As Microsoft Entra admin, run CREATE USER [name] FROM EXTERNAL PROVIDER in that database, and add roles",
        source: "https://learn.microsoft.com/azure/azure-sql/database/authentication-aad-configure",
        commands: |_| vec![FixCommand::read_only(SQL_ADMINS)],
    }

    FORBIDDEN_PERIMETER {
        code: "forbidden-perimeter", error: "403 Forbidden (network security perimeter)",
        cause: "Neither the vault's network security perimeter nor its firewall allows this request",
        fix: "Add an inbound rule to the perimeter, or to the firewall if there is none",
        source: "https://learn.microsoft.com/azure/key-vault/general/network-security#network-security-perimeter",
        commands: check_perimeter,
    }
}

/// Lists the servers of Azure SQL with their Microsoft Entra admins, who create the users of databases.
const SQL_ADMINS: &str =
    "az sql server list --query '[].{name:name, group:resourceGroup, admin:administrators.login}' -o table";

/// Lists the tenants of all subscriptions, and signs in to the one that the service names.
fn sign_in_to_other_tenant(context: &Context) -> Vec<FixCommand> {
    let list = "az account list --all --query '[].{subscription:id, name:name, tenant:tenantId}' -o table";
    let resource_tenant = context.resource_tenant.as_deref();
    let sign_in = resource_tenant.map(|id| FixCommand::local(format!("az login --tenant {}", context.shell.quote(id))));
    std::iter::once(FixCommand::read_only(list)).chain(sign_in.filter(|_| !context.host.kind.is_runner())).collect()
}

/// Lists the role assignments of the refused identity, or of the signed-in account.
fn list_role_assignments(context: &Context) -> Vec<FixCommand> {
    let columns = "--query '[].{role:roleDefinitionName, scope:scope}' -o table";
    vec![FixCommand::read_only(match context.identity.as_ref().and_then(|identity| identity.object_id()) {
        Some(id) => format!("az role assignment list --all --assignee {} {columns}", context.shell.quote(id)),
        None => format!("az role assignment list --all {columns}"),
    })]
}

fn install_az_or_set_up_identity(context: &Context) -> Vec<FixCommand> {
    match context.host.kind.has_developers() {
        true => [install_tool(context), sign_in_with_tool(context)].concat(),
        false => sign_in_commands(context),
    }
}

/// Lists the SecretProviderClasses with their namespaces and names, and one more column.
pub(super) fn list_provider_classes(column: &str) -> FixCommand {
    let columns = format!("NAMESPACE:.metadata.namespace,NAME:.metadata.name,{column}");
    FixCommand::read_only(format!("kubectl get secretproviderclass --all-namespaces -o 'custom-columns={columns}'"))
}

fn show_provider_identities(_: &Context) -> Vec<FixCommand> {
    vec![list_provider_classes("IDENTITY:.spec.parameters.userAssignedIdentityID"), list_all_identities()]
}

/// Selects the pods of the Azure provider: of the AKS add-on and of the Helm chart.
const PROVIDER_PODS: &str = "'app in (secrets-store-provider-azure, csi-secrets-store-provider-azure)'";

/// Shows whether the driver is registered, and the nodes on which the Azure provider runs.
fn show_provider_pods(_: &Context) -> Vec<FixCommand> {
    let pods = format!("kubectl get pods --all-namespaces --selector {PROVIDER_PODS} -o wide");
    vec![FixCommand::read_only("kubectl get csidriver secrets-store.csi.k8s.io"), FixCommand::read_only(pods)]
}

fn show_provider_log(_: &Context) -> Vec<FixCommand> {
    let log =
        format!("kubectl logs --namespace kube-system --selector {PROVIDER_PODS} --all-containers --since 1h --prefix");
    vec![FixCommand::read_only(log)]
}

fn show_object_format(context: &Context) -> Vec<FixCommand> {
    let content_type = if context.vault.is_some() { show_content_type(context) } else { Vec::new() };
    [vec![list_provider_classes("OBJECTS:.spec.parameters.objects")], content_type].concat()
}

/// Shows a secret's content type without its value.
fn show_content_type(context: &Context) -> Vec<FixCommand> {
    with_vault_name(context, |vault| {
        let show = context.secret_name().map(|name| {
            let name = context.shell.quote(name);
            format!("az keyvault secret show --vault-name {vault} --name {name} --query contentType -o tsv")
        });
        let columns = "[].{name:name, contentType:contentType, encoding:tags.\"file-encoding\"}";
        let list = format!("az keyvault secret list --vault-name {vault} --query '{columns}'");
        vec![FixCommand::read_only(show.unwrap_or(list))]
    })
}

/// Enables this host's identity, or lists the apps with theirs.
fn enable_app_identity(context: &Context) -> Vec<FixCommand> {
    let list = "az webapp list --query '[].{name:name, group:resourceGroup, identity:identity.type}' -o table";
    match context.host.kind.can_have_identity() {
        true => enable_identity(context),
        false => vec![FixCommand::read_only(list)],
    }
}

/// Shows whether the vault is in a network security perimeter, and adds the address to its firewall in case it is not.
fn check_perimeter(context: &Context) -> Vec<FixCommand> {
    with_vault_name(context, |name| {
        let show = format!("az keyvault show --name {name} --query properties.publicNetworkAccess -o tsv");
        let show = FixCommand::read_only(show).with_note("SecuredByPerimeter: only the perimeter's rules apply");
        // With an address, the list of the firewall's rules adds nothing.
        let list = usize::from(context.client_address.is_some());
        [vec![show], allow_address(context).split_off(list)].concat()
    })
}
