//! The ends of an attempt in words. None of them holds a secret or a token.

use std::fmt;

use crate::http::error::seconds;
use crate::redact;

use super::{Failure, FileProblem, KeyFileProblem, NoToken, Patience, ProgramFailure, Reason};

impl fmt::Display for NoToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoToken::Unavailable(reason) => reason.fmt(f),
            NoToken::Failed(failure) => failure.fmt(f),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::VariablesMissing { set, missing } => write_variables(f, set, missing),
            Reason::ClientIdNamesIdentity { with_tenant: true } => {
                f.write_str("AZURE_CLIENT_ID and AZURE_TENANT_ID are set; a secret or certificate is not")
            }
            Reason::ClientIdNamesIdentity { with_tenant: false } => f.write_str(
                "AZURE_CLIENT_ID is set without a secret or certificate: it names the user-assigned identity",
            ),
            Reason::NoMetadataService { error, patience } => {
                let how = match patience {
                    Patience::Brief => "one short try",
                    Patience::Full => "waited for, with retries",
                };
                write!(f, "no metadata service: {error} ({how})")
            }
            Reason::NotMetadataService { status, server } => {
                write!(f, "what answers at the metadata address is not Azure's service: status {status}")?;
                server.as_ref().map_or(Ok(()), |server| write!(f, ", Server '{server}'"))
            }
            Reason::NoIdentity { host, said } => write!(f, "this {host} has no managed identity ({said})"),
            Reason::EndpointSilent { host, error } => {
                write!(f, "the identity endpoint of this {host} is silent: {error}")
            }
            Reason::ProgramMissing { program, searched, elsewhere } => {
                match searched.len() {
                    0 => write!(f, "PATH has no folder to find {program} in")?,
                    1 => write!(f, "{program} is not in {}, the one folder of PATH", searched[0].display())?,
                    many => write!(f, "{program} is not in any of the {many} folders of PATH")?,
                }
                let Some(place) = elsewhere.first() else { return Ok(()) };
                write!(f, "; it seems to be at {}", place.display())
            }
            Reason::NotSignedIn { program, sign_in } => write!(f, "{program} is not signed in; run '{sign_in}'"),
            Reason::ClientIdNamesWorkload { variable } => write!(
                f,
                "AZURE_CLIENT_ID is set without a secret or certificate: with {variable} it names a workload identity"
            ),
            Reason::JobMayNotAsk { set, missing, permission } => {
                write_variables(f, set, missing)?;
                write!(f, ": {permission}")
            }
            Reason::SeveralIdentities { host } => {
                write!(f, "this {host} has several user-assigned identities and none was named")
            }
            Reason::SignInFileMissing { product, path } => {
                write!(f, "{product} has no sign-in here: {} does not exist", path.display())
            }
            Reason::SignInFileUnusable { path, problem } => write!(f, "{} {problem}", path.display()),
            Reason::TokenServiceMissing { file, named } => match named.first() {
                Some(program) => {
                    let program = redact::sanitize(&program.display().to_string());
                    write!(f, "{} names no program that is there: {program}", file.display())
                }
                None => write!(f, "{} names no program", file.display()),
            },
            Reason::NoAccount { product, way_out } => write!(f, "no account is signed in to {product}; {way_out}"),
            Reason::OnlyBroker { product, user, tenant, wanted } => write!(
                f,
                "{product} is signed in as {user} in tenant {tenant}, but only the operating system's broker hands out \
                 its token, and azfob has no broker; run 'az login --tenant {wanted}'"
            ),
            Reason::ModuleMissing { program, module, needed, found: None } => write!(
                f,
                "{program} does not have the module {module} {needed} or later; run 'Install-Module {module}' in it"
            ),
            Reason::ModuleMissing { program, module, needed, found: Some(found) } => write!(
                f,
                "{program} has the module {module} {found}, and {needed} or later is needed; run 'Update-Module \
                 {module}' in it"
            ),
            Reason::ScriptsForbidden { program, said } => {
                write!(f, "{program} may not load its modules, by its execution policy: {said}")
            }
            Reason::InteractionOff => f.write_str("a person would have to sign in; allow that with --interactive"),
            Reason::NoLoopbackPort(kind) => {
                write!(f, "no port of this machine could be opened for the browser to come back to: {kind}")
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(refusal) => refusal.fmt(f),
            Failure::Network(error) => error.fmt(f),
            Failure::IdentityNotAssigned { id, host, said } => {
                write!(f, "the identity with {id}")?;
                id.source.map_or(Ok(()), |source| write!(f, " (from {source})"))?;
                write!(f, " is not assigned to this {host} ({said})")
            }
            Failure::SignOnGone { host, said } => write!(f, "this {host} has no sign-in to answer with: {said}"),
            Failure::Endpoint { host, status, said } => {
                write!(f, "the identity endpoint of this {host} answered {status}: {said}")
            }
            Failure::IdKindNotSupported { id, host, takes } => {
                write!(f, "this {host} cannot select an identity by {}; it takes {takes}", id.kind)
            }
            Failure::Program { program, ending, .. } => write!(f, "{program}{ending}"),
            Failure::Malformed { from, expected } => write!(f, "the answer of {from} is not {expected}"),
            Failure::File { variable, path, problem } => {
                write!(f, "{variable} names {}, which {problem}", path.display())
            }
            Failure::TenantNotAllowed { configured, wanted } => write!(
                f,
                "the vault is in tenant {wanted}; the credential is configured for {configured}, and \
                 AZURE_ADDITIONALLY_ALLOWED_TENANTS does not name the vault's"
            ),
            Failure::Setting { variable, expected } => write!(f, "{variable} is malformed: expected {expected}"),
            Failure::Runner { runner, status, said } => {
                write!(f, "{runner} gave no token for this job: status {status}")?;
                if said.is_empty() { Ok(()) } else { write!(f, ", {said}") }
            }
            Failure::IdentityNotConfirmed { id, host, got } => {
                write!(f, "this {host} gave a token without confirming that it is for the identity with {id}")?;
                got.as_ref().map_or(Ok(()), |got| write!(f, "; it named {got}"))
            }
            Failure::OtherServer { host, variable } => {
                write!(
                    f,
                    "what answers at the identity endpoint of this {host} is not the server that {variable} names"
                )
            }
            Failure::KeyFile { path, problem } => {
                write!(f, "the Azure Arc agent names {path} as its key, which {problem}")
            }
            Failure::StillWaiting(limit) => {
                write!(f, "it was still waiting when its time was up, after {}", seconds(*limit))
            }
            Failure::NobodySignedIn(waited) => write!(f, "nobody signed in in the browser within {}", seconds(*waited)),
        }
    }
}

/// Follows the program's name.
impl fmt::Display for ProgramFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProgramFailure::Exited { said, .. } if !said.is_empty() => write!(f, ": {said}"),
            ProgramFailure::Exited { code: Some(code), .. } => write!(f, " ended with {code} and no reason"),
            ProgramFailure::Exited { code: None, .. } => f.write_str(" was ended by a signal"),
            ProgramFailure::TimedOut(limit) => write!(f, " did not answer within {}", seconds(*limit)),
            ProgramFailure::TooMuch(limit) => write!(f, " printed more than {limit} bytes"),
            ProgramFailure::NotStarted(reason) => write!(f, " could not be started: {reason}"),
        }
    }
}

/// Follows the file's name.
impl fmt::Display for KeyFileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyFileProblem::Elsewhere => f.write_str("is not in its folder of tokens"),
            KeyFileProblem::Name => f.write_str("does not end in .key"),
            KeyFileProblem::NotAFile => f.write_str("is no regular file"),
            KeyFileProblem::TooLarge(limit) => write!(f, "is larger than {limit} bytes"),
            KeyFileProblem::Writable => f.write_str("others may write"),
            KeyFileProblem::Denied => f.write_str("may be read by the agent's group alone"),
            KeyFileProblem::Unreadable(kind) => write!(f, "cannot be read: {kind}"),
            KeyFileProblem::Malformed => f.write_str("holds no key"),
        }
    }
}

/// Follows the file's name.
impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileProblem::Unreadable(kind) => write!(f, "cannot be read: {kind}"),
            FileProblem::Empty => f.write_str("is empty"),
            FileProblem::NotAFile => f.write_str("is not a regular file"),
            FileProblem::TooLarge(limit) => write!(f, "is larger than {limit} bytes"),
            FileProblem::Certificate(unusable) => write!(f, "cannot be used: {unusable}"),
            FileProblem::Malformed(expected) => write!(f, "is not {expected}"),
        }
    }
}

fn write_variables(f: &mut fmt::Formatter<'_>, set: &[&str], missing: &[&str]) -> fmt::Result {
    if !set.is_empty() {
        write!(f, "{} set; ", is_or_are(set))?;
    }
    write!(f, "{} not set", is_or_are(missing))
}

/// `A is`, `A and B are`, `A, B and C are`.
fn is_or_are(names: &[&str]) -> String {
    match names {
        [] => "nothing is".to_owned(),
        [one] => format!("{one} is"),
        [most @ .., last] => format!("{} and {last} are", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_variables_are_named_beside_those_that_are_set() {
        let reason = Reason::VariablesMissing {
            set: vec!["AZURE_CLIENT_ID"],
            missing: vec!["AZURE_TENANT_ID", "AZURE_CLIENT_SECRET"],
        };
        assert_eq!(reason.to_string(), "AZURE_CLIENT_ID is set; AZURE_TENANT_ID and AZURE_CLIENT_SECRET are not set");
    }
}
