//! A user's machine with Azure PowerShell, signed in by `Connect-AzAccount`.
//!
//! On Windows the built-in PowerShell runs the real script of the client with a module Az.Accounts of the sandbox. Elsewhere
//! PowerShell is rarely installed, so a shell script answers in its place.

use std::io;

use super::{
    developer_tool::{EmulatedTool, IssuedAnswer, SignInFault, script_data},
    environment::{Environment, HostSetup},
    tool_script::ToolScript,
};
use crate::sandbox::{azure::Azure, clock, fault::Fault, file, names};

const PWSH: EmulatedTool = EmulatedTool {
    program: "pwsh",
    script: ToolScript { shell: include_str!("pwsh.sh"), batch: include_str!("pwsh.cmd") },
    answers,
    refusal,
    // As in https://learn.microsoft.com/powershell/module/az.accounts/resolve-azerror.
    signed_out: "Run Connect-AzAccount to login.\n",
};
const MODULE: &str = include_str!("az_accounts.psm1");
/// From this version on a token is always a SecureString.
const MANIFEST: &str = "@{ RootModule = 'Az.Accounts.psm1'; ModuleVersion = '5.3.0'; FunctionsToExport = '*' }\r\n";

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    PWSH.prepare(setup, environment)?;
    let folder = PWSH.folder(setup);
    let account = format!(
        "\n   Tenant: {}\n\nSubscriptionName Account\n---------------- -------\n{}  {}\n\n",
        names::TENANT_ID,
        names::SUBSCRIPTION_NAME,
        names::USER_PRINCIPAL_NAME
    );
    file::write_private(&folder.join("account.txt"), account.as_bytes())?;
    if cfg!(windows) && !setup.azure.plan.has(Fault::NoModule) {
        let module = folder.join("modules").join("Az.Accounts");
        file::create_folder(&module)?;
        file::write_private(&module.join("Az.Accounts.psd1"), MANIFEST.as_bytes())?;
        let text = script_data(setup.azure, &folder).powershell(MODULE);
        file::write_private(&module.join("Az.Accounts.psm1"), text.as_bytes())?;
    }
    Ok(())
}

/// Returns what the scripts of azfob, of the Python SDK and of the JavaScript SDK print, and the parts for the module.
fn answers(issued: &IssuedAnswer<'_>) -> Vec<(&'static str, String)> {
    let IssuedAnswer { token, expires, .. } = issued;
    let time = clock::rfc3339(*expires);
    vec![
        ("azfob", format!("azfob:token {time} {token}\n")),
        ("azsdk", format!("\nazsdk%{token}%{expires}\n")),
        ("json", format!("{{\n  \"Token\": \"{token}\",\n  \"ExpiresOn\": \"{time}\"\n}}\n")),
        ("parts", format!("{expires} {token}\n")),
    ]
}

/// Azure PowerShell does not show Entra ID's code (<https://github.com/Azure/azure-powershell/issues/25074>).
fn refusal(_: &Azure, fault: SignInFault) -> String {
    if fault == SignInFault::SignedOut {
        return PWSH.signed_out.into();
    }
    let tenant = names::TENANT_ID;
    format!(
        "Your Azure credentials have not been set up or have expired, please run Connect-AzAccount to set up your Azure \
         credentials. Authentication failed against tenant {tenant}. User interaction is required. This may be due to \
         the conditional access policy settings such as multi-factor authentication (MFA). If you need to access \
         subscriptions in that tenant, please rerun 'Connect-AzAccount' with additional parameter '-TenantId {tenant}'.\n"
    )
}
