//! Retries: which requests are retried, when, and for how long.

use std::time::Duration;

use crate::support::{Action, Fault, Host, Rule, Scenario, VAULT, in_parallel};

/// The path of a secret's value. The challenge is requested from another path.
const SECRET: &str = "/secrets/ApiKey";

fn throttled() -> Action {
    Action::json(429, r#"{"error":{"code":"Throttled","message":"too many requests"}}"#)
}

fn scenario(action: Action) -> Scenario {
    Scenario::on(Host::AppService).rule(Rule::new(VAULT, SECRET, action).times(1))
}

/// A `Retry-After` below the first wait of azfob shortens nothing.
#[test]
fn retry_after_is_respected() {
    let cases = [
        ("Retry-After", "0", 750),
        ("retry-after-ms", "5", 750),
        ("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT", 750),
        ("Retry-After", "2", 2000),
        ("x-ms-retry-after-ms", "1200", 1200),
    ];
    in_parallel(cases, |(name, value, least)| {
        let outcome = scenario(throttled().header(name, value)).azfob(["get", "ApiKey"]).succeeds();
        assert_eq!(outcome.requests_to(VAULT).iter().filter(|r| r.authorized).count(), 2);
        let _ = outcome.takes(Duration::from_millis(least)).within(Duration::from_secs(5));
    });
}

#[test]
fn default_wait_is_one_second() {
    let outcome = scenario(throttled()).azfob(["get", "ApiKey"]).succeeds();
    // Up to a quarter of the wait is random, so that many clients do not return at once.
    let _ = outcome.takes(Duration::from_millis(750));
}

/// `Retry-After: 0` does not cause rapid retries, and retries continue until the time limit.
#[test]
fn throttled_vault_is_retried_until_time_limit() {
    in_parallel(["0", ""], |wish| {
        let action = if wish.is_empty() { throttled() } else { throttled().header("Retry-After", wish) };
        let scenario = Scenario::on(Host::AppService).rule(Rule::new(VAULT, SECRET, action));
        let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "5"]).fails(8);
        // The waits are 0.75 s and then at least 1 s each; the remaining time is for one more attempt.
        let requests = outcome.requests_to(VAULT).iter().filter(|r| r.authorized).count();
        assert!((3..=5).contains(&requests), "{requests}");
        let _ = outcome.takes(Duration::from_secs(3)).within(Duration::from_secs(8));
    });
}

#[test]
fn transient_failures_are_retried() {
    in_parallel([408, 429, 500, 502, 503, 504], |status| {
        let action = Action::reply(status, "").header("Retry-After", "0");
        let outcome = scenario(action).azfob(["get", "ApiKey"]).succeeds();
        assert_eq!(outcome.requests_to(VAULT).iter().filter(|r| r.authorized).count(), 2, "{status}");
        let _ = outcome.takes(Duration::from_millis(750));
    });
}

#[test]
fn final_refusals_are_not_retried() {
    for (status, code) in [(400, 1), (401, 4), (403, 5), (404, 6), (405, 1), (409, 1), (413, 1), (501, 1)] {
        let action = Action::json(status, r#"{"error":{"code":"X","message":"y"}}"#).header("Retry-After", "0");
        let rule = Rule::new(VAULT, SECRET, action);
        let outcome = Scenario::on(Host::AppService).rule(rule).azfob(["get", "ApiKey"]).fails(code);
        assert_eq!(outcome.requests_to(VAULT).iter().filter(|r| r.path.starts_with(SECRET)).count(), 1, "{status}");
    }
}

#[test]
fn broken_connection_is_retried() {
    let body = br#"{"value":"half of i"#.to_vec();
    for action in
        [Action::Close, Action::CutOff { status: 200, body: [body.clone(), vec![b' '; 50]].concat(), after: 10 }]
    {
        scenario(action).azfob(["get", "ApiKey"]).succeeds().within(Duration::from_secs(5));
    }
}

#[test]
fn repeatedly_broken_connection_is_unreachable() {
    let scenario = Scenario::on(Host::AppService).rule(Rule::new(VAULT, SECRET, Action::Close));
    let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]).fails(7).within(Duration::from_secs(5));
    outcome.shows("my-vault.vault.azure.net closed the connection before its response ended");
}

#[test]
fn wait_beyond_time_limit_is_not_started() {
    for wish in ["3600", "Fri, 31 Dec 2100 23:59:59 GMT", "18446744073709551615"] {
        let outcome = scenario(throttled().header("Retry-After", wish)).azfob(["get", "ApiKey", "--timeout", "30"]);
        outcome.fails(8).within(Duration::from_secs(5)).shows("429 Too Many Requests");
    }
}

#[test]
fn throttling_is_reported_at_time_limit() {
    // The refusal is the reason, whatever happens to the last attempt.
    in_parallel(["800ms", "900ms", "1s", "1100ms"], |limit| {
        let scenario = Scenario::on(Host::AppService).fault(Fault::Throttled);
        scenario.azfob(["get", "ApiKey", "--timeout", limit]).fails(8).within(Duration::from_secs(5));
    });
}

#[test]
fn everything_ends_at_timeout() {
    let rules = [
        Rule::new(VAULT, SECRET, Action::Hang),
        Rule::new(VAULT, "/", Action::Hang),
        Rule::connecting(VAULT, Action::Hang),
        Rule::new(VAULT, SECRET, Action::reply(503, "")),
    ];
    in_parallel(rules, |rule| {
        let scenario = Scenario::on(Host::AppService).rule(rule);
        let outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]);
        assert!(matches!(outcome.code, Some(1 | 7)), "{:?}\n{}", outcome.code, outcome.stderr);
        let _ = outcome.within(Duration::from_secs(4));
    });
}

#[test]
fn secrets_share_one_timeout() {
    let scenario = Scenario::on(Host::AppService).rule(Rule::new(VAULT, "/secrets/", Action::Hang));
    let outcome = scenario.azfob(["get", "ApiKey", "TlsCertificate", "DatabaseConnectionString", "--timeout", "1"]);
    let _ = outcome.fails(7).within(Duration::from_secs(4));
}
