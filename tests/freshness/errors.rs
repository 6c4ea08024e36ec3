//! Generates `docs/errors.md` from the error table. Each row has a heading, which `azfob explain` links to.

use azfob::testing::{DOCUMENTED, commands, rows};

const ABOUT: &str = "# Errors

Every error that azfob explains, with its cause, its fix and the commands that fix it.

| to | run |
|---|---|
| find the cause on a host | `azfob diagnose` |
| find errors in another program's log | `azfob diagnose --log FILE` |
| explain a code, an HTTP status or a message | `azfob explain CODE` |

The names on this page, such as `my-vault` and `MySecret`, are examples. azfob fills in your names.
A `#` comment marks a command that changes a shared resource.

The four most frequent errors:

| Error | Cause | Fix |
|---|---|---|
";

/// Generates the page.
pub fn page() -> String {
    let mut page = ABOUT.to_owned();
    for row in DOCUMENTED {
        page.push_str(&format!("| [{}](#{}) | {} | {} |\n", row.error, row.code, row.cause, row.fix));
    }
    page.push_str("\n## All errors\n");
    for row in rows() {
        page.push_str(&format!("\n### {}\n\n{}\n\n", row.code, in_text(row.error)));
        page.push_str(&format!(
            "- Cause: {}\n- Fix: {}\n- [Source]({})\n",
            in_text(row.cause),
            in_text(row.fix),
            row.source
        ));
        let lines = commands(row);
        if !lines.is_empty() {
            page.push_str(&format!("\n```sh\n{}\n```\n", lines.join("\n")));
        }
    }
    page
}

/// Escapes Markdown markup.
fn in_text(text: &str) -> String {
    text.replace('*', "\\*").replace('_', "\\_").replace('<', "&lt;")
}

#[test]
fn every_code_has_a_heading_that_explain_links_to() {
    let page = page();
    for row in rows() {
        let heading = format!("\n### {}\n", row.code);
        assert_eq!(page.matches(&heading).count(), 1, "{}", row.code);
        // A heading's anchor is its text in small letters.
        let anchor = row.page();
        let (file, anchor) = anchor.split_once('#').unwrap();
        assert!(file.ends_with("/docs/errors.md") && anchor == row.code.to_lowercase(), "{file}#{anchor}");
    }
}
