//! Requests the assertion of a CircleCI job from the program `circleci` of the job.
//!
//! `CIRCLE_OIDC_TOKEN` has the organization as audience; the program issues one for Entra ID
//! (<https://circleci.com/docs/oidc-tokens-with-custom-claims/>). Its subject names the user that started the job.

use serde_json::json;

use crate::redact::secret::Secret;

use super::super::developer_tool::{DeveloperTool, SignIns};
use super::super::{CredentialContext, NoToken, TokenRequest};
use super::runner::{federated_audience, printed_assertion};

const CIRCLECI: DeveloperTool = DeveloperTool {
    program: "circleci",
    sign_in: None,
    variables: &[],
    own_variables: "CIRCLE",
    windows_paths: &[],
    sign_ins: SignIns::UNKNOWN,
};

pub(super) fn assertion(request: &TokenRequest, context: &CredentialContext) -> Result<Secret, NoToken> {
    let claims = json!({ "aud": federated_audience(request)? }).to_string();
    printed_assertion(&CIRCLECI, &["run", "oidc", "get", "--claims", &claims], context)
}
