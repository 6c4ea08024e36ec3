//! Entra ID's codes that people meet on their way to a vault: rows of the same table, by number.
//!
//! The service's wording changes; the number does not
//! (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).

use crate::diagnosis::case::Case;
use crate::diagnosis::command::Command;
use crate::diagnosis::shell::output_of;

use super::federation::{restart_pod, trust};
use super::sign_in::sign_in_with;
use super::{Row, Weight};

/// Writes the rows as they are read: number, error, cause, fix, and the commands that mend it.
macro_rules! codes {
    ($($number:literal, $error:literal, $cause:literal, $fix:literal, $commands:expr;)*) => {
        /// The rows, by code.
        pub const ROWS: &[&Row] = &[$(&Row {
            code: concat!("AADSTS", $number),
            error: concat!("AADSTS", $number, ": ", $error),
            cause: $cause,
            fix: $fix,
            source: concat!("https://login.microsoftonline.com/error?code=", $number),
            signs: &[],
            weight: Weight::Refusal,
            commands: $commands,
        }),*];
    };
}

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
    7000112, "The application is disabled",
        "The enterprise application is disabled in this tenant",
        "Enable its sign-in in the tenant", enable_principal;
    700016, "Application was not found in the directory",
        "Wrong tenant, or wrong client id: often the object id",
        "Compare AZURE_TENANT_ID and AZURE_CLIENT_ID with the application's overview page", find_tenant;
    700027, "The certificate used to sign the assertion is not registered",
        "The certificate is not among those of the application",
        "Upload the certificate to the application; compare the thumbprints", list_certificates;
    700021, "No matching federated identity record found for the assertion",
        "Issuer, subject or audience of the assertion match no federated credential",
        "Make all three equal to the assertion's, letter by letter", trust;
    70021, "No matching federated identity record found for presented assertion",
        "Issuer, subject or audience of the assertion match no federated credential",
        "Make all three equal to the assertion's, letter by letter", trust;
    700211, "No matching federated identity record found for presented assertion issuer",
        "The federated credential names another issuer; a trailing slash counts",
        "Copy the assertion's issuer into the federated credential", trust;
    700212, "No matching federated identity record found for presented assertion audience",
        "The federated credential expects another audience",
        "Use api://AzureADTokenExchange, or that of the sovereign cloud", trust;
    700213, "No matching federated identity record found for presented assertion subject",
        "The federated credential names another subject; case counts",
        "Copy the assertion's subject into the federated credential", trust;
    700024, "Client assertion is not within its valid time range",
        "The assertion is stale, or this machine's clock is off",
        "Read the token file anew at each use, and check the clock", restart_pod;
    50013, "Assertion failed signature validation",
        "The assertion was signed with a key that Entra ID does not know for it",
        "Check the issuer's keys, or the certificate of the application", list_certificates;
    90002, "Tenant not found",
        "There is no such tenant in this cloud",
        "Check AZURE_TENANT_ID, and AZURE_AUTHORITY_HOST for the cloud", list_tenants;
    900023, "Specified tenant identifier is neither a valid DNS name nor a valid external domain",
        "AZURE_TENANT_ID is malformed",
        "Use the tenant's id or one of its domain names", list_tenants;
    90038, "Confidential client is not supported in cross cloud request",
        "The authority belongs to another cloud than the application",
        "Set AZURE_AUTHORITY_HOST to the application's cloud", forget_authority;
    900382, "Confidential client is not supported in cross cloud request",
        "The authority belongs to another cloud than the application",
        "Set AZURE_AUTHORITY_HOST to the application's cloud", forget_authority;
    500011, "The resource principal was not found in the tenant",
        "The audience is not known in this tenant: another cloud's vault, or another tenant",
        "Check the vault's suffix against the cloud, and the tenant", show_cloud;
    50001, "The application named was not found in the tenant",
        "The audience is not known in this tenant",
        "Check the resource that the token is asked for", show_cloud;
    1002012, "The provided scope is not valid",
        "An application's scope has to end with /.default",
        "Ask for https://vault.azure.net/.default", show_scope;
    70011, "The provided scope is not valid",
        "The scope is malformed, or mixes resources",
        "Ask for https://vault.azure.net/.default", show_scope;
    65001, "The user or administrator has not consented",
        "Nobody has consented to the application in this tenant",
        "Have an administrator consent", consent;
    50105, "The signed in user is not assigned to a role for the application",
        "The application takes assigned users only",
        "Assign the user, or lift the requirement", show_requirement;
    50020, "User account from identity provider does not exist in tenant",
        "The account is no guest of this tenant",
        "Sign in to a tenant that knows the account, or have it invited", sign_in_with;
    50034, "The user account does not exist in the directory",
        "Wrong user name, or wrong tenant",
        "Check both", sign_in_with;
    50126, "Invalid username or password",
        "Wrong user name or password",
        "Check both; better, use az login or a managed identity", sign_in_with;
    50055, "The password is expired",
        "The password has expired",
        "Change it", sign_in_with;
    50057, "The user account is disabled",
        "The account is disabled",
        "Ask the administrator", sign_in_with;
    50076, "You must use multi-factor authentication to access",
        "A second factor is asked for, by policy or from a new place",
        "Sign in again with az login; a stored password can never do it", sign_in_with;
    50079, "You must enroll in multi-factor authentication",
        "The account has no second factor yet",
        "Enroll one, then sign in again", sign_in_with;
    50078, "Presented multi-factor authentication has expired",
        "The second factor has to be shown again",
        "Sign in again", sign_in_with;
    50158, "External security challenge was not satisfied",
        "Another provider's check has to be passed",
        "Sign in interactively", sign_in_with;
    53003, "Access has been blocked by Conditional Access policies",
        "A policy on device, place or application refuses",
        "Use a device and network that the policy allows, or ask the administrator", sign_in_with;
    53000, "Device is not in required device state: compliant",
        "The policy wants a compliant device",
        "Use one", sign_in_with;
    530003, "Your device is required to be managed",
        "The policy wants a managed device",
        "Use one", sign_in_with;
    50173, "The provided grant has expired due to it being revoked",
        "The sign-in was revoked, as by a new password",
        "Sign in again", sign_in_with;
    700082, "The refresh token has expired due to inactivity",
        "The sign-in was not used for long and has lapsed",
        "Sign in again", sign_in_with;
    70043, "The refresh token has expired due to sign-in frequency checks",
        "A policy wants a new sign-in every so often",
        "Sign in again", sign_in_with;
    70044, "The session has expired due to sign-in frequency checks",
        "A policy wants a new sign-in every so often",
        "Sign in again", sign_in_with;
    50196, "The server terminated an operation because it encountered a client request loop",
        "The same request was sent over and over",
        "Back off; look for a retry loop", try_again;
    90033, "A transient error has occurred",
        "Entra ID is in trouble",
        "Try again", try_again;
    90025, "Request processing has exceeded gateway allowance",
        "Entra ID is in trouble",
        "Try again", try_again;
    50011, "The redirect URI does not match",
        "The application does not know the redirect address",
        "Register http://localhost as a redirect of the public client", register_redirect;
    900144, "The request body must contain a parameter",
        "The client sent an incomplete request",
        "Update the client", update_az;
}

/// The row of a code.
pub fn row(code: u32) -> Option<&'static Row> {
    let code = format!("AADSTS{code}");
    ROWS.iter().copied().find(|row| row.code == code)
}

/// The application's client id, which the shell knows where this process was not told.
fn application(case: &Case) -> String {
    let known = case.client_id.as_deref().map(|id| case.shell.quote(id));
    known.unwrap_or_else(|| case.shell.value_of("AZURE_CLIENT_ID"))
}

/// <https://learn.microsoft.com/cli/azure/ad/app/credential#az-ad-app-credential-reset>
fn reset_secret(case: &Case) -> Vec<Command> {
    let id = application(case);
    let list = format!("az ad app credential list --id {id} --query '[].{{id:keyId, until:endDateTime}}' -o table");
    let reset = format!("az ad app credential reset --id {id} --append --query password -o tsv");
    vec![
        Command::looks(list),
        Command::changes(
            "adds a client secret to the application; those it has stay",
            case.shell.set_to_output("AZURE_CLIENT_SECRET", &reset),
        ),
    ]
}

fn enable_principal(case: &Case) -> Vec<Command> {
    let command = format!("az ad sp update --id {} --set accountEnabled=true", application(case));
    vec![Command::changes("lets the application sign in again in this tenant", command)]
}

fn find_tenant(case: &Case) -> Vec<Command> {
    let show = format!("az ad sp show --id {} --query appOwnerOrganizationId -o tsv", application(case));
    vec![Command::mends(case.shell.set_to_output("AZURE_TENANT_ID", &show))]
}

/// The certificates of the application; where an assertion was presented, whom it trusts instead.
fn list_certificates(case: &Case) -> Vec<Command> {
    if case.assertion.is_some() {
        return trust(case);
    }
    let columns = "[].{thumbprint:customKeyIdentifier, until:endDateTime}";
    vec![Command::looks(format!(
        "az ad app credential list --id {} --cert --query '{columns}' -o table",
        application(case)
    ))]
}

fn list_tenants(_: &Case) -> Vec<Command> {
    vec![Command::looks("az account list --query '[].{tenant:tenantId, subscription:name}' -o table")]
}

fn forget_authority(case: &Case) -> Vec<Command> {
    vec![Command::mends(case.shell.unset("AZURE_AUTHORITY_HOST"))]
}

fn show_cloud(_: &Case) -> Vec<Command> {
    vec![Command::looks("az cloud show --query '{cloud:name, vaults:suffixes.keyvaultDns}'")]
}

fn show_scope(case: &Case) -> Vec<Command> {
    let scope = case.scope().map(|scope| format!(" --scope {}", case.shell.quote(&scope))).unwrap_or_default();
    vec![Command::looks(format!("az account get-access-token{scope} --query expiresOn"))]
}

fn consent(case: &Case) -> Vec<Command> {
    let command = format!("az ad app permission admin-consent --id {}", application(case));
    vec![Command::changes("consents for everybody in the tenant; it takes an administrator", command)]
}

fn show_requirement(case: &Case) -> Vec<Command> {
    let id = output_of(&format!("az ad sp show --id {} --query id -o tsv", application(case)));
    let url = format!("https://graph.microsoft.com/v1.0/servicePrincipals/{}/appRoleAssignedTo", id.trim_matches('"'));
    vec![Command::looks(format!("az rest --url \"{url}\" --query 'value[].principalDisplayName' -o tsv"))]
}

fn try_again(_: &Case) -> Vec<Command> {
    vec![Command::looks("azfob whoami")]
}

fn register_redirect(case: &Case) -> Vec<Command> {
    let command = format!("az ad app update --id {} --public-client-redirect-uris http://localhost", application(case));
    vec![Command::changes("sets the redirect addresses of the application to this one", command)]
}

fn update_az(_: &Case) -> Vec<Command> {
    vec![Command::mends("az upgrade")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_by_the_whole_number() {
        assert!(row(700_213).unwrap().cause.contains("subject"));
        assert_eq!(row(7002), None);
    }
}
