//! AADSTS codes about the request: invalid scopes, malformed requests and transient errors.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;

codes! {
    1002012, "The provided scope is not valid",
        "The client credentials flow requires a scope that ends with /.default",
        "Request the scope https://vault.azure.net/.default", show_scope;
    70011, "The provided scope is not valid",
        "The scope is malformed, or contains more than one resource",
        "Request the scope https://vault.azure.net/.default", show_scope;
    28002, "The provided scope is not valid",
        "The scope does not exist on the resource",
        "Request the scope https://vault.azure.net/.default", show_scope;
    28003, "The provided scope is empty",
        "The request contains no scope",
        "Request the scope https://vault.azure.net/.default", show_scope;
    700022, "The provided scope contains more than one resource",
        "The scope contains more than one resource",
        "Request only the scope https://vault.azure.net/.default", show_scope;
    700023, "The provided scope names no resource",
        "The scope contains no resource to issue a token for",
        "Request the scope https://vault.azure.net/.default", show_scope;
    901002, "The resource request parameter is not supported",
        "The v2.0 endpoint requires a scope, and the request contained a resource instead",
        "Request the scope https://vault.azure.net/.default", show_scope;
    90009, "The application is requesting a token for itself",
        "The application requests a token for itself by name instead of by client ID",
        "Request the scope https://vault.azure.net/.default", show_scope;
    50196, "The server terminated an operation because it encountered a client request loop",
        "The client sent the same request repeatedly (client request loop)",
        "Reduce the request rate, and check the program for a retry loop", try_again;
    90055, "There are too many incoming requests",
        "The tenant is throttled because it sends too many requests",
        "Reduce the request rate, and cache tokens until they expire", try_again;
    90033, "A transient error has occurred",
        "Entra ID is temporarily unavailable",
        "Try again", try_again;
    90025, "Request processing has exceeded gateway allowance",
        "Entra ID is temporarily unavailable",
        "Try again", try_again;
    90024, "A transient error has occurred",
        "Entra ID is temporarily unavailable",
        "Try again", try_again;
    90006 | 90090, "The service is temporarily unavailable",
        "A service that Entra ID depends on is temporarily unavailable",
        "Try again", try_again;
    90012, "The request has timed out",
        "The request to Entra ID timed out",
        "Try again", try_again;
    90036, "An unexpected error of the directory has occurred",
        "The Microsoft Online Directory Service (MSODS) of Entra ID failed",
        "Try again; if the error remains, open a support ticket with the trace ID", try_again;
    50000, "There is an issue with the sign-in service",
        "The sign-in service of Entra ID could not issue the token",
        "Try again; if the error remains, open a support ticket with the trace ID", try_again;
    50033, "A transient error has occurred",
        "Entra ID is temporarily unavailable",
        "Try again", try_again;
    900144, "The request body must contain a parameter",
        "The client's request lacks a required parameter",
        "Update the tool or SDK", update_az;
    90014, "A required field is missing",
        "The client's request lacks a required field, often because a setting is empty",
        "Check for empty settings, and update the tool or SDK", update_az;
    90004, "The request is not properly formatted",
        "The client sent a malformed request, or a proxy changed it",
        "Update the tool or SDK, and check for a proxy that changes requests", update_az;
    90005, "The identifier and the login hint cannot be used together",
        "The client sent both an identifier and a login hint",
        "Update the tool or SDK", update_az;
    90010, "The algorithm is not supported",
        "The client requested something that Entra ID does not support for this tenant or account",
        "Update the tool or SDK", update_az;
    90013, "The input from the user is not valid",
        "A value that was entered or configured is not valid",
        "Check the tenant, the client ID and the user name", update_az;
    90023, "The authentication service request is not valid",
        "The client sent a request with conflicting parameters",
        "Update the tool or SDK", update_az;
    9002313, "The request is malformed or invalid",
        "The client sent a malformed request, often with a truncated token or with spaces",
        "Check pasted values for spaces and line breaks, and update the tool or SDK", update_az;
    900561, "The endpoint only accepts POST requests",
        "The browser opened an endpoint that accepts only POST requests, or its Back button was used",
        "Start the sign-in again", try_again;
    70003, "The grant type is not supported",
        "The client uses a grant type that the application does not support",
        "Update the tool or SDK", update_az;
    70005, "The response type is not supported",
        "The client requests a response type that is not enabled for the application",
        "Update the tool or SDK", update_az;
    70007, "The response mode is not supported",
        "The client requests a response mode that is not supported",
        "Update the tool or SDK", update_az;
}

pub(super) fn show_scope(context: &Context) -> Vec<FixCommand> {
    let scope = context.scope().map(|scope| format!(" --scope {}", context.shell.quote(&scope))).unwrap_or_default();
    vec![FixCommand::read_only(format!("az account get-access-token{scope} --query expiresOn"))]
}

fn try_again(_: &Context) -> Vec<FixCommand> {
    vec![FixCommand::read_only("azfob whoami")]
}

pub(super) fn update_az(_: &Context) -> Vec<FixCommand> {
    vec![FixCommand::local("az upgrade")]
}
