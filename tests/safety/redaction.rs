//! Untrusted text in output: echoed secrets, endless text and invisible characters.

use crate::support::{Action, Host, IDENTITY, LOGIN, Outcome, Rule, Scenario, VAULT, in_parallel};

const SECRET: &str = "Xy7~Q8_quite+secret/indeed.and-long";
/// C1 controls, a bidirectional mark of each kind, zero-width characters and line separators.
const INVISIBLE: &str = "\u{9b}31m\u{202e}\u{61c}\u{200f}\u{2066}\u{200b}\u{feff}\u{2028}\u{e0041}";
const REPORTS: [&[&str]; 8] = [
    &["whoami"],
    &["whoami", "-o", "json"],
    &["get", "ApiKey"],
    &["get", "ApiKey", "-v", "--timings"],
    &["diagnose"],
    &["diagnose", "-v"],
    &["diagnose", "-o", "json"],
    &["diagnose", "-o", "markdown", "--redact"],
];

/// Everything that a run printed.
fn shown(outcome: &Outcome) -> String {
    format!("{}{}", outcome.text(), outcome.stderr)
}

fn assert_no_invisible_chars(shown: &str) {
    for c in shown.chars() {
        let hidden = c.is_control()
            || ('\u{200b}'..='\u{200f}').contains(&c)
            || ('\u{2028}'..='\u{202e}').contains(&c)
            || ('\u{2060}'..='\u{206f}').contains(&c)
            || ('\u{e0000}'..='\u{e007f}').contains(&c)
            || "\u{61c}\u{feff}".contains(c);
        assert!(c == '\n' || !hidden, "{c:?} is in:\n{shown}");
    }
}

/// A service principal whose secret Entra ID refuses with this body.
fn refused_by_entra(body: &serde_json::Value) -> Scenario {
    let refusal = Rule::new(LOGIN, "/", Action::json(401, body.to_string()));
    Scenario::on(Host::ServicePrincipal).var("AZURE_CLIENT_SECRET", SECRET).rule(refusal)
}

#[test]
fn client_secret_echoed_by_entra_is_masked() {
    let encoded = "Xy7%7EQ8_quite%2Bsecret%2Findeed.and-long";
    let words = format!("AADSTS7000215: no such secret {SECRET}, {encoded}, {}.", &SECRET[8..24]);
    let body = serde_json::json!({
        "error": SECRET, "error_description": format!("{words}\r\nTrace ID: {SECRET}"), "trace_id": SECRET, "suberror": SECRET
    });
    let scenario = refused_by_entra(&body);
    for report in REPORTS {
        let shown = shown(&scenario.azfob(report));
        assert!(shown.contains("AADSTS7000215"), "{report:?}: {shown}");
        for piece in [&SECRET[..12], &SECRET[8..20], &SECRET[12..24], &SECRET[23..], "2Findeed"] {
            assert!(!shown.contains(piece), "{report:?} shows «{piece}»:\n{shown}");
        }
    }
}

#[test]
fn echo_in_other_encoding_is_masked() {
    let encoded = [
        "Xy7~Q8_quite%2bsecret%2findeed.and-long",
        r"Xy7~Q8_quite\u002Bsecret\/indeed.and-long",
        "WHk3flE4X3F1aXRlK3NlY3JldC9pbmRlZWQuYW5kLWxvbmc=",
        "Y2xpZW50Olh5N35ROF9xdWl0ZStzZWNyZXQvaW5kZWVkLmFuZC1sb25n",
        "X\u{fe0f}y7~\u{34f}Q8_quite+sec\u{3164}ret/indeed.and-long",
    ];
    let words = format!("AADSTS7000215: {}", encoded.join(", or "));
    let body = serde_json::json!({ "error": "invalid_client", "error_description": words });
    let scenario = refused_by_entra(&body);
    for report in REPORTS {
        let shown = shown(&scenario.azfob(report));
        assert!(shown.contains("AADSTS7000215: ***, or ***, or ***"), "{report:?}: {shown}");
        for piece in ["quite", "indeed", "WHk3flE4", "ZStzZWNy"] {
            assert!(!shown.contains(piece), "{report:?} shows «{piece}»:\n{shown}");
        }
    }
}

#[cfg(unix)]
#[test]
fn proxy_password_echoed_by_tool_is_masked() {
    let scenario = Scenario::on(Host::AzureCli)
        .program("az", "echo \"ERROR: no way through $HTTP_PROXY, nor by $AZURE_CORE_OTHER\" >&2; exit 1")
        .var("HTTP_PROXY", "http://user:hunter2%40all@proxy.example:3128")
        .var("AZURE_CORE_OTHER", "Basic dXNlcjpodW50ZXIyQGFsbA==");
    for report in [&["get", "ApiKey", "-v"][..], &["diagnose"], &["diagnose", "-o", "json"]] {
        let shown = shown(&scenario.azfob(report));
        let printed = "no way through http://user:***@proxy.example:3128, nor by Basic ***";
        assert!(shown.contains(printed) && !shown.contains("hunter2"), "{report:?}: {shown}");
    }
}

#[test]
fn header_echoed_by_identity_endpoint_is_masked() {
    let header = "a-header-of-this-host-alone";
    let body = serde_json::json!({ "statusCode": 500, "message": format!("the header was {header}!") });
    let scenario = Scenario::on(Host::AppService).var("IDENTITY_HEADER", header).rule(Rule::new(
        IDENTITY,
        "/",
        Action::json(400, body.to_string()),
    ));
    for report in REPORTS {
        let shown = shown(&scenario.azfob(report));
        assert!(shown.contains("the header was ***!") && !shown.contains("of-this-host"), "{report:?}: {shown}");
    }
}

/// The token is not a JSON web token, so its form does not identify it.
#[test]
fn token_echoed_by_vault_is_masked() {
    let token = "opaque.token-of_this/run~and+no=other";
    let granted = serde_json::json!({ "access_token": token, "expires_in": "3600" });
    for status in [400, 401, 403] {
        let message = format!("not with {token}, nor with {}", &token[4..20]);
        let refused = serde_json::json!({ "error": { "code": token, "message": message } });
        let refused = Action::json(status, refused.to_string()).header("x-ms-request-id", token);
        let scenario = Scenario::on(Host::AppService)
            .rule(Rule::new(IDENTITY, "/", Action::json(200, granted.to_string())))
            .rule(Rule::new(VAULT, "/secrets/ApiKey", refused));
        for report in &REPORTS[2..4] {
            let shown = shown(&scenario.azfob(*report));
            assert!(!shown.contains(&token[..12]) && !shown.contains("token-of_thi"), "{status}: {shown}");
        }
    }
}

#[test]
fn long_message_is_clipped_with_its_length() {
    let (long, code) = ("w".repeat(100_000), "c".repeat(100_000));
    for status in [400, 401, 403] {
        let body = serde_json::json!({ "error": { "code": code, "message": long, "innererror": { "code": code } } });
        let vault = Rule::new(
            VAULT,
            "/secrets",
            Action::json(status, body.to_string()).header("x-ms-request-id", &long[..9000]),
        );
        let scenario = Scenario::on(Host::AppService).rule(vault);
        for report in &REPORTS[2..] {
            let outcome = scenario.azfob(*report);
            let shown = shown(&outcome);
            assert!(shown.len() < 40_000, "{report:?}, {status}: {} bytes", shown.len());
            let refused = status != 403 && report[0] == "get";
            assert!(!refused || shown.contains("(100000 characters)"), "{report:?}, {status}: {shown}");
        }
    }
    let challenge = |tenant: &str, resource: &str| {
        format!("Bearer authorization=\"https://{LOGIN}/{tenant}\", resource=\"https://{resource}\"")
    };
    let far = format!("Expected one of https://sts.windows.net/{}/, found https://sts.windows.net/a/", &long[..9000]);
    let cases = [
        (401, "", challenge("t", &long[..9000])),
        (401, "", challenge(&long[..9000], "vault.azure.net")),
        (401, &format!("AKV10032: Invalid issuer. {far}"), challenge("t", "vault.azure.net")),
        (500, "", String::new()),
    ];
    in_parallel(cases, |(status, message, challenge)| {
        let body = serde_json::json!({ "error": { "code": "x", "message": message } });
        let action = Action::json(status, body.to_string()).header("www-authenticate", &challenge);
        let vault = Rule::new(VAULT, "/", action.header("x-ms-request-id", &long[..9000]));
        let scenario = Scenario::on(Host::AzureCli).rule(vault);
        for report in [&["get", "ApiKey"][..], &["list"], &["diagnose"], &["diagnose", "-o", "json"]] {
            let mut arguments = report.to_vec();
            arguments.extend(["--timeout", "2"]);
            let shown = shown(&scenario.azfob(&arguments));
            assert!(!shown.contains(&long[..1001]), "{report:?}, {status}: {shown}");
        }
    });
    let body = serde_json::json!({ "error": code, "error_description": long, "trace_id": code });
    for (host, service) in [(Host::ServicePrincipal, LOGIN), (Host::AppService, IDENTITY)] {
        let scenario = Scenario::on(host).rule(Rule::new(service, "/", Action::json(400, body.to_string())));
        for report in REPORTS {
            let shown = shown(&scenario.azfob(report));
            assert!(shown.len() < 40_000, "{report:?}: {} bytes", shown.len());
            assert!(shown.contains("(100000 characters)"), "{report:?}: {shown}");
        }
    }
}

#[test]
fn large_errors_of_each_service_are_clipped() {
    let long = "w".repeat(3 << 20);
    let entra = serde_json::json!({ "error": "x", "error_description": long });
    let vault = serde_json::json!({ "error": { "code": "x", "message": long } });
    for (host, service, body) in [
        (Host::ServicePrincipal, LOGIN, &entra),
        (Host::AppService, IDENTITY, &entra),
        (Host::AppService, VAULT, &vault),
    ] {
        let refusal = Rule::new(service, "/", Action::json(400, body.to_string()));
        let shown = shown(&Scenario::on(host).rule(refusal).azfob(["get", "ApiKey"]));
        assert!(shown.len() < 40_000 && shown.contains("(3145728 characters)"), "{host}: {} bytes", shown.len());
    }
}

#[cfg(unix)]
#[test]
fn file_content_in_errors_is_clipped() {
    let long = "w".repeat(9_000);
    let record = serde_json::json!({
        "username": long, "authority": "login.microsoftonline.com", "homeAccountId": "o.t", "tenantId": "contoso.com",
        "clientId": "aebc6443-996d-45c2-90f0-388ff96faa56", "version": "1.0"
    });
    let providers =
        serde_json::json!({ "TokenProviders": [{ "Path": format!("/{long}"), "Arguments": [], "Preference": 0 }] });
    for (path, text, code, printed) in [
        (
            ".azure/ms-azuretools.vscode-azureresourcegroups/authRecord.json",
            record.to_string(),
            3,
            "is signed in as www",
        ),
        (".IdentityService/AzureServiceAuth/tokenprovider.json", providers.to_string(), 3, "that exists: /www"),
        ("config.toml", format!("tenant = '{long}'\n"), 2, "configuration file 'www"),
    ] {
        let scenario = Scenario::on(Host::Nothing);
        let file = scenario.home().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        let scenario = if code == 2 { scenario.var("AZFOB_CONFIG", file) } else { scenario };
        let outcome = scenario.azfob(["whoami", "-v"]).fails(code).shows(printed);
        assert!(!outcome.stderr.contains(&long[..1001]), "{path}: {}", outcome.stderr);
    }
}

#[test]
fn invisible_chars_are_in_no_output() {
    let words = format!("a{INVISIBLE}b");
    let body = serde_json::json!({ "error": { "code": words, "message": words, "innererror": { "code": words } } });
    let vault =
        Rule::new(VAULT, "/secrets", Action::json(401, body.to_string()).header("x-ms-keyvault-region", "\u{9b}x"));
    let refusing = Scenario::on(Host::AppService).rule(vault);
    let entra = serde_json::json!({ "error": words, "error_description": words, "trace_id": words });
    let unknown =
        Scenario::on(Host::ServicePrincipal).rule(Rule::new(LOGIN, "/", Action::json(400, entra.to_string())));
    for report in REPORTS {
        assert_no_invisible_chars(&shown(&refusing.azfob(report)));
        assert_no_invisible_chars(&shown(&unknown.azfob(report)));
    }
}

/// The agent of Azure Pipelines executes `##vso[...]` anywhere in a line of the log.
#[test]
fn output_contains_no_pipeline_command() {
    let command = "##vso[task.prependpath]/tmp/evil";
    let has_none = |outcome: crate::support::Outcome| {
        let shown = shown(&outcome);
        assert!(!shown.contains("##vso[") && !shown.contains("##["), "{shown}");
        assert!(shown.contains("vso[task.prependpath]/tmp/evil"), "{shown}");
    };
    let body = serde_json::json!({ "error": { "code": "Forbidden", "message": command } });
    let refusing =
        Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/secrets/", Action::json(403, body.to_string())));
    has_none(refusing.azfob(["get", "ApiKey"]));
    for format in ["table", "json", "markdown"] {
        has_none(refusing.azfob(["diagnose", "--secret", "ApiKey", "-o", format]));
    }
    let holding = Scenario::on(Host::AppService)
        .secret_spec(crate::support::SecretSpec::new("A", "v").tag("t", command).content_type(command));
    for format in ["table", "tsv", "json"] {
        has_none(holding.azfob(["list", "-o", format]));
    }
    let text = holding.azfob(["get", "A", "-o", "json"]).succeeds().text();
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(!text.contains("##vso[") && read["tags"]["t"] == command, "{text}");
}

/// A value is printed unchanged, and its JSON is safe on a terminal.
#[test]
fn json_escapes_invisible_chars() {
    let value = format!("v{INVISIBLE}é𝄞");
    let body = serde_json::json!({
        "value": value, "id": "https://my-vault.vault.azure.net/secrets/A/0", "tags": { INVISIBLE: INVISIBLE }, "contentType": INVISIBLE
    });
    let scenario =
        Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/secrets/A", Action::json(200, body.to_string())));
    let text = scenario.azfob(["get", "A", "-o", "json"]).succeeds_with_messages().text();
    assert_no_invisible_chars(&text);
    assert!(text.contains("\\u009b31m\\u202e\\u061c\\u200f\\u2066\\u200b\\ufeff\\u2028\\udb40\\udc41é𝄞\""), "{text}");
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&read["value"], &read["tags"][INVISIBLE], &read["contentType"]),
        (&value.as_str().into(), &INVISIBLE.into(), &INVISIBLE.into())
    );
    assert_eq!(scenario.azfob(["get", "A"]).succeeds_with_messages().stdout, value.as_bytes());

    let page = serde_json::json!({ "value": [{ "id": "https://my-vault.vault.azure.net/secrets/A", "tags": { "t": INVISIBLE }, "contentType": INVISIBLE }] });
    let listed = Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/secrets", Action::json(200, page.to_string())));
    for format in ["json", "table", "name"] {
        assert_no_invisible_chars(&shown(&listed.azfob(["list", "-o", format])));
    }
    let tsv = listed.azfob(["list", "-o", "tsv"]).text();
    assert_no_invisible_chars(&tsv.replace('\t', " "));
}

/// A partly masked name would be a different name.
#[test]
fn listed_text_is_never_masked() {
    let scenario = Scenario::on(Host::AppService).var("AZURE_PASSWORD", "prod").secret("MonkeyJsonSettings-prod", "v");
    for format in ["name", "json", "table", "tsv"] {
        assert!(
            scenario.azfob(["list", "-o", format]).succeeds().text().contains("MonkeyJsonSettings-prod"),
            "{format}"
        );
    }
}

#[test]
fn token_like_name_is_printed() {
    let outcome = Scenario::on(Host::AppService).azfob(["get", "MonkeyJsonSettings"]).fails(6);
    outcome.shows("no secret 'MonkeyJsonSettings'").shows("--secret MonkeyJsonSettings");
}

/// A requested value is printed unchanged, even if azfob signs in with it.
#[test]
fn value_is_never_masked() {
    let scenario = Scenario::on(Host::AppService).var("AZURE_CLIENT_SECRET", SECRET).secret("Copy", SECRET);
    scenario.azfob(["get", "Copy"]).succeeds().prints(SECRET);
    assert!(scenario.azfob(["get", "Copy", "-o", "json"]).succeeds().text().contains(SECRET));
}

/// The refusal of the second secret quotes the value of the first, which is fetched before, during or after it.
#[test]
fn fetched_value_is_masked_in_errors_of_other_secrets() {
    let encoded = "WHk3flE4X3F1aXRlK3NlY3JldC9pbmRlZWQuYW5kLWxvbmc=";
    // A 401 ends all requests to its vault, so the values may not be fetched.
    for (status, late) in [(400, false), (403, false), (400, true)] {
        let message = format!("B is not {SECRET}, {}, hunter2 or {encoded}.", &SECRET[4..20]);
        let refusal = serde_json::json!({ "error": { "code": SECRET, "message": message } });
        let refusal = Action::json(status, refusal.to_string()).header("x-ms-request-id", SECRET);
        let scenario = Scenario::on(Host::AppService).secret("A", SECRET).secret("C", "hunter2").rule(Rule::new(
            VAULT,
            "/secrets/B",
            refusal,
        ));
        let late_values = Rule::new(VAULT, "/secrets/A", Action::Late(std::time::Duration::from_millis(200)));
        let scenario = if late { scenario.rule(late_values) } else { scenario };
        for arguments in [
            &["get", "A", "B", "C", "-v"][..],
            &["get", "B", "C", "A", "-o", "json"],
            &["run", "-e", "X=A", "-e", "Y=B", "-e", "Z=C", "--", "true"],
        ] {
            let shown = shown(&scenario.azfob(arguments));
            for piece in [&SECRET[..12], &SECRET[8..20], "hunter2", "WHk3flE4"] {
                assert!(!shown.contains(piece), "{status}, {arguments:?} shows «{piece}»:\n{shown}");
            }
            assert!(status == 403 || shown.contains("B is not ***, ***, *** or ***"), "{arguments:?}: {shown}");
        }
    }
}

/// A value can be a vault's name or address.
#[test]
fn fetched_value_does_not_change_own_messages() {
    let bundle = |name: &str, value: &str| {
        let body =
            serde_json::json!({ "value": value, "id": format!("https://my-vault.vault.azure.net/secrets/{name}/0") });
        Rule::new(VAULT, format!("/secrets/{name}"), Action::json(200, body.to_string()))
    };
    let outcome = Scenario::on(Host::AppService)
        .rule(bundle("Name", "my-vault"))
        .rule(bundle("Url", "https://my-vault.vault.azure.net/secrets/Missing"))
        .azfob(["get", "Name", "Url", "Missing"])
        .fails(6);
    outcome.shows("my-vault has no secret 'Missing'");
}
