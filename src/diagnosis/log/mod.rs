//! Finds known errors in another program's output: a stack trace, a log, a single code.
//!
//! It sends no request. Quotes from the log are sanitized, and words that look like secrets are masked.

mod aggregate;
mod facts;
mod pattern;
mod text;

use aggregate::{ChainReport, is_not_set_up};
use facts::Excerpt;
use pattern::Match;
use text::Text;

use crate::vault::url::Suffixes;

use super::context::Context;
use super::finding::Finding;
use super::table::{Row, Weight, aadsts, other_programs, rows, sign_in, vault};

/// A known error in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFinding {
    pub finding: Finding,
    /// The first line with it, from 1.
    pub line: usize,
    /// The number of times it occurs.
    pub times: usize,
}

/// Lines after an error that can contain its facts.
const LINES_AFTER: usize = 14;
/// Lines before an error that can name the request.
const LINES_BEFORE: usize = 4;
/// Bytes within which two matches can belong to one error.
const SAME_ERROR: usize = 4_000;
/// Maximum length of the description after an AADSTS code.
const DESCRIPTION: usize = 800;

/// Returns each known error in a text: the chain's first, then refusals, credentials that are not set up, and vague errors.
pub fn read_log(raw: &str, here: &Context, suffixes: &Suffixes) -> Vec<LogFinding> {
    let log = Log { text: Text::unwrapped(raw), here, suffixes };
    let seen: Vec<Match> = pattern::of_azure(&log.text).collect();
    let seen = without_descriptions(&seen, &log.text);
    let (chain, others) = aggregate::chain(&seen);
    let mut found: Vec<(LogFinding, Option<Match>)> = Vec::new();
    found.extend(chain.as_ref().map(|chain| (log.chain(chain), None)));
    let position =
        |row: &Row, found: &[(LogFinding, Option<Match>)]| found.iter().position(|(r, _)| r.finding.row == row);
    for (at, found_match) in others.iter().enumerate() {
        match position(found_match.row, &found) {
            Some(before) => {
                let (finding, first) = &mut found[before];
                finding.times += usize::from(first.is_some_and(|first| first.is_like(found_match)));
            }
            None if is_explained(at, &others, chain.as_ref()) => {}
            None => found.push((log.finding(found_match), Some(*found_match))),
        }
    }
    let mut found: Vec<LogFinding> = found.into_iter().map(|(finding, _)| finding).collect();
    let chain_at = chain.as_ref().map(|chain| log.text.line(chain.head.begin()));
    found.sort_by_key(|r| {
        let is_chain = r.finding.reported_as.is_some() || *r.finding.row == *sign_in::CREDENTIAL_UNAVAILABLE;
        let rank = match r.finding.row {
            _ if is_chain && chain_at == Some(r.line) => 0,
            row if row.weight == Weight::Vague => 3,
            row if is_not_set_up(row) => 2,
            _ => 1,
        };
        (rank, r.line)
    });
    found
}

/// Explains a code or a message, without any request.
pub fn explain_code(raw: &str, here: &Context, suffixes: &Suffixes) -> Option<Finding> {
    let raw = raw.trim();
    let by_code = || rows().find(|row| row.code.eq_ignore_ascii_case(raw));
    let by_number = || raw.parse().ok().and_then(aadsts::row);
    let text = Text::unwrapped(raw);
    let by_pattern = || {
        let seen: Vec<Match> = pattern::all(&text).collect();
        let known = |seen: &Match| !seen.is_aadsts() || *seen.row != *sign_in::SIGN_IN_REFUSED;
        let best = seen.iter().filter(|seen| known(seen)).min_by_key(|seen| seen.row.weight == Weight::Vague);
        best.map(|seen| seen.row)
    };
    if let Some(row) = by_code() {
        return Some(Finding::of_row(row, here, suffixes));
    }
    let row = by_number().or_else(by_pattern)?;
    let excerpt = Excerpt { after: text.as_str(), before: "" };
    let context = facts::context(row, &excerpt, here, suffixes);
    let number = raw.parse().ok().and_then(|number| aadsts::link_for_range(row, Some(number)));
    let details = number.into_iter().chain(facts::details(row, &excerpt, &context)).collect();
    Some(Finding { details, ..Finding::new(row, "", &context) })
}

/// Drops the matches in the description after an AADSTS code, which repeat its meaning.
fn without_descriptions(seen: &[Match], text: &Text) -> Vec<Match> {
    let mut code: Option<&Match> = None;
    let mut kept = Vec::with_capacity(seen.len());
    for found_match in seen {
        let repeats = code.is_some_and(|code| {
            found_match.begin() - code.end() < DESCRIPTION
                && !found_match.is_aadsts()
                && text.line(found_match.begin()) == text.line(code.begin())
        });
        if !repeats || aggregate::is_of_chain(found_match.row) {
            kept.push(*found_match);
        }
        if found_match.is_aadsts() {
            code = Some(found_match);
        }
    }
    kept
}

/// Returns true for a vague match near one that gives the reason.
fn is_explained(at: usize, seen: &[Match], chain: Option<&ChainReport>) -> bool {
    let this = &seen[at];
    // A network security perimeter's message mentions the firewall in the same sentence.
    let before = seen[..at].last().filter(|before| this.begin() - before.end() < DESCRIPTION);
    if *this.row == *vault::FORBIDDEN_FIREWALL
        && before.is_some_and(|before| *before.row == *other_programs::FORBIDDEN_PERIMETER)
    {
        return true;
    }
    if this.row.weight != Weight::Vague {
        return false;
    }
    let is_near = |other: &Match| this.begin().abs_diff(other.begin()) < SAME_ERROR;
    let gives_reason = |other: &&Match| other.row.weight != Weight::Vague;
    chain.is_some_and(|chain| is_near(&chain.head))
        || seen[..at].iter().rev().take_while(|other| is_near(other)).any(|other| gives_reason(&other))
        || seen[at..].iter().take_while(|other| is_near(other)).any(|other| gives_reason(&other))
}

struct Log<'a> {
    text: Text,
    here: &'a Context,
    suffixes: &'a Suffixes,
}

impl Log<'_> {
    /// Creates the finding of a match, with facts from the lines around it.
    fn finding(&self, seen: &Match) -> LogFinding {
        let line_start = self.line_start(seen);
        let excerpt = Excerpt {
            after: self.text.after(line_start, LINES_AFTER),
            before: self.text.before(line_start, LINES_BEFORE),
        };
        let context = facts::context(seen.row, &excerpt, self.here, self.suffixes);
        let qualifier =
            context.identity.as_ref().and_then(|identity| identity.object_id()).map(|id| format!("identity {id}"));
        let message = self.text.quote(seen.begin(), seen.end());
        let details = facts::details(seen.row, &excerpt, &context);
        let finding = Finding { qualifier, details, ..Finding::new(seen.row, message, &context) };
        LogFinding { finding, line: self.text.line(seen.begin()), times: 1 }
    }

    /// Returns the start of the line with the match.
    fn line_start(&self, seen: &Match) -> usize {
        seen.begin() - self.text.before(seen.begin(), 0).len()
    }

    /// Returns the credential name at the start of the line with the match.
    fn credential(&self, seen: &Match) -> Option<&str> {
        let line = self.text.before(seen.begin(), 0);
        let name = line.split(':').next()?.trim_start_matches(['-', '*', ' ']);
        let is_name = name.ends_with("Credential") && name.bytes().all(|b| b.is_ascii_alphanumeric());
        is_name.then_some(name)
    }

    /// Creates the finding of a chain's error: that of its most specific member, with the message of each member.
    fn chain(&self, chain: &ChainReport) -> LogFinding {
        let mut chain_finding = self.finding(chain.specific.first().unwrap_or(&chain.head));
        let shown_above = chain.specific.first().map(|member| member.at);
        let mut members: Vec<&Match> = chain.members.iter().filter(|member| Some(member.at) != shown_above).collect();
        // One line can match two patterns of the same row.
        members.dedup_by_key(|member| (self.line_start(member), member.row.code));
        let details = members.into_iter().map(|member| {
            let quote = self.text.quote(member.begin(), member.end());
            // If the message quotes a reply, the name of the credential is before it.
            let name = self.credential(member).filter(|name| !quote.contains(*name));
            let name = name.map(|name| format!("{name}: ")).unwrap_or_default();
            format!("line {}: {name}{quote}", self.text.line(member.begin()))
        });
        let finding = &mut chain_finding.finding;
        match chain.specific.first() {
            Some(_) => finding.reported_as = Some(sign_in::CREDENTIAL_UNAVAILABLE.error),
            None => {
                *finding =
                    Finding::new(sign_in::CREDENTIAL_UNAVAILABLE, finding.message.clone(), &self.context_of(chain))
            }
        }
        finding.details.extend(details);
        LogFinding { line: self.text.line(chain.head.begin()), times: chain.times, ..chain_finding }
    }

    /// Returns the context of a failed chain, without facts about a single member.
    fn context_of(&self, chain: &ChainReport) -> Context {
        let at = chain.head.begin();
        let excerpt = Excerpt { after: self.text.after(at, LINES_AFTER), before: self.text.before(at, LINES_BEFORE) };
        let context = facts::context(sign_in::CREDENTIAL_UNAVAILABLE, &excerpt, self.here, self.suffixes);
        Context { tool: None, endpoint: None, ..context }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::cloud::PUBLIC;
    use crate::env::Env;

    fn read(text: &str) -> Vec<LogFinding> {
        let here = Context::detect(&Env::default());
        read_log(text, &here, &Suffixes { cloud: PUBLIC, extra: None })
    }

    fn codes(text: &str) -> Vec<&'static str> {
        read(text).iter().map(|r| r.finding.row.code).collect()
    }

    const CHAIN: &str = "DefaultAzureCredential failed to retrieve a token from the included credentials.\n\
        \tEnvironmentCredential: EnvironmentCredential authentication unavailable. Environment variables are not fully configured.\n\
        \tManagedIdentityCredential: ManagedIdentityCredential authentication unavailable, no response from the IMDS endpoint.\n\
        \tAzureCliCredential: Azure CLI not found on path\n";

    #[test]
    fn unavailable_members_are_details_of_the_chain() {
        let found = read(CHAIN);
        assert_eq!(codes(CHAIN), ["credential-unavailable"]);
        let details = &found[0].finding.details;
        assert_eq!((found[0].line, found[0].times, details.len()), (1, 1, 3));
        assert!(details[1].starts_with("line 3: ManagedIdentityCredential: "), "{details:?}");
    }

    #[test]
    fn a_refused_member_explains_the_chain() {
        let text = format!("{CHAIN}\tVisualStudioCredential: AADSTS50076: you must use multi-factor authentication.\n");
        let found = read(&text);
        assert_eq!(codes(&text), ["AADSTS50076"]);
        assert_eq!(found[0].finding.reported_as, Some(sign_in::CREDENTIAL_UNAVAILABLE.error));
        assert_eq!((found[0].line, found[0].finding.details.len()), (1, 3));
    }

    #[test]
    fn a_vault_error_after_a_chain_is_a_finding_of_its_own() {
        for (refusal, code) in [
            ("(Forbidden) Client address is not authorized and caller is not a trusted service.", "forbidden-firewall"),
            ("(Unauthorized) AKV10022: Invalid audience. Expected https://vault.azure.net.", "wrong-audience"),
            ("(Unauthorized) User session has been revoked", "session-revoked"),
            ("Status: 429 (Too Many Requests) Reason: VaultRequestTypeLimitReached", "throttled"),
        ] {
            assert_eq!(codes(&format!("{CHAIN}\nlater: {refusal}")), ["credential-unavailable", code], "{refusal}");
        }
    }

    #[test]
    fn several_unavailable_credentials_are_a_chain() {
        let text = "EnvironmentCredential: missing environment variable AZURE_TENANT_ID\nManagedIdentityCredential: managed identity timed out\n";
        assert_eq!(codes(text), ["credential-unavailable"]);
        assert_eq!(codes("WARN: managed identity timed out"), ["managed-identity-unavailable"]);
    }

    #[test]
    fn a_repeated_chain_is_one_finding() {
        let found = read(&CHAIN.repeat(1000));
        assert_eq!((found.len(), found[0].times), (1, 1000));
    }

    #[test]
    fn facts_of_the_log_fill_the_command() {
        let text = "Azure.RequestFailedException: Caller is not authorized to perform action on resource.\r\n\
                    Caller: appid=a-1;oid=o-1;iss=https://sts.windows.net/t/\r\n\
                    Resource: '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/my-vault/secrets/n'\r\n\
                    Vault: my-vault;location=eastus\r\nErrorCode: Forbidden\r\nInner: ForbiddenByRbac\r\n";
        let found = read(text);
        assert_eq!((found[0].finding.row.code, found[0].line, found[0].times), ("forbidden-rbac", 1, 1));
        let command = &found[0].finding.commands[0].text;
        assert!(command.contains("--assignee-object-id o-1") && command.contains("vaults/my-vault"), "{command}");
    }

    #[test]
    fn errors_of_other_services_are_ignored() {
        let text = format!("{}connect ECONNREFUSED 127.0.0.1:6379\nS3: AccessDenied\n", "all is well\n".repeat(400));
        assert_eq!(codes(&text), [""; 0]);
    }

    #[test]
    fn a_log_without_errors_has_no_findings() {
        assert!(codes("GET /secrets 200 OK\nall is well\n\u{1b}[31m").is_empty());
    }
}
