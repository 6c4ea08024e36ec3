//! EnvironmentCredential with a certificate: every file format, and the assertion that it signs.

use std::path::PathBuf;

use azfob::testing::sandbox::ClientCertificate;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::support::{Host, LOGIN, Outcome, Recorded, Scenario, names};

const CERTIFICATE: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
#[cfg(feature = "pkcs12")]
const PASSWORD: &str = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
const SECRET: &str = "AZURE_CLIENT_SECRET";

/// A service principal with its certificate in this file, registered in Entra ID.
fn with_certificate(file: &str) -> Scenario {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/keys");
    let registered = ClientCertificate {
        der: include_bytes!("../../keys/client.der").to_vec(),
        public_key: include_bytes!("../../keys/client-public.der").to_vec(),
    };
    Scenario::on(Host::ServicePrincipal)
        .plan(|plan| plan.certificate(registered))
        .without(SECRET)
        .var(CERTIFICATE, folder.join(file))
}

fn token_request(outcome: &Outcome) -> &Recorded {
    let requests = outcome.requests_to(LOGIN);
    assert_eq!(requests.len(), 1, "{requests:?}");
    requests[0]
}

/// Returns the header of the assertion in a request.
fn header(request: &Recorded) -> serde_json::Value {
    let part = request.field("client_assertion").and_then(|assertion| assertion.split('.').next());
    let bytes = URL_SAFE_NO_PAD.decode(part.expect("an assertion")).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

#[test]
fn certificate_signs_assertion_that_entra_verifies() {
    let outcome = with_certificate("chain-first.pem").azfob(["get", "ApiKey", "-v"]).succeeds_with_messages();
    let request = token_request(&outcome);
    let expected = ["client_id", "client_assertion", "client_assertion_type", "grant_type", "scope"];
    assert_eq!(request.path, format!("/{}/oauth2/v2.0/token", names::TENANT_ID));
    let fields: Vec<_> = request.form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(fields, expected);
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    assert_eq!(request.field("client_assertion_type"), Some(kind));
    let assertion = request.field("client_assertion").unwrap().to_owned();
    for part in assertion.split('.') {
        assert!(!outcome.stderr.contains(part), "a part of the assertion is on stderr");
    }
    assert!(header(request)["x5c"].is_null());
}

#[test]
fn certificate_chain_is_sent_on_request() {
    let scenario = with_certificate("chain-first.pem").var("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "true");
    let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
    let chain = header(token_request(&outcome))["x5c"].clone();
    assert_eq!(chain.as_array().map(Vec::len), Some(2));
    let scenario = with_certificate("chain-first.pem").var("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "false");
    let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
    assert!(header(token_request(&outcome))["x5c"].is_null());
}

#[cfg(feature = "pkcs12")]
#[test]
fn every_certificate_format_signs_in() {
    for file in ["pkcs1.pem", "no-password.pfx", "plain.pfx"] {
        with_certificate(file).azfob(["get", "ApiKey"]).succeeds();
    }
    for file in ["encrypted.pem", "encrypted-3des.pem", "modern.pfx", "legacy.pfx"] {
        with_certificate(file).var(PASSWORD, "opensesame").azfob(["get", "ApiKey"]).succeeds();
        let wrong = with_certificate(file).var(PASSWORD, "open-barley").azfob(["get", "ApiKey"]).fails(4);
        wrong.shows("the password is wrong").never_shows("open-barley");
        let outcome = with_certificate(file).azfob(["get", "ApiKey"]).fails(4);
        outcome.shows("it is encrypted, and no password is set");
    }
}

#[test]
fn secret_precedes_certificate() {
    let outcome = Scenario::on(Host::ServicePrincipal).var(CERTIFICATE, "/nowhere.pem").azfob(["get", "ApiKey"]);
    let outcome = outcome.succeeds();
    assert!(token_request(&outcome).field("client_secret").is_some());
}

#[test]
fn invalid_certificate_fails_before_any_request() {
    for (file, why) in [
        ("nowhere.pem", "cannot be read"),
        ("client.crt", "it contains no private key"),
        ("ec.pem", "its private key is not an RSA key of 2048 to 4096 bits"),
        ("encrypted-traditional.pem", "convert it with 'openssl pkcs8 -topk8'"),
    ] {
        let outcome = with_certificate(file).azfob(["get", "ApiKey"]).fails(4);
        assert!(outcome.requests_to(LOGIN).is_empty(), "{file}");
        let outcome = outcome
            .shows(why)
            .shows("EnvironmentCredential authentication failed: AZURE_CLIENT_CERTIFICATE_PATH names ");
        outcome.shows("cause: The client certificate cannot be read or used");
    }
}

#[test]
fn unregistered_certificate_is_refused() {
    let scenario = with_certificate("pkcs1.pem").plan(|mut plan| {
        plan.certificate = Some(ClientCertificate { der: b"another".to_vec(), public_key: Vec::new() });
        plan
    });
    scenario.azfob(["get", "ApiKey"]).fails(4).shows("EnvironmentCredential: AADSTS700027");
}

#[test]
fn incomplete_service_principal_names_missing_variables() {
    let outcome = with_certificate("pkcs1.pem").without("AZURE_TENANT_ID").azfob(["get", "ApiKey"]).fails(3);
    outcome.shows("AZURE_CLIENT_ID and AZURE_CLIENT_CERTIFICATE_PATH are set; AZURE_TENANT_ID is not set");
}
