//! Somebody else's word for who we are, exchanged for a token: federated workload identity.
//!
//! Applies where `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_FEDERATED_TOKEN_FILE` are set, as AKS's webhook sets
//! them (<https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html>);
//! and, where no file is named, on a CI runner that vouches for its jobs, each of which has a file here. The reference
//! is .NET's `WorkloadIdentityCredential` (<https://learn.microsoft.com/dotnet/api/azure.identity.workloadidentitycredential>).

mod azure_pipelines;
mod file;
mod github_actions;

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::entra::assertion::exchange;
use crate::entra::{NoGrant, TenantId};
use crate::env::Env;
use crate::http::Request;
use crate::http::retry::CLOUD;
use crate::secret::Secret;
use crate::token::{AccessToken, Claims};

use super::allowed_tenants::tenant_for;
use super::error_message::said;
use super::{Credential, Failure, Group, NoToken, Reason, Surroundings, TokenRequest};

pub use file::FILE;

/// A workload that its cluster or its CI runner vouches for.
pub struct WorkloadIdentityCredential;

const TENANT: &str = "AZURE_TENANT_ID";
const CLIENT: &str = "AZURE_CLIENT_ID";

/// Who vouches for the workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voucher {
    /// Kubernetes, in a file.
    File,
    /// The runner of a GitHub Actions job.
    GithubActions,
    /// The agent of an Azure Pipelines job.
    AzurePipelines,
}

impl Voucher {
    /// A file that was named comes before the runner that the job happens to be on.
    fn of(env: &Env) -> Self {
        if env.has(FILE) {
            Voucher::File
        } else if github_actions::is_here(env) {
            Voucher::GithubActions
        } else if azure_pipelines::is_here(env) {
            Voucher::AzurePipelines
        } else {
            Voucher::File
        }
    }

    /// The variables that are needed before it can be asked.
    fn variables(self) -> &'static [&'static str] {
        match self {
            Voucher::File => &[FILE],
            Voucher::GithubActions => &github_actions::VARIABLES,
            Voucher::AzurePipelines => &azure_pipelines::VARIABLES,
        }
    }

    fn tenant(self) -> &'static str {
        if self == Voucher::AzurePipelines { azure_pipelines::TENANT } else { TENANT }
    }

    fn client(self) -> &'static str {
        if self == Voucher::AzurePipelines { azure_pipelines::CLIENT } else { CLIENT }
    }

    fn assertion(self, request: &TokenRequest, around: &Surroundings) -> Result<Secret, NoToken> {
        match self {
            Voucher::File => file::assertion(&around.env),
            Voucher::GithubActions => github_actions::assertion(request, around),
            Voucher::AzurePipelines => azure_pipelines::assertion(around),
        }
    }

    fn incomplete(self, env: &Env, tenant_is_known: bool) -> Reason {
        let identity = (!tenant_is_known).then_some(self.tenant()).into_iter().chain([self.client()]);
        let needed = self.variables().iter().copied().chain(identity);
        let (set, missing): (Vec<_>, Vec<_>) = needed.partition(|variable| env.has(variable));
        let lacks = |variable: &str| missing.contains(&variable);
        let permission = match self {
            Voucher::GithubActions => lacks(github_actions::URL).then_some(github_actions::PERMISSION),
            Voucher::AzurePipelines => lacks(azure_pipelines::ACCESS).then_some(azure_pipelines::PERMISSION),
            Voucher::File => None,
        };
        // Where nothing speaks of Azure yet, the permission alone would not help.
        match permission.filter(|_| env.has(self.client())) {
            Some(permission) => Reason::JobMayNotAsk { set, missing, permission },
            None => Reason::VariablesMissing { set, missing },
        }
    }
}

/// The variable by which `AZURE_CLIENT_ID` is known to name the application of a workload.
pub(super) fn owner_of_client_id(env: &Env) -> Option<&'static str> {
    [FILE, github_actions::URL].into_iter().find(|variable| env.has(variable))
}

impl Credential for WorkloadIdentityCredential {
    fn name(&self) -> &'static str {
        "WorkloadIdentityCredential"
    }

    fn short_name(&self) -> &'static str {
        "workload-identity"
    }

    fn group(&self) -> Group {
        Group::Production
    }

    fn get_token(&self, request: &TokenRequest, around: &Surroundings) -> Result<AccessToken, NoToken> {
        let env = &around.env;
        let voucher = Voucher::of(env);
        let asked = request.tenant.asked.as_ref().map(TenantId::as_str);
        let complete = voucher.variables().iter().all(|variable| env.has(variable));
        let (Some(tenant), Some(client), true) =
            (asked.or(env.get(voucher.tenant())), env.get(voucher.client()), complete)
        else {
            return Err(NoToken::Unavailable(voucher.incomplete(env, asked.is_some())));
        };
        let configured = TenantId::parse(tenant)
            .map_err(|e| NoToken::Failed(Failure::Setting { variable: voucher.tenant(), expected: e.0 }))?;
        let assertion = voucher.assertion(request, around)?;
        let tenant = tenant_for(configured, &request.tenant, env).map_err(NoToken::Failed)?;
        let (http, deadline) = (&around.http, &around.deadline);
        exchange(http, &request.authority, &tenant, client, &assertion, &request.scope, deadline).map_err(|error| {
            NoToken::from_grant(match error {
                NoGrant::Refused(mut refusal) => {
                    // What the assertion says is what has to match the federated credential; it is not secret, and the
                    // assertion itself is.
                    refusal.assertion = Claims::of(assertion.expose()).map(Box::new);
                    NoGrant::Refused(refusal)
                }
                other => other,
            })
        })
    }
}

/// What a runner answers: GitHub calls the token `value`, Azure Pipelines `oidcToken`.
#[derive(Deserialize)]
struct Vouched {
    #[serde(alias = "oidcToken")]
    value: Secret,
}

/// Asks a runner's service for the job's token.
fn ask_runner(
    runner: &'static str,
    request: Request<'_>,
    bearer: &str,
    around: &Surroundings,
) -> Result<Secret, NoToken> {
    let authorization = Zeroizing::new(format!("Bearer {bearer}"));
    let request = request.header("authorization", authorization.as_str()).header("accept", "application/json");
    let reply = around
        .http
        .send_patiently(&request, &CLOUD, &around.deadline)
        .map_err(|error| NoToken::Failed(Failure::Network(error)))?;
    if reply.status != 200 {
        let said = said(&reply).unwrap_or_default();
        return Err(NoToken::Failed(Failure::Runner { runner, status: reply.status, said }));
    }
    let vouched: Option<Vouched> = reply.json();
    match vouched {
        Some(Vouched { value }) if !value.expose().is_empty() => Ok(value),
        _ => Err(NoToken::Failed(Failure::Malformed { from: runner, expected: "JSON with the job's token" })),
    }
}

/// A runner's address: https alone, since a token for its service goes there.
fn runner_url<'a>(env: &'a Env, variable: &'static str) -> Result<&'a str, NoToken> {
    let url = env.get(variable).map(str::trim).filter(|url| {
        let rest = url.get(..8).filter(|scheme| scheme.eq_ignore_ascii_case("https://")).map(|_| &url[8..]);
        let authority = rest.and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
        !authority.is_empty() && !authority.contains('@') && !url.contains(['#', ' ', '\\'])
    });
    url.ok_or(NoToken::Failed(Failure::Setting { variable, expected: "an address that begins with https://" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GITHUB: [&str; 3] = ["GITHUB_ACTIONS", github_actions::URL, github_actions::TOKEN];

    fn env(names: &[&'static str]) -> Env {
        names.iter().map(|n| (*n, "true")).collect()
    }

    #[test]
    fn a_file_comes_before_a_runner() {
        assert_eq!(Voucher::of(&env(&[])), Voucher::File);
        assert_eq!(Voucher::of(&env(&GITHUB)), Voucher::GithubActions);
        assert_eq!(Voucher::of(&env(&[FILE, GITHUB[0], GITHUB[1], GITHUB[2]])), Voucher::File);
        assert_eq!(Voucher::of(&env(&["TF_BUILD"])), Voucher::AzurePipelines);
    }

    fn why(names: &[&'static str]) -> String {
        let env = env(names);
        Voucher::of(&env).incomplete(&env, false).to_string()
    }

    #[test]
    fn the_reason_names_what_this_voucher_lacks() {
        assert_eq!(why(&[]), "AZURE_FEDERATED_TOKEN_FILE, AZURE_TENANT_ID and AZURE_CLIENT_ID are not set");
        assert_eq!(
            why(&GITHUB),
            "ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are set; \
             AZURE_TENANT_ID and AZURE_CLIENT_ID are not set"
        );
        assert_eq!(
            why(&["GITHUB_ACTIONS", TENANT, CLIENT]),
            "AZURE_TENANT_ID and AZURE_CLIENT_ID are set; \
             ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are not set: \
             the job needs 'permissions: id-token: write'"
        );
        let pipeline = why(&[
            "SYSTEM_OIDCREQUESTURI",
            "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
            azure_pipelines::TENANT,
            azure_pipelines::CLIENT,
        ]);
        assert!(
            pipeline.ends_with(
                "SYSTEM_ACCESSTOKEN is not set: the step needs 'env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)'"
            ),
            "{pipeline}"
        );
    }

    #[test]
    fn a_runner_is_asked_over_https_alone() {
        for (url, good) in [
            ("https://run-actions-1.example/x?api-version=2.0", true),
            ("HTTPS://h", true),
            ("http://h/x", false),
            ("https://u@h/x", false),
            ("https:///x", false),
            ("https://", false),
            ("h", false),
        ] {
            let env: Env = [(github_actions::URL, url)].into_iter().collect();
            assert_eq!(runner_url(&env, github_actions::URL).is_ok(), good, "{url}");
        }
    }

    #[test]
    fn both_runners_answers_are_read() {
        for body in [r#"{"count":9,"value":"t"}"#, r#"{"oidcToken":"t"}"#] {
            assert_eq!(serde_json::from_str::<Vouched>(body).unwrap().value.expose(), "t");
        }
    }
}
