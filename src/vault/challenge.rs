//! Reads the challenge of a vault: the tenant to sign in to, and the resource of the token.
//!
//! It also decides if a token may be sent: only to a vault of the resource that the challenge names. A resource that
//! cannot be read permits no vault
//! (<https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses>,
//! <https://devblogs.microsoft.com/azure-sdk/guidance-for-applications-using-the-key-vault-libraries/>).

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::entra::{Scope, TenantId};
use crate::redact;

use super::url::VaultUrl;

/// A `Bearer` challenge of a vault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// The tenant that the vault trusts.
    pub tenant: Option<TenantId>,
    /// The resource or scope, as the vault writes it.
    pub resource: Option<String>,
    /// The scope of `resource`, if it is valid.
    pub scope: Option<Scope>,
    /// The error code: why the vault did not accept a token.
    pub error: Option<String>,
    /// The claims (JSON) that a new token must satisfy, after the session was revoked or a policy changed
    /// (<https://learn.microsoft.com/entra/identity-platform/claims-challenge>).
    pub claims: Option<String>,
}

impl Challenge {
    /// Reads the first `Bearer` challenge of the `WWW-Authenticate` headers (RFC 9110, section 11.6.1).
    pub fn parse<T: AsRef<str>>(headers: impl IntoIterator<Item = T>) -> Option<Self> {
        headers.into_iter().find_map(|header| {
            let parameters = bearer_parameters(header.as_ref())?;
            let get =
                |name: &str| parameters.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str());
            let authority = get("authorization_uri").or_else(|| get("authorization"));
            let resource = get("scope").or_else(|| get("resource"));
            Some(Challenge {
                tenant: authority.and_then(tenant_of),
                resource: resource.map(redact::sanitize_field),
                scope: resource.and_then(|text| Scope::parse(text.trim_end_matches('/')).ok()),
                error: get("error").map(redact::sanitize_field),
                claims: get("claims").and_then(decode_claims),
            })
        })
    }

    /// Returns true if a token may be sent to this vault: the challenge names no resource, or that of the vault's
    /// suffix.
    pub fn permits(&self, vault: &VaultUrl) -> bool {
        match (&self.resource, &self.scope) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(_), Some(scope)) => scope.resource().strip_prefix("https://").is_some_and(|domain| {
                match vault.cloud() {
                    Some(cloud) => domain.eq_ignore_ascii_case(cloud.vault_suffix),
                    // A suffix of `--vault-suffix` can be a subdomain of its resource, but not of a top-level domain.
                    None => domain.contains('.') && lies_under(&vault.host(), domain),
                }
            }),
        }
    }
}

fn lies_under(host: &str, domain: &str) -> bool {
    let (host, domain) = (host.to_ascii_lowercase(), domain.to_ascii_lowercase());
    host.strip_suffix(&domain).is_some_and(|left| left.ends_with('.') && left.len() > 1)
}

/// Decodes base64 in either alphabet, with or without padding, that must hold a JSON object.
fn decode_claims(text: &str) -> Option<String> {
    let plain = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
    let claims = String::from_utf8(STANDARD_NO_PAD.decode(plain).ok()?).ok()?;
    serde_json::from_str::<serde_json::Value>(&claims).is_ok_and(|claims| claims.is_object()).then_some(claims)
}

/// Returns the first segment of the path: `https://login.microsoftonline.com/<tenant>`. The host is ignored: the
/// challenge must not choose where azfob signs in.
fn tenant_of(authority: &str) -> Option<TenantId> {
    let (_, rest) = authority.split_once("://")?;
    let tenant = rest.split('/').nth(1)?;
    // These are no tenants.
    let chooses = ["common", "organizations", "consumers"].iter().any(|word| tenant.eq_ignore_ascii_case(word));
    TenantId::parse(tenant).ok().filter(|_| !chooses)
}

/// Returns the parameters of the first Bearer challenge. A header can hold several; quoted values can hold commas.
fn bearer_parameters(header: &str) -> Option<Vec<(String, String)>> {
    let mut rest = header;
    let mut scheme_is_bearer = false;
    let mut parameters: Option<Vec<(String, String)>> = None;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return parameters;
        }
        let word_end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(word_end);
        match after.trim_start().strip_prefix('=') {
            Some(value) if !word.is_empty() => {
                let (value, after) = read_value(value.trim_start());
                if scheme_is_bearer {
                    parameters.get_or_insert_default().push((word.to_owned(), value));
                }
                rest = after;
            }
            Some(_) => return parameters,
            None => {
                if scheme_is_bearer {
                    return parameters; // the next challenge begins
                }
                scheme_is_bearer = word.eq_ignore_ascii_case("bearer");
                if scheme_is_bearer {
                    parameters = Some(Vec::new());
                }
                rest = after;
            }
        }
    }
}

/// Returns a value and the text after it. An unclosed quote ends with the header.
fn read_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            _ => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::cloud::PUBLIC;
    use crate::vault::url::Suffixes;

    fn parse(header: &str) -> Option<Challenge> {
        Challenge::parse([header])
    }

    fn vault(host: &str, extra: Option<&str>) -> VaultUrl {
        VaultUrl::parse(host, &Suffixes { cloud: PUBLIC, extra: extra.map(str::to_owned) }).unwrap()
    }

    #[test]
    fn every_challenge_form_is_read() {
        for header in [
            r#"Bearer authorization="https://login.microsoftonline.com/72f9", resource="https://vault.azure.net""#,
            r#"bearer resource=https://vault.azure.net,authorization_uri = "https://login.windows.net/72f9/oauth2""#,
            r#"Bearer authorization="https://login.windows.net/72f9", scope="https://vault.azure.net/.default""#,
            r#"PoP nonce="a,b", Bearer authorization="https://l/72f9", resource="https://vault.azure.net/", PoP x="y""#,
        ] {
            let challenge = parse(header).unwrap_or_else(|| panic!("{header}"));
            assert_eq!(challenge.tenant.as_ref().unwrap().as_str(), "72f9", "{header}");
            assert_eq!(challenge.scope.as_ref().unwrap().resource(), "https://vault.azure.net", "{header}");
            assert!(challenge.permits(&vault("my-vault.vault.azure.net", None)));
        }
    }

    #[test]
    fn challenge_may_lack_tenant_and_resource() {
        let claims = r#"Bearer realm="", authorization_uri="https://l/common/oauth2/authorize", error="insufficient_claims", claims="a=,b""#;
        let challenge = parse(claims).unwrap();
        assert_eq!((challenge.tenant, challenge.scope), (None, None));
        assert_eq!(challenge.error.as_deref(), Some("insufficient_claims"));
        for header in ["", "Basic realm=x", "=", "Negotiate", r#"Basic a="b"#] {
            assert_eq!(parse(header), None, "{header}");
        }
    }

    #[test]
    fn only_valid_claims_are_read() {
        let claims = |text: &str| {
            let head = r#"Bearer authorization="https://l/t", error="invalid_token""#;
            parse(&format!(r#"{head}, error_description="User session has been revoked", claims="{text}""#))
                .unwrap()
                .claims
        };
        let expected = r#"{"access_token":{"nbf":{"essential":true, "value":"1603742800"}}}"#;
        let encoded = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwgInZhbHVlIjoiMTYwMzc0MjgwMCJ9fX0";
        for padding in ["", "="] {
            assert_eq!(claims(&format!("{encoded}{padding}")).as_deref(), Some(expected));
        }
        for wrong in ["", "a=,b", "bm8ganNvbg==", "W10=", "{}"] {
            assert_eq!(claims(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn challenge_permits_only_vaults_of_its_resource() {
        let mine = vault("MY-vault.vault.azure.net", None);
        for (resource, permits) in [
            ("https://vault.azure.net", true),
            ("https://vault.azure.net/", true),
            ("https://VAULT.azure.net/.default", true),
            ("https://management.azure.com", false),
            ("https://vault.azure.cn", false),
            ("https://azure.net", false),
            ("https://net", false),
            ("https://evilvault.azure.net", false),
            ("https://my-vault.vault.azure.net", false),
            ("https://vault.azure.net@evil.example", false),
            ("https://vault.azure.net.evil.example", false),
            ("https://vault.azure.net/x", false),
            ("http://vault.azure.net", false),
            ("vault.azure.net", false),
            ("bad value é", false),
            ("", false),
        ] {
            let challenge = parse(&format!(r#"Bearer resource="{resource}""#)).unwrap();
            assert_eq!(challenge.permits(&mine), permits, "{resource}");
        }
        let unclosed = parse(r#"Bearer resource="https://evil.example"#).unwrap();
        assert!(!unclosed.permits(&mine));
    }

    #[test]
    fn custom_suffix_must_be_under_resource() {
        let theirs = vault("my-vault.vault.region.cloud.example", Some("vault.region.cloud.example"));
        for (resource, permits) in [
            ("https://vault.region.cloud.example", true),
            ("https://cloud.example", true),
            ("https://example", false),
            ("https://vault.azure.net", false),
        ] {
            let challenge = parse(&format!(r#"Bearer resource="{resource}""#)).unwrap();
            assert_eq!(challenge.permits(&theirs), permits, "{resource}");
        }
    }
}
