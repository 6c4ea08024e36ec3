//! Rows recognised in another program's text: a stack trace, a log, one code. The only matcher of messages.
//!
//! Nothing is probed and nothing is believed beyond its form: what a line says is quoted, made harmless, and what looks
//! like a token in it is cut out.

use crate::entra::aadsts_code;
use crate::secret::mask_tokens;
use crate::token::Claims;
use crate::token::identity::{Identity, Origin};
use crate::vault::error::Forbidden;
use crate::vault::url::{Suffixes, VaultUrl};

use super::case::Case;
use super::finding::Finding;
use super::table::{Row, Weight, aadsts, rows};

/// An error that was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// What it means.
    pub finding: Finding,
    /// The first line it was seen on, from 1.
    pub line: usize,
    /// On how many lines it was seen.
    pub times: usize,
}

/// Longer lines are cut for recognising and for quoting.
const LINE_LIMIT: usize = 4096;
const QUOTE_LIMIT: usize = 200;
/// Over so many lines the facts of one refusal are spread.
const CONTEXT: usize = 12;
/// So many lines before it can name the vault.
const BEFORE: usize = 4;

/// Reads a text and answers with each error in it, the most telling first.
pub fn recognise(text: &str, here: &Case, suffixes: &Suffixes) -> Vec<Recognised> {
    let lines: Vec<&str> = text.lines().map(|line| cut(line, LINE_LIMIT)).collect();
    let mut found: Vec<Recognised> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        for row in rows_of(line) {
            if let Some(before) = found.iter_mut().find(|r| r.finding.row == row) {
                before.times += 1;
                continue;
            }
            let context = lines[at..lines.len().min(at + CONTEXT)].join("\n");
            // What was asked for is often told before what came of it.
            let before = lines[at.saturating_sub(BEFORE)..at].join("\n");
            let vault = vault_in(&context, suffixes).or_else(|| vault_in(&before, suffixes));
            found.push(Recognised { finding: fill_in(row, line, &context, vault, here), line: at + 1, times: 1 });
        }
    }
    found.sort_by_key(|r| (r.finding.row.weight == Weight::Vague, r.line));
    found
}

/// Explains one code or one message, offline.
pub fn explain_code(text: &str, here: &Case, suffixes: &Suffixes) -> Option<Finding> {
    let text = text.trim();
    let by_code = || rows().find(|row| row.code.eq_ignore_ascii_case(text));
    let by_number = || text.parse().ok().and_then(aadsts::row);
    let row = by_code().or_else(by_number).or_else(|| rows_of(text).into_iter().next())?;
    Some(Finding { what: String::new(), ..fill_in(row, text, text, vault_in(text, suffixes), here) })
}

/// The rows of a line, which can hold a whole list of errors: Entra ID's number, which says it all, or else each sign in
/// it, the longest first. A sign within a longer one's text is that one's.
fn rows_of(line: &str) -> Vec<&'static Row> {
    if let Some(row) = aadsts_code(line).and_then(aadsts::row) {
        return vec![row];
    }
    let lower = line.to_lowercase();
    let signs = rows().flat_map(|row| row.signs.iter().map(move |sign| (*sign, row)));
    let mut met: Vec<(usize, &str, &'static Row)> =
        signs.filter_map(|(sign, row)| Some((lower.find(sign)?, sign, row))).collect();
    met.sort_by_key(|(_, sign, _)| std::cmp::Reverse(sign.len()));
    let mut rows: Vec<(usize, usize, &'static Row)> = Vec::new();
    for (at, sign, row) in met {
        let end = at + sign.len();
        let covered = rows.iter().any(|(from, to, other)| *other == row || (*from <= at && end <= *to));
        if !covered {
            rows.push((at, end, row));
        }
    }
    // What says only that something failed is left out beside what says why.
    let telling = rows.iter().any(|(.., row)| row.weight != Weight::Vague);
    rows.into_iter().map(|(.., row)| row).filter(|row| !telling || row.weight != Weight::Vague).collect()
}

/// Fills a row in with what the lines around say: the caller, the vault, the address.
fn fill_in(row: &'static Row, line: &str, context: &str, vault: Option<VaultUrl>, here: &Case) -> Finding {
    let what = cut(&mask_tokens(line.trim()), QUOTE_LIMIT).to_owned();
    let facts = Forbidden::read("", "", context.to_owned());
    let aside = facts.object_id.as_ref().map(|id| format!("identity {id}"));
    let claims = Claims { oid: facts.object_id, appid: facts.app_id, ..Claims::default() };
    let identity = claims.oid.is_some().then(|| Identity::from_claims(&claims, Origin::Elsewhere));
    let case = Case {
        vault: vault.or(here.vault.clone()),
        identity: identity.or(here.identity.clone()),
        client_address: facts.client_address.or(here.client_address.clone()),
        resource: facts.resource.or(here.resource.clone()),
        ..here.clone()
    };
    // The row of a range leaves open which code it was.
    let link = aadsts::link_beside(row, aadsts_code(line).or_else(|| line.parse().ok()));
    Finding { aside, details: link.into_iter().collect(), ..Finding::new(row, what, &case) }
}

/// The first vault that a text names: as a host name, or in Key Vault's own words (`Vault: my-vault;location=...`).
fn vault_in(text: &str, suffixes: &Suffixes) -> Option<VaultUrl> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.'));
    let named = words.filter(|word| word.contains(".vault.")).find_map(|word| VaultUrl::parse(word, suffixes).ok());
    named.or_else(|| {
        let (_, after) = text.split_once("Vault: ").or_else(|| text.split_once("key vault '"))?;
        VaultUrl::parse(after.split([';', '\'', '\r', '\n', ' ']).next()?, suffixes).ok()
    })
}

/// The beginning of a text, ended between characters.
fn cut(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::cloud::PUBLIC;
    use crate::env::Env;

    fn codes(text: &str) -> Vec<&'static str> {
        read(text).iter().map(|r| r.finding.row.code).collect()
    }

    fn read(text: &str) -> Vec<Recognised> {
        let here = Case::detect(&Env::default());
        recognise(text, &here, &Suffixes { cloud: PUBLIC, extra: None })
    }

    #[test]
    fn what_says_why_comes_before_what_says_that() {
        let text = "DefaultAzureCredential failed to retrieve a token from the included credentials.\n\
                    \tEnvironmentCredential: EnvironmentCredential authentication unavailable. Environment variables are not fully configured.\n\
                    \tManagedIdentityCredential: ManagedIdentityCredential authentication unavailable, no response from the IMDS endpoint.\n\
                    \tAzureCliCredential: Please run 'az login' to set up an account\n";
        assert_eq!(
            codes(text),
            ["client-id-alone", "managed-identity-unavailable", "not-signed-in", "credential-unavailable"]
        );
    }

    #[test]
    fn a_refusals_facts_fill_its_command() {
        let text = "Azure.RequestFailedException: Caller is not authorized to perform action on resource.\r\n\
                    Caller: appid=a-1;oid=o-1;iss=https://sts.windows.net/t/\r\n\
                    Resource: '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/my-vault/secrets/n'\r\n\
                    Vault: my-vault;location=eastus\r\nErrorCode: Forbidden\r\nInner: ForbiddenByRbac\r\n";
        let found = read(text);
        assert_eq!((found[0].finding.row.code, found[0].line, found[0].times), ("forbidden-rbac", 1, 2));
        let command = &found[0].finding.commands[0].text;
        assert!(command.contains("--assignee-object-id o-1") && command.contains("vaults/my-vault"), "{command}");
    }

    #[test]
    fn a_token_in_a_log_is_never_quoted() {
        let text = "AADSTS700024 for assertion eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln";
        assert_eq!(read(text)[0].finding.what, "AADSTS700024 for assertion ***");
    }

    #[test]
    fn nothing_is_recognised_in_what_is_no_error() {
        assert!(codes("GET /secrets 200 OK\nall is well\n\u{1b}[31m").is_empty());
    }
}
