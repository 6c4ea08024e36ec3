//! Tables for people, set once: no borders, no wrap and no escape codes where nobody looks.

use anstyle::Style;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};

use super::terminal::harmless;

/// Columns that wrap get at least so many characters between them.
const LEAST_FOR_THE_REST: u16 = 20;

const HEADER: Style = Style::new().bold();

/// How wide a table may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// As wide as its text: it is piped.
    Unlimited,
    /// So many columns of a terminal.
    Terminal(u16),
}

impl Width {
    /// The width of the terminal that stdout is, where it is one.
    pub fn of_stdout() -> Self {
        match terminal_size::terminal_size_of(std::io::stdout()) {
            Some((terminal_size::Width(width), _)) if width > 0 => Width::Terminal(width),
            _ => Width::Unlimited,
        }
    }
}

/// Lays out rows below a header. Cells are made harmless; `bold` is for the header.
pub fn render(header: &[&str], rows: &[Vec<String>], width: Width, bold: Bold) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header.iter().copied());
    for row in rows {
        table.add_row(row.iter().map(|cell| harmless(cell)));
    }
    match width {
        Width::Unlimited => table.set_content_arrangement(ContentArrangement::Disabled),
        Width::Terminal(columns) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(columns),
    };
    let widths = table.column_max_content_widths();
    // The columns from the left keep their words whole, as long as the rest has room to wrap in.
    let room = match width {
        Width::Unlimited => 0,
        Width::Terminal(columns) => columns.saturating_sub(LEAST_FOR_THE_REST),
    };
    let mut used = 0;
    let last = widths.len().saturating_sub(1);
    for (at, (column, content)) in table.column_iter_mut().zip(widths).enumerate() {
        column.set_padding((0, 2));
        used += content + 2;
        if at < last && used <= room {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    let mut text = String::new();
    for (number, line) in table.lines().enumerate() {
        let line = line.trim_end();
        if number == 0 && bold == Bold::Header {
            text.push_str(&format!("{HEADER}{line}{HEADER:#}\n"));
        } else {
            text.push_str(&format!("{line}\n"));
        }
    }
    text
}

/// What stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bold {
    /// Nothing.
    Nothing,
    /// The header.
    Header,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piped_table_neither_wraps_nor_has_escape_codes() {
        let rows = [vec!["a".repeat(200), "\u{1b}[31mred".to_owned()], vec!["b".to_owned(), String::new()]];
        let text = render(&["NAME", "TAGS"], &rows, Width::Unlimited, Bold::Nothing);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[0].starts_with("NAME ") && lines[0].ends_with("TAGS"), "{text}");
        assert!(lines[1].ends_with("a  [31mred") && !text.contains('\u{1b}'), "{text}");
        assert_eq!(lines[2], "b", "no blanks at the end");
    }

    #[test]
    fn a_terminal_is_never_overrun() {
        let rows = [vec!["a".repeat(60), "b".repeat(60)]];
        let text = render(&["NAME", "TAGS"], &rows, Width::Terminal(80), Bold::Nothing);
        assert!(text.lines().all(|line| line.len() <= 80) && text.lines().count() > 2, "{text}");
    }
}
