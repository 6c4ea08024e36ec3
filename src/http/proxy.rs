//! Which proxy a request goes through, decided as curl decides it.
//!
//! ureq would take one proxy for every scheme and knows less of `NO_PROXY`, so the decision is made here. Identity
//! endpoints on the machine never come this way: they are asked directly, whatever these variables say.

use std::net::IpAddr;

use crate::env::{self, Env};

/// The proxy settings of the environment.
#[derive(Clone, Debug, Default)]
pub struct ProxyRules {
    https: Option<Proxy>,
    bypass: Vec<Bypass>,
}

/// One proxy, and where it was set.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// The variable that named it.
    pub variable: &'static str,
    /// Its host and port, without a user's name or password.
    pub address: String,
    pub(super) inner: ureq::Proxy,
}

impl Proxy {
    /// Its host, without the port.
    pub fn host(&self) -> &str {
        self.inner.host()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.inner.port()
    }

    /// Whether it speaks HTTP, and not SOCKS.
    pub fn speaks_http(&self) -> bool {
        self.inner.protocol() == ureq::ProxyProtocol::Http
    }
}

/// A proxy variable whose value is no proxy's address. The value is not shown: it can carry a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedProxy {
    /// The variable.
    pub variable: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Bypass {
    Everything,
    Domain(String),
    Network(IpAddr, u8),
}

/// In curl's order; see <https://curl.se/libcurl/c/libcurl-env.html>.
const HTTPS_VARIABLES: [&str; 4] = [env::HTTPS_PROXY_LOWER, env::HTTPS_PROXY, env::ALL_PROXY_LOWER, env::ALL_PROXY];
const BYPASS_VARIABLES: [&str; 2] = [env::NO_PROXY_LOWER, env::NO_PROXY];

impl ProxyRules {
    /// Reads `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case.
    ///
    /// # Errors
    /// A value that is no proxy's address.
    pub fn from_env(env: &Env) -> Result<Self, MalformedProxy> {
        let https = match HTTPS_VARIABLES.into_iter().find_map(|v| env.get_os(v).map(|value| (v, value))) {
            None => None,
            Some((variable, value)) => {
                let value = value.to_str().ok_or(MalformedProxy { variable })?;
                let inner = ureq::Proxy::new(value.trim()).map_err(|_| MalformedProxy { variable })?;
                // A proxy that itself speaks TLS would need a second TLS layer, which the transport does not build.
                if inner.protocol() == ureq::ProxyProtocol::Https {
                    return Err(MalformedProxy { variable });
                }
                Some(Proxy { variable, address: format!("{}:{}", inner.host(), inner.port()), inner })
            }
        };
        let bypass = env.first(&BYPASS_VARIABLES).map(|(_, list)| parse_bypass(list)).unwrap_or_default();
        Ok(ProxyRules { https, bypass })
    }

    /// The proxy for an https request to `host`; none where it is to be asked directly.
    pub fn for_host(&self, host: &str) -> Option<&Proxy> {
        let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
        if self.bypass.iter().any(|rule| rule.covers(&host)) { None } else { self.https.as_ref() }
    }
}

fn parse_bypass(list: &str) -> Vec<Bypass> {
    list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty()).map(Bypass::parse).collect()
}

impl Bypass {
    fn parse(entry: &str) -> Self {
        if entry == "*" {
            return Bypass::Everything;
        }
        let bare = entry.trim_matches(['[', ']']);
        let (address, length) = bare.split_once('/').map_or((bare, None), |(a, l)| (a, Some(l)));
        if let Ok(address) = address.trim_matches(['[', ']']).parse::<IpAddr>() {
            let full = if address.is_ipv4() { 32 } else { 128 };
            let length = length.map_or(Some(full), |l| l.parse().ok().filter(|l| *l <= full));
            if let Some(length) = length {
                return Bypass::Network(address, length);
            }
        }
        let domain = entry.trim_start_matches("*.").trim_start_matches('.').trim_end_matches('.');
        Bypass::Domain(domain.to_ascii_lowercase())
    }

    fn covers(&self, host: &str) -> bool {
        match self {
            Bypass::Everything => true,
            Bypass::Domain(domain) => {
                host.strip_suffix(domain.as_str()).is_some_and(|left| left.is_empty() || left.ends_with('.'))
            }
            Bypass::Network(network, length) => match (host.parse(), network) {
                (Ok(IpAddr::V4(a)), IpAddr::V4(b)) => same_prefix(a.to_bits().into(), b.to_bits().into(), 32, *length),
                (Ok(IpAddr::V6(a)), IpAddr::V6(b)) => same_prefix(a.to_bits(), b.to_bits(), 128, *length),
                _ => false,
            },
        }
    }
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

    #[test]
    fn the_proxy_of_the_lower_case_variable_comes_first() {
        let rules = rules(&[("HTTPS_PROXY", "http://b:1"), ("https_proxy", "http://user:pw@a:3128")]);
        let proxy = rules.for_host("my-vault.vault.azure.net").unwrap();
        assert_eq!((proxy.variable, proxy.address.as_str()), ("https_proxy", "a:3128"));
    }

    #[test]
    fn no_proxy_covers_names_subdomains_and_networks() {
        let rules =
            rules(&[("ALL_PROXY", "http://p:1"), ("NO_PROXY", " .azure.net, example.com 10.0.0.0/8,[fd00::]/8,")]);
        for direct in
            ["my-vault.vault.azure.net", "AZURE.NET", "example.com", "a.example.com.", "10.9.8.7", "[fd12::1]"]
        {
            assert!(rules.for_host(direct).is_none(), "{direct}");
        }
        for proxied in ["notazure.net", "login.microsoftonline.com", "11.0.0.1", "fe80::1", "example.com.evil"] {
            assert!(rules.for_host(proxied).is_some(), "{proxied}");
        }
        let all = self::rules(&[("ALL_PROXY", "http://p:1"), ("no_proxy", "*")]);
        assert!(all.for_host("x").is_none());
    }

    #[test]
    fn a_value_that_is_no_proxy_is_told_by_its_variable_alone() {
        for value in ["http://", "https://p:1", "gopher://p:1"] {
            let env: Env = [("HTTPS_PROXY", value)].into_iter().collect();
            assert_eq!(ProxyRules::from_env(&env).unwrap_err().variable, "HTTPS_PROXY", "{value}");
        }
    }
}
