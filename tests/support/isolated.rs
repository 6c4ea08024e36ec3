//! Runs azfob without an emulated Azure, for `azfob sandbox`, which starts its own.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::outcome::Outcome;
use super::watch::Watch;

/// A cleared environment with its own home, working folder and folder for temporary files.
pub struct Isolated {
    folder: TempDir,
}

impl Isolated {
    /// Creates the folders.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["home", "work", "temp"] {
            fs::create_dir(folder.path().join(name)).expect("a folder in it");
        }
        Isolated { folder }
    }

    /// Returns the folder that azfob runs in.
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Returns the names in the folder for temporary files.
    #[cfg(unix)]
    pub fn leftovers(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("temp")).expect("the folder");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    /// Returns a command that starts azfob with these arguments.
    pub fn command<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I) -> Command {
        #[cfg(unix)]
        super::signals::reset_signals();
        let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_azfob")));
        command.args(arguments).env_clear().current_dir(self.work());
        command.env("HOME", self.folder.path().join("home")).env("PATH", "/usr/bin:/bin");
        for name in ["TMPDIR", "TEMP", "TMP"] {
            command.env(name, self.folder.path().join("temp"));
        }
        // A closed port, in case the sandbox does not set the metadata address.
        command.env("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1");
        for name in ["SystemRoot", "PATHEXT", "LLVM_PROFILE_FILE"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command
    }

    /// Runs azfob to its end.
    pub fn azfob<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I) -> Outcome {
        let watch = Watch::start();
        let output = self.command(arguments).stdin(Stdio::null()).output().expect("azfob runs");
        Outcome::without_sandbox(output, watch.took())
    }
}
