//! Rows for jobs of CI systems: how each one issues an OIDC token, and how azfob reads it.
//!
//! GitHub Actions and Azure Pipelines issue tokens over HTTP, CircleCI and Buildkite by a program. The other systems put a
//! token into a variable, and azfob reads `AZFOB_ID_TOKEN`.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::table::Row;
use crate::host::HostKind;

use super::federation::{JOB_INCOMPLETE, check_job_permission, list_federated_credentials};

rows! {
    GITLAB_JOB {
        code: "gitlab-job-not-set-up", error: "WorkloadIdentityCredential authentication unavailable",
        cause: "The GitLab job has no OIDC token for Entra ID (id_tokens), or no client ID or tenant ID",
        fix: "Add id_tokens: AZFOB_ID_TOKEN with aud: api://AzureADTokenExchange, and set AZURE_CLIENT_ID and AZURE_TENANT_ID",
        source: "https://docs.gitlab.com/ci/secrets/id_token_authentication/",
        weight: HostSetup, commands: name_application,
    }

    JENKINS_BUILD {
        code: "jenkins-build-not-set-up", error: "WorkloadIdentityCredential authentication unavailable",
        cause: "The Jenkins build has no OIDC token (plugin OpenID Connect Provider), or no client ID or tenant ID",
        fix: "Bind a credential of the kind 'OpenID Connect id token' to AZFOB_ID_TOKEN, and set AZURE_CLIENT_ID and AZURE_TENANT_ID",
        source: "https://plugins.jenkins.io/oidc-provider/",
        weight: HostSetup, commands: name_application,
    }

    CIRCLECI_JOB {
        code: "circleci-job-not-set-up", error: "WorkloadIdentityCredential authentication unavailable",
        cause: "The CircleCI job has no client ID or tenant ID, or not the program circleci, which issues its OIDC token",
        fix: "Set AZURE_CLIENT_ID and AZURE_TENANT_ID: azfob runs circleci run oidc get; the token's subject names the user that started the job",
        source: "https://circleci.com/docs/oidc-tokens-with-custom-claims/",
        weight: HostSetup, commands: name_application,
    }

    BITBUCKET_STEP {
        code: "bitbucket-step-not-set-up", error: "WorkloadIdentityCredential authentication unavailable",
        cause: "Entra ID cannot trust Bitbucket's OIDC tokens: their subject has a new step UUID in every run",
        fix: "Use a self-hosted runner in Azure with a managed identity, or a service principal with a certificate",
        source: "https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/",
        weight: HostSetup, commands: |_| vec![FixCommand::read_only(LIST_IDENTITIES)],
    }

    BITBUCKET_TOKEN {
        code: "bitbucket-token-refused", error: "WorkloadIdentityCredential authentication failed",
        cause: "The token is of a Bitbucket Pipelines step: its subject has a new step UUID in every run",
        fix: "Use a self-hosted runner in Azure with a managed identity, or a service principal with a certificate",
        source: "https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/",
        weight: HostSetup, commands: |_| vec![FixCommand::read_only(LIST_IDENTITIES)],
    }

    BUILDKITE_JOB {
        code: "buildkite-job-not-set-up", error: "WorkloadIdentityCredential authentication unavailable",
        cause: "The Buildkite job has no client ID or tenant ID, or not the program buildkite-agent, which issues its OIDC token",
        fix: "Set AZURE_CLIENT_ID and AZURE_TENANT_ID: azfob runs buildkite-agent oidc request-token with the subject pipeline_id",
        source: "https://buildkite.com/docs/pipelines/security/oidc/azure",
        weight: HostSetup, commands: name_application,
    }

    CI_JOB {
        code: "ci-job-not-set-up", error: "WorkloadIdentityCredential authentication unavailable",
        cause: "CI=true is set: this is probably a CI job, without an OIDC token, client ID or tenant ID for Entra ID",
        fix: "Set AZFOB_ID_TOKEN to the CI system's OIDC token; if this is not a CI job, unset CI",
        source: "https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        weight: HostSetup, commands: name_application,
    }

    PROGRAM_FAILED {
        code: "ci-token-program-failed", error: "WorkloadIdentityCredential authentication failed",
        cause: "The program of the CI system (circleci, buildkite-agent) issued no OIDC token for this job",
        fix: "Run the command in the job to see its message; a job of a forked pull request may get no token",
        source: "https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        weight: HostSetup, commands: |context| vec![try_program(context)],
    }

    JOB_TOKEN_EXPIRED {
        code: "job-token-expired", error: "AADSTS700024: Client assertion is not within its valid time range",
        cause: "The job's token that az signed in with has expired",
        fix: "Let azfob request its own: SYSTEM_ACCESSTOKEN and the service connection's ID, id-token: write (GitHub), or AZFOB_ID_TOKEN",
        source: "https://learn.microsoft.com/azure/devops/pipelines/library/connect-to-azure",
        commands: set_up_own_token,
    }
}

const LIST_IDENTITIES: &str =
    "az identity list --query '[].{name:name, clientId:clientId, tenantId:tenantId}' -o table";

/// The rows of jobs without a federated token.
pub const NOT_SET_UP: [&Row; 7] =
    [JOB_INCOMPLETE, GITLAB_JOB, JENKINS_BUILD, CIRCLECI_JOB, BITBUCKET_STEP, BUILDKITE_JOB, CI_JOB];

/// Returns the row of a job without a federated token.
pub fn not_set_up(kind: HostKind) -> &'static Row {
    match kind {
        HostKind::GitLab => GITLAB_JOB,
        HostKind::Jenkins => JENKINS_BUILD,
        HostKind::CircleCi => CIRCLECI_JOB,
        HostKind::Bitbucket => BITBUCKET_STEP,
        HostKind::Buildkite => BUILDKITE_JOB,
        HostKind::OtherCi => CI_JOB,
        _ => JOB_INCOMPLETE,
    }
}

/// Shows what the job lacks for a token of its own.
fn set_up_own_token(context: &Context) -> Vec<FixCommand> {
    match context.host.kind {
        HostKind::GitLab
        | HostKind::Jenkins
        | HostKind::CircleCi
        | HostKind::Bitbucket
        | HostKind::Buildkite
        | HostKind::OtherCi => set_up(context),
        _ => check_job_permission(context),
    }
}

/// Lists the identities that the job can use, or what a known one trusts.
fn name_application(context: &Context) -> Vec<FixCommand> {
    if context.client_id.is_some() {
        return list_federated_credentials(context);
    }
    let note = "set the variables AZURE_CLIENT_ID and AZURE_TENANT_ID of the job";
    vec![FixCommand::read_only(LIST_IDENTITIES).with_note(note)]
}

/// Requests a token as azfob does, and discards it.
fn try_program(context: &Context) -> FixCommand {
    let request = match context.host.kind {
        HostKind::Buildkite => {
            "buildkite-agent oidc request-token --audience api://AzureADTokenExchange --subject-claim pipeline_id"
                .to_owned()
        }
        _ => format!(
            "circleci run oidc get --claims {}",
            context.shell.quote_json(r#"{"aud":"api://AzureADTokenExchange"}"#)
        ),
    };
    FixCommand::read_only(context.shell.select(format!("{request} > /dev/null"), format!("{request} | Out-Null")))
}

/// Sets up the job: its permission and IDs, or its token file.
pub(super) fn set_up(context: &Context) -> Vec<FixCommand> {
    (not_set_up(context.host.kind).commands)(context)
}
