//! Formats tab-separated rows for scripts: no header, and no tab or line break inside a cell.

use crate::redact::strip_control_chars;

/// Joins cells with tabs and adds a newline.
pub fn line(cells: &[String]) -> String {
    let mut line = cells.iter().map(|cell| strip_control_chars(cell)).collect::<Vec<_>>().join("\t");
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_cannot_forge_a_column_or_a_line() {
        let cells = ["a\tb".to_owned(), "c\nd".to_owned(), String::new()];
        assert_eq!(line(&cells), "a b\tc d\t\n");
    }
}
