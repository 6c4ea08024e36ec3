//! The sandbox's own credentials: random on every start, so that a test can look for them where they must not be.
//! They open nothing but this sandbox.

use serde_json::json;

use super::{clock, fault::Fault, names, plan::Plan, random, token};

/// Lifetime of a projected service-account token: the default `expirationSeconds` of AKS's webhook is an hour, its
/// most a day (<https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html>).
const ASSERTION_SECS: u64 = 24 * 60 * 60;
const HOUR_SECS: u64 = 60 * 60;

/// What opens the emulated services.
pub(super) struct Keys {
    /// The service principal's client secret.
    pub(super) client_secret: String,
    /// What `AZURE_CLIENT_SECRET` says: the same, but for the fault `wrong-secret`.
    pub(super) client_secret_shown: String,
    /// What `IDENTITY_HEADER` says.
    pub(super) identity_header: String,
    /// The projected service-account token.
    pub(super) assertion: String,
}

impl Keys {
    /// New ones.
    pub(super) fn new(plan: &Plan) -> Keys {
        let client_secret = random::client_secret();
        let wrong = plan.has(Fault::WrongSecret);
        Keys {
            client_secret_shown: if wrong { random::client_secret() } else { client_secret.clone() },
            client_secret,
            identity_header: random::identity_header(),
            assertion: assertion(plan),
        }
    }

    /// Each of them.
    pub(super) fn all(&self) -> [&str; 4] {
        [&self.client_secret, &self.client_secret_shown, &self.identity_header, &self.assertion]
    }
}

/// A projected service-account token with the claims that Kubernetes gives it.
fn assertion(plan: &Plan) -> String {
    let now = clock::now();
    let (from, to) = if plan.has(Fault::ExpiredAssertion) {
        (now - ASSERTION_SECS, now - HOUR_SECS)
    } else if plan.has(Fault::ClockSkew) {
        (now, now + HOUR_SECS)
    } else {
        (now, now + ASSERTION_SECS)
    };
    token::unsigned(&json!({
        "aud": [names::FEDERATED_AUDIENCE],
        "exp": to,
        "iat": from,
        "iss": names::FEDERATED_ISSUER,
        "jti": random::guid(),
        "kubernetes.io": {
            "namespace": "my-namespace",
            "pod": { "name": "my-pod" },
            "serviceaccount": { "name": "my-service-account" },
        },
        "nbf": from,
        "sub": names::FEDERATED_SUBJECT,
    }))
}
