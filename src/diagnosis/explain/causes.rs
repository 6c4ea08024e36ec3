//! Ranks the causes why the credential chain has no token. `get` reports the first one, `diagnose` all of them.

use crate::credential::azure_cli::AzureCliCredential;
use crate::credential::chain::{Attempt, ChainOutcome};
use crate::credential::managed_identity::ManagedIdentityCredential;
use crate::credential::{Credential, NoToken, Reason};
use crate::error::NoCredential;
use crate::host::HostKind;

use super::super::finding::Finding;
use super::super::table::{Weight, ci, federation, identity, sign_in};
use super::chain::{absence_reason, failed, identity_missing, imds_probe_timed_out, unavailable};
use crate::diagnosis::context::{Context, Tool};

/// Explains a chain without a token by the cause of each credential: first the failure that stopped the chain, then the
/// most specific cause. If no cause is specific, the chain as a whole is explained. `get` reports the first one.
pub(in crate::diagnosis) fn causes(none: &NoCredential, base: &Context) -> Vec<Finding> {
    let tenant = none.vault_tenant.as_ref().map(|tenant| tenant.as_str().to_owned());
    let context = &Context {
        vault: none.vault.clone().or(base.vault.clone()),
        vault_tenant: tenant.or(base.vault_tenant.clone()),
        host: none.host.clone(),
        ..base.clone()
    };
    let stopped_by = none.outcome.stopped_by().map(|attempt| attempt.credential.name());
    let mut causes: Vec<(bool, Finding)> = Vec::new();
    for attempt in &none.outcome.attempts {
        let finding = match &attempt.result {
            Err(NoToken::Failed(failure)) => Some(failed(attempt, failure, context)),
            Err(NoToken::Unavailable(reason)) => {
                unavailable(attempt, reason, context).or_else(|| login_without_az(none, reason, context))
            }
            Ok(_) => None,
        };
        causes.extend(finding.map(|finding| (stopped_by == Some(attempt.credential.name()), finding)));
    }
    // AZURE_CLIENT_ID belongs to the workload identity then, and not to an incomplete service principal.
    let federated = [&ci::NOT_SET_UP[..], &[federation::RUNNER_TOKEN, federation::FEDERATION_INCOMPLETE]].concat();
    if causes.iter().any(|(_, finding)| federated.contains(&finding.row)) {
        let halves = [sign_in::ENVIRONMENT_INCOMPLETE, sign_in::CLIENT_ID_ONLY];
        causes.retain(|(_, finding)| !halves.contains(&finding.row));
    }
    // Signing in with one tool is enough.
    let mut sign_ins = 0;
    causes.retain(|(_, finding)| {
        let is_sign_in = finding.row.weight == Weight::NotSignedIn;
        sign_ins += usize::from(is_sign_in);
        !is_sign_in || sign_ins == 1
    });
    if context.host.kind.is_runner() {
        causes.retain(|(_, finding)| finding.row.weight != Weight::NotSignedIn);
    }
    if !context.host.kind.has_developers() {
        // A missing developer tool is no cause on a server, unless there is a login for it.
        causes.retain(|(_, finding)| {
            finding.row.weight != Weight::ToolMissing || finding.row == sign_in::AZ_LOGIN_WITHOUT_AZ
        });
    }
    let has_failed = none.outcome.attempts.iter().any(|attempt| matches!(attempt.result, Err(NoToken::Failed(_))));
    if !has_failed {
        let whole = no_credential(none, context);
        let is_specific = whole.row.weight != Weight::Vague || causes.is_empty();
        if is_specific && !causes.iter().any(|(_, cause)| cause.row == whole.row) {
            causes.push((false, whole));
        }
    }
    // In a pod, these are the identities of the node.
    let is_several = |(_, finding): &(bool, Finding)| finding.row == identity::MULTIPLE_IDENTITIES;
    if causes.iter().any(is_several) && context.host.kind == HostKind::Kubernetes {
        let pod = causes.iter_mut().find(|(_, finding)| finding.row == federation::FEDERATION_INCOMPLETE);
        if let Some((_, pod)) = pod {
            pod.details.push("the node has several managed identities; --client-id selects one of them".to_owned());
            causes.retain(|cause| !is_several(cause));
        }
    }
    causes.sort_by_key(|(stopping, finding)| (!stopping, finding.row.weight));
    let mut findings: Vec<_> = causes.into_iter().map(|(_, finding)| with_imds_wait(finding, none)).collect();
    if let (None, Some(first)) = (stopped_by, findings.first_mut()) {
        // A row with the credential in its error repeats the name.
        let is_named = first.row.error.contains("authentication unavailable");
        first.reported_as = (!is_named).then_some(sign_in::CREDENTIAL_UNAVAILABLE.error);
    }
    findings
}

/// Explains an az login in the home folder without az to use it.
fn login_without_az(none: &NoCredential, reason: &Reason, context: &Context) -> Option<Finding> {
    let Reason::ProgramMissing { program: "az", .. } = reason else { return None };
    let profile = none.az_folder.as_ref()?.join("azureProfile.json");
    profile.is_file().then(|| {
        let message = format!("{}: {} exists", AzureCliCredential.name(), profile.display());
        Finding::new(sign_in::AZ_LOGIN_WITHOUT_AZ, message, context)
    })
}

/// Adds why azfob waited for the metadata service (IMDS).
fn with_imds_wait(mut finding: Finding, none: &NoCredential) -> Finding {
    if finding.row == identity::METADATA_TIMED_OUT {
        finding.details.push(if none.outcome.members == 1 {
            "azfob waited for IMDS because ManagedIdentityCredential was selected by name".to_owned()
        } else {
            "azfob waited for IMDS because this machine identifies itself as an Azure VM".to_owned()
        });
    }
    finding
}

/// Explains a chain in which no credential is configured: on an Azure host by the managed identity, elsewhere by the whole
/// chain.
fn no_credential(none: &NoCredential, context: &Context) -> Finding {
    let managed = none.outcome.attempts.iter().find(|a| a.credential.name() == ManagedIdentityCredential.name());
    let in_azure = context.host.kind.can_have_identity();
    let several = |a: &Attempt| matches!(a.result, Err(NoToken::Unavailable(Reason::SeveralIdentities { .. })));
    let promised = |a: &Attempt| {
        matches!(a.result, Err(NoToken::Unavailable(Reason::NoIdentity { .. } | Reason::EndpointSilent { .. })))
    };
    let is_cause = |a: &&Attempt| none.outcome.members == 1 || in_azure || several(a) || promised(a);
    if let Some(attempt) = managed.filter(is_cause) {
        return identity_missing(attempt, none.outcome.members == 1, absence_reason(attempt, &context.host), context);
    }
    let message = match none.outcome.attempts.as_slice() {
        [Attempt { credential, result: Err(reason), .. }] => format!("{}: {reason}", credential.name()),
        many => format!("none of the {} credentials is available", many.len()),
    };
    let context =
        Context { tool: single_tool(&none.outcome), az_is_missing: az_is_missing(&none.outcome), ..context.clone() };
    let host_hint = host_hint(&context).map(str::to_owned);
    let slow = managed.filter(|attempt| context.host.kind.may_be_in_azure() && imds_probe_timed_out(&attempt.result));
    let slow = slow.map(|_| {
        "IMDS did not answer within 200 ms; if this machine is in Azure, wait longer with --credential managed-identity"
            .to_owned()
    });
    let details = host_hint.into_iter().chain(slow).collect();
    Finding { details, ..Finding::new(sign_in::CREDENTIAL_UNAVAILABLE, message, &context) }
}

/// Summarizes the credentials that a finding is not about: each failure, and the number of the unavailable ones.
pub(super) fn others(none: &NoCredential, finding: &Finding) -> Vec<String> {
    let is_other = |attempt: &&Attempt| {
        let name = attempt.credential.name();
        !finding.message.starts_with(name) && !finding.row.error.starts_with(name)
    };
    let mut lines = Vec::new();
    let mut unavailable = 0;
    for attempt in none.outcome.attempts.iter().filter(is_other) {
        match &attempt.result {
            Err(NoToken::Failed(failure)) => lines.push(format!("{} failed: {failure}", attempt.credential.name())),
            _ => unavailable += 1,
        }
    }
    let is_whole = finding.row == sign_in::CREDENTIAL_UNAVAILABLE;
    match unavailable {
        0 => {}
        1 if is_whole => {}
        n if is_whole => lines.push(format!("{n} credentials are not configured (-v shows why)")),
        1 => lines.push("1 other credential is not configured (-v shows why)".to_owned()),
        n => lines.push(format!("{n} other credentials are not configured (-v shows why)")),
    }
    lines
}

/// Returns a hint about sign-ins that do not work on this kind of host.
fn host_hint(context: &Context) -> Option<&'static str> {
    match context.host.kind {
        HostKind::Wsl => Some("WSL does not use sign-ins from Windows: sign in inside WSL"),
        HostKind::Container => Some("a container does not use its host's sign-ins: enable an identity on its platform"),
        HostKind::Codespaces => Some("a codespace cannot open a browser: sign in with a device code"),
        _ if context.remote => Some("a browser cannot be opened over SSH: sign in with a device code"),
        _ => None,
    }
}

/// Returns the tool of the only credential tried, if that tool is not signed in.
fn single_tool(outcome: &ChainOutcome) -> Option<Tool> {
    match outcome.attempts.as_slice() {
        [Attempt { result: Err(NoToken::Unavailable(Reason::NotSignedIn { program, sign_in })), .. }] => {
            Some(Tool { program, sign_in })
        }
        _ => None,
    }
}

fn az_is_missing(outcome: &ChainOutcome) -> bool {
    let az = outcome.attempts.iter().find(|a| a.credential.name() == AzureCliCredential.name());
    az.is_some_and(|a| matches!(a.result, Err(NoToken::Unavailable(Reason::ProgramMissing { .. }))))
}
