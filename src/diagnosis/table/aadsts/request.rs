//! AADSTS codes about the request: invalid scopes, malformed requests and transient errors.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;

codes! {
    1002012, "The provided scope is not valid",
        "An application's scope has to end with /.default",
        "Ask for https://vault.azure.net/.default", show_scope;
    70011, "The provided scope is not valid",
        "The scope is malformed, or mixes resources",
        "Ask for https://vault.azure.net/.default", show_scope;
    28002, "The provided scope is not valid",
        "The scope is not one of the resource's",
        "Ask for https://vault.azure.net/.default", show_scope;
    28003, "The provided scope is empty",
        "The request names no scope",
        "Ask for https://vault.azure.net/.default", show_scope;
    700022, "The provided scope contains more than one resource",
        "The scope mixes resources",
        "Ask for https://vault.azure.net/.default alone", show_scope;
    700023, "The provided scope names no resource",
        "The scope names no resource that a token could be for",
        "Ask for https://vault.azure.net/.default", show_scope;
    901002, "The resource request parameter is not supported",
        "A resource was sent to the endpoint of version 2, which takes a scope",
        "Ask with the scope https://vault.azure.net/.default", show_scope;
    90009, "The application is requesting a token for itself",
        "The resource is the application's own, under a name instead of its id",
        "Ask for https://vault.azure.net/.default", show_scope;
    50196, "The server terminated an operation because it encountered a client request loop",
        "The same request was sent over and over",
        "Back off; look for a retry loop", try_again;
    90055, "There are too many incoming requests",
        "The tenant sends more requests than it may",
        "Back off, and keep tokens for as long as they are valid", try_again;
    90033, "A transient error has occurred",
        "Entra ID is in trouble",
        "Try again", try_again;
    90025, "Request processing has exceeded gateway allowance",
        "Entra ID is in trouble",
        "Try again", try_again;
    90024, "A transient error has occurred",
        "Entra ID is in trouble",
        "Try again", try_again;
    90006 | 90090, "The service is temporarily unavailable",
        "A service behind Entra ID is in trouble",
        "Try again", try_again;
    90012, "The request has timed out",
        "Entra ID did not get the whole request in time, or was slow itself",
        "Try again", try_again;
    90036, "An unexpected error of the directory has occurred",
        "The directory behind Entra ID could not answer",
        "Try again; open a support ticket with the trace id if it stays", try_again;
    50000, "There is an issue with the sign-in service",
        "Entra ID could not issue the token",
        "Try again; open a support ticket with the trace id if it stays", try_again;
    50033, "A transient error has occurred",
        "Entra ID is in trouble",
        "Try again", try_again;
    900144, "The request body must contain a parameter",
        "The client sent an incomplete request",
        "Update the client", update_az;
    90014, "A required field is missing",
        "The client sent an incomplete request, often with an empty setting",
        "Check the settings for an empty one, and update the client", update_az;
    90004, "The request is not properly formatted",
        "The client sent a malformed request, or something on the way changed it",
        "Update the client, and look for a proxy that changes requests", update_az;
    90005, "The identifier and the login hint cannot be used together",
        "The client sent two hints that exclude each other",
        "Update the client", update_az;
    90010, "The algorithm is not supported",
        "The client asks for something that Entra ID does not do for this tenant or account",
        "Update the client", update_az;
    90013, "The input from the user is not valid",
        "Something that was typed or set is malformed",
        "Check the tenant, the client id and the user name", update_az;
    90023, "The authentication service request is not valid",
        "The client sent a request that contradicts itself",
        "Update the client", update_az;
    9002313, "The request is malformed or invalid",
        "The client sent a malformed request, often with a token that was cut or has blanks",
        "Check what was pasted for blanks and line breaks, and update the client", update_az;
    900561, "The endpoint only accepts POST requests",
        "An address for programs was opened in a browser, or its back button was used",
        "Begin the sign-in anew", try_again;
    70003, "The grant type is not supported",
        "The client asks in a way that is not offered to the application",
        "Update the client", update_az;
    70005, "The response type is not supported",
        "The client asks for an answer that is not enabled for the application",
        "Update the client", update_az;
    70007, "The response mode is not supported",
        "The client asks for an answer in a form that is not known",
        "Update the client", update_az;
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
