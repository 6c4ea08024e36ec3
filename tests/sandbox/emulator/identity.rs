//! Tests of the managed identity endpoints.

use super::*;

#[test]
fn unassigned_identity_is_refused() {
    let sandbox = Sandbox::start(on_app_service()).unwrap();
    assert_eq!(
        identity_answer(&sandbox, "&client_id=nobody").json()["message"],
        "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId."
    );
    let named = format!("&client_id={}", names::USER_ASSIGNED_CLIENT_ID);
    assert_eq!(identity_answer(&sandbox, &named).status, 200);
    let wrong = identity_answer(&sandbox, "&resource=x").json();
    assert!(wrong["access_token"].is_string(), "the first of two parameters counts");
}

#[test]
fn metadata_service_requires_header_and_describes_machine() {
    let sandbox = Sandbox::start(SandboxPlan::new(EmulatedHost::Imds)).unwrap();
    let base = variable(&sandbox, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
    let address = base.strip_prefix("http://").unwrap();
    let ask = |target: &str, header: &str| {
        plain(address, &format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{header}\r\n"))
    };
    let token = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net";
    let without = ask(token, "");
    assert_eq!((without.status, &without.json()["error"]), (400, &Value::from("invalid_request")));
    for answer in [&without, &ask("/nothing", ""), &ask(token, "Metadata: true\r\n")] {
        assert!(answer.head.contains("\r\nserver: imds/"), "{}", answer.head);
    }
    let given = ask(token, "Metadata: true\r\n").json();
    assert!(given["expires_on"].is_string() && given["access_token"].is_string());
    let seconds = |name: &str| given[name].as_str().unwrap().parse::<u64>().unwrap();
    assert!(seconds("expires_on") - seconds("not_before") >= seconds("expires_in") + 300);
    let missing = ask(&format!("{token}&client_id=nobody"), "Metadata: true\r\n");
    assert_eq!((missing.status, &missing.json()["error_description"]), (400, &Value::from("Identity not found")));
    let machine = ask("/metadata/instance?api-version=2021-02-01", "Metadata: true\r\n").json();
    assert_eq!(machine["compute"]["resourceGroupName"], names::RESOURCE_GROUP);
}

#[test]
fn machine_learning_sends_expiry_in_seconds() {
    let sandbox = Sandbox::start(SandboxPlan::new(EmulatedHost::AzureMl)).unwrap();
    let secret = format!("Secret: {}", variable(&sandbox, "MSI_SECRET"));
    let given = ask_endpoint(&sandbox, "MSI_ENDPOINT", "api-version=2017-09-01", &secret).json();
    assert!(given["expires_on"].as_str().is_some_and(|expiry| expiry.parse::<u64>().is_ok()), "expires_on");
}

/// Sends a request with a header to the endpoint that a variable names.
fn ask_endpoint(sandbox: &Sandbox, name: &str, query: &str, header: &str) -> Response {
    let endpoint = variable(sandbox, name);
    let (address, path) = endpoint.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let resource = "resource=https://vault.azure.net";
    plain(
        address,
        &format!("GET /{path}?{resource}&{query} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{header}\r\n\r\n"),
    )
}

#[test]
fn app_service_selects_no_user_assigned_identity() {
    let mut plan = on_app_service();
    plan.identities.system_assigned = false;
    let refused = identity_answer(&Sandbox::start(plan).unwrap(), "");
    assert_eq!(refused.status, 400);
    assert!(refused.json()["message"].as_str().unwrap().starts_with("No User Assigned or Delegated"));
}

#[test]
fn arc_challenge_has_body_of_entra_error() {
    let sandbox = Sandbox::start(SandboxPlan::new(EmulatedHost::Arc)).unwrap();
    let ask = |header: &str| ask_endpoint(&sandbox, "IDENTITY_ENDPOINT", "api-version=2020-06-01", header);
    let challenge = ask("Metadata: true");
    assert_eq!((challenge.status, &challenge.json()["error_codes"][0]), (401, &Value::from(401)));
    for field in ["timestamp", "trace_id", "correlation_id"] {
        assert!(challenge.json()[field].is_string(), "{field}");
    }
    let realm = if cfg!(windows) { r"c:\" } else { "/" };
    assert!(challenge.head.contains(&format!("www-authenticate: basic realm={realm}")), "{}", challenge.head);
    let file = challenge.raw_head.lines().find_map(|line| line.strip_prefix("WWW-Authenticate: Basic realm=")).unwrap();
    let key = std::fs::read_to_string(file).unwrap();
    let given = ask(&format!("Metadata: true\r\nAuthorization: Basic {key}")).json();
    assert_eq!(given["resource"], "");
    assert!(given["refresh_token"].is_string() && given["access_token"].is_string());
}

#[test]
fn azure_ml_refuses_in_plain_text() {
    let refused = |fault: Option<Fault>, query: &str| {
        let plan = SandboxPlan { faults: fault.into_iter().collect(), ..SandboxPlan::new(EmulatedHost::AzureMl) };
        let sandbox = Sandbox::start(plan).unwrap();
        let secret = format!("Secret: {}", variable(&sandbox, "MSI_SECRET"));
        let answer = ask_endpoint(&sandbox, "MSI_ENDPOINT", &format!("api-version=2017-09-01{query}"), &secret);
        assert!(answer.head.contains("content-type: text/plain; charset=utf-8"), "{}", answer.head);
        (answer.status, answer.body)
    };
    let unknown = "InternalError - :{ Info: Request failure status code: 404 }".to_owned();
    assert_eq!(refused(None, "&clientid=nobody"), (404, unknown));
    let gone = "SSO failure: unable to retrieve a token. Error Token service my-vm. Token not found".to_owned();
    assert_eq!(refused(Some(Fault::ExpiredLogin), ""), (400, gone));
}
