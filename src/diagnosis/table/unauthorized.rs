//! Rows for 401 answers: tokens that a vault does not accept, and challenges for another resource.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::env;
use crate::token::identity::IdentityType;

use super::identity::restart_host;
use super::network::{compare_clocks, resolve_name, send_request};
use super::sign_in::{sign_in, sign_in_with_tool};
use super::vault::{show_metric, show_vault_field};

rows! {
    WRONG_TENANT {
        code: "wrong-tenant", error: "401 Unauthorized (AKV10032: Invalid issuer)",
        cause: "The token was issued by a different tenant than the vault's tenant",
        fix: "Sign in to the vault's tenant",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        commands: sign_in_to_vault_tenant,
    }

    IDENTITY_OF_ANOTHER_TENANT {
        code: "identity-of-another-tenant", error: "401 Unauthorized (AKV10032: Invalid issuer)",
        cause: "The managed identity belongs to a different tenant than the vault",
        fix: "Use a vault in the identity's tenant; if the subscription moved to another tenant, update the vault's tenant ID",
        source: "https://learn.microsoft.com/azure/key-vault/general/move-subscription",
        commands: compare_tenants,
    }

    WRONG_AUDIENCE {
        code: "wrong-audience", error: "401 Unauthorized (AKV10022: Invalid audience)",
        cause: "The token's audience is not this vault's: most often https://management.azure.com, or another cloud's Key Vault",
        fix: "Request the scope https://vault.azure.net/.default; set AZURE_AUTHORITY_HOST to the vault's cloud",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        commands: show_cloud,
    }

    TOKEN_EXPIRED {
        code: "token-expired", error: "401 Unauthorized (token expired)",
        cause: "The access token has expired, or this machine's clock is wrong",
        fix: "Correct the clock, then try again with a new token",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        commands: compare_clocks,
    }

    SIGNING_KEY_UNRESOLVED {
        code: "signing-key-unresolved", error: "401 Unauthorized (AKV10046)",
        cause: "Key Vault cannot resolve the token's signing key, which is a failure of the service",
        fix: "Try again in a few minutes; if the error remains, open a support request",
        source: "https://github.com/hashicorp/terraform-provider-azurerm/issues/30912",
        commands: |context| show_metric(context, "Availability", "Average"),
    }

    SESSION_REVOKED {
        code: "session-revoked", error: "401 Unauthorized (invalid_token)",
        cause: "The session was revoked (continuous access evaluation), for example by a password change or a policy",
        fix: "Sign in again; to renew the token of an application, restart the application",
        source: "https://learn.microsoft.com/entra/identity/conditional-access/concept-continuous-access-evaluation",
        commands: renew_session,
    }

    UNAUTHORIZED {
        code: "unauthorized", error: "401 Unauthorized",
        cause: "Key Vault received no access token, or does not accept it",
        fix: "Compare the token's tenant with the vault's tenant, and check the token's identity",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        weight: Vague, commands: |context| [vec![FixCommand::read_only("azfob whoami")], show_tenant(context)].concat(),
    }

    CHALLENGE_MISMATCH {
        code: "challenge-mismatch", error: "The challenge resource does not match the requested domain",
        cause: "The server at the vault's name requests a token for a resource outside the vault's domain",
        fix: "Check the proxy and DNS: a different server may answer at the vault's name",
        source: "https://aka.ms/azsdk/blog/vault-uri",
        commands: |context| [resolve_name(context), send_request(context)].concat(),
    }
}

/// Signs in to the vault's tenant, as the kind of identity requires.
fn sign_in_to_vault_tenant(context: &Context) -> Vec<FixCommand> {
    let kind = context.identity.as_ref().map(|identity| identity.kind);
    match (kind, &context.vault_tenant) {
        (Some(IdentityType::User), _) | (None, Some(_)) => sign_in(context),
        (Some(IdentityType::ServicePrincipal), Some(tenant)) => {
            vec![FixCommand::local(context.shell.set(env::AZURE_TENANT_ID, tenant))]
        }
        (None, None) if context.vault.is_none() => sign_in(context),
        _ => show_tenant(context),
    }
}

fn show_tenant(context: &Context) -> Vec<FixCommand> {
    show_vault_field(context, "properties.tenantId -o tsv")
}

/// Lists the vaults with their tenants.
fn compare_tenants(context: &Context) -> Vec<FixCommand> {
    let list = FixCommand::read_only("az keyvault list --query '[].{vault:name, tenant:properties.tenantId}' -o table");
    if context.vault.is_some() { [show_tenant(context), vec![list]].concat() } else { vec![list] }
}

/// Shows the token's identity and audience, and az's cloud.
fn show_cloud(_: &Context) -> Vec<FixCommand> {
    let commands = ["azfob whoami", "az cloud show --query '{cloud:name, vaults:suffixes.keyvaultDns}'"];
    commands.map(FixCommand::read_only).to_vec()
}

/// Signs a user in again, or restarts an app. For all others it shows the identity, since no command renews its session.
fn renew_session(context: &Context) -> Vec<FixCommand> {
    match &context.identity {
        Some(identity) if identity.kind != IdentityType::User => {
            let is_app = context.host.kind.is_app() && identity.kind != IdentityType::ServicePrincipal;
            if is_app { restart_host(context) } else { vec![FixCommand::read_only("azfob whoami")] }
        }
        // The vault has accepted the token's tenant, so it is the vault's too.
        identity => {
            let tenant = identity.as_ref().and_then(|identity| identity.tenant()).map(str::to_owned);
            // azd saves the claims of a refused token itself, and uses them in the next sign-in.
            sign_in_with_tool(&Context { vault_tenant: context.vault_tenant.clone().or(tenant), ..context.clone() })
        }
    }
}
