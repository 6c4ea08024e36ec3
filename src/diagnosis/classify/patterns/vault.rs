//! Words of Key Vault's answers, and of the network on the way to it.

use crate::diagnosis::table::{Row, network, other_programs, service, unauthorized, vault};

pub(super) const PATTERNS: &[(&Row, &[&str])] = &[
    (vault::FORBIDDEN_CERTIFICATES, &["caller is not authorized to perform action & /vaults/certificates/read"]),
    (
        vault::FORBIDDEN,
        &["forbiddenbyrbac", "caller is not authorized to perform action on resource", "deniedwithnovalidrbac"],
    ),
    (
        vault::SECRET_NOT_FOUND,
        &[
            "secretnotfound & @vault",
            "secretnotfound & !keyvault",
            "(name/id)* & was not found in this key vault & !a certificate with & !a key with",
            "deleted secret not found",
            "secret not found & key vault",
            "does not exist & keyvault secret",
            "operation returned an invalid status code 'notfound' & getsecret",
            // The error of old clients for JavaScript.
            "secret not found: & resterror",
        ],
    ),
    (vault::SECRET_DELETED, &["objectisdeletedbutrecoverable", "is currently in a deleted but recoverable state"]),
    (
        vault::FORBIDDEN_ACCESS_POLICY,
        &[
            "forbiddenbypolicy",
            "does not have secrets get permission on key vault",
            "does not have secrets list permission on key vault",
            "permission on key vault '",
            "accessdenied & @vault & !first party service",
        ],
    ),
    (vault::FORBIDDEN_FIRST_PARTY, &["access denied to first party service"]),
    (
        vault::FORBIDDEN_FIREWALL,
        &[
            "forbiddenbyfirewall & !by nsp rules",
            "client address is not authorized and caller is not a trusted service & !by nsp rules",
            // The portal.
            "client ip address is not authorized to access this key vault",
        ],
    ),
    (
        vault::FORBIDDEN_PRIVATE_LINK,
        &[
            "forbiddenbyconnection",
            "public network access is disabled and request is not from a trusted service",
            "is not an approved private link",
        ],
    ),
    (vault::SECRET_DISABLED, &["secretdisabled & @vault", "operation get is not allowed on a disabled secret"]),
    (
        vault::FORBIDDEN_OTHER,
        &[
            "~(forbidden) & @vault",
            "~unexpected error from key vault & forbidden",
            "~keyvaulterrorexception: access denied",
            "~keyvaulterrorexception & 'forbidden'",
            "~operation returned an invalid status code 'forbidden' & @vault",
        ],
    ),
    (vault::KEY_OPERATION, &["keyoperationforbidden", "is not permitted on this key & @vault"]),
    (vault::API_VERSION, &["the specified version ( & is not recognized"]),
    (
        other_programs::FORBIDDEN_PERIMETER,
        &["not allowed by nsp rules", "forbiddenbynsp", "network security perimeter & forbidden"],
    ),
    (
        other_programs::SECRET_NAME_INVALID,
        &[
            "the request uri contains an invalid name",
            "secret names must be 1-127 characters",
            "secret name must be a string 1-127 characters",
        ],
    ),
    (unauthorized::WRONG_TENANT, &["akv10032", "invalid issuer. expected one of"]),
    (unauthorized::WRONG_AUDIENCE, &["akv10022", "invalid audience. expected"]),
    (
        unauthorized::TOKEN_EXPIRED,
        &["[tokenexpired]", "s2s12086", "tokenexpired & @vault", "lifetime validation failed & @vault"],
    ),
    (unauthorized::SIGNING_KEY_UNRESOLVED, &["akv10046", "unable to resolve the key used for signature validation"]),
    (unauthorized::SESSION_REVOKED, &["user session has been revoked"]),
    (
        unauthorized::UNAUTHORIZED,
        &[
            "~akv10000",
            "~request is missing a bearer or pop token",
            "~keyvaulterrorexception & 'unauthorized'",
            "~operation returned an invalid status code 'unauthorized' & @vault",
        ],
    ),
    (
        unauthorized::CHALLENGE_MISMATCH,
        &[
            "does not match the requested domain",
            "the challenge contains invalid scope",
            "the challenge authorization uri",
        ],
    ),
    (
        service::THROTTLED,
        &["vaultrequesttypelimitreached", "too many requests & @vault", "too many requests were received & @vault"],
    ),
    (service::VAULT_UNAVAILABLE, &["~internalservererror & @vault & vault: ", "~(internalservererror) & @vault"]),
    (
        service::UNEXPECTED_ANSWER,
        &[
            "invalid challenge parameters",
            "can't find or parse 'access_token' property",
            "there was an error parsing the response from the token endpoint",
            "no response content from microsoft entra id",
        ],
    ),
    (
        network::CLOCK_SKEW,
        &["clock skew & @ours", "token is not yet valid & @ours", "clock may be out of sync with the server time"],
    ),
    (
        network::PROXY_DOWN,
        &[
            "unable to connect to proxy & !tunnel connection failed",
            "cannot connect to proxy & !tunnel connection failed",
        ],
    ),
    (network::TLS_CUT, &["ssl connection could not be established & unexpected eof"]),
    (
        network::WEB_PAGE,
        &[
            "http error 200 & text/html & @entra",
            "unexpected response from microsoft entra id & <html",
            "response body: & <!doctype html & authenticationerror",
        ],
    ),
    // Python 3.13 turns on the strict mode of X.509.
    (
        network::CERTIFICATE_NOT_STRICT,
        &[
            "certificate verify failed: missing authority key identifier",
            "certificate verify failed: missing subject key identifier",
            "certificate verify failed: basic constraints of ca cert not marked critical",
            "certificate verify failed: ca cert does not include key usage extension",
            "certificate verify failed: key usage keycertsign invalid for non-ca cert",
            "certificate verify failed: path length given without key usage keycertsign",
            "certificate verify failed: authority key identifier marked critical",
            "certificate verify failed: subject key identifier marked critical",
        ],
    ),
    // az prints this for a failed connection, also if the name was resolved.
    (network::UNREACHABLE, &["the vault may not exist or you may need to flush your dns cache"]),
    (network::UNREACHABLE, &["please connect to internet before executing this cmdlet"]),
];
