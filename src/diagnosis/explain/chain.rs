//! Explains why a credential has no token: it failed, or it is not configured.

use std::io::ErrorKind;

use crate::credential::chain::Attempt;
use crate::credential::interactive_browser::{self, InteractiveBrowserCredential};
use crate::credential::workload_identity::WorkloadIdentityCredential;
use crate::credential::{
    Credential, Failure, FileProblem, Group, KeyFileProblem, NoToken, Patience, ProgramFailure, Reason,
};
use crate::env;
use crate::host::{Host, HostKind};
use crate::http::error::{NetworkError, NetworkErrorKind};
use crate::token::AccessToken;

use super::super::classify::{Component, Evidence, Rank, RequestedHost, Verdict, classify, row_of_answer};
use super::super::finding::Finding;
use super::super::table::{Row, aadsts, ci, federation, identity, other_programs, service, sign_in};
use super::super::table::{identity_binding as binding_rows, network as network_rows};
use super::refusal::refused;
use super::{identity_binding, network};
use crate::diagnosis::context::{Context, Tool, tool_of};

/// True if the single short probe of the metadata service (IMDS) timed out.
pub(in crate::diagnosis) fn imds_probe_timed_out(result: &Result<AccessToken, NoToken>) -> bool {
    matches!(
        result,
        Err(NoToken::Unavailable(Reason::NoMetadataService {
            error: NetworkError { kind: NetworkErrorKind::TimedOut(..), .. },
            patience: Patience::Brief,
        }))
    )
}

/// Explains why there is no managed identity.
pub(super) fn identity_missing(attempt: &Attempt, by_name: bool, message: String, context: &Context) -> Finding {
    let answered = Context { host: answering_host(&context.host), ..context.clone() };
    let Err(NoToken::Unavailable(reason)) = &attempt.result else {
        return Finding::new(identity::MANAGED_IDENTITY_UNAVAILABLE, message, context);
    };
    let (row, context) = match reason {
        Reason::SeveralIdentities { .. } => (identity::MULTIPLE_IDENTITIES, &answered),
        Reason::NoIdentity { message, .. } if row_of_identity(message, None, false).is_some() => {
            (row_of_identity(message, None, false).unwrap_or(identity::MANAGED_IDENTITY_UNAVAILABLE), &answered)
        }
        // The answer of an app does not distinguish the two.
        Reason::NoIdentity { .. } if answered.host.kind.is_app() => (identity::IDENTITY_NOT_SELECTED, &answered),
        Reason::NoIdentity { .. } => (identity::MANAGED_IDENTITY_UNAVAILABLE, &answered),
        Reason::NoMetadataService { error, .. } if imds_timed_out(error, by_name, context) => {
            (identity::METADATA_TIMED_OUT, context)
        }
        // Without an identity, an app has no route to the metadata service.
        Reason::NoMetadataService { error, .. }
            if matches!(error.kind, NetworkErrorKind::NoRoute(_)) && !context.host.kind.is_app() =>
        {
            (identity::METADATA_UNREACHABLE, context)
        }
        Reason::NotMetadataService { .. } => (identity::METADATA_NOT_IMDS, context),
        Reason::EndpointSilent { .. } => (identity::IDENTITY_ENDPOINT_NOT_READY, context),
        _ => (identity::MANAGED_IDENTITY_UNAVAILABLE, context),
    };
    Finding::new(row, message, context)
}

/// True if the metadata service (IMDS) was expected to answer and timed out.
fn imds_timed_out(error: &NetworkError, by_name: bool, context: &Context) -> bool {
    matches!(error.kind, NetworkErrorKind::TimedOut(..)) && (by_name || context.host.kind == HostKind::VirtualMachine)
}

/// Explains why one credential is unavailable. `None` if it is simply not configured.
pub fn unavailable(attempt: &Attempt, reason: &Reason, base: &Context) -> Option<Finding> {
    let message = format!("{}: {reason}", attempt.credential.name());
    let mut context = base.clone();
    let row = match reason {
        Reason::SeveralIdentities { .. } | Reason::NoIdentity { .. } => {
            return Some(identity_missing(attempt, false, message, base));
        }
        Reason::NotMetadataService { .. } => identity::METADATA_NOT_IMDS,
        Reason::EndpointSilent { .. } => identity::IDENTITY_ENDPOINT_NOT_READY,
        Reason::ClientIdNamesIdentity { with_tenant: false } => sign_in::CLIENT_ID_ONLY,
        Reason::ClientIdNamesIdentity { with_tenant: true } => sign_in::ENVIRONMENT_INCOMPLETE,
        Reason::NotSignedIn { program, sign_in } => {
            context.tool = Some(Tool { program, sign_in });
            match *program {
                "az" => sign_in::NOT_SIGNED_IN,
                "azd" => sign_in::AZD_NOT_SIGNED_IN,
                _ => sign_in::POWERSHELL_NOT_SIGNED_IN,
            }
        }
        Reason::NoSubscription => sign_in::SUBSCRIPTION_UNKNOWN,
        Reason::ProgramMissing { .. } if attempt.credential.name() == WorkloadIdentityCredential.name() => {
            return Some(job_incomplete(message, &[], base));
        }
        Reason::NotFederable { .. } => ci::BITBUCKET_STEP,
        Reason::ProgramMissing { installed, .. } => {
            context.tool_folder = Some(installed.first()?.parent()?.display().to_string());
            sign_in::TOOL_NOT_ON_PATH
        }
        Reason::NoAccount { .. } => sign_in::VISUAL_STUDIO_SIGN_IN,
        Reason::OnlyBroker { .. } => sign_in::NEEDS_BROKER,
        Reason::ModuleMissing { .. } => sign_in::POWERSHELL_MODULE,
        Reason::JobLacksPermission { missing, .. } => return Some(job_incomplete(message, missing, base)),
        Reason::VariablesMissing { set, missing } => {
            let workload = attempt.credential.name() == WorkloadIdentityCredential.name();
            match (workload, base.host.kind) {
                (true, HostKind::Kubernetes) => federation::FEDERATION_INCOMPLETE,
                (true, kind) if kind.is_runner() => return Some(job_incomplete(message, missing, base)),
                (true, _) if set.contains(&env::AZURE_FEDERATED_TOKEN_FILE) => federation::FEDERATION_INCOMPLETE,
                (false, _) if !set.is_empty() => {
                    context.stored_secret = set.iter().copied().find(|variable| sign_in::SECRETS.contains(variable));
                    sign_in::ENVIRONMENT_INCOMPLETE
                }
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(Finding::new(row, message, &context))
}

/// Explains a CI job without the variables of a federated sign-in, with a detail for each missing part.
fn job_incomplete(message: String, missing: &[&'static str], context: &Context) -> Finding {
    let mut details: Vec<String> = Vec::new();
    for part in missing.iter().filter_map(|variable| missing_part(variable)) {
        if !message.contains(part) && !details.iter().any(|detail| detail == part) {
            details.push(part.to_owned());
        }
    }
    if context.is_pull_request {
        details.push("a pull request from a fork receives no token and no secrets".to_owned());
    }
    let context =
        Context { lacks_runner_token: missing.iter().any(|variable| is_runner_token(variable)), ..context.clone() };
    Finding { details, ..Finding::new(ci::not_set_up(context.host.kind), message, &context) }
}

/// Returns what to add to a CI job to set this variable.
fn missing_part(variable: &str) -> Option<&'static str> {
    Some(match variable {
        env::ACTIONS_ID_TOKEN_REQUEST_URL | env::ACTIONS_ID_TOKEN_REQUEST_TOKEN => {
            "the job needs 'permissions: id-token: write'"
        }
        env::AZURE_CLIENT_ID => "the job needs 'env: AZURE_CLIENT_ID', the client ID of the application or identity",
        env::AZURE_TENANT_ID => "the job needs 'env: AZURE_TENANT_ID'",
        env::SYSTEM_ACCESSTOKEN => "the step needs 'env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)'",
        env::SYSTEM_OIDCREQUESTURI => {
            "this agent does not support workload identity federation: update it, or use the AzureCLI@2 task"
        }
        variable if variable.starts_with("AZURESUBSCRIPTION_") => {
            "the tasks AzureCLI@2 and AzurePowerShell@5 set the variables of a federated service connection"
        }
        _ => return None,
    })
}

/// True if the runner sets this variable for its identity token, and not the author of the job.
fn is_runner_token(variable: &str) -> bool {
    variable.starts_with("ACTIONS_") || variable.starts_with("SYSTEM_")
}

/// Returns the host after its identity endpoint has answered: an unknown machine is then a virtual machine, because only
/// the metadata service (IMDS) can have answered.
fn answering_host(host: &Host) -> Host {
    let kind = if host.kind == HostKind::Machine { HostKind::VirtualMachine } else { host.kind };
    Host { kind, ..host.clone() }
}

/// Describes why there is no managed identity. On App Service and its like, the missing variable is the reason.
pub(super) fn absence_reason(attempt: &Attempt, host: &Host) -> String {
    let platform = host.kind.is_app().then(|| host.kind.label());
    match (&attempt.result, platform, &host.name) {
        (Err(NoToken::Unavailable(Reason::NoMetadataService { .. })), Some(platform), Some(name)) => {
            format!("no managed identity on the {platform} '{name}' (IDENTITY_ENDPOINT is not set)")
        }
        (result, ..) => result.as_ref().err().map(ToString::to_string).unwrap_or_default(),
    }
}

/// Explains a credential that is set up and got no token.
pub fn failed(attempt: &Attempt, failure: &Failure, base: &Context) -> Finding {
    use NetworkErrorKind::{CutOff, TimedOut};

    let name = attempt.credential.name();
    let message = format!("{name}: {failure}");
    let mut context = base.clone();
    if name == InteractiveBrowserCredential.name() {
        context.client_id = Some(interactive_browser::CLIENT_ID.to_owned());
    }
    if let Failure::IdentityNotAssigned { id, .. }
    | Failure::IdKindNotSupported { id, .. }
    | Failure::IdentityNotConfirmed { id, .. } = failure
    {
        context.requested_identity = Some(id.clone());
        context.host = answering_host(&base.host);
    }
    let row = match failure {
        Failure::Refused(refusal) => return refused(message, refusal, &context),
        Failure::IdentityBinding(binding, assertion) => {
            return identity_binding::proxy_failed(message, binding, assertion.as_deref(), base);
        }
        Failure::IdentityEndpoint(NetworkError { kind: TimedOut(..) | CutOff(_), .. }) => {
            identity::IDENTITY_ENDPOINT_NO_ANSWER
        }
        Failure::MetadataService(NetworkError { kind: TimedOut(..) | CutOff(_), .. }) => identity::METADATA_NO_ANSWER,
        Failure::Network(error) | Failure::IdentityEndpoint(error) | Failure::MetadataService(error) => {
            return Finding { message, ..network(error, None, base) };
        }
        Failure::Program { .. } if name == WorkloadIdentityCredential.name() => ci::PROGRAM_FAILED,
        Failure::Program { program, ending, sign_in } => {
            context.tool = Some(Tool { program, sign_in: sign_in.unwrap_or(program) });
            let row = match aadsts_code_of(ending) {
                Some(700_024) if base.host.kind.is_runner() => ci::JOB_TOKEN_EXPIRED,
                _ => program_row(ending, &mut context),
            };
            let link = aadsts::link_for_range(row, aadsts_code_of(ending));
            let of_tool = network_rows::ROWS
                .contains(&row)
                .then(|| format!("{program} sent this request, not azfob; its proxy and certificate settings count"));
            let details = link.into_iter().chain(of_tool).collect();
            return Finding { details, ..Finding::new(row, message, &context) };
        }
        Failure::TenantNotAllowed { wanted, .. } => {
            context.vault_tenant = Some(wanted.as_str().to_owned());
            sign_in::TENANT_NOT_ALLOWED
        }
        Failure::IdentityNotAssigned { message, .. } => {
            row_of_identity(message, None, true).unwrap_or(identity::IDENTITY_NOT_ASSIGNED)
        }
        Failure::IdKindNotSupported { .. } if name == WorkloadIdentityCredential.name() => {
            identity::WORKLOAD_ID_NOT_SUPPORTED
        }
        Failure::IdKindNotSupported { .. } => identity::IDENTITY_ID_NOT_SUPPORTED,
        Failure::IdentityNotConfirmed { .. } => identity::IDENTITY_NOT_CONFIRMED,
        Failure::SignOnGone { .. } => other_programs::MACHINE_LEARNING_SIGN_ON,
        Failure::Endpoint { status, message, .. } => {
            row_of_identity(message, Some(*status), false).unwrap_or(identity::IDENTITY_ENDPOINT_FAILED)
        }
        Failure::Malformed { .. } if attempt.credential.group() == Group::Developer => {
            context.tool = tool_of(name);
            sign_in::TOOL_OUTPUT
        }
        Failure::Malformed { .. } => service::UNEXPECTED_ANSWER,
        Failure::File { variable: env::AZURE_CLIENT_CERTIFICATE_PATH, .. } => sign_in::CERTIFICATE_FILE,
        Failure::File { variable: env::AZURE_KUBERNETES_CA_FILE, .. } => binding_rows::SETTINGS,
        Failure::File { problem: FileProblem::Unreadable(ErrorKind::NotFound), .. } => federation::TOKEN_FILE,
        Failure::File { .. } => federation::TOKEN_FILE_UNUSABLE,
        Failure::Setting { .. } => sign_in::SETTING_MALFORMED,
        Failure::Runner { .. } => federation::RUNNER_TOKEN,
        Failure::OtherServer { .. } => identity::IDENTITY_ENDPOINT_CERTIFICATE,
        Failure::KeyFile { problem: KeyFileProblem::Denied, .. } => identity::ARC_KEY_DENIED,
        Failure::KeyFile { .. } => identity::ARC_KEY_UNSAFE,
        Failure::StillWaiting(_) => sign_in::PROBE_TIMED_OUT,
        Failure::SignInTimedOut(_) => sign_in::SIGN_IN_TIMED_OUT,
        Failure::OtherSignIn(_) => sign_in::OTHER_SIGN_IN,
    };
    Finding::new(row, message, &context)
}

/// Returns the row for the words of an identity endpoint. The row for a missing identity depends on the host.
fn row_of_identity(message: &str, status: Option<u16>, asked_identity: bool) -> Option<&'static Row> {
    let evidence = Evidence { status, asked_identity, ..Evidence::of(Component::IdentityEndpoint, message) };
    row_of_answer(&evidence).filter(|row| *row != identity::MANAGED_IDENTITY_UNAVAILABLE)
}

/// Returns the row for a program's failure: that of Entra ID's code if its output contains one, or else that of its words.
/// Adds the host that the program's request failed at to the context.
fn program_row(ending: &ProgramFailure, context: &mut Context) -> &'static Row {
    match ending {
        ProgramFailure::TimedOut(_) => sign_in::TOOL_TIMED_OUT,
        ProgramFailure::NotStarted(_) => sign_in::TOOL_NOT_STARTED,
        ProgramFailure::Exited { message, aadsts: code, .. } => {
            if let Some(row) = code.and_then(aadsts::row) {
                return row;
            }
            let words = classify(&Evidence::of(Component::DeveloperTool, message)).filter(Verdict::gives_reason);
            let Some(verdict) = words else { return sign_in::TOOL_FAILED };
            if verdict.rank == Rank::Network {
                let dialled = RequestedHost::dialled(message, &verdict.at).map(|endpoint| endpoint.host);
                // The tools request tokens from Entra ID only.
                context.endpoint = dialled.or_else(|| Some(context.authority().to_owned()));
            }
            verdict.row
        }
        ProgramFailure::TooMuch(_) => sign_in::TOOL_OUTPUT,
    }
}

fn aadsts_code_of(ending: &ProgramFailure) -> Option<u32> {
    match ending {
        ProgramFailure::Exited { aadsts, .. } => *aadsts,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::credential::managed_identity::ManagedIdentityCredential;

    /// Nothing there answered, so nothing is known about an identity. Only an app has no such route without one.
    #[test]
    fn a_metadata_service_without_a_route_is_the_row_of_its_log() {
        let log = "ManagedIdentityCredential: dial tcp 169.254.169.254:80: connect: network is unreachable";
        let in_log = classify(&Evidence::of_text(log)).map(|verdict| verdict.row.code);
        for (host, row) in [
            (HostKind::Machine, identity::METADATA_UNREACHABLE),
            (HostKind::VirtualMachine, identity::METADATA_UNREACHABLE),
            (HostKind::Container, identity::METADATA_UNREACHABLE),
            (HostKind::FunctionApp, identity::MANAGED_IDENTITY_UNAVAILABLE),
        ] {
            let kind = NetworkErrorKind::NoRoute("network unreachable".to_owned());
            let error = NetworkError { host: "169.254.169.254".to_owned(), proxy: None, kind };
            let reason = Reason::NoMetadataService { error, patience: Patience::Full };
            let result = Err(NoToken::Unavailable(reason));
            let attempt = Attempt { credential: &ManagedIdentityCredential, result, took: Duration::ZERO };
            let context = Context { host: Host::of_kind(host), ..Context::default() };
            let live = identity_missing(&attempt, true, String::new(), &context);
            assert_eq!(live.row, row, "{host:?}");
            assert!(host.is_app() || in_log == Some(row.code), "{host:?}: {in_log:?}");
        }
    }
}
