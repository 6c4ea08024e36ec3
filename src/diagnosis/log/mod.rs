//! Finds the failures in another program's output: a stack trace, a log, a single code.
//!
//! It sends no request. Quotes from the log are sanitized, and words that look like secrets are masked.

mod facts;
mod failure;
mod line;
mod text;
mod unknown;

use facts::Excerpt;
use failure::{LogFailure, failures, is_not_set_up};
use text::Text;

use crate::host::Host;
use crate::vault::url::Suffixes;

use super::classify::{Evidence, Rank, RequestedHost, Verdict, classify};
use super::context::Context;
use super::finding::Finding;
use super::table::{Row, Weight, aadsts, identity, network, other_programs, rows, sign_in};

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
/// Bytes around a failure within which another one can explain it.
const NEAR: usize = 4_000;
/// Members that are shown of one chain.
const MAX_MEMBERS: usize = 12;

/// Returns each known error in a text: the chain's first, then refusals, credentials that are not set up, and vague errors.
pub fn read_log(raw: &str, here: &Context, suffixes: &Suffixes) -> Vec<LogFinding> {
    // The log can be of another host and identity, so this one's names fill in nothing.
    let here = &Context { host: Host::of_kind(here.host.kind), in_log: true, ..here.clone() };
    let log = Log { text: Text::unwrapped(raw), here, suffixes };
    let failures = failures(&log.text);
    let mut found: Vec<(LogFinding, &LogFailure)> = Vec::new();
    for (at, failure) in failures.iter().enumerate() {
        let row = log.subject(failure).row;
        match found.iter_mut().find(|(known, _)| known.finding.row == row) {
            Some((known, first)) => known.times += usize::from(first.pattern == failure.pattern),
            None if is_explained(at, &failures) => {}
            None => found.push((log.finding(failure), failure)),
        }
    }
    found.sort_by_key(|(known, failure)| {
        let rank = match known.finding.row {
            _ if failure.is_chain() => 0,
            row if row.weight == Weight::Vague => 3,
            row if is_not_set_up(row) => 2,
            _ => 1,
        };
        (rank, known.line)
    });
    found.into_iter().map(|(finding, _)| finding).collect()
}

/// Explains a code or a message, without any request.
pub fn explain_code(raw: &str, here: &Context, suffixes: &Suffixes) -> Option<Finding> {
    let raw = raw.trim();
    // .NET and Java name their classes `...Exception`.
    let error = raw.replace("Exception", "Error");
    let is_named = |row: &&Row| row.code.eq_ignore_ascii_case(raw) || row.error.eq_ignore_ascii_case(&error);
    if let Some(row) = rows().find(is_named) {
        return Some(Finding::of_row(row, here, suffixes));
    }
    let number = raw.parse().ok();
    let text = Text::unwrapped(raw);
    let by_words = || {
        let verdict = classify(&Evidence { is_field: true, ..Evidence::of_text(text.as_str()) })?;
        let is_unknown = *verdict.row == *sign_in::SIGN_IN_REFUSED && verdict.rank == Rank::Code;
        (!is_unknown).then_some((verdict.row, verdict.at))
    };
    let (row, at) = number.and_then(aadsts::row).map(|row| (row, 0..0)).or_else(by_words)?;
    let endpoint = RequestedHost::dialled(text.as_str(), &at).map(|endpoint| endpoint.host);
    let excerpt = Excerpt { after: text.as_str(), before: "", own: "", endpoint };
    let context = facts::context(row, &excerpt, here, suffixes);
    let number = number.and_then(|number| aadsts::link_for_range(row, Some(number)));
    let details = number.into_iter().chain(facts::details(row, &excerpt, &context)).collect();
    Some(Finding { details, ..Finding::new(row, "", &context) })
}

/// Returns true for a vague failure near one that gives the reason.
fn is_explained(at: usize, failures: &[LogFailure]) -> bool {
    let this = &failures[at];
    if this.is_chain() || this.verdict.gives_reason() {
        return false;
    }
    let is_near = |other: &&LogFailure| this.verdict.at.start.abs_diff(other.verdict.at.start) < NEAR;
    let explains = |other: &LogFailure| other.is_chain() || other.verdict.gives_reason();
    failures[..at].iter().rev().take_while(is_near).any(explains)
        || failures[at + 1..].iter().take_while(is_near).any(explains)
}

struct Log<'a> {
    text: Text,
    here: &'a Context,
    suffixes: &'a Suffixes,
}

impl Log<'_> {
    /// Returns what a failure is about: of a chain, the member that gives a reason.
    fn subject<'f>(&self, failure: &'f LogFailure) -> &'f Verdict {
        if !failure.is_chain() {
            return &failure.verdict;
        }
        let heading = || failure.members.iter().find(|member| member.is_chain());
        failure.reasons().first().copied().or_else(heading).unwrap_or(&failure.verdict)
    }

    fn finding(&self, failure: &LogFailure) -> LogFinding {
        if failure.is_chain() { self.chain(failure) } else { self.single(&failure.verdict, failure) }
    }

    /// Creates the finding of a verdict, with facts from the failure and the lines around it.
    fn single(&self, verdict: &Verdict, failure: &LogFailure) -> LogFinding {
        let excerpt = self.excerpt(verdict, failure);
        let context = facts::context(verdict.row, &excerpt, self.here, self.suffixes);
        let qualifier =
            context.identity.as_ref().and_then(|identity| identity.object_id()).map(|id| format!("identity {id}"));
        let message = self.message(verdict);
        let mut details = facts::details(verdict.row, &excerpt, &context);
        if *verdict.row == *other_programs::NOT_RECOGNIZED {
            let text = self.text.as_str();
            details.extend(unknown::details(verdict, &text[failure.range.clone()], &text[verdict.at.clone()]));
        }
        let finding = Finding { qualifier, details, ..Finding::new(verdict.row, message, &context) };
        LogFinding { finding, line: self.text.line(verdict.at.start), times: 1 }
    }

    /// Returns the line with the words that decided. The heading of az's crash report is followed by the reason.
    fn message(&self, verdict: &Verdict) -> String {
        let quote = self.text.quote(verdict.at.start, verdict.at.end);
        let reason = self.text.next_line(verdict.at.end).filter(|_| line::is_crash_heading(&quote));
        reason.map_or(quote, |at| self.text.quote(at, at))
    }

    fn excerpt<'a>(&'a self, verdict: &Verdict, failure: &LogFailure) -> Excerpt<'a> {
        let line = self.text.line_around(verdict.at.start).start.max(failure.range.start);
        let at = verdict.at.start - failure.range.start..verdict.at.end - failure.range.start;
        let is_network = verdict.rank == Rank::Network || network::ROWS.contains(&verdict.row);
        // The words of an identity endpoint's client can come before the network failure.
        let of_identity = failure.network.clone().filter(|_| identity::ROWS.contains(&verdict.row));
        let at = if is_network { Some(at) } else { of_identity };
        let dialled = |at| RequestedHost::dialled(&self.text.as_str()[failure.range.clone()], &at);
        let endpoint = at.and_then(dialled);
        Excerpt {
            after: self.text.after(line, LINES_AFTER),
            // All of the failure, and the lines before it.
            before: self.text.before(line, LINES_BEFORE + self.text.lines_between(failure.range.start, line)),
            own: if failure.is_chain() { "" } else { &self.text.as_str()[failure.range.clone()] },
            endpoint: endpoint.map(|endpoint| endpoint.host),
        }
    }

    /// Creates the finding of a chain's error: that of its most specific member, with each credential, its state and reason.
    fn chain(&self, failure: &LogFailure) -> LogFinding {
        let subject = self.subject(failure);
        let has_reason = !subject.is_chain() && (subject.is_answer() || !is_not_set_up(subject.row));
        let mut found = self.single(subject, failure);
        if !has_reason {
            let context = Context { tool: None, endpoint: None, ..self.context_of(failure) };
            found.finding = Finding::new(sign_in::CREDENTIAL_UNAVAILABLE, found.finding.message, &context);
        }
        found.finding.reported_as = has_reason.then_some(sign_in::CREDENTIAL_UNAVAILABLE.error);
        found.finding.details.extend(self.members(failure, subject));
        let head = failure.members.iter().find(|member| member.is_chain()).or(failure.members.first());
        LogFinding { line: self.text.line(head.unwrap_or(&failure.verdict).at.start), ..found }
    }

    /// Lists each credential of a chain with its state and reason, except the subject.
    fn members(&self, failure: &LogFailure, subject: &Verdict) -> Vec<String> {
        let members = failure.members.iter().filter(|member| !member.is_chain() && member.at != subject.at);
        let mut lines: Vec<(String, String)> = Vec::new();
        for member in members {
            let quote = self.text.quote(member.at.start, member.at.end);
            let name = self.credential(member).unwrap_or_default().to_owned();
            // JavaScript and .NET write the class before the message, and Python repeats the name.
            let message = quote.split_once("CredentialUnavailable").and_then(|(_, rest)| rest.split_once(": "));
            let mut reason = message.map_or(quote.as_str(), |(_, message)| message);
            while let Some(rest) = reason.strip_prefix(name.as_str()).filter(|_| !name.is_empty()) {
                reason = rest.trim_start_matches([':', '.', ' ']);
            }
            let hidden = facts::hidden_reason(reason).map(|hidden| format!("; {hidden}")).unwrap_or_default();
            let line = (name, format!("{reason}{hidden}"));
            if lines.len() < MAX_MEMBERS && !lines.contains(&line) {
                lines.push(line);
            }
        }
        let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        lines.into_iter().map(|(name, reason)| format!("{name:width$}  {reason}").trim_start().to_owned()).collect()
    }

    /// Returns the name of the credential that reported a line.
    fn credential(&self, member: &Verdict) -> Option<&str> {
        let line = &self.text.as_str()[self.text.line_around(member.at.start)];
        line.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| word.len() > 10 && word.ends_with("Credential"))
    }

    /// Returns the context of a failed chain, without facts about a single member.
    fn context_of(&self, failure: &LogFailure) -> Context {
        let excerpt = self.excerpt(&failure.verdict, failure);
        facts::context(sign_in::CREDENTIAL_UNAVAILABLE, &excerpt, self.here, self.suffixes)
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::cloud::PUBLIC;
    use crate::env::Env;
    use crate::host::HostKind;

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
        assert!(details[1].starts_with("ManagedIdentityCredential  "), "{details:?}");
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
        assert_eq!(codes("WARN: managed identity timed out"), ["metadata-timed-out"]);
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

    /// The user of this machine is not the identity that a log's program signed in with.
    #[test]
    fn a_log_without_a_caller_proposes_nobody() {
        for (caller, expected) in [
            ("appid=***;oid=<hidden>", "read -r CALLER; az role assignment create"),
            ("appid=a-1;oid=***", "az ad sp show --id a-1 --query id"),
            ("appid=a-1;oid=o-1", "--assignee-object-id o-1"),
        ] {
            let text = format!(
                "Caller is not authorized to perform action on resource.\r\nCaller: {caller};iss=x\r\nVault: v-1;location=x"
            );
            let found = read(&text);
            let command = &found[0].finding.commands[0].text;
            assert!(command.contains(expected) && !command.contains("signed-in-user"), "{command}");
            assert_eq!(
                caller.contains("oid=o-1"),
                found[0].finding.details.is_empty(),
                "{:?}",
                found[0].finding.details
            );
        }
    }

    /// Each is about a sign-in or Key Vault, and gives no reason that has a row.
    #[test]
    fn a_failure_without_a_known_reason_names_its_component() {
        for (text, component) in [
            ("Error: could not obtain an AAD token: it fell over", "reported by a client of Entra ID"),
            ("azure-cli: cannot get access token: ERROR: it fell over", "reported by a developer tool"),
            (
                "E1103 10:15:02.123456 1 x.go:1] failed to get secret from key vault: it fell over",
                "a client of Key Vault",
            ),
            (
                "RestError: it fell over\n    at getSecret (/app/node_modules/@azure/keyvault-secrets/index.js:1:2)",
                "a client of Key Vault",
            ),
            ("SharedTokenCacheCredential authentication unavailable. No accounts were found.", "the client library"),
            ("adal: Refresh request failed: managed identity fell over", "the managed identity endpoint"),
        ] {
            let found = read(text);
            assert_eq!(codes(text), ["not-recognized"], "{text}");
            assert!(found[0].finding.details[0].contains(component), "{text}: {:?}", found[0].finding.details);
        }
        // Nothing of Azure, another service of Azure, or no failure.
        for text in [
            "failed to get token: it fell over",
            "RestError: The specified blob does not exist. url: https://shop.blob.core.windows.net/",
            "failed to read the file; azure-identity is up to date",
            "INFO:azure.core:Request URL: 'https://my-vault.vault.azure.net/secrets/x'\nResponse status: 401\nResponse headers: x",
        ] {
            assert_eq!(codes(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_401_of_a_vault_is_not_that_of_the_token_endpoint() {
        let own = "keyvault.BaseClient#GetSecret: Failure responding to request: StatusCode=401 -- Original Error: EOF";
        assert_eq!(codes(own), ["unauthorized"]);
        let of_token =
            "Failed to refresh the Token for request to https://my-vault.vault.azure.net/x: StatusCode=401 -- adal: no";
        assert_eq!(codes(of_token), ["not-recognized"]);
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

    #[test]
    fn names_of_this_host_fill_in_nothing() {
        let host = Host { name: Some("my-function".into()), ..Host::of_kind(HostKind::FunctionApp) };
        let here = Context { host, ..Context::default() };
        let text = "ManagedIdentityCredential authentication unavailable, no response from the IMDS endpoint.";
        let found = read_log(text, &here, &Suffixes { cloud: PUBLIC, extra: None });
        let commands = &found[0].finding.commands;
        assert!(
            !commands.is_empty() && !commands.iter().any(|command| command.text.contains("my-function")),
            "{commands:?}"
        );
    }

    #[test]
    fn the_message_is_quoted_and_not_the_source_line_above_it() {
        let text = "/app/node_modules/@azure/identity/dist/chainedTokenCredential.js:61\n\
                    const err = new errors_js_1.AggregateAuthenticationError(errors, \"ChainedTokenCredential authentication failed.\");\n            \
                    ^\n\nAggregateAuthenticationError: ChainedTokenCredential authentication failed.\n\
                    CredentialUnavailableError: EnvironmentCredential is unavailable. No underlying credential could be used.\n\
                    CredentialUnavailableError: Please run 'az login' from a command prompt to authenticate before using this credential.\n";
        let found = read(text);
        assert_eq!((found.len(), found[0].line), (1, 5));
        let finding = &found[0].finding;
        assert_eq!(finding.message, "AggregateAuthenticationError: ChainedTokenCredential authentication failed.");
        assert!(finding.details.iter().any(|detail| detail.contains("expired sign-in")), "{:?}", finding.details);
    }

    /// A class is no cause; a service that is not Azure's gives no finding.
    #[test]
    fn wrong_answers_of_the_past_are_gone() {
        for (text, expected) in [
            ("ClientAuthenticationError: anything at all", &[][..]),
            (
                "azure.core.exceptions.ClientAuthenticationError: ManagedIdentityCredential authentication failed: what is this",
                &["not-recognized"],
            ),
            (
                "CredentialUnavailableError: ClientSecretCredential: tenantId is a required parameter.",
                &["option-missing"],
            ),
            (
                "ClientSecretCredential authentication failed\nPOST https://login.microsoftonline.com/t/oauth2/v2.0/token\n\
                 RESPONSE 401: 401 Unauthorized\n{\n  \"error\": \"invalid_client\",\n  \"error_description\": \
                 \"AADSTS7000215: Invalid client secret provided.\"\n}\n",
                &["AADSTS7000215"],
            ),
            (
                "Azure.RequestFailedException: StatusCode: 403 https://shop.blob.core.windows.net/orders",
                &["other-service-forbidden"],
            ),
            ("AccessDeniedException: User: arn is not authorized", &[]),
            ("failed to resolve reference \"registry.contoso.com/api:1\": not found", &[]),
            ("discord: 429 Too Many Requests: You are being rate limited.", &[]),
            ("azure shop: connect ECONNREFUSED 127.0.0.1:6379", &[]),
            ("AzureCliCredential: a database said: dial tcp 127.0.0.1:5432: connect: connection refused", &[]),
            (
                "keyvault sync https://my-vault.vault.azure.net/: Post \"https://login.microsoftonline.com/t/oauth2\": dial tcp \
                 20.190.1.1:443: connect: connection refused",
                &["unreachable"],
            ),
            ("ManagedIdentityCredential: connect ENETUNREACH 169.254.169.254:80", &["metadata-unreachable"]),
            (
                "(Forbidden) Caller is not authorized to perform action on resource.\r\nCaller: appid=a;oid=b\r\nAction: \
                 'Microsoft.KeyVault/vaults/secrets/getSecret/action'\r\nDenyAssignmentId: 'aaaabbbb'\r\nVault: v;location=x",
                &["forbidden-deny-assignment"],
            ),
            ("AzureCliCredential: Unexpected output from Azure CLI: hello", &["developer-tool-output"]),
        ] {
            assert_eq!(codes(text), expected, "{text}");
        }
    }

    #[test]
    fn the_command_aims_at_the_host_that_failed() {
        let text = "keyvault sync https://my-vault.vault.azure.net/: Post \"https://login.microsoftonline.com/t/oauth2\": \
                    dial tcp 20.190.1.1:443: i/o timeout; see https://learn.microsoft.com/help";
        let found = read(text);
        assert_eq!(found[0].finding.details, ["host: login.microsoftonline.com"]);
        assert!(found[0].finding.commands[0].text.contains("https://login.microsoftonline.com/"));
    }
}
