//! A user's machine with a signed-in Azure Developer CLI.
//!
//! Since version 1.24 azd prints an error as one JSON object on stderr (<https://github.com/Azure/azure-dev/issues/7857>). An
//! error that a new sign-in fixes has Entra ID's text and a suggestion; others have `failed to authenticate`
//! (`cli/azd/pkg/auth/errors.go` of Azure/azure-dev).

use std::io;

use serde_json::json;

use super::{
    developer_tool::{EmulatedTool, IssuedAnswer, SignInFault, entra_text, pretty},
    environment::{Environment, HostSetup},
    tool_script::ToolScript,
};
use crate::sandbox::{azure::Azure, clock};

const AZD: EmulatedTool = EmulatedTool {
    program: "azd",
    script: ToolScript { shell: include_str!("azd.sh"), batch: include_str!("azd.cmd") },
    answers,
    refusal,
    signed_out: "{\"error\":\"not logged in, run `azd auth login` to login\"}\n",
};

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    AZD.prepare(setup, environment).map(drop)
}

/// Returns the output of `azd auth token`, as JSON and without `--output`.
fn answers(issued: &IssuedAnswer<'_>) -> Vec<(&'static str, String)> {
    let answer = json!({ "token": issued.token, "expiresOn": clock::rfc3339(issued.expires) });
    vec![("json", pretty(&answer)), ("token", issued.token.to_owned())]
}

fn refusal(azure: &Azure, fault: SignInFault) -> String {
    if fault == SignInFault::SignedOut {
        return AZD.signed_out.into();
    }
    let scope = format!("{}/.default", azure.plan.cloud.vault_resource());
    let answer = json!({
        "error": format!("fetching token: {}", entra_text(fault)),
        "suggestion": format!("reauthentication required, run `azd auth login --scope {scope}` to acquire a new token."),
    });
    format!("{answer}\n")
}
