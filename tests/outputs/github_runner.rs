//! Reads files and logs of a step like the GitHub Actions runner: `ActionCommand`, `AddMaskCommandExtension` and
//! `FileCommandManager` of actions/runner.

/// Returns the variables of a `$GITHUB_ENV` file in order, or the error with which the runner fails the step.
pub(crate) fn environment(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut variables = Vec::new();
    let mut rest = text;
    while let Some((line, _, after)) = read_line(rest) {
        rest = after;
        if line.is_empty() {
            continue;
        }
        let (equals, heredoc) = (line.find('='), line.find("<<"));
        match (equals, heredoc) {
            (Some(equals), heredoc) if heredoc.is_none_or(|heredoc| equals < heredoc) => {
                variables.push((line[..equals].to_owned(), line[equals + 1..].to_owned()));
            }
            (_, Some(heredoc)) => {
                let (name, delimiter) = (&line[..heredoc], &line[heredoc + 2..]);
                if name.is_empty() || delimiter.is_empty() {
                    return Err(format!("Invalid format '{line}'"));
                }
                let start = rest;
                let mut length = 0;
                loop {
                    let (line, newline, after) =
                        read_line(rest).ok_or_else(|| format!("Matching delimiter not found '{delimiter}'"))?;
                    let consumed = start.len() - after.len();
                    rest = after;
                    if line == delimiter {
                        break;
                    }
                    if newline == 0 {
                        return Err("EOF marker missing new line".to_owned());
                    }
                    length = consumed - newline;
                }
                variables.push((name.to_owned(), start[..length].to_owned()));
            }
            _ => return Err(format!("Invalid format '{line}'")),
        }
    }
    match variables.iter().find(|(name, _)| name.eq_ignore_ascii_case("NODE_OPTIONS")) {
        Some(_) => Err("Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.".to_owned()),
        None => Ok(variables),
    }
}

/// Returns a line, the length of its ending, and the rest.
fn read_line(text: &str) -> Option<(&str, usize, &str)> {
    if text.is_empty() {
        return None;
    }
    match text.find('\n') {
        None => Some((text, 0, "")),
        Some(at) if cfg!(windows) && text[..at].ends_with('\r') => Some((&text[..at - 1], 2, &text[at + 1..])),
        Some(at) => Some((&text[..at], 1, &text[at + 1..])),
    }
}

/// Returns the log of a step that printed `stdout` and of a step that prints these values, and the masks. A mask
/// applies to each later line of the log.
pub(crate) fn log<'a>(stdout: &str, values: impl Iterator<Item = &'a str>) -> (String, Vec<String>) {
    let (mut masks, mut log): (Vec<String>, String) = (Vec::new(), String::new());
    for line in stdout.split(['\r', '\n']).chain(values.flat_map(|value| value.split(['\r', '\n']))) {
        match line.trim_start().strip_prefix("::add-mask::") {
            Some(data) => {
                let data = data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
                assert!(!data.trim().is_empty(), "Can't add secret mask for empty string in ##[add-mask] command.");
                masks.push(data);
            }
            None => {
                let masked = masks.iter().fold(line.to_owned(), |line, mask| line.replace(mask.as_str(), "***"));
                log.push_str(&masked);
                log.push('\n');
            }
        }
    }
    (log, masks)
}

#[test]
fn runner_refuses_invalid_files() {
    assert!(environment("A<<E\nx\n").is_err() && environment("nothing\n").is_err() && environment("<<E\nE\n").is_err());
    assert!(environment("NODE_OPTIONS=x\n").is_err());
    assert_eq!(environment("A=b<<c\nB<<E\nE\n").unwrap(), [("A".into(), "b<<c".into()), ("B".into(), "".into())]);
}
