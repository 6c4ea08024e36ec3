//! How a run ended, searched for secrets before anybody looks at it.

use std::process::Output;
use std::time::Duration;

use azfob::testing::sandbox::{Recorded, Sandbox, SecretSpec};

/// The end of a run.
pub struct Outcome {
    /// The exit code.
    pub code: Option<i32>,
    /// What was printed, to the byte.
    pub stdout: Vec<u8>,
    /// What was told.
    pub stderr: String,
    /// What was asked of the emulated Azure.
    pub requests: Vec<Recorded>,
    /// The hosts that were connected to through the proxy.
    pub tunnels: Vec<String>,
    /// How long the run took.
    pub took: Duration,
}

impl Outcome {
    /// Takes a run in. The values of secrets may stand on stdout, for that is what azfob is for; tokens and keys may
    /// stand nowhere.
    pub fn new<'a>(
        output: Output,
        took: Duration,
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
        assert_eq!(sandbox.refused(), [""; 0], "a host was asked for that nobody expected");
        Outcome {
            code: output.status.code(),
            stdout: output.stdout,
            stderr,
            requests: sandbox.requests(),
            tunnels: sandbox.tunnels(),
            took,
        }
    }

    /// Takes a run in that had no emulated Azure of the test's own.
    pub fn alone(output: Output, took: Duration) -> Self {
        Outcome {
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            requests: Vec::new(),
            tunnels: Vec::new(),
            took,
        }
    }

    /// It ended well and told nothing beside its answer.
    pub fn succeeds(self) -> Self {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "stdout: {}", self.text());
        self
    }

    /// It ended well, whatever it told.
    pub fn succeeds_with_words(self) -> Self {
        assert_eq!(self.code, Some(0), "stderr: {}", self.stderr);
        self
    }

    /// It ended with this code and printed nothing on stdout.
    pub fn fails(self, code: i32) -> Self {
        assert_eq!((self.code, self.text().as_str()), (Some(code), ""), "stderr: {}", self.stderr);
        self
    }

    /// It ended without a token, and printed nothing on stdout.
    pub fn fails_without_answer(self) -> Self {
        assert!(matches!(self.code, Some(3 | 4)), "{:?}: {}", self.code, self.stderr);
        assert_eq!(self.text(), "");
        self
    }

    /// It printed exactly these bytes.
    pub fn prints(self, expected: impl AsRef<[u8]>) -> Self {
        assert_eq!(self.text(), String::from_utf8_lossy(expected.as_ref()));
        assert_eq!(self.stdout, expected.as_ref());
        self
    }

    /// It told this, among other things.
    pub fn tells(self, part: &str) -> Self {
        assert!(self.stderr.contains(part), "«{part}» is not in:\n{}", self.stderr);
        self
    }

    /// It did not tell this.
    pub fn never_tells(self, part: &str) -> Self {
        assert!(!self.stderr.contains(part), "«{part}» is in:\n{}", self.stderr);
        self
    }

    /// It ended with 2 and one line of reason that holds these parts, before anybody was asked anything.
    pub fn misused(self, parts: &[&str]) -> Self {
        let outcome = self.fails(2).asks_nobody();
        let lines: Vec<_> = outcome.stderr.lines().collect();
        assert!(lines.len() == 1 && lines[0].starts_with("error: "), "not one line of reason:\n{}", outcome.stderr);
        parts.iter().fold(outcome, |outcome, part| outcome.tells(part))
    }

    /// It was done within this time.
    pub fn within(self, limit: Duration) -> Self {
        assert!(self.took < limit, "it took {:?}", self.took);
        self
    }

    /// Nobody was asked anything.
    pub fn asks_nobody(self) -> Self {
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

    /// What was told, with what changes from run to run made the same.
    pub fn told(&self) -> String {
        normalised(&self.stderr)
    }
}

/// Text with ports, temporary folders, times and random ids made the same in every run.
pub fn normalised(text: &str) -> String {
    let text = replaced_behind(text, "127.0.0.1:", "PORT", |c| c.is_ascii_digit());
    let text = replaced_behind(&text, " port ", "PORT", |c| c.is_ascii_digit());
    let text = replaced_behind(&text, "trace ID ", "GUID", |c| c.is_ascii_hexdigit() || c == '-');
    let text = replaced_behind(&text, "request ID ", "GUID", |c| c.is_ascii_hexdigit() || c == '-');
    // What is left of a limit depends on how long the machine took to get there.
    let text = replaced_behind(&text, " within ", "LIMIT", |c| c.is_ascii_digit() || " ms.".contains(c));
    let temp = format!("{}/", std::env::temp_dir().display().to_string().trim_end_matches('/'));
    let text = replaced_behind(&text, &temp, "FOLDER", |c| c.is_ascii_alphanumeric() || ".-_".contains(c));
    let text = times_replaced(&text.replace(&temp, "TEMP/"));
    text.lines().map(|line| durations_replaced(&elsewhere_dropped(line)) + "\n").collect()
}

/// The text with what follows each `mark`, as far as it consists of `part`, replaced.
fn replaced_behind(text: &str, mark: &str, by: &str, part: impl Fn(char) -> bool) -> String {
    let mut pieces = text.split(mark);
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |whole, piece| {
        let rest = piece.trim_start_matches(&part);
        let by = if rest.len() == piece.len() { "" } else { by };
        whole + mark + by + rest
    })
}

/// The text with times like `2026-01-31T12:00:00.0000000Z` replaced.
fn times_replaced(text: &str) -> String {
    let shape = "dddd-dd-ddTdd:dd:dd";
    let fits = |at: usize| {
        let found = text.as_bytes().get(at..at + shape.len());
        found.is_some_and(|found| {
            found.iter().zip(shape.bytes()).all(|(f, s)| if s == b'd' { f.is_ascii_digit() } else { *f == s })
        })
    };
    let Some(at) = (0..text.len()).find(|at| fits(*at)) else { return text.to_owned() };
    let rest = text[at + shape.len()..].trim_start_matches(|c: char| c.is_ascii_digit() || ".+:Z".contains(c));
    format!("{}TIME{}", &text[..at], times_replaced(rest))
}

/// A line of a report without the word of a tool that this machine has in a system's folder.
fn elsewhere_dropped(line: &str) -> String {
    match line.split_once("; it was found at /") {
        Some((before, _)) => before.to_owned(),
        None => line.to_owned(),
    }
}

/// A line of a table with the time that something took, and the width that it gave its column, replaced.
fn durations_replaced(line: &str) -> String {
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
