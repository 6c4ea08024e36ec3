//! The credentials of the sandbox.
//!
//! They are random on each start, so that a test can search outputs for them. They are valid only in this sandbox.

use serde_json::json;

use super::{clock, cluster::Federation, fault::Fault, names, plan::SandboxPlan, random, token};

/// Lifetime of a projected service account token. The webhook of AKS sets an hour by default and a day at most
/// (<https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html>).
const ASSERTION_SECS: u64 = 24 * 60 * 60;
const HOUR_SECS: u64 = 60 * 60;

/// The credentials that the emulated services accept.
pub(super) struct SandboxKeys {
    pub(super) client_secret: String,
    /// Value of `AZURE_CLIENT_SECRET`: the client secret, except under the fault `wrong-secret`.
    pub(super) client_secret_shown: String,
    /// Value of `IDENTITY_HEADER`.
    pub(super) identity_header: String,
    /// The federated token: a projected service account token, or that of a CI job.
    pub(super) assertion: String,
    /// The token of a CI job, which it exchanges for a federated token.
    pub(super) job_token: String,
    /// Content of the key file of the Azure Arc agent.
    pub(super) arc_key: String,
}

impl SandboxKeys {
    /// Creates random credentials for a plan.
    pub(super) fn new(plan: &SandboxPlan) -> SandboxKeys {
        let client_secret = random::client_secret();
        let wrong = plan.has(Fault::WrongSecret);
        SandboxKeys {
            client_secret_shown: if wrong { random::client_secret() } else { client_secret.clone() },
            client_secret,
            identity_header: random::identity_header(),
            assertion: assertion(plan, Federation::of_token(plan).audience),
            job_token: random::client_secret(),
            arc_key: random::identity_header(),
        }
    }

    /// Returns all of them.
    pub(super) fn all(&self) -> [&str; 7] {
        [
            &self.client_secret,
            &self.client_secret_shown,
            &self.identity_header,
            &self.assertion,
            &self.job_token,
            &self.arc_key,
            names::USER_PASSWORD,
        ]
    }
}

/// Creates a federated token with the claims of Kubernetes.
pub(super) fn assertion(plan: &SandboxPlan, audience: &str) -> String {
    let Federation { issuer, subject, .. } = Federation::of_token(plan);
    let now = clock::now();
    let (from, to) = if plan.has(Fault::ExpiredAssertion) {
        (now - ASSERTION_SECS, now - HOUR_SECS)
    } else if plan.has(Fault::ClockSkew) {
        (now, now + HOUR_SECS)
    } else {
        (now, now + ASSERTION_SECS)
    };
    token::unsigned(&json!({
        "aud": [audience],
        "exp": to,
        "iat": from,
        "iss": issuer,
        "jti": random::guid(),
        "kubernetes.io": {
            "namespace": names::NAMESPACE,
            "pod": { "name": names::POD_NAME },
            "serviceaccount": { "name": names::SERVICE_ACCOUNT },
        },
        "nbf": from,
        "sub": subject,
    }))
}
