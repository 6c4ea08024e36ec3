//! The token cache.

use std::fs;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use azfob::testing::sandbox::Sandbox;

use crate::support::{Action, Host, IDENTITY, Outcome, Rule, Scenario, VAULT, names, report_missing};

/// Tests share the user's kernel keyring.
static KEYRING: Mutex<()> = Mutex::new(());

/// A user who is signed in to az with a token cache. The az records each run.
struct CachingUser {
    scenario: Scenario,
    sandbox: Sandbox,
    _lock: MutexGuard<'static, ()>,
}

impl CachingUser {
    /// `None` if the kernel keyring is unavailable, as in containers that filter system calls.
    fn new(change: impl FnOnce(Scenario) -> Scenario) -> Option<Self> {
        let isolated = KEYRING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let scenario = Scenario::on(Host::AzureCli)
            .secret("ApiKey", "hunter2")
            .program("az", "echo asked >>\"$HOME/asked\"; exec \"${outer##*:}/az\" \"$@\"")
            .var("AZFOB_TOKEN_CACHE", "1");
        let azure = scenario.home().join(".azure");
        fs::create_dir(&azure).expect("a new home");
        fs::write(azure.join("azureProfile.json"), "{}").expect("az writes who is signed in");
        let scenario = change(scenario.var("AZURE_CONFIG_DIR", azure));
        let sandbox = scenario.sandbox();
        let person = CachingUser { scenario, sandbox, _lock: isolated };
        let there = !person.azfob(&["logout"]).stderr.contains("no kernel keyring");
        let warned = person.azfob(&["whoami"]).stderr.contains("no kernel keyring");
        fs::remove_file(person.scenario.home().join("asked")).expect("az was asked");
        person.azfob(&["logout"]).succeeds();
        if !there || warned {
            report_missing("the kernel's keyring", "tokens kept between runs");
            return None;
        }
        Some(person)
    }

    fn azfob(&self, arguments: &[&str]) -> Outcome {
        self.scenario.azfob_in(&self.sandbox, arguments, Stdio::piped())
    }

    fn requested(&self) -> usize {
        self.scenario.recorded("asked").lines().count()
    }
}

#[test]
fn repeated_runs_start_az_once() {
    let Some(person) = CachingUser::new(|scenario| scenario) else { return };
    for _ in 0..5 {
        let outcome = person.azfob(&["get", "ApiKey"]).succeeds().prints("hunter2");
        assert_eq!(outcome.stderr, "");
    }
    assert_eq!(person.requested(), 1);
    let me = person.azfob(&["whoami", "-o", "json"]).succeeds().json();
    assert!(me["cachedSince"].as_str().is_some_and(|since| since.ends_with("+00:00")), "{me:#}");
    let me = person.azfob(&["whoami"]).succeeds().text();
    assert!(me.contains("\n  cached since  ") && me.contains("token cache   on (from AZFOB_TOKEN_CACHE)"), "{me}");
    assert_eq!(person.requested(), 1);
    assert_eq!(person.azfob(&["logout"]).succeeds().text(), "1 cached token deleted\n");
    assert_eq!(person.azfob(&["logout"]).succeeds().text(), "no cached tokens\n");
    person.azfob(&["get", "ApiKey"]).succeeds();
    assert_eq!(person.requested(), 2);
    person.azfob(&["logout"]).succeeds();
}

#[test]
fn new_sign_in_gets_no_cached_token() {
    let Some(person) = CachingUser::new(|scenario| scenario) else { return };
    person.azfob(&["get", "ApiKey"]).succeeds();
    let profile = person.scenario.home().join(".azure/azureProfile.json");
    fs::write(profile, r#"{"subscriptions": ["another"]}"#).expect("az login");
    person.azfob(&["get", "ApiKey"]).succeeds();
    assert_eq!(person.requested(), 2);
    // Another tenant needs another token.
    let _ = person.azfob(&["get", "ApiKey", "--tenant", "contoso.example"]);
    assert_eq!(person.requested(), 3);
    person.azfob(&["logout"]).succeeds();
}

#[test]
fn rejected_cached_token_is_replaced() {
    let body = r#"{"error":{"code":"Unauthorized","message":"AKV10000: Error validating token."}}"#;
    let refuse =
        Rule { skip: 1, times: Some(1), authorized: Some(true), ..Rule::new(VAULT, "/", Action::json(401, body)) };
    let Some(person) = CachingUser::new(|scenario| scenario.rule(refuse)) else { return };
    for _ in 0..3 {
        person.azfob(&["get", "ApiKey"]).succeeds().prints("hunter2");
    }
    assert_eq!(person.requested(), 2, "the first run and the refusal");
    person.azfob(&["logout"]).succeeds();
}

#[test]
fn token_that_replaces_one_rejected_several_times_is_cached() {
    let body = r#"{"error":{"code":"Unauthorized","message":"AKV10000: Error validating token."}}"#;
    // Slow enough that the requests for all secrets are sent before the first answer ends.
    let refuse = Action::Trickle { status: 401, body: body.into(), pause: Duration::from_millis(10) };
    let secrets = ["one", "two", "three"];
    let Some(person) = CachingUser::new(|scenario| {
        secrets.iter().fold(scenario, |scenario, name| {
            let refuse = Rule::new(VAULT, format!("/secrets/{name}"), refuse.clone()).with_credential();
            scenario.secret(name, name).rule(refuse.skip(1).times(1))
        })
    }) else {
        return;
    };
    let requested = [1, 2, 3].map(|_| {
        person.azfob(&[&["get"], &secrets[..]].concat()).succeeds().prints("one\ntwo\nthree\n");
        person.requested()
    });
    assert_eq!(requested, [1, 2, 2], "the first run and the refusal");
    person.azfob(&["logout"]).succeeds();
}

const OTHER_VAULT: &str = "other-vault.vault.azure.net";

impl CachingUser {
    /// The requests to a vault since there were this many in all: if each had a token, and its answer.
    fn requests_to(&self, vault: &str, before: usize) -> Vec<(bool, Option<u16>)> {
        let requests = self.sandbox.requests();
        requests[before..].iter().filter(|r| r.host == vault).map(|r| (r.authorized, r.status)).collect()
    }
}

#[test]
fn a_kept_token_needs_no_challenge() {
    let Some(person) = CachingUser::new(|scenario| scenario) else { return };
    for expected in [&[(false, Some(401)), (true, Some(200))][..], &[(true, Some(200))]] {
        let before = person.sandbox.requests().len();
        person.azfob(&["get", "ApiKey"]).succeeds().prints("hunter2");
        assert_eq!(person.requests_to(VAULT, before), expected);
    }
    person.azfob(&["logout"]).succeeds();
}

#[test]
fn a_kept_token_goes_only_to_its_vault() {
    // The first challenge of the other vault fits, the second names a resource that is not a vault's.
    let challenge = |resource: &str| {
        let authority = format!("https://login.microsoftonline.com/{}", names::TENANT_ID);
        let header = format!("Bearer authorization=\"{authority}\", resource=\"{resource}\"");
        Action::json(401, "{}").header("WWW-Authenticate", &header)
    };
    let challenges = [challenge("https://evil.example"), challenge("https://vault.azure.net")];
    let bundle = format!(r#"{{"value":"other","id":"https://{OTHER_VAULT}/secrets/ApiKey/0a"}}"#);
    let Some(person) = CachingUser::new(|scenario| {
        let requested = Rule::new(OTHER_VAULT, "/", Action::InTurn(challenges.into())).without_credential();
        scenario.rule(requested).rule(Rule::new(OTHER_VAULT, "/", Action::json(200, bundle)).with_credential())
    }) else {
        return;
    };
    person.azfob(&["get", "ApiKey"]).succeeds().prints("hunter2");
    // Neither this vault's token nor the one that was requested for it reaches it, now or later.
    let other = ["get", "ApiKey", "--vault", "other-vault"];
    person.azfob(&other).fails(4).shows("no token was sent");
    assert_eq!((person.requests_to(OTHER_VAULT, 0), person.requested()), (vec![(false, Some(401))], 2));
    // One command reads from both: the challenge of the other is read.
    let before = person.sandbox.requests().len();
    let reference = format!("https://{OTHER_VAULT}/secrets/ApiKey");
    person.azfob(&["get", "ApiKey", &reference]).succeeds().prints("hunter2\nother\n");
    assert_eq!(person.requests_to(VAULT, before), [(true, Some(200))]);
    assert_eq!(person.requests_to(OTHER_VAULT, before), [(false, Some(401)), (true, Some(200))]);
    assert_eq!(person.requested(), 3);
    person.azfob(&["get", "ApiKey", &reference]).succeeds();
    assert_eq!(person.requested(), 3);
    person.azfob(&["logout"]).succeeds();
}

#[test]
fn rejected_new_token_is_not_cached() {
    let body = r#"{"error":{"code":"Unauthorized","message":"AKV10000: Error validating token."}}"#;
    let refuse = Rule { authorized: Some(true), ..Rule::new(VAULT, "/", Action::json(401, body)) };
    let Some(person) = CachingUser::new(|scenario| scenario.rule(refuse)) else { return };
    person.azfob(&["get", "ApiKey"]).fails(4);
    assert_eq!(person.azfob(&["logout"]).succeeds().text(), "no cached tokens\n");
}

/// az marks the tokens of an agent's session.
#[test]
fn token_of_agent_session_is_cached_for_that_session() {
    let Some(person) = CachingUser::new(|scenario| scenario) else { return };
    let get = |variables: &[(&str, &str)]| {
        let mut azfob = person.scenario.command(&person.sandbox, env!("CARGO_BIN_EXE_azfob").as_ref());
        azfob.envs(variables.iter().copied()).args(["get", "ApiKey"]);
        assert!(azfob.output().unwrap().status.success());
        person.requested()
    };
    let copilot = |id| [("COPILOT_AGENT_SESSION_ID", id)];
    let sessions = [get(&[]), get(&copilot("one")), get(&copilot("two")), get(&copilot("one")), get(&[])];
    assert_eq!(sessions, [1, 2, 3, 3, 3]);
    let claude = |id| [("CLAUDECODE", "1"), ("AI_AGENT", "claude-code"), ("CLAUDE_CODE_SESSION_ID", id)];
    assert_eq!([get(&claude("one")), get(&claude("two")), get(&claude("one"))], [4, 5, 5]);
    // Two sessions that look alike share nothing, and find no token from outside.
    for name in ["CLAUDECODE", "CURSOR_AGENT", "GEMINI_CLI", "AI_AGENT"] {
        let before = person.requested();
        assert_eq!([get(&[(name, "1")]), get(&[(name, "1")])], [before + 1, before + 2], "{name}");
    }
    person.azfob(&["logout"]).succeeds();
}

/// Containers of one user share the keyring. Linux gives the mount namespace of the second one the number of the first.
#[test]
fn token_of_other_container_is_not_used() {
    let Some(person) = CachingUser::new(|scenario| scenario) else { return };
    person.azfob(&["get", "ApiKey"]).succeeds();
    let in_container = |command: &str| {
        let mut unshare = person.scenario.command(&person.sandbox, "/usr/bin/unshare".as_ref());
        unshare.args(["--mount", "--pid", "--fork", "--mount-proc", "/bin/sh", "-c", command]).output()
    };
    if !in_container("true").is_ok_and(|output| output.status.success()) {
        report_missing("namespaces of mounts and processes", "tokens of another container");
        return;
    }
    let twice = format!("{0} get ApiKey && {0} get ApiKey", env!("CARGO_BIN_EXE_azfob"));
    for containers in 1..=2 {
        let output = in_container(&twice).unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(person.requested(), 1 + containers, "each container requests one token");
    }
    person.azfob(&["get", "ApiKey"]).succeeds();
    assert_eq!(person.requested(), 3);
    // Containers that share the processes of the machine have one process 1.
    for containers in 1..=2 {
        let mut unshare = person.scenario.command(&person.sandbox, "/usr/bin/unshare".as_ref());
        let output = unshare.args(["--mount", env!("CARGO_BIN_EXE_azfob"), "get", "ApiKey"]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(person.requested(), 3 + containers, "each container requests one token");
    }
    person.azfob(&["logout"]).succeeds();
}

/// az and azd sign in with the endpoint that a variable names, without a change in their files.
#[test]
fn token_of_other_endpoint_is_not_used() {
    let Some(person) = CachingUser::new(|scenario| scenario) else { return };
    let get = |name: &str, value: &str| {
        let mut azfob = person.scenario.command(&person.sandbox, env!("CARGO_BIN_EXE_azfob").as_ref());
        azfob.env(name, value).args(["get", "ApiKey", "--credential", "azure-cli"]);
        assert!(azfob.output().unwrap().status.success());
        person.requested()
    };
    for (name, requested) in
        [("MSI_ENDPOINT", [1, 2, 2]), ("AZD_AUTH_ENDPOINT", [3, 4, 4]), ("AZD_AUTH_KEY", [5, 6, 6])]
    {
        let ports = ["http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:1"];
        assert_eq!(ports.map(|port| get(name, port)), requested, "{name}");
    }
    person.azfob(&["logout"]).succeeds();
}

/// The metadata service throttles many processes: they can share a token.
#[test]
fn token_of_managed_identity_is_cached() {
    let Some(person) = CachingUser::new(|scenario| scenario) else { return };
    let scenario = Scenario::on(Host::Imds).secret("ApiKey", "hunter2").var("AZFOB_TOKEN_CACHE", "1");
    let requests = |arguments: &[&str]| scenario.azfob(arguments).requests_to(IDENTITY).len();
    let sandbox = scenario.sandbox();
    let get = || scenario.azfob_in(&sandbox, ["get", "ApiKey"], Stdio::piped()).succeeds().prints("hunter2");
    let first = get().requests_to(IDENTITY).len();
    assert!(first > 0 && get().requests_to(IDENTITY).len() == first, "the second run requests no token");
    // Another identity is another token.
    assert!(requests(&["get", "ApiKey", "--client-id", "99999999-0000-1111-2222-333333333333"]) > 0);
    person.azfob(&["logout"]).succeeds();
}

#[test]
fn tokens_are_cached_only_on_request_and_not_by_diagnose() {
    let Some(person) = CachingUser::new(|scenario| scenario) else { return };
    person.azfob(&["diagnose"]).succeeds();
    person.azfob(&["diagnose"]).succeeds();
    assert_eq!(person.requested(), 2);
    assert_eq!(person.azfob(&["logout"]).succeeds().text(), "no cached tokens\n");
    person.azfob(&["get", "ApiKey"]).succeeds();
    person.azfob(&["diagnose"]).succeeds();
    assert_eq!(person.requested(), 4, "diagnose uses no cached token");
    // Without the setting, no token is used or cached.
    let uncached = |value| {
        let mut azfob = person.scenario.command(&person.sandbox, env!("CARGO_BIN_EXE_azfob").as_ref());
        azfob.env("AZFOB_TOKEN_CACHE", value).args(["get", "ApiKey"]);
        assert!(azfob.output().unwrap().status.success());
    };
    uncached("0");
    assert_eq!(person.azfob(&["logout"]).succeeds().text(), "1 cached token deleted\n");
    uncached("");
    assert_eq!(person.requested(), 6);
    assert_eq!(person.azfob(&["logout"]).succeeds().text(), "no cached tokens\n");
}

#[test]
fn invalid_boolean_is_usage_error() {
    Scenario::on(Host::AzureCli)
        .var("AZFOB_TOKEN_CACHE", "maybe")
        .azfob(["get", "ApiKey"])
        .has_usage_error(&["AZFOB_TOKEN_CACHE", "expected 1 or 0"]);
}
