//! AADSTS codes about consent and the permissions of applications.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::table::sign_in::sign_in_with_tool;

use super::application::show_application;
use super::request::show_scope;
use super::tenant::KEY_VAULT;

codes! {
    65001, "The user or administrator has not consented",
        "No user or administrator has consented to the application in this tenant",
        "Have an administrator grant consent to the application", consent;
    90094, "Administrator consent is required",
        "The application requests permissions that require administrator consent",
        "Have an administrator grant consent to the application", consent;
    90095, "Administrator consent has to be requested",
        "The permissions require administrator consent, and the tenant uses the admin consent workflow",
        "Request approval in the browser, or have an administrator grant consent", consent;
    90008, "The user or administrator has not consented",
        "The application lacks consent to the permission to sign in and read the user profile",
        "Add that permission (User.Read) to the app registration, then grant consent", consent;
    90099, "The application has not been authorized in the tenant",
        "The customer tenant has not consented to the application that a delegated administrator uses",
        "Have an administrator of the tenant grant consent to the application", consent;
    65004, "The user declined to consent",
        "The user declined to consent to the application",
        "Sign in again and grant consent", sign_in_with_tool;
    9002341, "The user is required to permit single sign-on",
        "The user has not allowed single sign-on (SSO) with this machine's account",
        "Sign in again and allow single sign-on", sign_in_with_tool;
    65002, "Consent between Microsoft's applications must be configured via preauthorization",
        "The program uses a Microsoft application's client ID for a resource without preauthorization",
        "Request the vault's own scope, or use your own app registration", show_scope;
    65005, "The application's required resource access does not name the resource",
        "The app registration's API permissions do not include the requested resource",
        "Add the API permission to the app registration, then grant consent", add_permission;
    650057, "Invalid resource",
        "The app registration's API permissions do not include the requested resource",
        "Add the API permission to the app registration, then grant consent", add_permission;
    650056, "Misconfigured application",
        "The app registration has no API permission for the resource, or consent is missing",
        "Add the API permission to the app registration, and have an administrator grant consent", add_permission;
    650054, "The application asked for permissions to a resource that is no longer available",
        "The app registration has API permissions for a resource that the tenant no longer has",
        "Remove that API permission from the app registration", list_permissions;
    650051, "The service principal name is already present for the tenant",
        "An earlier consent already created the service principal in this tenant",
        "Try again in a minute, or have an administrator grant consent", show_and_consent;
    650053, "The application asked for a scope that does not exist on the resource",
        "The requested scope does not exist on the resource",
        "Request the scope https://vault.azure.net/.default", show_scope;
}

pub(super) fn consent(context: &Context) -> Vec<FixCommand> {
    let command = format!("az ad app permission admin-consent --id {}", context.application_id());
    vec![FixCommand::shared("grants consent for the whole tenant; requires an administrator", command)]
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
    let add = FixCommand::shared("lets the application request Key Vault tokens for a user", add);
    [list_permissions(context), vec![add], consent(context)].concat()
}
