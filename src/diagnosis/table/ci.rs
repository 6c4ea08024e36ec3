//! Rows for jobs of CI systems: how each one issues an OIDC token, and how azfob reads it.
//!
//! GitHub Actions and Azure Pipelines issue tokens over HTTP, which azfob requests itself. The other systems put a token
//! into a variable, a file or the output of a program, and azfob reads the file in `AZURE_FEDERATED_TOKEN_FILE`.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::table::Row;
use crate::env;
use crate::host::HostKind;

use super::federation::{JOB_INCOMPLETE, check_job_permission, list_federated_credentials};

rows! {
    GITLAB_JOB {
        code: "gitlab-job-not-set-up", error: "WorkloadIdentityCredential authentication unavailable",
        cause: "The GitLab job has no OIDC token for Entra ID: GitLab issues one in a variable that id_tokens names",
        fix: "Add id_tokens with aud: api://AzureADTokenExchange, and write its token to the file in AZURE_FEDERATED_TOKEN_FILE",
        source: "https://docs.gitlab.com/ci/secrets/id_token_authentication/",
        weight: HostSetup, commands: |context| write_token_of("AZURE_ID_TOKEN", "the variable named under id_tokens", context),
    }

    JENKINS_BUILD {
        code: "jenkins-build-not-set-up", error: "WorkloadIdentityCredential authentication unavailable",
        cause: "The Jenkins build has no OIDC token for Entra ID: the plugin OpenID Connect Provider issues one",
        fix: "Bind a credential of the kind 'OpenID Connect id token as file' to AZURE_FEDERATED_TOKEN_FILE",
        source: "https://plugins.jenkins.io/oidc-provider/",
        weight: HostSetup, commands: name_application,
    }

    CIRCLECI_JOB {
        code: "circleci-job-not-set-up", error: "WorkloadIdentityCredential authentication unavailable",
        cause: "The CircleCI job has no OIDC token file: CircleCI issues its token in CIRCLE_OIDC_TOKEN",
        fix: "Write the token to the file in AZURE_FEDERATED_TOKEN_FILE; the federated credential needs the organization ID as audience",
        source: "https://circleci.com/docs/openid-connect-tokens/",
        weight: HostSetup, commands: |context| write_token_of("CIRCLE_OIDC_TOKEN", "its subject names the project and user", context),
    }

    BITBUCKET_STEP {
        code: "bitbucket-step-not-set-up", error: "WorkloadIdentityCredential authentication unavailable",
        cause: "Entra ID cannot trust Bitbucket's OIDC tokens: their subject has a new step UUID in every run",
        fix: "Use a self-hosted runner in Azure with a managed identity, or a service principal with a certificate",
        source: "https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/",
        weight: HostSetup, commands: |_| vec![FixCommand::read_only(LIST_IDENTITIES)],
    }

    BUILDKITE_JOB {
        code: "buildkite-job-not-set-up", error: "WorkloadIdentityCredential authentication unavailable",
        cause: "The Buildkite job has no OIDC token file: buildkite-agent issues a token on request",
        fix: "Request a token with the subject pipeline_id, and write it to the file in AZURE_FEDERATED_TOKEN_FILE",
        source: "https://buildkite.com/docs/pipelines/security/oidc/azure",
        weight: HostSetup, commands: request_buildkite_token,
    }

    CI_JOB {
        code: "ci-job-not-set-up", error: "WorkloadIdentityCredential authentication unavailable",
        cause: "CI=true is set: this is probably a CI job, and it has no OIDC token for Entra ID",
        fix: "Write the CI system's OIDC token to the file in AZURE_FEDERATED_TOKEN_FILE; if this is not a CI job, unset CI",
        source: "https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        weight: HostSetup, commands: name_application,
    }

    JOB_TOKEN_EXPIRED {
        code: "job-token-expired", error: "AADSTS700024: Client assertion is not within its valid time range",
        cause: "The job's token that az signed in with has expired",
        fix: "Let azfob request its own: SYSTEM_ACCESSTOKEN and the service connection's ID on Azure Pipelines, id-token: write on GitHub",
        source: "https://learn.microsoft.com/azure/devops/pipelines/library/connect-to-azure",
        commands: check_job_permission,
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

/// Lists the identities that the job can use, or what a known one trusts.
fn name_application(context: &Context) -> Vec<FixCommand> {
    if context.client_id.is_some() {
        return list_federated_credentials(context);
    }
    let note = "set the variables AZURE_CLIENT_ID and AZURE_TENANT_ID of the job";
    vec![FixCommand::read_only(LIST_IDENTITIES).with_note(note)]
}

/// Writes the token in a variable to a new file that only this user can read.
fn write_token_of(variable: &'static str, note: &'static str, context: &Context) -> Vec<FixCommand> {
    let token = context.shell.value_of(variable);
    let write =
        context.shell.select(format!("printf %s {token} > "), format!("Set-Content -NoNewline -Value {token} -Path "));
    write_token(write, note, context)
}

/// Requests a token with a subject that is the same in every build.
fn request_buildkite_token(context: &Context) -> Vec<FixCommand> {
    let request =
        "buildkite-agent oidc request-token --audience api://AzureADTokenExchange --subject-claim pipeline_id";
    let write = context.shell.select(format!("{request} > "), format!("{request} | Set-Content -NoNewline -Path "));
    write_token(write, "its subject is the pipeline's UUID", context)
}

fn write_token(write: String, note: &'static str, context: &Context) -> Vec<FixCommand> {
    let variable = env::AZURE_FEDERATED_TOKEN_FILE;
    let create = context
        .shell
        .select(format!("export {variable}=\"$(mktemp)\""), format!("$env:{variable} = (New-TemporaryFile).FullName"));
    let write = FixCommand::local(format!("{write}{}", context.shell.value_of(variable))).with_note(note);
    [vec![FixCommand::local(create), write], name_application(context)].concat()
}

/// Sets up the job: its permission and IDs, or its token file.
pub(super) fn set_up(context: &Context) -> Vec<FixCommand> {
    (not_set_up(context.host.kind).commands)(context)
}
