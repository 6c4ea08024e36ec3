//! Every fault makes `azfob get` end with the code that it should.

use std::time::Duration;

use azfob::sandbox::FAULTS;

use crate::support::{Alone, Fault, at_once};

/// What `get` ends with where this goes wrong, on the first host where it can.
fn code(fault: Fault) -> i32 {
    match fault {
        Fault::Expired | Fault::NotYetValid => 0,
        Fault::NoIdentity | Fault::MultipleIdentities | Fault::ImdsImpostor => 3,
        Fault::ExpiredLogin | Fault::Mfa | Fault::SlowAz => 3,
        Fault::WrongSecret | Fault::ExpiredAssertion | Fault::WrongTenant | Fault::Guest | Fault::ClockSkew => 4,
        Fault::Forbidden | Fault::Shadowed | Fault::Reader | Fault::AccessPolicy => 5,
        Fault::Firewall | Fault::PrivateLink | Fault::Disabled => 5,
        Fault::NotFound | Fault::SoftDeleted => 6,
        Fault::Unreachable | Fault::ProxyRefuses | Fault::TlsIntercepted => 7,
        Fault::Throttled => 8,
    }
}

#[test]
fn every_fault_ends_with_the_code_that_it_should() {
    at_once(FAULTS, |row| {
        let host = row.hosts.first().map_or("app-service", |host| host.name());
        let get = ["azfob", "get", "ApiKey", "--timeout", "3"];
        let outcome = Alone::new().azfob([&["sandbox", "--as", host, "--fault", row.name, "--"], &get[..]].concat());
        let expected = code(row.fault);
        assert_eq!(outcome.code, Some(expected), "{}: {}", row.name, outcome.stderr);
        assert_eq!(outcome.text().is_empty(), expected != 0, "{}", row.name);
        let _ = outcome.within(Duration::from_secs(30));
    });
}

#[test]
fn two_faults_can_happen_together() {
    let outcome =
        Alone::new().azfob(["sandbox", "--fault", "expired", "--fault", "forbidden", "--", "azfob", "get", "ApiKey"]);
    outcome.fails(5);
}
