//! AADSTS codes about tenants and clouds, guest accounts and the vaults' service principal.

use crate::diagnosis::context::{AZ, Context};
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::table::sign_in::{sign_in, sign_in_with_tool};
use crate::entra::cloud::PUBLIC;
use crate::env;

codes! {
    90002, "Tenant not found",
        "There is no such tenant in this cloud",
        "Check AZURE_TENANT_ID, and AZURE_AUTHORITY_HOST for the cloud", list_tenants;
    900023, "Specified tenant identifier is neither a valid DNS name nor a valid external domain",
        "AZURE_TENANT_ID is malformed",
        "Use the tenant's id or one of its domain names", list_tenants;
    900021, "Requested tenant identifier is not valid",
        "AZURE_TENANT_ID is a placeholder of zeros",
        "Use the tenant's id or one of its domain names", list_tenants;
    50059, "No tenant-identifying information was found",
        "Neither the request nor the account says which tenant is meant",
        "Name the tenant in AZURE_TENANT_ID", list_tenants;
    50128, "Invalid domain name",
        "Neither the request nor the account's domain says which tenant is meant",
        "Name the tenant in AZURE_TENANT_ID", list_tenants;
    90019, "The tenant cannot be determined from the request",
        "Neither the request nor the account says which tenant is meant",
        "Name the tenant in AZURE_TENANT_ID", list_tenants;
    50194, "The application is not configured as a multi-tenant application",
        "The request went to 'common', and the application is of one tenant only",
        "Name the application's tenant in AZURE_TENANT_ID", set_application_tenant;
    90130, "The application is not supported over the common or consumers endpoint",
        "The request went to 'common' or 'consumers', which the application does not serve",
        "Name the application's tenant in AZURE_TENANT_ID", set_application_tenant;
    9001023, "The grant type is not supported over the common or consumers endpoint",
        "The request went to 'common' or 'consumers', where this sign-in is not offered",
        "Name the tenant in AZURE_TENANT_ID", list_tenants;
    9002332, "The application is configured for use by Entra ID users only",
        "The request went to 'consumers', and the application takes work or school accounts",
        "Name the tenant in AZURE_TENANT_ID", list_tenants;
    90038, "The tenant belongs to a national cloud",
        "The tenant is in another cloud than the authority that was asked",
        "Set AZURE_AUTHORITY_HOST to the tenant's cloud, or unset it for the public one", unset_authority;
    900382 | 900432, "Confidential client is not supported in cross cloud request",
        "The authority belongs to another cloud than the application",
        "Set AZURE_AUTHORITY_HOST to the application's cloud", unset_authority;
    90051, "The national cloud identifier is not valid",
        "The request names a cloud that there is not",
        "Set AZURE_AUTHORITY_HOST to the tenant's cloud, or unset it for the public one", unset_authority;
    50049, "Unknown or invalid instance",
        "AZURE_AUTHORITY_HOST is no authority of a cloud",
        "Set it to the tenant's cloud, or unset it for the public one", unset_authority;
    100007, "Regional endpoints support managed identities and Microsoft's own applications only",
        "The token was asked for at a regional endpoint, which is not open to this application",
        "Unset AZURE_REGIONAL_AUTHORITY_NAME", unset_region;
    500011, "The resource principal was not found in the tenant",
        "The audience is not known in this tenant: another cloud's vault, or another tenant",
        "Check the vault's suffix against the cloud, and the tenant", show_cloud;
    50001, "The application named was not found in the tenant",
        "The audience is not known in this tenant",
        "Check the resource that the token is asked for", show_cloud;
    500014, "The service principal for the resource is disabled",
        "The resource is disabled in this tenant, by an administrator or since a subscription has lapsed",
        "Have the tenant's administrator enable it, or renew the subscription", show_vault_principal;
    650052, "The organization lacks a service principal for the resource",
        "The tenant does not know the resource that the application asks for",
        "Make its service principal in the tenant", create_vault_principal;
    500021, "Access to the tenant is denied",
        "A proxy on the way adds the tenants that are allowed, and this one is not among them",
        "Sign in to a tenant that is allowed, or have this one added where the proxy is set up", switch_tenant;
    500022, "Access to the tenant is denied",
        "A tenant restriction policy does not allow this tenant",
        "Sign in to a tenant that is allowed, or have this one added to the policy", switch_tenant;
    50002, "The tenant is not allowed by the proxy",
        "A proxy on the way restricts the tenants that may be signed in to",
        "Sign in to a tenant that is allowed, or have this one added where the proxy is set up", switch_tenant;
    500212, "The outbound access policy does not allow access to the resource tenant",
        "The account's own tenant does not let it into other tenants",
        "Have its administrator allow this tenant, or use an account of the vault's tenant", switch_tenant;
    500213, "The inbound access policy does not allow access to this tenant",
        "The vault's tenant does not let accounts of this one in",
        "Have its administrator allow them, or use an account of the vault's tenant", switch_tenant;
    50020, "User account from identity provider does not exist in tenant",
        "The account is no guest of this tenant",
        "Sign in to a tenant that knows the account, or have it invited", switch_tenant;
    90072, "The external user account does not exist in the tenant",
        "The account is no guest of this tenant, so that its second factor cannot be checked",
        "Sign in to a tenant that knows the account, or have it invited", switch_tenant;
    16000, "The user account does not exist in the tenant",
        "The account is no guest of this tenant",
        "Sign in to a tenant that knows the account, or have it invited", switch_tenant;
    16003, "The user account was not found in the resource tenant",
        "The account is no guest of this tenant",
        "Sign in to a tenant that knows the account, or have it invited", switch_tenant;
    50014, "The guest user account is pending",
        "The account was invited, and is not a full guest of this tenant yet",
        "Accept the invitation, or sign in to a tenant that knows the account", switch_tenant;
    51004, "The user account does not exist in the directory",
        "The account is not of this tenant",
        "Sign in to a tenant that knows the account, or have it invited", switch_tenant;
    500207, "The account type cannot be used for the resource",
        "The account is of a kind that the resource does not take, as a personal one",
        "Sign in with a work or school account of the vault's tenant", switch_tenant;
    500208, "The domain is not a valid login domain for the account type",
        "The account is of another kind than the tenant takes, as a personal one",
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
    let create =
        FixCommand::shared("makes Key Vault known in this tenant", format!("az ad sp create --id {KEY_VAULT}"));
    [show_vault_principal(context), vec![create]].concat()
}
