//! Entra ID's codes that people meet on their way to a vault: rows of the same table, by number.
//!
//! The service's wording changes; the number does not
//! (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).

use super::table::Row;

macro_rules! codes {
    ($($number:literal, $error:literal, $cause:literal, $fix:literal;)*) => {
        /// The rows, by code.
        pub const AADSTS: &[&Row] = &[$(&Row {
            code: concat!("AADSTS", $number),
            error: concat!("AADSTS", $number, ": ", $error),
            cause: $cause,
            fix: $fix,
            source: concat!("https://login.microsoftonline.com/error?code=", $number),
            signs: &[],
        }),*];
    };
}

codes! {
    7000215, "Invalid client secret provided",
        "The client secret is wrong; often its id was copied instead of its value",
        "Use the secret's value, which is shown once, when it is made";
    7000222, "The provided client secret keys are expired",
        "The client secret has expired",
        "Make a new secret, or use a managed identity or federation, which have none";
    7000216, "client_assertion or client_secret is required",
        "The application is confidential, and sent no proof of itself",
        "Set AZURE_CLIENT_SECRET, or a certificate, or use federation";
    7000218, "The request body must contain client_assertion or client_secret",
        "The application is confidential, and sent no proof of itself",
        "Send a secret or an assertion, or allow public client flows on the application";
    7000112, "The application is disabled",
        "The enterprise application is disabled in this tenant",
        "Enable its sign-in in the tenant";
    700016, "Application was not found in the directory",
        "Wrong tenant, or wrong client id: often the object id",
        "Compare AZURE_TENANT_ID and AZURE_CLIENT_ID with the application's overview page";
    700027, "The certificate used to sign the assertion is not registered",
        "The certificate is not among those of the application",
        "Upload the certificate to the application; compare the thumbprints";
    700021, "No matching federated identity record found for the assertion",
        "Issuer, subject or audience of the assertion match no federated credential",
        "Make all three equal to the assertion's, letter by letter";
    70021, "No matching federated identity record found for presented assertion",
        "Issuer, subject or audience of the assertion match no federated credential",
        "Make all three equal to the assertion's, letter by letter";
    700211, "No matching federated identity record found for presented assertion issuer",
        "The federated credential names another issuer; a trailing slash counts",
        "Copy the assertion's issuer into the federated credential";
    700212, "No matching federated identity record found for presented assertion audience",
        "The federated credential expects another audience",
        "Use api://AzureADTokenExchange, or that of the sovereign cloud";
    700213, "No matching federated identity record found for presented assertion subject",
        "The federated credential names another subject; case counts",
        "Copy the assertion's subject into the federated credential";
    700024, "Client assertion is not within its valid time range",
        "The assertion is stale, or this machine's clock is off",
        "Read the token file anew at each use, and check the clock";
    50013, "Assertion failed signature validation",
        "The assertion was signed with a key that Entra ID does not know for it",
        "Check the issuer's keys, or the certificate of the application";
    90002, "Tenant not found",
        "There is no such tenant in this cloud",
        "Check AZURE_TENANT_ID, and AZURE_AUTHORITY_HOST for the cloud";
    900023, "Specified tenant identifier is neither a valid DNS name nor a valid external domain",
        "AZURE_TENANT_ID is malformed",
        "Use the tenant's id or one of its domain names";
    90038, "Confidential client is not supported in cross cloud request",
        "The authority belongs to another cloud than the application",
        "Set AZURE_AUTHORITY_HOST to the application's cloud";
    900382, "Confidential client is not supported in cross cloud request",
        "The authority belongs to another cloud than the application",
        "Set AZURE_AUTHORITY_HOST to the application's cloud";
    500011, "The resource principal was not found in the tenant",
        "The audience is not known in this tenant: another cloud's vault, or another tenant",
        "Check the vault's suffix against the cloud, and the tenant";
    50001, "The application named was not found in the tenant",
        "The audience is not known in this tenant",
        "Check the resource that the token is asked for";
    1002012, "The provided scope is not valid",
        "An application's scope has to end with /.default",
        "Ask for https://vault.azure.net/.default";
    70011, "The provided scope is not valid",
        "The scope is malformed, or mixes resources",
        "Ask for https://vault.azure.net/.default";
    65001, "The user or administrator has not consented",
        "Nobody has consented to the application in this tenant",
        "Have an administrator consent";
    50105, "The signed in user is not assigned to a role for the application",
        "The application takes assigned users only",
        "Assign the user, or lift the requirement";
    50020, "User account from identity provider does not exist in tenant",
        "The account is no guest of this tenant",
        "Sign in to a tenant that knows the account, or have it invited";
    50034, "The user account does not exist in the directory",
        "Wrong user name, or wrong tenant",
        "Check both";
    50126, "Invalid username or password",
        "Wrong user name or password",
        "Check both; better, use az login or a managed identity";
    50055, "The password is expired",
        "The password has expired",
        "Change it";
    50057, "The user account is disabled",
        "The account is disabled",
        "Ask the administrator";
    50076, "You must use multi-factor authentication to access",
        "A second factor is asked for, by policy or from a new place",
        "Sign in again with az login; a stored password can never do it";
    50079, "You must enroll in multi-factor authentication",
        "The account has no second factor yet",
        "Enroll one, then sign in again";
    50078, "Presented multi-factor authentication has expired",
        "The second factor has to be shown again",
        "Sign in again";
    50158, "External security challenge was not satisfied",
        "Another provider's check has to be passed",
        "Sign in interactively";
    53003, "Access has been blocked by Conditional Access policies",
        "A policy on device, place or application refuses",
        "Use a device and network that the policy allows, or ask the administrator";
    53000, "Device is not in required device state: compliant",
        "The policy wants a compliant device",
        "Use one";
    530003, "Your device is required to be managed",
        "The policy wants a managed device",
        "Use one";
    50173, "The provided grant has expired due to it being revoked",
        "The sign-in was revoked, as by a new password",
        "Sign in again";
    700082, "The refresh token has expired due to inactivity",
        "The sign-in was not used for long and has lapsed",
        "Sign in again";
    70043, "The refresh token has expired due to sign-in frequency checks",
        "A policy wants a new sign-in every so often",
        "Sign in again";
    70044, "The session has expired due to sign-in frequency checks",
        "A policy wants a new sign-in every so often",
        "Sign in again";
    50196, "The server terminated an operation because it encountered a client request loop",
        "The same request was sent over and over",
        "Back off; look for a retry loop";
    90033, "A transient error has occurred",
        "Entra ID is in trouble",
        "Try again";
    90025, "Request processing has exceeded gateway allowance",
        "Entra ID is in trouble",
        "Try again";
    50011, "The redirect URI does not match",
        "The application does not know the redirect address",
        "Register http://localhost as a redirect of the public client";
    900144, "The request body must contain a parameter",
        "The client sent an incomplete request",
        "Update the client";
}

/// The codes that a new sign-in of the person mends.
pub const SIGN_IN_AGAIN: [u32; 9] = [50076, 50078, 50079, 50158, 50173, 700_082, 70043, 70044, 50020];

/// The row of a code.
pub fn row(code: u32) -> Option<&'static Row> {
    let code = format!("AADSTS{code}");
    AADSTS.iter().copied().find(|row| row.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_by_the_whole_number() {
        assert!(row(700_213).unwrap().cause.contains("subject"));
        assert_eq!(row(7002), None);
        assert!(SIGN_IN_AGAIN.iter().all(|code| row(*code).is_some()));
    }
}
