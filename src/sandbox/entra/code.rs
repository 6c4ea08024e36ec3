//! The authorization codes that the sign-in page has issued, each for one use
//! (<https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>).

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};

use super::refusal::{self, EntraRefusal};
use crate::sandbox::{message::first, random};

/// Lifetime of a code. That page says about ten minutes.
const LIFETIME_SECS: u64 = 10 * 60;

/// The request that a code answers.
pub(in crate::sandbox) struct CodeRequest {
    pub(super) client: String,
    pub(super) tenant: String,
    pub(super) redirect_uri: String,
    /// The SHA-256 of the verifier, as base64url (RFC 7636), if the client uses PKCE.
    pub(super) challenge: Option<String>,
    /// True if it has the claims of a revoked session.
    pub(super) answers_revocation: bool,
}

/// The issued codes.
#[derive(Default)]
pub(in crate::sandbox) struct Codes(Mutex<HashMap<String, IssuedCode>>);

struct IssuedCode {
    request: CodeRequest,
    expires: u64,
    is_redeemed: bool,
}

impl Codes {
    /// Issues a code.
    pub(super) fn issue(&self, request: CodeRequest, now: u64) -> String {
        let code = random::authorization_code();
        let issued = IssuedCode { request, expires: now + LIFETIME_SECS, is_redeemed: false };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(code.clone(), issued);
        code
    }

    /// Redeems the code of a token request. Returns true if its sign-in had the claims of a revoked session.
    pub(super) fn redeem(&self, form: &[(String, String)], tenant: &str, now: u64) -> Result<bool, EntraRefusal> {
        let field = |name: &str| first(form, name).ok_or_else(|| refusal::missing(name));
        let (client, uri) = (field("client_id")?, field("redirect_uri")?);
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let issued = codes.get_mut(field("code")?).ok_or_else(refusal::unknown_code)?;
        let request = &issued.request;
        if !request.client.eq_ignore_ascii_case(client) || !request.tenant.eq_ignore_ascii_case(tenant) {
            return Err(refusal::unknown_code());
        }
        if issued.is_redeemed {
            return Err(refusal::redeemed_code());
        }
        if issued.expires <= now {
            return Err(refusal::expired_code());
        }
        if request.redirect_uri != uri {
            return Err(refusal::other_redirect(uri, &request.redirect_uri));
        }
        let sent =
            first(form, "code_verifier").map(|verifier| URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())));
        if request.challenge != sent {
            return Err(refusal::wrong_verifier());
        }
        let answers_revocation = request.answers_revocation;
        issued.is_redeemed = true;
        Ok(answers_revocation)
    }

    /// Returns all codes issued so far.
    pub(in crate::sandbox) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }
}
