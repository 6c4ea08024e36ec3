//! Parses `.env` files that are named on the command line. None is searched for, so that a checked-out repository cannot set
//! variables.
//!
//! The format is what docker, dotenv and systemd have in common: `NAME=value` lines, `#` comments, `export ` before a name,
//! quotes around a value. Nothing is executed, and `$NAME` is not expanded.

use zeroize::Zeroizing;

use crate::vault::reference::is_variable;

/// A malformed line. It shows no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct EnvFileError {
    line: usize,
    reason: &'static str,
}

/// Returns the variables in the order of the file. If a name occurs twice, the last value is in the first place.
///
/// # Errors
/// A line has no `=` or no valid name, or a quote is not closed.
pub fn parse(text: &str) -> Result<Vec<(String, Zeroizing<String>)>, EnvFileError> {
    let mut variables: Vec<(String, Zeroizing<String>)> = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let whole = rest;
    while !rest.is_empty() {
        let malformed =
            |reason| EnvFileError { line: 1 + whole[..whole.len() - rest.len()].matches('\n').count(), reason };
        let (line, _) = rest.split_once('\n').unwrap_or((rest, ""));
        let entry = line.trim_start();
        if entry.trim_end().is_empty() || entry.starts_with('#') {
            rest = rest.get(line.len() + 1..).unwrap_or_default();
            continue;
        }
        let entry = entry.strip_prefix("export ").unwrap_or(entry);
        let (name, _) = entry.split_once('=').ok_or_else(|| malformed("expected NAME=value"))?;
        let name = name.trim();
        if !is_variable(name) {
            return Err(malformed("the name before = is invalid: use letters, digits and _, and no digit first"));
        }
        let after = rest.split_once('=').map_or("", |(_, after)| after);
        let (value, left) = value(after).map_err(malformed)?;
        match variables.iter_mut().find(|(known, _)| known == name) {
            Some((_, earlier)) => *earlier = value,
            None => variables.push((name.to_owned(), value)),
        }
        rest = left;
    }
    Ok(variables)
}

/// Parses a value. Returns it with the text after its line.
fn value(text: &str) -> Result<(Zeroizing<String>, &str), &'static str> {
    let start = text.trim_start_matches([' ', '\t']);
    let Some(quote) = start.chars().next().filter(|c| ['\'', '"'].contains(c)) else {
        let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
        let end = [" #", "\t#"].iter().filter_map(|mark| line.find(mark)).min().unwrap_or(line.len());
        return Ok((Zeroizing::new(line[..end].trim().to_owned()), rest));
    };
    let mut value = Zeroizing::new(String::with_capacity(text.len()));
    let mut inside = start[1..].char_indices();
    while let Some((at, letter)) = inside.next() {
        match letter {
            letter if letter == quote => {
                let (behind, rest) = start[1 + at + 1..].split_once('\n').unwrap_or((&start[1 + at + 1..], ""));
                let behind = behind.trim();
                if behind.is_empty() || behind.starts_with('#') {
                    return Ok((value, rest));
                }
                return Err("unexpected text after the closing quote");
            }
            '\\' if quote == '"' => match inside.next().map(|(_, escaped)| escaped) {
                Some('n') => value.push('\n'),
                Some('r') => value.push('\r'),
                Some('t') => value.push('\t'),
                Some(escaped @ ('"' | '\\' | '$' | '`')) => value.push(escaped),
                Some(other) => {
                    value.push('\\');
                    value.push(other);
                }
                None => break,
            },
            letter => value.push(letter),
        }
    }
    Err("the closing quote is missing")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let variables = parse(text).unwrap_or_else(|reason| panic!("{text:?}: {reason}"));
        variables.into_iter().map(|(name, value)| (name, value.to_string())).collect()
    }

    #[test]
    fn quotes_decide_how_values_are_read() {
        for (text, value) in [
            ("A=plain", "plain"),
            ("  export A = spaced out  ", "spaced out"),
            ("A=", ""),
            ("A='single $X \\n # x'", "single $X \\n # x"),
            ("A=\"double \\\"q\\\" \\n\\$X\" # said", "double \"q\" \n$X"),
            ("A=x#y # a comment", "x#y"),
            ("A='two\nlines'\n", "two\nlines"),
            ("A=1\r\n", "1"),
            ("A=a=b", "a=b"),
            ("A=@Microsoft.KeyVault(VaultName=v;SecretName=n)", "@Microsoft.KeyVault(VaultName=v;SecretName=n)"),
            ("\u{feff}A=1", "1"),
            ("# A=0\n\nA=0\nA=1", "1"),
        ] {
            assert_eq!(read(text), [("A".to_owned(), value.to_owned())], "{text:?}");
        }
        assert_eq!(read("A=1\nB='2\n3'\nC=4").len(), 3);
        assert_eq!(read("# nothing\n\n"), []);
    }

    #[test]
    fn error_shows_line_but_no_value() {
        for (text, reason) in [
            ("A=1\nhunter2\n", "line 2: expected NAME=value"),
            ("9=hunter2", "line 1: the name before = is invalid"),
            ("A=1\n\nB='hunter2\n", "line 3: the closing quote is missing"),
            ("A='x' hunter2", "line 1: unexpected text after the closing quote"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.starts_with(reason) && !message.contains("hunter2"), "{message}");
        }
    }
}
