//! Exchanges an assertion of a cluster or CI runner for a token: workload identity federation.
//!
//! Applies if `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_FEDERATED_TOKEN_FILE` are set, as by AKS's webhook
//! (<https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html>); or,
//! without a file, on a CI runner that issues assertions for its jobs. Each source has its own file here. The reference
//! is .NET's `WorkloadIdentityCredential`
//! (<https://learn.microsoft.com/dotnet/api/azure.identity.workloadidentitycredential>). A pod with an AKS identity binding
//! exchanges its assertion elsewhere, so that has its own file too.

mod azure_pipelines;
mod buildkite;
mod circleci;
mod file;
mod github_actions;
mod id_token;
mod identity_binding;
mod runner;

use crate::entra::assertion::{RequestedToken, exchange};
use crate::entra::{NoGrant, TenantId};
use crate::env::{self, Env, Source};
use crate::host::{HostKind, other_ci_system};
use crate::redact::secret::Secret;
use crate::token::{AccessToken, Claims};

use super::allowed_tenants::tenant_for;
use super::{Credential, CredentialContext, CredentialInfo, Failure, Group, IdKind, NoToken, Reason, TokenRequest};

/// A workload with an assertion from its cluster or CI runner.
pub struct WorkloadIdentityCredential;

/// The source of the assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AssertionSource {
    File,
    IdToken,
    GithubActions,
    AzurePipelines,
    CircleCi,
    Buildkite,
    /// Issues tokens that no federated credential can match.
    Bitbucket,
}

impl AssertionSource {
    /// A named file or token takes precedence over the runner of the job.
    fn detect(env: &Env) -> Self {
        match () {
            () if env.has(env::AZURE_FEDERATED_TOKEN_FILE) => AssertionSource::File,
            () if env.has(env::AZFOB_ID_TOKEN) => AssertionSource::IdToken,
            () if github_actions::is_here(env) => AssertionSource::GithubActions,
            () if azure_pipelines::is_here(env) => AssertionSource::AzurePipelines,
            () => match other_ci_system(env) {
                Some(HostKind::GitLab | HostKind::Jenkins) => AssertionSource::IdToken,
                Some(HostKind::CircleCi) => AssertionSource::CircleCi,
                Some(HostKind::Buildkite) => AssertionSource::Buildkite,
                Some(HostKind::Bitbucket) => AssertionSource::Bitbucket,
                _ => AssertionSource::File,
            },
        }
    }

    /// Returns the variables that it needs.
    fn variables(self) -> &'static [&'static str] {
        match self {
            AssertionSource::File => &[env::AZURE_FEDERATED_TOKEN_FILE],
            AssertionSource::IdToken | AssertionSource::Bitbucket => &[env::AZFOB_ID_TOKEN],
            AssertionSource::CircleCi => &[env::CIRCLECI],
            AssertionSource::Buildkite => &[env::BUILDKITE],
            AssertionSource::GithubActions => &github_actions::VARIABLES,
            AssertionSource::AzurePipelines => &azure_pipelines::VARIABLES,
        }
    }

    fn tenant(self) -> &'static str {
        if self == AssertionSource::AzurePipelines { env::AZURESUBSCRIPTION_TENANT_ID } else { env::AZURE_TENANT_ID }
    }

    fn client(self) -> &'static str {
        if self == AssertionSource::AzurePipelines { env::AZURESUBSCRIPTION_CLIENT_ID } else { env::AZURE_CLIENT_ID }
    }

    fn assertion(self, request: &TokenRequest, context: &CredentialContext) -> Result<Secret, NoToken> {
        match self {
            AssertionSource::File => file::assertion(&context.env),
            AssertionSource::GithubActions => github_actions::assertion(request, context),
            AssertionSource::AzurePipelines => azure_pipelines::assertion(context),
            AssertionSource::IdToken | AssertionSource::Bitbucket => id_token::assertion(&context.env),
            AssertionSource::CircleCi => circleci::assertion(request, context),
            AssertionSource::Buildkite => buildkite::assertion(request, context),
        }
    }

    fn incomplete(self, env: &Env, tenant_is_known: bool, client_is_known: bool) -> Reason {
        let identity = [(tenant_is_known, self.tenant()), (client_is_known, self.client())];
        let identity = identity.into_iter().filter(|(is_known, _)| !is_known).map(|(_, variable)| variable);
        let needed = self.variables().iter().copied().chain(identity);
        let (set, missing): (Vec<_>, Vec<_>) = needed.partition(|variable| env.has(variable));
        let lacks = |variable: &str| missing.contains(&variable);
        let permission = match self {
            AssertionSource::GithubActions => {
                lacks(env::ACTIONS_ID_TOKEN_REQUEST_URL).then_some(github_actions::PERMISSION)
            }
            AssertionSource::AzurePipelines => lacks(env::SYSTEM_ACCESSTOKEN).then_some(azure_pipelines::PERMISSION),
            AssertionSource::File
            | AssertionSource::IdToken
            | AssertionSource::CircleCi
            | AssertionSource::Buildkite => None,
            AssertionSource::Bitbucket => return Reason::NotFederable { system: HostKind::Bitbucket.label() },
        };
        // If no variable refers to Azure, the permission alone would not help.
        match permission.filter(|_| client_is_known || env.has(self.client())) {
            Some(permission) => Reason::JobLacksPermission { set, missing, permission },
            None => Reason::VariablesMissing { set, missing },
        }
    }
}

/// Returns the variable that shows that `AZURE_CLIENT_ID` names a workload's application.
pub(super) fn owner_of_client_id(env: &Env) -> Option<&'static str> {
    let signs = [
        env::AZURE_FEDERATED_TOKEN_FILE,
        env::AZFOB_ID_TOKEN,
        env::ACTIONS_ID_TOKEN_REQUEST_URL,
        env::CIRCLECI,
        env::BUILDKITE,
    ];
    signs.into_iter().find(|variable| env.has(variable))
}

impl Credential for WorkloadIdentityCredential {
    fn info(&self) -> CredentialInfo {
        CredentialInfo { name: "WorkloadIdentityCredential", short_name: "workload-identity", group: Group::Production }
    }

    fn accepts_claims(&self) -> bool {
        true
    }

    fn get_token(&self, request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
        let env = &context.env;
        let source = AssertionSource::detect(env);
        let requested_tenant = request.tenant.requested.as_ref().map(TenantId::as_str);
        let named = request.identity.as_ref().filter(|id| matches!(id.source, Some(Source::Option(_))));
        let named_client = named.filter(|id| id.kind == IdKind::Client).map(|id| id.value.as_str());
        let complete = source.variables().iter().all(|variable| env.has(variable));
        let (Some(tenant), Some(client), true) =
            (requested_tenant.or(env.get(source.tenant())), named_client.or(env.get(source.client())), complete)
        else {
            return Err(NoToken::Unavailable(source.incomplete(
                env,
                requested_tenant.is_some(),
                named_client.is_some(),
            )));
        };
        // A requested identity of another kind must not be ignored.
        if let Some(id) = named.filter(|id| id.kind != IdKind::Client) {
            let (id, host, takes) = (id.clone(), "workload", "the client ID of its application (--client-id)");
            return Err(NoToken::Failed(Failure::IdKindNotSupported { id, host, takes }));
        }
        let configured = TenantId::parse(tenant)
            .map_err(|e| NoToken::Failed(Failure::Setting { variable: source.tenant(), expected: e.0 }))?;
        if source != AssertionSource::File {
            // The runner is asked over a network meanwhile.
            context.http.preconnect(request.authority.host(), 1, &context.deadline);
        }
        let assertion = source.assertion(request, context)?;
        let tenant = tenant_for(configured, &request.tenant, env).map_err(NoToken::Failed)?;
        let (http, deadline) = (&context.http, &context.deadline);
        let scope = request.scope.to_string();
        let requested = RequestedToken { scope: &scope, claims: request.claims.as_deref() };
        if source == AssertionSource::File && identity_binding::applies(request, env) {
            let form = requested.form(client, &assertion);
            return identity_binding::exchange(request, context, &tenant, &form).map_err(|error| match error {
                NoToken::Failed(Failure::IdentityBinding(binding, _)) => NoToken::Failed(Failure::IdentityBinding(
                    binding,
                    Claims::from_jwt(assertion.expose()).map(Box::new),
                )),
                other => other,
            });
        }
        let exchanged = exchange(http, &request.authority, &tenant, client, &assertion, &requested, deadline);
        exchanged.map(|token| token.with_assertion(assertion.clone())).map_err(|error| {
            NoToken::from_grant(match error {
                NoGrant::Refused(mut refusal) => {
                    // The federated credential must match these claims. They are not secret, unlike the assertion.
                    refusal.assertion = Claims::from_jwt(assertion.expose()).map(Box::new);
                    NoGrant::Refused(refusal)
                }
                other => other,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GITHUB: [&str; 3] =
        ["GITHUB_ACTIONS", env::ACTIONS_ID_TOKEN_REQUEST_URL, env::ACTIONS_ID_TOKEN_REQUEST_TOKEN];

    fn env(names: &[&'static str]) -> Env {
        names.iter().map(|n| (*n, "true")).collect()
    }

    #[test]
    fn file_takes_precedence_over_runner() {
        assert_eq!(AssertionSource::detect(&env(&[])), AssertionSource::File);
        assert_eq!(AssertionSource::detect(&env(&GITHUB)), AssertionSource::GithubActions);
        assert_eq!(
            AssertionSource::detect(&env(&[env::AZURE_FEDERATED_TOKEN_FILE, GITHUB[0], GITHUB[1], GITHUB[2]])),
            AssertionSource::File
        );
        for (names, source) in [
            (&["TF_BUILD"][..], AssertionSource::AzurePipelines),
            (&["GITLAB_CI"], AssertionSource::IdToken),
            (&["JENKINS_URL", "BUILD_ID"], AssertionSource::IdToken),
            (&["JENKINS_URL"], AssertionSource::File),
            (&["CIRCLECI"], AssertionSource::CircleCi),
            (&["CIRCLECI", env::AZFOB_ID_TOKEN], AssertionSource::IdToken),
            (&["CIRCLECI", env::AZFOB_ID_TOKEN, env::AZURE_FEDERATED_TOKEN_FILE], AssertionSource::File),
            (&["BUILDKITE"], AssertionSource::Buildkite),
            (&["BITBUCKET_BUILD_NUMBER"], AssertionSource::Bitbucket),
        ] {
            assert_eq!(AssertionSource::detect(&env(names)), source, "{names:?}");
        }
    }

    fn why(names: &[&'static str]) -> String {
        let env = env(names);
        AssertionSource::detect(&env).incomplete(&env, false, false).to_string()
    }

    #[test]
    fn reason_names_missing_variables() {
        assert_eq!(why(&[]), "AZURE_FEDERATED_TOKEN_FILE, AZURE_TENANT_ID and AZURE_CLIENT_ID are not set");
        assert_eq!(
            why(&GITHUB),
            "ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are set; \
             AZURE_TENANT_ID and AZURE_CLIENT_ID are not set"
        );
        assert_eq!(
            why(&["GITHUB_ACTIONS", env::AZURE_TENANT_ID, env::AZURE_CLIENT_ID]),
            "AZURE_TENANT_ID and AZURE_CLIENT_ID are set; \
             ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are not set: \
             the job needs 'permissions: id-token: write'"
        );
        let pipeline = why(&[
            "SYSTEM_OIDCREQUESTURI",
            "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
            env::AZURESUBSCRIPTION_TENANT_ID,
            env::AZURESUBSCRIPTION_CLIENT_ID,
        ]);
        assert!(
            pipeline.ends_with(
                "SYSTEM_ACCESSTOKEN is not set: the step needs 'env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)'"
            ),
            "{pipeline}"
        );
    }
}
