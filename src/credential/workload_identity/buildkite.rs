//! Requests the assertion of a Buildkite job from `buildkite-agent`.
//!
//! The default subject can hold the commit and the step, which no federated credential matches twice. So the subject is the
//! pipeline's UUID, unless `BUILDKITE_OIDC_TOKEN_SUBJECT_CLAIM` selects another claim
//! (<https://buildkite.com/docs/agent/cli/reference/oidc>, <https://buildkite.com/docs/pipelines/security/oidc/azure>).

use crate::env;
use crate::redact::secret::Secret;

use super::super::developer_tool::{DeveloperTool, SignIns};
use super::super::{CredentialContext, NoToken, TokenRequest};
use super::runner::{federated_audience, printed_assertion};

const AGENT: DeveloperTool = DeveloperTool {
    program: "buildkite-agent",
    sign_in: None,
    variables: &[],
    own_variables: env::BUILDKITE,
    windows_paths: &[],
    sign_ins: SignIns::UNKNOWN,
};

pub(super) fn assertion(request: &TokenRequest, context: &CredentialContext) -> Result<Secret, NoToken> {
    let mut arguments = vec!["oidc", "request-token", "--audience", federated_audience(request)?];
    if !context.env.has(env::BUILDKITE_OIDC_TOKEN_SUBJECT_CLAIM) {
        arguments.extend(["--subject-claim", "pipeline_id"]);
    }
    printed_assertion(&AGENT, &arguments, context)
}
