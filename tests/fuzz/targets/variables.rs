//! Every variable format, read by parsers that share no code with azfob.
#![no_main]

#[path = "../../outputs/azure_agent.rs"]
#[allow(dead_code, unreachable_pub)]
mod azure_agent;
#[path = "../../outputs/dotenv_readers.rs"]
mod dotenv_readers;
#[path = "../../outputs/github_runner.rs"]
#[allow(dead_code)]
mod github_runner;
#[path = "../shell_reader.rs"]
mod shell_reader;

use std::cell::Cell;

use azfob::testing::azure_pipelines::{self, Percents};
use azfob::testing::{SecretVariable, dotenv, github, shell};
use azure_agent::{Job, Multiline};

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text in, text out")
}

fn joined<L: AsRef<[u8]>>(variables: &[SecretVariable<'_>], line: impl Fn(&SecretVariable<'_>) -> L) -> Vec<u8> {
    variables.iter().flat_map(|variable| line(variable).as_ref().to_vec()).collect()
}

libfuzzer_sys::fuzz_target!(|values: (&str, &str)| {
    // Values with a NUL are refused earlier.
    if values.0.contains('\0') || values.1.contains('\0') {
        return;
    }
    let variables = [SecretVariable { name: "A", value: values.0 }, SecretVariable { name: "B_2", value: values.1 }];
    let expected = variables.map(|variable| (variable.name.to_owned(), variable.value.to_owned()));

    assert_eq!(shell_reader::exported(text(&joined(&variables, shell::line))), expected);

    let drawn = Cell::new(0u32);
    let delimiter = || {
        drawn.set(drawn.get() + 1);
        format!("azfob-{}", drawn.get() / 2)
    };
    assert_eq!(github_runner::environment(text(&github::entries(&variables, delimiter))).unwrap(), expected);

    let commands = azure_pipelines::commands(&variables, Percents::Decoded).unwrap();
    assert_eq!(Job::of(text(&commands), Multiline::Allowed).variables, expected);

    if dotenv::check(&variables).is_ok() {
        let lines = joined(&variables, dotenv::line);
        for (reader, read) in dotenv_readers::READERS {
            assert_eq!(read(text(&lines)), expected, "{reader}");
        }
    }

    // Every line of three or more characters is masked in both logs.
    let (_, masks) = github_runner::log(text(&github::masks(&variables)), [].into_iter());
    let secrets = Job::of(text(&commands), Multiline::Allowed).secrets_before_variables;
    for line in variables.iter().flat_map(|variable| variable.value.split(['\r', '\n'])) {
        let line = line.trim();
        if line.chars().count() >= 3 {
            assert!(masks.iter().any(|mask| line.contains(mask.as_str())), "{line:?} is not among {masks:?}");
            assert!(secrets.iter().any(|secret| line.contains(secret.as_str())), "{line:?} is not among {secrets:?}");
        }
    }
});
