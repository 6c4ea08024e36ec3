//! The access tokens of the emulated Azure: JWTs with Entra ID's claims and a random signature, and the book of those
//! that were given out, which is all that makes one valid.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{names, plan::UserAssigned, random};

/// Whom a token speaks for.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    /// The host's system-assigned identity, with the host's resource id.
    SystemAssigned {
        /// The resource whose identity it is.
        resource_id: String,
    },
    /// A user-assigned identity.
    UserAssigned(UserAssigned),
    /// The service principal.
    ServicePrincipal,
    /// The person signed in to `az`.
    User,
}

impl Subject {
    /// Its client id: for a person, that of the program.
    pub(super) fn client_id(&self) -> &str {
        match self {
            Subject::SystemAssigned { .. } => names::SYSTEM_CLIENT_ID,
            Subject::UserAssigned(identity) => &identity.client_id,
            Subject::ServicePrincipal => names::SERVICE_PRINCIPAL_CLIENT_ID,
            Subject::User => names::AZURE_CLI_CLIENT_ID,
        }
    }

    fn object_id(&self) -> &str {
        match self {
            Subject::SystemAssigned { .. } => names::SYSTEM_OBJECT_ID,
            Subject::UserAssigned(identity) => &identity.object_id,
            Subject::ServicePrincipal => names::SERVICE_PRINCIPAL_OBJECT_ID,
            Subject::User => names::USER_OBJECT_ID,
        }
    }

    /// The claims that only this kind has
    /// (<https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>).
    fn claims(&self) -> Value {
        match self {
            Subject::SystemAssigned { resource_id } => {
                json!({ "appidacr": "2", "idtyp": "app", "xms_mirid": resource_id })
            }
            Subject::UserAssigned(identity) => {
                json!({ "appidacr": "2", "idtyp": "app", "xms_mirid": identity.resource_id() })
            }
            Subject::ServicePrincipal => json!({ "appidacr": "1", "idtyp": "app" }),
            Subject::User => json!({
                "appidacr": "0",
                "idtyp": "user",
                "name": names::USER_NAME,
                "scp": "user_impersonation",
                "unique_name": names::USER_PRINCIPAL_NAME,
                "upn": names::USER_PRINCIPAL_NAME,
            }),
        }
    }
}

/// What a token that was given out says.
#[derive(Clone, Debug)]
pub(super) struct IssuedToken {
    pub(super) audience: String,
    pub(super) tenant: String,
    pub(super) client_id: String,
    pub(super) object_id: String,
    pub(super) expires: u64,
    /// Whether it was asked for with the claims by which a vault tells that its session was revoked.
    pub(super) renewed: bool,
}

/// The book of the tokens that were given out.
#[derive(Default)]
pub(super) struct Tokens {
    issued: Mutex<HashMap<String, IssuedToken>>,
}

impl Tokens {
    /// A new token for `audience` in `tenant`, valid from `from` to `to` (seconds since 1970).
    pub(super) fn issue(&self, subject: &Subject, audience: &str, tenant: &str, from: u64, to: u64) -> String {
        let mut claims = json!({
            "aud": audience,
            "iss": format!("https://sts.windows.net/{tenant}/"),
            "iat": from,
            "nbf": from,
            "exp": to,
            "appid": subject.client_id(),
            "idp": format!("https://sts.windows.net/{}/", names::TENANT_ID),
            "oid": subject.object_id(),
            "sub": subject.object_id(),
            "tid": tenant,
            "uti": random::unique_token_id(),
            "ver": "1.0",
        });
        if let (Some(all), Value::Object(own)) = (claims.as_object_mut(), subject.claims()) {
            all.extend(own);
        }
        if let Subject::User = subject {
            // A person's `sub` is pairwise, never the object id.
            claims["sub"] = random::version_of(audience).into();
        }
        let token = unsigned(&claims);
        let record = IssuedToken {
            audience: audience.into(),
            tenant: tenant.into(),
            client_id: subject.client_id().into(),
            object_id: subject.object_id().into(),
            expires: to,
            renewed: false,
        };
        self.issued.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), record);
        token
    }

    /// Notes that a token was asked for with the claims of a revoked session.
    pub(super) fn renew(&self, token: &str) {
        if let Some(claims) = self.issued.lock().unwrap_or_else(PoisonError::into_inner).get_mut(token) {
            claims.renewed = true;
        }
    }

    /// What a token says, where it was given out here.
    pub(super) fn claims(&self, token: &str) -> Option<IssuedToken> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    /// Every token given out so far.
    pub(super) fn all(&self) -> Vec<String> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }
}

/// A JWT with these claims and random bytes for a signature.
pub(super) fn unsigned(claims: &Value) -> String {
    format!("{}.{}.{}", encoded_header(), URL_SAFE_NO_PAD.encode(claims.to_string()), random::signature())
}

/// The first part of every token.
pub(super) fn encoded_header() -> String {
    URL_SAFE_NO_PAD.encode(json!({ "typ": "JWT", "alg": "RS256", "kid": "sandbox" }).to_string())
}

/// The claims of a JWT, whoever made it.
pub(super) fn claims_of(token: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_token_and_an_identitys_differ_as_entras_do() {
        let tokens = Tokens::default();
        let user = tokens.issue(&Subject::User, "https://vault.azure.net", names::TENANT_ID, 1, 2);
        let user = claims_of(&user).unwrap();
        assert_eq!((user["idtyp"].as_str(), user["scp"].as_str()), (Some("user"), Some("user_impersonation")));
        assert_ne!(user["sub"], user["oid"]);
        let identity = Subject::UserAssigned(UserAssigned::first());
        let token = tokens.issue(&identity, "https://vault.azure.net", names::TENANT_ID, 1, 2);
        let claims = claims_of(&token).unwrap();
        assert_eq!(claims["xms_mirid"], names::USER_ASSIGNED_RESOURCE_ID);
        assert_eq!(claims["sub"], claims["oid"]);
        assert_eq!(tokens.claims(&token).unwrap().object_id, names::USER_ASSIGNED_OBJECT_ID);
        assert!(tokens.claims("x.y.z").is_none());
    }
}
