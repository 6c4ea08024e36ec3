//! Formats masks for the log of GitHub Actions, on stdout, and variables for the next steps, in the file `$GITHUB_ENV`.
//!
//! The runner masks single lines, so each line gets a mask. All masks come before the first value
//! (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>).

use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::env::{self, Env};
use crate::redact::stream::lines_to_mask;

use super::variable::{END_OF_LINE, SecretVariable};

/// Returns the path of the file for the job's next steps.
///
/// # Errors
/// Returns an error if `GITHUB_ENV` is not set, or if the file does not exist. The runner creates it; a new file could be
/// read by other users.
pub fn file(env: &Env) -> Result<PathBuf, String> {
    let missing = "-o github: GITHUB_ENV is not set, so this is not a GitHub Actions step";
    let path = env.get_os(env::GITHUB_ENV).map(PathBuf::from).ok_or(missing)?;
    if path.is_file() {
        return Ok(path);
    }
    let reason = "expected the file that the runner creates for each step";
    Err(format!("{} names {}, which is not an existing file: {reason}", env::GITHUB_ENV, path.display()))
}

/// Formats the commands that mask every line of every value.
pub fn masks(variables: &[SecretVariable<'_>]) -> Zeroizing<Vec<u8>> {
    let room = variables.iter().map(|v| 4 * v.value.len() + 32).sum();
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    for line in variables.iter().flat_map(|v| lines_to_mask(v.value).0) {
        text.extend_from_slice(b"::add-mask::");
        // The runner decodes line breaks and percent signs, and a line has no line break.
        line.bytes().for_each(|byte| match byte {
            b'%' => text.extend_from_slice(b"%25"),
            byte => text.push(byte),
        });
        text.extend_from_slice(END_OF_LINE.as_bytes());
    }
    text
}

/// Formats the entries for the file. `delimiter` returns a new line for each call; the value must not contain it.
pub fn entries(variables: &[SecretVariable<'_>], delimiter: impl Fn() -> String) -> Zeroizing<Vec<u8>> {
    let room = variables.iter().map(|v| v.name.len() + v.value.len() + 128).sum();
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    for variable in variables {
        let mut end = delimiter();
        while variable.value.contains(&end) {
            end = delimiter();
        }
        for part in [variable.name, "<<", &end, END_OF_LINE, variable.value, END_OF_LINE, &end, END_OF_LINE] {
            text.extend_from_slice(part.as_bytes());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn each_line_is_masked_and_no_value_contains_its_delimiter() {
        let variables =
            [SecretVariable { name: "A", value: "100%\n::x\n" }, SecretVariable { name: "B", value: "end-0" }];
        assert_eq!(
            String::from_utf8_lossy(&masks(&variables)),
            format!("::add-mask::100%25{E}::add-mask::::x{E}::add-mask::end-0{E}", E = END_OF_LINE)
        );
        let drawn = Cell::new(0);
        let delimiter = || {
            drawn.set(drawn.get() + 1);
            format!("end-{}", (drawn.get() - 1) / 2)
        };
        let text = String::from_utf8_lossy(&entries(&variables, delimiter)).replace("\r\n", "\n");
        assert_eq!(text, "A<<end-0\n100%\n::x\n\nend-0\nB<<end-1\nend-0\nend-1\n");
    }
}
