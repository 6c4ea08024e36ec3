//! The credentials of the sandbox.
//!
//! They are random on each start, so that a test can search outputs for them. They are valid only in this sandbox.

use serde_json::json;

use super::{clock, fault::Fault, host::kind::EmulatedHost, names, plan::SandboxPlan, random, token};

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
            assertion: assertion(
                plan,
                match plan.host {
                    EmulatedHost::IdentityBinding => names::BINDING_AUDIENCE,
                    _ => plan.cloud.federated_audience(),
                },
            ),
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

/// Issuer and subject of a workload's federated token.
pub(super) struct Federation {
    pub(super) issuer: &'static str,
    pub(super) subject: &'static str,
}

impl Federation {
    /// Returns those of the token and of the federated credential.
    pub(super) fn new(plan: &SandboxPlan) -> Federation {
        let (issuer, subject) = match (plan.host, plan.has(Fault::ImmutableSubject)) {
            (EmulatedHost::GithubActions, false) => (names::GITHUB_ISSUER, names::GITHUB_SUBJECT),
            (EmulatedHost::GithubActions, true) => (names::GITHUB_ISSUER, names::GITHUB_IMMUTABLE_SUBJECT),
            (EmulatedHost::AzurePipelines, false) => (names::AZURE_PIPELINES_ISSUER, names::AZURE_PIPELINES_SUBJECT),
            (EmulatedHost::AzurePipelines, true) => {
                (names::AZURE_PIPELINES_ENTRA_ISSUER, names::AZURE_PIPELINES_ENTRA_SUBJECT)
            }
            _ => (names::FEDERATED_ISSUER, names::FEDERATED_SUBJECT),
        };
        Federation { issuer, subject }
    }
}

/// Creates a federated token with the claims of Kubernetes.
pub(super) fn assertion(plan: &SandboxPlan, audience: &str) -> String {
    let Federation { issuer, subject } = Federation::new(plan);
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
