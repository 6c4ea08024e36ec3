//! Random values in every variable format, read back: `-o shell` by the installed shells, the others by the readers in
//! this folder. The formats are called without running azfob.
#![cfg(unix)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use azfob::testing::azure_pipelines::{self, Percents};
use azfob::testing::{SecretVariable, dotenv, github, shell};
use proptest::prelude::*;

use super::azure_agent::{Job, Multiline};
use super::{dotenv_readers, github_runner};

/// Characters that have a meaning to a shell, runner or reader are more likely. dash uses the bytes `\u{81}` to
/// `\u{88}` for its own marks.
fn value() -> impl Strategy<Value = String> {
    let meaningful = proptest::sample::select(vec![
        "'",
        "\"",
        "\\",
        "$",
        "`",
        "\n",
        "\r",
        "\r\n",
        "#",
        " ",
        "\t",
        "%",
        "=",
        ";",
        "]",
        "!",
        "~",
        "*",
        "?",
        "(",
        ")",
        "{",
        "}",
        "<<",
        "&",
        "|",
        "EOF",
        "%0A",
        "%AZP25",
        "::add-mask::",
        "##vso[",
        "${",
        "$(",
        "\\'",
        "\u{1}",
        "\u{7f}",
        "\u{81}",
        "\u{88}",
        "\u{1b}[0m",
        "\u{feff}",
        "\u{202e}",
        "ä",
        "🗝",
        "-n",
        "\\c",
        "'\\''",
    ])
    .prop_map(str::to_owned);
    let plain = "[a-zA-Z0-9]{1,6}";
    let any = any::<char>().prop_filter("no variable holds it", |c| *c != '\0').prop_map(String::from);
    let piece = prop_oneof![4 => meaningful, 2 => plain, 1 => any];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// The variables `V_0`, `V_1` and so on, with these values.
fn named(values: &[String]) -> Vec<(String, String)> {
    values.iter().enumerate().map(|(n, value)| (format!("V_{n}"), value.clone())).collect()
}

fn variables(named: &[(String, String)]) -> Vec<SecretVariable<'_>> {
    named.iter().map(|(name, value)| SecretVariable { name, value }).collect()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("it is text")
}

/// The installed shells, at least `sh`.
pub(super) fn shells() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let find = |name: &str| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    let found: Vec<_> =
        ["sh", "bash", "dash", "busybox", "ksh", "mksh", "zsh"].iter().filter_map(|name| find(name)).collect();
    assert!(found.iter().any(|shell| shell.ends_with("sh")), "there is a shell");
    found
}

/// The variables `V_0`, `V_1` and so on after a shell has evaluated the text.
pub(super) fn evaluated(shell: &Path, text: &str, count: usize) -> Vec<String> {
    let names: Vec<_> = (0..count).map(|n| format!("\"$V_{n}\"")).collect();
    let script = format!("set -eu\neval \"$(cat)\"\nprintf '%s\\0' {}\n", names.join(" "));
    let mut command = Command::new(shell);
    if shell.ends_with("busybox") {
        command.arg("sh");
    }
    command.args(["-c", &script]).env_clear().env("PATH", "/usr/bin:/bin");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}: {}", shell.display(), output.status);
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.split_terminator('\0').map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn shells_read_exact_bytes(values in proptest::collection::vec(value(), 1..8)) {
        let named = named(&values);
        let lines: Vec<_> = variables(&named).iter().flat_map(|variable| shell::line(variable).to_vec()).collect();
        for shell in shells() {
            prop_assert_eq!(&evaluated(&shell, text(&lines), values.len()), &values, "{}", shell.display());
        }
    }

    #[test]
    fn jobs_read_exact_bytes(values in proptest::collection::vec(value(), 1..8)) {
        let expected = named(&values);
        let variables = variables(&expected);
        let entries = github::entries(&variables, || "azfob_delimiter".to_owned());
        prop_assert_eq!(github_runner::environment(text(&entries)).unwrap(), &expected[..]);
        let commands = azure_pipelines::commands(&variables, Percents::Decoded).unwrap();
        prop_assert_eq!(Job::of(text(&commands), Multiline::Allowed).variables, expected);
    }

    #[test]
    fn dotenv_readers_read_exact_bytes_or_value_is_refused(value in value()) {
        let expected = named(&[value]);
        let variables = variables(&expected);
        match dotenv::check(&variables) {
            Ok(()) => {
                for (reader, read) in dotenv_readers::READERS {
                    prop_assert_eq!(read(text(&dotenv::line(&variables[0]))), &expected[..], "{}", reader);
                }
            }
            Err(error) => prop_assert!(error.to_string().contains(".env parsers disagree"), "{error}"),
        }
    }
}
