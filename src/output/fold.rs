//! Wraps text and commands to the width of a terminal.

use super::table::Width;
use crate::diagnosis::shell::Shell;
use crate::redact::sanitize_line;

/// The least room that text gets beside its indentation.
const LEAST: usize = 20;
/// Further indentation of a command's continued lines.
const CONTINUED: usize = 2;

/// Wraps text and indents each line but the first. A word that does not fit beside the indentation, such as an ID, moves
/// to the left, so that it can be copied. Only a path or an address wider than the terminal is broken, after a slash.
pub fn fold(text: &str, indent: usize, width: Width) -> String {
    let Width::Terminal(columns) = width else { return text.to_owned() };
    let columns = usize::from(columns);
    let room = columns.saturating_sub(indent).max(LEAST);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        for (at, piece) in pieces(word, room, columns).into_iter().enumerate() {
            let length = lines.last().map_or(0, |line| columns_of(line));
            let more = columns_of(piece);
            let space = usize::from(at == 0 && length > 0);
            // A word without a slash that fits on no line overflows anyway.
            if length + space + more > room && more <= columns && (length > 0 || lines.len() == 1) {
                lines.push(piece.to_owned());
            } else {
                let last = lines.last_mut().expect("starts with one line");
                last.push_str(&" "[..space]);
                last.push_str(piece);
            }
        }
    }
    let mut folded = String::new();
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            folded.push_str(&format!("\n{}", " ".repeat(indent.min(columns.saturating_sub(columns_of(line))))));
        }
        folded.push_str(line);
    }
    folded
}

/// Splits a word that is wider than the terminal after slashes, into pieces that fit into `room`.
fn pieces(word: &str, room: usize, columns: usize) -> Vec<&str> {
    if columns_of(word) <= columns {
        return vec![word];
    }
    let mut pieces = Vec::new();
    let (mut start, mut end) = (0, 0);
    for part in word.split_inclusive('/') {
        if end > start && columns_of(&word[start..end + part.len()]) > room {
            pieces.push(&word[start..end]);
            start = end;
        }
        end += part.len();
    }
    pieces.push(&word[start..]);
    pieces
}

/// Wraps each line of a text, and aligns what continues it with its second word, as behind `error: `.
pub fn fold_lines(text: &str, width: Width) -> String {
    let fold_line = |line: &str| {
        let start = line.trim_start_matches(' ');
        let Some((label, rest)) = start.split_once(' ') else { return line.to_owned() };
        let indent = line.len() - start.len() + columns_of(label) + 1;
        format!("{}{label} {}", &line[..line.len() - start.len()], fold(rest, indent, width))
    };
    let lines: Vec<_> = text.split('\n').map(fold_line).collect();
    lines.join("\n")
}

/// Sanitizes and indents a command or a comment. On a terminal, a longer command continues on lines that can be pasted.
pub fn fold_command(command: &str, shell: Shell, indent: usize, width: Width) -> String {
    let command = sanitize_line(command);
    let lines = match width {
        Width::Unlimited => vec![command],
        Width::Terminal(columns) => {
            let room = usize::from(columns).saturating_sub(indent + CONTINUED).max(LEAST);
            shell.break_lines(&command, room, CONTINUED)
        }
    };
    let blank = " ".repeat(indent);
    let lines = lines.into_iter().enumerate();
    lines.map(|(at, line)| format!("{blank}{}{line}\n", &"  "[..if at == 0 { 0 } else { CONTINUED }])).collect()
}

/// Counts the characters of a text without its ANSI codes.
fn columns_of(text: &str) -> usize {
    anstream::adapter::strip_str(text).map(|part| part.chars().count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_only_between_words() {
        let text = "identity aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb, of a tenant";
        let narrow = "identity aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb,\n  of a tenant";
        assert_eq!(fold(text, 2, Width::Terminal(24)), narrow);
        assert_eq!(fold(text, 2, Width::Terminal(80)), text);
        assert_eq!(fold(text, 2, Width::Unlimited), text);
    }

    #[test]
    fn a_long_word_moves_left_and_a_longer_path_breaks_after_a_slash() {
        let issuer = "issuer: https://issuer.example/aaaabbbb/";
        assert_eq!(fold(issuer, 7, Width::Terminal(34)), "issuer:\n  https://issuer.example/aaaabbbb/");
        let path = "in /home/me/.azure/profiles/authRecord.json now";
        assert_eq!(fold(path, 4, Width::Terminal(30)), "in\n    /home/me/.azure/profiles/\n    authRecord.json now");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let text = "no sign-in found: /home/me/.azure/ms-azuretools.vscode/authRecord.json does not exist";
        for columns in 34..90 {
            let folded = fold(text, 7, Width::Terminal(columns));
            let first = folded.lines().next().map_or(0, str::len) + 7;
            let widest = folded.lines().skip(1).map(str::len).chain([first]).max();
            assert!(widest <= Some(usize::from(columns)), "{columns}:\n{folded}");
            let joined: String = folded.split_whitespace().collect();
            assert_eq!(joined, text.replace(' ', ""));
        }
    }

    #[test]
    fn continued_lines_are_aligned_and_colors_have_no_width() {
        let text =
            "\u{1b}[1merror:\u{1b}[0m invalid value 'x' for '--color'\n  [possible values: auto, always, never]\n\nend";
        let narrow = "\u{1b}[1merror:\u{1b}[0m invalid value 'x' for\n       '--color'\n  [possible values: auto,\n            always, never]\n\nend";
        assert_eq!(fold_lines(text, Width::Terminal(32)), narrow);
        assert_eq!(fold_lines(text, Width::Unlimited), text);
    }
}
