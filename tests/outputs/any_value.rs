//! Any value at all, through every output for variables, read back by who reads it: `-o shell` by the shells of this
//! machine, the others by the readers beside this file.
#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::azure_agent::{Job, Multiline};
use super::{dotenv_readers, get, github_runner, scenario};

/// What has a meaning to some shell, runner or reader, more often than chance would have it. `\u{81}` to `\u{88}` are
/// bytes that dash uses for marks of its own.
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

/// Those of these shells that are here, and `sh` in any case.
fn shells() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let find = |name: &str| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    let found: Vec<_> =
        ["sh", "bash", "dash", "busybox", "ksh", "mksh", "zsh"].iter().filter_map(|name| find(name)).collect();
    assert!(found.iter().any(|shell| shell.ends_with("sh")), "there is a shell");
    found
}

/// The variables `V_0` and on, as a shell has them after evaluating the text.
fn evaluated(shell: &Path, text: &str, count: usize) -> Vec<String> {
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
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_shell_has_it_to_the_byte(values in proptest::collection::vec(value(), 1..8)) {
        let (scenario, names) = scenario(&values.iter().map(String::as_str).collect::<Vec<_>>());
        let text = get(&scenario, &names, "shell").succeeds_with_words().text();
        for shell in shells() {
            prop_assert_eq!(&evaluated(&shell, &text, values.len()), &values, "{}", shell.display());
        }
    }

    #[test]
    fn a_job_has_it_to_the_byte(values in proptest::collection::vec(value(), 1..8)) {
        let (scenario, names) = scenario(&values.iter().map(String::as_str).collect::<Vec<_>>());
        let expected: Vec<_> = values.iter().enumerate().map(|(n, value)| (format!("V_{n}"), value.clone())).collect();
        let file = scenario.work().join("github_env");
        fs::write(&file, "").unwrap();
        let scenario = scenario.var("GITHUB_ENV", &file);
        let _ = get(&scenario, &names, "github").succeeds_with_words();
        prop_assert_eq!(github_runner::environment(&fs::read_to_string(&file).unwrap()).unwrap(), &expected[..]);
        let text = get(&scenario, &names, "azure-pipelines").succeeds_with_words().text();
        prop_assert_eq!(Job::of(&text, Multiline::Allowed).variables, expected);
    }

    #[test]
    fn readers_of_env_files_have_it_to_the_byte_or_it_is_refused(value in value()) {
        let (scenario, names) = scenario(&[&value]);
        let outcome = get(&scenario, &names, "dotenv");
        if outcome.code == Some(0) {
            for (reader, read) in dotenv_readers::READERS {
                prop_assert_eq!(read(&outcome.text()), vec![("V_0".to_owned(), value.clone())], "{}", reader);
            }
        } else {
            let _ = outcome.fails(1).tells("readers of .env files would disagree");
        }
    }
}
