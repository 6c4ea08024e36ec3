//! Formats tables without borders; without wrapping and escape codes unless stdout is a terminal.

use std::io::{self, Write};

use anstyle::Style;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::redact::{sanitize_line, strip_control_chars};

/// Columns of the terminal that are kept for cells that wrap.
const LEAST_FOR_THE_REST: u16 = 20;

/// Spaces between two columns.
const GAP: usize = 2;

const HEADER: Style = Style::new().bold();

/// The maximum width of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// No maximum: it is piped.
    Unlimited,
    /// Columns of a terminal.
    Terminal(u16),
}

impl Width {
    /// Returns the width of stdout's terminal.
    pub fn of_stdout() -> Self {
        Self::from_size(terminal_size::terminal_size_of(std::io::stdout()))
    }

    /// Returns the width of stderr's terminal.
    pub fn of_stderr() -> Self {
        Self::from_size(terminal_size::terminal_size_of(std::io::stderr()))
    }

    fn from_size(size: Option<(terminal_size::Width, terminal_size::Height)>) -> Self {
        match size {
            Some((terminal_size::Width(width), _)) if width > 0 => Width::Terminal(width),
            _ => Width::Unlimited,
        }
    }
}

/// The columns, by index and in order, that give way on a narrow terminal.
#[derive(Clone, Copy, Debug)]
pub struct NarrowLayout {
    /// Columns to truncate with an ellipsis.
    pub shortened: &'static [usize],
    /// Columns to omit if that is not enough.
    pub left_out: &'static [usize],
}

/// Minimum width of a truncated column.
const LEAST: usize = 8;

impl NarrowLayout {
    /// Reduces widths until the columns fit. Width zero omits a column.
    fn fit(self, widths: &mut [usize], room: usize) {
        let total =
            |widths: &[usize]| widths.iter().filter(|w| **w > 0).map(|w| w + GAP).sum::<usize>().saturating_sub(GAP);
        for column in self.shortened {
            let over = total(widths).saturating_sub(room);
            widths[*column] -= over.min(widths[*column].saturating_sub(LEAST));
        }
        for column in self.left_out {
            if total(widths) > room {
                widths[*column] = 0;
            }
        }
        // A name of up to 127 characters leaves room for the other columns.
        let over = total(widths).saturating_sub(room);
        if let Some(first) = widths.first_mut() {
            *first -= over.min(first.saturating_sub(LEAST));
        }
    }
}

/// Truncates text that is too wide, with an ellipsis.
pub(super) fn clip(cell: String, width: usize) -> String {
    if cell.width() <= width {
        return cell;
    }
    let mut kept = String::new();
    for letter in cell.chars() {
        if kept.width() + letter.width().unwrap_or(0) + 1 > width {
            break;
        }
        kept.push(letter);
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}

/// Writes a header and rows, one line each. The rows are produced twice, so that they are never in memory together.
///
/// # Errors
/// Returns the error of `to`.
pub fn write<R: Iterator<Item = Vec<String>>>(
    to: &mut dyn Write,
    header: &[&str],
    rows: impl Fn() -> R,
    width: Width,
    yielding: &NarrowLayout,
    bold: Bold,
) -> io::Result<()> {
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.width()).collect();
    for row in rows() {
        for (widest, cell) in widths.iter_mut().zip(&row) {
            *widest = (*widest).max(strip_control_chars(cell).width());
        }
    }
    if let Width::Terminal(columns) = width {
        yielding.fit(&mut widths, usize::from(columns));
    }
    let mut line = String::new();
    let mut lay_out = |cells: &mut dyn Iterator<Item = &str>, style: Option<Style>| {
        line.clear();
        for (column, (cell, width)) in cells.zip(&widths).enumerate().filter(|(_, (_, width))| **width > 0) {
            let cell = strip_control_chars(cell);
            let may_be_clipped = column == 0 || yielding.shortened.contains(&column);
            let cell = if may_be_clipped { clip(cell, *width) } else { cell };
            line.push_str(&cell);
            line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + GAP));
        }
        match style {
            Some(style) => writeln!(to, "{style}{}{style:#}", line.trim_end()),
            None => writeln!(to, "{}", line.trim_end()),
        }
    };
    lay_out(&mut header.iter().copied(), (bold == Bold::Header).then_some(HEADER))?;
    rows().try_for_each(|row| lay_out(&mut row.iter().map(String::as_str), None))
}

/// Formats a header and rows, with cells that wrap. Sanitizes the cells.
pub fn render(header: &[&str], rows: &[Vec<String>], width: Width, bold: Bold) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header.iter().copied());
    for row in rows {
        table.add_row(row.iter().map(|cell| sanitize_line(cell)));
    }
    match width {
        Width::Unlimited => table.set_content_arrangement(ContentArrangement::Disabled),
        Width::Terminal(columns) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(columns),
    };
    let widths = table.column_max_content_widths();
    // Columns from the left do not wrap as long as the others have room to.
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

/// What is bold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bold {
    Nothing,
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
        assert_eq!(lines[2], "b");
    }

    const NOTHING: NarrowLayout = NarrowLayout { shortened: &[], left_out: &[] };

    #[test]
    fn each_row_has_one_line_on_a_narrow_terminal() {
        let yielding = NarrowLayout { shortened: &[3, 2], left_out: &[3, 2, 1] };
        let rows = || std::iter::once(["a-name", "yes", "text/plain; charset=utf-8", "owner=世界世界世界, stage=test"]);
        let at = |columns| {
            let rows = || rows().map(|row| row.map(str::to_owned).to_vec());
            let mut out = Vec::new();
            write(&mut out, &["NAME", "OK", "TYPE", "TAGS"], rows, Width::Terminal(columns), &yielding, Bold::Nothing)
                .unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(
                text.lines().count() == 2 && text.lines().all(|line| line.width() <= usize::from(columns)),
                "{text}"
            );
            text.lines().last().unwrap().to_owned()
        };
        assert_eq!(at(80), "a-name  yes  text/plain; charset=utf-8  owner=世界世界世界, stage=test");
        assert_eq!(at(60), "a-name  yes  text/plain; charset=utf-8  owner=世界世界世界,…");
        assert_eq!(at(40), "a-name  yes  text/plain; char…  owner=…");
        assert_eq!(at(22), "a-name  yes  text/pl…");
        assert_eq!(at(12), "a-name  yes");
        assert_eq!(at(6), "a-name");
    }

    #[test]
    fn a_long_name_is_truncated() {
        let yielding = NarrowLayout { shortened: &[], left_out: &[1] };
        let long = "x".repeat(127);
        let rows =
            || [["short", "yes", "30 d"], [&long, "yes", "2 d"]].into_iter().map(|r| r.map(str::to_owned).to_vec());
        let mut out = Vec::new();
        write(&mut out, &["NAME", "OK", "EXPIRES"], rows, Width::Terminal(80), &yielding, Bold::Nothing).unwrap();
        let expected = format!("{:71}  EXPIRES\n{:71}  30 d\n{}…  2 d\n", "NAME", "short", &long[..70]);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn write_and_render_lay_out_alike() {
        let cells = ["", "a", "Grüße 世界", "🗝", "e\u{301}", "\u{1b}[2Jx\ty", " b ", "a\u{200b}b"];
        let rows: Vec<Vec<String>> =
            (0..64).map(|n| (0..3).map(|m| cells[(n * (m + 1) + m) % cells.len()].to_owned()).collect()).collect();
        for bold in [Bold::Nothing, Bold::Header] {
            let mut written = Vec::new();
            let header = ["NAME", "世", "TAGS"];
            write(&mut written, &header, || rows.iter().cloned(), Width::Unlimited, &NOTHING, bold).unwrap();
            let together = render(&["NAME", "世", "TAGS"], &rows, Width::Unlimited, bold);
            assert_eq!(String::from_utf8_lossy(&written), together);
        }
    }

    #[test]
    fn a_table_fits_its_terminal() {
        let rows = [vec!["a".repeat(60), "b".repeat(60)]];
        let text = render(&["NAME", "TAGS"], &rows, Width::Terminal(80), Bold::Nothing);
        assert!(text.lines().all(|line| line.len() <= 80) && text.lines().count() > 2, "{text}");
    }
}
