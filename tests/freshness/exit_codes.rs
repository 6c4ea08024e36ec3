//! Generates the section on exit codes of `docs/troubleshooting.md` from the help topic.

use azfob::testing::topics::exit_codes;

/// Returns the codes as a table, and the other paragraphs unchanged.
pub fn section() -> String {
    let codes = exit_codes();
    let (_, rest) = codes.split_once('\n').expect("a title");
    let is_code = |line: &&str| line.starts_with("  ");
    let codes = rest.lines().filter(is_code).map(|line| {
        let (code, meaning) = line.trim().split_once("  ").expect("a code and its meaning");
        format!("| {code} | {meaning} |\n")
    });
    let paragraphs: Vec<&str> = rest.lines().filter(|line| !is_code(line)).collect();
    format!("| code | meaning |\n|---|---|\n{}\n{}\n", codes.collect::<String>(), paragraphs.join("\n").trim())
}
