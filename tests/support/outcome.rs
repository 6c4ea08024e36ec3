//! The result of a run. It is searched for secrets first.

use std::process::Output;
use std::time::Duration;

use azfob::testing::sandbox::{Recorded, Sandbox, SecretSpec};

use super::watch::Took;

/// The result of a run.
pub struct Outcome {
    /// The exit code.
    pub code: Option<i32>,
    /// The exact bytes on stdout.
    pub stdout: Vec<u8>,
    /// The text on stderr.
    pub stderr: String,
    /// The requests that the emulated Azure received.
    pub requests: Vec<Recorded>,
    /// The hosts of the connections through the proxy.
    pub tunnels: Vec<String>,
    /// The duration of the run.
    pub took: Took,
}

impl Outcome {
    /// Checks the output for secrets. Values of secrets may be on stdout, because azfob prints them; tokens and keys
    /// may be nowhere.
    pub fn new<'a>(
        output: Output,
        took: Took,
        sandbox: &Sandbox,
        secrets: impl Iterator<Item = &'a SecretSpec>,
    ) -> Self {
        let values: Vec<String> =
            secrets.flat_map(|s| s.versions.iter().map(|v| v.value.clone())).map(|v| v.to_string()).collect();
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        for secrets_in_use in sandbox.secrets_in_use() {
            assert!(!stderr.contains(&secrets_in_use), "a secret or token is on stderr");
            let is_value = values.iter().any(|value| value.contains(&secrets_in_use));
            assert!(is_value || !stdout.contains(&secrets_in_use), "a token or key is on stdout");
        }
        assert_eq!(sandbox.refused(), [""; 0], "an unexpected host was requested");
        Outcome {
            code: output.status.code(),
            stdout: output.stdout,
            stderr,
            requests: sandbox.requests(),
            tunnels: sandbox.tunnels(),
            took,
        }
    }

    /// Wraps the result of a run without the test's own emulated Azure.
    pub fn without_sandbox(output: Output, took: Took) -> Self {
        Outcome {
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            requests: Vec::new(),
            tunnels: Vec::new(),
            took,
        }
    }

    /// Asserts exit code 0 and an empty stderr.
    pub fn succeeds(self) -> Self {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "stdout: {}", self.text());
        self
    }

    /// Asserts exit code 0, with any messages.
    pub fn succeeds_with_messages(self) -> Self {
        assert_eq!(self.code, Some(0), "stderr: {}", self.stderr);
        self
    }

    /// Asserts this exit code and an empty stdout.
    pub fn fails(self, code: i32) -> Self {
        assert_eq!((self.code, self.text().as_str()), (Some(code), ""), "stderr: {}", self.stderr);
        self
    }

    /// Asserts an exit code without a token, and an empty stdout.
    pub fn fails_without_token(self) -> Self {
        assert!(matches!(self.code, Some(3 | 4)), "{:?}: {}", self.code, self.stderr);
        assert_eq!(self.text(), "");
        self
    }

    /// Asserts the exact bytes on stdout.
    pub fn prints(self, expected: impl AsRef<[u8]>) -> Self {
        assert_eq!(self.text(), String::from_utf8_lossy(expected.as_ref()));
        assert_eq!(self.stdout, expected.as_ref());
        self
    }

    /// Asserts that stderr contains a text.
    pub fn shows(self, part: &str) -> Self {
        assert!(self.stderr.contains(part), "«{part}» is not in:\n{}", self.stderr);
        self
    }

    /// Asserts that stderr does not contain a text.
    pub fn never_shows(self, part: &str) -> Self {
        assert!(!self.stderr.contains(part), "«{part}» is in:\n{}", self.stderr);
        self
    }

    /// Asserts exit code 2, one line on stderr with these parts, and no request.
    pub fn has_usage_error(self, parts: &[&str]) -> Self {
        let outcome = self.fails(2).sends_no_request();
        let lines: Vec<_> = outcome.stderr.lines().collect();
        assert!(lines.len() == 1 && lines[0].starts_with("error: "), "not one line of reason:\n{}", outcome.stderr);
        parts.iter().fold(outcome, |outcome, part| outcome.shows(part))
    }

    /// Asserts that the run took less than this, not counting the time in which the machine was short of processors.
    pub fn within(self, limit: Duration) -> Self {
        assert!(self.took.undisturbed() < limit, "{:?}", self.took);
        self
    }

    /// Asserts that the run took this time or more.
    pub fn takes(self, least: Duration) -> Self {
        assert!(self.took.whole >= least, "{:?}", self.took);
        self
    }

    /// Asserts that no request was sent.
    pub fn sends_no_request(self) -> Self {
        assert_eq!(self.tunnels, [""; 0]);
        assert!(self.requests.is_empty(), "{:?}", self.requests);
        self
    }

    /// Stdout as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Stdout as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    /// The requests to a host.
    pub fn requests_to(&self, host: &str) -> Vec<&Recorded> {
        self.requests.iter().filter(|r| r.host == host).collect()
    }

    /// Returns stderr without the parts that change from run to run.
    pub fn normalized_stderr(&self) -> String {
        normalized(&self.stderr)
    }
}

/// Replaces ports, temporary folders, times and random IDs.
pub fn normalized(text: &str) -> String {
    let text = replace_after(text, "127.0.0.1:", "PORT", |c| c.is_ascii_digit());
    let text = replace_after(&text, " port ", "PORT", |c| c.is_ascii_digit());
    let text = replace_after(&text, "trace ID ", "GUID", |c| c.is_ascii_hexdigit() || c == '-');
    let text = replace_after(&text, "request ID ", "GUID", |c| c.is_ascii_hexdigit() || c == '-');
    // The rest of a limit depends on the speed of the machine.
    let text = replace_after(&text, " within ", "LIMIT", |c| c.is_ascii_digit() || " ms.".contains(c));
    let temp = format!("{}/", std::env::temp_dir().display().to_string().trim_end_matches('/'));
    let text = replace_after(&text, &temp, "FOLDER", |c| c.is_ascii_alphanumeric() || ".-_".contains(c));
    let text = replace_times(&text.replace(&temp, "TEMP/"));
    text.lines().map(|line| replace_durations(&drop_tool_location(line)) + "\n").collect()
}

/// Replaces the characters of `part` after each `mark`.
fn replace_after(text: &str, mark: &str, by: &str, part: impl Fn(char) -> bool) -> String {
    let mut pieces = text.split(mark);
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |whole, piece| {
        let rest = piece.trim_start_matches(&part);
        let by = if rest.len() == piece.len() { "" } else { by };
        whole + mark + by + rest
    })
}

/// Replaces times like `2026-01-31T12:00:00.0000000Z`.
fn replace_times(text: &str) -> String {
    let shape = "dddd-dd-ddTdd:dd:dd";
    let fits = |at: usize| {
        let found = text.as_bytes().get(at..at + shape.len());
        found.is_some_and(|found| {
            found.iter().zip(shape.bytes()).all(|(f, s)| if s == b'd' { f.is_ascii_digit() } else { *f == s })
        })
    };
    let Some(at) = (0..text.len()).find(|at| fits(*at)) else { return text.to_owned() };
    let rest = text[at + shape.len()..].trim_start_matches(|c: char| c.is_ascii_digit() || ".+:Z".contains(c));
    format!("{}TIME{}", &text[..at], replace_times(rest))
}

/// Removes the location of a tool in a system folder from a line.
fn drop_tool_location(line: &str) -> String {
    match line.split_once("; it was found at /") {
        Some((before, _)) => before.to_owned(),
        None => line.to_owned(),
    }
}

/// Replaces the duration in a line of a table, and the padding of its column.
fn replace_durations(line: &str) -> String {
    let is_cell = |at: usize| line[..at].ends_with("  ") || line[..at].ends_with("| ");
    for (at, _) in line.char_indices().filter(|(at, c)| c.is_ascii_digit() && is_cell(*at)) {
        let rest = line[at..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let Some(after) = rest.strip_prefix(" ms").or_else(|| rest.strip_prefix(" s")) else { continue };
        let gap = if line[..at].ends_with("| ") { " " } else { "  " };
        let before = line[..at].trim_end();
        return match after.trim_start() {
            "" => format!("{before}{gap}TIME"),
            detail => format!("{before}{gap}TIME{gap}{detail}"),
        };
    }
    for (head, tail) in [("Time", "Detail"), ("skipped", "off: ")] {
        if let Some((before, after)) = line.split_once(head).filter(|(_, after)| after.trim_start().starts_with(tail)) {
            return format!("{before}{head}  {}", after.trim_start());
        }
    }
    line.to_owned()
}
