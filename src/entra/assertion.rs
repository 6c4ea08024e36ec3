//! Client assertions: signs one with a certificate, and exchanges any for a token.
//!
//! <https://learn.microsoft.com/entra/identity-platform/certificate-credentials> and
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#second-case-access-token-request-with-a-certificate>.
//! An assertion works like a password until it expires: it is a [`Secret`].

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use crate::certificate::Unusable;
use crate::http::{Http, random_uuid};
use crate::redact::secret::Secret;
use crate::time::deadline::Deadline;
use crate::time::timestamp::Timestamp;
use crate::token::AccessToken;

use super::certificate::{Certificate, Signing, Thumbprint};
use super::{Authority, NoGrant, TenantId, request_token};

/// RFC 7523, section 2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The lifetime of an assertion. Entra ID recommends five to ten minutes.
const LIFETIME_SECONDS: i64 = 600;

/// Whether the assertion includes the certificate and its issuers. Only applications registered by subject name and issuer
/// need them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateChain {
    /// Included as `x5c`.
    Sent,
    Omitted,
}

/// Signs an assertion for an application at the token endpoint of `tenant`.
///
/// # Errors
/// The certificate's key is damaged.
pub fn of_certificate(
    certificate: &Certificate,
    chain: CertificateChain,
    client: &str,
    authority: &Authority,
    tenant: &TenantId,
    now: Timestamp,
) -> Result<Secret, Unusable> {
    // AD FS supports neither RSA-PSS nor SHA-256 thumbprints.
    let (signing, algorithm, kind, name) = if tenant.is("adfs") {
        (Signing::Rs256, "RS256", Thumbprint::Sha1, "x5t")
    } else {
        (Signing::Ps256, "PS256", Thumbprint::Sha256, "x5t#S256")
    };
    let mut header = json!({ "alg": algorithm, "typ": "JWT" });
    header[name] = URL_SAFE_NO_PAD.encode(certificate.thumbprint(kind)).into();
    if chain == CertificateChain::Sent {
        header["x5c"] = certificate.chain().iter().map(|der| STANDARD.encode(der)).collect();
    }
    let claims = json!({
        "aud": authority.token_url(tenant),
        "iss": client,
        "sub": client,
        "jti": random_uuid(),
        "iat": now.0,
        "nbf": now.0,
        "exp": now.0.saturating_add(LIFETIME_SECONDS),
    });
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(certificate.sign(signing, signed.as_bytes())?);
    Ok(Secret::new(format!("{signed}.{signature}")))
}

/// The token to request.
pub struct RequestedToken<'a> {
    pub scope: &'a str,
    /// The claims (JSON) that the vault requires in it.
    pub claims: Option<&'a str>,
}

impl<'a> RequestedToken<'a> {
    /// Returns the form that exchanges an assertion of `client` for it.
    pub fn form(&self, client: &'a str, assertion: &'a Secret) -> Vec<(&'a str, &'a str)> {
        let mut form = vec![
            ("client_id", client),
            ("client_assertion", assertion.expose()),
            ("client_assertion_type", JWT_BEARER),
            ("grant_type", "client_credentials"),
            ("scope", self.scope),
        ];
        form.extend(self.claims.map(|claims| ("claims", claims)));
        form
    }
}

/// Exchanges an assertion for a token of the application.
///
/// # Errors
/// The token endpoint refuses it, cannot be reached, or answers without a token.
pub fn exchange(
    http: &Http,
    authority: &Authority,
    tenant: &TenantId,
    client: &str,
    assertion: &Secret,
    requested: &RequestedToken<'_>,
    deadline: &Deadline,
) -> Result<AccessToken, NoGrant> {
    request_token(http, authority, tenant, &requested.form(client, assertion), deadline)
}

#[cfg(test)]
mod tests {
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, UnparsedPublicKey};
    use serde_json::Value;

    use super::*;

    const FILE: &[u8] = include_bytes!("../../tests/keys/chain-first.pem");
    const NOW: Timestamp = Timestamp(1_767_268_800);

    struct Signed {
        header: Value,
        claims: Value,
    }

    fn sign(chain: CertificateChain, tenant: &str) -> (String, Certificate) {
        let certificate = Certificate::read(FILE, None).unwrap();
        let tenant = TenantId::parse(tenant).unwrap();
        let assertion = of_certificate(&certificate, chain, "client", &Authority::default(), &tenant, NOW).unwrap();
        (assertion.expose().to_owned(), certificate)
    }

    /// Splits an assertion after verifying it with the certificate's public key.
    fn verify(assertion: &str, certificate: &Certificate, by: &'static RsaParameters) -> Signed {
        let (signed, signature) = assertion.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        UnparsedPublicKey::new(by, certificate.public_key()).verify(signed.as_bytes(), &signature).unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let json = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        Signed { header: json(header), claims: json(claims) }
    }

    #[test]
    fn entra_id_assertion_uses_ps256_and_sha_256() {
        let (assertion, certificate) = sign(CertificateChain::Omitted, "tenant");
        let Signed { header, claims } = verify(&assertion, &certificate, &RSA_PSS_2048_8192_SHA256);
        let thumbprint = URL_SAFE_NO_PAD.encode(certificate.thumbprint(Thumbprint::Sha256));
        assert_eq!(header, json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint }));
        let jti = claims["jti"].as_str().unwrap();
        assert_eq!(jti.len(), 36);
        let expected = json!({
            "aud": "https://login.microsoftonline.com/tenant/oauth2/v2.0/token",
            "iss": "client", "sub": "client", "jti": jti,
            "iat": NOW.0, "nbf": NOW.0, "exp": NOW.0 + 600,
        });
        assert_eq!(claims, expected);
        assert_ne!(assertion, sign(CertificateChain::Omitted, "tenant").0);
    }

    #[test]
    fn x5c_holds_base64_der_with_leaf_first() {
        let (assertion, certificate) = sign(CertificateChain::Sent, "tenant");
        let header = verify(&assertion, &certificate, &RSA_PSS_2048_8192_SHA256).header;
        let sent: Vec<_> =
            header["x5c"].as_array().unwrap().iter().map(|c| STANDARD.decode(c.as_str().unwrap())).collect();
        let chain: Vec<_> = certificate.chain().iter().cloned().map(Ok).collect();
        assert_eq!(sent, chain);
    }

    #[test]
    fn ad_fs_assertion_uses_rs256_and_sha_1() {
        let (assertion, certificate) = sign(CertificateChain::Omitted, "adfs");
        let Signed { header, claims } = verify(&assertion, &certificate, &RSA_PKCS1_2048_8192_SHA256);
        let thumbprint = URL_SAFE_NO_PAD.encode(certificate.thumbprint(Thumbprint::Sha1));
        assert_eq!(header, json!({ "alg": "RS256", "typ": "JWT", "x5t": thumbprint }));
        assert_eq!(claims["aud"], "https://login.microsoftonline.com/adfs/oauth2/token");
    }
}
