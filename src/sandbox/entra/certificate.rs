//! Checks the client assertion of a client certificate: its signature, audience and time.
//!
//! Format: <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest},
    signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey},
};
use serde_json::Value;

use super::{
    super::plan::ClientCertificate,
    refusal::{self, EntraRefusal},
};

/// Maximum lifetime of an assertion, as the page recommends.
const LIFETIME_SECS: u64 = 10 * 60;

/// Checks that an assertion was signed with the registered certificate and is valid.
pub(super) fn check(
    registered: &ClientCertificate,
    assertion: &str,
    client: &str,
    endpoint: &str,
    now: u64,
) -> Result<(), EntraRefusal> {
    let (signed, signature) = assertion.rsplit_once('.').ok_or_else(refusal::malformed_assertion)?;
    let (header, claims) = signed.split_once('.').ok_or_else(refusal::malformed_assertion)?;
    let json = |part: &str| -> Option<Value> { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok() };
    let (header, claims) = json(header).zip(json(claims)).ok_or_else(refusal::malformed_assertion)?;
    let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &registered.der));
    let sent = header["x5c"].as_array().is_none_or(|chain| chain[0] == STANDARD.encode(&registered.der));
    if header["x5t#S256"] != thumbprint || !sent {
        let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, &registered.der);
        return Err(refusal::wrong_certificate(client, sha1.as_ref()));
    }
    let by = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, &registered.public_key);
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| refusal::malformed_assertion())?;
    if header["alg"] != "PS256" || header["typ"] != "JWT" || by.verify(signed.as_bytes(), &signature).is_err() {
        return Err(refusal::bad_signature());
    }
    let is = |name: &str, expected: &str| claims[name] == expected;
    if !is("aud", endpoint) || !is("iss", client) || !is("sub", client) || !claims["jti"].is_string() {
        return Err(refusal::malformed_assertion());
    }
    let (Some(from), Some(to)) = (claims["nbf"].as_u64(), claims["exp"].as_u64()) else {
        return Err(refusal::malformed_assertion());
    };
    // Clocks may differ by five minutes.
    if now + 300 < from || now >= to || to - from > LIFETIME_SECS {
        return Err(refusal::out_of_time(now, from, to));
    }
    Ok(())
}
