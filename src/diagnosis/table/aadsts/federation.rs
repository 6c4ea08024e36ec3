//! AADSTS codes about federated credentials.

use crate::diagnosis::table::federation::{add_federated_credential, list_federated_credentials, use_projected_token};

codes! {
    70021, "No matching federated identity record found for presented assertion",
        "Issuer, subject or audience of the assertion match no federated credential",
        "Make all three equal to the assertion's, letter by letter", add_federated_credential;
    700211, "No matching federated identity record found for presented assertion issuer",
        "The federated credential names another issuer; a trailing slash counts",
        "Copy the assertion's issuer into the federated credential", add_federated_credential;
    700212, "No matching federated identity record found for presented assertion audience",
        "The federated credential expects another audience",
        "Use api://AzureADTokenExchange, or that of the sovereign cloud", add_federated_credential;
    7002121, "No matching federated identity record found for presented assertion audience",
        "The assertion of a managed identity was asked for with another audience than the federated credential's",
        "Use api://AzureADTokenExchange, or that of the sovereign cloud", add_federated_credential;
    700213, "No matching federated identity record found for presented assertion subject",
        "The federated credential names another subject; case counts",
        "Copy the assertion's subject into the federated credential", add_federated_credential;
    7002137, "No matching federated identity record found for presented assertion subject",
        "The federated credential names another subject than the service presents",
        "Copy the assertion's subject into the federated credential", add_federated_credential;
    7002138, "No matching federated identity record found: the subject differs in case only",
        "The federated credential's subject differs from the assertion's in upper and lower case alone",
        "Make a federated credential with the subject as the assertion writes it, instead of the one that is there", add_federated_credential;
    70023, "External OIDC Provider token must have a lifetime of at most a day",
        "The assertion lives longer than a day: on Kubernetes it is the pod's own service-account token",
        "Use the projected token, /var/run/secrets/azure/tokens/azure-identity-token", use_projected_token;
    70025, "The client has no configured federated identity credentials",
        "The application or identity trusts nobody's assertions yet, or the client id is another one's",
        "Add a federated credential, or correct AZURE_CLIENT_ID", add_federated_credential;
    700222, "AAD-issued tokens may not be used for federated identity flows",
        "The assertion was issued by Entra ID itself, which is not trusted here",
        "Present a token of another issuer, or use the managed identity itself", list_federated_credentials;
    700226, "Only MSI tokens may be used as federated identity credentials for the AAD issuer",
        "The assertion is an application's token; of Entra ID's own only a managed identity's is taken",
        "Present the token of a managed identity", list_federated_credentials;
    700227, "Forbidden token audience",
        "The assertion was issued for another audience than that of federation",
        "Ask for it with the audience api://AzureADTokenExchange", add_federated_credential;
    700229, "Forbidden token type",
        "The assertion is a person's token; of Entra ID's own only an application's is taken",
        "Present the token of a managed identity", list_federated_credentials;
    700231, "A token obtained by a federated identity credential may not be used as one",
        "The assertion was itself got by federation, and cannot be handed on",
        "Let the application trust the first assertion's issuer and subject directly", list_federated_credentials;
    700236, "Entra ID tokens of this issuer may not be used for federation in this tenant",
        "The assertion was issued by another tenant than the application's",
        "Use an identity and an application of one tenant, or a certificate", list_federated_credentials;
    700223, "Federated identity credentials are disabled in the tenant",
        "A policy of the tenant forbids federation",
        "Ask the tenant's administrator to allow it for this issuer", list_federated_credentials;
    700238, "Federated identity credentials are not allowed in the tenant",
        "A policy of the tenant forbids federation, or this issuer",
        "Ask the tenant's administrator to allow it for this issuer", list_federated_credentials;
    7002381, "Federated identity credentials of this issuer must contain the enterprise claim",
        "A policy of the tenant takes jobs of certain GitHub enterprises only, and this job's token names none of them",
        "Run the job in a repository of such an enterprise, or ask the tenant's administrator", list_federated_credentials;
}
