//! Tests that each fault looks like the real failure.

use super::*;

/// Returns the vault's status and innermost error code under a fault.
fn under(fault: Fault) -> (u16, String) {
    let sandbox = Sandbox::start(on_app_service().fault(fault)).unwrap();
    let answer = secret(&sandbox, "/secrets/ApiKey?api-version=7.4");
    let error = &answer.json()["error"];
    let code = error["innererror"]["code"].as_str().or(error["code"].as_str()).unwrap_or("none");
    (answer.status, code.to_owned())
}

#[test]
fn vault_faults_have_the_codes_of_the_real_service() {
    for (fault, status, code) in [
        (Fault::Forbidden, 403, "ForbiddenByRbac"),
        (Fault::Reader, 403, "ForbiddenByRbac"),
        (Fault::SecretsUser, 200, "none"),
        (Fault::AccessPolicy, 403, "AccessDenied"),
        (Fault::Firewall, 403, "ForbiddenByFirewall"),
        (Fault::PrivateLink, 403, "ForbiddenByConnection"),
        (Fault::WrongTenant, 401, "Unauthorized"),
        (Fault::ClockSkew, 401, "Unauthorized"),
        (Fault::NotFound, 404, "SecretNotFound"),
        (Fault::SoftDeleted, 404, "SecretNotFound"),
        (Fault::Disabled, 403, "SecretDisabled"),
        (Fault::Expired, 200, "none"),
        (Fault::NotYetValid, 200, "none"),
        (Fault::Throttled, 429, "Throttled"),
        (Fault::Flaky, 200, "none"),
        (Fault::SigningKey, 401, "Unauthorized"),
        (Fault::Revoked, 401, "Unauthorized"),
        (Fault::OldApi, 400, "BadParameter"),
    ] {
        assert_eq!(under(fault), (status, code.to_owned()), "{fault}");
    }
}

#[test]
fn host_faults_remove_the_identity() {
    let sandbox = Sandbox::start(on_app_service().fault(Fault::NoIdentity)).unwrap();
    let names: Vec<&str> = sandbox.variables().iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"WEBSITE_SITE_NAME") && !names.contains(&"IDENTITY_ENDPOINT"));
    let two = Sandbox::start(on_app_service().fault(Fault::MultipleIdentities)).unwrap();
    assert_eq!(identity_answer(&two, "").status, 400);
    let wrong = Sandbox::start(SandboxPlan::new(EmulatedHost::ServicePrincipal).fault(Fault::WrongSecret)).unwrap();
    assert_eq!(sign_in(&wrong, names::TENANT_ID, &[]).json()["error_codes"][0], 7_000_215);
}

#[test]
fn network_faults_break_the_connection() {
    let sandbox = Sandbox::start(on_app_service().fault(Fault::Unreachable)).unwrap();
    let answer = plain(&proxy(&sandbox), &format!("CONNECT {VAULT}:443 HTTP/1.1\r\nHost: {VAULT}\r\n\r\n"));
    assert_eq!(answer.status, 502);
    let sandbox = Sandbox::start(on_app_service().fault(Fault::TlsIntercepted)).unwrap();
    let error = connect(&sandbox, VAULT).map(drop).unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    assert!(connect(&sandbox, LOGIN).is_ok(), "only the vault's");
}

#[test]
fn guest_needs_token_of_the_vault_tenant() {
    let plan = SandboxPlan::new(EmulatedHost::ServicePrincipal);
    let status = |fault: Fault, tenant: &str| {
        let sandbox = Sandbox::start(plan.clone().fault(fault)).unwrap();
        let answer = sign_in(&sandbox, tenant, &[]);
        if answer.status != 200 {
            return answer.status;
        }
        let header = format!("Authorization: Bearer {}\r\n", answer.json()["access_token"].as_str().unwrap());
        get(&sandbox, VAULT, "/secrets/ApiKey?api-version=7.4", &header).status
    };
    assert_eq!(status(Fault::Guest, names::TENANT_ID), 401);
    assert_eq!(status(Fault::Guest, names::OTHER_TENANT_ID), 200);
    assert_eq!(status(Fault::WrongTenant, names::TENANT_ID), 401);
    assert_eq!(status(Fault::WrongTenant, names::OTHER_TENANT_ID), 400, "AADSTS700016");
}

/// Three reads in a minute.
const LIMIT: Limit = Limit { reads: 3, window: Duration::from_secs(60) };

#[test]
fn limited_vault_throttles_with_retry_after() {
    let requested = |retry_after: &str| {
        let plan = SandboxPlan { limit: Some(LIMIT), retry_after: retry_after.parse().unwrap(), ..on_app_service() };
        let sandbox = Sandbox::start(plan.fault(Fault::Throttled)).unwrap();
        let authorization = bearer(&sandbox);
        let ask = |headers: &str| get(&sandbox, VAULT, "/secrets/ApiKey?api-version=7.4", headers);
        // A request without a token is not counted.
        assert_eq!(ask("").status, 401);
        let statuses: Vec<u16> = (0..4).map(|_| ask(&authorization).status).collect();
        assert_eq!(statuses, [200, 200, 200, 429]);
        let head = ask(&authorization).head;
        head.lines().find_map(|line| line.strip_prefix("retry-after: ")).map(str::to_owned)
    };
    assert_eq!(requested("none"), None);
    assert_eq!(requested("0"), Some("0".into()));
    assert_eq!(requested("10"), Some("10".into()));
    assert!(requested("date").is_some_and(|date| date.ends_with(" gmt")));
}

#[test]
fn limit_without_its_fault_is_an_error() {
    for plan in [
        SandboxPlan { limit: Some(LIMIT), ..on_app_service() },
        SandboxPlan { retry_after: RetryAfter::Date, ..on_app_service() },
    ] {
        let error = Sandbox::start(plan).unwrap_err();
        assert!(error.to_string().contains("--fault throttled"), "{error}");
    }
}

#[test]
fn flaky_vault_breaks_every_tenth_reply() {
    let sandbox = Sandbox::start(on_app_service().fault(Fault::Flaky)).unwrap();
    let authorization = bearer(&sandbox);
    let whole = "sandbox-api-key-of-february";
    let broken: Vec<(usize, u16, bool)> = (1..=50)
        .map(|number| (number, get(&sandbox, VAULT, "/secrets/ApiKey?api-version=7.4", &authorization)))
        .filter(|(_, answer)| answer.status != 200 || !answer.body.ends_with('}'))
        .map(|(number, answer)| (number, answer.status, answer.body.contains(whole)))
        .collect();
    let expected = [(10, 503, false), (20, 200, false), (30, 429, false), (40, 0, false), (50, 503, false)];
    assert_eq!(broken, expected);
}

#[test]
fn signing_key_is_unknown_twice_or_always() {
    for (fault, statuses) in [(Fault::SigningKeyOnce, [401, 401, 200]), (Fault::SigningKey, [401, 401, 401])] {
        let sandbox = Sandbox::start(on_app_service().fault(fault)).unwrap();
        let authorization = bearer(&sandbox);
        let ask = || get(&sandbox, VAULT, "/secrets/ApiKey?api-version=7.4", &authorization);
        let first = ask();
        let text = first.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(text.starts_with("AKV10046: ") && text.contains("EncodedJwtHeader: 'eyJ"), "{text}");
        assert!(first.head.contains("www-authenticate: bearer authorization="), "{}", first.head);
        assert_eq!([first.status, ask().status, ask().status], statuses, "{fault}");
    }
}

#[test]
fn revoked_session_needs_token_with_claims() {
    let sandbox = Sandbox::start(SandboxPlan::new(EmulatedHost::ServicePrincipal).fault(Fault::Revoked)).unwrap();
    let ask = |changed: &[(&str, &str)]| {
        let token = sign_in(&sandbox, names::TENANT_ID, changed).json();
        let header = format!("Authorization: Bearer {}\r\n", token["access_token"].as_str().unwrap());
        get(&sandbox, VAULT, "/secrets/ApiKey?api-version=7.4", &header)
    };
    let refused = ask(&[]);
    assert_eq!(refused.status, 401);
    assert!(refused.head.contains("error=\"invalid_token\", error_description=\"user session has been revoked\""));
    assert!(refused.head.contains("claims=\"ey"), "{}", refused.head);
    let claims = r#"{"access_token":{"nbf":{"essential":true,"value":"1735689600"},"xms_cc":{"values":["cp1"]}}}"#;
    assert_eq!(ask(&[("claims", claims)]).status, 200);
    assert_eq!(ask(&[("claims", "{}")]).status, 401);
}

#[test]
fn old_vault_names_its_api_version() {
    let sandbox = Sandbox::start(on_app_service().fault(Fault::OldApi)).unwrap();
    let refused = secret(&sandbox, "/secrets/ApiKey?api-version=7.4");
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.json()["error"]["message"],
        "The specified version (7.4) is not recognized. Consider using the latest supported version (7.1)."
    );
    assert_eq!(secret(&sandbox, "/secrets/ApiKey?api-version=7.1").status, 200);
}
