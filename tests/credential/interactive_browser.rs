//! InteractiveBrowserCredential. The opener on PATH saves the address in a file, and the test acts as the browser.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::support::{Action, Fault, Host, Isolated, LOGIN, Rule, Scenario, VAULT, in_parallel, names, report_missing};

const OPENER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
const SAVE_ADDRESS: &str = r#"printf '%s' "$1" >"$HOME/address.part" && mv "$HOME/address.part" "$HOME/address""#;
const CODE: &str = "0.the-code+of/this=sign-in";
const TOKEN: &str = "the-token-of-a-person";

/// No other credential, and an authority that issues a token for a code. The vault accepts it.
fn scenario() -> Scenario {
    let token = json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN });
    let secret =
        json!({ "value": "42", "id": format!("https://{VAULT}/secrets/Answer/1"), "attributes": { "enabled": true } });
    Scenario::on(Host::Nothing)
        .rule(Rule::new(LOGIN, "/", Action::json(200, token.to_string())))
        .rule(Rule::new(VAULT, "/secrets/Answer", Action::json(200, secret.to_string())).with_credential())
}

/// Returns the parameters of the address.
fn parameters(address: &str) -> BTreeMap<String, String> {
    let query = address.split_once('?').expect("a query").1;
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn send(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("azfob listens");
    stream.write_all(request.as_bytes()).expect("azfob reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("azfob answers");
    answer
}

/// Redirects back from the authority as a browser does: with the received state and `fields`. Returns the page that azfob
/// redirects to.
fn redirect_back(address: &str, method: &str, fields: &[(&str, &str)]) -> String {
    let requested = parameters(address);
    let port = requested["redirect_uri"]
        .strip_prefix("http://localhost:")
        .and_then(|port| port.parse().ok())
        .expect("a port of this machine");
    assert!(send(port, "GET /favicon.ico HTTP/1.1\r\nHost: localhost\r\n\r\n").starts_with("HTTP/1.1 204 "));
    let forged = send(port, "GET /?code=evil&state=guessed HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(forged.starts_with("HTTP/1.1 400 "), "{forged}");
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .append_pair("state", &requested["state"])
        .append_pair("session_state", "x")
        .finish();
    let redirect = match method {
        "GET" => send(port, &format!("GET /?{form} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n")),
        _ => {
            let kind = "application/x-www-form-urlencoded";
            let head = format!("Host: localhost:{port}\r\nContent-Type: {kind}\r\nContent-Length: {}", form.len());
            send(port, &format!("POST / HTTP/1.1\r\n{head}\r\n\r\n{form}"))
        }
    };
    assert!(redirect.starts_with("HTTP/1.1 303 ") && redirect.contains("\r\nLocation: /result\r\n"), "{redirect}");
    send(port, "GET /result HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

/// Waits until the opener is called, and returns the address.
fn opened(home: &Path) -> String {
    let file = home.join("address");
    for _ in 0..1000 {
        if let Ok(address) = std::fs::read_to_string(&file) {
            return address;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("no browser was opened");
}

fn browser(
    home: PathBuf,
    method: &'static str,
    fields: &'static [(&str, &str)],
) -> thread::JoinHandle<(String, String)> {
    thread::spawn(move || {
        let address = opened(&home);
        let page = redirect_back(&address, method, fields);
        (address, page)
    })
}

#[test]
fn user_signs_in_and_code_is_redeemed_with_pkce() {
    for method in ["POST", "GET"] {
        let scenario = scenario().program(OPENER, SAVE_ADDRESS);
        let browser = browser(scenario.home(), method, &[("code", CODE)]);
        let outcome = scenario.azfob(["get", "Answer", "--interactive"]).succeeds_with_messages().prints("42");
        let (address, page) = browser.join().unwrap();
        assert!(page.starts_with("HTTP/1.1 200 ") && page.contains("You are signed in"), "{page}");

        let begin = format!("https://{LOGIN}/{}/oauth2/v2.0/authorize?", names::TENANT_ID);
        assert!(address.starts_with(&begin), "{address}");
        let requested = parameters(&address);
        for (name, value) in [
            ("client_id", names::AZURE_CLI_CLIENT_ID),
            ("response_type", "code"),
            ("response_mode", "form_post"),
            ("scope", "https://vault.azure.net/.default"),
            ("code_challenge_method", "S256"),
        ] {
            assert_eq!(requested[name], value, "{name}");
        }

        let request = outcome.requests_to(LOGIN)[0];
        assert_eq!(request.path, format!("/{}/oauth2/v2.0/token", names::TENANT_ID));
        for (name, value) in [
            ("client_id", names::AZURE_CLI_CLIENT_ID),
            ("grant_type", "authorization_code"),
            ("code", CODE),
            ("redirect_uri", &requested["redirect_uri"]),
            ("scope", "https://vault.azure.net/.default"),
        ] {
            assert_eq!(request.field(name), Some(value), "{name}");
        }
        let verifier = request.field("code_verifier").unwrap().to_owned();
        let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
        assert_eq!(URL_SAFE_NO_PAD.encode(digest), requested["code_challenge"]);
        assert_eq!(request.form.len(), 6);

        let vault = *outcome.requests_to(VAULT).last().unwrap();
        assert_eq!(vault.header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
        let _ = outcome.shows(&address).never_shows(&verifier).never_shows("the-code").never_shows(TOKEN);
    }
}

#[test]
fn address_is_shown_if_no_browser_opens() {
    let scenario = scenario();
    let sandbox = scenario.sandbox();
    let mut command = scenario.command(&sandbox, Path::new(env!("CARGO_BIN_EXE_azfob")));
    command.args(["get", "Answer", "--credential", "interactive-browser", "--interactive", "--quiet"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split_whitespace().last().unwrap();
    assert!(redirect_back(address, "POST", &[("code", CODE)]).contains("You are signed in"));
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), &b"42"[..]));
}

#[test]
fn refusal_is_a_failure_and_its_message_is_escaped() {
    let scenario = scenario().program(OPENER, SAVE_ADDRESS);
    let fields =
        &[("error", "access_denied"), ("error_description", "AADSTS65004: <b>no</b> \u{1b}[31m\r\nTrace ID: t")];
    let browser = browser(scenario.home(), "POST", fields);
    let outcome = scenario.azfob(["get", "Answer", "--interactive"]).fails(4);
    let page = browser.join().unwrap().1;
    assert!(page.contains("AADSTS65004: &lt;b&gt;no&lt;/b&gt;"), "{page}");
    assert!(outcome.requests_to(LOGIN).is_empty());
    let _ = outcome.shows("InteractiveBrowserCredential: AADSTS65004: ").never_shows("\u{1b}");
}

#[test]
fn refused_code_is_shown_in_browser() {
    let refusal = json!({
        "error": "invalid_grant", "error_codes": [70008], "trace_id": "t",
        "error_description": "AADSTS70008: The provided authorization code has expired.\r\nTrace ID: t",
    });
    let scenario = Scenario::on(Host::Nothing)
        .rule(Rule::new(LOGIN, "/", Action::json(400, refusal.to_string())))
        .program(OPENER, SAVE_ADDRESS);
    let browser = browser(scenario.home(), "POST", &[("code", CODE)]);
    let _ = scenario.azfob(["get", "Answer", "--interactive"]).fails(4).shows("AADSTS70008");
    let page = browser.join().unwrap().1;
    assert!(page.contains("azfob could not sign you in: AADSTS70008"), "{page}");
}

#[test]
fn missing_sign_in_fails_at_time_limit() {
    let scenario = scenario().program(OPENER, "sleep 5");
    let outcome = scenario.azfob(["get", "Answer", "--interactive", "--timeout", "1"]).fails(4);
    let _ = outcome.shows("no response from the browser within").shows("cause: The browser sent no response in time");
}

#[test]
fn browser_needs_interactive_option() {
    let scenario = scenario().program(OPENER, SAVE_ADDRESS);
    let outcome = scenario.azfob(["get", "Answer"]).fails(3).never_shows("InteractiveBrowserCredential");
    assert!(outcome.requests_to(LOGIN).is_empty());
    let named = scenario.azfob(["get", "Answer", "--credential", "InteractiveBrowserCredential"]).fails(3);
    let _ = named.shows("enable it with --interactive").never_shows("localhost");
    assert!(!scenario.home().join("address").exists());
}

#[test]
fn diagnose_opens_no_browser_and_says_so() {
    let scenario = Scenario::on(Host::Nothing).program(OPENER, SAVE_ADDRESS);
    let outcome = scenario.azfob(["diagnose", "--interactive"]);
    assert_eq!(outcome.code, Some(3));
    let _ = outcome.shows("note: diagnose opens no browser; azfob whoami");
    assert!(!scenario.home().join("address").exists());
}

#[test]
fn browser_opens_only_if_no_other_credential_decides() {
    for host in [Host::AppService, Host::Imds, Host::AzureCli] {
        let scenario = Scenario::on(host).program(OPENER, SAVE_ADDRESS);
        let _ = scenario.azfob(["get", "ApiKey", "--interactive"]).succeeds();
        assert!(!scenario.home().join("address").exists(), "{host}");
    }
    let scenario = Scenario::on(Host::ServicePrincipal).fault(Fault::WrongSecret).program(OPENER, SAVE_ADDRESS);
    let _ = scenario.azfob(["get", "ApiKey", "--interactive"]).fails(4);
    assert!(!scenario.home().join("address").exists());
}

/// In the sandbox, whose sign-in page is Entra ID's and whose browser is curl.
#[test]
fn each_fault_of_the_sign_in_has_its_row() {
    if !Path::new("/usr/bin/curl").exists() {
        report_missing("curl", "the sandbox's browser");
        return;
    }
    let cases = [
        ("sign-in-cancelled", 4, "cause: The user cancelled the sign-in or closed its window (access_denied)"),
        ("consent-required", 4, "cause: No user or administrator has consented to the application in this tenant"),
        ("wrong-state", 4, "cause: The browser sent the response to another sign-in"),
        ("redirect-uri", 4, "cause: The browser sent no response in time"),
        ("no-identity", 4, "cause: The browser sent no response in time"),
        ("wrong-tenant", 4, "cause: The browser sent no response in time"),
        ("guest", 0, ""),
        // The vault's claims are a part of the second sign-in.
        ("revoked", 0, "&claims=%7B%22access_token%22"),
        ("forbidden", 5, "cause: Missing RBAC role (identity eeeeeeee-4444-5555-6666-ffffffffffff"),
    ];
    in_parallel(cases, |(fault, code, text)| {
        let sandbox = ["sandbox", "--as", "browser", "--fault", fault, "--"];
        let get = ["azfob", "get", "ApiKey", "--interactive", "--timeout", "5"];
        let outcome = Isolated::new().azfob([&sandbox[..], &get[..]].concat());
        assert_eq!(outcome.code, Some(code), "{fault}: {}", outcome.stderr);
        let client = names::AZURE_CLI_CLIENT_ID;
        if fault == "consent-required" {
            assert!(outcome.stderr.contains(&format!("admin-consent --id {client}")), "{}", outcome.stderr);
        }
        let _ = outcome.shows(text);
    });
}

#[test]
fn browser_variable_names_the_program() {
    let scenario = scenario().program("my-browser", SAVE_ADDRESS).program(OPENER, "touch \"$HOME/opener\"");
    for named in ["my-browser".into(), scenario.bin().join("my-browser").into_os_string()] {
        let _ = std::fs::remove_file(scenario.home().join("address"));
        let browser = browser(scenario.home(), "POST", &[("code", CODE)]);
        let sandbox = scenario.sandbox();
        let mut azfob = scenario.command(&sandbox, env!("CARGO_BIN_EXE_azfob").as_ref());
        let output = azfob.env("BROWSER", named).args(["get", "Answer", "--interactive"]).output().unwrap();
        assert_eq!(output.stdout, b"42");
        assert!(browser.join().unwrap().1.contains("You are signed in"));
    }
    assert!(!scenario.home().join("opener").exists());
    // A browser that does not exist: the system's is opened.
    let scenario = scenario.var("BROWSER", "no-such-browser").program(OPENER, SAVE_ADDRESS);
    let _ = std::fs::remove_file(scenario.home().join("address"));
    let browser = browser(scenario.home(), "POST", &[("code", CODE)]);
    let _ = scenario.azfob(["get", "Answer", "--interactive"]).succeeds_with_messages().prints("42");
    browser.join().unwrap();
}
