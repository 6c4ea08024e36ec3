//! Runs a command-line tool of a developer or of a CI system: finds it on PATH, runs it once with a time limit, and classifies how it ends.
//!
//! A tool that is missing or not signed in is unavailable. One that was refused, hung or printed no token has failed.
//! Its stdout can hold a token and is never shown; its stderr is shown with tokens masked.

use std::path::PathBuf;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Deserializer;

use crate::bounded_file;
use crate::entra::{aadsts_code, without_advice};
use crate::env;
use crate::process::{Output, Program, Programs, RunOutcome};
use crate::redact;
use crate::time::deadline::Stopwatch;
use crate::token::AccessToken;
use crate::token::cache::CacheKey;

use super::error::ProgramFailure;
use super::{CredentialContext, Failure, NoToken, Reason, TokenRequest};

/// A tool that requests tokens for its signed-in user.
pub(super) struct DeveloperTool {
    /// Its name on PATH and in reports.
    pub(super) program: &'static str,
    /// The command that signs in, if there is one.
    pub(super) sign_in: Option<&'static str>,
    /// The variables that keep its output plain.
    pub(super) variables: &'static [(&'static str, &'static str)],
    /// The beginning of the names of its own variables, which it inherits although they can be secrets; empty without any.
    pub(super) own_variables: &'static str,
    /// Its default paths on Windows: a variable with a folder, and the path from there.
    pub(super) windows_paths: &'static [(&'static str, &'static str)],
    /// The files that record its sign-in.
    pub(super) sign_ins: SignIns,
}

/// The files that change when a user signs in to a tool or signs out.
#[derive(Clone, Copy)]
pub(super) struct SignIns {
    /// The variable that names their folder.
    pub(super) variable: Option<&'static str>,
    /// Their folder in the home folder, if the variable is not set.
    pub(super) folder: &'static str,
    pub(super) files: &'static [&'static str],
    /// The text in them if the user signed in with the managed identity of the host.
    pub(super) managed_identity: &'static str,
}

/// The time limit. az can need more than 10 s to start (<https://github.com/Azure/azure-cli/issues/20404>), and so can
/// PowerShell with its module.
const LIMIT: Duration = Duration::from_secs(30);

/// The wait before a tool with a locked token cache is run again. Another az holds the lock for less than this.
const LOCK_PAUSE: Duration = Duration::from_secs(1);

/// The default folders on other systems: packages, scripts, Homebrew and snaps.
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
/// The same in the home folder: pip, and .NET tools.
const HOME_FOLDERS: [&str; 2] = [".local/bin", ".dotnet/tools"];

impl DeveloperTool {
    /// Finds the tool on PATH. The error has the searched folders, and paths where it is installed.
    pub(super) fn find(&self, context: &CredentialContext) -> Result<Program, NoToken> {
        context.programs.find(self.program).ok_or_else(|| {
            if let Some(path) = context.programs.find_unfit(self.program) {
                return self.failed(ProgramFailure::NotStarted(format!("permission denied: {}", path.display())));
            }
            NoToken::Unavailable(Reason::ProgramMissing {
                program: self.program,
                searched: context.programs.folders().to_vec(),
                installed: Programs::installed_at(&self.default_paths(context)),
            })
        })
    }

    /// Returns the cached token of this vault, or else the one that `request_token` gets. `arguments` are those of the call
    /// with the requested tenant: the vault's own is known only after its challenge, which a cached token does not need.
    /// Nothing is cached in an agent's session without an ID: another session could get the token.
    pub(super) fn token(
        &self,
        program: &Program,
        arguments: &[&str],
        request: &TokenRequest,
        context: &CredentialContext,
        request_token: impl FnOnce() -> Result<AccessToken, NoToken>,
    ) -> Result<AccessToken, NoToken> {
        if let Some(variable) = context.env.agent_without_id() {
            log::info!(target: "azfob", "no cached token: {variable} shows a coding agent's session, and not its ID");
            return request_token();
        }
        context.cached_token(
            request,
            |vault| self.cache_key(program, arguments, request, vault, context),
            request_token,
        )
    }

    /// Returns the cache key: the vault, the whole call, with resource and requested tenant, the state of the sign-in, the
    /// variables that select an identity, and the session of a coding agent: az requests tokens that are marked for it.
    fn cache_key(
        &self,
        program: &Program,
        arguments: &[&str],
        request: &TokenRequest,
        vault: &str,
        context: &CredentialContext,
    ) -> CacheKey {
        let path = program.path().as_os_str().as_encoded_bytes();
        let mut parts: Vec<Vec<u8>> = vec![path.into(), request.authority.host().into(), vault.into()];
        parts.extend(arguments.iter().map(|argument| argument.as_bytes().to_vec()));
        for path in self.sign_ins.paths(context) {
            let state = path.metadata().map(|found| (found.modified().ok(), found.len())).ok();
            parts.push(format!("{} {state:?}", path.display()).into());
        }
        let of_agent = |name: &&str| context.env.get_os(name).map(|value| value.as_encoded_bytes().to_vec());
        parts.extend(env::AGENTS.iter().map(|name| of_agent(name).unwrap_or_default()));
        let selecting = context.env.selecting_identity();
        parts.extend(selecting.flat_map(|(name, value)| [name, value].map(|text| text.as_encoded_bytes().to_vec())));
        CacheKey::new(parts.iter().map(Vec::as_slice))
    }

    /// Runs the tool and returns its output, whatever its exit code. If another process holds the lock of the tool's token
    /// cache, it is run once more, if there is time: az itself waits 10 s for the lock.
    pub(super) fn run(
        &self,
        program: &Program,
        arguments: &[&str],
        context: &CredentialContext,
    ) -> Result<Output, NoToken> {
        let watch = Stopwatch::start();
        let output = self.run_once(program, arguments, context)?;
        let needed = watch.elapsed() + LOCK_PAUSE;
        let again = !output.succeeded()
            && is_locked(&output.stderr)
            && needed < context.deadline.remaining()
            && context.deadline.pause(LOCK_PAUSE);
        if again { self.run_once(program, arguments, context) } else { Ok(output) }
    }

    fn run_once(&self, program: &Program, arguments: &[&str], context: &CredentialContext) -> Result<Output, NoToken> {
        let of_host = self.sign_ins.managed_identity_secrets(context);
        let own = context.env.iter().filter_map(|(name, value)| name.to_str().zip(value.to_str()));
        let own = own.filter(|(name, _)| !self.own_variables.is_empty() && name.starts_with(self.own_variables));
        let variables: Vec<_> = own.chain(self.variables.iter().copied()).chain(of_host).collect();
        match context.programs.run(program, arguments, &variables, LIMIT, &context.deadline) {
            RunOutcome::Exited(output) => Ok(output),
            RunOutcome::TimedOut(limit) => Err(self.failed(ProgramFailure::TimedOut(limit))),
            RunOutcome::TooMuch(limit) => Err(self.failed(ProgramFailure::TooMuch(limit))),
            RunOutcome::NotStarted(error) => Err(self.failed(ProgramFailure::NotStarted(program.why_not(&error)))),
        }
    }

    /// Returns the error of a tool without a sign-in.
    pub(super) fn not_signed_in(&self) -> NoToken {
        let sign_in = self.sign_in.expect("a tool that says this says by which command");
        NoToken::Unavailable(Reason::NotSignedIn { program: self.program, sign_in })
    }

    /// Returns the error of a tool that is set up and got no token, from its own message.
    pub(super) fn refused(&self, code: Option<i32>, words: &str) -> NoToken {
        let message = redact::sanitize(reason_line(words));
        self.failed(ProgramFailure::Exited { code, message, aadsts: aadsts_code(words) })
    }

    /// Returns the error of a tool that succeeded without printing a token.
    pub(super) fn malformed(&self, expected: &'static str) -> NoToken {
        NoToken::Failed(Failure::Malformed { from: self.program, expected })
    }

    fn failed(&self, ending: ProgramFailure) -> NoToken {
        NoToken::Failed(Failure::Program { program: self.program, sign_in: self.sign_in, ending })
    }

    fn default_paths(&self, context: &CredentialContext) -> Vec<PathBuf> {
        if cfg!(windows) {
            let path = |(variable, way): &(&str, &str)| Some(PathBuf::from(context.env.get_os(variable)?).join(way));
            return self.windows_paths.iter().filter_map(path).collect();
        }
        let system = UNIX_FOLDERS.iter().map(PathBuf::from);
        let own = context.home.iter().flat_map(|home| HOME_FOLDERS.map(|folder| home.join(folder)));
        system.chain(own).map(|folder| folder.join(self.program)).collect()
    }
}

impl SignIns {
    pub(super) const UNKNOWN: SignIns = SignIns { variable: None, folder: "", files: &[], managed_identity: "" };

    /// Returns the secrets of the host's managed identity, if the tool signs in with it.
    fn managed_identity_secrets(self, context: &CredentialContext) -> Vec<(&str, &str)> {
        const LIMIT: u64 = 16 << 20;
        let names = [env::IDENTITY_HEADER, env::MSI_SECRET];
        let secrets: Vec<_> = names.into_iter().filter_map(|name| Some((name, context.env.get(name)?))).collect();
        let is_used = |path: &PathBuf| {
            let bytes = bounded_file::read(path, LIMIT).unwrap_or_default();
            memchr::memmem::find(&bytes, self.managed_identity.as_bytes()).is_some()
        };
        if !secrets.is_empty() && self.paths(context).iter().any(is_used) { secrets } else { Vec::new() }
    }

    fn paths(&self, context: &CredentialContext) -> Vec<PathBuf> {
        let named = self.variable.and_then(|variable| context.env.get_os(variable)).map(PathBuf::from);
        let folder = named.or_else(|| context.home.as_ref().map(|home| home.join(self.folder)));
        folder.iter().flat_map(|folder| self.files.iter().map(|file| folder.join(file))).collect()
    }
}

/// Returns true if another process holds the lock of the token cache: az's messages by portalocker, which differ between
/// systems and versions (<https://github.com/Azure/azure-cli/issues/20273>), and azd's.
pub(super) fn is_locked(words: &str) -> bool {
    let signs = ["token_cache.bin.lockfile", "AlreadyLocked", "Resource temporarily unavailable", "locking file "];
    signs.iter().any(|sign| words.contains(sign))
}

/// Returns the first JSON object of a type in a tool's output, which can have warnings and escape codes around it.
pub(super) fn first_object<T: DeserializeOwned>(stdout: &[u8]) -> Option<T> {
    let starts = stdout.iter().enumerate().filter(|(_, byte)| **byte == b'{');
    starts.map(|(at, _)| &stdout[at..]).find_map(|text| Deserializer::from_slice(text).into_iter().next()?.ok())
}

/// The beginning of az's report of any exception that it did not expect, network failures included (azure-cli,
/// `azure/cli/core/util.py`). The reason is the next line marked as an error.
const CRASH_HEADING: &str = "The command failed with an unexpected error.";

/// Returns true if a tool's output is the report of a crash.
pub(super) fn is_crash(words: &str) -> bool {
    words.contains(CRASH_HEADING) || words.contains("Traceback (most recent call last):")
}

/// Returns the line with the reason: Entra ID's message without the IDs after it, or the line marked as an error, or
/// the last line, which in a Python traceback is the exception.
pub(super) fn reason_line(words: &str) -> &str {
    let is_reason = |line: &&str| {
        !line.is_empty() && !line.starts_with(CRASH_HEADING) && !line.starts_with("To check existing issues")
    };
    let lines = || words.lines().map(str::trim).filter(is_reason);
    let entra = lines().find_map(|line| line.find("AADSTS").map(|at| &line[at..]));
    let entra = entra.map(|line| without_advice(line.split_once(" Trace ID:").map_or(line, |(words, _)| words)));
    let marked = || lines().filter_map(|line| line.strip_prefix("ERROR:").map(str::trim)).find(is_reason);
    entra.or_else(marked).or_else(|| lines().next_back()).unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_line_is_found() {
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
        let crash = "ERROR: The command failed with an unexpected error. Here is the traceback:\n\
            ERROR: [Errno 11] Resource temporarily unavailable\nTraceback (most recent call last):\n  File \"x\", line 1\n\
            portalocker.exceptions.AlreadyLocked: [Errno 11] Resource temporarily unavailable\n\
            To check existing issues, please visit: https://github.com/Azure/azure-cli/issues\n";
        assert_eq!(reason_line(crash), "[Errno 11] Resource temporarily unavailable");
        let bare = "Traceback (most recent call last):\n  File \"x\", line 1\nOSError: [Errno 30] Read-only file system: '/.azure'\n";
        assert_eq!(reason_line(bare), "OSError: [Errno 30] Read-only file system: '/.azure'");
        let only_traceback = "ERROR: The command failed with an unexpected error. Here is the traceback:\nKeyError: 'x'\n\
            To check existing issues, please visit: https://github.com/Azure/azure-cli/issues\n";
        assert_eq!(reason_line(only_traceback), "KeyError: 'x'");
    }

    #[test]
    fn first_object_is_found_among_decoration() {
        #[derive(serde::Deserialize)]
        struct ToolToken {
            token: String,
        }
        for text in [
            "{\"token\":\"t\"}\u{1b}[0m\n",
            "WARNING: {x} {\"y\":1}\n{\"token\":\"t\"}",
            "\u{feff}{\"token\":\"t\"} {}",
        ] {
            assert_eq!(first_object::<ToolToken>(text.as_bytes()).unwrap().token, "t", "{text}");
        }
        assert!(first_object::<ToolToken>("{\"token\":7} {{{".as_bytes()).is_none());
    }

    #[test]
    fn token_in_tool_message_is_masked() {
        let az = DeveloperTool {
            program: "az",
            sign_in: Some("az login"),
            variables: &[],
            own_variables: "",
            windows_paths: &[],
            sign_ins: SignIns::UNKNOWN,
        };
        let no_token = az.refused(Some(1), "ERROR: bad token eyJhbGciOiJub25lIn0.e30.c2ln");
        let NoToken::Failed(failure) = no_token else { panic!("failed") };
        assert_eq!(failure.to_string(), "az: bad token ***");
    }
}
