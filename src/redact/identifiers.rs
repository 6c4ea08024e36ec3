//! Shortens IDs, addresses and names in a report (`--redact`), so that it can go into a ticket.

use std::net::Ipv6Addr;
use std::ops::Range;

/// Shortens every GUID, IP address, user principal name, home folder and each of `names`.
pub fn shorten_identifiers(text: &str, names: &[String]) -> String {
    let names = names.iter().filter(|name| name.len() > 2);
    // A name with a blank, such as a home folder, is found only before its folder is shortened.
    let (with_blank, names): (Vec<_>, Vec<_>) = names.partition(|name| name.contains(' '));
    let mut text = with_blank.into_iter().fold(text.to_owned(), |text, name| shorten_name(&text, name));
    text = shorten_homes(&shorten_resource_names(&text));
    text = names.into_iter().fold(text, |text, name| shorten_name(&text, name));
    [shorten_addresses_of_users, shorten_guids, shorten_ipv6, shorten_ipv4]
        .iter()
        .fold(text, |text, shorten| shorten(&text))
}

/// Shortens a name. A long one is found in any case: vaults and hosts have the same name in upper case.
fn shorten_name(text: &str, name: &str) -> String {
    const LONG: usize = 6;
    if name.len() < LONG {
        return text.replace(name, &shortened(name));
    }
    let (lower, name) = (text.to_ascii_lowercase(), name.to_ascii_lowercase());
    let found = lower.match_indices(&name).map(|(at, _)| at..at + name.len());
    replace(text, found, |name| Some(shortened(name)))
}

/// Replaces ranges of a text, in order. `None` keeps the text there.
fn replace(text: &str, ranges: impl Iterator<Item = Range<usize>>, short: impl Fn(&str) -> Option<String>) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for range in ranges.filter(|range| !range.is_empty()) {
        if range.start >= at
            && let Some(short) = short(&text[range.clone()])
        {
            out.push_str(&text[at..range.start]);
            out.push_str(&short);
            at = range.end;
        }
    }
    out + &text[at..]
}

/// Returns the longest ranges of bytes of a kind.
fn runs(text: &str, is_part: impl Fn(u8) -> bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.bytes().enumerate().filter(|(_, byte)| is_part(*byte)) {
        match found.last_mut() {
            Some(last) if last.end == at => last.end += 1,
            _ => found.push(at..at + 1),
        }
    }
    found
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

/// Shortens the names of resource groups, identities and hosts in resource IDs.
fn shorten_resource_names(text: &str) -> String {
    let mut parts = text.split('/');
    let mut out = parts.next().unwrap_or_default().to_owned();
    let mut is_name = false;
    for part in parts {
        out.push('/');
        let end = part.find(|c: char| !(c.is_alphanumeric() || "-_.()".contains(c))).unwrap_or(part.len());
        let (word, rest) = part.split_at(end);
        let name = word.trim_end_matches(['.', ')']);
        out.push_str(&if is_name { shortened(name) + &word[name.len()..] } else { word.to_owned() });
        out.push_str(rest);
        is_name = NAMED.iter().any(|kind| word.eq_ignore_ascii_case(kind) && rest.is_empty());
    }
    out
}

/// The folders that contain home folders, in lower case.
const HOMES: [&str; 3] = ["home", "users", "documents and settings"];
/// What separates the folders of a path, also in a URL, in lower case.
const SEPARATORS: [&str; 4] = ["/", "\\", "%2f", "%5c"];
/// What ends a name without quotes.
const ENDS: &[char] = &['"', '`', ';', ':', ')', ']', '}', '<', '>', '|', '\n', '\r', '\t'];

/// Shortens the user's name in `/home/NAME`, `C:\Users\NAME` and similar paths, with any number of separators. Not in a URL
/// of another host.
fn shorten_homes(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut names = Vec::new();
    for home in HOMES {
        for (at, _) in lower.match_indices(home) {
            let folder = &lower[at + home.len()..];
            let rest = without_separators(folder);
            let (before, after) = (without_separators_at_end(&lower[..at]), lower.len() - rest.len());
            if before.len() < at && rest.len() < folder.len() && may_be_path(before, &lower[before.len()..at]) {
                names.push(after..after + name_length(before, &folder[..folder.len() - rest.len()], rest));
            }
        }
    }
    // ~NAME/
    for (at, _) in lower.match_indices('~').filter(|(at, _)| !lower[..*at].ends_with(char::is_alphanumeric)) {
        let rest = &lower[at + 1..];
        let length = rest.find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c))).unwrap_or(rest.len());
        if rest.starts_with(char::is_alphabetic) && rest[length..].starts_with('/') {
            names.push(at + 1..at + 1 + length);
        }
    }
    names.sort_by_key(|name| name.start);
    replace(text, names.into_iter(), |name| Some(shortened(name)))
}

fn without_separators(mut text: &str) -> &str {
    while let Some(rest) = SEPARATORS.iter().find_map(|one| text.strip_prefix(one)) {
        text = rest;
    }
    text
}

fn without_separators_at_end(mut text: &str) -> &str {
    while let Some(rest) = SEPARATORS.iter().find_map(|one| text.strip_suffix(one)) {
        text = rest;
    }
    text
}

/// Returns the part of a path at the end of a text, up to the length of the longest path.
fn path_at_end(before: &str) -> &str {
    const LONGEST: usize = 4096;
    let is_part = |c: char| c.is_alphanumeric() || "-_.~%:/\\@+$?".contains(c);
    let part = before.char_indices().rev().take(LONGEST).take_while(|(_, c)| is_part(*c));
    &before[part.last().map_or(before.len(), |(at, _)| at)..]
}

/// Returns true if the separators after this text can be in an absolute path, and not in a URL of another host.
fn may_be_path(before: &str, separators: &str) -> bool {
    let path = path_at_end(before);
    if separators.starts_with(['\\']) || path.starts_with("file:") {
        return true;
    }
    let is_drive = path.trim_end_matches(':').len() <= 1;
    let is_url = path.contains("://") || path.ends_with(':') && separators.starts_with("//") && !is_drive;
    !is_url && (is_drive || path.ends_with(':') || path.starts_with(['/', '\\', '%', '~']))
}

/// Returns the length of the user's name at the start of `rest`. `before` is the text before the path's last folders, which
/// `separator` ends.
fn name_length(before: &str, separator: &str, rest: &str) -> usize {
    /// No folder has a longer name.
    const LONGEST: usize = 256;
    let near = &rest[..rest.char_indices().nth(LONGEST).map_or(rest.len(), |(at, _)| at)];
    let line = near.split(['\n', '\r']).next().unwrap_or_default();
    // In `/home/DOMAIN\NAME` the name has a backslash.
    let is_end = |text: &str| SEPARATORS.iter().any(|one| text.starts_with(one) && (*one != "\\" || separator != "/"));
    let folder = line.char_indices().map(|(at, _)| at).find(|at| is_end(&line[*at..]));
    // Up to the quote that the path begins with.
    let quote = before[..before.len() - path_at_end(before).len()].chars().next_back();
    let quoted = quote.filter(|c| "\"'`".contains(*c)).and_then(|quote| line.find(quote));
    if let Some(end) = quoted {
        return folder.map_or(end, |folder| folder.min(end));
    }
    // `O'Neil` and `Neil,A` are names.
    let is_mark = |at: usize| line[at..].starts_with(['\'', ',']) && !line[at + 1..].starts_with(char::is_alphanumeric);
    let end = line.char_indices().find(|(at, c)| ENDS.contains(c) || is_mark(*at)).map_or(line.len(), |(at, _)| at);
    match folder {
        // A name can have a blank if another folder follows.
        Some(folder) if folder < end && !line[..folder].ends_with(' ') => folder,
        _ => line[..end].split(' ').next().unwrap_or_default().trim_end_matches('.').len(),
    }
}

/// Shortens `USER@DOMAIN`, also with `%40`. The user of a guest is `USER_DOMAIN#EXT#`.
fn shorten_addresses_of_users(text: &str) -> String {
    let mut found: Vec<_> = ["@", "%40"].iter().flat_map(|at| text.match_indices(at)).collect();
    found.sort_by_key(|(at, _)| *at);
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (at, sign) in found.into_iter().filter(|(_, sign)| !sign.is_empty()) {
        if at < done {
            continue;
        }
        let before = &text[done..at];
        let is_user = |c: char| c.is_alphanumeric() || "-._+'#!&%…".contains(c);
        let start = before.char_indices().rev().find(|(_, c)| !is_user(*c)).map_or(0, |(at, c)| at + c.len_utf8());
        let user = before[start..].trim_start_matches('\'');
        let after = &text[at + sign.len()..];
        let length = after.find(|c: char| !(c.is_alphanumeric() || "-.…".contains(c))).unwrap_or(after.len());
        let domain = after[..length].trim_end_matches('.');
        if user.is_empty() {
            continue;
        }
        out.push_str(&before[..before.len() - user.len()]);
        out.push_str(&(shortened(user) + sign + &shortened(domain)));
        done = at + sign.len() + domain.len();
    }
    out + &text[done..]
}

/// Shortens GUIDs, and words of 32 hexadecimal digits.
fn shorten_guids(text: &str) -> String {
    const LENGTH: usize = 36;
    let starts = text.char_indices().filter(|(_, c)| c.is_ascii_hexdigit()).map(|(at, _)| at..at + LENGTH);
    let guids = starts.filter(|range| text.get(range.clone()).is_some_and(is_guid));
    let text = replace(text, guids, |guid| Some(shortened(&guid[..9])));
    let digits = |word: &str| word.len() == 32 && word.bytes().all(|b| b.is_ascii_hexdigit());
    replace(&text, runs(&text, |b| b.is_ascii_alphanumeric()).into_iter(), |word| {
        digits(word).then(|| shortened(&word[..8]))
    })
}

/// Shortens IPv6 addresses, also after a colon (`client:2001:db8::1`) and with an IPv4 address at their end.
fn shorten_ipv6(text: &str) -> String {
    /// `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`
    const LONGEST: usize = 45;
    let mut found = Vec::new();
    for run in runs(text, |b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.')) {
        let is_word = |c: char| c.is_alphanumeric();
        let (after_word, before_word) = (text[..run.start].ends_with(is_word), text[run.end..].starts_with(is_word));
        let bytes = &text.as_bytes()[run.clone()];
        if bytes.iter().filter(|b| **b == b':').count() < 2 {
            continue;
        }
        let mut at = 0;
        while at < bytes.len() {
            let begins = if at == 0 { !after_word } else { bytes[at - 1] == b':' };
            let ends =
                |end: &usize| if *end == bytes.len() { !before_word } else { matches!(bytes[*end], b':' | b'.') };
            let parsed = |end: &usize| text[run.start + at..run.start + end].parse::<Ipv6Addr>().ok();
            let mut candidates = (at + 2..=bytes.len().min(at + LONGEST)).rev().filter(ends);
            let address = begins.then(|| candidates.find_map(|end| Some((end, parsed(&end)?)))).flatten();
            if let Some((end, address)) = address {
                if !address.is_loopback() && !address.is_unspecified() {
                    found.push(run.start + at..run.start + end);
                }
                at = end;
            } else {
                at += 1;
            }
        }
    }
    replace(text, found.into_iter(), |address| Some(shortened(address)))
}

/// Shortens IPv4 addresses to their first two numbers. Four numbers after a `v` are a version.
fn shorten_ipv4(text: &str) -> String {
    let found = runs(text, |b| b.is_ascii_digit() || b == b'.').into_iter().map(|run| {
        let number = text[run.clone()].trim_start_matches('.');
        let start = run.end - number.len();
        start..start + number.trim_end_matches('.').len()
    });
    let found: Vec<_> = found.filter(|range| !text[..range.start].ends_with(['v', 'V'])).collect();
    replace(text, found.into_iter(), |text| {
        let numbers: Vec<&str> = text.split('.').collect();
        let is_address = numbers.len() == 4 && numbers.iter().all(|number| number.parse::<u8>().is_ok());
        (is_address && numbers[0].parse() != Ok(127_u8)).then(|| format!("{}.{}.x.x", numbers[0], numbers[1]))
    })
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
            ("client:203.0.113.25-203.0.113.29 v203.0.113.25", "client:203.0.x.x-203.0.x.x v203.0.113.25"),
            ("client:2001:db8::1, fe80::1ff:fe23%eth0, ::ffff:203.0.113.25", "client:2001…, fe80…%eth0, ::ff…"),
            ("Az::Bad, 12:34:56, 1.3.6.1.5.5.7.3.1", "Az::Bad, 12:34:56, 1.3.6.1.5.5.7.3.1"),
            ("id:aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb:x", "id:aaaa…:x"),
            ("x_AAAAAAAA-0000-1111-2222-BBBBBBBBBBBB-1", "x_AAAA…-1"),
            ("alex_contoso.example#EXT#@tenant.example", "alex…@tena…"),
            ("sub=alex%40contoso.example, o'neil+a@contoso.example", "sub=al…%40cont…, o'ne…@cont…"),
            ("@Microsoft.KeyVault(SecretUri=x)", "@Microsoft.KeyVault(SecretUri=x)"),
            ("/var/home/alice/x, file:///home/alice", "/var/home/al…/x, file:///home/al…"),
            ("~alice/x, ~/x, %2Fhome%2Falice%2Fx", "~al…/x, ~/x, %2Fhome%2Fal…%2Fx"),
            (r"/home/CONTOSO\alice/x, C:/Users\alice", r"/home/CONT…/x, C:/Users\al…"),
            ("C:/Users/Alice Smith/x or /tmp", "C:/Users/Alic…/x or /tmp"),
            (r#""C:\Users\Alice Smith" x"#, r#""C:\Users\Alic…" x"#),
            (r"\?\C:\Users\O'Neil,A\x, \srv\home\alice\x", r"\?\C:\Users\O'Ne…\x, \srv\home\al…\x"),
        ] {
            assert_eq!(shorten_identifiers(text, &[]), shown);
        }
    }

    #[test]
    fn names_are_shortened_in_any_case_and_with_blanks() {
        let names = ["my-vault", "key", "/home/alice smith"].map(str::to_owned);
        let shown = shorten_identifiers("MY-VAULT.vault.azure.net, Key Vault, /home/alice smith", &names);
        assert_eq!(shown, "MY-V….vault.azure.net, Key Vault, /hom…");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([a-fé0-9:./%@~'\\\\-]|/home/|users|%40|\\n|\\PC)*") {
            let shown = shorten_identifiers(&text, &["aé".to_owned(), "b c".to_owned()]);
            proptest::prop_assert!(shown.len() <= 2 * text.len() + 8);
        }
    }
}
