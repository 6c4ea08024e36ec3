//! The page of exit codes, made of the help topic that azfob prints.

use azfob::testing::topics::exit_codes;

/// The whole page: the codes as a table, the rest as it is.
pub fn page() -> String {
    let codes = exit_codes();
    let (title, rest) = codes.split_once('\n').expect("a title");
    let is_code = |line: &&str| line.starts_with("  ");
    let codes = rest.lines().filter(is_code).map(|line| {
        let (code, meaning) = line.trim().split_once("  ").expect("a code and what it means");
        format!("| {code} | {meaning} |\n")
    });
    let words: Vec<&str> = rest.lines().filter(|line| !is_code(line)).collect();
    format!("# {title}\n\n| code | means |\n|---|---|\n{}\n{}\n", codes.collect::<String>(), words.join("\n").trim())
}
