//! AADSTS codes about tenants and clouds, guest accounts and the vaults' service principal.

use crate::diagnosis::context::{AZ, Context};
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::table::sign_in::{sign_in, sign_in_with_tool};
use crate::entra::cloud::PUBLIC;
use crate::env;

codes! {
    90002, "Tenant not found",
        "The tenant does not exist in this cloud",
        "Check AZURE_TENANT_ID, and AZURE_AUTHORITY_HOST for the cloud", list_tenants;
    900023, "Specified tenant identifier is neither a valid DNS name nor a valid external domain",
        "AZURE_TENANT_ID is neither a tenant ID nor a domain name",
        "Set AZURE_TENANT_ID to the tenant ID or one of the tenant's domain names", list_tenants;
    900021, "Requested tenant identifier is not valid",
        "AZURE_TENANT_ID contains only zeros",
        "Set AZURE_TENANT_ID to the tenant ID or one of the tenant's domain names", list_tenants;
    50059, "No tenant-identifying information was found",
        "The request and the account do not identify the tenant",
        "Set AZURE_TENANT_ID to the tenant ID", list_tenants;
    50128, "Invalid domain name",
        "The request and the domain of the account do not identify the tenant",
        "Set AZURE_TENANT_ID to the tenant ID", list_tenants;
    90019, "The tenant cannot be determined from the request",
        "The request and the account do not identify the tenant",
        "Set AZURE_TENANT_ID to the tenant ID", list_tenants;
    50194, "The application is not configured as a multi-tenant application",
        "The application is single-tenant, and the request went to the /common endpoint",
        "Set AZURE_TENANT_ID to the application's tenant", set_application_tenant;
    90130, "The application is not supported over the common or consumers endpoint",
        "The request went to the /common or /consumers endpoint, which the application does not support",
        "Set AZURE_TENANT_ID to the application's tenant", set_application_tenant;
    9001023, "The grant type is not supported over the common or consumers endpoint",
        "The /common and /consumers endpoints do not support this grant type",
        "Set AZURE_TENANT_ID to the tenant ID", list_tenants;
    9002332, "The application is configured for use by Entra ID users only",
        "The request went to /consumers, and the application supports only work or school accounts",
        "Set AZURE_TENANT_ID to the tenant ID", list_tenants;
    90038, "The tenant belongs to a national cloud",
        "The tenant is in a different national cloud than the authority host",
        "Set AZURE_AUTHORITY_HOST to the tenant's cloud, or unset it for the public cloud", unset_authority;
    900382 | 900432, "Confidential client is not supported in cross cloud request",
        "The application is in a different national cloud than the authority host",
        "Set AZURE_AUTHORITY_HOST to the application's cloud", unset_authority;
    90051, "The national cloud identifier is not valid",
        "The request contains an unknown national cloud identifier",
        "Set AZURE_AUTHORITY_HOST to the tenant's cloud, or unset it for the public cloud", unset_authority;
    50049, "Unknown or invalid instance",
        "AZURE_AUTHORITY_HOST is not the authority host of an Azure cloud",
        "Set AZURE_AUTHORITY_HOST to the tenant's cloud, or unset it for the public cloud", unset_authority;
    100007, "Regional endpoints support managed identities and Microsoft's own applications only",
        "The request went to a regional endpoint, which does not support this application",
        "Unset AZURE_REGIONAL_AUTHORITY_NAME", unset_region;
    500011, "The resource principal was not found in the tenant",
        "The tenant has no service principal for the audience: a wrong audience, or a vault in another cloud or tenant",
        "Check the audience, the vault's DNS suffix against the cloud, and the tenant", show_cloud;
    50001, "The application named was not found in the tenant",
        "The tenant has no application for the requested audience",
        "Check the resource that the token is requested for", show_cloud;
    500014, "The service principal for the resource is disabled",
        "The resource's service principal is disabled, by an administrator or because a subscription expired",
        "Have the tenant administrator enable the service principal, or renew the subscription", show_vault_principal;
    650052, "The organization lacks a service principal for the resource",
        "The tenant has no service principal for the resource that the application requests",
        "Create the resource's service principal in the tenant", create_vault_principal;
    500021, "Access to the tenant is denied",
        "A proxy sets tenant restrictions that do not allow this tenant",
        "Sign in to an allowed tenant, or add this tenant to the proxy configuration", switch_tenant;
    500022, "Access to the tenant is denied",
        "A tenant restrictions policy does not allow this tenant",
        "Sign in to an allowed tenant, or have an administrator add this one to the policy", switch_tenant;
    50002, "The tenant is not allowed by the proxy",
        "A proxy sets tenant restrictions that do not allow this tenant",
        "Sign in to an allowed tenant, or add this tenant to the proxy configuration", switch_tenant;
    500212, "The outbound access policy does not allow access to the resource tenant",
        "The home tenant's outbound access policy (cross-tenant access) blocks the resource tenant",
        "Have the home tenant's administrator allow the resource tenant, or use an account of the vault's tenant", switch_tenant;
    500213, "The inbound access policy does not allow access to this tenant",
        "The resource tenant's inbound access policy (cross-tenant access) blocks this account's tenant",
        "Have the resource tenant's administrator allow it, or use an account of the vault's tenant", switch_tenant;
    50020, "User account from identity provider does not exist in tenant",
        "The account is not a guest (external user) of this tenant",
        "Sign in to a tenant that contains the account, or have the account invited as a guest", switch_tenant;
    90072, "The external user account does not exist in the tenant",
        "The account is not a guest of this tenant, and cannot satisfy its MFA requirements",
        "Sign in to a tenant that contains the account, or have the account invited as a guest", switch_tenant;
    16000, "The user account does not exist in the tenant",
        "The account is not a guest (external user) of this tenant",
        "Sign in to a tenant that contains the account, or have the account invited as a guest", switch_tenant;
    16003, "The user account was not found in the resource tenant",
        "The account is not a guest (external user) of this tenant",
        "Sign in to a tenant that contains the account, or have the account invited as a guest", switch_tenant;
    50014, "The guest user account is pending",
        "The guest user account is pending: its invitation was not accepted yet",
        "Accept the invitation, or sign in to a tenant that contains the account", switch_tenant;
    51004, "The user account does not exist in the directory",
        "The user account does not exist in this tenant",
        "Sign in to a tenant that contains the account, or have the account invited as a guest", switch_tenant;
    500207, "The account type cannot be used for the resource",
        "The resource does not support this account type, for example a personal Microsoft account",
        "Sign in with a work or school account of the vault's tenant", switch_tenant;
    500208, "The domain is not a valid login domain for the account type",
        "The tenant does not support this account type, for example a personal Microsoft account",
        "Sign in with a work or school account of the vault's tenant", switch_tenant;
}

/// The application ID of Azure Key Vault, the same in every tenant
/// (<https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in>).
pub(super) const KEY_VAULT: &str = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093";

pub(super) fn list_tenants(_: &Context) -> Vec<FixCommand> {
    vec![FixCommand::read_only("az account list --query '[].{tenant:tenantId, subscription:name}' -o table")]
}

/// Signs in to the vault's tenant. If it is not known, lists the tenants that az is signed in to.
fn switch_tenant(context: &Context) -> Vec<FixCommand> {
    let tenants = if context.vault_tenant.is_some() { Vec::new() } else { list_tenants(context) };
    [tenants, sign_in_with_tool(context)].concat()
}

pub(super) fn set_application_tenant(context: &Context) -> Vec<FixCommand> {
    let show = format!("az ad sp show --id {} --query appOwnerOrganizationId -o tsv", context.application_id());
    vec![FixCommand::local(context.shell.set_to_output(env::AZURE_TENANT_ID, &show))]
}

fn unset_authority(context: &Context) -> Vec<FixCommand> {
    vec![FixCommand::local(context.shell.unset(env::AZURE_AUTHORITY_HOST))]
}

/// The Azure SDKs use a regional endpoint if this variable is set
/// (<https://github.com/Azure/azure-sdk-for-net/issues/29112>).
fn unset_region(context: &Context) -> Vec<FixCommand> {
    vec![FixCommand::local(context.shell.unset("AZURE_REGIONAL_AUTHORITY_NAME"))]
}

/// Shows az's cloud. For a vault in another cloud than the public one, switches az to it and signs in again.
fn show_cloud(context: &Context) -> Vec<FixCommand> {
    let show = FixCommand::read_only("az cloud show --query '{cloud:name, vaults:suffixes.keyvaultDns}'");
    let is_sovereign = context.tool == Some(AZ) && context.cloud().is_some_and(|cloud| cloud != PUBLIC);
    let switch = if is_sovereign { sign_in(context) } else { Vec::new() };
    [vec![show], switch].concat()
}

fn show_vault_principal(_: &Context) -> Vec<FixCommand> {
    let fields = "{name:displayName, enabled:accountEnabled}";
    vec![FixCommand::read_only(format!("az ad sp show --id {KEY_VAULT} --query '{fields}'"))]
}

fn create_vault_principal(context: &Context) -> Vec<FixCommand> {
    let create = FixCommand::shared(
        "creates Key Vault's service principal in this tenant",
        format!("az ad sp create --id {KEY_VAULT}"),
    );
    [show_vault_principal(context), vec![create]].concat()
}
