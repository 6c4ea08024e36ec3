//! `azfob list --certificates`: thumbprint and expiry, and with `--wide` what one more request for each shows.

use azfob::testing::sandbox::{CertificatePolicySpec, SandboxPlan};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::support::{Action, Fault, Host, Rule, Scenario, SecretSpec, VAULT};

use super::{JANUARY_2025, YEAR_2100};

/// The certificate of `tests/keys/client.crt`, and its thumbprint by `openssl x509 -fingerprint`.
const CERTIFICATE: &str = include_str!("../keys/client.crt");
const THUMBPRINT: &str = "F93D21CAC82C30D05F9F7848E9CA0800E247C364";

/// A vault with three certificates, one of them in a PFX, and a secret.
fn scenario() -> Scenario {
    let policy = |issuer: &str, auto_renew, days| CertificatePolicySpec {
        issuer: issuer.to_owned(),
        auto_renew,
        days_before_expiry: days,
        ..CertificatePolicySpec::new("CN=app.contoso.example")
    };
    let pfx = STANDARD.encode(include_bytes!("../keys/no-password.pfx"));
    let secrets = vec![
        SecretSpec::new("plain", "the-value-1"),
        SecretSpec::new("web", CERTIFICATE)
            .expires(YEAR_2100)
            .tag("owner", "me")
            .certificate(policy("Self", true, None)),
        SecretSpec::new("api", pfx).expires(JANUARY_2025).certificate(policy("DigiCert", true, Some(30))),
        SecretSpec::new("imported", CERTIFICATE).expires(YEAR_2100).certificate(policy("Unknown", true, None)),
    ];
    Scenario::on(Host::AppService).plan(|plan| SandboxPlan { secrets, ..plan })
}

fn cells(line: &str) -> Vec<String> {
    line.split("  ").map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[test]
fn table_has_thumbprint_and_expiry() {
    let outcome = scenario().azfob(["list", "--certificates"]).succeeds();
    let text = outcome.text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(cells(lines[0]), ["NAME", "ENABLED", "UPDATED", "EXPIRES", "THUMBPRINT", "TAGS"]);
    let names: Vec<_> = lines[1..].iter().map(|line| cells(line)[0].clone()).collect();
    assert_eq!(names, ["api", "imported", "web"], "no plain secret");
    assert!(cells(lines[1])[3].starts_with("expired ") && cells(lines[1])[4] == THUMBPRINT, "{text}");
    assert_eq!(cells(lines[3])[4..], [THUMBPRINT, "owner=me"]);
    let paths: Vec<_> = outcome.requests_to(VAULT).iter().map(|request| request.path.clone()).collect();
    assert_eq!(paths, ["/certificates"], "one request");
}

#[test]
fn wide_adds_subject_and_auto_renewal() {
    let outcome = scenario().azfob(["list", "--certificates", "--wide"]).succeeds();
    let text = outcome.text();
    let last = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        cells(line).into_iter().rev().take(2).collect::<Vec<_>>()
    };
    assert_eq!(last("NAME"), ["AUTO-RENEWAL", "SUBJECT"]);
    assert_eq!(last("web"), ["at 80 % of its lifetime", "CN=app.contoso.example"]);
    assert_eq!(last("api"), ["30 days before expiry", "CN=app.contoso.example"]);
    assert_eq!(last("imported"), ["no", "CN=app.contoso.example"], "Key Vault cannot renew it");
    assert_eq!(outcome.requests_to(VAULT).len(), 4);

    // Only what the filters leave is requested.
    let one = scenario().azfob(["list", "--certificates", "--wide", "--match", "w*", "-o", "tsv"]).succeeds();
    assert_eq!(one.requests_to(VAULT).len(), 2);
    let text = one.text();
    let row: Vec<_> = text.trim_end().split('\t').collect();
    assert_eq!((row.len(), row[0], row[4]), (8, "web", THUMBPRINT));
    assert_eq!(row[6..], ["CN=app.contoso.example", "at 80 % of its lifetime"]);
}

#[test]
fn json_matches_az() {
    let shown = scenario().azfob(["list", "--certificates", "-o", "json"]).succeeds().json();
    let web = &shown[2];
    let keys: Vec<_> = web.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["attributes", "id", "name", "subject", "tags", "x509Thumbprint", "x509ThumbprintHex"]);
    assert_eq!((&web["name"], &web["subject"]), (&"web".into(), &"".into()));
    assert_eq!(web["id"], "https://my-vault.vault.azure.net/certificates/web");
    assert_eq!(web["x509ThumbprintHex"], THUMBPRINT);
    let bytes = STANDARD.decode(web["x509Thumbprint"].as_str().unwrap()).unwrap();
    assert_eq!(bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>(), THUMBPRINT);
    let wide = scenario().azfob(["list", "--certificates", "--wide", "-o", "json"]).succeeds().json();
    let seen = |at: usize| (wide[at]["autoRenew"].clone(), wide[at]["issuer"].clone(), wide[at]["subject"].clone());
    assert_eq!(seen(0), (true.into(), "DigiCert".into(), "CN=app.contoso.example".into()));
    assert_eq!(seen(1), (false.into(), "Unknown".into(), "CN=app.contoso.example".into()));
}

#[test]
fn filters_apply_to_certificates() {
    let list = |arguments: &[&str]| {
        let arguments = [&["list", "--certificates", "-o", "name"], arguments].concat();
        scenario().azfob(arguments).succeeds().text()
    };
    assert_eq!(list(&["--expiring", "30d"]), "api\n");
    assert_eq!(list(&["--tag", "owner=me"]), "web\n");
    assert_eq!(list(&["--match", "*I*"]), "api\nimported\n");
    assert_eq!(list(&["--no-expiry"]), "");
    assert_eq!(scenario().azfob(["list", "--certificates", "--expiring", "30d", "--fail"]).code, Some(9));
    scenario().azfob(["list", "--certificates", "--deleted"]).fails(2).sends_no_request();
    scenario().azfob(["list", "--certificates", "--versions", "web"]).fails(2).sends_no_request();
    let many = (0..60).map(|n| SecretSpec::new(format!("c{n:02}"), CERTIFICATE).managed()).collect();
    let many = Scenario::on(Host::AppService).plan(|plan| SandboxPlan { secrets: many, ..plan });
    let outcome = many.azfob(["list", "--certificates", "--wide", "-o", "tsv"]).succeeds();
    assert_eq!(outcome.text().lines().count(), 60);
    assert!(outcome.text().lines().all(|line| line.ends_with("\tat 80 % of its lifetime")));
}

#[test]
fn secrets_user_cannot_list_certificates() {
    let scenario = scenario().fault(Fault::SecretsUser);
    scenario.azfob(["list"]).succeeds();
    let outcome = scenario.azfob(["list", "--certificates"]).fails(5);
    let outcome = outcome.shows("403 Forbidden on certificates: my-vault refused certificates/list");
    let outcome = outcome.shows("Key Vault Secrets User does not include certificates/read");
    let _ = outcome.shows("az role assignment create --role \"Key Vault Reader\" --assignee-object-id ");

    let policy = Scenario::on(Host::AppService).fault(Fault::AccessPolicy).azfob(["list", "--certificates"]).fails(5);
    policy.shows("(ForbiddenByPolicy)").shows("--certificate-permissions list");
}

#[test]
fn a_failed_detail_fails_the_list() {
    let refused = Rule::new(VAULT, "/certificates/api", Action::reply(404, "")).with_credential();
    let outcome = scenario().rule(refused).azfob(["list", "--certificates", "--wide"]).fails(6);
    outcome.shows("my-vault answered 404 to certificates/get on 'api'");
    let other = r#"{"id":"https://my-vault.vault.azure.net/certificates/web/0a","policy":{}}"#;
    let other = Rule::new(VAULT, "/certificates/api", Action::json(200, other)).with_credential();
    let outcome = scenario().rule(other).azfob(["list", "--certificates", "--wide"]).fails(1);
    outcome.shows("is not the requested certificate");
    let secret = r#"{"value":[{"id":"https://my-vault.vault.azure.net/secrets/web"}],"nextLink":null}"#;
    let secret = Rule::new(VAULT, "/certificates", Action::json(200, secret)).with_credential();
    let outcome = scenario().rule(secret).azfob(["list", "--certificates"]).fails(1);
    outcome.shows("is not a page of this vault's certificates");
}
