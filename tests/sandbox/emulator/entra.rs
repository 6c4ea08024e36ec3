//! Tests of the token endpoint.

use super::*;

#[test]
fn token_endpoint_issues_token_or_error_code() {
    let sandbox = Sandbox::start(SandboxPlan::new(EmulatedHost::ServicePrincipal)).unwrap();
    let home = names::TENANT_ID;
    let token = sign_in(&sandbox, home, &[]).json();
    assert_eq!(token["expires_in"], 3599);
    let header = format!("Authorization: Bearer {}\r\n", token["access_token"].as_str().unwrap());
    assert_eq!(get(&sandbox, VAULT, "/secrets/ApiKey?api-version=7.4", &header).status, 200);
    for (tenant, changed, status, code) in [
        (home, ("client_secret", "wrong"), 401, 7_000_215),
        (home, ("client_id", "nobody"), 400, 700_016),
        (home, ("scope", "https://vault.azure.net"), 400, 1_002_012),
        (home, ("scope", "https://example.com/.default"), 400, 500_011),
        (home, ("grant_type", "device_code"), 400, 70_003),
        ("00000000-0000-0000-0000-000000000001", ("scope", "x"), 400, 90_002),
        ("nonsense", ("scope", "x"), 400, 900_023),
    ] {
        let answer = sign_in(&sandbox, tenant, &[changed]);
        let body = answer.json();
        assert_eq!((answer.status, &body["error_codes"][0]), (status, &Value::from(code)));
        let text = body["error_description"].as_str().unwrap();
        assert!(
            text.starts_with(&format!("AADSTS{code}: ")) && text.contains(" Trace ID: ") && !text.contains('\n'),
            "{text}"
        );
    }
}

#[test]
fn vault_refuses_token_for_another_audience() {
    let sandbox = Sandbox::start(SandboxPlan::new(EmulatedHost::ServicePrincipal)).unwrap();
    let token = sign_in(&sandbox, names::TENANT_ID, &[("scope", "https://management.azure.com/.default")]).json();
    let header = format!("Authorization: Bearer {}\r\n", token["access_token"].as_str().unwrap());
    let refused = get(&sandbox, VAULT, "/secrets/ApiKey?api-version=7.4", &header);
    assert_eq!(
        refused.json()["error"]["message"],
        "AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://management.azure.com."
    );
    let listed = get(&sandbox, "management.azure.com", "/subscriptions?api-version=2022-12-01", &header).json();
    assert_eq!(listed["value"][0]["subscriptionId"], names::SUBSCRIPTION_ID);
    assert_eq!(get(&sandbox, "management.azure.com", "/tenants?api-version=2022-12-01", "").status, 401);
}

/// Sends a token request with an assertion.
fn exchange(sandbox: &Sandbox, assertion: &str) -> Response {
    let form = [
        ("client_id", names::USER_ASSIGNED_CLIENT_ID),
        ("client_assertion", assertion),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("grant_type", "client_credentials"),
        ("scope", "https://vault.azure.net/.default"),
    ];
    post(sandbox, &format!("/{}/oauth2/v2.0/token", names::TENANT_ID), &form)
}

fn assertion(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(variable(sandbox, "AZURE_FEDERATED_TOKEN_FILE")).unwrap()
}

#[test]
fn federated_token_is_accepted_while_valid() {
    let plan = SandboxPlan::new(EmulatedHost::WorkloadIdentity);
    let sandbox = Sandbox::start(plan.clone()).unwrap();
    assert_eq!(exchange(&sandbox, &assertion(&sandbox)).status, 200);
    let code = |answer: Response| answer.json()["error_codes"][0].as_u64();
    assert_eq!(code(exchange(&sandbox, "nonsense")), Some(50_027));
    let other = Sandbox::start(plan.clone()).unwrap();
    assert_eq!(code(exchange(&sandbox, &assertion(&other))), Some(50_013), "another sandbox's");
    for fault in [Fault::ExpiredAssertion, Fault::ClockSkew] {
        let late = Sandbox::start(plan.clone().fault(fault)).unwrap();
        assert_eq!(code(exchange(&late, &assertion(&late))), Some(700_024), "{fault}");
    }
}
