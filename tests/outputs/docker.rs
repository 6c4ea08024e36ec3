//! `-o docker-env`, read as `docker run --env-file` reads it.

use crate::support::{Host, Scenario};

use super::{VALUES, get, scenario};

/// Reads a file like `pkg/kvfile` of docker/cli: leading spaces and lines that begin with # are ignored, and the value
/// is everything after the first =. A line ends with a line feed, without a preceding carriage return.
fn docker(file: &str) -> Vec<(String, String)> {
    let lines = file.split_terminator('\n').map(|line| line.strip_suffix('\r').unwrap_or(line).trim_start());
    let pairs = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    pairs.map(|line| line.split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned())).expect("a value")).collect()
}

#[test]
fn docker_reads_every_written_value() {
    let (refused, written): (Vec<&str>, Vec<_>) = VALUES.iter().partition(|value| value.contains(['\n', '\r']));
    assert!(refused.len() > 4);
    for value in refused {
        let (scenario, names) = scenario(&[value, "the next one"]);
        let outcome = get(&scenario, &names, "docker-env").fails(1).prints("");
        outcome.shows("the value of V_0 cannot be written: Docker env files do not support multi-line values");
    }
    let (scenario, names) = scenario(&written);
    let expected: Vec<_> = written.iter().enumerate().map(|(n, v)| (format!("V_{n}"), (*v).to_owned())).collect();
    assert_eq!(docker(&get(&scenario, &names, "docker-env").succeeds().text()), expected);
}

#[test]
fn multi_line_values_are_named_and_no_partial_file_is_written() {
    let scenario = Scenario::on(Host::AppService).secret("a", "1").secret("pem", "x\ny\n").secret("cr", "x\r");
    let refused = scenario.azfob(["get", "a", "pem", "CR=cr", "-o", "docker-env", "--out-file", "env"]).fails(1);
    refused
        .shows("the values of PEM, CR cannot be written: Docker env files do not support multi-line values")
        .shows("azfob run");
    assert!(!scenario.work().join("env").exists());
    scenario.azfob(["get", "QUOTED=a", "-o", "docker-env", "--out-file", "env"]).succeeds().prints("");
    assert_eq!(std::fs::read_to_string(scenario.work().join("env")).unwrap(), "QUOTED=1\n");
}
