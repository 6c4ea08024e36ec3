//! The permissions of the identity, and how each refusal is recognized.

use super::{Report, SECRET, causes, on};
use crate::support::{Action, Fault, Host, Rule, SecretSpec, VAULT, names};

/// A vault that answers every request with a token in this way.
fn answering(status: u16, code: &str, inner: &str, message: &str) -> Rule {
    let body = serde_json::json!({ "error": { "code": code, "message": message, "innererror": { "code": inner } } });
    Rule::new(VAULT, "/", Action::json(status, body.to_string())).with_credential()
}

causes! {
    expired_token: on(Host::AppService)
        .rule(answering(401, "Unauthorized", "TokenExpired", "[TokenExpired] Error validating token: 'S2S12086'.")), 4,
        "token-expired", "curl -sI https://my-vault.vault.azure.net/ | grep -i ^date:";
    wrong_audience: on(Host::AppService)
        .rule(answering(401, "Unauthorized", "", "AKV10022: Invalid audience. Expected https://vault.azure.net, found: x.")), 4,
        "wrong-audience", "az cloud show";
    rejected_token: on(Host::AppService)
        .rule(answering(401, "Unauthorized", "", "AKV10000: Error validating token: 'S2S17001'.")), 4,
        "unauthorized", "azfob whoami";
    unknown_refusal: on(Host::AppService).rule(answering(403, "Forbidden", "FullMoon", "The moon is full.")), 5,
        "forbidden", "az keyvault show --name my-vault --query";
    unavailable_vault: on(Host::AppService).rule(answering(500, "InternalError", "", "oops")), 1,
        "vault-unavailable", "curl -sv -o /dev/null https://my-vault.vault.azure.net/healthstatus";
    no_access_policy_for_user: on(Host::AzureCli).fault(Fault::AccessPolicy), 5, "forbidden-access-policy",
        "--object-id eeeeeeee-4444-5555-6666-ffffffffffff --secret-permissions get list";
    no_role_for_user: on(Host::AzureCli).fault(Fault::Forbidden), 5, "forbidden-rbac",
        "--assignee-principal-type User --scope /subscriptions/";
}

/// The facts of a refusal are read from its body: action, resource, principal, assignment.
#[test]
fn missing_role_facts_are_shown() {
    let report = Report::of(&on(Host::AppService).fault(Fault::Forbidden));
    let detail = report.json["findings"][0]["detail"].as_str().unwrap();
    for part in [
        names::SYSTEM_OBJECT_ID,
        "ManagedIdentityCredential",
        "required action: Microsoft.KeyVault/vaults/secrets/getSecret/action",
        names::TENANT_ID,
    ] {
        assert!(detail.contains(part), "{part} is not in {detail}");
    }
    assert_eq!(report.finding("role-propagation")["severity"], "note");
    assert_eq!(report.finding("management-role")["severity"], "note");
    assert!(report.finding("role-propagation")["fix"].as_str().unwrap().contains("--wait-for-access"));
}

#[test]
fn deny_assignment_is_shown() {
    let message = "Caller is not authorized to perform action on resource.\r\nAction: 'a/b'\r\nResource: \
                   '/subscriptions/s'\r\nAssignment: (not found)\r\nDenyAssignmentId: 'd-1'\r\n";
    let report = Report::of(&on(Host::AppService).rule(answering(403, "Forbidden", "ForbiddenByRbac", message)));
    let detail = report.json["findings"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("blocked by deny assignment d-1"), "{detail}");
}

/// Listing is allowed and reading is not: Key Vault Reader.
#[test]
fn reader_role_is_recognized() {
    let report = Report::of(&on(Host::AppService).fault(Fault::Reader)).exits_with(5);
    assert_eq!(report.check("list")["status"], "ok");
    assert_eq!(report.check("get")["status"], "failed");
    assert!(report.json["findings"][0]["detail"].as_str().unwrap().contains("Key Vault Reader"));
}

/// Reading a secret by name does not need the list permission.
#[test]
fn refused_list_is_a_note_if_reading_works() {
    let list = serde_json::json!({ "error": { "code": "Forbidden", "message": "no",
        "innererror": { "code": "ForbiddenByRbac" } } });
    let scenario = on(Host::AppService)
        .rule(Rule::new(VAULT, "/secrets/", Action::Late(std::time::Duration::ZERO)).with_credential())
        .rule(Rule::new(VAULT, "/secrets", Action::json(403, list.to_string())).with_credential());
    let report = Report::of(&scenario).exits_with(0).has_cause("list-denied");
    assert_eq!(report.json["findings"][0]["severity"], "note");
    assert_eq!((&report.check("list")["status"], &report.check("get")["status"]), (&"warning".into(), &"ok".into()));
    let isolated = Report::with(&scenario, &[]).exits_with(5);
    assert_eq!(isolated.check("list")["status"], "failed");
}

#[test]
fn similar_names_are_suggested() {
    let report = Report::with(&on(Host::AppService), &["--secret", "api-key"]).exits_with(6);
    let report = report.has_cause("secret-not-found");
    assert!(report.json["findings"][0]["detail"].as_str().unwrap().contains("did you mean ApiKey?"));
}

#[test]
fn differing_tenants_are_shown() {
    let report = Report::of(&on(Host::AppService).fault(Fault::WrongTenant));
    assert_eq!(report.check("tenant")["status"], "failed");
    let detail = report.json["findings"][0]["detail"].as_str().unwrap();
    assert!(detail.contains(names::TENANT_ID) && detail.contains(names::OTHER_TENANT_ID), "{detail}");
    assert_eq!(report.json["vault"]["tenantId"], names::OTHER_TENANT_ID);
}

/// A network refusal needs no role.
#[test]
fn network_refusal_suggests_no_role() {
    for fault in [Fault::Firewall, Fault::PrivateLink] {
        let report = Report::of(&on(Host::AppService).fault(fault));
        assert!(!report.text().contains("role assignment") && !report.has("role-propagation"), "{fault}");
        assert!(report.json["findings"][0]["detail"].as_str().unwrap().contains(names::CLIENT_ADDRESS));
    }
}

#[test]
fn access_policy_vault_suggests_no_role() {
    let report = Report::of(&on(Host::AppService).fault(Fault::AccessPolicy));
    assert_eq!(report.finding("access-policy-vault")["severity"], "note");
    assert!(!report.text().contains("role assignment create"));
}

#[test]
fn access_policies_that_allow_are_noted() {
    let report = Report::of(&on(Host::AppService).fault(Fault::AllowedByPolicy)).exits_with(0);
    assert_eq!(report.finding("access-policy-vault-probable")["severity"], "note");
    assert!(!report.has("access-policy-vault"));
    assert!(!Report::of(&on(Host::AppService)).has("access-policy-vault-probable"));
    // Reading is allowed, and a policy refuses the list.
    let refused = answering(403, "Forbidden", "AccessDenied", "does not have secrets list permission on key vault 'v'");
    let list_only = refused.times(1);
    let report = Report::of(&on(Host::AppService).rule(list_only)).exits_with(0);
    assert!(report.has("access-policy-vault") && report.has("list-denied"));
    // An emulator that is not Key Vault shows nothing.
    let other = Rule::new(VAULT, "/secrets", Action::json(200, r#"{"value":[]}"#)).with_credential();
    assert!(!Report::of(&on(Host::AppService).rule(other)).has("access-policy-vault-probable"));
}

/// The value that was read is discarded and is in no output.
#[test]
fn value_is_in_no_output() {
    let value = "a-value-that-is-nowhere-else";
    let scenario = on(Host::AppService).secret_spec(SecretSpec::new(SECRET, value).expires(1));
    for output in ["table", "json", "markdown"] {
        let outcome = scenario.azfob(["diagnose", "--secret", SECRET, "-o", output, "-v"]);
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        assert!(!outcome.text().contains(value) && !outcome.stderr.contains(value));
    }
}

/// A refusal of all requests is reported once, without advice about roles.
#[test]
fn list_failure_of_same_cause_is_no_finding() {
    for fault in [Fault::Throttled, Fault::WrongTenant, Fault::ClockSkew] {
        let report = Report::of(&on(Host::AppService).fault(fault));
        assert!(!report.has("list-denied") && !report.has("token-expired"), "{fault}: {}", report.text());
        assert!(!report.text().contains("Secrets User"), "{fault}: {}", report.text());
    }
}

/// A host without an identity, and a developer's sign-in: the first documented row is a note.
#[test]
fn host_without_identity_is_noted_if_az_is_used() {
    let scenario = on(Host::AzureCli).var("WEBSITE_SITE_NAME", "my-app").var("WEBSITE_RESOURCE_GROUP", "my-group");
    let report = Report::of(&scenario).exits_with(0);
    assert_eq!(report.finding("managed-identity-unavailable")["severity"], "note");
    assert_eq!(report.json["selected"], "AzureCliCredential");
}

/// A secret before its start date is not an expired one.
#[test]
fn not_yet_valid_secret_is_reported() {
    let spec = SecretSpec::new(SECRET, "v").not_before(4_102_444_800);
    let report = Report::of(&on(Host::AppService).secret_spec(spec)).exits_with(0).has_cause("secret-not-yet-valid");
    assert!(!report.text().contains("expired"), "{}", report.text());
}

/// A certificate or an encoded file is noted as `get` does.
#[test]
fn certificate_and_encoded_file_are_noted() {
    let pfx = SecretSpec::new(SECRET, "YQ==").content_type("application/x-pkcs12");
    let tagged = SecretSpec::new(SECRET, "YQ==").tag("file-encoding", "base64");
    for (secret, message) in [(pfx, "or --decode base64"), (tagged, "tag file-encoding=base64")] {
        let report = Report::of(&on(Host::AppService).secret_spec(secret)).exits_with(0).has_cause("secret-is-a-file");
        let finding = report.finding("secret-is-a-file");
        assert_eq!(finding["severity"], "note");
        assert!(finding["detail"].as_str().unwrap().contains(message), "{finding:#}");
    }
    assert!(!Report::of(&on(Host::AppService)).has("secret-is-a-file"));
}

/// A refusal names credential, object ID and tenant of the identity.
#[test]
fn every_refusal_names_identity() {
    let (by_access, by_network) = ([Fault::Forbidden, Fault::AccessPolicy], [Fault::Firewall, Fault::PrivateLink]);
    let by_token = [Fault::WrongTenant, Fault::Revoked, Fault::SigningKey, Fault::ClockSkew, Fault::Disabled];
    let refusals = by_access.into_iter().chain(by_network).chain(by_token);
    for fault in refusals {
        let outcome = on(Host::AppService).fault(fault).azfob(["get", SECRET]);
        let outcome = outcome.shows(names::SYSTEM_OBJECT_ID).shows("ManagedIdentityCredential, system-assigned");
        outcome.shows(&format!("tenant {}", names::TENANT_ID));
    }
}
