//! A user's machine with Visual Studio: the file that names its token service, and that program.
//!
//! The file has the form that .NET's VisualStudioCredential reads. Visual Studio registers the path of a configuration file
//! in quotes (<https://github.com/Azure/azure-sdk-for-net/issues/7754>), because .NET joins the arguments with blanks.

use std::io;

use serde_json::json;

use super::{
    developer_tool::{EmulatedTool, IssuedAnswer, SignInFault, entra_text},
    environment::{Environment, HostSetup},
    tool_script::ToolScript,
};
use crate::env;
use crate::sandbox::{azure::Azure, clock, file, names};

const TOKEN_SERVICE: EmulatedTool = EmulatedTool {
    program: "Microsoft.Asal.TokenService",
    script: ToolScript { shell: include_str!("token_service.sh"), batch: include_str!("token_service.cmd") },
    answers,
    refusal,
    signed_out: "TS003: Error, TS005: No accounts found.  Please go to Tools->Options->Azure Services Authentication, and add \
                 an account to be authenticated to Azure services during development.\n",
};

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    let program = TOKEN_SERVICE.prepare(setup, environment)?;
    // Clients find it by the file below, and not on PATH.
    environment.path_entries.clear();
    let config = setup.folder.join("Visual Studio").join("servicehub.config.json");
    let home = setup.folder.join("home");
    let providers = home.join(".IdentityService").join("AzureServiceAuth");
    for folder in config.parent().into_iter().chain([providers.as_path()]) {
        file::create_folder(folder)?;
    }
    file::write_readable(&config, b"{}")?;
    let quoted = format!("\"{}\"", config.display());
    let text = json!({
        "TokenProviders": [{ "Path": program, "Arguments": ["--serviceHubConfig", quoted], "Preference": 1 }],
    });
    file::write_readable(&providers.join("tokenprovider.json"), text.to_string().as_bytes())?;
    // The file is in a folder of the user: https://learn.microsoft.com/dotnet/api/azure.identity.visualstudiocredential.
    environment.set(if cfg!(windows) { env::LOCALAPPDATA } else { env::HOME }, home);
    Ok(())
}

fn answers(issued: &IssuedAnswer<'_>) -> Vec<(&'static str, String)> {
    let expires = clock::rfc3339(issued.expires).replace('Z', "+00:00");
    vec![("json", json!({ "access_token": issued.token, "expires_on": expires }).to_string())]
}

/// Its messages are those in <https://github.com/Azure/azure-sdk-for-net/issues/4987> and
/// <https://github.com/microsoft/perfview/pull/2275>.
fn refusal(_: &Azure, fault: SignInFault) -> String {
    match fault {
        SignInFault::SignedOut => TOKEN_SERVICE.signed_out.into(),
        SignInFault::Expired => format!(
            "TS003: Error, TS001: This account '{}' needs re-authentication. Please open Visual Studio, go to \
             Tools->Options->Azure Services Authentication, and re-authenticate the account you want to use.\n",
            names::USER_PRINCIPAL_NAME
        ),
        SignInFault::Mfa => format!("TS003: Error, TS004: Unable to get access token.  '{}'\n", entra_text(fault)),
    }
}
