//! The sandbox's own credentials: random on every start, so that a test can look for them where they must not be.
//! They open nothing but this sandbox.

use serde_json::json;

use super::{clock, fault::Fault, host::kind::EmulatedHost, names, plan::SandboxPlan, random, token};

/// Lifetime of a projected service-account token: the default `expirationSeconds` of AKS's webhook is an hour, its
/// most a day (<https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html>).
const ASSERTION_SECS: u64 = 24 * 60 * 60;
const HOUR_SECS: u64 = 60 * 60;

/// What opens the emulated services.
pub(super) struct SandboxKeys {
    /// The service principal's client secret.
    pub(super) client_secret: String,
    /// What `AZURE_CLIENT_SECRET` says: the same, but for the fault `wrong-secret`.
    pub(super) client_secret_shown: String,
    /// What `IDENTITY_HEADER` says.
    pub(super) identity_header: String,
    /// What vouches for the workload: the projected service-account token, or a CI job's.
    pub(super) assertion: String,
    /// What a CI job shows to the service that vouches for it.
    pub(super) job_token: String,
    /// What Azure Arc's agent writes into its key file.
    pub(super) arc_key: String,
}

impl SandboxKeys {
    /// Draws them for a sandbox of this plan.
    pub(super) fn new(plan: &SandboxPlan) -> SandboxKeys {
        let client_secret = random::client_secret();
        let wrong = plan.has(Fault::WrongSecret);
        SandboxKeys {
            client_secret_shown: if wrong { random::client_secret() } else { client_secret.clone() },
            client_secret,
            identity_header: random::identity_header(),
            assertion: assertion(plan, plan.cloud.federated_audience()),
            job_token: random::client_secret(),
            arc_key: random::identity_header(),
        }
    }

    /// Each of them.
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

/// Who vouches for the workload of a plan, and as whom.
pub(super) struct Federation {
    pub(super) issuer: &'static str,
    pub(super) subject: &'static str,
}

impl Federation {
    /// Of the issuer that a kind of host has.
    pub(super) fn new(host: EmulatedHost) -> Federation {
        let (issuer, subject) = match host {
            EmulatedHost::GithubActions => (names::GITHUB_ISSUER, names::GITHUB_SUBJECT),
            EmulatedHost::AzurePipelines => (names::AZURE_PIPELINES_ISSUER, names::AZURE_PIPELINES_SUBJECT),
            _ => (names::FEDERATED_ISSUER, names::FEDERATED_SUBJECT),
        };
        Federation { issuer, subject }
    }
}

/// A token that vouches for the workload, with the claims that Kubernetes gives it.
pub(super) fn assertion(plan: &SandboxPlan, audience: &str) -> String {
    let Federation { issuer, subject } = Federation::new(plan.host);
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
            "namespace": "my-namespace",
            "pod": { "name": "my-pod" },
            "serviceaccount": { "name": "my-service-account" },
        },
        "nbf": from,
        "sub": subject,
    }))
}
