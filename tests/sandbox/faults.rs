//! The exit code of `azfob get` under every fault.

use std::time::Duration;

use azfob::testing::sandbox::FAULTS;

use crate::support::{Fault, Isolated, in_parallel};

/// The exit code of `get` under a fault, on the first host on which it is possible.
fn code(fault: Fault) -> i32 {
    match fault {
        Fault::Expired | Fault::NotYetValid | Fault::Flaky | Fault::SigningKeyOnce | Fault::OldApi => 0,
        Fault::ImmutableSubject | Fault::SecretsUser | Fault::AllowedByPolicy => 0,
        Fault::NoIdentity | Fault::MultipleIdentities | Fault::NotImds => 3,
        Fault::NotInjected | Fault::NoAnnotation => 3,
        Fault::ExpiredLogin | Fault::Mfa | Fault::NoTool | Fault::NoModule | Fault::SlowTool | Fault::Garbage => 3,
        // Without --interactive no browser is opened.
        Fault::SignInCancelled | Fault::WrongState | Fault::ConsentRequired | Fault::RedirectUri => 3,
        Fault::WrongSecret | Fault::ExpiredAssertion | Fault::WrongTenant | Fault::Guest | Fault::ClockSkew => 4,
        Fault::SigningKey | Fault::Revoked => 4,
        Fault::BindingNotUsed | Fault::BindingRefused | Fault::BindingTwoCas => 4,
        Fault::NoServiceAccount | Fault::OtherIdentity | Fault::NoFederation => 4,
        Fault::IssuerSlash | Fault::SubjectCase | Fault::OtherNamespace | Fault::OtherAudience => 4,
        Fault::Forbidden | Fault::Shadowed | Fault::Reader | Fault::AccessPolicy => 5,
        Fault::OtherScope | Fault::OtherSecret | Fault::EligibleRole | Fault::DenyAssignment => 5,
        Fault::PolicyApplication | Fault::Perimeter => 5,
        Fault::Firewall | Fault::PrivateLink | Fault::Disabled => 5,
        Fault::NotFound | Fault::SoftDeleted => 6,
        Fault::Unreachable | Fault::ProxyRefuses | Fault::TlsIntercepted => 7,
        Fault::BindingCa | Fault::BindingSni => 7,
        Fault::Throttled => 8,
        Fault::WrongIdentity
        | Fault::NoBinding
        | Fault::GroupRole
        | Fault::RoleCondition
        | Fault::IdentityLifecycle
        | Fault::VaultDeleted => {
            unreachable!("{fault} requires --workload")
        }
    }
}

#[test]
fn each_fault_has_its_exit_code() {
    in_parallel(FAULTS, |row| {
        let host = row.hosts.first().map_or("app-service", |host| host.name());
        let get = ["azfob", "get", "ApiKey", "--timeout", "3"];
        let outcome = Isolated::new().azfob([&["sandbox", "--as", host, "--fault", row.name, "--"], &get[..]].concat());
        let expected = code(row.fault);
        assert_eq!(outcome.code, Some(expected), "{}: {}", row.name, outcome.stderr);
        assert_eq!(outcome.text().is_empty(), expected != 0, "{}", row.name);
        let _ = outcome.within(Duration::from_secs(30));
    });
}

#[test]
fn two_faults_combine() {
    let outcome = Isolated::new().azfob([
        "sandbox",
        "--fault",
        "expired",
        "--fault",
        "forbidden",
        "--",
        "azfob",
        "get",
        "ApiKey",
    ]);
    outcome.fails(5);
}

#[cfg(unix)]
#[test]
fn vault_limits_reads_per_window() {
    let limited = |limit: &str, script: &str| {
        let fault = ["sandbox", "--fault", "throttled", "--limit", limit, "--retry-after", "1", "--count", "30"];
        Isolated::new().azfob([&fault[..], &["--", "sh", "-c", script]].concat())
    };
    limited("1/60s", "azfob get ApiKey >/dev/null && azfob get ApiKey --timeout 2").fails(8);
    // Three windows of ten: refused requests are repeated.
    let outcome = limited("10/200ms", "azfob get --match 'secret-*' -o json");
    assert_eq!(outcome.succeeds().json().as_array().map(Vec::len), Some(30));
    let wrong = Isolated::new().azfob(["sandbox", "--limit", "10/1s", "--", "true"]).fails(2);
    wrong.shows("--limit requires --fault throttled");
    Isolated::new()
        .azfob(["sandbox", "--fault", "throttled", "--limit", "ten", "--", "true"])
        .fails(2)
        .shows("4000/10s");
}

#[test]
fn flaky_vault_loses_no_value() {
    let get = ["azfob", "get", "--match", "secret-*", "-o", "json"];
    let outcome = Isolated::new().azfob([&["sandbox", "--fault", "flaky", "--count", "60", "--"], &get[..]].concat());
    let values = outcome.succeeds().json();
    for (number, value) in (1..).zip(values.as_array().unwrap()) {
        assert_eq!(value["value"], format!("sandbox-value-{number:05}"));
    }
    assert_eq!(values.as_array().map(Vec::len), Some(60));
}
