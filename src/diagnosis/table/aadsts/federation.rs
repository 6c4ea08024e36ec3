//! AADSTS codes about federated credentials.

use crate::diagnosis::table::federation::{
    add_credential_for_subject, add_federated_credential, list_federated_credentials, read_issuer, use_projected_token,
};

codes! {
    70021, "No matching federated identity record found for presented assertion",
        "Issuer, subject or audience of the assertion match no federated identity credential",
        "Set issuer, subject and audience of the federated credential to the exact values in the assertion", add_credential_for_subject;
    700211, "No matching federated identity record found for presented assertion issuer",
        "The federated identity credential has a different issuer; a trailing slash is significant",
        "Set the issuer of the federated credential to the issuer in the assertion", add_federated_credential;
    700212, "No matching federated identity record found for presented assertion audience",
        "The federated identity credential has a different audience",
        "Set the audience to api://AzureADTokenExchange, or to that of the sovereign cloud", add_federated_credential;
    7002121, "No matching federated identity record found for presented assertion audience",
        "The managed identity's assertion has a different audience than the federated identity credential",
        "Request the audience api://AzureADTokenExchange, or that of the sovereign cloud", add_federated_credential;
    700213, "No matching federated identity record found for presented assertion subject",
        "The federated identity credential has a different subject; the comparison is case-sensitive",
        "Set the subject of the federated credential to the subject in the assertion", add_credential_for_subject;
    7002137, "No matching federated identity record found for presented assertion subject",
        "The federated identity credential has a different subject than the service sends",
        "Set the subject of the federated credential to the subject in the assertion", add_credential_for_subject;
    7002138, "No matching federated identity record found: the subject differs in case only",
        "The federated identity credential's subject differs from the assertion only in upper and lower case",
        "Replace the federated credential with one for the exact subject", add_federated_credential;
    70023, "External OIDC Provider token must have a lifetime of at most a day",
        "The assertion is valid for more than a day; on Kubernetes it is the pod's own service account token",
        "Use the projected token, /var/run/secrets/azure/tokens/azure-identity-token", use_projected_token;
    90061 | 50166, "Request to External OIDC endpoint failed",
        "Entra ID cannot read the issuer's discovery document or its signing keys",
        "Make the issuer's /.well-known/openid-configuration public, or try again if the issuer is a public service", read_issuer;
    70025, "The client has no configured federated identity credentials",
        "The application or identity has no federated identity credential, or the client ID is wrong",
        "Add a federated credential, or correct AZURE_CLIENT_ID", add_federated_credential;
    700222, "AAD-issued tokens may not be used for federated identity flows",
        "Entra ID issued the assertion itself, and does not accept its own tokens here",
        "Use a token of another issuer, or use the managed identity directly", list_federated_credentials;
    700226, "Only MSI tokens may be used as federated identity credentials for the AAD issuer",
        "The assertion is an application's Entra ID token; only a managed identity's token is accepted",
        "Use the token of a managed identity as the assertion", list_federated_credentials;
    700227, "Forbidden token audience",
        "The audience of the assertion is not that of a federated identity credential",
        "Request the assertion with the audience api://AzureADTokenExchange", add_federated_credential;
    700229, "Forbidden token type",
        "The assertion is a user's Entra ID token; only an app-only token is accepted",
        "Use the token of a managed identity as the assertion", list_federated_credentials;
    700231, "A token obtained by a federated identity credential may not be used as one",
        "The assertion was itself obtained with a federated identity credential",
        "Add a federated credential for the issuer and subject of the first assertion", list_federated_credentials;
    700236, "Entra ID tokens of this issuer may not be used for federation in this tenant",
        "The assertion was issued by a different tenant than the application's tenant",
        "Use an identity and an application of the same tenant, or use a certificate", list_federated_credentials;
    700223, "Federated identity credentials are disabled in the tenant",
        "A tenant policy blocks federated identity credentials",
        "Ask the tenant administrator to allow federated credentials for this issuer", list_federated_credentials;
    700238, "Federated identity credentials are not allowed in the tenant",
        "A tenant policy blocks federated identity credentials or this issuer",
        "Ask the tenant administrator to allow federated credentials for this issuer", list_federated_credentials;
    7002381, "Federated identity credentials of this issuer must contain the enterprise claim",
        "The tenant allows only certain GitHub enterprises, and the job's token contains none of them",
        "Run the job in a repository of an allowed enterprise, or contact the tenant administrator", list_federated_credentials;
}
