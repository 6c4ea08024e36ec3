//! Rows recognised in another program's text: a stack trace, a log, one code.
//!
//! Nothing is probed, nothing is claimed that the text does not say, and nothing in it is believed beyond its form: what a
//! line says is quoted, sanitized, and what looks like a token in it is cut out.

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

/// An error that was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFinding {
    /// What it means.
    pub finding: Finding,
    /// The first line it was seen on, from 1.
    pub line: usize,
    /// How often it was seen.
    pub times: usize,
}

/// Over so many lines the facts of one refusal are spread.
const AFTER: usize = 14;
/// So many lines before it can say what was asked for.
const BEFORE: usize = 4;
/// So near to one another, two signs are of one error.
const SAME: usize = 4_000;
/// The description behind one of Entra ID's numbers is no longer than this.
const DESCRIPTION: usize = 800;

/// Reads a text and answers with each error in it: the chain's first, then what was refused, then what is not set up, then
/// what says only that something failed.
pub fn recognise(raw: &str, here: &Context, suffixes: &Suffixes) -> Vec<LogFinding> {
    let log = Log { text: Text::unwrapped(raw), here, suffixes };
    let seen: Vec<Match> = pattern::of_azure(&log.text).collect();
    let seen = without_descriptions(&seen, &log.text);
    let (chain, others) = aggregate::chain(&seen);
    let mut found: Vec<(LogFinding, Option<Match>)> = Vec::new();
    found.extend(chain.as_ref().map(|chain| (log.chain(chain), None)));
    let told = |row: &Row, found: &[(LogFinding, Option<Match>)]| found.iter().position(|(r, _)| r.finding.row == row);
    for (at, found_match) in others.iter().enumerate() {
        match told(found_match.row, &found) {
            Some(before) => {
                let (recognised, first) = &mut found[before];
                recognised.times += usize::from(first.is_some_and(|first| first.is_like(found_match)));
            }
            None if is_spoken_for(at, &others, chain.as_ref()) => {}
            None => found.push((log.finding(found_match), Some(*found_match))),
        }
    }
    let mut found: Vec<LogFinding> = found.into_iter().map(|(recognised, _)| recognised).collect();
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

/// Explains one code or one message, offline.
pub fn explain_code(raw: &str, here: &Context, suffixes: &Suffixes) -> Option<Finding> {
    let raw = raw.trim();
    let by_code = || rows().find(|row| row.code.eq_ignore_ascii_case(raw));
    let by_number = || raw.parse().ok().and_then(aadsts::row);
    let text = Text::unwrapped(raw);
    let by_sign = || {
        let seen: Vec<Match> = pattern::all(&text).collect();
        let known = |seen: &Match| !seen.is_number() || *seen.row != *sign_in::SIGN_IN_REFUSED;
        let best = seen.iter().filter(|seen| known(seen)).min_by_key(|seen| seen.row.weight == Weight::Vague);
        best.map(|seen| seen.row)
    };
    let row = by_code().or_else(by_number).or_else(by_sign)?;
    let words = Excerpt { after: text.as_str(), before: "" };
    let context = facts::context(row, &words, here, suffixes);
    let number = raw.parse().ok().and_then(|number| aadsts::link_for_range(row, Some(number)));
    let details = number.into_iter().chain(facts::details(row, &words, &context)).collect();
    Some(Finding { details, ..Finding::new(row, "", &context) })
}

/// The signs without those that only repeat, in the words behind it, what one of Entra ID's numbers says.
fn without_descriptions(seen: &[Match], text: &Text) -> Vec<Match> {
    let mut number: Option<&Match> = None;
    let mut kept = Vec::with_capacity(seen.len());
    for found_match in seen {
        let repeats = number.is_some_and(|number| {
            found_match.begin() - number.end() < DESCRIPTION
                && !found_match.is_number()
                && text.line(found_match.begin()) == text.line(number.begin())
        });
        if !repeats || aggregate::is_of_chain(found_match.row) {
            kept.push(*found_match);
        }
        if found_match.is_number() {
            number = Some(found_match);
        }
    }
    kept
}

/// Whether a sign says only that something failed, beside one that says why.
fn is_spoken_for(at: usize, seen: &[Match], chain: Option<&ChainReport>) -> bool {
    let this = &seen[at];
    // A perimeter's refusal speaks of the firewall in the same sentence.
    let before = seen[..at].last().filter(|before| this.begin() - before.end() < DESCRIPTION);
    if *this.row == *vault::FORBIDDEN_FIREWALL
        && before.is_some_and(|before| *before.row == *other_programs::FORBIDDEN_PERIMETER)
    {
        return true;
    }
    if this.row.weight != Weight::Vague {
        return false;
    }
    let is_near = |other: &Match| this.begin().abs_diff(other.begin()) < SAME;
    let says_why = |other: &&Match| other.row.weight != Weight::Vague;
    chain.is_some_and(|chain| is_near(&chain.head))
        || seen[..at].iter().rev().take_while(|other| is_near(other)).any(|other| says_why(&other))
        || seen[at..].iter().take_while(|other| is_near(other)).any(|other| says_why(&other))
}

/// A log that is read on this machine.
struct Log<'a> {
    text: Text,
    here: &'a Context,
    suffixes: &'a Suffixes,
}

impl Log<'_> {
    /// What a sign means, with what the lines around it say.
    fn finding(&self, seen: &Match) -> LogFinding {
        let own_line = self.own_line(seen);
        let words = Excerpt { after: self.text.after(own_line, AFTER), before: self.text.before(own_line, BEFORE) };
        let context = facts::context(seen.row, &words, self.here, self.suffixes);
        let qualifier =
            context.identity.as_ref().and_then(|identity| identity.object_id()).map(|id| format!("identity {id}"));
        let message = self.text.quote(seen.begin(), seen.end());
        let details = facts::details(seen.row, &words, &context);
        let finding = Finding { qualifier, details, ..Finding::new(seen.row, message, &context) };
        LogFinding { finding, line: self.text.line(seen.begin()), times: 1 }
    }

    /// Where the line of a sign begins.
    fn own_line(&self, seen: &Match) -> usize {
        seen.begin() - self.text.before(seen.begin(), 0).len()
    }

    /// The credential that the line of a sign begins with.
    fn credential(&self, seen: &Match) -> Option<&str> {
        let line = self.text.before(seen.begin(), 0);
        let name = line.split(':').next()?.trim_start_matches(['-', '*', ' ']);
        let is_name = name.ends_with("Credential") && name.bytes().all(|b| b.is_ascii_alphanumeric());
        is_name.then_some(name)
    }

    /// The chain's report: what its most telling member means, told as the chain's, with what each member said.
    fn chain(&self, chain: &ChainReport) -> LogFinding {
        let mut recognised = self.finding(chain.telling.first().unwrap_or(&chain.head));
        let told_above = chain.telling.first().map(|telling| telling.at);
        let mut members: Vec<&Match> = chain.members.iter().filter(|member| Some(member.at) != told_above).collect();
        // One sentence can hold two signs of the same.
        members.dedup_by_key(|member| (self.own_line(member), member.row.code));
        let told = members.into_iter().map(|member| {
            let quote = self.text.quote(member.begin(), member.end());
            // Where the words are an answer that the credential quotes, its name stands before them.
            let name = self.credential(member).filter(|name| !quote.contains(*name));
            let name = name.map(|name| format!("{name}: ")).unwrap_or_default();
            format!("line {}: {name}{quote}", self.text.line(member.begin()))
        });
        let finding = &mut recognised.finding;
        match chain.telling.first() {
            Some(_) => finding.reported_as = Some(sign_in::CREDENTIAL_UNAVAILABLE.error),
            None => {
                *finding = Finding::new(sign_in::CREDENTIAL_UNAVAILABLE, finding.message.clone(), &self.case_of(chain))
            }
        }
        finding.details.extend(told);
        LogFinding { line: self.text.line(chain.head.begin()), times: chain.times, ..recognised }
    }

    /// The case of a chain that found nobody: where it was, and nothing about any one of its members.
    fn case_of(&self, chain: &ChainReport) -> Context {
        let at = chain.head.begin();
        let words = Excerpt { after: self.text.after(at, AFTER), before: self.text.before(at, BEFORE) };
        let context = facts::context(sign_in::CREDENTIAL_UNAVAILABLE, &words, self.here, self.suffixes);
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
        recognise(text, &here, &Suffixes { cloud: PUBLIC, extra: None })
    }

    fn codes(text: &str) -> Vec<&'static str> {
        read(text).iter().map(|r| r.finding.row.code).collect()
    }

    const CHAIN: &str = "DefaultAzureCredential failed to retrieve a token from the included credentials.\n\
        \tEnvironmentCredential: EnvironmentCredential authentication unavailable. Environment variables are not fully configured.\n\
        \tManagedIdentityCredential: ManagedIdentityCredential authentication unavailable, no response from the IMDS endpoint.\n\
        \tAzureCliCredential: Azure CLI not found on path\n";

    #[test]
    fn the_members_of_a_chain_that_are_not_set_up_are_its_details() {
        let found = read(CHAIN);
        assert_eq!(codes(CHAIN), ["credential-unavailable"]);
        let details = &found[0].finding.details;
        assert_eq!((found[0].line, found[0].times, details.len()), (1, 1, 3));
        assert!(details[1].starts_with("line 3: ManagedIdentityCredential: "), "{details:?}");
    }

    #[test]
    fn a_member_that_was_refused_is_what_the_chain_means() {
        let text = format!("{CHAIN}\tVisualStudioCredential: AADSTS50076: you must use multi-factor authentication.\n");
        let found = read(&text);
        assert_eq!(codes(&text), ["AADSTS50076"]);
        assert_eq!(found[0].finding.reported_as, Some(sign_in::CREDENTIAL_UNAVAILABLE.error));
        assert_eq!((found[0].line, found[0].finding.details.len()), (1, 3));
    }

    #[test]
    fn a_refusal_of_the_vault_behind_a_chain_is_its_own() {
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
    fn several_credentials_with_nothing_are_a_chain_without_a_heading() {
        let text = "EnvironmentCredential: missing environment variable AZURE_TENANT_ID\nManagedIdentityCredential: managed identity timed out\n";
        assert_eq!(codes(text), ["credential-unavailable"]);
        assert_eq!(codes("WARN: managed identity timed out"), ["managed-identity-unavailable"]);
    }

    #[test]
    fn a_chain_again_and_again_is_told_once() {
        let found = read(&CHAIN.repeat(1000));
        assert_eq!((found.len(), found[0].times), (1, 1000));
    }

    #[test]
    fn a_refusals_facts_fill_its_command() {
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
    fn what_another_service_says_is_not_azures() {
        let text = format!("{}connect ECONNREFUSED 127.0.0.1:6379\nS3: AccessDenied\n", "all is well\n".repeat(400));
        assert_eq!(codes(&text), [""; 0]);
    }

    #[test]
    fn nothing_is_recognised_in_what_is_no_error() {
        assert!(codes("GET /secrets 200 OK\nall is well\n\u{1b}[31m").is_empty());
    }
}
