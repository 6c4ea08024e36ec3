//! Entra ID's sign-in page. It signs in the sandbox's user without a question, and sends the browser back to the client.
//!
//! Parameters and errors: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>. An error of the
//! application or of the account is shown on the page: the browser is not sent to an address that may not be the client's.

use form_urlencoded::Serializer;

use super::{
    code::CodeRequest,
    refusal::{self, EntraRefusal},
    scope::requested_resource,
    tenant::check_tenant,
};
use crate::sandbox::{
    azure::Azure,
    cloud::EmulatedCloud,
    fault::Fault,
    message::{HttpReply, HttpRequest},
    names, random,
    vault::challenge,
};

/// Answers a request for the sign-in page.
pub(super) fn answer(azure: &Azure, cloud: EmulatedCloud, tenant: &str, request: &HttpRequest) -> HttpReply {
    let client = match check_client(azure, cloud, tenant, request) {
        Ok(client) => client,
        Err(refusal) => return error_page(&refusal),
    };
    if azure.plan.has_on_host(Fault::NoIdentity) {
        return page(200, "<p>Enter your email, phone, or Skype.</p>");
    }
    let state = match request.parameter("state") {
        Some(_) if azure.plan.has(Fault::WrongState) => Some(random::guid()),
        state => state.map(str::to_owned),
    };
    let mut fields = response(azure, cloud, tenant, request, &client);
    fields.extend(state.map(|state| ("state", state)));
    send_back(request, &client.redirect_uri, &fields)
}

/// A client that may be sent a response.
struct Client {
    id: String,
    redirect_uri: String,
}

/// Checks what Entra ID checks before it sends a browser anywhere.
fn check_client(
    azure: &Azure,
    cloud: EmulatedCloud,
    tenant: &str,
    request: &HttpRequest,
) -> Result<Client, EntraRefusal> {
    let parameter = |name: &str| request.parameter(name).ok_or_else(|| refusal::missing(name));
    check_tenant(azure, cloud, tenant)?;
    let (id, uri) = (parameter("client_id")?, parameter("redirect_uri")?);
    if !id.eq_ignore_ascii_case(names::AZURE_CLI_CLIENT_ID) {
        return Err(refusal::unknown_client(id, tenant));
    }
    if !is_localhost(uri) || azure.plan.has(Fault::RedirectUri) {
        return Err(refusal::unregistered_redirect(uri, id));
    }
    if azure.plan.has(Fault::WrongTenant) && tenant.eq_ignore_ascii_case(names::OTHER_TENANT_ID) {
        return Err(refusal::no_guest(id));
    }
    Ok(Client { id: id.to_owned(), redirect_uri: uri.to_owned() })
}

/// True for `http://localhost` with any port
/// (<https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions>).
fn is_localhost(uri: &str) -> bool {
    let port = uri.strip_prefix("http://localhost").map(|rest| rest.strip_suffix('/').unwrap_or(rest));
    port.is_some_and(|port| port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok()))
}

/// Returns the response without its state: a code, or an error.
fn response(
    azure: &Azure,
    cloud: EmulatedCloud,
    tenant: &str,
    request: &HttpRequest,
    client: &Client,
) -> Vec<(&'static str, String)> {
    // As in https://github.com/AzureAD/microsoft-authentication-library-common-for-android: without a description.
    if azure.plan.has(Fault::SignInCancelled) {
        return vec![("error", "access_denied".into()), ("error_subcode", "cancel".into())];
    }
    match check_request(azure, cloud, request, client) {
        Ok(challenge) => {
            let claims = request.parameter("claims").is_some_and(challenge::answers_revocation);
            let code = azure.codes.issue(
                CodeRequest {
                    client: client.id.clone(),
                    tenant: tenant.to_owned(),
                    redirect_uri: client.redirect_uri.clone(),
                    challenge,
                    answers_revocation: claims,
                },
                azure.now(),
            );
            vec![("code", code), ("session_state", random::guid())]
        }
        Err(refusal) => {
            let (error, description) = refusal.for_redirect(azure.now());
            vec![("error", error.into()), ("error_description", description)]
        }
    }
}

/// Checks the rest of a request, and returns the challenge of PKCE, if there is one.
fn check_request(
    azure: &Azure,
    cloud: EmulatedCloud,
    request: &HttpRequest,
    client: &Client,
) -> Result<Option<String>, EntraRefusal> {
    let kind = request.parameter("response_type").ok_or_else(|| refusal::missing("response_type"))?;
    if kind != "code" {
        return Err(refusal::unsupported_response(kind));
    }
    requested_resource(cloud, request.parameter("scope"))?;
    // A request that may not ask the user is answered so
    // (https://learn.microsoft.com/entra/identity-platform/reference-error-codes, AADSTS65001).
    if azure.plan.has(Fault::ConsentRequired) {
        return Err(refusal::no_consent(&client.id));
    }
    let Some(challenge) = request.parameter("code_challenge") else { return Ok(None) };
    // A SHA-256 has 43 characters of base64url.
    let is_hash = challenge.len() == 43 && request.parameter("code_challenge_method") == Some("S256");
    if is_hash { Ok(Some(challenge.to_owned())) } else { Err(refusal::unsupported_challenge()) }
}

/// Sends the browser back with the response: by a form that a script submits, or by a redirect.
fn send_back(request: &HttpRequest, uri: &str, fields: &[(&str, String)]) -> HttpReply {
    if request.parameter("response_mode") != Some("form_post") {
        let query = Serializer::new(String::new()).extend_pairs(fields).finish();
        return HttpReply::html(302, String::new()).with("Location", format!("{uri}?{query}"));
    }
    let inputs: String = fields
        .iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n", escaped(value)))
        .collect();
    page(
        200,
        &format!(
            "<form method=\"post\" action=\"{}\">\n{inputs}<noscript><p>JavaScript is off.</p><input type=\"submit\" \
             value=\"Continue\"></noscript>\n</form>\n<script>document.forms[0].submit()</script>",
            escaped(uri)
        ),
    )
}

fn error_page(refusal: &EntraRefusal) -> HttpReply {
    page(400, &format!("<p>Entra ID cannot sign you in.</p>\n<p>{}</p>", escaped(&refusal.message())))
}

fn page(status: u16, body: &str) -> HttpReply {
    let head = "<!doctype html>\n<html lang=\"en\">\n<title>Sign in to your account</title>\n<link rel=\"icon\" href=\"data:,\">";
    HttpReply::html(status, format!("{head}\n{body}\n")).with("Cache-Control", "no-store, no-cache")
}

/// Escapes a text for HTML. A line break stays one in an attribute.
fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        '&' => "&amp;".into(),
        '<' => "&lt;".into(),
        '>' => "&gt;".into(),
        '"' => "&quot;".into(),
        '\'' => "&#39;".into(),
        '\r' => "&#13;".into(),
        '\n' => "&#10;".into(),
        c => c.to_string(),
    };
    text.chars().map(escape).collect::<String>()
}
