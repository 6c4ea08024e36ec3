//! `diagnose --log`: recognizes errors in the output of other programs, without any request.

use std::path::PathBuf;
use std::process::Stdio;

use super::on;
use crate::support::{Host, Outcome, Scenario};

/// A log of some program.
fn log(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/replies/logs").join(name)
}

fn read(path: &std::path::Path) -> Outcome {
    let path = path.display().to_string();
    on(Host::Nothing).azfob(["diagnose", "--log", &path, "-o", "json"]).sends_no_request()
}

/// The code of each error in a log, with its line.
fn codes(name: &str) -> Vec<(String, u64)> {
    let found = read(&log(name)).succeeds().json();
    let items = found["findings"].as_array().expect("a list").iter();
    items.map(|item| (item["code"].as_str().unwrap().to_owned(), item["line"].as_u64().unwrap())).collect()
}

/// Explains a text in a file of the scenario.
pub(super) fn explained(scenario: &Scenario, text: &[u8], output: &str) -> Outcome {
    let path = scenario.work().join("log");
    std::fs::write(&path, text).expect("a log");
    scenario.azfob(["diagnose", "--log", "log", "-o", output]).sends_no_request()
}

#[test]
fn errors_of_each_program_are_recognized_with_lines() {
    for (name, expected) in [
        ("dotnet.log", &[("credential-unavailable", 4)][..]),
        ("dotnet-forbidden.log", &[("forbidden-rbac", 2)]),
        ("java.log", &[("vault-name-unknown", 4)]),
        ("spring.log", &[("credential-unavailable", 3)]),
        ("quarkus.log", &[("forbidden-access-policy", 2)]),
        ("python.log", &[("forbidden-firewall", 5)]),
        ("javascript.log", &[("AADSTS700213", 3)]),
        ("go.log", &[("credential-unavailable", 2)]),
        // If a credential of a chain reports more than "not configured", that is the cause.
        ("rust.log", &[("multiple-identities", 2)]),
        ("az.log", &[("AADSTS50076", 2)]),
        ("csi-driver.log", &[("secret-not-found", 4)]),
        ("helm.log", &[("driver-identity-not-selected", 2)]),
        ("external-secrets.log", &[("AADSTS70021", 2)]),
        ("azure-pipelines.log", &[("forbidden-access-policy", 4)]),
        ("terraform.log", &[("forbidden-firewall", 4)]),
        ("terraform-wrapped.log", &[("forbidden-rbac", 5)]),
        ("functions.log", &[("identity-endpoint-missing", 4)]),
        ("docker-json.log", &[("forbidden-rbac", 2)]),
        ("docker-logs.log", &[("credential-unavailable", 4)]),
    ] {
        let expected: Vec<_> = expected.iter().map(|(code, line)| ((*code).to_owned(), *line)).collect();
        assert_eq!(codes(name), expected, "{name}");
    }
}

/// The most common trace. It does not show that variables are set or tools are installed.
#[test]
fn chain_error_quotes_each_credential() {
    for name in ["dotnet.log", "go.log", "docker-logs.log", "spring.log"] {
        let found = read(&log(name)).succeeds().json();
        let finding = &found["findings"][0];
        assert_eq!(finding["error"], "CredentialUnavailableError", "{name}");
        let text = finding.to_string();
        for member in ["nvironment", "anaged", "Azure CLI"] {
            assert!(finding["detail"].as_str().expect("text").contains(member), "{name}: {member}: {text}");
        }
        for claim in ["AZURE_CLIENT_ID", "is installed", "unset"] {
            assert!(!text.contains(claim), "{name}: {claim}: {text}");
        }
        assert_eq!(finding["commands"], serde_json::json!(["az login --scope https://vault.azure.net/.default"]));
    }
}

/// Commands contain the names from the log.
#[test]
fn commands_contain_names_from_log() {
    let role = "az role assignment create --role \"Key Vault Secrets User\" --assignee-object-id \
                aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb --assignee-principal-type ServicePrincipal --scope \
                /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourcegroups/my-group/providers/\
                microsoft.keyvault/vaults/my-vault";
    for (name, command) in [
        ("dotnet-forbidden.log", role),
        ("docker-json.log", role),
        // Signing needs another role than reading.
        ("terraform-wrapped.log", &role.replace("Secrets User", "Crypto User")),
        ("python.log", "az keyvault network-rule add --name my-vault --ip-address 203.0.113.25"),
        ("terraform.log", "az keyvault network-rule add --name my-vault --ip-address 203.0.113.9"),
        ("az.log", "az login --tenant aaaabbbb-0000-cccc-1111-dddd2222eeee --scope https://vault.azure.net/.default"),
        ("csi-driver.log", "az keyvault secret list --vault-name my-vault --query '[].name' -o tsv"),
        (
            "azure-pipelines.log",
            "az keyvault set-policy --name my-vault --object-id dddddddd-3333-4444-5555-eeeeeeeeeeee \
             --secret-permissions get list",
        ),
        (
            "quarkus.log",
            "az keyvault set-policy --name my-vault --object-id aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb \
             --secret-permissions get list",
        ),
        (
            "external-secrets.log",
            "az identity federated-credential create --name my-app --identity-name \"$(az identity list --query \
             \"[?clientId=='$AZURE_CLIENT_ID'].name\" -o tsv)\" --resource-group \"$(az identity list --query \
             \"[?clientId=='$AZURE_CLIENT_ID'].resourceGroup\" -o tsv)\" --issuer https://issuer.test/abc/ --subject \
             system:serviceaccount:apps:my-app --audiences api://AzureADTokenExchange",
        ),
    ] {
        let found = read(&log(name)).succeeds().json();
        let finding = &found["findings"][0];
        let commands = finding["commands"].as_array().expect("a list");
        assert!(commands.iter().any(|offered| offered == command), "{name}: {commands:#?}");
        for key in ["code", "error", "cause", "fix", "detail", "line", "times"] {
            assert!(!finding[key].is_null(), "{name}: {key}");
        }
    }
}

/// Pasted lines, each with the code of the first finding and a part of it.
#[test]
fn pasted_lines_show_cause() {
    let padding =
        r#"{"level":"error","ts":"2026-01-31T12:00:00Z","logger":"controller","namespace":"apps","pod":"my-app-0","#
            .repeat(3);
    let long = format!(
        "{padding}\"error\":\"AADSTS70021: No matching federated identity record found for presented assertion. \
         Assertion Issuer: 'https://i/'. Assertion Subject: 'system:serviceaccount:a:b'. Assertion Audience: \
         'api://AzureADTokenExchange'. Trace ID: x\"}}"
    );
    for (text, code, parts) in [
        (
            "Retry failed after 6 tries. (An attempt was made to access a socket in a way forbidden by its access \
             permissions. (169.254.169.254:80))",
            "identity-endpoint-missing",
            &["no managed identity on this App Service app", "restart the app", "az webapp list"][..],
        ),
        (
            "azure.BearerAuthorizer#WithAuthorization: Failed to refresh the Token: Multiple user assigned identities \
             exist, please specify the clientId / resourceId of the identity in the token request",
            "multiple-identities",
            &["Multiple user-assigned identities", "az identity list"],
        ),
        (
            &long,
            "AADSTS70021",
            &[
                "issuer: https://i/",
                "subject: system:serviceaccount:a:b",
                "audience: api://AzureADTokenExchange",
                "--issuer https://i/ --subject system:serviceaccount:a:b --audiences api://AzureADTokenExchange",
            ],
        ),
        (
            "AADSTS500011: The resource principal named https://vault.microsoftazure.us was not found in the tenant named \
             T. This can happen if the application has not been installed",
            "AADSTS500011",
            &[
                "https://vault.microsoftazure.us",
                "in the tenant named T",
                "AzureUSGovernment use the audience https://vault.usgovcloudapi.net",
            ],
        ),
        (
            "Get \"https://kv1.privatelink.vaultcore.azure.net/secrets/x\": x509: certificate is valid for \
             vault.azure.net, *.vault.azure.net, not kv1.privatelink.vaultcore.azure.net",
            "privatelink-name",
            &["resolves to the private endpoint", "azfob diagnose --vault https://kv1.vault.azure.net"],
        ),
        (
            "ManagedIdentityCredential authentication failed: User assigned managed identity is not supported by the \
             detected managed identity environment.",
            "identity-id-not-supported",
            &["this host supports no identity ID; no request was sent to Entra ID"],
        ),
        (
            "Audience https://vault.usgovcloudapi.net is not a supported MSI token audience.",
            "audience-not-supported",
            &[
                "Cloud Shell issues tokens only for its list of audiences",
                "az cloud set --name AzureUSGovernment",
                "az login --scope https://vault.usgovcloudapi.net/.default",
            ],
        ),
        (
            "HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded with url: /t/oauth2 \
             (Caused by ConnectTimeoutError('timed out'))",
            "unreachable",
            &["host: login.microsoftonline.com", "https://login.microsoftonline.com/"],
        ),
        (
            "Failed to connect to MSI. Please make sure MSI is configured correctly.",
            "identity-endpoint-no-answer",
            &["sent no complete answer"],
        ),
        (
            "failed to read the service account token from the filesystem: open : no such file or directory",
            "workload-identity-incomplete",
            &["AZURE_FEDERATED_TOKEN_FILE was not injected", "Label the pod", "kubectl get pods"],
        ),
        (
            "failed to read the service account token from the filesystem: open /var/run/secrets/t: permission denied",
            "federated-token-file",
            &["cannot be read or used"],
        ),
        (
            "ManagedIdentityCredential: Unexpected content type \"text/plain; charset=utf-8\"",
            "azure-ml-identity",
            &["no managed identity, or none with the requested client ID"],
        ),
        (
            "Code: BadParameter Message: The request URI contains an invalid name: UAT_AuthContext",
            "secret-name-invalid",
            &["did you mean UAT-AuthContext?"],
        ),
        (
            r#"Message=\"Client address is not authorized and caller is not a trusted service.\r\nClient address: 203.0.113.9\r\nCaller: appid=a;oid=b;iss=x\r\nVault: my-vault;location=eastus\""#,
            "forbidden-firewall",
            &["network-rule add --name my-vault --ip-address 203.0.113.9"],
        ),
        (
            r"Request was not allowed by NSP rules and the client address is not authorized and caller was ignored because bypass is set to None\r\nClient address: 203.0.113.9\r\nCaller: appid=a;oid=b\r\nVault: my-vault;location=eastus",
            "forbidden-perimeter",
            &["network security perimeter", "address: 203.0.113.9", "--name my-vault --ip-address 203.0.113.9"],
        ),
        (
            "Request was not allowed by NSP rules and the client address is not authorized and caller is not a trusted \
             service. Client address: 203.0.113.9",
            "forbidden-perimeter",
            &["address: 203.0.113.9"],
        ),
        (
            "failed to decode the object: illegal base64 data at input byte 0",
            "driver-object-format",
            &["objectFormat: pem", "omit --decode"],
        ),
        (
            "(invalid_client) AADSTS70023: External OIDC Provider token must have a lifetime of less than or equal to \
             1.01:00:00.",
            "AADSTS70023",
            &["the pod's own service account token", "Use the projected token", "AZURE_FEDERATED_TOKEN_FILE"],
        ),
        (
            "These variables are set: x. Incomplete environment configuration. These variables are set: AZURE_CLIENT_ID",
            "client-id-only",
            &["Only AZURE_CLIENT_ID is set"],
        ),
        (
            "Incomplete environment configuration. These variables are set: AZURE_CLIENT_ID, AZURE_TENANT_ID",
            "environment-incomplete",
            &["Only some of the environment variables"],
        ),
        (
            "AADSTS7654321: something that nobody has met",
            "sign-in-refused",
            &["https://login.microsoftonline.com/error?code=7654321"],
        ),
    ] {
        let found = explained(&on(Host::Nothing), text.as_bytes(), "json").succeeds().json();
        assert_eq!(found["findings"][0]["code"], code, "{text}: {found:#}");
        assert_eq!(found["findings"].as_array().map(Vec::len), Some(1), "{text}: {found:#}");
        let printed = found["findings"][0].to_string().replace("\\\"", "\"");
        for part in parts {
            assert!(printed.contains(part), "{text}: {part}: {printed}");
        }
    }
}

/// The quote contains the matching words, wherever they are in the line.
#[test]
fn quote_surrounds_match() {
    let scenario = on(Host::Nothing);
    let text =
        format!("{} AADSTS50076: use multi-factor authentication {}", "before ".repeat(900), "after ".repeat(900));
    let found = explained(&scenario, text.as_bytes(), "json").succeeds().json();
    let detail = found["findings"][0]["detail"].as_str().expect("text").to_owned();
    assert!(detail.contains("AADSTS50076: use multi-factor") && detail.len() < 400, "{detail}");
}

/// Windows PowerShell writes files in UTF-16.
#[test]
fn byte_order_mark_sets_encoding() {
    let scenario = on(Host::Nothing);
    let text = "für AADSTS50076: use multi-factor authentication\r\n";
    let units = |bytes: fn(u16) -> [u8; 2]| {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect::<Vec<u8>>()
    };
    for bytes in [units(u16::to_le_bytes), units(u16::to_be_bytes), [b"\xef\xbb\xbf", text.as_bytes()].concat()] {
        let found = explained(&scenario, &bytes, "json").succeeds().json();
        assert_eq!(found["findings"][0]["code"], "AADSTS50076");
        assert!(found["findings"][0]["detail"].as_str().expect("text").contains("für "), "{found}");
    }
}

#[test]
fn text_shows_line_cause_and_fix() {
    let path = log("python.log").display().to_string();
    let text = on(Host::Nothing).azfob(["diagnose", "--log", &path]).succeeds().text();
    assert!(text.starts_with("403 Forbidden (ForbiddenByFirewall): ") && text.contains("(line 5)"), "{text}");
    for part in ["cause  The vault firewall does not allow this client address", "fix    Allow the address"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn stdin_is_read() {
    let scenario = on(Host::Nothing);
    let sandbox = scenario.sandbox();
    let mut command = scenario.command(&sandbox, std::path::Path::new(env!("CARGO_BIN_EXE_azfob")));
    let input = std::fs::File::open(log("az.log")).expect("the log");
    let output = command.args(["diagnose", "--log", "-"]).stdin(Stdio::from(input)).output().expect("azfob runs");
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("AADSTS50076"));
}

/// Text, garbage and empty input without an error of Azure are reported in one sentence.
#[test]
fn nothing_recognized_exits_1() {
    let scenario = on(Host::Nothing);
    let garbage: Vec<u8> = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for text in [&b"GET /health 200\n"[..], b"", &garbage] {
        let outcome = explained(&scenario, text, "table").fails(1);
        let _ = outcome.shows("log: no known error of Azure Identity or Key Vault found");
    }
    let _ = scenario.azfob(["diagnose", "--log", "nowhere"]).fails(2).shows("--log nowhere: ");
}

#[test]
fn endless_line_and_control_chars_are_read() {
    let scenario = on(Host::Nothing);
    let mut text = b"\x1b[2J\x1b]0;owned\x07AADSTS50076: \x1b[31m".to_vec();
    text.resize(5 << 20, b'x');
    let outcome = explained(&scenario, &text, "table").succeeds();
    assert!(outcome.text().len() < 4_000 && !outcome.text().contains(['\u{1b}', '\u{7}']), "{}", outcome.text());
}

#[test]
fn markdown_has_a_section_for_each_error() {
    let text = b"AADSTS50076: MFA\nfine\nAADSTS50076: MFA\n";
    let text = explained(&on(Host::Nothing), text, "markdown").succeeds().text();
    let start = "## azfob diagnose --log\n\n### 1. AADSTS50076: You must use multi-factor authentication to access \
                 (line 1, 2 times, `AADSTS50076`)\n\n";
    assert!(text.starts_with(start), "{text}");
    assert!(text.contains("\n```sh\naz login ") && text.ends_with("\n```\n"), "{text}");
}

#[test]
fn token_in_log_is_never_quoted() {
    let scenario = on(Host::Nothing);
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";
    let text = format!("AADSTS700024 for client_assertion={token}\nAuthorization: Bearer {token} status code 403\n");
    for output in ["table", "json", "markdown"] {
        let printed = explained(&scenario, text.as_bytes(), output).succeeds().text();
        assert!(printed.contains("AADSTS700024") && !printed.contains("eyJhbGci"), "{printed}");
    }
}

/// The token of the pod's service account, as Entra ID rejects it
/// (<https://github.com/MicrosoftDocs/azure-docs/issues/116275>).
#[test]
fn long_lived_assertion_is_pod_token() {
    let text = "(invalid_client) AADSTS70023: External OIDC Provider token must have a lifetime of less than or equal \
                to 1.01:00:00.\n";
    let outcome = explained(&on(Host::Nothing), text.as_bytes(), "table").succeeds();
    assert!(outcome.text().lines().next().unwrap().contains("AADSTS70023: "), "{}", outcome.text());
    for part in [
        "cause  The assertion is valid for more than a day; on Kubernetes it is the pod's own service account token",
        "fix    Use the projected token, /var/run/secrets/azure/tokens/azure-identity-token",
        "echo \"$AZURE_FEDERATED_TOKEN_FILE\"",
        "kubectl get pods -o ",
    ] {
        assert!(outcome.text().contains(part), "{part} is not in {}", outcome.text());
    }
}
