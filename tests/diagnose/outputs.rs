//! Whole reports: on a terminal, in a pipe, in JSON and in Markdown. Review a changed snapshot as a user in an incident
//! would: `INSTA_UPDATE=always cargo test diagnose::outputs` accepts it.

use azfob::testing::Selection;

use super::{Report, SECRET, on};
use crate::support::{
    Action, Fault, Host, Outcome, Rule, Scenario, VAULT, names, normalized, without_unconfigured_credentials,
};

/// Declares a test for each report, with its scenario and arguments.
macro_rules! reports {
    ($($name:ident: $scenario:expr, $arguments:expr;)*) => {
        $(#[test]
        fn $name() {
            assert_screen(stringify!($name), &$scenario.azfob(["diagnose"].iter().chain($arguments.iter())));
        })*
    };
}

fn assert_screen(name: &str, outcome: &Outcome) {
    // `-v` logs to stderr.
    assert!(outcome.stderr.is_empty() || name.ends_with("verbose"), "{}", outcome.stderr);
    let text = without_unconfigured_credentials(&normalized(&outcome.text()));
    let whole = format!("{text}exit code {}", outcome.code.expect("a code"));
    insta::with_settings!({
        omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots/diagnose"
    }, {
        insta::assert_snapshot!(name, whole);
    });
}

const READ_SECRET: [&str; 2] = ["--secret", SECRET];
const NO_ARGUMENTS: [&str; 0] = [];

/// A developer's machine with all tools and no sign-in.
fn machine() -> Scenario {
    on(Host::Nothing)
        .program("az", "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1")
        .program("azd", "echo 'ERROR: not logged in, run `azd auth login` to login' >&2; exit 1")
}

reports! {
    healthy: on(Host::AppService), READ_SECRET;
    no_identity_on_app_service: on(Host::AppService).fault(Fault::NoIdentity), NO_ARGUMENTS;
    no_identity_on_a_virtual_machine: on(Host::Imds).fault(Fault::NoIdentity), NO_ARGUMENTS;
    no_role: on(Host::AppService).fault(Fault::Forbidden), READ_SECRET;
    no_role_verbose: on(Host::AppService).fault(Fault::Forbidden), ["--secret", SECRET, "-v"];
    no_secret: on(Host::AppService), ["--secret", "api-key"];
    no_credential: machine(), NO_ARGUMENTS;
    no_vault: machine().without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL"), NO_ARGUMENTS;
    firewall: on(Host::AppService).fault(Fault::Firewall), READ_SECRET;
    private_link: on(Host::AppService).fault(Fault::PrivateLink), READ_SECRET;
    access_policy: on(Host::AppService).fault(Fault::AccessPolicy), READ_SECRET;
    wrong_tenant: on(Host::AppService).fault(Fault::WrongTenant), READ_SECRET;
    tls_intercepted: on(Host::AppService).fault(Fault::TlsIntercepted), READ_SECRET;
    throttled: on(Host::AppService).fault(Fault::Throttled), ["--timeout", "2"];
    several_identities: on(Host::Imds).fault(Fault::MultipleIdentities), NO_ARGUMENTS;
    expired_login: on(Host::AzureCli).fault(Fault::ExpiredLogin), READ_SECRET;
    mfa_required: on(Host::AzureCli).fault(Fault::Mfa), READ_SECRET;
    shadowed: on(Host::AzureCli).fault(Fault::Shadowed), READ_SECRET;
    subject_not_trusted: super::chain::untrusted_subject(), READ_SECRET;
    in_markdown: on(Host::AppService).fault(Fault::Forbidden), ["--secret", SECRET, "-o", "markdown"];
    in_markdown_redacted: on(Host::Imds).fault(Fault::Forbidden), ["--secret", SECRET, "-o", "markdown", "--redact"];
    redacted: on(Host::AzureCli).fault(Fault::Forbidden), ["--secret", SECRET, "--redact"];
}

/// All documented keys, and those that were added later.
#[test]
fn json_has_documented_keys() {
    fn keys(value: &serde_json::Value) -> Vec<&str> {
        value.as_object().expect("an object").keys().map(String::as_str).collect()
    }
    let report = Report::of(&on(Host::AppService).fault(Fault::Forbidden));
    let sorted = |mut names: Vec<&'static str>| {
        names.sort_unstable();
        names
    };
    let json = &report.json;
    let is = |value: &serde_json::Value, names: &[&'static str]| {
        let mut found = keys(value);
        found.sort_unstable();
        assert_eq!(found, sorted(names.to_vec()));
    };
    is(json, &["schema", "ok", "exitCode", "verdict", "host", "selected", "settings", "chain", "vault", "findings"]);
    is(&json["host"], &["kind", "name", "namespace", "resourceGroup", "knownBy", "fittingCredential"]);
    is(
        &json["chain"][0],
        &["credential", "status", "message", "durationMs", "identity", "error", "searched", "federatedCredential"],
    );
    is(&json["vault"], &["url", "tenantId", "region", "cloud", "clientAddress", "checks"]);
    is(&json["vault"]["checks"][0], &["check", "status", "message", "durationMs"]);
    is(&json["findings"][0], &["code", "severity", "error", "cause", "fix", "commands", "detail", "source"]);
}

/// Errors precede warnings, and warnings precede notes.
#[test]
fn findings_are_sorted_by_severity() {
    let report = Report::of(&on(Host::AzureCli).fault(Fault::Forbidden).program("pwsh", "exit 3"));
    let severities: Vec<_> = report.json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["severity"].as_str().unwrap().to_owned())
        .collect();
    let rank = |severity: &String| ["error", "warning", "note"].iter().position(|s| s == severity).unwrap();
    assert!(severities.is_sorted_by_key(rank) && severities.len() > 2, "{severities:?}");
}

/// Snapshots omit the numbers.
#[test]
fn unconfigured_credentials_are_counted() {
    let others = Selection::names().split(", ").count() - 2;
    let text = on(Host::AppService).azfob(["diagnose"]).succeeds().text();
    assert!(text.contains(&format!("       {others} others are not configured (-v shows why)\n")), "{text}");
    let text = on(Host::Nothing).azfob(["diagnose"]).text();
    assert!(text.contains(&format!("none of the {} credentials is configured (-v shows why)\n", others + 1)), "{text}");
    let text = on(Host::AppService).azfob(["diagnose", "--credential", "environment"]).text();
    assert!(text.contains("the only credential that was tried is not configured (-v shows why)\n"), "{text}");
}

#[test]
fn without_vault_only_chain_is_checked() {
    let scenario = on(Host::AppService).without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL");
    let report = Report::with(&scenario, &[]).exits_with(0);
    assert_eq!((&report.json["vault"], &report.json["findings"]), (&serde_json::Value::Null, &serde_json::json!([])));
    let text = scenario.azfob(["diagnose"]).text();
    assert!(text.contains("none configured (--vault, AZFOB_VAULT): only the chain was checked"), "{text}");
}

/// The exit code is the same as that of `get`.
#[test]
fn exit_code_matches_get() {
    let faults = [(Host::AppService, None), (Host::AppService, Some(Fault::Forbidden)), (Host::Nothing, None)];
    std::thread::scope(|scope| {
        for (host, fault) in faults {
            scope.spawn(move || {
                let scenario = fault.map_or_else(|| on(host), |fault| on(host).fault(fault));
                let get = scenario.azfob(["get", SECRET, "--timeout", "3"]).code;
                let diagnose = scenario.azfob(["diagnose", "--secret", SECRET, "--timeout", "3"]).code;
                assert_eq!(diagnose, get, "{host:?} {fault:?}");
            });
        }
    });
}

/// IDs, addresses and names are shortened in every format.
#[test]
fn redacted_report_has_no_names() {
    for output in ["table", "json", "markdown"] {
        let scenario = on(Host::Imds).fault(Fault::Forbidden);
        let text = scenario.azfob(["diagnose", "--secret", SECRET, "--redact", "-o", output]).text();
        let home = scenario.home().display().to_string();
        for name in [
            names::SYSTEM_OBJECT_ID,
            names::TENANT_ID,
            names::SUBSCRIPTION_ID,
            names::CLIENT_ADDRESS,
            names::VAULT_NAME,
            names::VM_NAME,
            names::RESOURCE_GROUP,
            SECRET,
            home.as_str(),
        ] {
            assert!(!text.contains(name), "{name} is in:\n{text}");
        }
    }
}

/// The subject of a federated token has names of the job or the pod.
#[test]
fn redacted_report_has_no_names_of_a_federated_subject() {
    for (host, names) in [
        (Host::WorkloadIdentity, &["my-namespace", "my-service-account"][..]),
        (Host::GitLab, &["contoso", "my-project"]),
    ] {
        for output in ["table", "json", "markdown"] {
            let text = on(host).azfob(["diagnose", "--redact", "-v", "-o", output]).text();
            assert!(text.contains("subject"), "{text}");
            assert!(names.iter().all(|name| !text.contains(name)), "{names:?} in:\n{text}");
        }
    }
}

/// IDs and addresses in the words of the vault, and home folders, are shortened too.
#[cfg(unix)]
#[test]
fn redacted_report_has_no_names_of_the_vaults_answer() {
    let message = "Client address is not authorized and caller is not a trusted service.\r\nClient address: \
        2001:db8:1:2:3:4:5:6\r\nCaller: appid=aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb;oid=AAAAAAAA-0000-1111-2222-BBBBBBBBBBBB;\
        iss=https://sts.windows.net/cccccccc-0000-1111-2222-dddddddddddd/;xms_mirid=/subscriptions/\
        eeeeeeee-0000-1111-2222-ffffffffffff/resourcegroups/orders-prod/providers/Microsoft.ManagedIdentity/\
        userAssignedIdentities/id-orders\r\nVault: MY-VAULT;location=westeurope mail bob@contoso.com \
        aaaaaaaa000011112222bbbbbbbbbbbb /home/alice.smith/tok";
    let body = serde_json::json!({
        "error": { "code": "Forbidden", "message": message, "innererror": { "code": "ForbiddenByFirewall" } }
    });
    let refusal = Rule::new(VAULT, "/secrets/ApiKey", Action::json(403, body.to_string()));
    for output in ["table", "json", "markdown"] {
        let scenario = on(Host::AppService).rule(refusal.clone());
        let home = scenario.home().join("alice.smith");
        let scenario = scenario.var("HOME", home).var("AZURE_FEDERATED_TOKEN_FILE", "/home/alice.smith/token");
        let scenario = scenario.var("AZURE_TENANT_ID", "contoso.onmicrosoft.com");
        let outcome = scenario.azfob(["diagnose", "--secret", "ApiKey", "--redact", "-v", "-o", output]);
        let shown = outcome.text().to_ascii_lowercase();
        assert!(shown.contains("firewall"), "{shown}");
        for name in [
            "2001:db8:1:2",
            "bbbbbbbbbbbb",
            "dddddddddddd",
            "ffffffffffff",
            "orders-prod",
            "id-orders",
            "my-vault",
            "contoso",
            "alice",
            "smith",
            "bob@",
        ] {
            assert!(!shown.contains(name), "{name} is in:\n{shown}");
        }
    }
}

/// In a pipe there are no escape codes and no wrapping.
#[test]
fn piped_report_is_plain() {
    let outcome = on(Host::AppService).fault(Fault::Forbidden).var("TERM", "xterm-256color").azfob(["diagnose"]);
    assert!(!outcome.text().contains('\u{1b}'));
}

#[cfg(unix)]
mod terminal {
    use super::*;
    use azfob::testing::sandbox::{FAULTS, FaultRow};

    use crate::diagnose::screen::{COLUMNS, ROWS, plain, rows, shown};
    use crate::support::in_parallel;

    fn report(columns: usize, scenario: Scenario) -> String {
        shown(columns, scenario, &["diagnose", "--secret", SECRET])
    }

    /// Only one argument of a command, which cannot be broken, is wider than the terminal.
    #[test]
    fn report_fits_80_columns() {
        for fault in [Fault::Forbidden, Fault::WrongTenant, Fault::PrivateLink, Fault::TlsIntercepted] {
            let text = plain(&report(COLUMNS, on(Host::AppService).fault(fault)));
            for line in text.lines().filter(|line| line.chars().count() > 80) {
                let is_argument = [" --scope /", " --query ", "| awk '"].iter().any(|argument| line.contains(argument));
                assert!(is_argument, "{line}\n{text}");
            }
        }
        let text = plain(&report(COLUMNS, on(Host::AppService).fault(Fault::Forbidden)));
        assert!(text.contains(" --role \"Key Vault Secrets User\" \\\n         --assignee-object-id "), "{text}");
    }

    #[test]
    fn on_80_columns() {
        let text = plain(&report(COLUMNS, on(Host::AppService).fault(Fault::Forbidden)));
        let text = without_unconfigured_credentials(&normalized(&text));
        insta::with_settings!({
            omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "../snapshots/diagnose"
        }, {
            insta::assert_snapshot!("on_80_columns", text);
        });
    }

    /// Every fault fits on the smallest terminal: the verdict first, the fix last.
    #[test]
    fn every_fault_fits_one_screen() {
        let fits = |row: &FaultRow| {
            let host = row.hosts.first().copied().unwrap_or(Host::AppService);
            let text = plain(&report(COLUMNS, on(host).fault(row.fault)));
            assert!(rows(&text) <= ROWS, "{} rows for {}:\n{text}", rows(&text), row.name);
            assert!(text.starts_with("FAIL   ") || text.starts_with("ok     "), "{text}");
            insta::with_settings!({
                omit_expression => true, prepend_module_to_snapshot => false,
                snapshot_path => "../snapshots/diagnose/faults"
            }, {
                insta::assert_snapshot!(row.name, without_unconfigured_credentials(&normalized(&unbroken(&text))));
            });
        };
        // Entra ID's message about a federated credential is long. From outside, these reports fit.
        let is_long = |row: &&FaultRow| row.help.contains("(AADSTS700") && row.hosts == [Host::WorkloadIdentity];
        let (slow, quick): (Vec<_>, Vec<_>) = FAULTS
            .iter()
            .filter(|row| !is_long(row))
            .partition(|row| [Fault::SlowTool, Fault::Throttled].contains(&row.fault));
        std::thread::scope(|scope| {
            scope.spawn(|| in_parallel(slow, fits));
            // Four at a time: if all run at once on a busy machine, a probe of 200 ms is too late.
            quick.chunks(4).for_each(|few| in_parallel(few.iter().copied(), fits));
        });
    }

    /// Joins the lines of a message with the name of a temporary file: where they break depends on the name's length.
    fn unbroken(text: &str) -> String {
        let Some((before, message)) = text.split_once("AZURE_FEDERATED_TOKEN_FILE\nnames") else {
            return text.to_owned();
        };
        let (message, after) = message.split_once("\ncause ").expect("a cause");
        let message = message.replace("/\n", "/").replace('\n', " ");
        format!("{before}AZURE_FEDERATED_TOKEN_FILE\nnames {}\ncause {after}", message.trim_start())
    }

    #[test]
    fn color_is_used_on_terminals_unless_no_color_is_set() {
        let text = report(100, on(Host::AppService).fault(Fault::Forbidden));
        for word in ["selected", "FAIL", "403 Forbidden"] {
            assert!(text.lines().any(|line| line.contains('\u{1b}') && line.contains(word)), "{word}:\n{text}");
        }
        let text = report(100, on(Host::AppService).fault(Fault::Forbidden).var("NO_COLOR", "1"));
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}
