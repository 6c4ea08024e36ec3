//! A chain without a token: whose absence it is, or whose refusal.

use crate::credential::azure_cli::AzureCliCredential;
use crate::credential::chain::{Attempt, ChainOutcome};
use crate::credential::managed_identity::ManagedIdentityCredential;
use crate::credential::workload_identity::WorkloadIdentityCredential;
use crate::credential::{Credential, Failure, KeyFileProblem, NoToken, ProgramFailure, Reason, environment};
use crate::entra::cloud::PUBLIC;
use crate::entra::{Refusal, TenantId};
use crate::error::NoCredential;
use crate::host::{Host, HostKind};
use crate::http::error::{NetworkError, NetworkErrorKind};
use crate::vault::url::VaultUrl;

use super::super::table::{self, Row};
use super::super::{aadsts, remedy};
use super::{Finding, Place, Wish, network};

pub(super) fn no_token(none: &NoCredential, place: &Place) -> Finding {
    let wish = Wish { vault: none.vault.as_ref(), vault_tenant: none.vault_tenant.as_ref() };
    // What stopped the walk, or else a developer's tool that is signed in and could not help.
    let failure = none.outcome.stopped_by().or_else(|| none.outcome.attempts.iter().find(|a| has_failed(a)));
    match failure {
        Some(attempt) => match &attempt.result {
            Err(NoToken::Failed(failure)) => {
                let mut finding = failed(attempt, failure, &wish, place);
                finding.details.extend(others(&none.outcome, attempt));
                // The chain went on from a tool that failed, and found nobody else.
                finding.under = none.outcome.stopped_by().is_none().then_some(table::CREDENTIAL_UNAVAILABLE.error);
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

/// No credential is available: whose absence is it? On a host of Azure the managed identity's, elsewhere everybody's.
fn nobody(none: &NoCredential, place: &Place) -> Finding {
    let managed = none.outcome.attempts.iter().find(|a| a.credential.name() == ManagedIdentityCredential.name());
    let in_azure = place.host.kind.can_have_identity();
    let several = |a: &Attempt| matches!(a.result, Err(NoToken::Unavailable(Reason::SeveralIdentities { .. })));
    let said_none = |a: &Attempt| matches!(a.result, Err(NoToken::Unavailable(Reason::NoIdentity { .. })));
    let to_blame = |a: &&Attempt| none.outcome.members == 1 || in_azure || several(a) || said_none(a);
    if let Some(attempt) = managed.filter(to_blame) {
        let (row, commands) = identity_missing(attempt, none.outcome.members == 1, place);
        return Finding::of(row, absence(attempt, &place.host), others(&none.outcome, attempt), commands);
    }
    let what = match none.outcome.attempts.as_slice() {
        [one] => one.credential.name().to_owned(),
        many => format!("none of the {} credentials is available", many.len()),
    };
    let commands = match place.host.kind {
        HostKind::Kubernetes => remedy::annotate_service_account(place),
        _ => sign_in_with(&none.outcome),
    };
    Finding::of(table::CREDENTIAL_UNAVAILABLE, what, attempts(&none.outcome), commands)
}

/// Which absence of a managed identity it is.
fn identity_missing(attempt: &Attempt, by_name: bool, place: &Place) -> (&'static Row, Vec<String>) {
    let Err(NoToken::Unavailable(reason)) = &attempt.result else {
        return (table::MANAGED_IDENTITY_UNAVAILABLE, remedy::enable_identity(&place.host));
    };
    let host = answering(&place.host);
    match reason {
        Reason::SeveralIdentities { .. } => (table::SEVERAL_IDENTITIES, remedy::list_identities(&host)),
        // An app is told of an endpoint only where it has an identity; this one answers, and has none by itself.
        Reason::NoIdentity { .. } if is_app(&host) => {
            let commands = remedy::list_identities(&host).into_iter().chain(remedy::enable_identity(&host));
            (table::IDENTITY_NOT_NAMED, commands.collect())
        }
        Reason::NoIdentity { .. } => (table::MANAGED_IDENTITY_UNAVAILABLE, remedy::enable_identity(&host)),
        Reason::NoMetadataService(error) if is_waited_for(error, by_name, place) => {
            (table::METADATA_TIMED_OUT, remedy::show_metadata())
        }
        Reason::NotMetadataService { .. } => {
            (table::METADATA_IMPOSTOR, remedy::general(table::METADATA_IMPOSTOR.code, None, place))
        }
        _ => (table::MANAGED_IDENTITY_UNAVAILABLE, remedy::enable_identity(&place.host)),
    }
}

fn is_app(host: &Host) -> bool {
    matches!(host.kind, HostKind::AppService | HostKind::FunctionApp | HostKind::ContainerApp)
}

/// Whether the metadata service should be there, and was too slow.
fn is_waited_for(error: &NetworkError, by_name: bool, place: &Place) -> bool {
    let in_time = !matches!(error.kind, NetworkErrorKind::TimedOut(..));
    !in_time && (by_name || place.host.kind == HostKind::VirtualMachine)
}

/// A reason that names a cause of its own, for a report that looks at each.
pub(in crate::diagnosis) fn unavailable(
    attempt: &Attempt,
    reason: &Reason,
    wish: &Wish<'_>,
    place: &Place,
) -> Option<Finding> {
    let what = format!("{}: {reason}", attempt.credential.name());
    let tenant = wish.vault_tenant.map(TenantId::as_str);
    let cloud = wish.vault.and_then(VaultUrl::cloud);
    let general =
        |row: &'static Row| Finding::of(row, what.clone(), Vec::new(), remedy::general(row.code, wish.vault, place));
    Some(match reason {
        Reason::SeveralIdentities { .. } | Reason::NoIdentity { .. } => {
            let (row, commands) = identity_missing(attempt, false, place);
            Finding::of(row, what, Vec::new(), commands)
        }
        Reason::NotMetadataService { .. } => general(table::METADATA_IMPOSTOR),
        Reason::EndpointSilent { .. } => general(table::MANAGED_IDENTITY_UNAVAILABLE),
        Reason::ClientIdNamesIdentity => general(table::CLIENT_ID_ALONE),
        Reason::NotSignedIn { program, sign_in } => {
            let command = remedy::sign_in_with(program, sign_in, tenant, cloud);
            Finding::of(table::NOT_SIGNED_IN, what, Vec::new(), vec![command])
        }
        Reason::ProgramMissing { elsewhere, .. } => {
            let folder = elsewhere.first()?.parent()?.display().to_string();
            let command = place.shell.set("PATH", &format!("\"$PATH:{folder}\""));
            Finding::of(table::TOOL_NOT_ON_PATH, what, Vec::new(), vec![command])
        }
        Reason::OnlyBroker { .. } => Finding::of(table::NEEDS_BROKER, what, Vec::new(), remedy::sign_in(tenant, cloud)),
        Reason::ModuleMissing { .. } => general(table::POWERSHELL_MODULE),
        Reason::JobMayNotAsk { .. } => general(table::RUNNER_TOKEN),
        Reason::VariablesMissing { set, .. } => {
            let workload = attempt.credential.name() == WorkloadIdentityCredential.name();
            match (workload, place.host.kind) {
                (true, HostKind::Kubernetes) => general(table::FEDERATION_INCOMPLETE),
                (true, _) if set.contains(&"AZURE_FEDERATED_TOKEN_FILE") => general(table::FEDERATION_INCOMPLETE),
                (false, _) if !set.is_empty() => general(table::ENVIRONMENT_INCOMPLETE),
                _ => return None,
            }
        }
        _ => return None,
    })
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
fn attempts(outcome: &ChainOutcome) -> Vec<String> {
    let width = outcome.attempts.iter().map(|a| a.credential.name().len()).max().unwrap_or(0);
    let line = |a: &Attempt| {
        let name = a.credential.name();
        a.result.as_ref().err().map(|reason| format!("{name:width$}  {reason}"))
    };
    outcome.attempts.iter().filter_map(line).collect()
}

fn others(outcome: &ChainOutcome, than: &Attempt) -> Vec<String> {
    let rest = outcome.attempts.iter().filter(|a| a.credential.name() != than.credential.name()).cloned().collect();
    attempts(&ChainOutcome { attempts: rest, members: outcome.members })
}

/// A tool that was asked for by name is signed in to. Else az is what most developers have; where it was looked for and
/// is missing, where to get it comes first.
fn sign_in_with(outcome: &ChainOutcome) -> Vec<String> {
    if let [Attempt { result: Err(NoToken::Unavailable(Reason::NotSignedIn { sign_in, .. })), .. }] = &*outcome.attempts
    {
        return vec![(*sign_in).to_owned()];
    }
    let az = outcome.attempts.iter().find(|a| a.credential.name() == AzureCliCredential.name());
    let get_it = match az.map(|a| &a.result) {
        None => return Vec::new(),
        Some(Err(NoToken::Unavailable(Reason::ProgramMissing { .. }))) => remedy::get_az(),
        Some(_) => Vec::new(),
    };
    get_it.into_iter().chain(["az login".to_owned()]).collect()
}

/// A credential that is set up and gave no token.
pub(in crate::diagnosis) fn failed(attempt: &Attempt, failure: &Failure, wish: &Wish<'_>, place: &Place) -> Finding {
    let name = attempt.credential.name();
    let (row, details, commands): (_, Vec<String>, Vec<String>) = match failure {
        Failure::Refused(refusal) => return refused(name, refusal, wish, place),
        Failure::Network(error) => {
            return Finding { what: format!("{name}: {error}"), ..network(error, None, place) };
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
        Failure::File { .. } => (table::TOKEN_FILE, Vec::new(), remedy::annotate_service_account(place)),
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
        Failure::StillWaiting(_) => (table::PROBE_TIMED_OUT, Vec::new(), Vec::new()),
        Failure::NobodySignedIn(_) => (table::NOBODY_SIGNED_IN, Vec::new(), Vec::new()),
    };
    Finding::of(row, format!("{name}: {failure}"), details, commands)
}

/// Entra ID's refusal, by the row of its code.
fn refused(credential: &str, refusal: &Refusal, wish: &Wish<'_>, place: &Place) -> Finding {
    let row = refusal.code.and_then(aadsts::row).unwrap_or(table::SIGN_IN_REFUSED);
    let commands = match refusal.code {
        Some(code) if aadsts::SIGN_IN_AGAIN.contains(&code) => {
            remedy::sign_in(wish.vault_tenant.map(TenantId::as_str), wish.vault.map_or(Some(PUBLIC), VaultUrl::cloud))
        }
        Some(code) => remedy::by_code(code, refusal.assertion.as_deref(), place),
        None => Vec::new(),
    };
    Finding::of(row, format!("{credential}: {refusal}"), refusal_details(refusal), commands)
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
        details
            .extend(claims.exp.map(|exp| format!("it expires {}", crate::time::timestamp::Timestamp(exp).rfc3339())));
    }
    if let Some(code) = refusal.code {
        details.push(format!("https://login.microsoftonline.com/error?code={code}"));
    }
    details.extend(refusal.trace_id.as_ref().map(|id| format!("trace id {id}")));
    details
}
