//! Recognizes the web page of a proxy or filter that answers instead of a service of Azure, which answers in JSON.

use std::fmt;

use super::Reply;
use crate::redact;

/// A web page that answered instead of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebPage {
    pub status: u16,
    /// The `Server` header.
    pub server: Option<String>,
    /// The page's title.
    pub title: Option<String>,
}

/// Bytes of a page in which its title is searched.
const HEAD: usize = 16 << 10;
/// Maximum characters of a title.
const LONGEST_TITLE: usize = 120;

impl WebPage {
    /// Returns the page in an answer, or nothing if the answer is no web page.
    pub fn in_reply(reply: &Reply) -> Option<Self> {
        let kind = reply.header("content-type").unwrap_or_default().to_ascii_lowercase();
        let text = reply.body.trim_ascii_start();
        let begins = |tag: &[u8]| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
        let is_page = kind.starts_with("text/html") || begins(b"<!doctype html") || begins(b"<html");
        is_page.then(|| WebPage {
            status: reply.status,
            server: reply.header("server").map(redact::sanitize_field),
            title: title(&String::from_utf8_lossy(&text[..text.len().min(HEAD)])),
        })
    }
}

/// Returns the text of the `title` element, on one line.
fn title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let begin = lower.find("<title")?;
    let begin = begin + lower[begin..].find('>')? + 1;
    let end = begin + lower[begin..].find("</title")?;
    let text = page[begin..end].split_whitespace().collect::<Vec<_>>().join(" ");
    let text: String = redact::sanitize_field(&text).chars().take(LONGEST_TITLE).collect();
    (!text.is_empty()).then_some(text)
}

impl fmt::Display for WebPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(title) = &self.title {
            write!(f, "'{title}' ")?;
        }
        let server = self.server.as_ref().map(|server| format!(", Server '{server}'")).unwrap_or_default();
        write!(f, "(status {}{server})", self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(kind: &str, body: &str) -> Option<String> {
        let mut headers = ureq::http::HeaderMap::new();
        headers.insert("content-type", kind.parse().unwrap());
        headers.insert("server", "squid/5.7".parse().unwrap());
        let reply = Reply { status: 403, headers, body: body.as_bytes().to_vec() };
        WebPage::in_reply(&reply).map(|page| page.to_string())
    }

    #[test]
    fn a_page_has_title_status_and_server() {
        let body = "<!DOCTYPE html><html><head><Title>Access Denied -\n Contoso</title></head></html>";
        let expected = "'Access Denied - Contoso' (status 403, Server 'squid/5.7')";
        assert_eq!(page("text/html; charset=utf-8", body).as_deref(), Some(expected));
        assert_eq!(page("application/octet-stream", body).as_deref(), Some(expected));
        assert_eq!(page("text/html", "").as_deref(), Some("(status 403, Server 'squid/5.7')"));
        assert_eq!(page("application/json", "{\"error\":\"<html>\"}"), None);
    }
}
