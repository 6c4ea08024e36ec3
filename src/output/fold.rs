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
        let (length, more) = (last.chars().count(), word.chars().count());
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
}
