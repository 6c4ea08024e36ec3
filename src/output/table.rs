//! Tables for people, set once: no borders, no wrap and no escape codes where nobody looks.

use std::io::{self, Write};

use anstyle::Style;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use unicode_width::UnicodeWidthStr;

use super::terminal::harmless;

/// Columns that wrap get at least so many characters between them.
const LEAST_FOR_THE_REST: u16 = 20;

/// Between two columns.
const GAP: usize = 2;

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

/// Writes rows below a header, one after the other: they are made twice, so that they are nowhere together. What a terminal
/// shows is laid out as a whole.
///
/// # Errors
/// The writer's.
pub fn write<R: Iterator<Item = Vec<String>>>(
    to: &mut dyn Write,
    header: &[&str],
    rows: impl Fn() -> R,
    width: Width,
    bold: Bold,
) -> io::Result<()> {
    if width != Width::Unlimited {
        return to.write_all(render(header, &rows().collect::<Vec<_>>(), width, bold).as_bytes());
    }
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.width()).collect();
    for row in rows() {
        for (widest, cell) in widths.iter_mut().zip(&row) {
            *widest = (*widest).max(harmless(cell).width());
        }
    }
    let mut line = String::new();
    let mut lay_out = |cells: &mut dyn Iterator<Item = &str>, style: Option<Style>| {
        line.clear();
        for (cell, width) in cells.zip(&widths) {
            let cell = harmless(cell);
            line.push_str(&cell);
            line.extend(std::iter::repeat_n(' ', width + GAP - cell.width()));
        }
        match style {
            Some(style) => writeln!(to, "{style}{}{style:#}", line.trim_end()),
            None => writeln!(to, "{}", line.trim_end()),
        }
    };
    lay_out(&mut header.iter().copied(), (bold == Bold::Header).then_some(HEADER))?;
    rows().try_for_each(|row| lay_out(&mut row.iter().map(String::as_str), None))
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
        column.set_padding((0, GAP as u16));
        used += content + GAP as u16;
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
    fn rows_one_by_one_look_as_they_do_together() {
        let cells = ["", "a", "Grüße 世界", "🗝", "e\u{301}", "\u{1b}[2Jx\ty", " b ", "a\u{200b}b"];
        let rows: Vec<Vec<String>> =
            (0..64).map(|n| (0..3).map(|m| cells[(n * (m + 1) + m) % cells.len()].to_owned()).collect()).collect();
        for bold in [Bold::Nothing, Bold::Header] {
            let mut written = Vec::new();
            write(&mut written, &["NAME", "世", "TAGS"], || rows.iter().cloned(), Width::Unlimited, bold).unwrap();
            let together = render(&["NAME", "世", "TAGS"], &rows, Width::Unlimited, bold);
            assert_eq!(String::from_utf8_lossy(&written), together);
        }
    }

    #[test]
    fn a_terminal_is_never_overrun() {
        let rows = [vec!["a".repeat(60), "b".repeat(60)]];
        let text = render(&["NAME", "TAGS"], &rows, Width::Terminal(80), Bold::Nothing);
        assert!(text.lines().all(|line| line.len() <= 80) && text.lines().count() > 2, "{text}");
    }
}
