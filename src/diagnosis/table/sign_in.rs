//! Rows for sign-in failures: service principals, developer tools, and a chain without a credential.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::diagnosis::context::{AZ, AZD, Context, POWERSHELL, System};
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::shell::Shell;
use crate::entra::cloud::PUBLIC;
use crate::env;
use crate::host::HostKind;

use super::ci;
use super::federation::annotate_service_account;
use super::identity::enable_identity;

rows! {
    CREDENTIAL_UNAVAILABLE {
        code: "credential-unavailable", error: "CredentialUnavailableError",
        cause: "No valid credential in chain",
        fix: "Ensure az login locally or identity enabled in Azure",
        source: "https://aka.ms/azsdk/net/identity/defaultazurecredential/troubleshoot",
        weight: Vague, commands: sign_in_commands,
    }

    SIGN_IN_REFUSED {
        code: "sign-in-refused", error: "Authentication failed",
        cause: "Entra ID refused the credential",
        fix: "Look up the AADSTS code in the message, and fix its cause",
        source: "https://learn.microsoft.com/entra/identity-platform/reference-error-codes",
        weight: Vague, commands: sign_in_with_tool,
    }

    TOOL_FAILED {
        code: "developer-tool-failed", error: "Authentication failed",
        cause: "The developer tool (Azure CLI, Azure PowerShell, azd, ...) itself failed; its message, if it printed one, has the error",
        fix: "Fix that error, or repair or reinstall the tool; to bypass it, set AZURE_TOKEN_CREDENTIALS to another credential",
        source: "https://aka.ms/azsdk/net/identity/azclicredential/troubleshoot",
        commands: repair_tool,
    }

    TOOL_LOCKED {
        code: "developer-tool-locked", error: "Resource temporarily unavailable (lock of the token cache)",
        cause: "Another az or azd process has locked the token cache, or the lock file belongs to another user",
        fix: "Try again when the other process has ended; start fewer processes at once, or set AZFOB_TOKEN_CACHE=1 (Linux)",
        source: "https://github.com/Azure/azure-cli/issues/20273",
        weight: Incomplete, commands: show_lock,
    }

    TOOL_CONFIG_UNWRITABLE {
        code: "developer-tool-config", error: "Permission denied or read-only file system: the tool's configuration folder",
        cause: "The developer tool cannot write its configuration folder: it is read-only or belongs to another user",
        fix: "Set AZURE_CONFIG_DIR (az), AZD_CONFIG_DIR (azd) or HOME to a writable folder that has the sign-in",
        source: "https://learn.microsoft.com/cli/azure/azure-cli-configuration#cli-configuration-file",
        weight: Incomplete, commands: move_config_folder,
    }

    TOOL_TIMED_OUT {
        code: "developer-tool-timed-out", error: "Authentication failed",
        cause: "The developer tool (Azure CLI, Azure PowerShell, azd, ...) timed out",
        fix: "Run the tool once by hand, then try again with a longer --timeout",
        source: "https://github.com/Azure/azure-cli/issues/20404",
        weight: Incomplete, commands: time_tool,
    }

    TOOL_NOT_STARTED {
        code: "developer-tool-not-started", error: "Authentication failed",
        cause: "The developer tool is on PATH, but cannot be started (for example, permission denied)",
        fix: "Check the tool's execute permission and its interpreter, or reinstall the tool",
        source: "https://learn.microsoft.com/cli/azure/install-azure-cli",
        commands: time_tool,
    }

    KUBELOGIN_MISSING {
        code: "kubelogin-missing", error: "getting credentials: exec: executable kubelogin not found",
        cause: "kubectl does not find kubelogin, which signs in to the cluster: it is not installed, or not on PATH",
        fix: "Install kubelogin, or add its folder to PATH; then sign in",
        source: "https://azure.github.io/kubelogin/install.html",
        weight: ToolMissing, commands: |_| vec![FixCommand::local("az aks install-cli")],
    }

    CERTIFICATE_FILE {
        code: "certificate-file", error: "EnvironmentCredential authentication failed",
        cause: "The client certificate cannot be read or used",
        fix: "Use a PEM or PKCS#12 file with certificate and RSA key, and set its password if it has one",
        source: "https://aka.ms/azsdk/net/identity/environmentcredential/troubleshoot",
        commands: show_certificate,
    }

    TENANT_NOT_ALLOWED {
        code: "tenant-not-allowed", error: "The current credential is not configured to acquire tokens for tenant",
        cause: "The vault's tenant is neither the credential's tenant nor an additionally allowed tenant",
        fix: "Add the vault's tenant to AZURE_ADDITIONALLY_ALLOWED_TENANTS",
        source: "https://aka.ms/azsdk/net/identity/multitenant-authentication/troubleshoot",
        commands: allow_tenant,
    }

    SETTING_MALFORMED {
        code: "setting-malformed", error: "Invalid value for an environment variable",
        cause: "The value of an environment variable or option is not valid",
        fix: "Correct the value",
        source: "https://learn.microsoft.com/dotnet/api/azure.identity.environmentcredential",
        commands: show_settings,
    }

    CLIENT_ID_ONLY {
        code: "client-id-only",
        error: "Incomplete environment configuration. These variables are set: AZURE_CLIENT_ID",
        cause: "Only AZURE_CLIENT_ID is set; it selects a user-assigned managed identity",
        fix: "If no assigned identity has this client ID, unset AZURE_CLIENT_ID, or set the tenant and secret too",
        source: "https://github.com/Azure/azure-sdk-for-python/issues/30214",
        weight: Misleading, commands: |context| vec![FixCommand::local(context.shell.unset(env::AZURE_CLIENT_ID))],
    }

    ENVIRONMENT_INCOMPLETE {
        code: "environment-incomplete", error: "EnvironmentCredential authentication unavailable",
        cause: "Only some of the environment variables of a service principal are set",
        fix: "Set AZURE_TENANT_ID, AZURE_CLIENT_ID and a client secret or certificate, or unset them all",
        source: "https://aka.ms/azsdk/net/identity/environmentcredential/troubleshoot",
        weight: Incomplete,
        commands: complete_environment,
    }

    TOOL_NOT_ON_PATH {
        code: "developer-tool-not-on-path", error: "Azure CLI not found on path",
        cause: "The developer tool is installed, but its folder is not on this process's PATH",
        fix: "Add the tool's folder to PATH",
        source: "https://github.com/Azure/azure-cli/issues/12446",
        weight: ToolMissing, commands: add_to_path,
    }

    AZ_LOGIN_WITHOUT_AZ {
        code: "az-login-without-az", error: "Azure CLI not found on path",
        cause: "The home folder has an az login, but Azure CLI (az), which it requires, is not installed here",
        fix: "Install az here (for example in the container image), or use the credential that fits this host",
        source: "https://github.com/Azure/azure-sdk-for-net/issues/19167",
        weight: ToolMissing, commands: install_az,
    }

    NOT_SIGNED_IN {
        code: "not-signed-in", error: "Please run 'az login' to set up an account",
        cause: "Azure CLI (az) is installed, but not signed in",
        fix: "Sign in with az login",
        source: "https://learn.microsoft.com/cli/azure/authenticate-azure-cli",
        weight: NotSignedIn, commands: sign_in,
    }

    AZ_SERVICE_PRINCIPAL {
        code: "az-service-principal", error: "Authenticating using the Azure CLI is only supported as a User",
        cause: "Azure CLI (az) is signed in as a service principal, which this program accepts only in its own settings",
        fix: "Set the service principal in the program (Terraform: ARM_CLIENT_ID, ARM_TENANT_ID and ARM_USE_OIDC or a secret)",
        source: "https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/guides/service_principal_oidc",
        weight: Incomplete,
        commands: |_| vec![FixCommand::read_only("az account show --query '{user:user.name, type:user.type}'")],
    }

    AZ_TOKEN_FILE {
        code: "az-token-file", error: "No Authorization Tokens were found",
        cause: "The program reads a token file of Azure CLI (az): az is not signed in, or is 2.30 or later and has no such file",
        fix: "Sign in with az login; if that does not help, update the program (for Terraform, the provider)",
        source: "https://learn.microsoft.com/cli/azure/msal-based-azure-cli",
        weight: NotSignedIn, commands: sign_in,
    }

    POWERSHELL_NOT_SIGNED_IN {
        code: "powershell-not-signed-in", error: "Please run 'Connect-AzAccount' to set up an account",
        cause: "Azure PowerShell is installed, but not signed in",
        fix: "Sign in with Connect-AzAccount",
        source: "https://learn.microsoft.com/powershell/azure/authenticate-azureps",
        weight: NotSignedIn,
        commands: |context| sign_in_with_tool(&Context { tool: Some(POWERSHELL), ..context.clone() }),
    }

    POWERSHELL_SIGN_IN_AGAIN {
        code: "powershell-sign-in-again", error: "Your Azure credentials have not been set up or have expired",
        cause: "The sign-in of Azure PowerShell has expired, or MFA or a Conditional Access policy requires a new one",
        fix: "Sign in again with Connect-AzAccount",
        source: "https://learn.microsoft.com/powershell/azure/authenticate-interactive",
        weight: NotSignedIn,
        commands: |context| sign_in_with_tool(&Context { tool: Some(POWERSHELL), ..context.clone() }),
    }

    AZD_NOT_SIGNED_IN {
        code: "azd-not-signed-in", error: "Please run 'azd auth login' to set up an account",
        cause: "Azure Developer CLI (azd) is installed, but not signed in",
        fix: "Sign in with azd auth login",
        source: "https://learn.microsoft.com/azure/developer/azure-developer-cli/reference#azd-auth-login",
        weight: NotSignedIn, commands: |context| sign_in_with_tool(&Context { tool: Some(AZD), ..context.clone() }),
    }

    POWERSHELL_MODULE {
        code: "powershell-module-missing", error: "Az.Account module >= 2.2.0 is not installed",
        cause: "PowerShell is installed, but its module Az.Accounts is missing or too old",
        fix: "Install the Az.Accounts module",
        source: "https://learn.microsoft.com/powershell/azure/install-azure-powershell",
        weight: ToolMissing, commands: install_module,
    }

    VISUAL_STUDIO_SIGN_IN {
        code: "visual-studio-sign-in", error: "VisualStudioCredential authentication failed",
        cause: "Visual Studio has no signed-in account for Azure, or its account must sign in again (TS001, TS005)",
        fix: "In Visual Studio, sign in under Tools > Options > Azure Service Authentication, or use az login",
        source: "https://learn.microsoft.com/dotnet/api/azure.identity.visualstudiocredential",
        weight: NotSignedIn, commands: sign_in,
    }

    NEEDS_BROKER {
        code: "needs-broker", error: "VisualStudioCodeCredential authentication unavailable",
        cause: "The sign-in requires the system's authentication broker, which azfob does not support",
        fix: "Sign in with az login; in another program, add the broker package that its message names",
        source: "https://aka.ms/azsdk/net/identity/vscodecredential/troubleshoot",
        weight: ToolMissing, commands: sign_in,
    }

    BROKER_FAILED {
        code: "broker-failed", error: "Web Account Manager (WAM) or another broker failed",
        cause: "The operating system's authentication broker (such as WAM on Windows) did not complete the sign-in",
        fix: "Sign in from a desktop session that is not elevated, or turn off the broker to use a browser",
        source: "https://learn.microsoft.com/cli/azure/authenticate-azure-cli-interactively",
        weight: NotSignedIn, commands: sign_in_without_broker,
    }

    BROKER_NETWORK {
        code: "broker-network", error: "WAM error: NoNetwork",
        cause: "The authentication broker (such as WAM on Windows) reports that it cannot reach the sign-in service",
        fix: "Allow Microsoft.AAD.BrokerPlugin.exe in the proxy and firewall, or turn off the broker to use a browser",
        source: "https://learn.microsoft.com/entra/msal/dotnet/advanced/exceptions/wam-errors",
        weight: NotSignedIn, commands: sign_in_without_broker,
    }

    BROKER_SIGN_IN {
        code: "broker-sign-in", error: "WAM error: interaction required",
        cause: "The authentication broker (such as WAM) needs the user: the account was signed out, or must sign in again",
        fix: "Sign in again interactively, with the same account",
        source: "https://learn.microsoft.com/entra/msal/dotnet/advanced/exceptions/wam-errors",
        weight: NotSignedIn, commands: sign_in_with_tool,
    }

    BROKER_DEVICE_KEY {
        code: "broker-device-key", error: "WAM error: Keyset does not exist (NTE_BAD_KEYSET)",
        cause: "The broker (WAM) cannot use the device's key in its Trusted Platform Module (TPM)",
        fix: "Recover the device's registration with Entra ID and its TPM, or turn off the broker to use a browser",
        source: "https://learn.microsoft.com/entra/msal/dotnet/advanced/exceptions/wam-errors",
        weight: NotSignedIn,
        commands: |context| [vec![FixCommand::read_only("dsregcmd /status")], sign_in_without_broker(context)].concat(),
    }

    BROKER_REQUEST {
        code: "broker-request", error: "WAM error: ApiContractViolation or IncorrectConfiguration",
        cause: "The broker (WAM) refused the program's request; one reason is an app registration without WAM's redirect URI",
        fix: "For your own app, add the redirect URI ms-appx-web://microsoft.aad.brokerplugin/CLIENT_ID; else turn off the broker",
        source: "https://learn.microsoft.com/entra/msal/dotnet/acquiring-tokens/desktop-mobile/wam",
        weight: NotSignedIn, commands: sign_in_without_broker,
    }

    EDITOR_NOT_SIGNED_IN {
        code: "editor-not-signed-in", error: "VisualStudioCodeCredential or IntelliJCredential authentication unavailable",
        cause: "Visual Studio Code or IntelliJ is not signed in to Azure",
        fix: "Sign in to Azure in the editor (Azure Resources extension or Azure Toolkit), or with az login",
        source: "https://aka.ms/azsdk/net/identity/vscodecredential/troubleshoot",
        weight: NotSignedIn, commands: sign_in,
    }

    TOOL_OUTPUT {
        code: "developer-tool-output", error: "Authentication failed",
        cause: "The developer tool printed something other than a token",
        fix: "Run the tool by hand; remove what a profile or wrapper prints, or update the tool",
        source: "https://aka.ms/azsdk/net/identity/azclicredential/troubleshoot",
        commands: time_tool,
    }

    TOOL_OUTDATED {
        code: "developer-tool-outdated", error: "Authentication failed",
        cause: "The developer tool is too old for this request",
        fix: "Update the developer tool",
        source: "https://learn.microsoft.com/cli/azure/update-azure-cli",
        commands: |_| vec![FixCommand::local("az upgrade")],
    }

    LOGIN_EXPIRED {
        code: "login-expired", error: "The sign-in has expired",
        cause: "The developer tool's sign-in has expired, or must be renewed with multi-factor authentication (MFA)",
        fix: "Sign in again with the tool",
        source: "https://learn.microsoft.com/azure/developer/azure-developer-cli/reference#azd-auth-login",
        weight: NotSignedIn, commands: sign_in_with_tool,
    }

    CLAIMS_REQUIRED {
        code: "claims-challenge", error: "Multi-factor authentication or additional claims are required",
        cause: "The service requires a token with more claims (claims challenge), which the tool cannot get by itself",
        fix: "Sign in again with the tool and the claims, as in its message",
        source: "https://learn.microsoft.com/entra/identity-platform/claims-challenge",
        weight: NotSignedIn, commands: sign_in_with_tool,
    }

    INTERACTION_REQUIRED {
        code: "interaction-required", error: "Interactive authentication is required",
        cause: "The program has no cached account or token for it, and may not prompt the user to sign in",
        fix: "Sign in once interactively in the program, or use a credential without interaction",
        source: "https://learn.microsoft.com/entra/identity-platform/msal-error-handling-dotnet",
        weight: NotSignedIn, commands: sign_in_with_tool,
    }

    TOKEN_CACHE {
        code: "token-cache", error: "The token cache cannot be used",
        cause: "The program cannot encrypt, decrypt, read or write its token cache",
        fix: "Delete the program's token cache and sign in again; on Linux, install and unlock a keyring",
        source: "https://learn.microsoft.com/entra/msal/python/advanced/msal-python-token-cache-serialization",
        commands: sign_in_with_tool,
    }

    SUBSCRIPTION_UNKNOWN {
        code: "wrong-subscription", error: "Subscription not found",
        cause: "Azure CLI (az) is signed in to another account or tenant, or the account has no subscription",
        fix: "List the subscriptions; sign in to the tenant, or use az login --allow-no-subscriptions",
        source: "https://learn.microsoft.com/cli/azure/manage-azure-subscriptions-azure-cli",
        weight: NotSignedIn, commands: list_subscriptions,
    }

    PROBE_TIMED_OUT {
        code: "probe-timed-out", error: "A credential check timed out",
        cause: "The check was still running when the report's time limit was reached",
        fix: "Run again with a longer --timeout",
        source: "https://aka.ms/azsdk/net/identity/defaultazurecredential/troubleshoot",
        commands: raise_timeout,
    }

    SIGN_IN_TIMED_OUT {
        code: "sign-in-timed-out", error: "InteractiveBrowserCredential authentication failed",
        cause: "The browser sent no response in time: the sign-in is not complete, or its page shows an error",
        fix: "Open the URL that was shown in a browser on this machine; look up an AADSTS code on its page with azfob explain",
        source: "https://learn.microsoft.com/dotnet/api/azure.identity.interactivebrowsercredential",
        commands: sign_in_in_browser,
    }

    SIGN_IN_CANCELLED {
        code: "sign-in-cancelled", error: "InteractiveBrowserCredential authentication failed",
        cause: "The user cancelled the sign-in or closed its window (access_denied)",
        fix: "Sign in again and complete the sign-in, or use another credential",
        source: "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow",
        weight: NotSignedIn, commands: sign_in_in_browser,
    }

    OTHER_SIGN_IN {
        code: "sign-in-state", error: "InteractiveBrowserCredential authentication failed",
        cause: "The browser sent the response to another sign-in: its state parameter does not match",
        fix: "Close old sign-in pages, and open only the URL that this sign-in shows",
        source: "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow",
        commands: sign_in_in_browser,
    }
}

/// The variables that hold what a service principal proves itself with.
pub const SECRETS: [&str; 3] = [env::AZURE_CLIENT_SECRET, env::AZURE_CLIENT_CERTIFICATE_PATH, env::AZURE_PASSWORD];

/// Asks for the client secret, or shows which variables are set if it is not what is missing.
fn complete_environment(context: &Context) -> Vec<FixCommand> {
    match context.stored_secret {
        Some(_) => show_settings(context),
        None => vec![FixCommand::local(context.shell.prompt_for(env::AZURE_CLIENT_SECRET))],
    }
}

/// Signs in with a browser, with ten minutes for the user.
fn sign_in_in_browser(_: &Context) -> Vec<FixCommand> {
    vec![FixCommand::local("azfob whoami --interactive --timeout 10m")]
}

/// Signs in to az, to the vault's tenant if it is known, and for the vault's cloud. A CI job has no user to sign in.
pub(super) fn sign_in(context: &Context) -> Vec<FixCommand> {
    if context.host.kind.is_runner() {
        return ci::set_up(context);
    }
    let tenant = context.vault_tenant.as_deref().map(|t| format!(" --tenant {}", context.shell.quote(t)));
    let scope = context.scope().map(|scope| format!(" --scope {}", context.shell.quote(&scope)));
    let device = if has_no_browser(context) { " --use-device-code" } else { "" };
    let (tenant, scope) = (tenant.unwrap_or_default(), scope.unwrap_or_default());
    // Standard base64, as az prints it in its own advice (azure-cli, auth/util.py).
    let claims = context.claims.as_deref().map(|claims| format!(" --claims-challenge '{}'", STANDARD.encode(claims)));
    let claims = claims.unwrap_or_default();
    // az is signed in to one cloud at a time.
    let cloud = context.cloud().filter(|cloud| *cloud != PUBLIC);
    let cloud = cloud.map(|cloud| FixCommand::local(format!("az cloud set --name {}", cloud.name)));
    cloud.into_iter().chain([FixCommand::local(format!("az login{device}{tenant}{scope}{claims}"))]).collect()
}

/// Lists the subscriptions of all tenants that az is signed in to, and signs in again.
fn list_subscriptions(context: &Context) -> Vec<FixCommand> {
    let list = "az account list --all --query '[].{subscription:id, name:name, tenant:tenantId}' -o table";
    [vec![FixCommand::read_only(list)], sign_in(context)].concat()
}

/// True if no browser can be opened on this machine.
pub(super) fn has_no_browser(context: &Context) -> bool {
    context.remote || matches!(context.host.kind, HostKind::Codespaces | HostKind::Container)
}

/// Signs in again with the developer tool, to the vault's tenant if it is known.
pub(super) fn sign_in_with_tool(context: &Context) -> Vec<FixCommand> {
    let tool = context.tool.unwrap_or(AZ);
    let flag = match tool.program {
        _ if context.host.kind.is_runner() => return ci::set_up(context),
        "azd" => "--tenant-id",
        "pwsh" | "powershell" => "-Tenant",
        // No command signs in to Visual Studio.
        _ => return sign_in(context),
    };
    let tenant = context.vault_tenant.as_deref().map(|tenant| format!(" {flag} {}", context.shell.quote(tenant)));
    let claims = context.claims.as_deref().filter(|_| tool == POWERSHELL);
    let claims = claims.map(|claims| format!(" -ClaimsChallenge '{}'", STANDARD.encode(claims)));
    vec![FixCommand::local([tool.sign_in, &tenant.unwrap_or_default(), &claims.unwrap_or_default()].concat())]
}

/// Turns off the tool's use of the broker, and signs in again.
fn sign_in_without_broker(context: &Context) -> Vec<FixCommand> {
    let switch = match context.tool.unwrap_or(AZ).program {
        "pwsh" | "powershell" => {
            let update = "Update-AzConfig -EnableLoginByWam $false";
            context.shell.select(format!("pwsh -Command '{update}'"), update.to_owned())
        }
        _ => "az config set core.enable_broker_on_windows=false".to_owned(),
    };
    std::iter::once(FixCommand::local(switch)).chain(sign_in_with_tool(context)).collect()
}

/// Sets up the credential that fits the host: a managed identity, a workload identity, or a developer's sign-in.
pub(super) fn sign_in_commands(context: &Context) -> Vec<FixCommand> {
    match context.host.kind {
        HostKind::Kubernetes => annotate_service_account(context),
        kind if kind.is_runner() => ci::set_up(context),
        kind if kind.can_have_identity() => enable_identity(context),
        _ if context.tool.is_some_and(|tool| tool != AZ) => sign_in_with_tool(context),
        _ if context.az_is_missing => [install_az(context), sign_in(context)].concat(),
        _ => sign_in(context),
    }
}

/// Installs az (<https://learn.microsoft.com/cli/azure/install-azure-cli>) without adding a package source, and outside
/// the system's Python (<https://peps.python.org/pep-0668/>).
pub(super) fn install_az(context: &Context) -> Vec<FixCommand> {
    let commands: &[&str] = match context.system {
        System::MacOs => &["brew install azure-cli"],
        System::Windows => &["winget install --exact --id Microsoft.AzureCLI"],
        System::Fedora => &["sudo dnf install azure-cli"],
        System::Debian | System::Alpine => &[
            "python3 -m venv ~/.azure-cli && ~/.azure-cli/bin/pip install azure-cli",
            "export PATH=\"$HOME/.azure-cli/bin:$PATH\"",
        ],
    };
    commands.iter().map(|command| FixCommand::local(*command)).collect()
}

/// Installs the developer tool: az, azd (<https://learn.microsoft.com/azure/developer/azure-developer-cli/install-azd>) or
/// PowerShell with its module (<https://learn.microsoft.com/powershell/scripting/install/installing-powershell>).
pub(super) fn install_tool(context: &Context) -> Vec<FixCommand> {
    let command = match (context.tool.unwrap_or(AZ).program, context.system) {
        ("azd", System::Windows) => "winget install --exact --id Microsoft.Azd",
        ("azd", System::MacOs) => "brew install azure/azd/azd",
        ("azd", _) => "curl -fsSLO https://aka.ms/install-azd.sh && bash install-azd.sh",
        ("pwsh" | "powershell", System::Windows) => "winget install --exact --id Microsoft.PowerShell",
        ("pwsh" | "powershell", System::MacOs) => "brew install --cask powershell",
        ("pwsh" | "powershell", _) => "dotnet tool install --global PowerShell",
        _ => return install_az(context),
    };
    let module = if context.tool == Some(POWERSHELL) { install_module(context) } else { Vec::new() };
    std::iter::once(FixCommand::local(command)).chain(module).collect()
}

/// Measures the tool's run time without printing a token.
fn time_tool(context: &Context) -> Vec<FixCommand> {
    let command = match context.tool.unwrap_or(AZ).program {
        "azd" => "azd auth login --check-status",
        "az" => "az account get-access-token --output none",
        "pwsh" | "powershell" => "pwsh -NoProfile -Command \"Get-AzContext\"",
        _ => "azfob whoami --credential visual-studio --timeout 2m",
    };
    vec![FixCommand::read_only(context.shell.time(command))]
}

/// Turns off az's telemetry and upgrade check, and then measures its run time
/// (<https://learn.microsoft.com/cli/azure/azure-cli-configuration>).
pub(super) fn speed_up_az(context: &Context) -> Vec<FixCommand> {
    let settings = FixCommand::local("az config set core.collect_telemetry=false auto-upgrade.enable=no");
    let is_az = context.tool.unwrap_or(AZ) == AZ;
    is_az.then_some(settings).into_iter().chain(time_tool(context)).collect()
}

/// Shows the tool's own error, and updates the tool.
fn repair_tool(context: &Context) -> Vec<FixCommand> {
    let update = match context.tool.unwrap_or(AZ).program {
        "az" => Some("az upgrade"),
        "pwsh" | "powershell" => {
            Some(context.shell.select("pwsh -Command 'Update-Module Az.Accounts'", "Update-Module Az.Accounts"))
        }
        _ => None,
    };
    time_tool(context).into_iter().chain(update.map(FixCommand::local)).collect()
}

/// Returns the expression for the tool's configuration folder, and the variable that sets it.
fn config_folder(context: &Context) -> (String, &'static str) {
    let (variable, folder) = match context.tool.unwrap_or(AZ).program {
        "azd" => (env::AZD_CONFIG_DIR, ".azd"),
        _ => (env::AZURE_CONFIG_DIR, ".azure"),
    };
    let path = context.shell.select(format!("\"${{{variable}:-$HOME/{folder}}}\""), format!("\"$HOME\\{folder}\""));
    (path, variable)
}

/// Shows who owns the lock file, and caches tokens for later runs.
fn show_lock(context: &Context) -> Vec<FixCommand> {
    let (path, _) = config_folder(context);
    let list =
        FixCommand::read_only(context.shell.select(format!("ls -lA {path}"), format!("Get-ChildItem -Force {path}")));
    let cache = FixCommand::local(context.shell.set(env::AZFOB_TOKEN_CACHE, "1"));
    let has_cache = matches!(context.system, System::Debian | System::Fedora | System::Alpine);
    std::iter::once(list).chain(has_cache.then_some(cache)).collect()
}

/// Shows the folder's owner and rights, and copies it to a folder of this user.
fn move_config_folder(context: &Context) -> Vec<FixCommand> {
    let (path, variable) = config_folder(context);
    let show = context.shell.select(format!("ls -ld {path}"), format!("Get-Acl {path}"));
    let copy = context.shell.select(
        format!("copy=\"$(mktemp -d)\"; cp -R {path}/. \"$copy\"; export {variable}=\"$copy\""),
        format!("Copy-Item -Recurse {path} \"$env:TEMP\\tool-config\"; $env:{variable} = \"$env:TEMP\\tool-config\""),
    );
    let copy = FixCommand::local(copy).with_note("uses a writable copy of the folder, with its tokens");
    vec![FixCommand::read_only(show), copy]
}

fn add_to_path(context: &Context) -> Vec<FixCommand> {
    let separator = if context.system == System::Windows && context.shell == Shell::PowerShell { ";" } else { ":" };
    match &context.tool_folder {
        Some(folder) => vec![FixCommand::local(context.shell.append(env::PATH, separator, folder))],
        None => install_az(context),
    }
}

fn install_module(context: &Context) -> Vec<FixCommand> {
    let (posix, powershell) = (
        "pwsh -Command 'Install-Module Az.Accounts -Scope CurrentUser'",
        "Install-Module Az.Accounts -Scope CurrentUser",
    );
    vec![FixCommand::local(context.shell.select(posix, powershell))]
}

pub(super) fn unset_secret(context: &Context) -> Vec<FixCommand> {
    vec![FixCommand::local(context.shell.unset(context.stored_secret.unwrap_or(env::AZURE_CLIENT_SECRET)))]
}

/// Shows the type of each part of the certificate file, but not the key.
fn show_certificate(context: &Context) -> Vec<FixCommand> {
    let path = context.shell.value_of(env::AZURE_CLIENT_CERTIFICATE_PATH);
    vec![FixCommand::read_only(match context.system {
        System::Windows => format!("certutil -dump {path}"),
        _ => format!("grep -a '^-----BEGIN' {path}"),
    })]
}

fn allow_tenant(context: &Context) -> Vec<FixCommand> {
    let tenant = context.vault_tenant.as_deref().unwrap_or("*");
    vec![FixCommand::local(context.shell.set(env::AZURE_ADDITIONALLY_ALLOWED_TENANTS, tenant))]
}

/// Lists the names of the variables that are set, without their values.
pub(super) fn show_settings(context: &Context) -> Vec<FixCommand> {
    vec![FixCommand::read_only(context.shell.select(
        "env | grep -E '^(AZURE|AZFOB)_' | cut -d= -f1",
        "Get-ChildItem Env: | Where-Object Name -Match '^(AZURE|AZFOB)_' | Select-Object Name",
    ))]
}

fn raise_timeout(_: &Context) -> Vec<FixCommand> {
    vec![FixCommand::read_only("azfob diagnose --timeout 60")]
}
