//! Developer tools that are broken or busy: the tool's own reason and its repair, never "sign in again".

use super::{Report, on};
use crate::support::{Host, Scenario, in_parallel};

const HEADING: &str = "ERROR: The command failed with an unexpected error. Here is the traceback:";
const END: &str = "To check existing issues, please visit: https://github.com/Azure/azure-cli/issues";

/// An az that reports a crash for this reason.
fn crashing(reason: &str) -> Scenario {
    printing(&format!("{HEADING}\nERROR: {reason}\nTraceback (most recent call last):\n  File \"x\"\n{END}"))
}

/// An az that prints this to stderr and fails.
fn printing(text: &str) -> Scenario {
    on(Host::Nothing).program("az", &format!("cat >&2 <<'END'\n{text}\nEND\nexit 1"))
}

#[test]
fn broken_tool_shows_its_own_reason_and_its_repair() {
    let lock = "/h/.azure/msal_token_cache.bin.lockfile";
    let cases = [
        (crashing(&format!("[Errno 13] Permission denied: '{lock}'")), "developer-tool-locked", lock),
        (
            crashing("[Errno 11] Resource temporarily unavailable"),
            "developer-tool-locked",
            "Resource temporarily unavailable",
        ),
        (
            printing(
                "Process 12 failed to create lock file\nTraceback (most recent call last):\n  File \"x\"\nportalocker.exceptions.AlreadyLocked: (BlockingIOError(11, 'Resource temporarily unavailable'), 4)",
            ),
            "developer-tool-locked",
            "AlreadyLocked",
        ),
        (
            crashing("[Errno 13] Permission denied: '/app/.azure/versionCheck.json'"),
            "developer-tool-config",
            "versionCheck.json",
        ),
        (
            printing(
                "Traceback (most recent call last):\n  File \"x\"\nOSError: [Errno 30] Read-only file system: '/.azure'",
            ),
            "developer-tool-config",
            "Read-only file system",
        ),
        (crashing("'NoneType' object has no attribute 'get'"), "developer-tool-failed", "'NoneType' object"),
        (
            printing("Traceback (most recent call last):\n  File \"az login\"\nImportError: no module named x"),
            "developer-tool-failed",
            "ImportError",
        ),
    ];
    in_parallel(cases, |(scenario, code, reason)| {
        let report = Report::of(&scenario).exits_with(3).has_cause(code);
        let first = report.json["findings"][0].to_string();
        assert!(first.contains(reason), "{reason} is not in {first}");
        for words in ["Here is the traceback", "az login", "ign in again", "curl", "To check existing issues"] {
            assert!(!first.contains(words), "{words} is in {first}");
        }
        scenario.azfob(["get", "ApiKey", "--timeout", "4"]).fails(3).shows(reason).never_shows("az login");
    });
}

/// A network failure in az has the same heading: its host is the one to test.
#[test]
fn network_failure_of_az_is_not_a_crash() {
    let pool = "HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded with url: /t";
    let proxy = format!(
        "{pool} (Caused by ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407 Proxy Authentication Required')))"
    );
    let report = Report::of(&crashing(&proxy)).exits_with(3).has_cause("proxy-refused");
    let first = report.json["findings"][0].to_string();
    assert!(first.contains("az sent this request, not azfob"), "{first}");
    assert!(!first.contains("vault.azure.net"), "{first}");
    let dns = format!(
        "{pool} (Caused by NameResolutionError(\"<x>: Failed to resolve 'login.microsoftonline.com' ([Errno -3] Temporary failure in name resolution)\"))"
    );
    let report = Report::of(&crashing(&dns)).exits_with(3).has_cause("dns-unavailable");
    assert!(!report.json["findings"][0].to_string().contains("my-vault"));
}

/// The first JSON object on stdout counts, whatever a wrapper prints around it.
#[test]
fn decoration_around_a_token_is_skipped() {
    let real = "\"${outer##*:}/az\" \"$@\"";
    for decorated in [
        format!("{real}; printf '\\033[0m\\n'"),
        format!("printf 'WARNING: {{old}}\\n'; {real}"),
        format!("printf '\\033[?25h'; {real}; echo done"),
    ] {
        let scenario = on(Host::AzureCli).secret("ApiKey", "hunter2");
        scenario.program("az", &decorated).azfob(["get", "ApiKey"]).succeeds().prints("hunter2");
    }
}

/// Output without a token is the tool's fault, and no command goes to the vault.
#[test]
fn output_without_a_token_never_leads_to_the_vault() {
    let report = Report::of(&on(Host::Nothing).program("az", "echo Welcome")).exits_with(3);
    let report = report.has_cause("developer-tool-output").has_command("az account get-access-token");
    let first = report.json["findings"][0].to_string();
    assert!(!first.contains("curl") && !first.contains("vault.azure.net/"), "{first}");
}

/// An az that refuses to run beside another one, as four do that start together.
#[test]
fn locked_cache_is_tried_once_more() {
    let real = "\"${outer##*:}/az\" \"$@\"";
    let refuse = format!(
        "printf '{HEADING}\\nERROR: [Errno 13] Permission denied: \\047/h/.azure/msal_token_cache.bin.lockfile\\047\\n' >&2"
    );
    let az =
        format!("echo run >>\"$HOME/runs\"; if mkdir \"$HOME/first\" 2>/dev/null; then {refuse}; exit 1; fi; {real}");
    let scenario = on(Host::AzureCli).secret("ApiKey", "hunter2").program("az", &az);
    scenario.azfob(["get", "ApiKey"]).succeeds().prints("hunter2");
    assert_eq!(scenario.recorded("runs").lines().count(), 2);
    // Locked for good: two runs, and the reason.
    let scenario = on(Host::AzureCli).program("az", &format!("echo run >>\"$HOME/runs\"; {refuse}; exit 1"));
    scenario.azfob(["get", "ApiKey"]).fails(3).shows("has locked the token cache").never_shows("az login");
    assert_eq!(scenario.recorded("runs").lines().count(), 2);
}
