//! A scenario: a host, a vault, faults, and the command that runs in it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use azfob::testing::sandbox::{
    EmulatedHost as Host, Fault, IDENTITY, Recorded, Rule, Sandbox, SandboxPlan, SecretSpec,
};
use tempfile::TempDir;

use super::outcome::Outcome;
use super::program;
use super::watch::Watch;

/// The setup of a test.
pub struct Scenario {
    plan: SandboxPlan,
    variables: Vec<(String, Option<OsString>)>,
    folder: TempDir,
}

impl Scenario {
    /// Starts with this host, the default vault and no fault.
    pub fn on(host: Host) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the scenario");
        for name in ["home", "bin", "work"] {
            fs::create_dir(folder.path().join(name)).expect("a folder in it");
        }
        Scenario { plan: SandboxPlan::new(host), variables: Vec::new(), folder }
    }

    /// Adds a secret to the vault.
    pub fn secret(self, name: &str, value: &str) -> Self {
        self.secret_spec(SecretSpec::new(name, value))
    }

    /// Adds a secret with all its attributes.
    pub fn secret_spec(mut self, secret: SecretSpec) -> Self {
        self.plan = self.plan.secret(secret);
        self
    }

    /// Adds a fault.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.plan = self.plan.fault(fault);
        self
    }

    /// Adds a rule, which changes the response to matching requests.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.plan = self.plan.rule(rule);
        self
    }

    /// Changes the sandbox's plan in another way.
    pub fn plan(mut self, change: impl FnOnce(SandboxPlan) -> SandboxPlan) -> Self {
        self.plan = change(self.plan);
        self
    }

    /// Sets a variable.
    pub fn var(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.to_owned(), Some(value.into())));
        self
    }

    /// Removes a variable that the host sets.
    pub fn without(mut self, name: &str) -> Self {
        self.variables.push((name.to_owned(), None));
        self
    }

    /// Adds a program on PATH: a POSIX shell script.
    pub fn program(self, name: &str, script: &str) -> Self {
        program::install(&self.bin(), name, script);
        self
    }

    /// Waits up to a minute for a file that a program of the scenario writes in the user's home, and returns its text.
    #[cfg(unix)]
    pub fn recorded(&self, name: &str) -> String {
        for _ in 0..12_000 {
            match self.finished_record(name) {
                Some(text) => return text,
                None => std::thread::sleep(std::time::Duration::from_millis(5)),
            }
        }
        panic!("{name} was not written");
    }

    /// Signs a user in to Visual Studio Code: this is the record of its extension.
    pub fn visual_studio_code(self, folder: &str, record: &str) -> Self {
        let folder = self.home().join(folder).join("ms-azuretools.vscode-azureresourcegroups");
        fs::create_dir_all(&folder).expect("a folder in the home");
        fs::write(folder.join("authRecord.json"), record).expect("a file in it");
        self
    }

    /// Returns the text of a file that a program of the scenario has written in the user's home, if it ends with a line.
    #[cfg(unix)]
    pub fn finished_record(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.home().join(name)).ok().filter(|text| text.ends_with('\n'))
    }

    /// Returns true if no file with this name was written in the user's home.
    #[cfg(unix)]
    pub fn has_no_record(&self, name: &str) -> bool {
        !self.home().join(name).exists()
    }

    /// Returns the folder that the command runs in.
    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Returns the user's home.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Returns the folder on PATH.
    pub fn bin(&self) -> PathBuf {
        self.folder.path().join("bin")
    }

    /// Runs azfob.
    pub fn azfob<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I) -> Outcome {
        let arguments: Vec<S> = arguments.into_iter().collect();
        self.in_time(|| ((), self.azfob_to(&arguments, Stdio::piped()))).1
    }

    /// Repeats a run whose probe of the metadata service was answered too late. azfob waits 200 ms for it, and a busy
    /// machine does not keep to that every time.
    pub fn in_time<T>(&self, run: impl Fn() -> (T, Outcome)) -> (T, Outcome) {
        let is_in_time = |(_, outcome): &(T, Outcome)| !self.has_late_probe(outcome);
        (0..9).map(|_| run()).find(is_in_time).unwrap_or_else(run)
    }

    /// Returns true if azfob probed the metadata service and then requested no token, although the service answers the
    /// probe as it should.
    fn has_late_probe(&self, outcome: &Outcome) -> bool {
        let requests = outcome.requests_to(IDENTITY);
        let is_changed = self.plan.rules.iter().any(|rule| rule.host == IDENTITY && rule.skip == 0)
            || self.plan.faults.contains(&Fault::NotImds);
        let is_probe = |request: &&Recorded| request.header("metadata").is_none();
        self.plan.host == Host::Imds && !is_changed && !requests.is_empty() && requests.iter().all(is_probe)
    }

    /// Runs azfob with this stdout.
    pub fn azfob_to<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I, stdout: Stdio) -> Outcome {
        self.azfob_in(&self.sandbox(), arguments, stdout)
    }

    /// Runs azfob in a sandbox that the test has started.
    pub fn azfob_in<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(
        &self,
        sandbox: &Sandbox,
        arguments: I,
        stdout: Stdio,
    ) -> Outcome {
        self.azfob_with(sandbox, arguments, stdout, Stdio::piped())
    }

    /// Runs azfob with this stdout and stderr.
    pub fn azfob_with<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(
        &self,
        sandbox: &Sandbox,
        arguments: I,
        stdout: Stdio,
        stderr: Stdio,
    ) -> Outcome {
        let mut command = self.command(sandbox, Path::new(env!("CARGO_BIN_EXE_azfob")));
        let child = command.args(arguments).stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        let watch = Watch::start();
        let output = child.spawn().and_then(std::process::Child::wait_with_output).expect("azfob runs");
        Outcome::new(output, watch.took(), sandbox, self.plan.secrets.iter())
    }

    /// Returns a command in the scenario's environment.
    pub fn command(&self, sandbox: &Sandbox, program: &Path) -> Command {
        #[cfg(unix)]
        super::signals::reset_signals();
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment(sandbox)).current_dir(self.work());
        command
    }

    /// Starts the sandbox.
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
            // A closed port, unless the host sets it below.
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
