//! Tests of the sandbox's azd, pwsh and token service of Visual Studio, run as the SDKs run them.

use std::{path::PathBuf, process::Command};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;

fn started(host: EmulatedHost, fault: Option<Fault>) -> Sandbox {
    Sandbox::start(SandboxPlan { faults: fault.into_iter().collect(), ..SandboxPlan::new(host) }).unwrap()
}

/// Runs a program and returns its exit code, its output and its errors.
fn run(program: PathBuf, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(program).args(arguments).env_clear().output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn tool(sandbox: &Sandbox, name: &str, arguments: &[&str]) -> (i32, String, String) {
    run(sandbox.path_entries()[0].join(name), arguments)
}

fn is_accepted(sandbox: &Sandbox, token: &str) {
    let header = format!("Authorization: Bearer {token}\r\n");
    assert_eq!(get(sandbox, VAULT, "/secrets/ApiKey?api-version=7.4", &header).status, 200);
}

#[test]
fn azd_prints_tokens_and_errors_like_the_real_one() {
    let token = ["auth", "token", "--output", "json", "--no-prompt", "--scope", "https://vault.azure.net/.default"];
    let azd = |sandbox: &Sandbox, more: &[&str]| tool(sandbox, "azd", &[&token[..], more].concat());
    let sandbox = started(EmulatedHost::AzureDeveloperCli, None);
    let (code, output, _) = azd(&sandbox, &["--tenant-id", names::TENANT_ID]);
    let answer: Value = serde_json::from_str(&output).unwrap();
    assert!(code == 0 && answer["expiresOn"].as_str().unwrap().ends_with('Z'), "{output}");
    is_accepted(&sandbox, answer["token"].as_str().unwrap());
    is_accepted(&sandbox, &tool(&sandbox, "azd", &["auth", "token", "--scope", "https://vault.azure.net/.default"]).1);
    for (fault, more, text) in [
        (
            None,
            &["--tenant-id", "nowhere"][..],
            "fetching token: failed to authenticate:\n(invalid_tenant) AADSTS90002: ",
        ),
        (Some(Fault::NoIdentity), &[], "not logged in, run `azd auth login` to login"),
        (Some(Fault::ExpiredLogin), &[], "fetching token: AADSTS700082: "),
        (Some(Fault::Mfa), &[], "fetching token: AADSTS50076: "),
        (Some(Fault::WrongTenant), &["--tenant-id", names::OTHER_TENANT_ID], "fetching token: AADSTS50020: "),
    ] {
        let (code, output, errors) = azd(&started(EmulatedHost::AzureDeveloperCli, fault), more);
        let error: Value = serde_json::from_str(&errors).unwrap_or_else(|_| panic!("{errors}"));
        assert_eq!((code, output.as_str()), (1, ""));
        assert!(error["error"].as_str().unwrap().starts_with(text), "{errors}");
    }
    let sandbox = started(EmulatedHost::AzureDeveloperCli, Some(Fault::ExpiredLogin));
    assert_eq!(tool(&sandbox, "azd", &["auth", "login", "--check-status"]).0, 1);
    assert_eq!(tool(&sandbox, "azd", &["auth", "login", "--tenant-id", names::TENANT_ID]).0, 0);
    assert_eq!(azd(&sandbox, &[]).0, 0);
    assert_eq!(tool(&sandbox, "azd", &["up"]).0, 2);
    assert_eq!(azd(&sandbox, &["--nonsense", "x"]).0, 2);
    assert_eq!(azd(&sandbox, &["--tenant-id"]).0, 2);
}

/// Runs a script as azfob and the Python SDK do.
fn encoded(sandbox: &Sandbox, script: &str) -> (i32, String, String) {
    let bytes: Vec<u8> = script.encode_utf16().flat_map(u16::to_le_bytes).collect();
    tool(sandbox, "pwsh", &["-NoProfile", "-NonInteractive", "-EncodedCommand", &STANDARD.encode(bytes)])
}

#[test]
fn pwsh_answers_the_scripts_of_the_sdks() {
    let python = |tenant: &str| {
        format!(
            "$m = Import-Module Az.Accounts\n$params = @{{ 'ResourceUrl' = 'https://vault.azure.net' }}\n\
             $tenantId = '{tenant}'\n$token = Get-AzAccessToken @params\nWrite-Output \"`nazsdk%$($token.Token)\""
        )
    };
    let sandbox = started(EmulatedHost::AzurePowershell, None);
    for tenant in ["", names::TENANT_ID] {
        let (code, output, errors) = encoded(&sandbox, &python(tenant));
        let parts: Vec<&str> = output.trim().split('%').collect();
        assert!(code == 0 && parts[0] == "azsdk" && parts[2].parse::<u64>().is_ok(), "{output}{errors}");
        is_accepted(&sandbox, parts[1]);
    }
    let javascript = format!(
        "Get-AzAccessToken -TenantId \"{}\" -ResourceUrl \"https://vault.azure.net\" | ConvertTo-Json",
        names::TENANT_ID
    );
    let (_, output, _) = tool(&sandbox, "pwsh", &["-NoProfile", "-NonInteractive", "-Command", &javascript]);
    let answer: Value = serde_json::from_str(&output).unwrap();
    is_accepted(&sandbox, answer["Token"].as_str().unwrap());
    // The newest one gives the values in variables.
    let script = "$tenantId = $env:THE_TENANT\n$resource = $env:THE_RESOURCE\n$params = @{\n  ResourceUrl = $resource\n}\n\
                  $params[\"TenantId\"] = $tenantId\n$token = Get-AzAccessToken @params\nConvertTo-Json $result";
    let variables = [("THE_TENANT", names::TENANT_ID), ("THE_RESOURCE", "https://vault.azure.net")];
    let mut pwsh = Command::new(sandbox.path_entries()[0].join("pwsh"));
    let output = pwsh.args(["-Command", script]).env_clear().envs(variables).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    is_accepted(&sandbox, answer["Token"].as_str().unwrap());
    assert_eq!(tool(&sandbox, "pwsh", &["/?"]).0, 0);
    assert_eq!(tool(&sandbox, "pwsh", &["-Command", "Get-Date"]).0, 64);
    for (fault, script, text) in [
        (None, python("nowhere"), "Get-AzAccessToken: AADSTS90002: Tenant 'nowhere' not found."),
        (Some(Fault::NoIdentity), python(""), "Get-AzAccessToken: Run Connect-AzAccount to login."),
        (
            Some(Fault::ExpiredLogin),
            python(""),
            "Get-AzAccessToken: Your Azure credentials have not been set up or have",
        ),
        (Some(Fault::NoModule), javascript.clone(), "Import-Module: The specified module 'Az.Accounts' with version"),
    ] {
        let (code, output, errors) = encoded(&started(EmulatedHost::AzurePowershell, fault), &script);
        assert!(code == 1 && output.is_empty() && errors.starts_with(text), "{code} {output} {errors}");
    }
    let (code, output, _) = encoded(&started(EmulatedHost::AzurePowershell, Some(Fault::NoModule)), &python(""));
    assert_eq!((code, output.as_str()), (0, "NO_AZ_ACCOUNT_MODULE\n"));
    let sandbox = started(EmulatedHost::AzurePowershell, Some(Fault::NoIdentity));
    assert_eq!(tool(&sandbox, "pwsh", &["-Command", "Connect-AzAccount", "-Tenant", names::TENANT_ID]).0, 0);
    assert_eq!(encoded(&sandbox, &python("")).0, 0);
}

#[test]
fn visual_studio_registers_its_token_service() {
    let provider = |sandbox: &Sandbox| {
        let file =
            PathBuf::from(variable(sandbox, "HOME")).join(".IdentityService/AzureServiceAuth/tokenprovider.json");
        let file: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        file["TokenProviders"][0].clone()
    };
    let service = |sandbox: &Sandbox, more: &[&str]| {
        let provider = provider(sandbox);
        let config = provider["Arguments"][1].as_str().unwrap().trim_matches('"');
        assert!(provider["Preference"].is_i64() && config.contains(' '), "{provider}");
        let own = [provider["Arguments"][0].as_str().unwrap(), config, "--resource", "https://vault.azure.net"];
        run(provider["Path"].as_str().unwrap().into(), &[&own[..], more].concat())
    };
    let sandbox = started(EmulatedHost::VisualStudio, None);
    let (code, output, _) = service(&sandbox, &["--tenant", names::TENANT_ID]);
    let answer: Value = serde_json::from_str(&output).unwrap();
    assert!(code == 0 && answer["expires_on"].as_str().unwrap().ends_with("+00:00"), "{output}");
    is_accepted(&sandbox, answer["access_token"].as_str().unwrap());
    // The quotes belong to the command line, not to the path.
    let path = provider(&sandbox)["Path"].as_str().unwrap().into();
    assert!(run(path, &["--serviceHubConfig", "\"x\""]).2.contains("does not exist"));
    for (fault, more, text) in [
        (None, &["--tenant", "nowhere"][..], "TS003: Error, TS004: Unable to get access token.  'AADSTS90002: "),
        (Some(Fault::NoIdentity), &[], "TS003: Error, TS005: No accounts found."),
        (Some(Fault::ExpiredLogin), &[], "TS003: Error, TS001: This account 'alex@contoso.example' needs re-auth"),
        (Some(Fault::Mfa), &[], "TS003: Error, TS004: Unable to get access token.  'AADSTS50076: "),
    ] {
        let (code, output, errors) = service(&started(EmulatedHost::VisualStudio, fault), more);
        assert!(code == 1 && output.is_empty() && errors.starts_with(text), "{code} {output} {errors}");
    }
    let missing = provider(&started(EmulatedHost::VisualStudio, Some(Fault::NoTool)));
    assert!(!PathBuf::from(missing["Path"].as_str().unwrap()).exists());
}
