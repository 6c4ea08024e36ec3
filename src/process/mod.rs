//! Finds programs on PATH and runs them without a shell, with a time limit and an output limit.
//!
//! The current folder is never searched or used, so that a checked-out repository cannot supply an `az` of its own. The
//! output of a program can contain a token: it is wiped when dropped and never shown.

mod capture;
mod pipes;
mod running;
pub mod signals;
pub mod stdio;
pub mod supervised;
pub mod user_command;
pub mod watcher;

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::background::progress;
use crate::env::{self, Env};
use crate::redact;
use crate::time::deadline::Deadline;

use capture::watch;
pub use capture::{Output, RunOutcome};
use running::Running;

pub use running::{KillChildrenOnExit, end_all};

/// The folders to search, and the environment of the programs.
pub struct Programs {
    folders: Vec<PathBuf>,
    env: Env,
}

/// The absolute path of a program that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program(PathBuf);

impl Programs {
    /// Reads PATH. Leaves out empty, relative and repeated entries.
    pub fn new(env: &Env) -> Self {
        let mut folders: Vec<PathBuf> = Vec::new();
        for folder in env.get_os(env::PATH).map(std::env::split_paths).into_iter().flatten() {
            if folder.is_absolute() && !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        Programs { folders, env: env.clone() }
    }

    /// Returns the folders to search, in order.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Finds a program by name. On Windows the extension can be missing, as PATHEXT says.
    pub fn find(&self, name: &str) -> Option<Program> {
        let path = std::env::join_paths(&self.folders).ok()?;
        // All folders are absolute, so `which` does not use its "current directory".
        let found = search(OsStr::new(name), &path, Path::new("/"), EXECUTABLE_EXTENSIONS)?;
        found.is_absolute().then_some(Program(found))
    }

    /// Returns a file of this name on PATH, even if it is not executable.
    pub fn find_unfit(&self, name: &str) -> Option<PathBuf> {
        self.folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file())
    }

    /// Returns the files among `places`: programs that are installed but perhaps not on PATH.
    pub fn installed_at(places: &[PathBuf]) -> Vec<PathBuf> {
        places.iter().filter(|place| place.is_file()).cloned().collect()
    }

    /// Runs a program until it exits or a limit is reached. Adds `variables` to its environment.
    ///
    /// The processes that it started end with it.
    pub fn run(
        &self,
        program: &Program,
        arguments: &[&str],
        variables: &[(&str, &str)],
        limit: Duration,
        deadline: &Deadline,
    ) -> RunOutcome {
        let deadline = deadline.sooner(limit);
        let limit = deadline.remaining();
        // A program that ignores SIGTERM would take longer to end than it has.
        if limit.is_zero() {
            return RunOutcome::TimedOut(limit);
        }
        let _waiting = progress::wait_for(&program.name(), limit);
        let mut command = self.command(program, arguments, variables);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let outcome = Running::start(command).and_then(|(running, pipes)| watch(&running, pipes, &deadline, limit));
        outcome.unwrap_or_else(RunOutcome::NotStarted)
    }

    /// Starts a program and does not wait for it: a browser outlives azfob. Reads none of its output.
    ///
    /// # Errors
    /// The program could not be started.
    pub fn launch(&self, program: &Program, arguments: &[&str]) -> io::Result<()> {
        let mut command = self.command(program, arguments, &[]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn().map(drop)
    }

    /// Prepares a program with the environment that it needs and an empty stdin.
    fn command(&self, program: &Program, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
        let mut command = command(&program.0);
        command
            .args(arguments)
            .env_clear()
            .envs(self.env.for_programs())
            .envs(variables.iter().copied())
            .current_dir(self.safe_folder())
            .stdin(Stdio::null());
        command
    }

    /// Returns a folder where no other user can put a program: `/bin`, or the folder of Windows.
    fn safe_folder(&self) -> PathBuf {
        if cfg!(windows) {
            self.env.get_os(env::SYSTEM_ROOT).map_or_else(|| PathBuf::from(r"C:\Windows"), PathBuf::from)
        } else {
            PathBuf::from("/bin")
        }
    }
}

impl Program {
    /// Accepts a path that does not come from PATH, if it is absolute and a file.
    pub fn at(path: &Path) -> Option<Self> {
        (path.is_absolute() && path.is_file()).then(|| Program(path.to_owned()))
    }

    /// Returns its name for messages.
    fn name(&self) -> String {
        self.0.file_stem().unwrap_or(self.0.as_os_str()).to_string_lossy().into_owned()
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Explains why it could not be started. For a script with a missing interpreter, the system reports that the
    /// script is missing.
    pub fn why_not(&self, error: &io::Error) -> String {
        let path = self.0.display();
        match error.kind() {
            io::ErrorKind::NotFound if self.0.is_file() => match interpreter(&self.0) {
                Some(interpreter) if interpreter.ends_with('\r') => {
                    format!("the script {path} has CRLF line endings")
                }
                Some(interpreter) => format!("{interpreter}, the interpreter of {path}, does not exist"),
                None => format!("the interpreter of {path} does not exist"),
            },
            io::ErrorKind::PermissionDenied => format!("permission denied: {path}"),
            _ => redact::os_error_text(error),
        }
    }
}

/// Extensions to try if PATHEXT does not list them: those that Windows can start.
pub const EXECUTABLE_EXTENSIONS: &[&str] = if cfg!(windows) { &[".com", ".exe", ".bat", ".cmd"] } else { &[] };

/// Finds an executable: a name in the folders of `path`, or a path relative to `folder`. On Windows it tries the
/// extensions of PATHEXT, then these.
pub fn search(program: &OsStr, path: &OsStr, folder: &Path, extensions: &[&str]) -> Option<PathBuf> {
    let with = |extension: &str| [program, OsStr::new(extension)].into_iter().collect::<OsString>();
    let mut names = std::iter::once("").chain(extensions.iter().copied()).map(with);
    names.find_map(|name| which::which_in(name, Some(path), folder).ok())
}

/// Returns the interpreter in the first line of a script.
fn interpreter(script: &Path) -> Option<String> {
    const FIRST_LINE: u64 = 256;
    let mut start = Vec::new();
    std::fs::File::open(script).ok()?.take(FIRST_LINE).read_to_end(&mut start).ok()?;
    let line = start.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    String::from_utf8_lossy(line).split([' ', '\t']).find(|word| !word.is_empty()).map(str::to_owned)
}

/// Checks that the main thread has room for its work. A thread that overflows its stack aborts azfob.
///
/// # Errors
/// The stack limit is too small: says which limit to raise.
pub fn check_stack() -> Result<(), String> {
    #[cfg(unix)]
    use crate::background::STACK;
    #[cfg(unix)]
    if let Some(limit) = rustix::process::getrlimit(rustix::process::Resource::Stack).current
        && limit < STACK as u64
    {
        let [limit, needed] = [limit, STACK as u64].map(|bytes| bytes >> 10);
        return Err(format!("the stack limit is {limit} KiB, and azfob needs {needed} KiB: raise it with 'ulimit -s'"));
    }
    Ok(())
}

#[allow(clippy::disallowed_methods)] // the only place that creates commands
fn command(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::time::deadline::Stopwatch;

    #[test]
    fn program_inherits_no_secret_that_it_cannot_use() {
        let secrets = [
            env::AZURE_CLIENT_SECRET,
            env::AZURE_CLIENT_CERTIFICATE_PASSWORD,
            env::AZURE_PASSWORD,
            env::ACTIONS_ID_TOKEN_REQUEST_TOKEN,
            env::SYSTEM_ACCESSTOKEN,
        ];
        let others = [(env::PATH, "/usr/bin:/bin"), (env::IDENTITY_ENDPOINT, "endpoint"), ("MY_APP", "hunter2")];
        let programs = Programs::new(&secrets.map(|name| (name, "hunter2")).into_iter().chain(others).collect());
        let sh = programs.find("sh").expect("every Unix has sh");
        let limit = Duration::from_secs(20);
        let (code, stdout, _) = exited(programs.run(&sh, &["-c", "env"], &[], limit, &Deadline::after(limit)));
        let printed = String::from_utf8(stdout).unwrap();
        assert_eq!(code, Some(0));
        assert!(printed.contains("IDENTITY_ENDPOINT=endpoint") && !printed.contains("hunter2"), "{printed}");
    }

    #[test]
    fn program_is_found_without_its_extension() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let [program, other] = ["tool.cmd", "other"].map(|name| folder.path().join(name));
        for path in [&program, &other] {
            std::fs::write(path, "").unwrap();
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
        }
        let nowhere = Path::new("/");
        let found = |name: &OsStr, path: &Path| search(name, path.as_os_str(), nowhere, &[".exe", ".cmd"]);
        assert_eq!(found(OsStr::new("tool"), folder.path()), Some(program.clone()));
        assert_eq!(found(OsStr::new("tool.cmd"), folder.path()), Some(program.clone()));
        assert_eq!(found(OsStr::new("other"), folder.path()), Some(other));
        assert_eq!(found(folder.path().join("tool").as_os_str(), nowhere), Some(program));
        assert_eq!(found(OsStr::new("no-tool"), folder.path()), None);
    }

    fn run(script: &str, limit: Duration) -> RunOutcome {
        let programs = Programs::new(&[("PATH", "/usr/bin:/bin")].into_iter().collect());
        let sh = programs.find("sh").expect("every Unix has sh");
        programs.run(&sh, &["-c", script], &[("X", "1")], limit, &Deadline::after(Duration::from_secs(20)))
    }

    fn exited(outcome: RunOutcome) -> (Option<i32>, Vec<u8>, String) {
        match outcome {
            RunOutcome::Exited(output) => (output.code, output.stdout.to_vec(), output.stderr),
            RunOutcome::TimedOut(limit) => panic!("timed out after {limit:?}"),
            RunOutcome::TooMuch(_) => panic!("too much"),
            RunOutcome::NotStarted(error) => panic!("{error}"),
        }
    }

    #[test]
    fn output_has_both_streams_and_the_exit_code() {
        let (code, out, err) = exited(run("printf out$X; printf err >&2; exit 3", Duration::from_secs(10)));
        assert_eq!((code, out.as_slice(), err.as_str()), (Some(3), &b"out1"[..], "err"));
    }

    #[test]
    fn hanging_program_ends_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        let script = format!("sleep 60 & echo $! > {}; wait", pid.display());
        let watch = Stopwatch::start();
        // A busy machine needs longer to start them.
        let grandchild = [300, 3_000, 30_000].into_iter().find_map(|ms| {
            assert!(matches!(run(&script, Duration::from_millis(ms)), RunOutcome::TimedOut(_)));
            std::fs::read_to_string(&pid).ok().filter(|pid| pid.ends_with('\n'))
        });
        let grandchild = grandchild.expect("it started");
        assert!(watch.elapsed() < Duration::from_secs(60));
        let deadline = Deadline::after(Duration::from_secs(30));
        let grandchild = grandchild.trim();
        // A killed process takes a moment to end. Then init reaps it.
        let ended = || {
            let state = std::fs::read_to_string(format!("/proc/{grandchild}/stat")).unwrap_or_default();
            state.is_empty() || state.contains(") Z ")
        };
        assert!((0..500).any(|_| ended() || !deadline.pause(Duration::from_millis(10))) && ended());
    }

    #[test]
    fn program_without_time_left_is_not_started() {
        let programs = Programs::new(&Env::default());
        let missing = Program(PathBuf::from("/no/such/program"));
        let outcome = programs.run(&missing, &[], &[], Duration::from_secs(20), &Deadline::after(Duration::ZERO));
        assert!(matches!(outcome, RunOutcome::TimedOut(Duration::ZERO)));
    }

    #[test]
    fn grandchild_with_open_streams_does_not_block() {
        let watch = Stopwatch::start();
        let (code, out, _) = exited(run("printf done; sleep 30 & exit 0", Duration::from_secs(20)));
        assert_eq!((code, out.as_slice()), (Some(0), &b"done"[..]));
        assert!(watch.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn launched_program_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("mark");
        let programs = Programs::new(&[("PATH", "/usr/bin:/bin")].into_iter().collect());
        let sh = programs.find("sh").expect("every Unix has sh");
        let watch = Stopwatch::start();
        programs.launch(&sh, &["-c", &format!("echo > {}; sleep 30", mark.display())]).unwrap();
        let deadline = Deadline::after(Duration::from_secs(10));
        while !mark.exists() && deadline.pause(Duration::from_millis(10)) {}
        assert!(mark.exists() && watch.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn endless_output_is_an_error() {
        assert!(matches!(run("yes", Duration::from_secs(20)), RunOutcome::TooMuch(_)));
    }

    #[test]
    fn relative_folders_of_path_are_not_searched() {
        let programs = Programs::new(&[("PATH", ":.:bin:/bin:/bin")].into_iter().collect());
        assert_eq!(programs.folders(), [PathBuf::from("/bin")]);
        assert_eq!(programs.find("no-such-program"), None);
    }
}
