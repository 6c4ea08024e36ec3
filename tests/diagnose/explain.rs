//! `azfob explain` and `diagnose --explain`: an error code, a status, an exit code or the whole list, without any
//! request.

use azfob::testing::sandbox::FAULTS;
use azfob::testing::{codes as codes_of_entra_id, rows};

use super::log::explained;
use super::on;
use crate::support::{Fault, Host, Outcome, in_parallel, names};

fn explain(arguments: &[&str]) -> Outcome {
    on(Host::Nothing).azfob(["explain"].iter().chain(arguments)).sends_no_request()
}

/// Without facts, the commands have example names. With a vault, they look up what they need.
#[test]
fn commands_have_example_names_without_facts() {
    for (code, command) in [
        ("wrong-tenant", "--tenant aaaabbbb-0000-cccc-1111-dddd2222eeee"),
        ("credential-precedence", "AZURE_TOKEN_CREDENTIALS=AzureCliCredential"),
        ("managed-identity-unavailable", "az webapp identity assign --name my-app --resource-group my-group"),
        ("federated-token-file", "azure.workload.identity/client-id=11112222-bbbb-3333-cccc-4444dddd5555"),
        ("AADSTS700213", "repo:my-organization/my-repository:ref:refs/heads/main"),
        ("secret-is-a-file", "azfob get --vault my-vault MySecret --decode auto"),
    ] {
        let scenario = on(Host::Nothing).without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL");
        let text = scenario.azfob(["explain", code]).sends_no_request().succeeds().text();
        assert!(text.contains(command) && text.contains("in the commands are examples"), "{text}");
    }
    let text = explain(&["wrong-tenant", "--vault", "other-vault"]).succeeds().text();
    assert!(text.contains("az keyvault show --name other-vault") && !text.contains("examples"), "{text}");
}

#[test]
fn number_is_exit_code_status_or_entra_code() {
    for (code, about, findings) in [
        ("0", "exit code 0: success", &[][..]),
        ("1", "exit code 1: ", &["vault-unavailable"]),
        ("2", "exit code 2: ", &["setting-malformed"]),
        ("3", "exit code 3: ", &["credential-unavailable", "managed-identity-unavailable"]),
        ("4", "exit code 4: ", &["sign-in-refused"]),
        ("5", "exit code 5: ", &["forbidden-rbac", "forbidden-access-policy", "forbidden-firewall"]),
        ("6", "exit code 6: ", &["secret-not-found"]),
        ("exit code 7", "exit code 7: ", &["unreachable", "vault-name-unknown"]),
        ("8", "exit code 8: ", &["throttled"]),
        ("9", "exit code 9: azfob list --fail", &[]),
        ("400", "HTTP 400: Bad Request", &["secret-name-invalid"]),
        ("401", "HTTP 401: Unauthorized", &["wrong-tenant", "wrong-audience"]),
        ("403", "HTTP 403: Forbidden", &["forbidden-rbac", "forbidden-access-policy", "forbidden-firewall"]),
        ("404", "HTTP 404: Not Found", &["secret-not-found"]),
        ("407", "HTTP 407: Proxy", &["proxy-refused"]),
        ("429 Too Many Requests", "HTTP 429: Too Many Requests", &["throttled"]),
        ("HTTP 503", "HTTP 503: ", &["vault-unavailable"]),
    ] {
        let explained = explain(&[code, "-o", "json"]).succeeds().json();
        assert!(explained["about"].as_str().expect("text").starts_with(about), "{code}: {explained:#}");
        let found = explained["findings"].as_array().expect("a list").iter().map(|f| f["code"].as_str().expect("text"));
        let found: Vec<_> = found.take(findings.len()).collect();
        assert_eq!(found, findings, "{code}");
    }
    for (code, row) in [("700213", "AADSTS700213"), ("AKV10022", "wrong-audience"), ("throttled", "throttled")] {
        let explained = explain(&[code, "-o", "json"]).succeeds().json();
        assert_eq!((&explained["about"], &explained["findings"][0]["code"]), (&serde_json::Value::Null, &row.into()));
    }
}

#[test]
fn unknown_code_exits_1() {
    for code in ["10", "299", "hello", "AADSTS99999999"] {
        let _ = explain(&[code]).fails(1).shows("unknown code '");
    }
    let _ = explain(&["403", "--list"]).fails(2);
    let _ = explain(&["hello"]).fails(1).shows("; list all codes with `azfob explain --list`\n");
    for (typed, meant) in
        [("forbiden", "forbidden"), ("Secret-notfound", "secret-not-found"), ("throtled", "throttled")]
    {
        let _ = explain(&[typed]).fails(1).shows(&format!("unknown code '{typed}'; did you mean {meant}?"));
    }
}

/// The likeliest of several causes is shown in full, the others with their codes.
#[test]
fn likeliest_cause_is_shown_in_full() {
    let text = explain(&["403", "--vault", "my-vault"]).succeeds().text();
    assert!(
        text.starts_with("HTTP 403: Forbidden: the identity lacks permission, or a network rule blocks the request\n\n403 Forbidden\n"),
        "{text}"
    );
    // The refused identity is not known: the command looks up the signed-in user, and its comment says so.
    assert!(
        text.contains("       # assigns the role on the vault to the signed-in user\n       az role assignment create"),
        "{text}"
    );
    let policy = explain(&["forbidden-access-policy", "--vault", "my-vault"]).succeeds().text();
    assert!(policy.contains("# adds an access policy for the signed-in user to the vault\n"), "{policy}");
    assert!(text.contains("az role assignment create") && text.contains("az keyvault show --name my-vault"), "{text}");
    assert!(text.contains("\nforbidden-firewall            The vault firewall does not allow"), "{text}");
    assert_eq!(text.matches("   fix ").count() + text.matches("\nfix ").count(), 1, "{text}");
}

#[test]
fn markdown_is_markdown() {
    let text = explain(&["403", "--vault", "my-vault", "-o", "markdown"]).succeeds().text();
    for part in [
        "## azfob explain\n\nHTTP 403: Forbidden: ",
        "\n\n### 403 Forbidden (`forbidden-rbac`)\n\n- cause: Missing RBAC role\n",
        "- fix: Assign Key Vault Secrets User role\n\n```sh\n# assigns the role on the vault to the signed-in user\naz role assignment create ",
        "\n```\n\nMore: <https://learn.microsoft.com/",
        "\n\n| Code | Cause |\n|---|---|\n| `forbidden-access-policy` | The vault uses access policies",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let list = explain(&["--list", "-o", "markdown"]).succeeds().text();
    assert!(list.starts_with("| Code | Cause |\n|---|---|\n| `"), "{list}");
    assert_eq!(list.lines().count(), rows().count() + 2);
}

#[test]
fn without_code_all_are_listed() {
    let list = explain(&["--list"]).succeeds().text();
    assert_eq!(explain(&[]).succeeds().text(), list);
    for row in rows() {
        assert!(list.lines().any(|line| line.starts_with(&format!("{} ", row.code))), "{}", row.code);
    }
    let findings = explain(&["--list", "-o", "json"]).succeeds().json()["findings"].as_array().map(Vec::len);
    assert_eq!(findings, Some(rows().count()));
}

#[test]
fn diagnose_explain_is_identical() {
    for code in ["403", "5", "AADSTS700213"] {
        let diagnosed = on(Host::Nothing).azfob(["diagnose", "--explain", code]).succeeds().text();
        assert_eq!(explain(&[code]).succeeds().text(), diagnosed);
    }
}

#[test]
fn commands_contain_secret_and_vault() {
    let text = explain(&["SecretDisabled", "--vault", "my-vault", "--secret", "ApiKey"]).succeeds().text();
    assert!(text.contains("--vault-name my-vault --name ApiKey --enabled true"), "{text}");
}

#[test]
fn documentation_page_of_microsoft_is_named() {
    let text = explain(&["403"]).succeeds().text();
    assert!(text.contains("\nmore   https://learn.microsoft.com/azure/key-vault/general/rbac-guide\n"), "{text}");
    let text = explain(&["AADSTS700213"]).succeeds().text();
    assert!(text.lines().last().unwrap().starts_with("more   https://"), "{text}");
}

/// A code and a live failure have the same texts, and the same commands if the failure has no more facts than the code.
#[test]
fn code_is_explained_like_live_failure() {
    // Only a response has the tenant, the identity, the address, the host name and the proxy.
    let says_more = [
        "AADSTS50076",
        "AADSTS700082",
        "certificate-not-trusted",
        "credential-unavailable",
        "forbidden-access-policy",
        "forbidden-firewall",
        "forbidden-perimeter",
        "forbidden-rbac",
        "management-role",
        "session-revoked",
        "multiple-identities",
        // The namespace and the service account are in the pod's token.
        "identity-binding-ca",
        "identity-binding-missing",
        "identity-binding-not-used",
        "identity-binding-refused",
        "identity-binding-sni",
        "identity-binding-two-cas",
        "AADSTS70025",
        "AADSTS700211",
        "AADSTS700212",
        "AADSTS700213",
        "AADSTS7002138",
    ];
    in_parallel(FAULTS, |fault| {
        let host = fault.hosts.first().copied().unwrap_or(Host::AppService);
        let there = on(host).secret("ApiKey", "x").fault(fault.fault);
        let report = there.azfob(["diagnose", "--secret", "ApiKey", "--timeout", "5", "-o", "json"]).json();
        for live in report["findings"].as_array().expect("a list") {
            let code = live["code"].as_str().expect("a row's code");
            let explained =
                there.azfob(["explain", code, "--vault", "my-vault", "--secret", "ApiKey", "-o", "json"]).json();
            let printed = &explained["findings"][0];
            for words in ["code", "error", "cause", "fix", "source"] {
                assert_eq!(printed[words], live[words], "{fault:?}: {words}");
            }
            // If a later credential would be accepted, the finding about the earlier one replaces the refusal.
            let is_shadowed =
                fault.fault == Fault::Shadowed && ["forbidden-rbac", "credential-precedence"].contains(&code);
            assert_eq!(printed["severity"] != live["severity"], is_shadowed, "{fault:?}: {code}");
            let has_more = printed["commands"] != live["commands"];
            assert_eq!(has_more, says_more.contains(&code), "{fault:?}: {printed:#} {live:#}");
        }
    });
}

fn is_explained(text: &str) -> serde_json::Value {
    let outcome = on(Host::Nothing).azfob(["diagnose", "--explain", text, "-o", "json"]).sends_no_request();
    outcome.succeeds().json()["findings"][0].clone()
}

#[test]
fn documented_codes_are_explained() {
    for (text, code) in [
        ("AADSTS700213", "AADSTS700213"),
        ("700213", "AADSTS700213"),
        ("AKV10032", "wrong-tenant"),
        ("ForbiddenByFirewall", "forbidden-firewall"),
        ("CredentialUnavailableError", "credential-unavailable"),
        ("SecretNotFound", "secret-not-found"),
        ("forbidden-rbac", "forbidden-rbac"),
        ("  VaultRequestTypeLimitReached ", "throttled"),
    ] {
        assert_eq!(is_explained(text)["code"], code, "{text}");
    }
    let _ = on(Host::Nothing).azfob(["diagnose", "--explain", "AADSTS1"]).fails(1).shows("error?code=1");
    let _ = on(Host::Nothing).azfob(["diagnose", "--explain", "hello"]).fails(1).shows("unknown code '");
}

/// A code without a row has the row of its range, with a link. A code outside all ranges is an error.
#[test]
fn code_without_row_is_explained_by_range() {
    for (code, row) in [
        (50_999, "entra-sign-in"),
        (530_099, "entra-conditional-access"),
        (65_099, "entra-consent"),
        (700_299, "entra-federation"),
        (7_000_999, "entra-application"),
        (9_009_999, "entra-request"),
    ] {
        let link = format!("https://login.microsoftonline.com/error?code={code}");
        for text in [format!("AADSTS{code}"), code.to_string(), format!("invalid_grant: AADSTS{code}: No.")] {
            let explained = is_explained(&text);
            assert_eq!(explained["code"], row, "{text}");
            assert!(explained["detail"].as_str().unwrap().contains(&link), "{explained:#}");
            assert_ne!(explained["commands"][0], serde_json::Value::Null, "{explained:#}");
        }
        let text = format!("ERROR: AADSTS{code}: No. Trace ID: x\n");
        let found = explained(&on(Host::Nothing), text.as_bytes(), "json").succeeds().json();
        let found = &found["findings"][0];
        assert_eq!(found["code"], row);
        assert!(found["detail"].as_str().unwrap().contains(&link), "{found:#}");
    }
    let _ = on(Host::Nothing).azfob(["diagnose", "--explain", "AADSTS9999999"]).fails(1).shows("error?code=9999999");
}

/// Every row is found by its code.
#[test]
fn every_code_is_explained() {
    use azfob::testing::{Context, Suffixes, explain_code};

    let here = Context::detect(&azfob::Env::default());
    let suffixes = Suffixes { cloud: azfob::testing::PUBLIC, extra: None };
    for row in rows() {
        let found = explain_code(row.code, &here, &suffixes).expect("a code is explained");
        assert_eq!(found.row.code, row.code);
    }
}

/// Review added, renamed and removed codes of Entra ID here.
#[test]
fn entra_codes() {
    let set: String = codes_of_entra_id().map(|row| format!("{}\n", row.error)).collect();
    insta::with_settings!({
        omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots/diagnose"
    }, {
        insta::assert_snapshot!("entra_codes", set);
    });
}

/// An explained code and a live failure have the same commands if the same facts are known.
#[test]
fn code_and_live_failure_have_same_commands() {
    for (host, fault, code) in [
        (Host::AppService, Fault::NotFound, "SecretNotFound"),
        (Host::AppService, Fault::Disabled, "SecretDisabled"),
        (Host::AppService, Fault::Throttled, "429 Too Many Requests"),
        (Host::AppService, Fault::NoIdentity, "managed-identity-unavailable"),
        (Host::AzureCli, Fault::ExpiredLogin, "AADSTS700082"),
    ] {
        let scenario = on(host).fault(fault);
        let live = super::Report::of(&scenario);
        let arguments = ["diagnose", "--explain", code, "--secret", super::SECRET, "--tenant", names::TENANT_ID];
        let explained = scenario.azfob(arguments.into_iter().chain(["-o", "json"])).succeeds().json();
        let explained = &explained["findings"][0];
        assert_eq!(live.json["findings"][0]["code"], explained["code"]);
        assert_eq!(live.json["findings"][0]["commands"], explained["commands"], "{code}");
    }
}

/// Every cause has a command, whatever is known about the vault.
#[test]
fn every_cause_has_command_for_named_vault() {
    let explained = |code: &str| {
        let arguments = ["diagnose", "--explain", code, "--vault", "my-vault", "-o", "json"];
        on(Host::Nothing).azfob(arguments).succeeds().json()["findings"][0]["commands"].clone()
    };
    assert!(explained("forbidden-rbac")[0].as_str().unwrap().contains("az keyvault show --name my-vault --query id"));
    assert!(explained("secret-not-found")[0].as_str().unwrap().contains("--vault-name my-vault"));
    assert!(explained("forbidden-firewall")[0].as_str().unwrap().contains("--name my-vault"));
}
