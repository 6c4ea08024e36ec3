//! Access tokens of the emulated Azure: JWTs with Entra ID's claims and a random signature.
//!
//! A token is valid only if it is in the list of issued tokens.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{names, plan::UserAssigned, random};

/// The identity that a token is issued for.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    /// The system-assigned identity of a resource.
    SystemAssigned {
        resource_id: String,
    },
    UserAssigned(UserAssigned),
    ServicePrincipal,
    /// The user signed in to `az`.
    User,
}

impl Subject {
    /// Returns its client ID. For a user, this is the client ID of the Azure CLI.
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

    /// Returns the claims that only this kind of identity has
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

/// What is known about an issued token.
#[derive(Clone, Debug)]
pub(super) struct IssuedToken {
    pub(super) audience: String,
    pub(super) tenant: String,
    pub(super) client_id: String,
    pub(super) object_id: String,
    pub(super) expires: u64,
    /// True if it was requested with the claims of a revoked session.
    pub(super) renewed: bool,
}

/// The issued tokens.
#[derive(Default)]
pub(super) struct Tokens {
    issued: Mutex<HashMap<String, IssuedToken>>,
}

impl Tokens {
    /// Issues a token for `audience` in `tenant`, valid from `from` to `to` (seconds since 1970).
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
            // A user's `sub` is pairwise, never the object ID.
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

    /// Marks a token as requested with the claims of a revoked session.
    pub(super) fn renew(&self, token: &str) {
        if let Some(claims) = self.issued.lock().unwrap_or_else(PoisonError::into_inner).get_mut(token) {
            claims.renewed = true;
        }
    }

    /// Returns what is known about a token, if it was issued here.
    pub(super) fn claims(&self, token: &str) -> Option<IssuedToken> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    /// Returns all tokens issued so far.
    pub(super) fn all(&self) -> Vec<String> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }
}

/// Creates a JWT with these claims and a random signature.
pub(super) fn unsigned(claims: &Value) -> String {
    format!("{}.{}.{}", encoded_header(), URL_SAFE_NO_PAD.encode(claims.to_string()), random::signature())
}

/// Returns the first part of every token.
pub(super) fn encoded_header() -> String {
    URL_SAFE_NO_PAD.encode(json!({ "typ": "JWT", "alg": "RS256", "kid": "sandbox" }).to_string())
}

/// Returns the claims of any JWT.
pub(super) fn claims_of(token: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_identity_tokens_have_the_claims_of_entra_id() {
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
