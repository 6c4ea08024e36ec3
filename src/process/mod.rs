//! Programs: found on PATH and nowhere else, run without a shell, under a time limit, with a cap on what is read.
//!
//! The current directory is never searched and never worked in, so that a checked-out repository cannot slip in an `az`
//! of its own. Whatever a program prints on stdout can hold a token: it is wiped when dropped and never shown.

mod capture;
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

use zeroize::Zeroizing;

use crate::background::progress;
use crate::env::{self, Env};
use crate::redact;
use crate::time::deadline::Deadline;

use capture::watch;
use running::Running;

pub use running::{KillChildrenOnExit, end_all};

/// The programs that can be found, and the environment they are given.
pub struct Programs {
    folders: Vec<PathBuf>,
    env: Env,
}

/// A program that was found, by its absolute path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program(PathBuf);

/// How a run ended.
pub enum RunOutcome {
    /// By itself.
    Exited(Output),
    /// By us, when its time was up.
    TimedOut(Duration),
    /// By us, when it had printed more than any answer has.
    TooMuch(usize),
    /// It could not be started.
    NotStarted(io::Error),
}

/// What a program left behind.
pub struct Output {
    /// Its exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// What it printed on stdout; it can hold a token.
    pub stdout: Zeroizing<Vec<u8>>,
    /// What it printed on stderr.
    pub stderr: String,
}

impl Output {
    /// Whether it ended well.
    pub fn succeeded(&self) -> bool {
        self.code == Some(0)
    }
}

impl Programs {
    /// Reads PATH. Empty, relative and repeated entries are left out.
    pub fn new(env: &Env) -> Self {
        let mut folders: Vec<PathBuf> = Vec::new();
        for folder in env.get_os(env::PATH).map(std::env::split_paths).into_iter().flatten() {
            if folder.is_absolute() && !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        Programs { folders, env: env.clone() }
    }

    /// The folders that are searched, in order.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Finds a program by its name; on Windows by the endings in PATHEXT.
    pub fn find(&self, name: &str) -> Option<Program> {
        let path = std::env::join_paths(&self.folders).ok()?;
        // Every folder is absolute, so the "current directory" that `which` wants is never used.
        let found = search(OsStr::new(name), &path, Path::new("/"), EXECUTABLE_EXTENSIONS)?;
        found.is_absolute().then_some(Program(found))
    }

    /// A file of that name on PATH that may not be run.
    pub fn find_unfit(&self, name: &str) -> Option<PathBuf> {
        self.folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file())
    }

    /// Those of `places` that hold a program: where it seems to be installed without being on PATH.
    pub fn installed_at(places: &[PathBuf]) -> Vec<PathBuf> {
        places.iter().filter(|place| place.is_file()).cloned().collect()
    }

    /// Runs a program to its end, or to the end of its time, whichever comes first. `variables` are added to its
    /// environment. Whatever it started ends with it.
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
        let _waiting = progress::wait_for(&program.name(), limit);
        let mut command = self.command(program, arguments, variables);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let outcome = Running::start(command).and_then(|(running, pipes)| watch(&running, pipes, &deadline, limit));
        outcome.unwrap_or_else(RunOutcome::NotStarted)
    }

    /// Starts a program and leaves it to itself, since a browser outlives us. Nothing is read from it, and what it leaves
    /// behind at its end is buried with us.
    ///
    /// # Errors
    /// It could not be started; how it ends is not waited for.
    pub fn launch(&self, program: &Program, arguments: &[&str]) -> io::Result<()> {
        let mut command = self.command(program, arguments, &[]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn().map(drop)
    }

    /// A program about to be started: with our environment, as far as it needs it, and with nothing to read.
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

    /// A folder in which no one can have planted a program: `/bin`, or Windows' own.
    fn safe_folder(&self) -> PathBuf {
        if cfg!(windows) {
            self.env.get_os(env::SYSTEM_ROOT).map_or_else(|| PathBuf::from(r"C:\Windows"), PathBuf::from)
        } else {
            PathBuf::from("/bin")
        }
    }
}

impl Program {
    /// Takes a path that something other than PATH named; it has to be absolute and a file.
    pub fn at(path: &Path) -> Option<Self> {
        (path.is_absolute() && path.is_file()).then(|| Program(path.to_owned()))
    }

    /// What it is called.
    fn name(&self) -> String {
        self.0.file_stem().unwrap_or(self.0.as_os_str()).to_string_lossy().into_owned()
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// What is against it, where it could not be started: the system says of a script whose interpreter is missing that
    /// the script is.
    pub fn why_not(&self, error: &io::Error) -> String {
        let path = self.0.display();
        match error.kind() {
            io::ErrorKind::NotFound if self.0.is_file() => match interpreter(&self.0) {
                Some(interpreter) if interpreter.ends_with('\r') => {
                    format!("{path} is a script with the line ends of Windows, and is not run with them")
                }
                Some(interpreter) => format!("{interpreter}, by which {path} is run, is not there"),
                None => format!("what {path} is run by is not there"),
            },
            io::ErrorKind::PermissionDenied => format!("{path} may not be run"),
            _ => redact::os_error_text(error),
        }
    }
}

/// What the name of a program may lack at its end where PATHEXT does not say so: what Windows itself can start.
pub const EXECUTABLE_EXTENSIONS: &[&str] = if cfg!(windows) { &[".com", ".exe", ".bat", ".cmd"] } else { &[] };

/// Searches a program that can be run: a name in the folders of `path`, and what has a folder in it from `folder`. On
/// Windows by the endings in PATHEXT, and then by these.
pub fn search(program: &OsStr, path: &OsStr, folder: &Path, extensions: &[&str]) -> Option<PathBuf> {
    let with = |extension: &str| [program, OsStr::new(extension)].into_iter().collect::<OsString>();
    let mut names = std::iter::once("").chain(extensions.iter().copied()).map(with);
    names.find_map(|name| which::which_in(name, Some(path), folder).ok())
}

/// The program that a script names in its first line, as the system reads it.
fn interpreter(script: &Path) -> Option<String> {
    const FIRST_LINE: u64 = 256;
    let mut start = Vec::new();
    std::fs::File::open(script).ok()?.take(FIRST_LINE).read_to_end(&mut start).ok()?;
    let line = start.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    String::from_utf8_lossy(line).split([' ', '\t']).find(|word| !word.is_empty()).map(str::to_owned)
}

#[allow(clippy::disallowed_methods)] // the one starter of programs
fn command(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::time::deadline::Stopwatch;

    #[test]
    fn a_program_inherits_no_secret_that_it_cannot_use() {
        let secrets = [
            env::AZURE_CLIENT_SECRET,
            env::AZURE_CLIENT_CERTIFICATE_PASSWORD,
            env::AZURE_PASSWORD,
            env::ACTIONS_ID_TOKEN_REQUEST_TOKEN,
            env::SYSTEM_ACCESSTOKEN,
        ];
        let others = [(env::PATH, "/usr/bin:/bin"), (env::IDENTITY_HEADER, "header")];
        let programs = Programs::new(&secrets.map(|name| (name, "hunter2")).into_iter().chain(others).collect());
        let sh = programs.find("sh").expect("every Unix has sh");
        let limit = Duration::from_secs(20);
        let (code, stdout, _) = exited(programs.run(&sh, &["-c", "env"], &[], limit, &Deadline::after(limit)));
        let printed = String::from_utf8(stdout).unwrap();
        assert_eq!(code, Some(0));
        assert!(printed.contains("IDENTITY_HEADER=header") && !printed.contains("hunter2"), "{printed}");
    }

    #[test]
    fn a_program_is_found_by_its_name_without_the_ending() {
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
    fn both_streams_and_the_code_are_kept() {
        let (code, out, err) = exited(run("printf out$X; printf err >&2; exit 3", Duration::from_secs(10)));
        assert_eq!((code, out.as_slice(), err.as_str()), (Some(3), &b"out1"[..], "err"));
    }

    #[test]
    fn a_program_that_hangs_ends_with_all_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        let script = format!("sleep 60 & echo $! > {}; wait", pid.display());
        let watch = Stopwatch::start();
        assert!(matches!(run(&script, Duration::from_millis(300)), RunOutcome::TimedOut(_)));
        assert!(watch.elapsed() < Duration::from_secs(5));
        let grandchild = std::fs::read_to_string(pid).unwrap();
        let deadline = Deadline::after(Duration::from_secs(5));
        let grandchild = grandchild.trim();
        // A killed process takes a moment to go, and then is nobody's but init's to bury.
        let ended = || {
            let state = std::fs::read_to_string(format!("/proc/{grandchild}/stat")).unwrap_or_default();
            state.is_empty() || state.contains(") Z ")
        };
        assert!((0..500).any(|_| ended() || !deadline.pause(Duration::from_millis(10))) && ended());
    }

    #[test]
    fn a_grandchild_that_keeps_the_streams_open_does_not_hold_us() {
        let watch = Stopwatch::start();
        let (code, out, _) = exited(run("printf done; sleep 30 & exit 0", Duration::from_secs(20)));
        assert_eq!((code, out.as_slice()), (Some(0), &b"done"[..]));
        assert!(watch.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_program_that_is_launched_is_not_waited_for() {
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
    fn output_without_end_is_cut_off() {
        assert!(matches!(run("yes", Duration::from_secs(20)), RunOutcome::TooMuch(_)));
    }

    #[test]
    fn relative_folders_of_path_are_not_searched() {
        let programs = Programs::new(&[("PATH", ":.:bin:/bin:/bin")].into_iter().collect());
        assert_eq!(programs.folders(), [PathBuf::from("/bin")]);
        assert_eq!(programs.find("no-such-program"), None);
    }
}
