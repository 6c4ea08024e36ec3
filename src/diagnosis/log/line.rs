//! What a line of a log begins: a record with a header, a line of its own, a credential's message, or a continuation.

/// What a line begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineKind {
    /// A record: the line has a time, a level, or is JSON of a logger.
    Record,
    /// A text without a header, which can belong to the lines before it.
    Line,
    /// A credential's message in a chain's error.
    Member,
    /// The rest of a record: an indented line, a stack trace, a body.
    Continuation,
}

/// The JSON logging driver of `docker` puts each line between these.
const DOCKER: (&str, &str) = ("{\"log\":\"", "\",\"stream\":");

/// Removes what a container's runtime writes before each line, or a mail or issue that quotes it, so that a message of several
/// lines stays together.
pub(super) fn without_prefix(line: &str) -> &str {
    let line = line
        .strip_prefix('>')
        .filter(|own| own.is_empty() || own.starts_with([' ', '\r']))
        .map_or(line, |own| own.strip_prefix(' ').unwrap_or(own));
    if let Some((own, _)) = line.strip_prefix(DOCKER.0).and_then(|rest| rest.rsplit_once(DOCKER.1)) {
        return own;
    }
    // `kubectl logs --prefix`.
    let pod = line.strip_prefix("[pod/").and_then(|rest| rest.split_once("] ")).map(|(_, rest)| rest);
    let rest = pod.unwrap_or(line);
    // The runtime's time has nanoseconds; a program's has not.
    let timed = rest.split_once(' ').filter(|(time, _)| is_time(time) && time.len() >= 27).map(|(_, rest)| rest);
    let rest = timed.unwrap_or(rest);
    let streams = ["stderr F ", "stdout F ", "stderr P ", "stdout P "];
    let rest = streams.iter().find_map(|stream| rest.strip_prefix(stream)).unwrap_or(rest);
    without_bar(rest)
}

/// sops wraps a message behind a bar: `      | action` is the rest of `    - | ... perform`.
pub(super) fn without_bar(line: &str) -> &str {
    line.trim_start_matches(' ').strip_prefix('|').filter(|own| own.starts_with(' ')).unwrap_or(line)
}

/// `2026-01-31T12:00:00.000000001Z`.
pub(super) fn is_time(word: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_digit() || b"-T:.Z+".contains(&b);
    word.len() >= 19 && word.bytes().all(is_part) && word.as_bytes()[10] == b'T'
}

/// How a logger's record begins.
const HEADERS: [&str; 26] = [
    "TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL", "trace:", "debug:", "info:", "warn:",
    "warning:", "error:", "fail:", "crit:", "fatal:", "panic:", "Error:", "Warning:", "time=", "level=", "ts=", "##[",
    "##vso[", "F/",
];

/// How a continuation begins.
const CONTINUATIONS: [&str; 36] = [
    "at ",
    "Suggestion:",
    "Caused by:",
    "Suppressed:",
    "During handling",
    "The above exception",
    "--->",
    "... ",
    "To mitigate",
    "To troubleshoot",
    "Attempted credentials",
    "RESPONSE ",
    "ERROR CODE",
    "GET http",
    "POST http",
    "Code:",
    "Message:",
    "Inner error:",
    "Client address:",
    "Caller:",
    "Action:",
    "Resource:",
    "Assignment:",
    "DenyAssignmentId:",
    "Vault:",
    "Status:",
    "ErrorCode:",
    "Content:",
    "Headers:",
    "Content-Type:",
    "Trace ID:",
    "Correlation ID:",
    // az, below the line that only says that the identity endpoint failed.
    "Get Token request returned",
    "Error detail:",
    "More details:",
    "If role assignments, deny assignments",
];

/// Reads lines in order, because what a line begins can depend on the lines before it.
#[derive(Default)]
pub(super) struct LineReader {
    /// True below the frames of a Python traceback, which ends with the exception.
    is_in_traceback: bool,
    /// True below the heading of az's crash report, which is followed by a line with the reason.
    is_below_heading: bool,
}

/// The heading of az's crash report (azure-cli, `azure/cli/core/util.py`).
const CRASH_HEADING: &str = "The command failed with an unexpected error. Here is the traceback:";

/// True for a line with the heading of az's crash report.
pub(super) fn is_crash_heading(line: &str) -> bool {
    line.contains(CRASH_HEADING)
}

impl LineReader {
    /// Returns what a line without its prefix begins.
    pub(super) fn kind(&mut self, line: &str) -> LineKind {
        let own = line.trim_start();
        // Searches for one character cost a tenth of those for words, and decide on nearly all lines.
        let is_frame = own.contains('"') && own.contains("File \"") && own.contains("\", line ");
        let is_heading = own.trim_end().ends_with(':') && is_crash_heading(own);
        let is_below_heading = std::mem::replace(&mut self.is_below_heading, is_heading);
        let kind = match LineKind::of(line) {
            LineKind::Record if is_below_heading && own.starts_with("ERROR: ") => LineKind::Continuation,
            LineKind::Line if is_frame || self.is_in_traceback || is_below_heading => LineKind::Continuation,
            kind => kind,
        };
        // The exception is the first line that is not indented.
        self.is_in_traceback = is_frame || (self.is_in_traceback && own.len() < line.len());
        // Old versions leave lines empty.
        self.is_below_heading |= is_below_heading && own.is_empty();
        kind
    }
}

impl LineKind {
    /// Returns what a line without its prefix begins.
    fn of(line: &str) -> Self {
        // Terraform draws a box.
        let line = line.strip_prefix("│ ").unwrap_or(line);
        let Some(first) = line.bytes().next() else { return LineKind::Continuation };
        // Python and Go indent the messages of a chain; terminals turn the tabs into spaces.
        let is_indented = matches!(first, b'\t' | b' ');
        if is_indented && line.split_once(": ").is_some_and(|(name, _)| is_credential(name.trim_start())) {
            return LineKind::Member;
        }
        match first {
            b' ' | b'\t' | b'\r' | b'}' | b']' | b')' | b'"' | b'\'' | b'|' | b'*' | b'-' | b'=' | b'<' => {
                return LineKind::Continuation;
            }
            b'{' => {
                let is_logger = line.starts_with("{\"") && !BODIES.iter().any(|body| line.starts_with(body));
                return if is_logger { LineKind::Record } else { LineKind::Continuation };
            }
            _ => {}
        }
        if CONTINUATIONS.iter().any(|start| line.starts_with(start)) {
            return LineKind::Continuation;
        }
        if is_header(line) {
            return LineKind::Record;
        }
        let word = line.split([':', ' ', '.', ',']).next().unwrap_or_default();
        let is_member = is_credential(word) || word.starts_with("CredentialUnavailable");
        if is_member { LineKind::Member } else { LineKind::Line }
    }
}

/// Returns true for the class name of a credential.
fn is_credential(word: &str) -> bool {
    word.ends_with("Credential") && word.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// How the body of an answer begins, in one line.
const BODIES: [&str; 6] = ["{\"error", "{\"code", "{\"statusCode", "{\"Message", "{\"odata", "{\"status\""];

fn is_header(line: &str) -> bool {
    let bytes = line.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let from = usize::from(bytes[0] == b'[');
    // `2026-11-03`, `2026/11/03`, `10:15:02`, and Kubernetes's `E1103 `.
    let is_date =
        digit(from) && digit(from + 3) && bytes.get(from + 4).is_some_and(|b| b"-/".contains(b)) && digit(from + 5);
    let is_clock = digit(from) && digit(from + 1) && bytes.get(from + 2) == Some(&b':') && digit(from + 3);
    let is_klog = b"IWEF".contains(&bytes[0]) && digit(1) && digit(4) && bytes.get(5) == Some(&b' ');
    let is_word = HEADERS.iter().any(|header| {
        let rest = line.strip_prefix(header).map(str::as_bytes);
        let is_closed = header.ends_with([':', '=', '[']);
        rest.is_some_and(|rest| is_closed || rest.first().is_none_or(|b| b" :\t]|".contains(b)))
    });
    is_date || is_clock || is_klog || is_word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_begin_a_record_a_line_a_member_or_nothing() {
        for (line, kind) in [
            ("2026-11-03T10:15:02.123Z ERROR app failed", LineKind::Record),
            ("[2026-11-03 10:15:02,123] {x.py:1} ERROR - failed", LineKind::Record),
            ("E1103 10:15:02.123456       1 main.go:40] failed", LineKind::Record),
            ("time=2026-11-03T10:15:02Z level=ERROR msg=x", LineKind::Record),
            ("{\"level\":\"error\",\"msg\":\"x\"}", LineKind::Record),
            ("ERROR: AADSTS50076", LineKind::Record),
            ("ERROR CODE: SecretNotFound", LineKind::Continuation),
            ("{\"error\":{\"code\":\"Forbidden\"}}", LineKind::Continuation),
            ("{", LineKind::Continuation),
            ("\tat com.example.Main", LineKind::Continuation),
            ("Caused by: java.net.ConnectException", LineKind::Continuation),
            ("", LineKind::Continuation),
            ("ManagedIdentityCredential: x", LineKind::Member),
            ("\tManagedIdentityCredential: x", LineKind::Member),
            ("\tat example.ManagedIdentityCredential: x", LineKind::Continuation),
            ("Client address is not authorized", LineKind::Line),
            ("│ Error: x", LineKind::Record),
            ("│   with y", LineKind::Continuation),
        ] {
            assert_eq!(LineKind::of(line), kind, "{line}");
        }
    }

    #[test]
    fn the_prefixes_of_container_runtimes_are_removed() {
        for (line, own) in [
            ("2026-11-03T10:15:02.123456789Z \tat x", "\tat x"),
            ("[pod/app-1/app] 2026-11-03T10:15:02.123456789Z stderr F {", "{"),
            ("2026-11-03T10:15:02.123Z ERROR x", "2026-11-03T10:15:02.123Z ERROR x"),
            ("{\"log\":\"one\\n\",\"stream\":\"stderr\",\"time\":\"t\"}", "one\\n"),
        ] {
            assert_eq!(without_prefix(line), own, "{line}");
        }
    }
}
