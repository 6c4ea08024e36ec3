//! Selects the proxy of a request, with curl's rules.
//!
//! ureq would use one proxy for every scheme, and supports fewer forms of `NO_PROXY`. Requests to the machine's
//! identity endpoints never use a proxy.

use std::ffi::OsStr;
use std::net::{IpAddr, Ipv6Addr};

use zeroize::Zeroizing;

use crate::env::{self, Env};

/// The proxy settings of the environment.
#[derive(Clone, Debug, Default)]
pub struct ProxyRules {
    https: Option<Proxy>,
    bypass: Vec<Bypass>,
}

/// A proxy, and the variable that names it.
#[derive(Clone, Debug)]
pub struct Proxy {
    pub variable: &'static str,
    /// Host and port, without user name or password.
    pub address: String,
    pub(super) inner: ureq::Proxy,
}

impl Proxy {
    /// Returns the host without the port.
    pub fn host(&self) -> &str {
        self.inner.host()
    }

    pub fn port(&self) -> u16 {
        self.inner.port()
    }

    /// Returns true if the proxy resolves the names of hosts. For `socks4` and `socks5`, this machine does.
    pub fn resolves_names(&self) -> bool {
        !self.inner.resolve_target()
    }
}

/// A proxy variable with a malformed value. The value is not shown: it can hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct MalformedProxy {
    pub variable: &'static str,
    pub problem: ProxyProblem,
}

/// What is wrong with a proxy's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyProblem {
    #[error("expected a proxy like http://proxy.example:3128")]
    Address,
    #[error("expected a proxy like http://proxy.example:3128 or socks5h://proxy.example:1080")]
    Scheme,
    /// It would need a second layer of TLS.
    #[error(
        "https:// proxies are not supported; use http:// if the proxy accepts plain connections, as most do (traffic \
         through it stays encrypted)"
    )]
    Tls,
    #[error("expected a port from 1 to 65535, as in http://proxy.example:3128")]
    Port,
    /// The user name or password has characters that must be percent-encoded.
    #[error(
        "in the user name and password write %5C for \\, %40 for @, %3A for :, %2F for /, %23 for # and %25 for %, and \
         http:// in front, as in http://DOMAIN%5Cuser:pass%40word@proxy.example:3128"
    )]
    User,
}

/// An entry of `NO_PROXY`, with a port if it names one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bypass {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    All,
    Domain(String),
    Network(IpAddr, u8),
}

/// In curl's order (<https://curl.se/libcurl/c/libcurl-env.html>). Windows ignores the case of names; upper case is
/// usual there.
#[cfg(not(windows))]
const HTTPS_VARIABLES: &[&str] = &[env::HTTPS_PROXY_LOWER, env::HTTPS_PROXY, env::ALL_PROXY_LOWER, env::ALL_PROXY];
#[cfg(windows)]
const HTTPS_VARIABLES: &[&str] = &[env::HTTPS_PROXY, env::ALL_PROXY];
const BYPASS_VARIABLES: [&str; 2] = [env::NO_PROXY_LOWER, env::NO_PROXY];

impl ProxyRules {
    /// Reads `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in upper or lower case.
    ///
    /// # Errors
    /// A value is not a proxy's address.
    pub fn from_env(env: &Env) -> Result<Self, MalformedProxy> {
        let set = HTTPS_VARIABLES.iter().find_map(|variable| env.get_os(variable).map(|value| (*variable, value)));
        let proxy = |(variable, value): (&'static str, &OsStr)| {
            let inner = value.to_str().ok_or(ProxyProblem::Address).and_then(parse_proxy);
            let inner = inner.map_err(|problem| MalformedProxy { variable, problem })?;
            Ok(Proxy { variable, address: format!("{}:{}", inner.host(), inner.port()), inner })
        };
        let https = set.map(proxy).transpose()?;
        let bypass = env.first(&BYPASS_VARIABLES).map(|(_, list)| parse_bypass(list)).unwrap_or_default();
        Ok(ProxyRules { https, bypass })
    }

    /// Returns the proxy for an https request to `host`, or `None` for a direct connection.
    pub fn for_host(&self, host: &str, port: u16) -> Option<&Proxy> {
        let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
        if self.bypass.iter().any(|rule| rule.covers(&host, port)) { None } else { self.https.as_ref() }
    }
}

/// Parses `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/]`. ureq accepts more, and would then use another port than was
/// meant.
fn parse_proxy(text: &str) -> Result<ureq::Proxy, ProxyProblem> {
    let text = text.trim();
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let scheme = scheme.to_ascii_lowercase();
    match scheme.as_str() {
        "http" | "socks" | "socks4" | "socks4a" | "socks5" | "socks5h" => {}
        "https" => return Err(ProxyProblem::Tls),
        // The text before it can be a password.
        _ if scheme.contains('@') => return Err(ProxyProblem::User),
        _ => return Err(ProxyProblem::Scheme),
    }
    let (user, address) = rest.rsplit_once('@').map_or((None, rest), |(user, address)| (Some(user), address));
    let encoded = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:%".contains(&b);
    if user.is_some_and(|user| !user.bytes().all(encoded)) {
        return Err(ProxyProblem::User);
    }
    let address = address.strip_suffix('/').unwrap_or(address);
    let (host, port) = match address.strip_prefix('[').and_then(|inside| inside.split_once(']')) {
        Some((inside, port)) if inside.parse::<Ipv6Addr>().is_ok() => (&address[..inside.len() + 2], port),
        Some(_) => return Err(ProxyProblem::Address),
        None => address.split_at(address.find(':').unwrap_or(address.len())),
    };
    let named = |b: u8| b.is_ascii_alphanumeric() || b"-._[]:".contains(&b);
    if host.is_empty() || !host.bytes().all(named) {
        return Err(ProxyProblem::Address);
    }
    let port = match port.strip_prefix(':') {
        Some(port) => format!(":{}", parse_port(port).ok_or(ProxyProblem::Port)?),
        None if port.is_empty() => String::new(),
        None => return Err(ProxyProblem::Address),
    };
    let user = user.map(|user| format!("{user}@")).unwrap_or_default();
    let whole = Zeroizing::new(format!("{scheme}://{user}{host}{port}"));
    // The only error left is an encoding that is not UTF-8.
    ureq::Proxy::new(&whole).map_err(|_| if user.is_empty() { ProxyProblem::Address } else { ProxyProblem::User })
}

fn parse_port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0 && text.bytes().all(|b| b.is_ascii_digit()))
}

fn parse_bypass(list: &str) -> Vec<Bypass> {
    list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty()).map(Bypass::parse).collect()
}

impl Bypass {
    /// Parses `*`, `example.com`, `.example.com`, `example.com:443`, `10.0.0.0/8`, `10.0.0.1:443`, `::1`, `[::1]`,
    /// `[::1]:443`, `fd00::/8`, `[fd00::]/8`: the forms of curl (<https://curl.se/docs/manpage.html#--noproxy>) and of
    /// Go (<https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config>).
    fn parse(entry: &str) -> Self {
        if entry == "*" {
            return Bypass { hosts: Hosts::All, port: None };
        }
        if let Some(network) = network(entry) {
            return Bypass { hosts: network, port: None };
        }
        let (host, port) = match entry.rsplit_once(':') {
            Some((host, text)) => parse_port(text).map_or((entry, None), |port| (host, Some(port))),
            None => (entry, None),
        };
        let domain = || {
            let name = host.trim_start_matches("*.").trim_start_matches('.').trim_end_matches('.');
            Hosts::Domain(name.to_ascii_lowercase())
        };
        Bypass { hosts: network(host).unwrap_or_else(domain), port }
    }

    fn covers(&self, host: &str, port: u16) -> bool {
        if self.port.is_some_and(|only| only != port) {
            return false;
        }
        match &self.hosts {
            Hosts::All => true,
            Hosts::Domain(domain) => {
                host.strip_suffix(domain.as_str()).is_some_and(|left| left.is_empty() || left.ends_with('.'))
            }
            Hosts::Network(network, length) => match (host.parse(), network) {
                (Ok(IpAddr::V4(a)), IpAddr::V4(b)) => same_prefix(a.to_bits().into(), b.to_bits().into(), 32, *length),
                (Ok(IpAddr::V6(a)), IpAddr::V6(b)) => same_prefix(a.to_bits(), b.to_bits(), 128, *length),
                _ => false,
            },
        }
    }
}

/// Parses an address, with or without brackets, and the length of a network prefix if there is one.
fn network(text: &str) -> Option<Hosts> {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
    let address: IpAddr = bare.parse().ok()?;
    let full = if address.is_ipv4() { 32 } else { 128 };
    let length = length.map_or(Some(full), |length| length.parse().ok().filter(|length| *length <= full))?;
    Some(Hosts::Network(address, length))
}

fn same_prefix(a: u128, b: u128, width: u8, length: u8) -> bool {
    length == 0 || (a ^ b) >> (width - length) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(pairs: &[(&str, &str)]) -> ProxyRules {
        ProxyRules::from_env(&pairs.iter().copied().collect()).unwrap()
    }

    #[cfg(not(windows))]
    #[test]
    fn lower_case_variable_takes_precedence() {
        let rules = rules(&[("HTTPS_PROXY", "http://b:1"), ("https_proxy", "http://user:pw@a:3128")]);
        let proxy = rules.for_host("my-vault.vault.azure.net", 443).unwrap();
        assert_eq!((proxy.variable, proxy.address.as_str()), ("https_proxy", "a:3128"));
    }

    /// Both names are one variable there.
    #[cfg(windows)]
    #[test]
    fn proxy_variable_is_shown_in_upper_case() {
        let rules = rules(&[("https_proxy", "http://user:pw@a:3128")]);
        let proxy = rules.for_host("my-vault.vault.azure.net", 443).unwrap();
        assert_eq!((proxy.variable, proxy.address.as_str()), ("HTTPS_PROXY", "a:3128"));
    }

    #[test]
    fn no_proxy_covers_names_subdomains_and_networks() {
        let rules =
            rules(&[("ALL_PROXY", "http://p:1"), ("NO_PROXY", " .azure.net, example.com 10.0.0.0/8,[fd00::]/8,")]);
        for direct in
            ["my-vault.vault.azure.net", "AZURE.NET", "example.com", "a.example.com.", "10.9.8.7", "[fd12::1]"]
        {
            assert!(rules.for_host(direct, 443).is_none(), "{direct}");
        }
        for proxied in ["notazure.net", "login.microsoftonline.com", "11.0.0.1", "fe80::1", "example.com.evil"] {
            assert!(rules.for_host(proxied, 443).is_some(), "{proxied}");
        }
        let all = self::rules(&[("ALL_PROXY", "http://p:1"), ("no_proxy", "*")]);
        assert!(all.for_host("x", 443).is_none());
    }

    #[test]
    fn no_proxy_accepts_ports_and_every_address_form() {
        for (entry, host, port, direct) in [
            ("example.com:443", "a.example.com", 443, true),
            ("example.com:443", "example.com", 8443, false),
            ("example.com:8443", "example.com", 443, false),
            ("10.1.2.3:443", "10.1.2.3", 443, true),
            ("10.1.2.3", "10.1.2.4", 443, false),
            ("10.0.0.0/33", "10.0.0.1", 443, false),
            ("::1", "[::1]", 443, true),
            ("[::1]", "[::1]", 443, true),
            ("[::1]:443", "::1", 443, true),
            ("[::1]:80", "::1", 443, false),
            ("fd00::/8", "[fdab::1]", 443, true),
            ("[fd00::]/8", "[fe80::1]", 443, false),
            ("*.example.com", "a.example.com", 443, true),
            ("example.com:https", "example.com", 443, false),
        ] {
            let rules = rules(&[("ALL_PROXY", "http://p:1"), ("NO_PROXY", entry)]);
            assert_eq!(rules.for_host(host, port).is_none(), direct, "{entry} {host}:{port}");
        }
    }

    #[test]
    fn every_proxy_form_is_parsed() {
        for (value, address) in [
            ("proxy.example", "proxy.example:80"),
            ("proxy.example:3128/", "proxy.example:3128"),
            ("HTTP://u:p%40ss@proxy.example:3128", "proxy.example:3128"),
            ("socks5h://[::1]:1080", "[::1]:1080"),
            ("http://DOMAIN%5Cuser:p%23%25@10.0.0.1:8080", "10.0.0.1:8080"),
        ] {
            let rules = rules(&[("https_proxy", value)]);
            assert_eq!(rules.for_host("x", 443).unwrap().address, address, "{value}");
        }
    }

    #[test]
    fn malformed_proxy_is_named_by_variable_without_value() {
        use ProxyProblem::*;
        for (value, problem) in [
            ("http://", Address),
            ("#", Address),
            ("http://p#x", Address),
            ("http://p q:1", Address),
            ("[::g]:1", Address),
            ("[::1]x", Address),
            ("https://p:1", Tls),
            ("gopher://p:1", Scheme),
            ("http://p:99999", Port),
            ("http://p:0", Port),
            ("http://p:", Port),
            ("p:+80", Port),
            ("http://p:3128x", Port),
            ("CONTOSO\\svc:hunter2@ss@127.0.0.1:9", User),
            ("http://u:hunter2/x@127.0.0.1:9", User),
            ("http://u:hunter2%ff@127.0.0.1:9", User),
            ("u:hunter2://@127.0.0.1:9", Scheme),
        ] {
            for variable in ["HTTPS_PROXY", "ALL_PROXY"] {
                let env: Env = [(variable, value)].into_iter().collect();
                let error = ProxyRules::from_env(&env).unwrap_err();
                assert_eq!(error, MalformedProxy { variable, problem }, "{value}");
                let message = error.to_string();
                assert!(message.starts_with(variable) && !message.contains("hunter2"), "{message}");
            }
        }
    }
}
