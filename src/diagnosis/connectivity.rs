//! Checks the network path to the vault step by step: proxy, DNS, TCP, TLS, and the vault's challenge.
//!
//! No credential is needed: a vault answers a request without a token with 401, and that answer names its tenant and region
//! and the client's address.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::background::progress;
use crate::http::Http;
use crate::http::error::{NetworkError, NetworkErrorKind, seconds};
use crate::http::happy_eyeballs::{HEAD_START, OpenedStream};
use crate::http::probe::{self, Names, NoName};
use crate::http::proxy::Proxy;
use crate::time::deadline::{Deadline, Stopwatch};
use crate::time::timestamp::Timestamp;
use crate::vault::url::VaultUrl;
use crate::vault::{Probed, UnauthenticatedResponse, Vault};

use super::report::{Check, CheckStatus};

/// The time limit of one step.
const STEP: Duration = Duration::from_secs(5);
/// With a larger clock difference, tokens are seen as expired or not yet valid.
const CLOCK_TOLERANCE_SECS: i64 = 300;

#[derive(Default)]
pub struct Connectivity {
    /// The steps, in order, up to the first that failed.
    pub checks: Vec<Check>,
    /// The vault's answer to a request without a token.
    pub response: Option<UnauthenticatedResponse>,
    /// Why there is no answer.
    pub error: Option<NetworkError>,
    /// True if DNS resolves no other name either.
    pub dns_is_down: bool,
    /// The address of the private endpoint that the vault's name resolves to.
    pub private_endpoint: Option<IpAddr>,
    /// True if the vault has a private endpoint, but its name resolves to the public address here.
    pub zone_unlinked: bool,
    /// How many seconds the vault's clock is ahead of this machine's, if above the tolerance.
    pub clock_ahead: Option<i64>,
}

impl Connectivity {
    /// Returns the address of the vault's private endpoint if it accepts no connection. An endpoint that accepts one and
    /// does not answer afterwards is reachable.
    pub fn silent_private_endpoint(&self) -> Option<IpAddr> {
        let address = self.private_endpoint.filter(|address| !address.is_loopback())?;
        let unconnected = self.checks.iter().any(|check| check.name == "tcp" && check.status == CheckStatus::Fail);
        let kind = &self.error.as_ref()?.kind;
        let silent = unconnected
            && matches!(
                kind,
                NetworkErrorKind::Connect(_)
                    | NetworkErrorKind::NoRoute(_)
                    | NetworkErrorKind::TimedOut(..)
                    | NetworkErrorKind::Silent(..)
            );
        silent.then_some(address)
    }
}

/// Checks each step of the path to a vault, up to the first that fails.
pub fn check(http: &Http, url: &VaultUrl, deadline: &Deadline) -> Connectivity {
    let mut connectivity = Connectivity::default();
    let host = url.host();
    let _waiting = progress::wait_for(&host, deadline.remaining());
    let proxy = http.proxy_for(&host);
    let direct = "none (direct connection)".to_owned();
    let proxy_text = proxy.map_or(direct, |p| format!("{} (from {})", p.address, p.variable));
    connectivity.checks.push(Check::new("proxy", CheckStatus::Ok, proxy_text, Duration::ZERO));
    let connected = connectivity.connect(http, url, proxy, deadline);
    let vault = Vault { url, http, deadline: &deadline.sooner(STEP) };
    connectivity.error = connected.and_then(|()| connectivity.challenge(&vault)).err();
    connectivity
}

impl Connectivity {
    /// Returns the vault's answer, or why there is none.
    pub fn probed(&self) -> Probed {
        let unknown = || NetworkError { host: String::new(), proxy: None, kind: NetworkErrorKind::Name };
        self.response.clone().ok_or_else(|| self.error.clone().unwrap_or_else(unknown))
    }

    /// Adds the check of a step, and returns the step's result.
    fn record<T>(
        &mut self,
        name: &'static str,
        watch: Stopwatch,
        result: Result<T, NetworkError>,
        describe: impl FnOnce(&T) -> String,
    ) -> Result<T, NetworkError> {
        let (status, message) = match &result {
            Ok(value) => (CheckStatus::Ok, describe(value)),
            Err(error) => (CheckStatus::Fail, error.to_string()),
        };
        self.checks.push(Check::new(name, status, message, watch.elapsed()));
        result
    }

    /// Checks DNS, TCP, the proxy's tunnel if there is a proxy, and TLS.
    fn connect(
        &mut self,
        http: &Http,
        url: &VaultUrl,
        proxy: Option<&Proxy>,
        deadline: &Deadline,
    ) -> Result<(), NetworkError> {
        let host = &*url.host();
        let (next, port) = proxy.map_or((host, 443), |proxy| (proxy.host(), proxy.port()));
        let proxy_address = proxy.map(|p| p.address.clone());
        let watch = Stopwatch::start();
        let found = probe::look_up(next, &deadline.sooner(STEP)).map_err(|reason| {
            if reason == NoName::Silent || !self.resolver_answers(host, deadline) {
                self.dns_is_down = true;
            }
            NetworkError { host: host.to_owned(), proxy: proxy_address.clone(), kind: NetworkErrorKind::Name }
        });
        let found = if proxy.is_none() { found.map(|names| with_private_alias(names, url, deadline)) } else { found };
        let names = self.record("name", watch, found, |names| match (proxy, names.addresses.first()) {
            (Some(proxy), Some(address)) if proxy.resolves_names() => {
                format!("{address} (the proxy, which resolves the vault's name)")
            }
            (Some(_), Some(address)) => format!("{address} (the proxy)"),
            _ => name_text(names),
        })?;
        if proxy.is_none() {
            self.zone_unlinked = is_zone_unlinked(&names);
            self.private_endpoint = names.addresses.first().copied().filter(|address| probe::is_private(*address));
        }
        let addresses: Vec<_> = names.addresses.iter().map(|a| SocketAddr::new(*a, port)).collect();

        let watch = Stopwatch::start();
        let connected = probe::connect(http.tcp(), host, next, &addresses, &deadline.sooner(STEP));
        let connected = connected.map_err(|error| NetworkError { proxy: proxy_address.clone(), ..error });
        let OpenedStream { stream, silent, .. } =
            self.record("tcp", watch, connected, |opened| tcp_text(opened, port, addresses.len()))?;
        if let Some(check) = self.checks.last_mut().filter(|_| !silent.is_empty()) {
            check.status = CheckStatus::Warn;
        }

        if let Some(proxy) = proxy {
            let watch = Stopwatch::start();
            let tunnel = probe::tunnel(&stream, proxy, host, &deadline.sooner(STEP));
            self.record("tunnel", watch, tunnel, |()| "the proxy allows the connection".to_owned())?;
        }
        let trust = http.trust();
        let watch = Stopwatch::start();
        let hands = probe::shake_hands(&stream, trust, host, &deadline.sooner(STEP));
        let hands = hands.map_err(|error| NetworkError { proxy: proxy_address, ..error });
        self.record("tls", watch, hands, |version| (*version).to_owned()).map(drop)
    }

    /// True if a name that certainly exists is resolved. Otherwise "no such name" does not mean that the vault is unknown.
    fn resolver_answers(&self, failed_name: &str, deadline: &Deadline) -> bool {
        let known = "login.microsoftonline.com";
        known == failed_name || probe::look_up(known, &deadline.sooner(STEP)).is_ok()
    }

    fn challenge(&mut self, vault: &Vault<'_>) -> Result<(), NetworkError> {
        let watch = Stopwatch::start();
        let response = self.record("challenge", watch, vault.probe(), challenge_text)?;
        if let Some(check) = self.checks.last_mut().filter(|_| response.challenge.is_none()) {
            check.status = CheckStatus::Warn;
        }
        let ahead = response.date.map(|date| date.seconds_since(Timestamp::now()));
        self.clock_ahead = ahead.filter(|ahead| ahead.abs() > CLOCK_TOLERANCE_SECS);
        if let Some(ahead) = self.clock_ahead {
            let message = format!("this machine's clock is {} the vault's", clock_text(ahead));
            self.checks.push(Check::new("clock", CheckStatus::Warn, message, Duration::ZERO));
        }
        self.response = Some(response);
        Ok(())
    }
}

/// `2.0 h behind`.
pub(super) fn clock_text(vault_ahead: i64) -> String {
    let ahead = vault_ahead.unsigned_abs();
    let distance = match ahead {
        0..=119 => format!("{ahead} s"),
        120..=7_199 => format!("{} min", (ahead + 30) / 60),
        _ => format!("{:.1} h", ahead as f64 / 3_600.0),
    };
    format!("{distance} {}", if vault_ahead > 0 { "behind" } else { "ahead of" })
}

/// Adds the alias of a private endpoint if the vault has one, but its name resolves to the public address here. The
/// resolver returns only the last alias, which hides it.
fn with_private_alias(names: Names, url: &VaultUrl, deadline: &Deadline) -> Names {
    let seen = names.canonical.as_deref().is_some_and(|name| name.contains(".privatelink."));
    let public = names.addresses.first().is_some_and(|address| !probe::is_private(*address));
    let alias = url.private_zone().filter(|_| public && !seen).map(|zone| format!("{}.{zone}", url.name()));
    let alias = alias.filter(|alias| probe::look_up(alias, &deadline.sooner(STEP)).is_ok());
    Names { canonical: alias.or(names.canonical), ..names }
}

/// True if the name has the alias of a private endpoint, but resolves to a public address.
fn is_zone_unlinked(names: &Names) -> bool {
    let alias = names.canonical.as_deref().is_some_and(|name| name.contains(".privatelink."));
    alias && names.addresses.first().is_some_and(|address| !probe::is_private(*address))
}

/// `port 443 is open`, `port 443 is open at 20.50.1.3; 20.50.1.2 did not answer within 250 ms`.
fn tcp_text(opened: &OpenedStream, port: u16, addresses: usize) -> String {
    let at = if addresses > 1 { format!(" at {}", opened.address.ip()) } else { String::new() };
    let silent: Vec<_> = opened.silent.iter().map(|address| address.ip().to_string()).collect();
    match silent.as_slice() {
        [] => format!("port {port} is open{at}"),
        some => format!("port {port} is open{at}; {} did not answer within {}", some.join(", "), seconds(HEAD_START)),
    }
}

/// `20.50.1.2, public`, `10.0.0.4, a private endpoint (my-vault.privatelink.vaultcore.azure.net)`.
fn name_text(names: &Names) -> String {
    let Some(first) = names.addresses.first() else { return String::new() };
    let alias = names.canonical.as_deref().filter(|name| name.contains(".privatelink."));
    let more = match names.addresses.len() {
        1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    let kind = match (probe::is_private(*first), alias) {
        (true, _) => "a private endpoint",
        // The alias exists, but resolves to a public address: the private DNS zone is not linked to this network.
        (false, Some(_)) => "public, but the vault has a private endpoint: its private DNS zone is not linked here",
        (false, None) => "public",
    };
    let alias = alias.map(|alias| format!(" ({alias})")).unwrap_or_default();
    format!("{first}{more}, {kind}{alias}")
}

fn challenge_text(response: &UnauthenticatedResponse) -> String {
    let Some(challenge) = &response.challenge else {
        let server = response.server.as_ref().map(|s| format!(", Server '{s}'")).unwrap_or_default();
        return format!("no challenge: status {}{server}", response.status);
    };
    let tenant = challenge.tenant.as_ref().map(|t| format!("tenant {t}"));
    let region = response.region.as_ref().map(|r| format!("region {r}"));
    let route = if response.network.is_private_link() { "over a private link" } else { "over the public network" };
    let seen = response.network.address.as_ref().map(|a| format!("client address {a} {route}"));
    [tenant, region, seen].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::error::Phase;

    fn names(address: &str, canonical: &str) -> String {
        name_text(&Names { addresses: vec![address.parse().unwrap()], canonical: Some(canonical.to_owned()) })
    }

    #[test]
    fn address_is_public_private_or_of_an_unlinked_zone() {
        assert_eq!(names("20.50.1.2", "data-prod-weu.vaultcore.azure.net"), "20.50.1.2, public");
        let private = names("10.0.0.4", "my-vault.privatelink.vaultcore.azure.net");
        assert_eq!(private, "10.0.0.4, a private endpoint (my-vault.privatelink.vaultcore.azure.net)");
        assert!(names("20.50.1.2", "my-vault.privatelink.vaultcore.azure.net").contains("not linked here"));
    }

    #[test]
    fn private_endpoint_is_silent_without_a_connection() {
        let connectivity = |address: &str, tcp| Connectivity {
            checks: vec![Check::new("tcp", tcp, "", Duration::ZERO)],
            error: Some(NetworkError {
                host: "my-vault.vault.azure.net".to_owned(),
                proxy: None,
                kind: NetworkErrorKind::TimedOut(Phase::Connect, Duration::from_secs(5)),
            }),
            private_endpoint: address.parse().ok(),
            ..Connectivity::default()
        };
        let silent =
            |address, tcp| connectivity(address, tcp).silent_private_endpoint().map(|address| address.to_string());
        assert_eq!(silent("10.9.9.5", CheckStatus::Fail).as_deref(), Some("10.9.9.5"));
        assert_eq!(silent("10.9.9.5", CheckStatus::Ok), None, "it accepts connections");
        assert_eq!(silent("127.0.0.1", CheckStatus::Fail), None, "the proxy's address");
        assert_eq!(silent("", CheckStatus::Fail), None);
    }

    #[test]
    fn clock_text_has_distance_and_direction() {
        assert_eq!((clock_text(7_200), clock_text(-600)), ("2.0 h behind".into(), "10 min ahead of".into()));
    }
}
