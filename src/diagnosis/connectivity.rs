//! The way to the vault, step by step, each with its own verdict and time: proxy, name, tcp, tls, challenge.
//!
//! None of it needs a credential: a request without a token is answered 401, and that answer says the vault's tenant, its
//! region, and how it sees us.

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

/// The longest that a single step may take.
const STEP: Duration = Duration::from_secs(5);
/// Clocks further apart than this make tokens look expired, or not yet valid.
const CLOCK_TOLERANCE_SECS: i64 = 300;

/// What became of the way.
pub struct Connectivity {
    /// The steps, in order, up to the first that failed.
    pub checks: Vec<Check>,
    /// The vault's answer, where the way led there.
    pub response: Option<UnauthenticatedResponse>,
    /// Why it did not.
    pub error: Option<NetworkError>,
    /// Whether the resolver answers for other names.
    pub resolver: Resolver,
    /// The address of the vault's private endpoint, where its name leads there.
    pub private_endpoint: Option<IpAddr>,
    /// Whether the vault has a private endpoint whose name does not lead to it from here.
    pub zone_unlinked: bool,
    /// By how many seconds the vault's clock is ahead of ours, where that is more than tokens tolerate.
    pub clock_ahead: Option<i64>,
}

impl Connectivity {
    /// The address of the vault's private endpoint, where it takes no connection. One that takes it and then says nothing
    /// can be reached.
    pub fn silent_private_endpoint(&self) -> Option<IpAddr> {
        let address = self.private_endpoint.filter(|address| !address.is_loopback())?;
        let unconnected = self.checks.iter().any(|check| check.name == "tcp" && check.status == CheckStatus::Fail);
        let kind = &self.error.as_ref()?.kind;
        let silent = unconnected && matches!(kind, NetworkErrorKind::Connect(_) | NetworkErrorKind::TimedOut(..));
        silent.then_some(address)
    }
}

/// Whether the resolver is to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolver {
    /// It answers for other names, or was not in question.
    Working,
    /// It answers for no name.
    Failing,
}

/// Takes each step of the way to a vault, up to the first that fails, and answers with what was seen.
pub fn check(http: &Http, url: &VaultUrl, deadline: &Deadline) -> Connectivity {
    let mut connectivity = Connectivity {
        checks: Vec::new(),
        response: None,
        error: None,
        resolver: Resolver::Working,
        private_endpoint: None,
        zone_unlinked: false,
        clock_ahead: None,
    };
    let host = url.host();
    let _waiting = progress::wait_for(&host, deadline.remaining());
    let proxy = http.proxy_for(&host);
    connectivity.note(
        "proxy",
        proxy
            .map_or("none, the vault is asked directly".to_owned(), |p| format!("{} (from {})", p.address, p.variable)),
    );
    let steps = match proxy {
        Some(proxy) if !proxy.speaks_http() => {
            connectivity.skip("name", "left to the SOCKS proxy");
            Ok(())
        }
        proxy => connectivity.connect(http, url, proxy, deadline),
    };
    if let Err(error) = steps {
        connectivity.error = Some(error);
        return connectivity;
    }
    connectivity.challenge(&Vault { url, http, deadline: &deadline.sooner(STEP) });
    connectivity
}

impl Connectivity {
    /// What the vault said, or why nothing.
    pub fn probed(&self) -> Probed {
        let unknown = || NetworkError { host: String::new(), proxy: None, kind: NetworkErrorKind::Name };
        self.response.clone().ok_or_else(|| self.error.clone().unwrap_or_else(unknown))
    }

    fn note(&mut self, name: &'static str, message: String) {
        self.checks.push(Check::new(name, CheckStatus::Ok, message, Duration::ZERO));
    }

    fn skip(&mut self, name: &'static str, message: &str) {
        self.checks.push(Check::new(name, CheckStatus::Skipped, message, Duration::ZERO));
    }

    /// Keeps a step's verdict, and hands its result on.
    fn step<T>(
        &mut self,
        name: &'static str,
        watch: Stopwatch,
        result: Result<T, NetworkError>,
        words: impl FnOnce(&T) -> String,
    ) -> Result<T, NetworkError> {
        let (status, message) = match &result {
            Ok(value) => (CheckStatus::Ok, words(value)),
            Err(error) => (CheckStatus::Fail, error.to_string()),
        };
        self.checks.push(Check::new(name, status, message, watch.elapsed()));
        result
    }

    /// Name, TCP, the proxy's tunnel where there is one, and TLS.
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
                self.resolver = Resolver::Failing;
            }
            NetworkError { host: host.to_owned(), proxy: proxy_address.clone(), kind: NetworkErrorKind::Name }
        });
        let found = if proxy.is_none() { found.map(|names| with_private_alias(names, url, deadline)) } else { found };
        let names = self.step("name", watch, found, |names| match (proxy, names.addresses.first()) {
            (Some(_), Some(address)) => format!("{address}, the proxy's, which looks the vault's name up itself"),
            _ => name_words(names),
        })?;
        if proxy.is_none() {
            self.zone_unlinked = is_zone_unlinked(&names);
            self.private_endpoint = names.addresses.first().copied().filter(|address| probe::is_private(*address));
        }
        let addresses: Vec<_> = names.addresses.iter().map(|a| SocketAddr::new(*a, port)).collect();

        let watch = Stopwatch::start();
        let connected = probe::connect(http.tcp(), host, &addresses, &deadline.sooner(STEP));
        let connected = connected.map_err(|error| NetworkError { proxy: proxy_address.clone(), ..error });
        let OpenedStream { mut stream, silent, .. } =
            self.step("tcp", watch, connected, |opened| tcp_words(opened, port, addresses.len()))?;
        if let Some(check) = self.checks.last_mut().filter(|_| !silent.is_empty()) {
            check.status = CheckStatus::Warn;
        }

        if let Some(proxy) = proxy {
            let watch = Stopwatch::start();
            let tunnel = probe::tunnel(&mut stream, proxy, host, &deadline.sooner(STEP));
            self.step("tunnel", watch, tunnel, |()| "the proxy lets the vault through".to_owned())?;
        }
        let trust = http.trust();
        let watch = Stopwatch::start();
        let hands = probe::shake_hands(&mut stream, trust, host, &deadline.sooner(STEP));
        let hands = hands.map_err(|error| NetworkError { proxy: proxy_address, ..error });
        self.step("tls", watch, hands, |version| (*version).to_owned()).map(drop)
    }

    /// Whether a name that surely exists is found: only then is "no such name" to be believed.
    fn resolver_answers(&self, besides: &str, deadline: &Deadline) -> bool {
        let known = "login.microsoftonline.com";
        known == besides || probe::look_up(known, &deadline.sooner(STEP)).is_ok()
    }

    fn challenge(&mut self, vault: &Vault<'_>) {
        let watch = Stopwatch::start();
        let response = match vault.probe() {
            Ok(response) => response,
            Err(error) => {
                self.checks.push(Check::new("challenge", CheckStatus::Fail, error.to_string(), watch.elapsed()));
                self.error = Some(error);
                return;
            }
        };
        let (status, message) = challenge_words(&response);
        self.checks.push(Check::new("challenge", status, message, watch.elapsed()));
        if let Some(date) = response.date {
            let ahead = date.seconds_since(Timestamp::now());
            if ahead.abs() > CLOCK_TOLERANCE_SECS {
                self.clock_ahead = Some(ahead);
                let message = format!("this machine's clock is {} the vault's", clock_text(ahead));
                self.checks.push(Check::new("clock", CheckStatus::Warn, message, Duration::ZERO));
            }
        }
        self.response = Some(response);
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

/// The names, with the alias of a private endpoint where the vault has one that this network does not lead to: the
/// resolver tells the end of the aliases alone, and theirs is the public address then.
fn with_private_alias(names: Names, url: &VaultUrl, deadline: &Deadline) -> Names {
    let seen = names.canonical.as_deref().is_some_and(|name| name.contains(".privatelink."));
    let public = names.addresses.first().is_some_and(|address| !probe::is_private(*address));
    let alias = url.private_zone().filter(|_| public && !seen).map(|zone| format!("{}.{zone}", url.name()));
    let alias = alias.filter(|alias| probe::look_up(alias, &deadline.sooner(STEP)).is_ok());
    Names { canonical: alias.or(names.canonical), ..names }
}

/// Whether the alias of a private endpoint is there, and its private address is not.
fn is_zone_unlinked(names: &Names) -> bool {
    let alias = names.canonical.as_deref().is_some_and(|name| name.contains(".privatelink."));
    alias && names.addresses.first().is_some_and(|address| !probe::is_private(*address))
}

/// `port 443 is open`, `port 443 is open at 20.50.1.3; 20.50.1.2 said nothing within 250 ms`.
fn tcp_words(opened: &OpenedStream, port: u16, addresses: usize) -> String {
    let at = if addresses > 1 { format!(" at {}", opened.address.ip()) } else { String::new() };
    let silent: Vec<_> = opened.silent.iter().map(|address| address.ip().to_string()).collect();
    match silent.as_slice() {
        [] => format!("port {port} is open{at}"),
        some => format!("port {port} is open{at}; {} said nothing within {}", some.join(", "), seconds(HEAD_START)),
    }
}

/// `20.50.1.2, public`, `10.0.0.4, a private endpoint (my-vault.privatelink.vaultcore.azure.net)`.
fn name_words(names: &Names) -> String {
    let Some(first) = names.addresses.first() else { return String::new() };
    let alias = names.canonical.as_deref().filter(|name| name.contains(".privatelink."));
    let more = match names.addresses.len() {
        1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    let kind = match (probe::is_private(*first), alias) {
        (true, _) => "a private endpoint",
        // The alias is there and its private address is not: the zone is not linked to this network.
        (false, Some(_)) => "public, though the vault has a private endpoint: its DNS zone is not linked here",
        (false, None) => "public",
    };
    let alias = alias.map(|alias| format!(" ({alias})")).unwrap_or_default();
    format!("{first}{more}, {kind}{alias}")
}

fn challenge_words(response: &UnauthenticatedResponse) -> (CheckStatus, String) {
    let Some(challenge) = &response.challenge else {
        let server = response.server.as_ref().map(|s| format!(", Server '{s}'")).unwrap_or_default();
        return (CheckStatus::Warn, format!("no challenge: status {}{server}", response.status));
    };
    let tenant = challenge.tenant.as_ref().map(|t| format!("tenant {t}"));
    let region = response.region.as_ref().map(|r| format!("region {r}"));
    let route = if response.network.is_private_link() { "over a private link" } else { "over the public network" };
    let seen = response.network.address.as_ref().map(|a| format!("seen as {a} {route}"));
    let words: Vec<_> = [tenant, region, seen].into_iter().flatten().collect();
    (CheckStatus::Ok, words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::error::Phase;

    fn names(address: &str, canonical: &str) -> String {
        name_words(&Names { addresses: vec![address.parse().unwrap()], canonical: Some(canonical.to_owned()) })
    }

    #[test]
    fn public_private_and_a_missing_zone_are_told_apart() {
        assert_eq!(names("20.50.1.2", "data-prod-weu.vaultcore.azure.net"), "20.50.1.2, public");
        let private = names("10.0.0.4", "my-vault.privatelink.vaultcore.azure.net");
        assert_eq!(private, "10.0.0.4, a private endpoint (my-vault.privatelink.vaultcore.azure.net)");
        assert!(names("20.50.1.2", "my-vault.privatelink.vaultcore.azure.net").contains("not linked here"));
    }

    #[test]
    fn a_private_endpoint_is_silent_where_it_takes_no_connection() {
        let connectivity = |address: &str, tcp| Connectivity {
            checks: vec![Check::new("tcp", tcp, "", Duration::ZERO)],
            response: None,
            error: Some(NetworkError {
                host: "my-vault.vault.azure.net".to_owned(),
                proxy: None,
                kind: NetworkErrorKind::TimedOut(Phase::Connect, Duration::from_secs(5)),
            }),
            resolver: Resolver::Working,
            private_endpoint: address.parse().ok(),
            zone_unlinked: false,
            clock_ahead: None,
        };
        let silent =
            |address, tcp| connectivity(address, tcp).silent_private_endpoint().map(|address| address.to_string());
        assert_eq!(silent("10.9.9.5", CheckStatus::Fail).as_deref(), Some("10.9.9.5"));
        assert_eq!(silent("10.9.9.5", CheckStatus::Ok), None, "the connection is there");
        assert_eq!(silent("127.0.0.1", CheckStatus::Fail), None, "the proxy's");
        assert_eq!(silent("", CheckStatus::Fail), None);
    }

    #[test]
    fn a_clock_is_told_by_its_direction() {
        assert_eq!((clock_text(7_200), clock_text(-600)), ("2.0 h behind".into(), "10 min ahead of".into()));
    }
}
