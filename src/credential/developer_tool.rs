//! What the developers' command-line tools have in common: found on PATH, or told where they were looked for; run once,
//! under one limit; and sorted by how they ended.
//!
//! A tool that is missing or not signed in is unavailable; one that was refused, that hung or that printed no token has
//! failed. Its stdout can hold a token and is never shown, its stderr only with what looks like one cut out.

use std::path::PathBuf;
use std::time::Duration;

use crate::entra::{aadsts_code, without_advice};
use crate::process::{Output, Program, Programs, RunOutcome};
use crate::redact;
use crate::token::AccessToken;
use crate::token::cache::CacheKey;

use super::error::ProgramFailure;
use super::{CredentialContext, Failure, NoToken, Reason, TokenRequest};

/// A tool that signs in for its user.
pub(super) struct DeveloperTool {
    /// The name that it is found and reported by.
    pub(super) program: &'static str,
    /// The command that signs in to it, where it is one.
    pub(super) sign_in: Option<&'static str>,
    /// What keeps its output plain.
    pub(super) variables: &'static [(&'static str, &'static str)],
    /// Where its installers for Windows put it: a variable that names a folder, and the way from there.
    pub(super) windows_places: &'static [(&'static str, &'static str)],
    /// Where it keeps who is signed in.
    pub(super) sign_ins: SignIns,
}

/// The files that change whenever somebody else signs in to a tool, or signs out.
#[derive(Clone, Copy)]
pub(super) struct SignIns {
    /// The variable that names their folder.
    pub(super) variable: Option<&'static str>,
    /// Their folder in the user's own, where it does not.
    pub(super) folder: &'static str,
    /// Their names.
    pub(super) files: &'static [&'static str],
}

/// The time that each gets. az has been seen to need more than 10 s to start
/// (<https://github.com/Azure/azure-cli/issues/20404>), and so has PowerShell to load its module.
const LIMIT: Duration = Duration::from_secs(30);

/// Where installers for other systems put them: packages, scripts, Homebrew and snaps.
const UNIX_FOLDERS: [&str; 8] = [
    "/usr/bin",
    "/usr/local/bin",
    "/opt/az/bin",
    "/opt/microsoft/powershell/7",
    "/opt/microsoft/azd",
    "/opt/homebrew/bin",
    "/home/linuxbrew/.linuxbrew/bin",
    "/snap/bin",
];
/// The same in a home folder: pip, and .NET's tools.
const HOME_FOLDERS: [&str; 2] = [".local/bin", ".dotnet/tools"];

impl DeveloperTool {
    /// Finds it on PATH; where it is not, says where it was looked for and where it seems to be installed.
    pub(super) fn find(&self, context: &CredentialContext) -> Result<Program, NoToken> {
        context.programs.find(self.program).ok_or_else(|| {
            if let Some(path) = context.programs.find_unfit(self.program) {
                return self.failed(ProgramFailure::NotStarted(format!("{} may not be run", path.display())));
            }
            NoToken::Unavailable(Reason::ProgramMissing {
                program: self.program,
                searched: context.programs.folders().to_vec(),
                elsewhere: Programs::installed_at(&self.usual_places(context)),
            })
        })
    }

    /// The token that it prints when it is called like this, or the one that was kept of an earlier call, where keeping
    /// was asked for and nobody else has signed in since.
    pub(super) fn token(
        &self,
        program: &Program,
        arguments: &[&str],
        request: &TokenRequest,
        context: &CredentialContext,
        read: impl FnOnce(&Output) -> Result<AccessToken, NoToken>,
    ) -> Result<AccessToken, NoToken> {
        let ask = || read(&self.run(program, arguments, context)?);
        if !context.caches_tokens {
            return ask();
        }
        let key = self.cache_key(program, arguments, request, context);
        match key.look_up().and_then(|cached| AccessToken::from_cache(key.clone(), &cached)) {
            Some(token) => Ok(token),
            None => Ok(ask()?.cache(key)),
        }
    }

    /// Where its token is kept: by the whole call, in which resource and tenant stand, and by who is signed in.
    fn cache_key(
        &self,
        program: &Program,
        arguments: &[&str],
        request: &TokenRequest,
        context: &CredentialContext,
    ) -> CacheKey {
        let mut parts = vec![program.path().as_os_str().as_encoded_bytes().to_vec(), request.authority.host().into()];
        parts.extend(arguments.iter().map(|argument| argument.as_bytes().to_vec()));
        for path in self.sign_ins.paths(context) {
            let state = path.metadata().map(|found| (found.modified().ok(), found.len())).ok();
            parts.push(format!("{} {state:?}", path.display()).into());
        }
        CacheKey::new(parts.iter().map(Vec::as_slice))
    }

    /// Runs it and answers with what it printed, whatever its exit code.
    pub(super) fn run(
        &self,
        program: &Program,
        arguments: &[&str],
        context: &CredentialContext,
    ) -> Result<Output, NoToken> {
        match context.programs.run(program, arguments, self.variables, LIMIT, &context.deadline) {
            RunOutcome::Exited(output) => Ok(output),
            RunOutcome::TimedOut(limit) => Err(self.failed(ProgramFailure::TimedOut(limit))),
            RunOutcome::TooMuch(limit) => Err(self.failed(ProgramFailure::TooMuch(limit))),
            RunOutcome::NotStarted(error) => Err(self.failed(ProgramFailure::NotStarted(program.why_not(&error)))),
        }
    }

    /// Nobody is signed in to it.
    pub(super) fn not_signed_in(&self) -> NoToken {
        let sign_in = self.sign_in.expect("a tool that says this says by which command");
        NoToken::Unavailable(Reason::NotSignedIn { program: self.program, sign_in })
    }

    /// It is set up and has no token; `words` are its own.
    pub(super) fn refused(&self, code: Option<i32>, words: &str) -> NoToken {
        let message = redact::sanitize(reason_line(words));
        self.failed(ProgramFailure::Exited { code, message, aadsts: aadsts_code(words) })
    }

    /// It ended well and printed something else.
    pub(super) fn malformed(&self, expected: &'static str) -> NoToken {
        NoToken::Failed(Failure::Malformed { from: self.program, expected })
    }

    fn failed(&self, ending: ProgramFailure) -> NoToken {
        NoToken::Failed(Failure::Program { program: self.program, sign_in: self.sign_in, ending })
    }

    fn usual_places(&self, context: &CredentialContext) -> Vec<PathBuf> {
        if cfg!(windows) {
            let path = |(variable, way): &(&str, &str)| Some(PathBuf::from(context.env.get_os(variable)?).join(way));
            return self.windows_places.iter().filter_map(path).collect();
        }
        let system = UNIX_FOLDERS.iter().map(PathBuf::from);
        let own = context.home.iter().flat_map(|home| HOME_FOLDERS.map(|folder| home.join(folder)));
        system.chain(own).map(|folder| folder.join(self.program)).collect()
    }
}

impl SignIns {
    /// None that are known.
    pub(super) const UNKNOWN: SignIns = SignIns { variable: None, folder: "", files: &[] };

    fn paths(&self, context: &CredentialContext) -> Vec<PathBuf> {
        let named = self.variable.and_then(|variable| context.env.get_os(variable)).map(PathBuf::from);
        let folder = named.or_else(|| context.home.as_ref().map(|home| home.join(self.folder)));
        folder.iter().flat_map(|folder| self.files.iter().map(|file| folder.join(file))).collect()
    }
}

/// The line that says why: the one with Entra ID's own words, without the ids that follow them, or else the one marked
/// as an error, or else the last one that says anything.
fn reason_line(words: &str) -> &str {
    let lines = || words.lines().map(str::trim).filter(|line| !line.is_empty());
    let entra = lines().find_map(|line| line.find("AADSTS").map(|at| &line[at..]));
    let entra = entra.map(|line| without_advice(line.split_once(" Trace ID:").map_or(line, |(words, _)| words)));
    let marked = || lines().find_map(|line| line.strip_prefix("ERROR:"));
    entra.or_else(marked).or_else(|| lines().next_back()).unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_says_why_is_found() {
        let refused =
            "ERROR: fetching token: failed to authenticate:\n(invalid_grant) AADSTS50076: Use MFA.\r\nTrace ID: t";
        assert_eq!(reason_line(refused), "AADSTS50076: Use MFA.");
        assert_eq!(reason_line("x: AADSTS50076: Use MFA. Trace ID: t Correlation ID: c"), "AADSTS50076: Use MFA.");
        let supposed =
            "ERROR: AADSTS500011: x was not found in y. This can happen if z. You might have sent it elsewhere.";
        assert_eq!(reason_line(supposed), "AADSTS500011: x was not found in y.");
        assert_eq!(reason_line("WARNING: old\nERROR: no network\nsee https://aka.ms"), "no network");
        assert_eq!(reason_line("warning\n\nTraceback\nImportError: no module\n"), "ImportError: no module");
        assert_eq!(reason_line(""), "");
    }

    #[test]
    fn a_token_in_the_words_of_a_tool_is_cut_out() {
        let az = DeveloperTool {
            program: "az",
            sign_in: Some("az login"),
            variables: &[],
            windows_places: &[],
            sign_ins: SignIns::UNKNOWN,
        };
        let no_token = az.refused(Some(1), "ERROR: bad token eyJhbGciOiJub25lIn0.e30.c2ln");
        let NoToken::Failed(failure) = no_token else { panic!("failed") };
        assert_eq!(failure.to_string(), "az: bad token ***");
    }
}
