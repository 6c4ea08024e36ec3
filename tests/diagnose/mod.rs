//! `azfob diagnose`: the real cause first, with a command that fixes it.

#[cfg(unix)]
mod cases;
mod chain;
mod common_failures;
#[cfg(unix)]
mod developer_tools;
mod explain;
mod field;
mod field_logs;
mod log;
mod network;
mod outputs;
mod permissions;
#[cfg(unix)]
mod pod;
mod same_finding;
#[cfg(unix)]
mod screen;
mod timeouts;
mod workload;

use serde_json::Value;

use crate::support::{Host, Outcome, Scenario};

/// Declares a test for each failure: the scenario, the exit code, the first finding's code, and a part of one of its
/// commands. Attributes and comments precede the name.
macro_rules! causes {
    ($($(#[$attribute:meta])* $name:ident: $scenario:expr, $exit:literal, $code:literal, $command:expr;)*) => {
        $(#[test]
        $(#[$attribute])*
        fn $name() {
            crate::diagnose::Report::of(&$scenario).exits_with($exit).has_cause($code).has_command($command);
        })*
    };
}
use causes;

/// A secret of the default vault.
const SECRET: &str = "ApiKey";

/// A report in JSON.
struct Report {
    /// The whole document.
    json: Value,
    outcome: Outcome,
}

impl Report {
    /// Runs diagnose in a scenario, reading a secret.
    fn of(scenario: &Scenario) -> Self {
        Self::with(scenario, &["--secret", SECRET])
    }

    /// Runs diagnose in a scenario, with these arguments.
    fn with(scenario: &Scenario, arguments: &[&str]) -> Self {
        let limit: &[&str] = if arguments.contains(&"--timeout") { &[] } else { &["--timeout", "4"] };
        let outcome = scenario.azfob(["diagnose", "-o", "json"].iter().chain(limit).chain(arguments));
        assert_eq!(outcome.stderr, "", "stdout: {}", outcome.text());
        Report { json: outcome.json(), outcome }
    }

    /// Asserts the exit code, also in the report.
    fn exits_with(self, code: i32) -> Self {
        assert_eq!(self.outcome.code, Some(code), "{:#}", self.json["findings"]);
        assert_eq!((&self.json["exitCode"], &self.json["ok"]), (&code.into(), &(code == 0).into()));
        self
    }

    /// Asserts the code of the first finding.
    fn has_cause(self, code: &str) -> Self {
        assert_eq!(self.json["findings"][0]["code"], code, "{:#}", self.json["findings"]);
        self
    }

    /// Asserts that a command of the first finding contains this part.
    fn has_command(self, part: &str) -> Self {
        let commands = self.commands(0);
        assert!(commands.iter().any(|command| command.contains(part)), "{part} is not in {commands:#?}");
        self
    }

    /// Returns the commands of a finding, and asserts that each can be pasted.
    fn commands(&self, at: usize) -> Vec<String> {
        let commands = self.json["findings"][at]["commands"].as_array().expect("a list").iter();
        let commands: Vec<_> = commands.map(|c| c.as_str().expect("text").to_owned()).collect();
        for command in &commands {
            assert!(!command.contains(['<', '…']) || command.contains("</dev/null"), "{command}");
            assert!(!command.contains("..."), "{command}");
        }
        commands
    }

    /// Returns the finding with this code.
    fn finding(&self, code: &str) -> &Value {
        let findings = self.json["findings"].as_array().expect("a list");
        let found = findings.iter().find(|finding| finding["code"] == code);
        found.unwrap_or_else(|| panic!("no {code} in {:#}", self.json["findings"]))
    }

    /// Returns true if there is a finding with this code.
    fn has(&self, code: &str) -> bool {
        self.json["findings"].as_array().expect("a list").iter().any(|finding| finding["code"] == code)
    }

    /// Returns the entry of a credential.
    fn credential(&self, name: &str) -> &Value {
        let chain = self.json["chain"].as_array().expect("a list");
        chain.iter().find(|line| line["credential"] == name).expect("every credential is there")
    }

    /// Returns a check of the connection to the vault.
    fn check(&self, name: &str) -> &Value {
        let checks = self.json["vault"]["checks"].as_array().expect("a list");
        checks.iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("no {name} in {checks:#?}"))
    }

    /// Asserts that the report took less than this.
    fn within(self, limit: std::time::Duration) {
        let _ = self.outcome.within(limit);
    }

    /// Returns the duration of the run, not counting the time in which the machine was short of processors.
    fn took(&self) -> std::time::Duration {
        self.outcome.took.undisturbed()
    }

    /// Returns the report as text.
    fn text(&self) -> String {
        self.outcome.text()
    }
}

/// A scenario on this host.
fn on(host: Host) -> Scenario {
    Scenario::on(host)
}
