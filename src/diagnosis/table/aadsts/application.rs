//! AADSTS codes about applications: client secrets, service principals and redirect URIs.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::shell::output_of;
use crate::env;

use super::tenant::set_application_tenant;
use crate::diagnosis::table::sign_in::unset_secret;

codes! {
    7000215, "Invalid client secret provided",
        "The client secret is wrong; often its id was copied instead of its value",
        "Use the secret's value, which is shown once, when it is made", reset_secret;
    7000222, "The provided client secret keys are expired",
        "The client secret has expired",
        "Make a new secret, or use a managed identity or federation, which have none", reset_secret;
    7000216, "client_assertion or client_secret is required",
        "The application is confidential, and sent no proof of itself",
        "Set AZURE_CLIENT_SECRET, or a certificate, or use federation", reset_secret;
    7000218, "The request body must contain client_assertion or client_secret",
        "The application is confidential, and sent no proof of itself",
        "Send a secret or an assertion, or allow public client flows on the application", reset_secret;
    70002, "Error validating credentials",
        "The client secret is not the application's",
        "Use the value of one of its secrets", reset_secret;
    700025, "Client is public",
        "The application is a public client, and sent a secret or an assertion all the same",
        "Sign in without the secret, or make the application a confidential client", unset_secret;
    7000112, "The application is disabled",
        "The enterprise application is disabled in this tenant",
        "Enable its sign-in in the tenant", enable_principal;
    70001, "The application is disabled",
        "The application is disabled in this tenant, or not known there",
        "Enable it, or correct the client id and the tenant", show_and_enable;
    1000031, "The application cannot be accessed at this time",
        "The application is closed to this tenant for now",
        "Ask the administrator of the tenant", show_application;
    7000114, "The application is not allowed to make on-behalf-of calls",
        "The application may not exchange a person's token for another",
        "Sign in as the person or as the application itself", show_application;
    700016 | 700011, "Application was not found in the directory",
        "Wrong tenant, or wrong client id: often the object id",
        "Compare AZURE_TENANT_ID and AZURE_CLIENT_ID with the application's overview page", set_application_tenant;
    700038, "The client id is not a valid application identifier",
        "AZURE_CLIENT_ID is no client id: often a placeholder of zeros",
        "Set it to the application's client id", list_applications;
    7000229, "The client application is missing a service principal in the tenant",
        "The application is registered, and has no service principal in this tenant",
        "Make one", create_principal;
    900491, "Service principal not found",
        "The application has no service principal in this tenant",
        "Make one, or have an administrator consent to the application", create_principal;
    501051, "The application is not assigned to a role for the resource",
        "The resource takes assigned applications only",
        "Assign a role of the resource to the application, or lift the requirement", show_requirement;
    50105, "The signed in user is not assigned to a role for the application",
        "The application takes assigned users only",
        "Assign the user, or lift the requirement", show_requirement;
    50011, "The redirect URI does not match",
        "The application does not know the redirect address",
        "Register http://localhost as a redirect of the public client", register_redirect;
    70004, "Invalid redirect URI",
        "The application does not know the redirect address",
        "Register http://localhost as a redirect of the public client", register_redirect;
    500113, "No reply address is registered for the application",
        "The application has no redirect address, which a sign-in in a browser needs",
        "Register http://localhost as a redirect of the public client", register_redirect;
    900971, "No reply address provided",
        "The application has no redirect address, and the request named none",
        "Register http://localhost as a redirect of the public client", register_redirect;
    9002325, "Proof Key for Code Exchange is required for cross-origin code redemption",
        "The redirect address is registered as that of a single-page application",
        "Register it as a redirect of the public client instead", register_redirect;
    9002326, "Cross-origin token redemption is permitted only for single-page applications",
        "The redirect address is registered as another kind than the program's that redeems the code",
        "Register the address as the kind of the program: a public client's for a command", register_redirect;
}

/// Adds a client secret (<https://learn.microsoft.com/cli/azure/ad/app/credential#az-ad-app-credential-reset>).
fn reset_secret(context: &Context) -> Vec<FixCommand> {
    let id = context.application_id();
    let list = format!("az ad app credential list --id {id} --query '[].{{id:keyId, until:endDateTime}}' -o table");
    let reset = format!("az ad app credential reset --id {id} --append --query password -o tsv");
    vec![
        FixCommand::read_only(list),
        FixCommand::shared(
            "adds a client secret to the application; those it has stay",
            context.shell.set_to_output(env::AZURE_CLIENT_SECRET, &reset),
        ),
    ]
}

/// Shows the application's home tenant, and whether it is enabled in this one.
pub(super) fn show_application(context: &Context) -> Vec<FixCommand> {
    let fields = "{name:displayName, enabled:accountEnabled, tenant:appOwnerOrganizationId}";
    vec![FixCommand::read_only(format!("az ad sp show --id {} --query '{fields}'", context.application_id()))]
}

fn list_applications(_: &Context) -> Vec<FixCommand> {
    vec![FixCommand::read_only("az ad sp list --show-mine --query '[].{name:displayName, clientId:appId}' -o table")]
}

fn enable_principal(context: &Context) -> Vec<FixCommand> {
    let command = format!("az ad sp update --id {} --set accountEnabled=true", context.application_id());
    vec![FixCommand::shared("lets the application sign in again in this tenant", command)]
}

fn show_and_enable(context: &Context) -> Vec<FixCommand> {
    [show_application(context), enable_principal(context)].concat()
}

fn create_principal(context: &Context) -> Vec<FixCommand> {
    let command = format!("az ad sp create --id {}", context.application_id());
    vec![FixCommand::shared("makes the application's service principal in this tenant", command)]
}

fn show_requirement(context: &Context) -> Vec<FixCommand> {
    let id = output_of(&format!("az ad sp show --id {} --query id -o tsv", context.application_id()));
    let url = format!("https://graph.microsoft.com/v1.0/servicePrincipals/{}/appRoleAssignedTo", id.trim_matches('"'));
    vec![FixCommand::read_only(format!("az rest --url \"{url}\" --query 'value[].principalDisplayName' -o tsv"))]
}

pub(super) fn register_redirect(context: &Context) -> Vec<FixCommand> {
    let id = context.application_id();
    let command = format!("az ad app update --id {id} --public-client-redirect-uris http://localhost");
    vec![FixCommand::shared("sets the redirect addresses of the application to this one", command)]
}
