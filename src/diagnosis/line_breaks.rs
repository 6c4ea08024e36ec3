//! Breaks a command into lines that a shell reads as the same command.
//!
//! A backslash before a newline continues a line in every POSIX shell and in fish, a backtick in PowerShell
//! (<https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_parsing>). Lines are broken only
//! at spaces outside quotes and brackets, and preferably before an option or an operator.

use super::shell::Shell;

/// The columns of the mark at the end of a continued line.
const MARK: usize = 2;

impl Shell {
    /// Breaks a command that does not fit into `room` and `extra` columns. Lines after the first have `room`.
    pub fn break_lines(self, command: &str, room: usize, extra: usize) -> Vec<String> {
        if columns(command) <= room + extra {
            return vec![command.to_owned()];
        }
        let words = self.words(command);
        let starts: Vec<usize> = (0..words.len()).filter(|at| *at == 0 || starts_part(&words, *at)).collect();
        let mut lines: Vec<String> = vec![String::new()];
        for (number, start) in starts.iter().enumerate() {
            let end = starts.get(number + 1).copied().unwrap_or(words.len());
            let part = words[*start..end].join(" ");
            let after = if end == words.len() { 0 } else { MARK };
            let free = |lines: &[String]| room_of(lines, room, extra).saturating_sub(after);
            // A part with a word that is wider than the terminal gains nothing from a line of its own.
            let is_too_wide = words[*start..end].iter().any(|word| columns(word) + MARK > room);
            let length = lines.last().map_or(0, |line| columns(line));
            let continues = (is_too_wide && length <= room) || (length > room && end == words.len());
            if fits(&lines, &part, free(&lines)) || (length > 0 && continues) {
                add(&mut lines, &part);
                continue;
            }
            if lines.last().is_some_and(|line| !line.is_empty()) {
                lines.push(String::new());
            }
            // A part with a long value breaks between its words. A value that fits on no line stays with its option.
            for (at, word) in words[*start..end].iter().enumerate() {
                let is_last = start + at + 1 == words.len();
                let free = room_of(&lines, room, extra).saturating_sub(if is_last { 0 } else { MARK });
                if at > 0 && !fits(&lines, word, free) && (at > 1 || columns(word) <= free) {
                    lines.push(String::new());
                }
                add(&mut lines, word);
            }
        }
        let mark = self.select(" \\", " `");
        let last = lines.len() - 1;
        lines[..last].iter_mut().for_each(|line| line.push_str(mark));
        lines
    }

    /// Splits a command at the spaces outside quotes and brackets. Without a closing quote, there is one word.
    fn words(self, command: &str) -> Vec<&str> {
        let escape = self.select('\\', '`');
        let mut words = Vec::new();
        let mut open: Vec<char> = Vec::new();
        let mut start = 0;
        let mut chars = command.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            match (open.last().copied(), c) {
                (Some('\''), '\'') => drop(open.pop()),
                (Some('\''), _) => {}
                (_, c) if c == escape => drop(chars.next()),
                (Some(quote @ ('"' | '`')), c) if c == quote => drop(open.pop()),
                (Some('"'), '$') if chars.next_if(|(_, next)| *next == '(').is_some() => open.push(')'),
                (Some('"'), _) => {}
                (_, '\'' | '"' | '`') => open.push(c),
                (_, '(') => open.push(')'),
                (Some(')'), ')') => drop(open.pop()),
                // What follows is a comment, which is not continued.
                (None, '#') if at == start => break,
                (None, ' ') => {
                    words.push(&command[start..at]);
                    start = at + 1;
                }
                _ => {}
            }
        }
        if !open.is_empty() {
            return vec![command];
        }
        words.push(&command[start..]);
        words
    }
}

/// True if a line may preferably be broken before this word: an option, an operator, or a command after `;`.
fn starts_part(words: &[&str], at: usize) -> bool {
    let word = words[at];
    let is_option = word.starts_with('-') && word.len() > 1;
    let is_redirection = word.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['>', '<']);
    is_option || is_redirection || matches!(word, "|" | "&&" | "||") || words[at - 1].ends_with(';')
}

fn room_of(lines: &[String], room: usize, extra: usize) -> usize {
    if lines.len() == 1 { room + extra } else { room }
}

fn fits(lines: &[String], text: &str, free: usize) -> bool {
    let length = lines.last().map_or(0, |line| columns(line));
    length + usize::from(length > 0) + columns(text) <= free
}

fn add(lines: &mut [String], text: &str) {
    let Some(line) = lines.last_mut() else { return };
    if !line.is_empty() {
        line.push(' ');
    }
    line.push_str(text);
}

fn columns(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Joins lines as the shell does, without the indentation of the output.
    fn joined(shell: Shell, lines: &[String]) -> String {
        let mark = shell.select(" \\", " `");
        let (last, continued) = lines.split_last().unwrap();
        continued.iter().map(|line| format!("{} ", line.strip_suffix(mark).unwrap())).collect::<String>() + last
    }

    #[test]
    fn a_long_command_breaks_before_options_and_operators() {
        let az = "az role assignment create --role \"Key Vault Secrets User\" --assignee-object-id o-1 --scope \"$(az keyvault show --name v)\"";
        let lines = Shell::Posix.break_lines(az, 60, 2);
        assert_eq!(
            lines,
            [
                "az role assignment create --role \"Key Vault Secrets User\" \\",
                "--assignee-object-id o-1 \\",
                "--scope \"$(az keyvault show --name v)\"",
            ]
        );
        let lines = Shell::PowerShell.break_lines(az, 60, 2);
        assert!(lines[0].ends_with("User\" `") && lines[2].ends_with("v)\""), "{lines:?}");
        let curl = "curl -sI https://my-vault.vault.azure.net/ | grep -i ^date:; date -u";
        assert_eq!(
            Shell::Posix.break_lines(curl, 50, 0),
            ["curl -sI https://my-vault.vault.azure.net/ \\", "| grep -i ^date:; date -u"]
        );
        assert_eq!(Shell::Posix.break_lines(curl, curl.len(), 0), [curl]);
    }

    #[test]
    fn quotes_brackets_and_comments_are_not_broken() {
        for whole in
            ["a 'b c", "\"$(b 'c d' \"e f\")\"", "(b c; d e)", "'it'\\''s a word'", "# b c d e f g", "a\\ b\\ c\\ d"]
        {
            assert_eq!(Shell::Posix.break_lines(whole, 1, 0), [whole]);
        }
        for whole in ["'it''s a word'", "\"a `\" b $(c 'd e')\"", "a` b` c"] {
            assert_eq!(Shell::PowerShell.break_lines(whole, 1, 0), [whole]);
        }
    }

    #[test]
    fn a_broken_command_has_the_same_words() {
        let words = ["a", "-b", "'c d'", "\"e $(f 'g h') i\"", "|", "&&", "2>x", "j;", "k\\ l", "--m", "日本"];
        for seed in 0..2_000_usize {
            let pick = |n: usize| words[(seed * (n + 7) + n * n * 31) % words.len()];
            let command = (0..2 + seed % 11).map(pick).collect::<Vec<_>>().join(" ");
            for shell in [Shell::Posix, Shell::PowerShell] {
                for room in [1, 8, 17, 30] {
                    let lines = shell.break_lines(&command, room, seed % 3);
                    assert_eq!(joined(shell, &lines), command);
                    let is_wide = |word: &&str| columns(word) + MARK > room;
                    let fits = |line: &String| columns(line) <= room + 2 || shell.words(line).iter().any(is_wide);
                    assert!(lines.iter().all(fits), "{room}: {lines:?}");
                }
            }
        }
    }
}
