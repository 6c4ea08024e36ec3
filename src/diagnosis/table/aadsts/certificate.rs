//! AADSTS codes about the certificates and keys that sign an application's assertions.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::table::federation::{add_federated_credential, restart_pod};

codes! {
    700027, "The certificate used to sign the assertion is not registered",
        "The certificate is not registered on the application",
        "Upload the certificate to the app registration, and compare the thumbprints", list_certificates;
    700026, "The client application has no configured keys",
        "The app registration has no certificate to verify the client assertion",
        "Upload the certificate to the app registration", list_certificates;
    700021, "Client assertion application identifier does not match the client_id parameter",
        "The client assertion was issued for a different client ID than the requested one",
        "Use the same client ID in the assertion and in the request", list_certificates;
    700024, "Client assertion is not within its valid time range",
        "The client assertion has expired, or this machine's clock is wrong",
        "Use a new token for each sign-in, and check the clock", restart_pod;
    500133, "Assertion is not within its valid time range",
        "The access token in the assertion has expired, or this machine's clock is wrong",
        "Request a new token for the assertion, and check the clock", restart_pod;
    50013, "Assertion failed signature validation",
        "The assertion's signing key is not registered with its issuer or the application",
        "Check the issuer's signing keys, or the certificates in the app registration", list_certificates;
    900384, "JWT token failed signature validation",
        "The assertion's signing key is not registered with its issuer or the application",
        "Check the issuer's signing keys, or the certificates in the app registration", list_certificates;
    50006, "Signature verification failed",
        "The assertion's signature does not match its signing key",
        "Sign the assertion with the key of a certificate in the app registration", list_certificates;
    50012, "Authentication failed for the signing certificate",
        "The signing certificate, its chain or its subject name is not authorized for the application",
        "Use a certificate that is registered on the application", list_certificates;
    50017, "Certificate validation failed",
        "The certificate's chain or its certificate revocation list (CRL) cannot be validated",
        "Have the tenant administrator add the certificate authority with a CRL that can be reached", list_certificates;
    50027, "Invalid JWT token",
        "The assertion lacks a claim, is not valid now, or has an unexpected issuer or audience",
        "Compare the assertion's claims with the federated credentials or certificates of the application", list_certificates;
    50048, "Subject mismatches the issuer claim in the client assertion",
        "The subject and issuer of the client assertion are not both the client ID",
        "Set the subject and issuer of the client assertion to the client ID", list_certificates;
    50003, "Missing signing key",
        "The application has no signing key or certificate",
        "Add a signing certificate to the application", list_certificates;
    50146, "This application is required to be configured with an application-specific signing key",
        "The application-specific signing key is missing, expired or not yet valid",
        "Have the application owner renew the signing key", list_certificates;
    700030, "Invalid certificate",
        "The certificate's subject name is not authorized, or the file begins with a different certificate",
        "Put the application's certificate before the certificates of its certificate authorities", list_certificates;
    7000214, "Certificate has been revoked",
        "The certificate was revoked",
        "Use another certificate, and upload it to the app registration", list_certificates;
    7000277, "Certificate was revoked",
        "The certificate was revoked",
        "Use another certificate, and upload it to the app registration", list_certificates;
    1000502, "The provided certificate is not within its specified validity period",
        "The certificate has expired or is not yet valid",
        "Renew the certificate, and upload the new one to the app registration", list_certificates;
    7000274, "The certificate is not within its validity period",
        "The certificate has expired or is not yet valid",
        "Renew the certificate, and upload the new one to the app registration", list_certificates;
}

/// Lists the application's certificates. For a federated assertion, lists the federated credentials instead.
fn list_certificates(context: &Context) -> Vec<FixCommand> {
    if context.assertion.is_some() {
        return add_federated_credential(context);
    }
    let columns = "[].{thumbprint:customKeyIdentifier, until:endDateTime}";
    vec![FixCommand::read_only(format!(
        "az ad app credential list --id {} --cert --query '{columns}' -o table",
        context.application_id()
    ))]
}
