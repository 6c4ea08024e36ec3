//! A scenario: a host, a vault, what goes wrong, and the command that is run in it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use azfob::testing::sandbox::{EmulatedHost as Host, Fault, Rule, Sandbox, SandboxPlan, SecretSpec};
use tempfile::TempDir;

use super::outcome::Outcome;
use super::program;

/// What a test sets up before it runs azfob.
pub struct Scenario {
    plan: SandboxPlan,
    variables: Vec<(String, Option<OsString>)>,
    folder: TempDir,
}

impl Scenario {
    /// On this kind of host, with the default vault and all in order.
    pub fn on(host: Host) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the scenario");
        for name in ["home", "bin", "work"] {
            fs::create_dir(folder.path().join(name)).expect("a folder in it");
        }
        Scenario { plan: SandboxPlan::new(host), variables: Vec::new(), folder }
    }

    /// With this secret in the vault.
    pub fn secret(self, name: &str, value: &str) -> Self {
        self.secret_spec(SecretSpec::new(name, value))
    }

    /// With this secret, described in full.
    pub fn secret_spec(mut self, secret: SecretSpec) -> Self {
        self.plan = self.plan.secret(secret);
        self
    }

    /// With this going wrong.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.plan = self.plan.fault(fault);
        self
    }

    /// With these requests answered otherwise.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.plan = self.plan.rule(rule);
        self
    }

    /// With the plan changed in any other way.
    pub fn plan(mut self, change: impl FnOnce(SandboxPlan) -> SandboxPlan) -> Self {
        self.plan = change(self.plan);
        self
    }

    /// With this variable set.
    pub fn var(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.to_owned(), Some(value.into())));
        self
    }

    /// With this variable not set, though the host would.
    pub fn without(mut self, name: &str) -> Self {
        self.variables.push((name.to_owned(), None));
        self
    }

    /// With a program of this name on PATH: a POSIX shell script.
    pub fn program(self, name: &str, script: &str) -> Self {
        program::install(&self.bin(), name, script);
        self
    }

    /// What a program of the scenario noted down in a file of the user's home; waits for it where it is on its way.
    #[cfg(unix)]
    pub fn note(&self, name: &str) -> String {
        let path = self.home().join(name);
        for _ in 0..2000 {
            match fs::read_to_string(&path) {
                Ok(text) if text.ends_with('\n') => return text,
                _ => std::thread::sleep(std::time::Duration::from_millis(5)),
            }
        }
        panic!("nobody wrote {name}");
    }

    /// Whether nothing of this name was noted down.
    #[cfg(unix)]
    pub fn has_no_note(&self, name: &str) -> bool {
        !self.home().join(name).exists()
    }

    /// The folder that the command runs in.
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// The user's home.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The folder on PATH.
    pub fn bin(&self) -> PathBuf {
        self.folder.path().join("bin")
    }

    /// Runs azfob.
    pub fn azfob<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I) -> Outcome {
        self.azfob_to(arguments, Stdio::piped())
    }

    /// Runs azfob with its stdout going elsewhere.
    pub fn azfob_to<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I, stdout: Stdio) -> Outcome {
        self.azfob_in(&self.sandbox(), arguments, stdout)
    }

    /// Runs azfob in a sandbox that the test has had its hands in.
    pub fn azfob_in<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(
        &self,
        sandbox: &Sandbox,
        arguments: I,
        stdout: Stdio,
    ) -> Outcome {
        let mut command = self.command(sandbox, Path::new(env!("CARGO_BIN_EXE_azfob")));
        let child = command.args(arguments).stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped());
        let begun = Instant::now();
        let output = child.spawn().and_then(std::process::Child::wait_with_output).expect("azfob runs");
        Outcome::new(output, begun.elapsed(), sandbox, self.plan.secrets.iter())
    }

    /// A command in the scenario's environment, for the tests that drive it themselves.
    pub fn command(&self, sandbox: &Sandbox, program: &Path) -> Command {
        #[cfg(unix)]
        super::signals::as_at_a_prompt();
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment(sandbox)).current_dir(self.work());
        command
    }

    /// Starts the sandbox, for the tests that drive it themselves.
    pub fn sandbox(&self) -> Sandbox {
        Sandbox::start(self.plan.clone()).expect("a sandbox")
    }

    fn environment(&self, sandbox: &Sandbox) -> BTreeMap<String, OsString> {
        let folders = std::iter::once(self.bin()).chain(sandbox.path_entries().iter().cloned());
        let mut variables: BTreeMap<String, OsString> = [
            ("HOME".to_owned(), self.home().into_os_string()),
            ("USERPROFILE".to_owned(), self.home().into_os_string()),
            ("PATH".to_owned(), std::env::join_paths(folders).expect("folders without a separator")),
            ("TZ".to_owned(), "UTC".into()),
            // Closed unless the host has one, which is then set below.
            ("AZURE_POD_IDENTITY_AUTHORITY_HOST".to_owned(), "http://127.0.0.1:1".into()),
        ]
        .into();
        for name in ["SystemRoot", "PATHEXT", "TEMP", "TMP", "LLVM_PROFILE_FILE"] {
            variables.extend(std::env::var_os(name).map(|value| (name.to_owned(), value)));
        }
        variables.extend(sandbox.variables().iter().cloned());
        for (name, value) in &self.variables {
            match value {
                Some(value) => variables.insert(name.clone(), value.clone()),
                None => variables.remove(name),
            };
        }
        variables
    }
}
