//! Tests of the sign-in page and of the codes that it issues.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::*;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REDIRECT: &str = "http://localhost:8400";
const SCOPE: &str = "https://vault.azure.net/.default";

fn started(fault: Option<Fault>) -> Sandbox {
    let plan = SandboxPlan::new(EmulatedHost::Browser);
    Sandbox::start(SandboxPlan { faults: fault.into_iter().collect(), ..plan }).unwrap()
}

/// Requests the sign-in page, with these parameters in place of the usual ones.
fn page(sandbox: &Sandbox, tenant: &str, changed: &[(&str, &str)]) -> Response {
    let challenge = URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, VERIFIER.as_bytes()));
    let usual = [
        ("client_id", names::AZURE_CLI_CLIENT_ID),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("response_mode", "form_post"),
        ("scope", SCOPE),
        ("state", "the-state"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let value = |name: &str, usual| changed.iter().find(|(other, _)| *other == name).map_or(usual, |(_, value)| *value);
    let pairs = usual.iter().map(|(name, usual)| (*name, value(name, *usual))).filter(|(_, value)| !value.is_empty());
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    get(sandbox, LOGIN, &format!("/{tenant}/oauth2/v2.0/authorize?{query}"), "")
}

/// Returns a field of the page's form.
fn field(page: &Response, name: &str) -> Option<String> {
    let (_, rest) = page.body.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

/// Redeems a code, with these fields in place of the usual ones. Returns the reply.
fn redeem(sandbox: &Sandbox, code: &str, changed: &[(&str, &str)]) -> Response {
    let usual = [
        ("client_id", names::AZURE_CLI_CLIENT_ID),
        ("grant_type", "authorization_code"),
        ("code", code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", REDIRECT),
        ("scope", SCOPE),
    ];
    let value = |name: &str, usual| changed.iter().find(|(other, _)| *other == name).map_or(usual, |(_, value)| *value);
    let form: Vec<_> =
        usual.iter().map(|(name, usual)| (*name, value(name, *usual))).filter(|(_, v)| !v.is_empty()).collect();
    post(sandbox, "/organizations/oauth2/v2.0/token", &form)
}

fn aadsts(answer: &Response) -> u64 {
    answer.json()["error_codes"][0].as_u64().unwrap_or_else(|| panic!("{}", answer.body))
}

#[test]
fn user_is_sent_back_with_a_code_for_one_token() {
    let sandbox = started(None);
    let page = page(&sandbox, "organizations", &[]);
    assert_eq!(page.status, 200);
    assert!(page.body.contains(&format!("<form method=\"post\" action=\"{REDIRECT}\">")), "{}", page.body);
    assert_eq!(field(&page, "state").as_deref(), Some("the-state"));
    let code = field(&page, "code").unwrap();
    let token = redeem(&sandbox, &code, &[]).json();
    let header = format!("Authorization: Bearer {}\r\n", token["access_token"].as_str().unwrap());
    assert_eq!(get(&sandbox, VAULT, "/secrets/ApiKey?api-version=7.4", &header).status, 200);
    assert_eq!(aadsts(&redeem(&sandbox, &code, &[])), 54_005, "a code is for one use");
    assert!(sandbox.secrets_in_use().contains(&code));
}

#[test]
fn code_is_bound_to_its_request() {
    let sandbox = started(None);
    for (changed, code) in [
        (("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXj"), 501_481),
        (("code_verifier", ""), 501_481),
        (("redirect_uri", "http://localhost:8401"), 500_112),
        (("client_id", "another"), 70_000),
        (("code", "another"), 70_000),
        (("code", ""), 900_144),
    ] {
        let page = page(&sandbox, "organizations", &[]);
        assert_eq!(aadsts(&redeem(&sandbox, &field(&page, "code").unwrap(), &[changed])), code, "{changed:?}");
    }
    // Without a challenge there is nothing to verify.
    let page = page(&sandbox, "organizations", &[("code_challenge", ""), ("code_challenge_method", "")]);
    let code = field(&page, "code").unwrap();
    assert_eq!(aadsts(&redeem(&sandbox, &code, &[])), 501_481);
    assert_eq!(redeem(&sandbox, &code, &[("code_verifier", "")]).status, 200);
}

#[test]
fn errors_of_the_client_are_shown_on_the_page() {
    let sandbox = started(None);
    for (tenant, changed, code) in [
        ("organizations", ("redirect_uri", "https://contoso.example"), "AADSTS50011: "),
        ("organizations", ("redirect_uri", "http://localhost:8400/path"), "AADSTS50011: "),
        ("organizations", ("redirect_uri", "http://localhost.contoso.example"), "AADSTS50011: "),
        ("organizations", ("client_id", "another"), "AADSTS700016: "),
        ("contoso.example", ("state", "s"), "AADSTS90002: "),
    ] {
        let page = page(&sandbox, tenant, &[changed]);
        assert!(page.status == 400 && page.body.contains(code) && !page.body.contains("<form"), "{}", page.body);
    }
}

#[test]
fn errors_of_the_request_are_sent_back() {
    let sandbox = started(None);
    for (changed, error, code) in [
        (("response_type", "token"), "unsupported_response_type", "AADSTS70005: "),
        (("scope", "https://contoso.example/.default"), "invalid_resource", "AADSTS500011: "),
        (("code_challenge_method", "plain"), "invalid_request", "AADSTS501491: "),
    ] {
        let page = page(&sandbox, "organizations", &[changed]);
        assert_eq!(field(&page, "error").as_deref(), Some(error), "{}", page.body);
        assert!(field(&page, "error_description").unwrap().starts_with(code), "{}", page.body);
        assert_eq!((field(&page, "code"), field(&page, "state").as_deref()), (None, Some("the-state")));
    }
    let query = page(&sandbox, "organizations", &[("response_mode", "query")]);
    assert_eq!(query.status, 302);
    assert!(query.raw_head.contains(&format!("Location: {REDIRECT}?code=1.")), "{}", query.raw_head);
}

#[test]
fn sign_in_faults_look_like_the_real_ones() {
    let page = |fault| page(&started(Some(fault)), "organizations", &[]);
    let cancelled = page(Fault::SignInCancelled);
    assert_eq!(field(&cancelled, "error").as_deref(), Some("access_denied"));
    assert_eq!(field(&cancelled, "error_subcode").as_deref(), Some("cancel"));
    let consent = page(Fault::ConsentRequired);
    assert_eq!(field(&consent, "error").as_deref(), Some("consent_required"));
    assert!(field(&consent, "error_description").unwrap().starts_with("AADSTS65001: "));
    let other = page(Fault::WrongState);
    assert!(field(&other, "code").is_some() && field(&other, "state").is_some_and(|state| state != "the-state"));
    assert!(page(Fault::RedirectUri).body.contains("AADSTS50011: The redirect URI &#39;http://localhost:8400&#39;"));
    assert!(!page(Fault::NoIdentity).body.contains("<form"));
}
