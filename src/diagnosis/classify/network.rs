//! Network failures: the phrases of each language and system, and the row for a kind of failure and its host.

use super::endpoint::RequestedHost;
use crate::diagnosis::table::{Row, federation, identity, network, other_programs};

/// A kind of network failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnosis) enum NetworkFailure {
    /// DNS knows no such name.
    Name,
    /// DNS itself does not answer.
    Resolver,
    /// Nothing listens.
    Connect,
    /// No route leads there.
    NoRoute,
    TimedOut,
    /// The connection was closed before the answer ended.
    CutOff,
    /// The connection was closed during the TLS handshake.
    Handshake,
    /// The certificate is not trusted.
    Certificate,
    /// The file with the root certificates cannot be read.
    CaFile,
    /// The certificate is for another name.
    CertificateName,
    /// The certificate is not valid at this time.
    CertificateTime,
    /// The proxy refused, or asks for authentication.
    ProxyRefused,
    /// The proxy closed the connection without an answer.
    ProxyClosed,
    /// The proxy itself does not answer, or its name is not known.
    ProxyDown,
    /// The proxy could not reach the host.
    BeyondProxy,
    /// A failure without its kind.
    Other,
}

use NetworkFailure::*;

/// The phrases, in lower case.
pub(super) const PHRASES: &[(&str, NetworkFailure)] = &[
    ("no such host", Name),
    ("no such host is known", Name),
    ("name or service not known", Name),
    ("nodename nor servname provided", Name),
    ("enotfound", Name),
    ("getaddrinfo failed", Name),
    ("unknownhostexception", Name),
    ("dns error", Name),
    ("failed to lookup address information", Name),
    ("could not resolve host", Name),
    ("could not resolve hostname", Name),
    ("temporary failure in name resolution", Resolver),
    ("eai_again", Resolver),
    ("server misbehaving", Resolver),
    ("read udp", Resolver),
    ("non-recoverable error occurred during a database lookup", Resolver),
    ("resource temporarily unavailable (", Resolver),
    ("econnrefused", Connect),
    ("connection refused", Connect),
    ("actively refused it", Connect),
    ("could not connect to server", Connect),
    ("no route to host", NoRoute),
    ("host is down", NoRoute),
    ("network is unreachable", NoRoute),
    ("enetunreach", NoRoute),
    ("ehostunreach", NoRoute),
    ("unreachable network", NoRoute),
    ("unreachable host", NoRoute),
    ("etimedout", TimedOut),
    ("connection timed out", TimedOut),
    ("connecttimeouterror", TimedOut),
    ("read timed out", TimedOut),
    ("i/o timeout", TimedOut),
    ("context deadline exceeded", TimedOut),
    ("timeout was reached", TimedOut),
    ("exceeded the configured timeout", TimedOut),
    ("operation timed out", TimedOut),
    ("the connected party did not properly respond", TimedOut),
    ("econnreset", CutOff),
    ("connection reset by peer", CutOff),
    ("connection reset", CutOff),
    ("socket hang up", CutOff),
    ("tls handshake timeout", TimedOut),
    ("before secure tls connection was established", Handshake),
    ("unexpected_eof_while_reading", Handshake),
    ("eof occurred in violation of protocol", Handshake),
    ("remote host terminated the handshake", Handshake),
    ("tls handshake eof", Handshake),
    // Go: the server closed the connection without an answer, during the handshake or after the request.
    ("\": eof", CutOff),
    ("ssl_error_syscall", Handshake),
    ("remote error: tls: handshake failure", Handshake),
    ("self signed certificate in certificate chain", Certificate),
    ("self-signed certificate in certificate chain", Certificate),
    ("self_signed_cert_in_chain", Certificate),
    ("certificate_verify_failed", Certificate),
    ("certificate verify failed", Certificate),
    ("unable to get local issuer certificate", Certificate),
    ("pkix path building failed", Certificate),
    ("x509: certificate signed by unknown authority", Certificate),
    ("the remote certificate is invalid", Certificate),
    ("unable_to_verify_leaf_signature", Certificate),
    ("problem with the ssl ca cert", CaFile),
    ("could not find a suitable tls ca certificate bundle", CaFile),
    ("error setting certificate verify locations", CaFile),
    ("error setting certificate file", CaFile),
    ("ssl peer certificate or ssh remote key was not ok", Certificate),
    ("invalid peer certificate", Certificate),
    ("x509: certificate is valid for", CertificateName),
    ("certificate is not valid for", CertificateName),
    ("no subject alternative dns name matching", CertificateName),
    ("does not match certificate's altnames", CertificateName),
    ("certificate has expired or is not yet valid", CertificateTime),
    ("certificate is not yet valid", CertificateTime),
    ("proxy authentication required", ProxyRefused),
    ("407 proxy", ProxyRefused),
    ("tunnel connection failed: 407", ProxyRefused),
    ("tunnel connection failed: 403", ProxyRefused),
    // The JavaScript libraries, with the proxy's status or the reason why it did not answer.
    ("tunneling socket could not be established", ProxyRefused),
    ("tunneling socket could not be established, statuscode=5", BeyondProxy),
    ("tunneling socket could not be established, cause=", ProxyDown),
    ("proxyconnect tcp", ProxyDown),
    ("could not resolve proxy name", ProxyDown),
    ("tunnel connection failed: 502", BeyondProxy),
    ("tunnel connection failed: 503", BeyondProxy),
    ("tunnel connection failed: 504", BeyondProxy),
    ("max retries exceeded with url", Other),
    ("error sending request", Other),
    ("tcp connect error", Connect),
];

/// Returns the row for a failure to reach a host. `None` for the host of another service.
pub(super) fn row(failure: NetworkFailure, endpoint: &RequestedHost) -> Option<&'static Row> {
    if endpoint.is_metadata() {
        return Some(match failure {
            TimedOut => identity::METADATA_TIMED_OUT,
            NoRoute => identity::METADATA_UNREACHABLE,
            _ => identity::MANAGED_IDENTITY_UNAVAILABLE,
        });
    }
    if endpoint.is_pod_identity() {
        return Some(other_programs::POD_IDENTITY);
    }
    if endpoint.is_local_identity() {
        return Some(of_identity_endpoint(failure));
    }
    if endpoint.is_ci() {
        return Some(federation::RUNNER_TOKEN);
    }
    endpoint.component().map(|_| match failure {
        Name if endpoint.is_vault() => network::VAULT_NAME_UNKNOWN,
        Connect | NoRoute | TimedOut if endpoint.is_vault() && endpoint.is_private_address() => {
            network::PRIVATE_ENDPOINT_UNREACHABLE
        }
        CertificateName if endpoint.is_private_link() => network::PRIVATELINK_NAME,
        _ => general_row(failure),
    })
}

/// Returns the row for a failure to reach the identity endpoint that a variable of the host names.
fn of_identity_endpoint(failure: NetworkFailure) -> &'static Row {
    match failure {
        TimedOut | CutOff => identity::IDENTITY_ENDPOINT_NO_ANSWER,
        _ => identity::IDENTITY_ENDPOINT_NOT_READY,
    }
}

/// Returns the row for a failure of a text, in which the host may not be named.
pub(super) fn row_of_text(
    failure: NetworkFailure,
    endpoint: Option<&RequestedHost>,
    is_field: bool,
    lower: &str,
) -> Option<&'static Row> {
    // The clock is wrong if the certificate will be valid.
    if failure == CertificateTime && !lower.contains("is before") && !lower.contains("not yet valid:") {
        return is_field.then_some(network::CERTIFICATE_NOT_TRUSTED);
    }
    match endpoint {
        _ if failure == CertificateName && lower.contains(".privatelink.vaultcore.") => Some(network::PRIVATELINK_NAME),
        // Azure's libraries name the credential, but not always the path of its endpoint.
        Some(endpoint)
            if (endpoint.is_this_machine() || endpoint.is_link_local())
                && lower.contains("managedidentitycredential") =>
        {
            Some(of_identity_endpoint(failure))
        }
        Some(endpoint) => row(failure, endpoint),
        // The clients of the metadata service do not always name its address.
        None if failure == NoRoute && lower.contains("imds endpoint") => Some(identity::METADATA_UNREACHABLE),
        None if failure == Connect && lower.contains("managedidentitycredential") => {
            Some(identity::IDENTITY_ENDPOINT_NOT_READY)
        }
        None => is_field.then(|| general_row(failure)),
    }
}

/// Returns the row for a failure to reach any host.
pub(in crate::diagnosis) fn general_row(failure: NetworkFailure) -> &'static Row {
    match failure {
        Name | Resolver => network::DNS_UNAVAILABLE,
        Connect | NoRoute | TimedOut | CutOff | Other => network::UNREACHABLE,
        Handshake => network::TLS_CUT,
        Certificate | CertificateName => network::CERTIFICATE_NOT_TRUSTED,
        CaFile => network::CA_FILE,
        CertificateTime => network::CLOCK_SKEW,
        ProxyRefused => network::PROXY_REFUSED,
        ProxyClosed => network::PROXY_CLOSED,
        ProxyDown => network::PROXY_DOWN,
        BeyondProxy => network::PROXY_CONNECT_FAILED,
    }
}
