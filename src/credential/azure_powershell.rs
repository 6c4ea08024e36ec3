//! Uses the account of Azure PowerShell: `Get-AzAccessToken`.
//!
//! <https://learn.microsoft.com/powershell/module/az.accounts/get-azaccesstoken>. It runs PowerShell 7, or on Windows
//! the built-in PowerShell if 7 is missing. Profiles and modules can print text, so the script marks its own lines, and
//! only these are read from stdout. The script reports itself what is missing: the module, a newer module, or the
//! cmdlet's error.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::entra::{Scope, TenantId, aadsts_code};
use crate::env;
use crate::process::{Output, Program};
use crate::redact;
use crate::redact::secret::Secret;
use crate::time::timestamp::Timestamp;
use crate::token::AccessToken;

use super::developer_tool::{DeveloperTool, SignIns};
use super::{Credential, CredentialContext, CredentialInfo, Group, NoToken, Reason, TokenRequest};

/// The account of Azure PowerShell.
pub struct AzurePowerShellCredential;

const MODULE: &str = "Az.Accounts";
/// The first version with the parameters of Get-AzAccessToken that are used here.
const OLDEST_MODULE: &str = "2.2.0";
const SIGN_IN: &str = "Connect-AzAccount";
/// Stops PowerShell from looking for updates and from coloring its errors.
const VARIABLES: &[(&str, &str)] = &[("POWERSHELL_UPDATECHECK", "Off"), (env::NO_COLOR, "true")];

const PWSH: DeveloperTool = DeveloperTool {
    program: "pwsh",
    sign_in: Some(SIGN_IN),
    variables: VARIABLES,
    own_variables: "",
    windows_paths: &[
        (env::PROGRAM_FILES, r"PowerShell\7\pwsh.exe"),
        (env::LOCALAPPDATA, r"Microsoft\WindowsApps\pwsh.exe"),
        (env::SYSTEM_ROOT, r"System32\WindowsPowerShell\v1.0\powershell.exe"),
    ],
    sign_ins: SIGN_INS,
};
const WINDOWS_POWERSHELL: DeveloperTool = DeveloperTool {
    program: "powershell",
    sign_in: Some(SIGN_IN),
    variables: VARIABLES,
    own_variables: "",
    windows_paths: &[],
    sign_ins: SIGN_INS,
};
/// <https://learn.microsoft.com/powershell/azure/context-persistence>
const SIGN_INS: SignIns = SignIns {
    variable: None,
    folder: ".Azure",
    files: &["AzureRmContext.json", "AzureRmContextSettings.json"],
    // The type of the account
    // (https://github.com/Azure/azure-powershell-common/blob/main/src/Authentication.Abstractions/AzureAccount.Properties.cs).
    managed_identity: "ManagedService",
};

impl Credential for AzurePowerShellCredential {
    fn info(&self) -> CredentialInfo {
        CredentialInfo { name: "AzurePowerShellCredential", short_name: "azure-powershell", group: Group::Developer }
    }

    fn get_token(&self, request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
        let (tool, program) = find(context)?;
        let script = |tenant: Option<&TenantId>| encode(&script(&request.scope, tenant));
        tool.token(&program, &arguments(&script(request.tenant.requested.as_ref())), request, context, || {
            let script = script(request.tenant.for_any_account().as_ref());
            read_output(&tool, &tool.run(&program, &arguments(&script), context)?)
        })
    }
}

fn arguments(script: &str) -> [&str; 6] {
    ["-NoProfile", "-NonInteractive", "-OutputFormat", "Text", "-EncodedCommand", script]
}

/// Finds PowerShell 7. Windows' own is used only if 7 is missing, as in the SDKs.
fn find(context: &CredentialContext) -> Result<(DeveloperTool, Program), NoToken> {
    match PWSH.find(context) {
        Ok(program) => Ok((PWSH, program)),
        Err(missing) if cfg!(windows) => {
            WINDOWS_POWERSHELL.find(context).map(|program| (WINDOWS_POWERSHELL, program)).map_err(|_| missing)
        }
        Err(missing) => Err(missing),
    }
}

const MARK: &str = "azfob:";

/// Returns the script. Scope and tenant are safe between its quotes: their types allow no quotes.
///
/// It works in the Constrained Language Mode of locked-down machines, except in Windows PowerShell, which has no cmdlet
/// to open a SecureString. That form is available from Az.Accounts 2.17 on, and the only one from 5.0 on
/// (<https://learn.microsoft.com/powershell/azure/protect-secrets>).
fn script(scope: &Scope, tenant: Option<&TenantId>) -> String {
    let tenant = tenant.map_or(String::new(), |tenant| format!("$asked.TenantId = '{tenant}'"));
    format!(
        "\
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'
function Quit($what) {{ Write-Output ('{MARK}' + ($what -replace '\\s+', ' ')); exit 1 }}
try {{ $module = Import-Module {MODULE} -MinimumVersion {OLDEST_MODULE} -PassThru }}
catch {{
    $thrown = $_.Exception.Message
    $newest = Get-Module {MODULE} -ListAvailable | Sort-Object Version | Select-Object -Last 1
    if (-not $newest) {{ Quit 'no-module' }}
    if ($newest.Version -lt '{OLDEST_MODULE}') {{ Quit \"old-module $($newest.Version)\" }}
    Quit \"thrown $thrown\"
}}
$asked = @{{ ResourceUrl = '{resource}'; WarningAction = 'Ignore' }}
{tenant}
if ($module.Version -ge '2.17.0' -and $module.Version -lt '5.0.0') {{ $asked.AsSecureString = $true }}
try {{
    $answer = Get-AzAccessToken @asked
    $token = $answer.Token
    if ($token -is [securestring]) {{
        if ($PSVersionTable.PSVersion.Major -ge 7) {{ $token = ConvertFrom-SecureString $token -AsPlainText }}
        else {{
            $opened = [Runtime.InteropServices.Marshal]::SecureStringToBSTR($token)
            try {{ $token = [Runtime.InteropServices.Marshal]::PtrToStringBSTR($opened) }}
            finally {{ [Runtime.InteropServices.Marshal]::ZeroFreeBSTR($opened) }}
        }}
    }}
}}
catch {{ Quit \"thrown $($_.Exception.Message)\" }}
Write-Output ('{MARK}token {{0:o}} {{1}}' -f $answer.ExpiresOn, $token)
",
        resource = scope.resource(),
    )
}

/// Encodes a script for `-EncodedCommand`, which needs no quoting.
pub(super) fn encode(script: &str) -> String {
    STANDARD.encode(script.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
}

/// Reads the output of PowerShell 7.
///
/// # Errors
/// It holds no token.
#[cfg(feature = "sandbox")]
pub fn read(output: &Output) -> Result<AccessToken, NoToken> {
    read_output(&PWSH, output)
}

fn read_output(tool: &DeveloperTool, output: &Output) -> Result<AccessToken, NoToken> {
    let marked = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter_map(|line| std::str::from_utf8(line).ok()?.trim().strip_prefix(MARK))
        .next_back();
    let Some(line) = marked else {
        let silent = output.succeeded();
        return Err(if silent { not_a_token(tool) } else { classify(tool, output.code, &output.stderr) });
    };
    let (what, rest) = line.split_once(' ').unwrap_or((line, ""));
    match what {
        "token" => read_token(rest).ok_or_else(|| not_a_token(tool)),
        "no-module" => Err(module_missing(tool, None)),
        "old-module" => Err(module_missing(tool, Some(rest.to_owned()))),
        _ => Err(classify(tool, output.code, rest)),
    }
}

fn read_token(text: &str) -> Option<AccessToken> {
    let (expires, token) = text.split_once(' ')?;
    AccessToken::new(Secret::new(token), Timestamp::from_text(expires))
}

fn not_a_token(tool: &DeveloperTool) -> NoToken {
    tool.malformed("a token and its expiry")
}

fn module_missing(tool: &DeveloperTool, found: Option<String>) -> NoToken {
    NoToken::Unavailable(Reason::ModuleMissing { program: tool.program, module: MODULE, needed: OLDEST_MODULE, found })
}

/// Classifies a failure by PowerShell's messages: not signed in, or refused.
fn classify(tool: &DeveloperTool, code: Option<i32>, words: &str) -> NoToken {
    let says = |all: &[&str]| all.iter().any(|some| words.contains(some));
    if says(&["AuthorizationManager check failed", "running scripts is disabled"]) {
        let message = redact::sanitize(redact::first_line(words));
        return NoToken::Unavailable(Reason::ScriptsForbidden { program: tool.program, message });
    }
    // A signed-in user needs to do more. The same text follows: "please rerun Connect-AzAccount".
    if says(&[
        "have expired",
        "has expired",
        "User interaction is required",
        "multi-factor",
        "Token acquisition failed",
    ]) {
        return tool.refused(code, words);
    }
    let asks_to_sign_in = [SIGN_IN, "No accounts were found in the cache", "cannot retrieve access token"];
    if says(&asks_to_sign_in) && aadsts_code(words).is_none() {
        return tool.not_signed_in();
    }
    tool.refused(code, words)
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::credential::Failure;
    use crate::credential::error::ProgramFailure;

    fn ended(code: i32, stdout: &str, stderr: &str) -> Result<AccessToken, NoToken> {
        let stdout = Zeroizing::new(stdout.as_bytes().to_vec());
        read_output(&PWSH, &Output { code: Some(code), stdout, stderr: stderr.to_owned() })
    }

    #[test]
    fn script_requests_scope_and_tenant() {
        let scope = Scope::parse("https://vault.azure.net").unwrap();
        let script = script(&scope, Some(&TenantId::parse("contoso.com").unwrap()));
        assert!(script.contains("ResourceUrl = 'https://vault.azure.net'"));
        assert!(script.contains("$asked.TenantId = 'contoso.com'"));
        assert!(!super::script(&scope, None).contains("TenantId"));
    }

    #[test]
    fn script_is_encoded_as_documented() {
        // From `powershell -?`: base64 of UTF-16, little-endian.
        assert_eq!(encode("dir"), "ZABpAHIA");
    }

    #[test]
    fn token_is_found_among_other_lines() {
        let noise = "Welcome!\r\nazfob:token 2026-01-01T12:00:00.0000000+00:00 a.b.c\r\n\r\nWARNING: bye\r\n";
        let token = ended(0, noise, "").unwrap();
        assert_eq!((token.expose(), token.expires_on), ("a.b.c", Some(Timestamp(1_767_268_800))));
    }

    #[test]
    fn output_without_token_is_malformed() {
        for text in
            ["", "\0\u{1b}[", "azfob:token", "azfob:token ", "azfob:token x ", "azfob:token x System.Security y"]
        {
            assert!(matches!(ended(0, text, ""), Err(NoToken::Failed(Failure::Malformed { .. }))), "{text}");
        }
    }

    #[test]
    fn missing_module_is_distinguished_from_old_one() {
        let reason = |stdout| match ended(1, stdout, "") {
            Err(NoToken::Unavailable(Reason::ModuleMissing { found, .. })) => found,
            other => panic!("{other:?}"),
        };
        assert_eq!(reason("azfob:no-module\n"), None);
        assert_eq!(reason("azfob:old-module 1.9.5\n").as_deref(), Some("1.9.5"));
    }

    #[test]
    fn not_signed_in_is_distinguished_from_refused() {
        for text in [
            "Run Connect-AzAccount to login.",
            "No account found in the context. Please login using Connect-AzAccount.",
            "SharedTokenCacheCredential authentication unavailable. No accounts were found in the cache.",
        ] {
            for (stdout, stderr) in [(format!("azfob:thrown {text}"), ""), (String::new(), text)] {
                let ended = ended(1, &stdout, stderr);
                assert!(matches!(ended, Err(NoToken::Unavailable(Reason::NotSignedIn { .. }))), "{text}");
            }
        }
        let refused = ended(1, "azfob:thrown AADSTS50076: Use MFA. Trace ID: t Run Connect-AzAccount -TenantId x", "");
        let Err(NoToken::Failed(Failure::Program { ending: ProgramFailure::Exited { aadsts, .. }, .. })) = refused
        else {
            panic!("refused")
        };
        assert_eq!(aadsts, Some(50076));
    }

    #[test]
    fn expired_sign_in_and_mfa_are_refused() {
        for text in [
            "Your Azure credentials have not been set up or have expired, please run Connect-AzAccount to set them up.",
            "Authentication failed against tenant t. User interaction is required. This may be due to the conditional \
             access policy settings such as multi-factor authentication (MFA). Please rerun 'Connect-AzAccount' with \
             additional parameter '-TenantId t'.",
        ] {
            let ended = ended(1, &format!("azfob:thrown {text}"), "");
            assert!(matches!(ended, Err(NoToken::Failed(Failure::Program { .. }))), "{text}: {ended:?}");
        }
    }

    #[test]
    fn execution_policy_makes_it_unavailable() {
        let text = "azfob:thrown File Az.Accounts.psm1 cannot be loaded because running scripts is disabled on this \
                    system.";
        assert!(matches!(ended(1, text, ""), Err(NoToken::Unavailable(Reason::ScriptsForbidden { .. }))));
    }
}
