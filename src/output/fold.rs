//! Wraps text to the width of a terminal.

use super::table::Width;

/// Wraps text and indents each line but the first. It never breaks a word: a long ID or address overflows, so that it can
/// be copied.
pub fn fold(text: &str, indent: usize, width: Width) -> String {
    let Width::Terminal(columns) = width else { return text.to_owned() };
    let room = usize::from(columns).saturating_sub(indent).max(20);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("starts with one line");
        let (length, more) = (columns_of(last), columns_of(word));
        // A word that fits on no line overflows anyway.
        if !last.is_empty() && length + 1 + more > room && more <= room {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines.retain(|line| !line.is_empty());
    lines.join(&format!("\n{}", " ".repeat(indent)))
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
    fn continued_lines_are_aligned_and_colors_have_no_width() {
        let text =
            "\u{1b}[1merror:\u{1b}[0m invalid value 'x' for '--color'\n  [possible values: auto, always, never]\n\nend";
        let narrow = "\u{1b}[1merror:\u{1b}[0m invalid value 'x' for\n       '--color'\n  [possible values: auto,\n            always, never]\n\nend";
        assert_eq!(fold_lines(text, Width::Terminal(32)), narrow);
        assert_eq!(fold_lines(text, Width::Unlimited), text);
    }
}
