//! `azfob explain`: a code, a status, an exit code, or all that is known, with nothing asked of anybody.

use azfob::door::rows;
use azfob::door::sandbox::FAULTS;

use super::on;
use crate::support::{Fault, Host, Outcome, at_once};

fn explain(arguments: &[&str]) -> Outcome {
    on(Host::Nothing).azfob(["explain"].iter().chain(arguments)).asks_nobody()
}

#[test]
fn a_number_is_an_exit_code_a_status_or_one_of_entra_ids() {
    for (code, about, findings) in [
        ("0", "exit code 0: done", &[][..]),
        ("1", "exit code 1: ", &["vault-in-trouble"]),
        ("2", "exit code 2: ", &["setting-malformed"]),
        ("3", "exit code 3: ", &["credential-unavailable", "managed-identity-unavailable"]),
        ("4", "exit code 4: ", &["sign-in-refused"]),
        ("5", "exit code 5: ", &["forbidden-rbac", "forbidden-access-policy", "forbidden-firewall"]),
        ("6", "exit code 6: ", &["secret-not-found"]),
        ("exit code 7", "exit code 7: ", &["unreachable", "vault-name-unknown"]),
        ("8", "exit code 8: ", &["throttled"]),
        ("400", "HTTP 400: Bad Request", &["secret-name-invalid"]),
        ("401", "HTTP 401: Unauthorized", &["wrong-tenant", "wrong-audience"]),
        ("403", "HTTP 403: Forbidden", &["forbidden-rbac", "forbidden-access-policy", "forbidden-firewall"]),
        ("404", "HTTP 404: Not Found", &["secret-not-found"]),
        ("407", "HTTP 407: Proxy", &["proxy-refused"]),
        ("429 Too Many Requests", "HTTP 429: Too Many Requests", &["throttled"]),
        ("HTTP 503", "HTTP 503: ", &["vault-in-trouble"]),
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
fn what_nobody_knows_is_1_with_a_sentence() {
    for code in ["9", "299", "hello", "AADSTS99999999"] {
        let _ = explain(&[code]).fails(1).tells("is no code that azfob knows");
    }
    let _ = explain(&["403", "--list"]).fails(2);
    let _ = explain(&["hello"]).fails(1).tells("; `azfob explain --list` has them all\n");
    for (typed, meant) in
        [("forbiden", "forbidden"), ("Secret-notfound", "secret-not-found"), ("throtled", "throttled")]
    {
        let _ =
            explain(&[typed]).fails(1).tells(&format!("'{typed}' is no code that azfob knows; did you mean {meant}?"));
    }
}

/// The likeliest cause of several is told whole, the others by their codes.
#[test]
fn people_read_the_likeliest_cause_whole() {
    let text = explain(&["403", "--vault", "my-vault"]).succeeds().text();
    assert!(
        text.starts_with("HTTP 403: Forbidden: the vault knows who asks, and refuses\n\n403 Forbidden\n"),
        "{text}"
    );
    assert!(text.contains("az role assignment create") && text.contains("az keyvault show --name my-vault"), "{text}");
    assert!(text.contains("\nforbidden-firewall            The vault's firewall does not let"), "{text}");
    assert_eq!(text.matches("   fix ").count() + text.matches("\nfix ").count(), 1, "{text}");
}

#[test]
fn without_a_code_everything_is_listed() {
    let list = explain(&["--list"]).succeeds().text();
    assert_eq!(explain(&[]).succeeds().text(), list);
    for row in rows() {
        assert!(list.lines().any(|line| line.starts_with(&format!("{} ", row.code))), "{}", row.code);
    }
    let findings = explain(&["--list", "-o", "json"]).succeeds().json()["findings"].as_array().map(Vec::len);
    assert_eq!(findings, Some(rows().count()));
}

#[test]
fn diagnose_explains_the_same() {
    for code in ["403", "5", "AADSTS700213"] {
        let diagnosed = on(Host::Nothing).azfob(["diagnose", "--explain", code]).succeeds().text();
        assert_eq!(explain(&[code]).succeeds().text(), diagnosed);
    }
}

#[test]
fn the_secret_and_the_vault_are_filled_into_the_commands() {
    let text = explain(&["SecretDisabled", "--vault", "my-vault", "--secret", "ApiKey"]).succeeds().text();
    assert!(text.contains("--vault-name my-vault --name ApiKey --enabled true"), "{text}");
}

#[test]
fn the_page_that_tells_it_in_full_is_named() {
    let text = explain(&["403"]).succeeds().text();
    assert!(
        text.contains("\nmore   https://github.com/azfob/azfob/blob/main/docs/errors.md#forbidden-rbac\n"),
        "{text}"
    );
    let text = explain(&["AADSTS700213"]).succeeds().text();
    assert!(text.ends_with("/docs/errors.md#aadsts700213\n"), "{text}");
}

/// One road for both: the words are always the same, and the commands where the failure told nothing that a code does not.
#[test]
fn a_code_is_explained_as_the_failure_itself() {
    // The tenant, the identity, the address, the host's name and the proxy are told by the answer alone.
    let says_more = [
        "AADSTS50076",
        "AADSTS700082",
        "certificate-not-trusted",
        "forbidden-access-policy",
        "forbidden-firewall",
        "forbidden-rbac",
        "identity-shadowed",
        "session-revoked",
        "several-identities",
    ];
    at_once(FAULTS, |fault| {
        let host = fault.hosts.first().copied().unwrap_or(Host::AppService);
        let there = on(host).secret("ApiKey", "x").fault(fault.fault);
        let report = there.azfob(["diagnose", "--secret", "ApiKey", "--timeout", "5", "-o", "json"]).json();
        for live in report["findings"].as_array().expect("a list") {
            let code = live["code"].as_str().expect("a row's code");
            let explained =
                there.azfob(["explain", code, "--vault", "my-vault", "--secret", "ApiKey", "-o", "json"]).json();
            let told = &explained["findings"][0];
            for words in ["code", "error", "cause", "fix", "source"] {
                assert_eq!(told[words], live[words], "{fault:?}: {words}");
            }
            // Where another credential would have been let in, its shadow is the error, and the refusal is not.
            let is_shadowed = fault.fault == Fault::Shadowed && ["forbidden-rbac", "identity-shadowed"].contains(&code);
            assert_eq!(told["severity"] != live["severity"], is_shadowed, "{fault:?}: {code}");
            let told_more = told["commands"] != live["commands"];
            assert_eq!(told_more, says_more.contains(&code), "{fault:?}: {told:#} {live:#}");
        }
    });
}
