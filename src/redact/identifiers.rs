//! Shortens IDs, addresses and names in a report (`--redact`), so that it can go into a ticket.

/// Shortens every GUID, IP address, user principal name and each of `names`.
pub fn shorten_identifiers(text: &str, names: &[String]) -> String {
    let mut text = shorten_resource_names(text);
    for name in names.iter().filter(|name| name.len() > 2) {
        text = text.replace(name.as_str(), &shortened(name));
    }
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars().chain(std::iter::once(' ')) {
        if c.is_ascii_alphanumeric() || "-._@:…".contains(c) {
            word.push(c);
            continue;
        }
        out.push_str(&shorten_word(&word));
        word.clear();
        out.push(c);
    }
    out.pop(); // the added space
    out
}

/// Shortens the names of resource groups, identities and hosts in resource IDs.
fn shorten_resource_names(text: &str) -> String {
    let mut parts = text.split('/');
    let mut out = parts.next().unwrap_or_default().to_owned();
    let mut is_name = false;
    for part in parts {
        out.push('/');
        let end = part.find(|c: char| !(c.is_alphanumeric() || "-_.()".contains(c))).unwrap_or(part.len());
        let (word, rest) = part.split_at(end);
        if is_name {
            out.push_str(&shortened(word))
        } else {
            out.push_str(word)
        }
        out.push_str(rest);
        is_name = ["resourcegroups", "userassignedidentities", "sites", "virtualmachines"]
            .iter()
            .any(|kind| word.eq_ignore_ascii_case(kind) && rest.is_empty());
    }
    out
}

fn shorten_word(word: &str) -> String {
    let bare = word.trim_end_matches(['.', ':']);
    let (bare, tail) = word.split_at(bare.len());
    let short = if is_guid(bare) {
        shortened(&bare[..9])
    } else if let Some((user, domain)) = bare.split_once('@') {
        format!("{}@{}", shortened(user), shortened(domain))
    } else if bare.contains("::") && bare.parse::<std::net::Ipv6Addr>().is_ok_and(|a| !a.is_loopback()) {
        shortened(bare)
    } else if bare.parse::<std::net::Ipv4Addr>().is_ok_and(|a| !a.is_loopback()) {
        let kept: Vec<&str> = bare.split('.').take(2).collect();
        format!("{}.x.x", kept.join("."))
    } else {
        return word.to_owned();
    };
    format!("{short}{tail}")
}

/// Returns true for 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
pub fn is_guid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

/// The first half of a word, at most 4 characters: enough to tell two words apart.
fn shortened(text: &str) -> String {
    let kept = (text.chars().count() / 2).min(4);
    text.chars().take(kept).chain(std::iter::once('…')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_addresses_and_names_are_shortened() {
        let text = "oid=aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb, alex@contoso.example at 203.0.113.25: https://my-vault.vault.azure.net";
        let shown = shorten_identifiers(text, &["my-vault".to_owned()]);
        assert_eq!(shown, "oid=aaaa…, al…@cont… at 203.0.x.x: https://my-v….vault.azure.net");
        let id =
            "/subscriptions/s/resourceGroups/orders-prod/providers/Microsoft.KeyVault/vaults/v --query secrets/get";
        assert!(
            shorten_identifiers(id, &[]).starts_with("/subscriptions/s/resourceGroups/orde…/providers/"),
            "{}",
            shorten_identifiers(id, &[])
        );
    }
}
