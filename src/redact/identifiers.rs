//! Shortens IDs, addresses and names in a report (`--redact`), so that it can go into a ticket.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Shortens every GUID, IP address, user principal name, home folder and each of `names`.
pub fn shorten_identifiers(text: &str, names: &[String]) -> String {
    let mut text = shorten_windows_homes(&shorten_resource_names(text));
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

/// The types in a resource ID. The names after them are shortened.
const NAMED: &[&str] = &[
    "resourcegroups",
    "userassignedidentities",
    "sites",
    "virtualmachines",
    "virtualmachinescalesets",
    "containerapps",
    "containergroups",
    "jobs",
];

/// Shortens the names of resource groups, identities and hosts in resource IDs, and of users in the paths of home folders.
fn shorten_resource_names(text: &str) -> String {
    let mut parts = text.split('/');
    let mut last = parts.next().unwrap_or_default();
    let mut out = last.to_owned();
    let mut is_name = false;
    for part in parts {
        let begins_path = !out.ends_with(char::is_alphanumeric) && !out.ends_with(":/");
        out.push('/');
        let end = part.find(|c: char| !(c.is_alphanumeric() || "-_.()".contains(c))).unwrap_or(part.len());
        let (word, rest) = part.split_at(end);
        let name = word.trim_end_matches(['.', ')']);
        out.push_str(&if is_name { shortened(name) + &word[name.len()..] } else { word.to_owned() });
        out.push_str(rest);
        is_name = NAMED.iter().any(|kind| word.eq_ignore_ascii_case(kind) && rest.is_empty());
        // Not in a URL: `/home/NAME`, `/Users/NAME` and `/mnt/c/Users/NAME`.
        let is_drive = last.len() == 1 && last.starts_with(|c: char| c.is_ascii_alphabetic());
        let is_home = rest.is_empty() && ["home", "users"].iter().any(|home| word.eq_ignore_ascii_case(home));
        is_name |= is_home && (begins_path || is_drive);
        last = part;
    }
    out
}

/// Shortens the user's name in `C:\Users\NAME`, with single or double backslashes.
fn shorten_windows_homes(text: &str) -> String {
    const HOMES: &str = "\\users\\";
    let lower = text.to_ascii_lowercase();
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    while let Some(found) = lower[at..].find(HOMES) {
        let folder = at + found + HOMES.len();
        let start = folder + lower[folder..].len() - lower[folder..].trim_start_matches('\\').len();
        let line = text[start..].split(['"', '\n', '\r', '/', ';']).next().unwrap_or_default();
        // A name can have a blank if another folder follows.
        let end = line.find('\\').or_else(|| line.find([' ', ',', '\'', ')', ':'])).unwrap_or(line.len());
        out.push_str(&text[at..start]);
        out.push_str(&shortened(&line[..end]));
        at = start + end;
    }
    out + &text[at..]
}

fn shorten_word(word: &str) -> String {
    let bare = word.trim_end_matches(['.', ':']);
    let (bare, tail) = word.split_at(bare.len());
    let short = if is_guid(bare) {
        shortened(&bare[..9])
    } else if let Some((user, domain)) = bare.split_once('@') {
        format!("{}@{}", shortened(user), shortened(domain))
    } else if bare.parse::<Ipv6Addr>().is_ok_and(|a| !a.is_loopback()) {
        shortened(bare)
    } else if let Some(address) = without_port(bare).parse::<Ipv4Addr>().ok().filter(|a| !a.is_loopback()) {
        let [first, second, ..] = address.octets();
        format!("{first}.{second}.x.x{}", &bare[without_port(bare).len()..])
    } else if bare.len() == 32 && bare.bytes().all(|b| b.is_ascii_hexdigit()) {
        shortened(&bare[..8])
    } else {
        return word.to_owned();
    };
    format!("{short}{tail}")
}

fn without_port(word: &str) -> &str {
    word.split_once(':').map_or(word, |(address, _)| address)
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

    #[test]
    fn addresses_and_home_folders_are_shortened_in_every_form() {
        for (text, shown) in [
            ("Client address: 2001:db8:1:2:3:4:5:6, ok", "Client address: 2001…, ok"),
            ("[2001:db8::6]:443 and ::1 at 12:34:56", "[2001…]:443 and ::1 at 12:34:56"),
            ("203.0.113.25:443 127.0.0.1:80", "203.0.x.x:443 127.0.0.1:80"),
            ("id aaaaaaaa000011112222bbbbbbbbbbbb", "id aaaa…"),
            ("file /home/alice.smith/tok", "file /home/alic…/tok"),
            ("/Users/alice/x:/home/bob", "/Users/al…/x:/home/b…"),
            ("(/home/alice.smith).", "(/home/alic…)."),
            ("/mnt/c/Users/alice/x", "/mnt/c/Users/al…/x"),
            (r"C:\Users\Alice Smith\.azure", r"C:\Users\Alic…\.azure"),
            (r#""C:\\Users\\alice\\.azure""#, r#""C:\\Users\\al…\\.azure""#),
            (r"in c:\users\alice now", r"in c:\users\al… now"),
            (
                "https://learn.microsoft.com/entra/identity/users/overview",
                "https://learn.microsoft.com/entra/identity/users/overview",
            ),
            ("https://home/users/x", "https://home/users/x"),
        ] {
            assert_eq!(shorten_identifiers(text, &[]), shown);
        }
    }
}
