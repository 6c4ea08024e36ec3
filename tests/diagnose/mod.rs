//! `azfob diagnose`: the true cause first, with a command that mends it, for whatever can be seen from the machine.

mod access;
mod bounds;
#[cfg(unix)]
mod cases;
mod chain;
mod explain;
mod log;
mod network;
mod outputs;
mod pains;
#[cfg(unix)]
mod screen;

use serde_json::Value;

use crate::support::{Host, Outcome, Scenario};

/// Names a test for each failure: the scenario, then the exit code, the first finding's code, and a part of one of its
/// commands. Attributes and comments stand before the name.
macro_rules! causes {
    ($($(#[$attribute:meta])* $name:ident: $scenario:expr, $exit:literal, $code:literal, $command:expr;)*) => {
        $(#[test]
        $(#[$attribute])*
        fn $name() {
            crate::diagnose::Report::of(&$scenario).ends_with($exit).begins_with($code).mends_with($command);
        })*
    };
}
use causes;

/// The secret that the default vault has.
const SECRET: &str = "ApiKey";

/// A report, as programs read it.
struct Report {
    /// All of it.
    json: Value,
    outcome: Outcome,
}

impl Report {
    /// The report of a scenario, reading a secret included.
    fn of(scenario: &Scenario) -> Self {
        Self::with(scenario, &["--secret", SECRET])
    }

    /// The report of a scenario, with these arguments.
    fn with(scenario: &Scenario, arguments: &[&str]) -> Self {
        let limit: &[&str] = if arguments.contains(&"--timeout") { &[] } else { &["--timeout", "4"] };
        let outcome = scenario.azfob(["diagnose", "-o", "json"].iter().chain(limit).chain(arguments));
        assert_eq!(outcome.stderr, "", "stdout: {}", outcome.text());
        Report { json: outcome.json(), outcome }
    }

    /// It has this exit code, which it also says.
    fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.outcome.code, Some(code), "{:#}", self.json["findings"]);
        assert_eq!((&self.json["exitCode"], &self.json["ok"]), (&code.into(), &(code == 0).into()));
        self
    }

    /// Its first finding has this code.
    fn begins_with(self, code: &str) -> Self {
        assert_eq!(self.json["findings"][0]["code"], code, "{:#}", self.json["findings"]);
        self
    }

    /// Its first finding has a command with this part in it.
    fn mends_with(self, part: &str) -> Self {
        let commands = self.commands(0);
        assert!(commands.iter().any(|command| command.contains(part)), "{part} is not in {commands:#?}");
        self
    }

    /// The commands of a finding; each can be pasted as it stands.
    fn commands(&self, at: usize) -> Vec<String> {
        let commands = self.json["findings"][at]["commands"].as_array().expect("a list").iter();
        let commands: Vec<_> = commands.map(|c| c.as_str().expect("text").to_owned()).collect();
        for command in &commands {
            assert!(!command.contains(['<', '…']) || command.contains("</dev/null"), "{command}");
            assert!(!command.contains("..."), "{command}");
        }
        commands
    }

    /// The finding of this code.
    fn finding(&self, code: &str) -> &Value {
        let findings = self.json["findings"].as_array().expect("a list");
        let found = findings.iter().find(|finding| finding["code"] == code);
        found.unwrap_or_else(|| panic!("no {code} in {:#}", self.json["findings"]))
    }

    /// Whether there is a finding of this code.
    fn has(&self, code: &str) -> bool {
        self.json["findings"].as_array().expect("a list").iter().any(|finding| finding["code"] == code)
    }

    /// The line of a credential.
    fn credential(&self, name: &str) -> &Value {
        let chain = self.json["chain"].as_array().expect("a list");
        chain.iter().find(|line| line["credential"] == name).expect("every credential is there")
    }

    /// A step on the way to the vault.
    fn check(&self, name: &str) -> &Value {
        let checks = self.json["vault"]["checks"].as_array().expect("a list");
        checks.iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("no {name} in {checks:#?}"))
    }

    /// It was there in this time.
    fn within(self, limit: std::time::Duration) {
        let _ = self.outcome.within(limit);
    }

    /// How long it took.
    fn took(&self) -> std::time::Duration {
        self.outcome.took
    }

    /// All of it as text.
    fn text(&self) -> String {
        self.outcome.text()
    }
}

/// A scenario on this host.
fn on(host: Host) -> Scenario {
    Scenario::on(host)
}
