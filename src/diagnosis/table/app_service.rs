//! Rows for the states of App Service's references to Key Vault (`ApiKVReference.status` of azure-mgmt-web). `SecretNotFound`
//! is the vault's own row.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;

use super::configuration::list_apps;
use super::identity::{enable_identity, resource};
use super::vault::list_versions;

rows! {
    INITIALIZED {
        code: "app-reference-initialized", error: "Initialized",
        cause: "App Service has not resolved the Key Vault reference yet",
        fix: "Refresh the references of the app; without a refresh, App Service resolves them within 24 hours",
        source: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references#secret-rotation",
        weight: Incomplete, commands: |context| [show_states(context), refresh(context)].concat(),
    }

    RESOLVED {
        code: "app-reference-resolved", error: "Resolved",
        cause: "App Service resolved the Key Vault reference; this state is not an error",
        fix: "If the app still has an older value, refresh the references",
        source: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references#secret-rotation",
        weight: Note, commands: |context| [show_states(context), refresh(context)].concat(),
    }

    INVALID_SYNTAX {
        code: "app-reference-syntax", error: "InvalidSyntax",
        cause: "The Key Vault reference is not valid: it has neither SecretUri nor VaultName and SecretName",
        fix: "Correct the reference in the app setting",
        source: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references#understand-source-app-settings-from-key-vault",
        weight: Incomplete, commands: show_states,
    }

    MSI_NOT_ENABLED {
        code: "app-reference-identity", error: "MSINotEnabled",
        cause: "Identity not enabled on the app, or only user-assigned identities and none selected for references",
        fix: "Enable the system-assigned identity, or set keyVaultReferenceIdentity to a user-assigned identity",
        source: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references#grant-your-app-access-to-a-key-vault",
        weight: HostSetup, commands: enable_for_references,
    }

    VAULT_NOT_FOUND {
        code: "app-reference-vault", error: "VaultNotFound",
        cause: "No vault has the name in the app's Key Vault reference",
        fix: "Correct the vault name in the reference",
        source: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
        commands: show_states,
    }

    SECRET_VERSION_NOT_FOUND {
        code: "app-reference-version", error: "SecretVersionNotFound",
        cause: "The secret exists, but not in the version of the app's Key Vault reference",
        fix: "Correct the version in the reference, or omit it to use the current version",
        source: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references#secret-rotation",
        commands: |context| [list_versions(context), show_states(context)].concat(),
    }

    ACCESS_DENIED {
        code: "app-reference-denied", error: "AccessToKeyVaultDenied",
        cause: "The app's identity lacks a role or access policy on the vault",
        fix: "Assign Key Vault Secrets User to the app's identity on the vault, then refresh the references",
        source: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references#grant-your-app-access-to-a-key-vault",
        commands: show_states,
    }

    FETCH_TIMED_OUT {
        code: "app-reference-timed-out", error: "FetchTimedOut",
        cause: "App Service got no answer from the vault in time",
        fix: "Check that the vault's firewall or private endpoint allows the app, through virtual network integration",
        source: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references#access-network-restricted-vaults",
        commands: show_states,
    }

    UNAUTHORIZED_CLIENT {
        code: "app-reference-client", error: "UnauthorizedClient",
        cause: "App Service could not sign in as the app's identity; the state does not show the reason",
        fix: "Show the details of the state, and check that the identity for references still exists",
        source: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
        commands: show_states,
    }

    OTHER_REASONS {
        code: "app-reference-other", error: "OtherReasons",
        cause: "App Service could not resolve the Key Vault reference, and the state does not show the reason",
        fix: "Show the details of the state; then check the app's identity, its role and the vault's network rules",
        source: "https://learn.microsoft.com/azure/app-service/app-service-key-vault-references",
        commands: show_states,
    }
}

/// The states of an app's references, with their details.
const STATES: &str = "/config/configreferences/appsettings";

/// Shows the state of each reference of this app, or lists the apps.
fn show_states(context: &Context) -> Vec<FixCommand> {
    of_app(context, |url| FixCommand::read_only(format!("az rest --method get --url {url}")), STATES)
}

/// Resolves the references of this app again.
fn refresh(context: &Context) -> Vec<FixCommand> {
    let note = "resolves the app's references again";
    let post = |url| FixCommand::shared(note, format!("az rest --method post --url {url}"));
    of_app(context, post, "/config/configreferences/appsettings/refresh").into_iter().skip(1).collect()
}

/// Looks up the app's resource ID, and sends a request for a path below it.
fn of_app(context: &Context, request: impl FnOnce(String) -> FixCommand, path: &str) -> Vec<FixCommand> {
    let Some(app) = resource(context).filter(|_| context.host.kind.is_app()) else { return list_apps(context) };
    let show = format!("az {} show {} --query id -o tsv", app.group, app.place(&app.name));
    let id = context.shell.select("$APP_ID", "${env:APP_ID}");
    let url = format!("\"https://management.azure.com{id}{path}?api-version=2022-03-01\"");
    vec![FixCommand::local(context.shell.set_to_output("APP_ID", &show)), request(url)]
}

fn enable_for_references(context: &Context) -> Vec<FixCommand> {
    let enable = if context.host.kind.is_app() { enable_identity(context) } else { Vec::new() };
    [show_states(context), enable].concat()
}
