//! The host that a failed request was sent to, as each language writes it.

use std::net::IpAddr;
use std::ops::Range;

use super::component::Component;
use super::service::OtherService;
use crate::entra::cloud::{CLOUDS, Cloud};

/// The host of a failed request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::diagnosis) struct RequestedHost {
    pub(in crate::diagnosis) host: String,
    /// The address that was dialled.
    pub(super) address: Option<IpAddr>,
    /// The path of the request.
    path: String,
}

/// The metadata service's address.
pub(super) const METADATA: &str = "169.254.169.254";
/// Bytes before a failure in which its request can be.
const BEFORE: usize = 600;
/// Bytes after a failure in which its host can be.
const AFTER: usize = 300;
/// Hosts of help pages, which are in messages but not dialled.
const HELP: [&str; 6] =
    ["aka.ms", "learn.microsoft.com", "docs.microsoft.com", "go.microsoft.com", "github.com", "msal.js.errors"];

impl RequestedHost {
    fn new(host: &str, path: &str) -> Option<Self> {
        // `sun.security.validator.ValidatorException` is a class of Java.
        let last = host.rsplit('.').next().unwrap_or_default().as_bytes();
        if matches!(last, [first, second, ..] if first.is_ascii_uppercase() && second.is_ascii_lowercase()) {
            return None;
        }
        let host = host.trim_end_matches(['.', ':']).to_ascii_lowercase();
        let address = host.parse().ok();
        let is_host = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._[]".contains(&b));
        // `(_ssl.c:1006)` is a place in a source file.
        let is_host = is_host && !host.starts_with('_');
        let is_help = HELP.iter().any(|help| host == *help || host.ends_with(&format!(".{help}")));
        (is_host && !is_help).then(|| RequestedHost { host, address, path: path.to_owned() })
    }

    /// Returns the host that a network failure at `at` is about.
    pub(in crate::diagnosis) fn dialled(text: &str, at: &Range<usize>) -> Option<Self> {
        let (before, after) = around(text, at);
        // A certificate's own names are no hosts that were dialled.
        let is_certificate = text[at.clone()].to_ascii_lowercase().contains("certificate");
        let in_words = Self::after_phrase(after).filter(|_| !is_certificate);
        if let Some(named) = in_words.as_ref().filter(|endpoint| endpoint.address.is_none()) {
            return Some(named.clone());
        }
        let dialled = last_after(before, "dial tcp ").and_then(|word| Self::new(host_of(word), ""));
        let address = in_words.as_ref().or(dialled.as_ref()).and_then(|endpoint| endpoint.address);
        let request = ["lookup ", "host='", "Failed to resolve '"]
            .into_iter()
            .find_map(|key| last_after(before, key))
            .and_then(|word| Self::new(host_of(word), ""))
            .or_else(|| last_url(before))
            .or_else(|| Self::in_parentheses(before))
            .or_else(|| Self::first_in_parentheses(after))
            .or_else(|| first_url(after));
        match request {
            // A name that resolved to this machine, or to the metadata service, is that.
            Some(request) => Some(RequestedHost { address: address.or(request.address), ..request }),
            None => in_words.or(dialled),
        }
    }

    /// Returns the host of the request that an answer at `at` is for.
    pub(super) fn requested(text: &str, at: &Range<usize>) -> Option<Self> {
        let (before, after) = around(text, at);
        last_url(before).or_else(|| first_url(after))
    }

    /// `ENOTFOUND my-vault.vault.azure.net`, `Connection refused (my-vault.vault.azure.net:443)`.
    fn after_phrase(after: &str) -> Option<Self> {
        let after = after.trim_start_matches([' ', ':', '.', '\'', '"', ',']);
        let after = after.strip_prefix("Failed to resolve '").unwrap_or(after);
        let (word, is_parenthesized) = match after.strip_prefix('(') {
            Some(inner) => (inner, true),
            None => (after, false),
        };
        let word = word.split([' ', ')', ',', ';', '"', '\'', '/']).next()?;
        let (host, port) = word.split_once(':').map_or((word, None), |(host, port)| (host, Some(port)));
        let has_port = port.is_some_and(|port| port.trim_end_matches('.').parse::<u16>().is_ok());
        let is_host = (host.contains('.') && !host.ends_with('.')) || host == "localhost";
        let is_named = is_host && (has_port || is_parenthesized || host.matches('.').count() >= 2);
        is_named.then(|| Self::new(host, "")).flatten()
    }

    /// `(my-vault.vault.azure.net:443)`, as .NET and Java write it.
    fn in_parentheses(before: &str) -> Option<Self> {
        before.rmatch_indices('(').find_map(|(at, _)| {
            let inner = before[at + 1..].split(')').next()?;
            let (host, port) = inner.rsplit_once(':')?;
            port.parse::<u16>().ok()?;
            // `(Application.java:87)` is a place in a source file.
            Self::new(host, "").filter(|endpoint| endpoint.host.matches('.').count() >= 2)
        })
    }

    /// `... connected host has failed to respond. (169.254.169.254:80)`.
    fn first_in_parentheses(after: &str) -> Option<Self> {
        after.match_indices('(').find_map(|(at, _)| {
            let (host, port) = after[at + 1..].split(')').next()?.rsplit_once(':')?;
            let is_host = host.matches('.').count() >= 2 && port.parse::<u16>().is_ok();
            is_host.then(|| Self::new(host, "")).flatten()
        })
    }

    pub(super) fn is_vault(&self) -> bool {
        let suffixes = CLOUDS.iter().flat_map(|cloud| [cloud.vault_suffix, cloud.hsm_suffix]);
        self.is_private_link() || suffixes.into_iter().any(|suffix| is_in(&self.host, suffix))
    }

    pub(super) fn is_private_link(&self) -> bool {
        self.host.contains(".vaultcore.")
    }

    pub(super) fn is_entra(&self) -> bool {
        Cloud::of_authority(&self.host).is_some() || self.host.ends_with(".login.microsoft.com")
    }

    pub(super) fn is_metadata(&self) -> bool {
        self.host == METADATA || self.address.is_some_and(|address| address.to_string() == METADATA)
    }

    /// Returns true for an identity endpoint on this machine, which a variable names.
    pub(super) fn is_local_identity(&self) -> bool {
        let path = self.path.to_ascii_lowercase();
        (self.is_this_machine() || self.is_link_local())
            && ["msi/token", "metadata/identity", "oauth2/token", "host/token"].iter().any(|part| path.contains(part))
    }

    /// App Service on Linux has link-local addresses for its identity endpoint.
    pub(super) fn is_link_local(&self) -> bool {
        matches!(self.address, Some(IpAddr::V4(address)) if address.is_link_local()) && !self.is_metadata()
    }

    /// Returns true for the node's endpoint of AAD pod identity.
    pub(super) fn is_pod_identity(&self) -> bool {
        self.is_this_machine() && self.path.contains("host/token")
    }

    pub(super) fn is_this_machine(&self) -> bool {
        self.host == "localhost" || self.address.is_some_and(|address| address.is_loopback())
    }

    pub(super) fn is_private_address(&self) -> bool {
        matches!(self.address, Some(IpAddr::V4(address)) if address.is_private())
    }

    fn is_management(&self) -> bool {
        [
            "management.azure.com",
            "management.usgovcloudapi.net",
            "management.chinacloudapi.cn",
            "graph.microsoft.com",
            "graph.windows.net",
        ]
        .contains(&self.host.as_str())
    }

    /// Returns the other Azure service behind the host.
    pub(super) fn other_service(&self) -> Option<&'static OtherService> {
        OtherService::of_host(&self.host)
    }

    pub(super) fn is_ci(&self) -> bool {
        self.host.ends_with("actions.githubusercontent.com") || self.host == "vstoken.dev.azure.com"
    }

    /// Returns the component behind the host, if it is one of this field.
    pub(super) fn component(&self) -> Option<Component> {
        match () {
            () if self.is_vault() => Some(Component::KeyVault),
            () if self.is_entra() => Some(Component::EntraId),
            () if self.is_metadata() || self.is_local_identity() => Some(Component::IdentityEndpoint),
            () if self.is_management() => Some(Component::Management),
            () if self.is_ci() => Some(Component::CiSystem),
            () => None,
        }
    }
}

fn is_in(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|name| name.ends_with('.'))
}

/// Returns the text before and after a range.
fn around<'a>(text: &'a str, at: &Range<usize>) -> (&'a str, &'a str) {
    let (mut from, mut to) = (at.start.saturating_sub(BEFORE), (at.end + AFTER).min(text.len()));
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    while !text.is_char_boundary(to) {
        to += 1;
    }
    (&text[from..at.start], &text[at.end..to])
}

/// Returns the text after the last `key`.
fn last_after<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.rfind(key).map(|at| &text[at + key.len()..])
}

/// Returns the host at the start of a text.
fn host_of(text: &str) -> &str {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "-.".contains(c))).next().unwrap_or_default()
}

fn last_url(text: &str) -> Option<RequestedHost> {
    text.rmatch_indices("://").find_map(|(at, _)| url_at(text, at))
}

fn first_url(text: &str) -> Option<RequestedHost> {
    text.match_indices("://").find_map(|(at, _)| url_at(text, at))
}

/// Returns the endpoint of the URL with its `://` at an offset. A URL in the query of another one was not dialled.
fn url_at(text: &str, at: usize) -> Option<RequestedHost> {
    let scheme = text[..at].rfind(|c: char| !c.is_ascii_alphabetic()).map_or(0, |end| end + 1);
    let is_query = text[..scheme].ends_with(['=']) && text[..scheme].contains("://");
    let is_http = ["http", "https"].iter().any(|http| text[scheme..at].eq_ignore_ascii_case(http));
    let rest = &text[at + 3..];
    let host = host_of(rest);
    let path = rest[host.len()..].split([' ', '"', '\'', '?', ')', '<']).next().unwrap_or_default();
    // `login.contoso.com:8443/path`.
    let path = path.find('/').map_or("", |slash| &path[slash..]);
    if is_http && !is_query { RequestedHost::new(host, path) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialled(text: &str, phrase: &str) -> Option<String> {
        let at = text.find(phrase).expect(phrase);
        RequestedHost::dialled(text, &(at..at + phrase.len())).map(|endpoint| endpoint.host)
    }

    #[test]
    fn the_dialled_host_is_found_in_the_words_of_each_language() {
        for (text, phrase) in [
            ("HTTPSConnectionPool(host='a.vault.azure.net', port=443): Max retries exceeded", "Max retries"),
            (
                "Get \"https://x.contoso.com/\": dial tcp: lookup a.vault.azure.net on 10.0.0.10:53: no such host",
                "no such host",
            ),
            ("getaddrinfo ENOTFOUND a.vault.azure.net", "ENOTFOUND"),
            ("No such host is known. (a.vault.azure.net:443)", "No such host is known"),
            ("Failed to resolve 'a.vault.azure.net' ([Errno -2] Name or service not known)", "Name or service"),
            ("java.net.UnknownHostException: a.vault.azure.net", "UnknownHostException"),
            (
                "reading https://b.vault.azure.net/: Post \"https://a.vault.azure.net/x?resource=https://vault.azure.net\": \
                 dial tcp 203.0.113.9:443: connection refused",
                "connection refused",
            ),
            ("socket hang up request: { \"url\": \"https://a.vault.azure.net/secrets\" }", "socket hang up"),
            ("timed out, see https://aka.ms/x, for https://a.vault.azure.net", "timed out"),
        ] {
            assert_eq!(dialled(text, phrase).as_deref(), Some("a.vault.azure.net"), "{text}");
        }
        assert_eq!(dialled("Connection refused by the server", "Connection refused"), None);
    }
}
