//! AADSTS codes about consent and the permissions of applications.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::table::sign_in::sign_in_with_tool;

use super::application::show_application;
use super::request::show_scope;
use super::tenant::KEY_VAULT;

codes! {
    65001, "The user or administrator has not consented",
        "Nobody has consented to the application in this tenant",
        "Have an administrator consent", consent;
    90094, "Administrator consent is required",
        "The application asks for more than a person may grant",
        "Have an administrator consent", consent;
    90095, "Administrator consent has to be requested",
        "The application asks for more than a person may grant, and the tenant takes requests for it",
        "Send the request in the browser, or have an administrator consent", consent;
    90008, "The user or administrator has not consented",
        "The application lacks even the permission to sign a person in",
        "Give it that permission, and consent", consent;
    90099, "The application has not been authorized in the tenant",
        "A partner's administrator uses the application before its tenant has consented to it",
        "Have an administrator of the tenant consent", consent;
    65004, "The user declined to consent",
        "The person did not consent to the application",
        "Sign in again and consent", sign_in_with_tool;
    9002341, "The user is required to permit single sign-on",
        "The person has not yet let the application sign in with the account of this machine",
        "Sign in again and permit it", sign_in_with_tool;
    65002, "Consent between Microsoft's applications must be configured via preauthorization",
        "A program uses the client id of Microsoft's own for a resource that this one may not ask for",
        "Ask for the vault's own scope, or use an application of your own", show_scope;
    65005, "The application's required resource access does not name the resource",
        "The application's registration does not name the resource that it asks for",
        "Add the permission to the registration, and consent", add_permission;
    650057, "Invalid resource",
        "The application's registration does not name the resource that it asks for",
        "Add the permission to the registration, and consent", add_permission;
    650056, "Misconfigured application",
        "The application's registration names no permission for the resource, or nobody has consented",
        "Add the permission to the registration, and have an administrator consent", add_permission;
    650054, "The application asked for permissions to a resource that is no longer available",
        "The application's registration names a resource that the tenant does not have any more",
        "Take that permission out of the registration", list_permissions;
    650051, "The service principal name is already present for the tenant",
        "Consent was begun before, and its service principal is already there",
        "Try again in a minute, or have an administrator consent", show_and_consent;
    650053, "The application asked for a scope that does not exist on the resource",
        "The scope is not one of the resource's",
        "Ask for https://vault.azure.net/.default", show_scope;
}

pub(super) fn consent(context: &Context) -> Vec<FixCommand> {
    let command = format!("az ad app permission admin-consent --id {}", context.application_id());
    vec![FixCommand::shared("consents for everybody in the tenant; it takes an administrator", command)]
}

fn show_and_consent(context: &Context) -> Vec<FixCommand> {
    [show_application(context), consent(context)].concat()
}

/// Lists the permissions in the app registration.
pub(super) fn list_permissions(context: &Context) -> Vec<FixCommand> {
    let columns = "[].{resource:resourceAppId, permissions:join(' ', resourceAccess[].id)}";
    let id = context.application_id();
    vec![FixCommand::read_only(format!("az ad app permission list --id {id} --query \"{columns}\" -o table"))]
}

/// Adds Key Vault's delegated permission `user_impersonation`
/// (<https://learn.microsoft.com/cli/azure/ad/app/permission#az-ad-app-permission-add>).
fn add_permission(context: &Context) -> Vec<FixCommand> {
    let permission = "f53da476-18e3-4152-8e01-aec403e6edc0=Scope";
    let id = context.application_id();
    let add = format!("az ad app permission add --id {id} --api {KEY_VAULT} --api-permissions {permission}");
    let add = FixCommand::shared("lets the application ask for vaults on a person's behalf", add);
    [list_permissions(context), vec![add], consent(context)].concat()
}
