//! Entra ID's error replies, with the text of each AADSTS code that the sandbox uses.
//!
//! Codes: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>. The texts come from public bug
//! reports.

use serde_json::json;

use super::super::{
    clock::{entra_instant, entra_timestamp},
    message::HttpReply,
    names, random,
};

/// An error of Entra ID.
#[derive(Debug)]
pub(super) struct EntraRefusal {
    status: u16,
    error: &'static str,
    code: u32,
    text: String,
}

impl EntraRefusal {
    /// Returns the reply of the token endpoint, at this time by Azure's clock.
    pub(super) fn reply(&self, now: u64, correlation: Option<&str>) -> HttpReply {
        let (time, trace) = (entra_timestamp(now), random::guid());
        let correlation = correlation.map_or_else(random::guid, str::to_owned);
        let description =
            format!("{} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}", self.message());
        let body = json!({
            "error": self.error,
            "error_description": description,
            "error_codes": [self.code],
            "timestamp": time,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.code),
        });
        HttpReply::json(self.status, &body)
    }

    /// Returns the code and its text.
    pub(super) fn message(&self) -> String {
        format!("AADSTS{}: {}", self.code, self.text)
    }

    /// Returns the OAuth error, and the description for a redirect, in which each ID has a line.
    pub(super) fn for_redirect(&self, now: u64) -> (&'static str, String) {
        let (time, trace, correlation) = (entra_timestamp(now), random::guid(), random::guid());
        let message = self.message();
        (self.error, format!("{message}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {time}"))
    }
}

fn bad(error: &'static str, code: u32, text: String) -> EntraRefusal {
    EntraRefusal { status: 400, error, code, text }
}

fn unauthenticated(code: u32, text: String) -> EntraRefusal {
    EntraRefusal { status: 401, error: "invalid_client", code, text }
}

pub(super) fn missing(parameter: &str) -> EntraRefusal {
    let text = format!("The request body must contain the following parameter: '{parameter}'.");
    bad("invalid_request", 900_144, text)
}

pub(super) fn unsupported_grant(grant: &str) -> EntraRefusal {
    bad("unsupported_grant_type", 70_003, format!("The app requested an unsupported grant type '{grant}'."))
}

pub(super) fn malformed_tenant(tenant: &str) -> EntraRefusal {
    let text =
        format!("Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain.");
    bad("invalid_request", 900_023, text)
}

pub(super) fn unknown_tenant(tenant: &str) -> EntraRefusal {
    let text = format!(
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the \
         correct cloud. Check with your subscription administrator, this may happen if there are no active \
         subscriptions for the tenant."
    );
    bad("invalid_request", 90_002, text)
}

pub(super) fn unknown_client(client: &str, tenant: &str) -> EntraRefusal {
    let name = if tenant.eq_ignore_ascii_case(names::TENANT_ID) { names::TENANT_NAME } else { tenant };
    let text = format!(
        "Application with identifier '{client}' was not found in the directory '{name}'. This can happen if the \
         application has not been installed by the administrator of the tenant or consented to by any user in the \
         tenant. You may have sent your authentication request to the wrong tenant."
    );
    bad("unauthorized_client", 700_016, text)
}

pub(super) fn wrong_secret(client: &str) -> EntraRefusal {
    let text = format!(
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, \
         not the client secret ID, for a secret added to app '{client}'."
    );
    unauthenticated(7_000_215, text)
}

pub(super) fn no_credential() -> EntraRefusal {
    unauthenticated(
        7_000_218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.".into(),
    )
}

pub(super) fn malformed_assertion() -> EntraRefusal {
    unauthenticated(50_027, "JWT token is invalid or malformed.".into())
}

pub(super) fn bad_signature() -> EntraRefusal {
    unauthenticated(50_013, "Assertion failed signature validation. [Reason - The key was not found.]".into())
}

pub(super) fn wrong_certificate(client: &str, registered: &[u8]) -> EntraRefusal {
    let thumbprint: String = registered.iter().map(|byte| format!("{byte:02X}")).collect();
    let text = format!(
        "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - \
         The key was not found., Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see \
         configured keys for app Id '{client}'. The registered thumbprint is '{thumbprint}'.]"
    );
    unauthenticated(700_027, text)
}

pub(super) fn unknown_user(user: &str) -> EntraRefusal {
    let text = format!(
        "The user account {user} does not exist in the {} directory. To sign into this application, the account must \
         be added to the directory.",
        names::TENANT_ID
    );
    bad("invalid_grant", 50_034, text)
}

pub(super) fn wrong_password() -> EntraRefusal {
    bad("invalid_grant", 50_126, "Error validating credentials due to invalid username or password.".into())
}

pub(super) fn no_federation(client: &str) -> EntraRefusal {
    let text = format!("The client '{client}' has no configured federated identity credentials. {FEDERATION_PAGE}");
    unauthenticated(70_025, text)
}

const FEDERATION_PAGE: &str = "https://learn.microsoft.com/entra/workload-id/workload-identity-federation";

fn no_match(code: u32, what: &str, value: &str) -> EntraRefusal {
    let text = format!(
        "No matching federated identity record found for presented assertion {what} '{value}'. Check your federated \
         identity credential Subject, Audience and Issuer against the presented assertion. {FEDERATION_PAGE}"
    );
    unauthenticated(code, text)
}

pub(super) fn wrong_issuer(issuer: &str) -> EntraRefusal {
    no_match(700_211, "issuer", issuer)
}

pub(super) fn wrong_audience(audience: &str) -> EntraRefusal {
    no_match(700_212, "audience", audience)
}

pub(super) fn wrong_subject(subject: &str) -> EntraRefusal {
    no_match(700_213, "subject", subject)
}

/// <https://learn.microsoft.com/entra/identity-platform/reference-breaking-changes#august-2024>
pub(super) fn wrong_case(subject: &str) -> EntraRefusal {
    let words = "The subject matches with case-insensitive comparison, but not with case-sensitive comparison.";
    let refusal = no_match(7_002_138, "subject", subject);
    EntraRefusal { text: refusal.text.replacen(". ", &format!(". {words} "), 1), ..refusal }
}

pub(super) fn out_of_time(now: u64, from: u64, to: u64) -> EntraRefusal {
    let text = format!(
        "Client assertion is not within its valid time range. Current time: {}, assertion valid from {}, expiry time \
         of assertion {}. Review the documentation at \
         https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
        entra_instant(now),
        entra_instant(from),
        entra_instant(to)
    );
    unauthenticated(700_024, text)
}

pub(super) fn not_default(scope: &str) -> EntraRefusal {
    let text = format!(
        "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with \
         /.default suffixed to the resource identifier (application ID URI)."
    );
    bad("invalid_scope", 1_002_012, text)
}

pub(super) fn unknown_resource(resource: &str) -> EntraRefusal {
    bad("invalid_resource", 500_011, unknown_resource_text(resource))
}

/// Returns the text of AADSTS500011, which the metadata endpoint and `az` repeat.
pub(in crate::sandbox) fn unknown_resource_text(resource: &str) -> String {
    format!(
        "The resource principal named {resource} was not found in the tenant named {}. This can happen if the \
         application has not been installed by the administrator of the tenant or consented to by any user in the \
         tenant. You might have sent your authentication request to the wrong tenant.",
        names::TENANT_NAME
    )
}

pub(super) fn unregistered_redirect(uri: &str, client: &str) -> EntraRefusal {
    let text = format!(
        "The redirect URI '{uri}' specified in the request does not match the redirect URIs configured for the \
         application '{client}'. Make sure the redirect URI sent in the request matches one added to your application \
         in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError to learn more about how to fix this."
    );
    bad("invalid_client", 50_011, text)
}

pub(super) fn unsupported_response(kind: &str) -> EntraRefusal {
    bad("unsupported_response_type", 70_005, format!("The app requested an unsupported response type '{kind}'."))
}

pub(super) fn unsupported_challenge() -> EntraRefusal {
    bad("invalid_request", 501_491, "Invalid size or method of Code_Challenge parameter.".into())
}

pub(super) fn no_consent(client: &str) -> EntraRefusal {
    let text = format!(
        "The user or administrator has not consented to use the application with ID '{client}' named 'Microsoft Azure \
         CLI'. Send an interactive authorization request for this user and resource."
    );
    bad("consent_required", 65_001, text)
}

/// Returns the error for the user in a tenant where that user is no guest.
pub(super) fn no_guest(client: &str) -> EntraRefusal {
    let text = format!(
        "User account '{}' from identity provider 'https://sts.windows.net/{}/' does not exist in tenant 'Fabrikam' and \
         cannot access the application '{client}'(Microsoft Azure CLI) in that tenant. The account needs to be added as \
         an external user in the tenant first.",
        names::USER_PRINCIPAL_NAME,
        names::TENANT_ID
    );
    bad("invalid_grant", 50_020, text)
}

pub(super) fn unknown_code() -> EntraRefusal {
    bad("invalid_grant", 70_000, "The provided value for the 'code' parameter is not valid.".into())
}

pub(super) fn expired_code() -> EntraRefusal {
    let text = "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive \
                authorization request for this user and resource.";
    bad("invalid_grant", 70_008, text.into())
}

pub(super) fn redeemed_code() -> EntraRefusal {
    let text = "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing \
                refresh token.";
    bad("invalid_grant", 54_005, text.into())
}

pub(super) fn other_redirect(uri: &str, requested: &str) -> EntraRefusal {
    let text = format!(
        "The reply address '{uri}' does not match the reply address '{requested}' provided when requesting \
         Authorization code."
    );
    bad("invalid_grant", 500_112, text)
}

pub(super) fn wrong_verifier() -> EntraRefusal {
    let text = "The Code_Verifier does not match the code_challenge supplied in the authorization request.";
    bad("invalid_grant", 501_481, text.into())
}
