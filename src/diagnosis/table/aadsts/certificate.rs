//! AADSTS codes about the certificates and keys that sign an application's assertions.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::table::federation::{add_federated_credential, restart_pod};

codes! {
    700027, "The certificate used to sign the assertion is not registered",
        "The certificate is not among those of the application",
        "Upload the certificate to the application; compare the thumbprints", list_certificates;
    700026, "The client application has no configured keys",
        "The application has no certificate to check the assertion with",
        "Upload the certificate to the application", list_certificates;
    700021, "Client assertion application identifier does not match the client_id parameter",
        "The assertion was made for another application than the one that is asked for",
        "Use one client id for both", list_certificates;
    700024, "Client assertion is not within its valid time range",
        "The assertion is stale, or this machine's clock is off",
        "Read the token file anew at each use, and check the clock", restart_pod;
    500133, "Assertion is not within its valid time range",
        "The token that was handed on is stale, or this machine's clock is off",
        "Get a fresh token for it, and check the clock", restart_pod;
    50013, "Assertion failed signature validation",
        "The assertion was signed with a key that Entra ID does not know for it",
        "Check the issuer's keys, or the certificate of the application", list_certificates;
    900384, "JWT token failed signature validation",
        "The assertion was signed with a key that Entra ID does not know for it",
        "Check the issuer's keys, or the certificate of the application", list_certificates;
    50006, "Signature verification failed",
        "The assertion's signature is not that of its key",
        "Sign with the key of a certificate that the application has", list_certificates;
    50012, "Authentication failed for the signing certificate",
        "The certificate, its chain or its name is not one that is accepted for the application",
        "Use a certificate that the application has", list_certificates;
    50017, "Certificate validation failed",
        "The certificate's chain or its revocation list cannot be checked",
        "Have the tenant's administrator add the issuing authority and its reachable revocation list", list_certificates;
    50027, "Invalid JWT token",
        "The assertion lacks a claim, is out of date, or names an issuer or audience that is not expected",
        "Compare its claims with what the application trusts", list_certificates;
    50048, "Subject mismatches the issuer claim in the client assertion",
        "An assertion that the application signs itself names the client id as subject and as issuer",
        "Set both to the client id", list_certificates;
    50003, "Missing signing key",
        "The application has no key or certificate to sign tokens with",
        "Add one to the application", list_certificates;
    50146, "This application is required to be configured with an application-specific signing key",
        "The application's own signing key is missing, has expired or is not yet valid",
        "Have the application's owner renew it", list_certificates;
    700030, "Invalid certificate",
        "The certificate's subject is not authorised; in a file with a chain its own certificate has to come first",
        "Put the application's certificate before those of its authorities", list_certificates;
    7000214, "Certificate has been revoked",
        "The certificate was revoked",
        "Use another certificate, and upload it to the application", list_certificates;
    7000277, "Certificate was revoked",
        "The certificate was revoked",
        "Use another certificate, and upload it to the application", list_certificates;
    1000502, "The provided certificate is not within its specified validity period",
        "The certificate has expired, or is not valid yet",
        "Renew it, and upload the new one to the application", list_certificates;
    7000274, "The certificate is not within its validity period",
        "The certificate has expired, or is not valid yet",
        "Renew it, and upload the new one to the application", list_certificates;
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
