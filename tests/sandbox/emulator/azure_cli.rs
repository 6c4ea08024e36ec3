//! Tests of the sandbox's `az`, run as the credentials run it.

use std::process::Command;

use super::*;

/// Runs `az` and returns its exit code, its output and its errors.
fn az(sandbox: &Sandbox, arguments: &str) -> (i32, String, String) {
    let program = sandbox.path_entries()[0].join(if cfg!(windows) { "az.cmd" } else { "az" });
    let mut command = Command::new(program);
    command.args(arguments.split(' ')).env_clear();
    // Windows needs it to start a program.
    command.envs(std::env::var_os("SystemRoot").map(|folder| ("SystemRoot", folder)));
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn signed_in(fault: Option<Fault>) -> Sandbox {
    let plan = SandboxPlan::new(EmulatedHost::AzureCli);
    Sandbox::start(SandboxPlan { faults: fault.into_iter().collect(), ..plan }).unwrap()
}

#[test]
fn vault_accepts_token_of_az() {
    let sandbox = signed_in(None);
    for arguments in
        ["--output json --resource https://vault.azure.net", "-o json --scope https://vault.azure.net/.default"]
    {
        let (code, output, _) = az(&sandbox, &format!("account get-access-token {arguments}"));
        let answer: Value = serde_json::from_str(&output).unwrap();
        assert_eq!((code, &answer["tenant"]), (0, &Value::from(names::TENANT_ID)));
        assert!(answer["expires_on"].is_u64() && answer["subscription"].is_string());
        let header = format!("Authorization: Bearer {}\r\n", answer["accessToken"].as_str().unwrap());
        assert_eq!(get(&sandbox, VAULT, "/secrets/ApiKey?api-version=7.4", &header).status, 200);
    }
    let slash =
        az(&sandbox, "account get-access-token --query accessToken -o tsv --resource https://vault.azure.net/").1;
    let header = format!("Authorization: Bearer {}\r\n", slash.trim());
    let refused = get(&sandbox, VAULT, "/secrets/ApiKey?api-version=7.4", &header).json();
    assert!(refused["error"]["message"].as_str().unwrap().starts_with("AKV10022"), "a slash makes another audience");
    for (options, printed) in [("-o none", false), ("-o jsonc --debug -s a", true), ("-t organizations -o json", false)]
    {
        let output = az(&sandbox, &format!("account get-access-token {options}")).1;
        assert_eq!(output.contains("accessToken"), printed, "{options}");
    }
    assert_eq!(az(&sandbox, "login --identity --client-id c -u name --allow-no-subscriptions").0, 0);
    let account: Value = serde_json::from_str(&az(&sandbox, "account show").1).unwrap();
    assert_eq!(account["user"]["name"], names::USER_PRINCIPAL_NAME);
}

#[test]
fn az_fails_like_the_real_one() {
    let token = "account get-access-token --resource https://vault.azure.net";
    for (fault, arguments, code, error) in [
        (None, format!("{token} --tenant nowhere"), 1, "ERROR: AADSTS90002: Tenant 'nowhere' not found."),
        (None, format!("{token} --tenant a --subscription b"), 1, "ERROR: Please specify only one of subscription"),
        (
            None,
            "account get-access-token --resource https://x".into(),
            1,
            "ERROR: AADSTS500011: The resource principal",
        ),
        (None, "keyvault list".into(), 2, "az of the azfob sandbox: it has"),
        (None, format!("{token} --query expiresOn -o tsv"), 2, "az of the azfob sandbox: it prints JSON"),
        (None, format!("{token} --tenant"), 2, "az of the azfob sandbox: argument --tenant: expected one argument"),
        (None, format!("{token} --nonsense 1"), 2, "az of the azfob sandbox: unrecognized arguments: --nonsense"),
        (Some(Fault::NoIdentity), token.into(), 1, "ERROR: Please run 'az login' to setup account.\n"),
        (Some(Fault::ExpiredLogin), token.into(), 1, "ERROR: AADSTS700082:"),
        (Some(Fault::Mfa), token.into(), 1, "ERROR: AADSTS50076:"),
        (Some(Fault::WrongTenant), format!("{token} --tenant {}", names::OTHER_TENANT_ID), 1, "ERROR: AADSTS50020:"),
    ] {
        let (ended, output, text) = az(&signed_in(fault), &arguments);
        assert_eq!((ended, output.as_str()), (code, ""), "{arguments}");
        assert!(text.starts_with(error), "{text}");
    }
}

#[test]
fn az_login_fixes_an_expired_login() {
    let sandbox = signed_in(Some(Fault::ExpiredLogin));
    assert_eq!(az(&sandbox, "account show").0, 1);
    assert_eq!(az(&sandbox, "login").0, 0);
    assert_eq!(az(&sandbox, "account get-access-token").0, 0);
}

#[cfg(unix)]
#[test]
fn token_files_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = signed_in(None);
    let folder = sandbox.authority_file().with_file_name("az");
    let mut files = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        files += 1;
    }
    assert!(files > 10);
    let script = std::fs::read_to_string(sandbox.path_entries()[0].join("az")).unwrap();
    assert!(sandbox.secrets_in_use().iter().all(|text| !script.contains(text.as_str())));
}
