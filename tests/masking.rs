//! Masking by default: the settings, the encoded forms, and the sessions of coding agents.
#![cfg(unix)]

use crate::support::{Host, Outcome, Scenario};

const VALUE: &str = "pa\"ss wörd/+&-of-the-test";
const AGENTS: [&str; 4] = ["CLAUDECODE", "CURSOR_AGENT", "GEMINI_CLI", "COPILOT_AGENT_SESSION_ID"];

fn scenario() -> Scenario {
    Scenario::on(Host::AppService).secret("A", VALUE).secret("key", "line one\nline \"two\"\n")
}

/// Runs a script with the value in `X`, and the system's programs.
fn run(scenario: &Scenario, options: &[&str], script: &str) -> Outcome {
    let script = format!("PATH=/usr/bin:/bin\n{script}");
    scenario.azfob([&["run"], options, &["-e", "X=A", "Y=key", "--", "/bin/sh", "-c", &script]].concat())
}

#[test]
fn option_variable_and_file_turn_masking_on_and_off() {
    let print = "printf %s \"$X\"";
    let with_file = |text: &str| {
        let scenario = scenario().var("AZFOB_CONFIG", "azfob.toml");
        std::fs::write(scenario.work().join("azfob.toml"), text).unwrap();
        scenario
    };
    for (scenario, options, is_masked) in [
        (scenario(), &[][..], false),
        (scenario(), &["--mask"], true),
        (scenario().var("AZFOB_MASK", "1"), &[], true),
        (scenario().var("AZFOB_MASK", "1"), &["--no-mask"], false),
        (scenario().var("AZFOB_MASK", "0"), &["--mask"], true),
        (scenario().var("AZFOB_MASK", "0"), &[], false),
        (scenario(), &["--mask", "--no-mask"], false),
        (scenario(), &["--no-mask", "--mask"], true),
        (with_file("mask = true"), &[], true),
        (with_file("mask = true"), &["--no-mask"], false),
        (with_file("mask = true").var("AZFOB_MASK", "0"), &[], false),
        (with_file("mask = true\n[profiles.p]\nmask = false"), &["--profile", "p"], false),
        (with_file("[profiles.p]\nmask = true"), &["--profile", "p"], true),
    ] {
        let outcome = run(&scenario, options, print);
        outcome.succeeds().prints(if is_masked { "***" } else { VALUE });
    }
    run(&scenario().var("AZFOB_MASK", "yes"), &[], print).has_usage_error(&["AZFOB_MASK 'yes': expected 1 or 0"]);
    let outcome = run(&with_file("mask = 1"), &[], print).fails(2);
    outcome.shows("azfob.toml, line 1");
    let shown = scenario().var("AZFOB_MASK", "1").azfob(["whoami", "-o", "json"]).succeeds().json();
    let settings = shown["settings"].as_array().unwrap();
    assert!(settings.contains(&serde_json::json!({"name": "mask", "value": "on", "source": "AZFOB_MASK"})), "{shown}");
}

#[test]
fn base64_of_a_value_is_masked_at_every_position() {
    for (script, expected) in [
        ("printf %s \"$X\" | base64", "***\n"),
        ("printf %s \"$Y\" | base64", "***\n"),
        ("printf 'x%s' \"$X\" | base64 | cut -c3-8", "***\n"),
        ("printf %s \"$X\" | base64 | tr '+/' '-_' | tr -d =", "***\n"),
    ] {
        let outcome = run(&scenario(), &["--mask"], script);
        let text = outcome.succeeds().text();
        assert!(text == expected || script.contains("cut"), "{script}: {text}");
    }
    for before in ["", "u", "me", "me:", "user:"] {
        for after in ["", "\\n", "x", "xy"] {
            let script = format!("printf '{before}%s{after}' \"$X\" | base64 -w 0");
            let text = run(&scenario(), &["--mask"], &script).succeeds().text();
            let whole = run(&scenario(), &["--no-mask"], &script).succeeds().text();
            assert!(text.contains("***") && text.len() + 25 < whole.len(), "{script}: {text} of {whole}");
        }
    }
}

#[test]
fn wrapped_base64_of_a_long_value_is_masked() {
    let long = "0123456789abcdef".repeat(20);
    let scenario = Scenario::on(Host::AppService).secret("A", &long).secret("key", "x");
    let options = ["--mask", "-q"];
    for length in [0, 64, 76] {
        let outcome = run(&scenario, &options, &format!("printf %s \"$X\" | base64 -w {length}"));
        let text = outcome.succeeds().text();
        assert!(text.lines().all(|line| line.replace('=', "") == "***"), "{length}: {text}");
    }
}

#[test]
fn url_and_json_encodings_are_masked() {
    for encoded in [
        "https://x/?q=pa%22ss%20w%C3%B6rd%2F%2B%26-of-the-test&a=1",
        "https://x/?q=pa%22ss+w%c3%b6rd%2f%2b%26-of-the-test&a=1",
        r#"{"v": "pa\"ss wörd/+&-of-the-test"}"#,
        r#"{"v": "pa\"ss w\u00f6rd/+&-of-the-test"}"#,
        r#"{"v": "pa\"ss wörd\/+&-of-the-test"}"#,
        r#"{"v": "pa\u0022ss w\u00F6rd/\u002B\u0026-of-the-test"}"#,
        r#"{"v": "line one\nline \"two\"\n"}"#,
    ] {
        let text = run(&scenario(), &["--mask"], &format!("cat <<'E'\n{encoded}\nE")).succeeds().text();
        assert!(text.contains("***") && !text.contains("of-the-test") && !text.contains("two"), "{text}");
        assert!(text.contains("https://x/?q=***&a=1") || text.contains(r#"{"v": "***"}"#), "{text}");
    }
    // Other text stays as it is.
    let other = "pass word cGFzcw== %20 \\n\n";
    run(&scenario(), &["--mask"], &format!("cat <<'E'\n{other}E")).succeeds().prints(other);
}

#[test]
fn session_of_a_coding_agent_masks_with_one_note() {
    for name in AGENTS {
        let scenario = scenario().var(name, "1");
        let outcome = run(&scenario, &[], "printf %s \"$X\"").succeeds_with_messages().prints("***");
        assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
        outcome.shows(&format!(
            "note: the output is masked, because {name} shows a coding agent's session; see --no-mask"
        ));
        run(&scenario, &["-q"], "printf %s \"$X\"").succeeds().prints("***");
        run(&scenario, &["--mask"], "printf %s \"$X\"").succeeds().prints("***");
        run(&scenario, &["--no-mask"], "printf %s \"$X\"").succeeds().prints(VALUE);
        run(&scenario.var("AZFOB_MASK", "0"), &[], "printf %s \"$X\"").succeeds().prints(VALUE);
    }
    // These are set for people too.
    for name in ["CI", "CURSOR_TRACE_ID", "COPILOT_CLI", "TERM_PROGRAM", "AI_AGENT"] {
        run(&scenario().var(name, "true"), &[], "printf %s \"$X\"").succeeds().prints(VALUE);
    }
    run(&scenario().var("CLAUDECODE", ""), &[], "printf %s \"$X\"").succeeds().prints(VALUE);
}
