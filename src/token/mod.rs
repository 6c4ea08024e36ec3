//! An access token, and the claims that azfob reads from it for display. Only the vault verifies the token.

pub mod cache;
pub mod identity;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::redact;
use crate::redact::secret::Secret;
use crate::time::timestamp::Timestamp;

/// An access token for one resource.
#[derive(Clone)]
pub struct AccessToken {
    secret: Secret,
    /// When it expires, from its issuer or its own claims.
    pub expires_on: Option<Timestamp>,
    /// Its key in the cache, if it is or may be cached.
    pub cache_key: Option<cache::CacheKey>,
    /// When it was cached, if an earlier run requested it.
    pub cached_since: Option<Timestamp>,
    /// The federated token that it was exchanged for.
    assertion: Option<Secret>,
}

/// The claims of a token or an assertion that azfob uses. All are optional: a missing claim is unknown
/// (<https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// The audience. An assertion can have several; this is the first.
    #[serde(deserialize_with = "one_or_many")]
    pub aud: Option<String>,
    /// The issuer.
    pub iss: Option<String>,
    /// The subject.
    pub sub: Option<String>,
    /// The tenant.
    pub tid: Option<String>,
    /// The object ID of the user or service principal, to which roles and access policies are assigned.
    pub oid: Option<String>,
    /// The client ID in tokens of version 1.
    pub appid: Option<String>,
    /// The client ID in tokens of version 2.
    pub azp: Option<String>,
    /// `app` or `user`.
    pub idtyp: Option<String>,
    /// The delegated scopes. Only users have any.
    pub scp: Option<String>,
    /// The user's principal name.
    pub upn: Option<String>,
    /// The user's name in tokens of version 1.
    pub unique_name: Option<String>,
    /// The user's name in tokens of version 2.
    pub preferred_username: Option<String>,
    /// The user's email address.
    pub email: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// The resource ID of a managed identity; undocumented, and only in tokens for Microsoft's own resources
    /// (<https://github.com/MicrosoftDocs/azure-docs/issues/32131>).
    pub xms_mirid: Option<String>,
    /// When it was issued, in seconds since 1970.
    pub iat: Option<i64>,
    /// When it becomes valid.
    pub nbf: Option<i64>,
    /// When it expires.
    pub exp: Option<i64>,
}

impl AccessToken {
    /// Creates a token. Returns `None` if it cannot be an HTTP header value. Without an expiry from its issuer, the
    /// token's own `exp` claim counts.
    pub fn new(secret: Secret, expires_on: Option<Timestamp>) -> Option<Self> {
        let text = secret.expose();
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        redact::register_secret(text);
        let expires_on = expires_on.or_else(|| Claims::from_jwt(text)?.exp.map(Timestamp));
        Some(AccessToken { expires_on, cache_key: None, cached_since: None, assertion: None, secret })
    }

    /// Creates a token from the cache.
    pub fn from_cache(cache_key: cache::CacheKey, cached: &cache::CachedToken) -> Option<Self> {
        let token = Self::new(Secret::new(cached.token.as_str()), Some(cached.expires_on()))?;
        Some(AccessToken { cache_key: Some(cache_key), cached_since: Some(cached.since()), ..token })
    }

    /// Sets or clears the key under which [`AccessToken::cache`] caches the token.
    pub fn with_cache_key(self, cache_key: Option<cache::CacheKey>) -> Self {
        AccessToken { cache_key, ..self }
    }

    /// Sets the federated token that it was exchanged for.
    pub fn with_assertion(self, assertion: Secret) -> Self {
        AccessToken { assertion: Some(assertion), ..self }
    }

    /// Reads issuer, subject and audience of the federated token that it was exchanged for.
    pub fn federation(&self) -> Option<Claims> {
        Claims::from_jwt(self.assertion.as_ref()?.expose())
    }

    /// Caches the token for later runs, if it is new, may be cached, and its expiry is known.
    pub fn cache(&self) {
        if let (Some(key), Some(ends), None) = (&self.cache_key, self.expires_on, self.cached_since) {
            key.store(self.expose(), ends);
        }
    }

    /// Reads the token's claims, only when they are shown: most runs show none.
    pub fn claims(&self) -> Claims {
        Claims::from_jwt(self.expose()).unwrap_or_default()
    }

    /// Returns the token itself, for the Authorization header.
    pub fn expose(&self) -> &str {
        self.secret.expose()
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("expires_on", &self.expires_on).finish_non_exhaustive()
    }
}

impl Claims {
    /// Reads the claims of a JSON web token. Returns `None` if the text is not one.
    pub fn from_jwt(jwt: &str) -> Option<Self> {
        let payload = jwt.split('.').nth(1)?.trim_end_matches('=');
        let claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        serde_json::from_value(redact::sanitize_json(claims)).ok()
    }
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Audience {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Option::<Audience>::deserialize(deserializer)? {
        Some(Audience::One(one)) => Some(one),
        Some(Audience::Many(many)) => many.into_iter().next(),
        None => None,
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Returns a token with this payload (JSON).
    pub(crate) fn jwt(payload: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(payload))
    }

    #[test]
    fn claims_are_read_and_debug_hides_token() {
        let token =
            AccessToken::new(Secret::new(jwt(r#"{"oid":"o","exp":5,"aud":["x","y"],"new":[1]}"#)), None).unwrap();
        assert_eq!(token.claims().oid.as_deref(), Some("o"));
        assert_eq!(token.claims().aud.as_deref(), Some("x"));
        assert_eq!(token.expires_on, Some(Timestamp(5)));
        assert!(!format!("{token:?}").contains("e30"));
    }

    #[test]
    fn opaque_token_has_no_claims() {
        for text in ["opaque", "a.b.c", "a.!!.c", "a.W10.c"] {
            assert_eq!(AccessToken::new(Secret::new(text), None).unwrap().claims(), Claims::default(), "{text}");
        }
    }

    #[test]
    fn invalid_header_value_is_no_token() {
        for text in ["", "a b", "a\n", "é", "a\u{7f}", "\0"] {
            assert!(AccessToken::new(Secret::new(text), None).is_none(), "{text:?}");
        }
    }
}
