//! From a typed failure to its row, with what is known about this very case and the commands that mend it.

use crate::credential::azure_cli::AzureCliCredential;
use crate::credential::chain::{Attempt, Walk};
use crate::credential::managed_identity::ManagedIdentityCredential;
use crate::credential::{Credential, Failure, KeyFileProblem, NoToken, ProgramFailure, Reason, environment};
use crate::entra::cloud::PUBLIC;
use crate::entra::{Refusal, TenantId};
use crate::error::{Denied, Error, NoCredential};
use crate::host::{Host, HostKind};
use crate::http::error::{NetworkError, NetworkErrorKind};
use crate::identity::IdentityType;
use crate::vault::error::{Forbidden, ForbiddenCause, Unauthorized, UnauthorizedCause, VaultErrorKind};
use crate::vault::url::VaultUrl;

use super::aadsts;
use super::remedy::{self, Shell};
use super::table::{self, Row};

/// A row of the table, filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The row.
    pub row: &'static Row,
    /// The error that it is told under, where that is another than the row's own: the chain's, for a tool in it that
    /// failed.
    pub under: Option<&'static str>,
    /// What happened, in one line behind the error.
    pub what: String,
    /// Whom or what it concerns, in a few words behind the row's cause.
    pub aside: Option<String>,
    /// What else is known, a line each.
    pub details: Vec<String>,
    /// What to paste.
    pub commands: Vec<String>,
}

impl Finding {
    pub(super) fn of(row: &'static Row, what: String, details: Vec<String>, commands: Vec<String>) -> Self {
        Finding { row, under: None, what, aside: None, details, commands }
    }
}

/// Where the failure happened, as far as a remedy depends on it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The host.
    pub host: Host,
    /// The shell.
    pub shell: Shell,
}

/// Explains a failure; nothing where its one line says all there is to say.
pub fn explain(error: &Error, place: &Place) -> Vec<Finding> {
    match error {
        Error::NoToken(none) => vec![no_token(none, place)],
        Error::Vault(denied) => vec![denied_by_vault(denied, place)],
        Error::Several(errors) => errors.iter().flat_map(|e| explain(e, place)).collect(),
        Error::Usage(_)
        | Error::Decode { .. }
        | Error::Unfit { .. }
        | Error::Write { .. }
        | Error::NotStarted(_)
        | Error::Machine(_) => Vec::new(),
    }
}

fn no_token(none: &NoCredential, place: &Place) -> Finding {
    let wish = Wish { vault: none.vault.as_ref(), vault_tenant: none.vault_tenant.as_ref() };
    // What stopped the walk, or else a developer's tool that is signed in and could not help.
    let failure = none.walk.stopped_by().or_else(|| none.walk.attempts.iter().find(|a| has_failed(a)));
    match failure {
        Some(attempt) => match &attempt.result {
            Err(NoToken::Failed(failure)) => {
                let mut finding = failed(attempt, failure, &wish, place);
                finding.details.extend(others(&none.walk, attempt));
                // The chain went on from a tool that failed, and found nobody else.
                finding.under = none.walk.stopped_by().is_none().then_some(table::CREDENTIAL_UNAVAILABLE.error);
                finding
            }
            _ => nobody(none, place),
        },
        None => nobody(none, place),
    }
}

fn has_failed(attempt: &Attempt) -> bool {
    matches!(attempt.result, Err(NoToken::Failed(_)))
}

/// What the token was for, as far as a sign-in depends on it.
pub(super) struct Wish<'a> {
    /// The vault.
    pub(super) vault: Option<&'a VaultUrl>,
    /// The tenant it is in.
    pub(super) vault_tenant: Option<&'a TenantId>,
}

/// An endpoint says the same where nothing is assigned and where only user-assigned identities are.
const NAME_IT: &str = "where only user-assigned identities are assigned, name one: --client-id or AZURE_CLIENT_ID";

/// No credential is available: whose absence is it? On a host of Azure the managed identity's, elsewhere everybody's.
fn nobody(none: &NoCredential, place: &Place) -> Finding {
    let managed = none.walk.attempts.iter().find(|a| a.credential.name() == ManagedIdentityCredential.name());
    let in_azure = place.host.kind.can_have_identity();
    let several = |a: &Attempt| matches!(a.result, Err(NoToken::Unavailable(Reason::SeveralIdentities { .. })));
    let said_none = |a: &Attempt| matches!(a.result, Err(NoToken::Unavailable(Reason::NoIdentity { .. })));
    let to_blame = |a: &&Attempt| none.walk.members == 1 || in_azure || several(a) || said_none(a);
    if let Some(attempt) = managed.filter(to_blame) {
        let (row, commands) = if several(attempt) {
            (table::SEVERAL_IDENTITIES, remedy::list_identities(&answering(&place.host)))
        } else if said_none(attempt) {
            (table::MANAGED_IDENTITY_UNAVAILABLE, remedy::enable_identity(&answering(&place.host)))
        } else {
            (table::MANAGED_IDENTITY_UNAVAILABLE, remedy::enable_identity(&place.host))
        };
        let mut details = others(&none.walk, attempt);
        if said_none(attempt) && none.identity.is_none() {
            details.insert(0, NAME_IT.to_owned());
        }
        return Finding::of(row, absence(attempt, &place.host), details, commands);
    }
    let what = match none.walk.attempts.as_slice() {
        [one] => one.credential.name().to_owned(),
        many => format!("none of the {} credentials is available", many.len()),
    };
    let commands = sign_in_with(&none.walk);
    Finding::of(table::CREDENTIAL_UNAVAILABLE, what, attempts(&none.walk), commands)
}

/// A host whose identity endpoint answered: where nothing else tells what it is, the metadata service was that endpoint,
/// and it is a virtual machine.
fn answering(host: &Host) -> Host {
    let kind = if host.kind == HostKind::Machine { HostKind::VirtualMachine } else { host.kind };
    Host { kind, ..host.clone() }
}

/// Why there is no managed identity here. On a platform that announces one by variables, their absence says it.
fn absence(attempt: &Attempt, host: &Host) -> String {
    let platform = match host.kind {
        HostKind::AppService => Some("App Service app"),
        HostKind::FunctionApp => Some("function app"),
        HostKind::ContainerApp => Some("container app"),
        _ => None,
    };
    match (&attempt.result, platform, &host.name) {
        (Err(NoToken::Unavailable(Reason::NoMetadataService(_))), Some(platform), Some(name)) => {
            format!("the {platform} '{name}' is given none: IDENTITY_ENDPOINT is not set")
        }
        (result, ..) => result.as_ref().err().map(ToString::to_string).unwrap_or_default(),
    }
}

/// Each credential that was asked, and why it is not available.
fn attempts(walk: &Walk) -> Vec<String> {
    let width = walk.attempts.iter().map(|a| a.credential.name().len()).max().unwrap_or(0);
    let line = |a: &Attempt| {
        let name = a.credential.name();
        a.result.as_ref().err().map(|reason| format!("{name:width$}  {reason}"))
    };
    walk.attempts.iter().filter_map(line).collect()
}

fn others(walk: &Walk, than: &Attempt) -> Vec<String> {
    let rest = walk.attempts.iter().filter(|a| a.credential.name() != than.credential.name()).cloned().collect();
    attempts(&Walk { attempts: rest, members: walk.members })
}

/// A tool that was asked for by name is signed in to. Else az is what most developers have; where it was looked for and
/// is missing, where to get it comes first.
fn sign_in_with(walk: &Walk) -> Vec<String> {
    if let [Attempt { result: Err(NoToken::Unavailable(Reason::NotSignedIn { sign_in, .. })), .. }] = &*walk.attempts {
        return vec![(*sign_in).to_owned()];
    }
    let az = walk.attempts.iter().find(|a| a.credential.name() == AzureCliCredential.name());
    let get_it = match az.map(|a| &a.result) {
        None => return Vec::new(),
        Some(Err(NoToken::Unavailable(Reason::ProgramMissing { .. }))) => Some("open https://aka.ms/azure-cli"),
        Some(_) => None,
    };
    get_it.into_iter().chain(["az login"]).map(str::to_owned).collect()
}

/// A credential that is set up and gave no token.
pub(super) fn failed(attempt: &Attempt, failure: &Failure, wish: &Wish<'_>, place: &Place) -> Finding {
    let name = attempt.credential.name();
    let (row, details, commands): (_, Vec<String>, Vec<String>) = match failure {
        Failure::Refused(refusal) => return refused(name, refusal),
        Failure::Network(error) => {
            return Finding { what: format!("{name}: {error}"), ..network(error, None) };
        }
        Failure::IdentityNotAssigned { id, .. } => (
            table::IDENTITY_NOT_ASSIGNED,
            Vec::new(),
            remedy::assign_identity(&answering(&place.host), id, place.shell),
        ),
        Failure::IdKindNotSupported { .. } => (table::IDENTITY_ID_NOT_SUPPORTED, Vec::new(), Vec::new()),
        Failure::Endpoint { .. } => (table::IDENTITY_ENDPOINT_FAILED, Vec::new(), Vec::new()),
        Failure::Program { program, ending, sign_in } => {
            let code = match ending {
                ProgramFailure::Exited { aadsts, .. } => aadsts.and_then(aadsts::row),
                _ => None,
            };
            let row = match ending {
                ProgramFailure::TimedOut(_) => table::TOOL_TIMED_OUT,
                _ => code.unwrap_or(table::TOOL_FAILED),
            };
            let tenant = wish.vault_tenant.map(TenantId::as_str);
            let cloud = wish.vault.map_or(Some(PUBLIC), VaultUrl::cloud);
            let command = match ending {
                // It may well be signed in; how long it takes is what is wanted.
                ProgramFailure::TimedOut(_) => remedy::run_by_hand(program),
                _ => sign_in.map(|command| remedy::sign_in_with(program, command, tenant, cloud)),
            };
            (row, Vec::new(), command.into_iter().collect())
        }
        Failure::Malformed { .. } => (table::UNEXPECTED_ANSWER, Vec::new(), Vec::new()),
        Failure::File { variable: environment::CERTIFICATE, .. } => (table::CERTIFICATE_FILE, Vec::new(), Vec::new()),
        Failure::File { .. } => (table::TOKEN_FILE, Vec::new(), Vec::new()),
        Failure::TenantNotAllowed { wanted, .. } => {
            (table::TENANT_NOT_ALLOWED, Vec::new(), vec![format!("export AZURE_ADDITIONALLY_ALLOWED_TENANTS={wanted}")])
        }
        Failure::Setting { .. } => (table::SETTING_MALFORMED, Vec::new(), Vec::new()),
        Failure::Runner { .. } => (table::RUNNER_TOKEN, Vec::new(), Vec::new()),
        Failure::IdentityNotConfirmed { .. } => (table::IDENTITY_NOT_CONFIRMED, Vec::new(), Vec::new()),
        Failure::OtherServer { .. } => (table::IDENTITY_ENDPOINT_IMPOSTOR, Vec::new(), Vec::new()),
        Failure::KeyFile { problem: KeyFileProblem::Denied, .. } => {
            (table::ARC_KEY_DENIED, Vec::new(), remedy::read_arc_keys())
        }
        Failure::KeyFile { .. } => (table::ARC_KEY_UNSAFE, Vec::new(), Vec::new()),
        Failure::NobodySignedIn(_) => (table::NOBODY_SIGNED_IN, Vec::new(), Vec::new()),
    };
    Finding::of(row, format!("{name}: {failure}"), details, commands)
}

/// Entra ID's refusal, by the row of its code.
fn refused(credential: &str, refusal: &Refusal) -> Finding {
    let row = refusal.code.and_then(aadsts::row).unwrap_or(table::SIGN_IN_REFUSED);
    Finding::of(row, format!("{credential}: {refusal}"), refusal_details(refusal), Vec::new())
}

fn refusal_details(refusal: &Refusal) -> Vec<String> {
    let mut details = Vec::new();
    if let Some(claims) = &refusal.assertion {
        let part =
            |name: &str, value: &Option<String>| value.as_ref().map(|v| format!("the assertion's {name} is {v}"));
        details.extend(
            [part("issuer", &claims.iss), part("subject", &claims.sub), part("audience", &claims.aud)]
                .into_iter()
                .flatten(),
        );
        details.extend(claims.exp.map(|exp| format!("it expires {}", crate::timestamp::Timestamp(exp).rfc3339())));
    }
    if let Some(code) = refusal.code {
        details.push(format!("https://login.microsoftonline.com/error?code={code}"));
    }
    details.extend(refusal.trace_id.as_ref().map(|id| format!("trace id {id}")));
    details
}

fn denied_by_vault(denied: &Denied, place: &Place) -> Finding {
    let vault = &denied.error.vault;
    let name = denied.error.operation.secret().unwrap_or_default();
    let what = denied.error.to_string();
    let who = whom(denied);
    match &denied.error.kind {
        VaultErrorKind::Network(error) => network(error, Some(vault)),
        VaultErrorKind::Forbidden(forbidden) => {
            let (row, aside, details, commands) = forbidden_by(forbidden, denied, name, place);
            Finding { aside, ..Finding::of(row, what, details, commands) }
        }
        VaultErrorKind::NotFound { deleted } => {
            let aside = deleted.then(|| "it was deleted, and can be recovered".to_owned());
            let commands = remedy::find_secret(vault, *deleted, name);
            Finding { aside, ..Finding::of(table::SECRET_NOT_FOUND, what, Vec::new(), commands) }
        }
        VaultErrorKind::Unauthorized(reason) => {
            let row = match reason.cause {
                UnauthorizedCause::Issuer => return wrong_tenant(reason, denied, what),
                UnauthorizedCause::Audience => table::WRONG_AUDIENCE,
                UnauthorizedCause::Expired => table::TOKEN_EXPIRED,
                UnauthorizedCause::Other => table::UNAUTHORIZED,
            };
            Finding { aside: Some(who), ..Finding::of(row, what, Vec::new(), Vec::new()) }
        }
        VaultErrorKind::Throttled => Finding::of(table::THROTTLED, what, Vec::new(), remedy::show_load(vault)),
        VaultErrorKind::ChallengeElsewhere(_) => Finding::of(table::CHALLENGE_ELSEWHERE, what, Vec::new(), Vec::new()),
        kind @ (VaultErrorKind::Malformed(_) | VaultErrorKind::Other { .. }) => {
            let row = match kind {
                VaultErrorKind::Other { status: 500.., .. } => table::VAULT_IN_TROUBLE,
                _ => table::UNEXPECTED_ANSWER,
            };
            let details = denied.error.request_id.iter().map(|id| format!("request id {id}")).collect();
            Finding::of(row, what, details, Vec::new())
        }
    }
}

/// The token is of one tenant and the vault of another: whose each is, and how this kind of identity gets across.
fn wrong_tenant(reason: &Unauthorized, denied: &Denied, what: String) -> Finding {
    let vault = &denied.error.vault;
    let token_tenant = reason.token_tenant.as_deref().or(denied.identity.tenant());
    let line = |whose: String, tenant: Option<&str>| tenant.map(|tenant| format!("{whose} tenant {tenant}"));
    let mut details: Vec<_> = [
        line(format!("the vault {} is in", vault.name()), reason.vault_tenant.as_deref()),
        line(format!("the token of {} is from", denied.credential), token_tenant),
    ]
    .into_iter()
    .flatten()
    .collect();
    let tenant = reason.vault_tenant.as_deref();
    let commands = match (denied.identity.kind, tenant) {
        (IdentityType::User, _) => remedy::sign_in(tenant, vault.cloud()),
        (IdentityType::ServicePrincipal, Some(tenant)) => vec![format!("export AZURE_TENANT_ID={tenant}")],
        (IdentityType::ServicePrincipal, None) => Vec::new(),
        _ => {
            details.push(
                "a managed identity signs in to its own tenant only: use a vault there, or an application".into(),
            );
            remedy::show_tenant(vault)
        }
    };
    Finding { aside: Some(whom(denied)), ..Finding::of(table::WRONG_TENANT, what, details, commands) }
}

type Told = (&'static Row, Option<String>, Vec<String>, Vec<String>);

fn forbidden_by(forbidden: &Forbidden, denied: &Denied, name: &str, place: &Place) -> Told {
    let vault = &denied.error.vault;
    let who = Some(whom(denied));
    match forbidden.cause {
        ForbiddenCause::Rbac => {
            let details = forbidden.action.iter().map(|a| format!("it needs {a}")).collect();
            let commands = remedy::assign_role(vault, &denied.identity, forbidden.resource.as_deref(), place.shell);
            (table::FORBIDDEN, who, details, commands)
        }
        ForbiddenCause::AccessPolicy => {
            (table::FORBIDDEN_ACCESS_POLICY, who, Vec::new(), remedy::set_policy(vault, &denied.identity))
        }
        ForbiddenCause::Firewall => {
            let seen = forbidden.client_address.as_deref();
            let aside = seen.map(|address| format!("the vault sees this machine as {address}"));
            (table::FORBIDDEN_FIREWALL, aside, Vec::new(), remedy::allow_address(vault, seen))
        }
        ForbiddenCause::PrivateLink => (table::FORBIDDEN_PRIVATE_LINK, None, Vec::new(), remedy::show_network(vault)),
        ForbiddenCause::Disabled => (table::SECRET_DISABLED, None, Vec::new(), remedy::enable_secret(vault, name)),
        ForbiddenCause::NotYetValid => (table::SECRET_NOT_YET_VALID, None, Vec::new(), Vec::new()),
        ForbiddenCause::Expired => (table::SECRET_EXPIRED, None, Vec::new(), Vec::new()),
        ForbiddenCause::Other => {
            let said = forbidden.message.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned);
            (table::FORBIDDEN_OTHER, who, said.collect(), Vec::new())
        }
    }
}

/// Who was refused: `identity 3f2a..., ManagedIdentityCredential, system-assigned`.
fn whom(denied: &Denied) -> String {
    let id = denied.identity.object_id().or(denied.identity.client_id()).or(denied.identity.label());
    let id = id.map(|id| format!("identity {id}, ")).unwrap_or_default();
    format!("{id}{}, {}", denied.credential, denied.identity.kind)
}

/// A failure of the network; `vault` where it was the vault that was asked.
pub(super) fn network(error: &NetworkError, vault: Option<&VaultUrl>) -> Finding {
    use NetworkErrorKind::*;
    let row = match &error.kind {
        Name if error.proxy.is_none() && vault.is_some() => table::VAULT_NAME_UNKNOWN,
        Name | Connect(_) | TimedOut(..) | CutOff(_) | Tls(_) => table::UNREACHABLE,
        ProxyRefused(_) => table::PROXY_REFUSED,
        BeyondProxy(_) => table::BEYOND_PROXY,
        Certificate(_) => table::CERTIFICATE_NOT_TRUSTED,
        TooLarge(_) | NotHttp(_) => table::UNEXPECTED_ANSWER,
    };
    let commands = match (row.code, vault) {
        ("vault-name-unknown", Some(vault)) => {
            vec![
                "az keyvault list --query '[].properties.vaultUri' -o tsv".to_owned(),
                format!("nslookup {}", vault.host()),
            ]
        }
        ("certificate-not-trusted", _) => remedy::show_certificate(&error.host, error.proxy.as_deref()),
        ("unreachable" | "beyond-proxy" | "proxy-refused", _) => remedy::try_to_reach(&error.host),
        _ => Vec::new(),
    };
    let names_proxy = matches!(error.kind, ProxyRefused(_) | BeyondProxy(_) | Connect(_) | Name);
    let aside = error.proxy.as_ref().filter(|_| !names_proxy).map(|proxy| format!("through the proxy {proxy}"));
    Finding { aside, ..Finding::of(row, error.to_string(), Vec::new(), commands) }
}
