//! AADSTS codes about applications: client secrets, service principals and redirect URIs.

use crate::credential::IdKind;
use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::shell::output_of;
use crate::env;

use super::tenant::set_application_tenant;
use crate::diagnosis::table::identity::find_client_id;
use crate::diagnosis::table::sign_in::unset_secret;

codes! {
    7000215, "Invalid client secret provided",
        "Invalid client secret: often the secret ID was copied instead of the secret value",
        "Set AZURE_CLIENT_SECRET to the secret value, which is shown only once, at creation", reset_secret;
    7000222, "The provided client secret keys are expired",
        "The client secret has expired",
        "Add a new client secret, or use a managed identity or workload identity federation", reset_secret;
    7000216, "client_assertion or client_secret is required",
        "The application is a confidential client, and the request contained no client secret or assertion",
        "Set AZURE_CLIENT_SECRET or a certificate, or use workload identity federation", reset_secret;
    7000218, "The request body must contain client_assertion or client_secret",
        "The application is a confidential client, and the request contained no client secret or assertion",
        "Send a client secret or assertion, or allow public client flows in the app registration", reset_secret;
    70002, "Error validating credentials",
        "The client secret does not belong to this application",
        "Use the value of one of the application's client secrets", reset_secret;
    700025, "Client is public",
        "The application is a public client, but the request contained a client secret or assertion",
        "Sign in without the client secret, or make the application a confidential client", unset_secret;
    7000112, "The application is disabled",
        "The enterprise application (service principal) is disabled in this tenant",
        "Enable sign-in for the enterprise application", enable_principal;
    70001, "The application is disabled",
        "The application is disabled in this tenant or does not exist there",
        "Enable the enterprise application, or correct the client ID and the tenant", show_and_enable;
    1000031, "The application cannot be accessed at this time",
        "The application cannot be accessed from this tenant at this time",
        "Contact the tenant administrator", show_application;
    7000114, "The application is not allowed to make on-behalf-of calls",
        "The application is not allowed to use the on-behalf-of (OBO) flow",
        "Sign in as the user or as the application, without the on-behalf-of flow", show_application;
    700016 | 700011, "Application was not found in the directory",
        "Wrong tenant or client ID: often the object ID is used instead of the client ID",
        "Compare AZURE_TENANT_ID and AZURE_CLIENT_ID with the overview page of the app registration", correct_client_id;
    700038, "The client ID is not a valid application identifier",
        "AZURE_CLIENT_ID is not a valid application (client) ID; often it contains only zeros",
        "Set AZURE_CLIENT_ID to the application (client) ID", list_applications;
    7000229, "The client application is missing a service principal in the tenant",
        "The app registration has no service principal (enterprise application) in this tenant",
        "Create the service principal", create_principal;
    900491, "Service principal not found",
        "The application has no service principal (enterprise application) in this tenant",
        "Create the service principal, or have an administrator consent to the application", create_principal;
    501051, "The application is not assigned to a role for the resource",
        "The resource requires assignment, and the application has no app role of the resource",
        "Assign an app role of the resource to the application, or turn off \"Assignment required\"", show_requirement;
    50105, "The signed in user is not assigned to a role for the application",
        "The enterprise application requires assignment, and the user is not assigned",
        "Assign the user to the enterprise application, or turn off \"Assignment required\"", show_requirement;
    50011, "The redirect URI does not match",
        "The redirect URI does not match the app registration",
        "Register http://localhost as a redirect URI of the public client", register_redirect;
    70004, "Invalid redirect URI",
        "The redirect URI does not match the app registration",
        "Register http://localhost as a redirect URI of the public client", register_redirect;
    500113, "No reply address is registered for the application",
        "The app registration has no redirect URI (reply address), which a browser sign-in requires",
        "Register http://localhost as a redirect URI of the public client", register_redirect;
    900971, "No reply address provided",
        "The app registration has no redirect URI (reply address), and the request contained none",
        "Register http://localhost as a redirect URI of the public client", register_redirect;
    9002325, "Proof Key for Code Exchange is required for cross-origin code redemption",
        "The redirect URI is registered for a single-page application (SPA)",
        "Register the redirect URI for a public client instead", register_redirect;
    9002326, "Cross-origin token redemption is permitted only for single-page applications",
        "The redirect URI is registered for a different platform than that of the client",
        "Register the redirect URI for the client's platform; for a command-line tool, use a public client", register_redirect;
}

/// Adds a client secret (<https://learn.microsoft.com/cli/azure/ad/app/credential#az-ad-app-credential-reset>).
fn reset_secret(context: &Context) -> Vec<FixCommand> {
    let id = context.application_id();
    let list = format!("az ad app credential list --id {id} --query '[].{{id:keyId, until:endDateTime}}' -o table");
    let reset = format!("az ad app credential reset --id {id} --append --query password -o tsv");
    vec![
        FixCommand::read_only(list),
        FixCommand::shared(
            "adds a client secret; the existing ones stay valid",
            context.shell.set_to_output(env::AZURE_CLIENT_SECRET, &reset),
        ),
    ]
}

/// Shows the application's home tenant, and whether it is enabled in this one.
pub(super) fn show_application(context: &Context) -> Vec<FixCommand> {
    let fields = "{name:displayName, enabled:accountEnabled, tenant:appOwnerOrganizationId}";
    vec![FixCommand::read_only(format!("az ad sp show --id {} --query '{fields}'", context.application_id()))]
}

/// Looks up the application's tenant, or the client ID of the identity if its resource ID was used instead.
fn correct_client_id(context: &Context) -> Vec<FixCommand> {
    let is_resource = context.requested_identity.as_ref().is_some_and(|id| id.kind == IdKind::Resource);
    if is_resource { find_client_id(context) } else { set_application_tenant(context) }
}

fn list_applications(_: &Context) -> Vec<FixCommand> {
    vec![FixCommand::read_only("az ad sp list --show-mine --query '[].{name:displayName, clientId:appId}' -o table")]
}

fn enable_principal(context: &Context) -> Vec<FixCommand> {
    let command = format!("az ad sp update --id {} --set accountEnabled=true", context.application_id());
    vec![FixCommand::shared("enables sign-in for the enterprise application", command)]
}

fn show_and_enable(context: &Context) -> Vec<FixCommand> {
    [show_application(context), enable_principal(context)].concat()
}

fn create_principal(context: &Context) -> Vec<FixCommand> {
    let command = format!("az ad sp create --id {}", context.application_id());
    vec![FixCommand::shared("creates the application's service principal in this tenant", command)]
}

fn show_requirement(context: &Context) -> Vec<FixCommand> {
    let id = output_of(&format!("az ad sp show --id {} --query id -o tsv", context.application_id()));
    let url = format!("https://graph.microsoft.com/v1.0/servicePrincipals/{}/appRoleAssignedTo", id.trim_matches('"'));
    vec![FixCommand::read_only(format!("az rest --url \"{url}\" --query 'value[].principalDisplayName' -o tsv"))]
}

pub(super) fn register_redirect(context: &Context) -> Vec<FixCommand> {
    let id = context.application_id();
    let command = format!("az ad app update --id {id} --public-client-redirect-uris http://localhost");
    vec![FixCommand::shared("replaces the application's public client redirect URIs", command)]
}
