//! `azfob inject`: the output is parsed with independent readers.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use serde_json::json;

use crate::outputs::{VALUES, dotenv_readers};
use crate::support::{Host, Outcome, Scenario};

#[path = "fuzz/properties_reader.rs"]
mod properties_reader;

/// A vault with this value as `V`, and a file with this name and text in the working folder.
fn file(value: &str, name: &str, text: &str) -> Scenario {
    let scenario = Scenario::on(Host::AppService).secret("V", value);
    fs::write(scenario.work().join(name), text).unwrap();
    scenario
}

/// The same without running azfob, for the many combinations of values and places.
fn inject_text(value: &str, name: &str, text: &str) -> String {
    azfob::testing::inject(name, text, value).unwrap()
}

fn run_inject(value: &str, name: &str, text: &str) -> Outcome {
    file(value, name, text).azfob(["inject", "-q", name])
}

#[test]
fn json_reads_every_value_and_keeps_the_rest() {
    let text = r#"{ "whole":"akv://my-vault/V",  "app-service": " @Microsoft.KeyVault(VaultName=my-vault;SecretName=V) ",
        "in": "a \"{{ V }}\" b{{V}}", "bare": {{ akv://my-vault/V }}, "n": [1.50, "{{", true, "ref+azurekeyvault:\/\/my-vault\/V"],
        "akv://my-vault/key": "kept", "said": "see akv://my-vault/V" }
"#;
    for value in VALUES {
        let written: serde_json::Value = serde_json::from_str(&inject_text(value, "app.json", text)).unwrap();
        let expected = json!({
            "whole": value, "app-service": value, "in": format!("a \"{value}\" b{value}"), "bare": value,
            "n": [1.5, "{{", true, value], "akv://my-vault/key": "kept", "said": "see akv://my-vault/V",
        });
        assert_eq!(written, expected);
    }
    let commented = "// {{ V }} and \"\n{/* {{ V }} */ \"a\": \"{{ V }}\" }\n";
    let expected = "// {{ V }} and \"\n{/* {{ V }} */ \"a\": \"x\" }\n";
    run_inject("x", "app.json", commented).succeeds().prints(expected);
}

/// The program writes and refuses each format like [`inject_text`].
#[test]
fn program_writes_every_format() {
    let value = "it's \"both\": 1";
    for (name, text) in [
        ("app.json", "{ \"a\": \"akv://my-vault/V\" }"),
        ("app.yaml", "a: {{ V }}\n"),
        ("app.toml", "a = {{ V }}\n"),
        ("app.properties", "a = {{ V }}\n"),
        ("nginx.conf", "a {{ V }};\n"),
    ] {
        run_inject(value, name, text).succeeds().prints(inject_text(value, name, text));
    }
    run_inject("a\"b", "app.env", "A={{ V }}\n").succeeds().prints(inject_text("a\"b", "app.env", "A={{ V }}\n"));
    let value = "it's \"both\"\n";
    for (name, text) in [("app.yaml", "a: >-\n  x\n  {{ V }}\n  y\n"), ("app.env", "A={{ V }}\n")] {
        let reason = azfob::testing::inject(name, text, value).unwrap_err();
        run_inject(value, name, text).fails(1).prints("").shows(&reason);
    }
}

#[test]
fn yaml_reads_every_value_and_keeps_the_rest() {
    use saphyr::{LoadableYamlNode, Yaml};
    let text = "# {{ V }}\nwhole: akv://my-vault/V\nquoted: \"akv://my-vault/V\"   # {{ V }}\n\
                single: '@Microsoft.KeyVault(VaultName=my-vault;SecretName=V)'\ndouble: \"a:{{ V }}\n  b\"\n\
                plain: https://u:{{ V }}@host # said\nalone: {{ V }}\ntagged: !!str {{ V }}\nlist:\n- {{ V }}\n\
                -   deep: {{ V }}\n    'quoted key': {{V}}\n- - {{ V }}\nflow: [ {{ V }}, \"x {{ V }}\", {a: {{ V }}, b: akv://my-vault/V}]\n\
                akv-key: said akv://my-vault/V\nnumber: 012\nmulti: it\n  goes on\n";
    for value in VALUES {
        let written = inject_text(value, "app.yaml", text);
        let documents = Yaml::load_from_str(&written).unwrap_or_else(|error| panic!("{error}:\n{written}"));
        let root = &documents[0];
        let at = |key: &str| root[key].as_str().unwrap_or_else(|| panic!("{key} of {written}")).to_owned();
        for key in ["whole", "quoted", "single", "alone", "tagged"] {
            assert_eq!(at(key), *value, "{key}: {written}");
        }
        assert_eq!(at("double"), format!("a:{value} b"));
        assert_eq!(at("plain"), format!("https://u:{value}@host"));
        assert_eq!((at("akv-key"), at("multi")), ("said akv://my-vault/V".to_owned(), "it goes on".to_owned()));
        let (list, flow) = (&root["list"], &root["flow"]);
        let nested =
            [&list[0], &list[1]["deep"], &list[1]["quoted key"], &list[2][0], &flow[0], &flow[2]["a"], &flow[2]["b"]];
        assert!(nested.iter().all(|found| found.as_str() == Some(value)), "{written}");
        assert_eq!(flow[1].as_str(), Some(format!("x {value}").as_str()));
        assert!(
            written.starts_with("# {{ V }}\nwhole: \"")
                && written.contains("# {{ V }}\nsingle")
                && written.contains("number: 012\n")
        );
    }
}

#[test]
fn yaml_keeps_block_indent_and_quote_style() {
    let pem = "-----BEGIN KEY-----\nMIIB\n-----END KEY-----";
    let text = "tls:\n  key: |\n    {{ V }}\n  next: 'it''s {{ W }}'\n";
    let scenario = file(pem, "app.yml", text).secret("W", "it's");
    let expected = "tls:\n  key: |\n    -----BEGIN KEY-----\n    MIIB\n    -----END KEY-----\n  next: 'it''s it''s'\n";
    scenario.azfob(["inject", "app.yml"]).succeeds().prints(expected);
    for (text, reason) in [
        ("a: 'x {{ V }}'\n", "line 1, cannot be written: YAML single quotes cannot contain"),
        ("a: 1\nb: [x{{ V }}]\n", "line 2: a reference inside a plain scalar"),
        ("a: x\n  {{ V }}\n", "line 2: a reference in a plain scalar of several lines"),
        // Dashes, brackets and quotes are text in the next lines of a plain scalar.
        ("a: x\n  - {{ V }}\n", "line 2: a reference in a plain scalar of several lines"),
        ("a:\n  x\n\n y [ {{ V }} ]\n", "line 4: a reference in a plain scalar of several lines"),
        ("- x\n - akv://my-vault/V\n", "line 2: a reference in a plain scalar of several lines"),
        ("x\n- {{ V }}\n", "line 2: a reference in a plain scalar of several lines"),
        // `!:` is a tag, and the text of a document's only scalar need not be indented.
        ("!: |\nx {{ V }}\n", "line 1: a reference in a block scalar without a key"),
        ("a: x\n--- >\n{{ V }}\n", "line 2: a reference in a block scalar without a key"),
        ("--- x\n\"{{ V }}\"\n", "line 2: a reference in a plain scalar of several lines"),
        ("b: 1\na: {{ V }}\n  x\n", "line 2: a reference in a plain scalar of several lines"),
        ("a: \"x {{ V }}\n", "line 1: the closing quote is missing"),
        ("a: [\"{{ V }}\"\n", "line 1: the closing bracket is missing"),
    ] {
        let outcome = run_inject("two\nlines", "app.yaml", text);
        assert!(matches!(outcome.code, Some(1 | 2)) && outcome.text().is_empty(), "{text}: {}", outcome.text());
        outcome.shows(reason);
    }
}

/// A block ends at the next key of its mapping, also if a dash precedes the first key.
#[test]
fn yaml_is_read_as_far_as_its_marks_reach() {
    for (text, expected) in [
        ("- a: |\n    {{ V }}\n  b: {{ V }}\n", "- a: |\n    x: y\n  b: \"x: y\"\n"),
        ("- - >-\n    q\n  - akv://my-vault/V\n", "- - >-\n    q\n  - \"x: y\"\n"),
        ("- - a: &b |\n      q\n    c: {{ V }}\n", "- - a: &b |\n      q\n    c: \"x: y\"\n"),
        ("'it''s': akv://my-vault/V\n\"a\\\"b\": {{ V }}\n", "'it''s': \"x: y\"\n\"a\\\"b\": \"x: y\"\n"),
        ("{\"akv://my-vault/k\": \"akv://my-vault/V\"}\n", "{\"akv://my-vault/k\": \"x: y\"}\n"),
        ("a: # {{ V }}\n  b: {{ V }}\n", "a: # {{ V }}\n  b: \"x: y\"\n"),
        ("a: b\n  c\n  # {{ V }}\nd: {{ V }}\n", "a: b\n  c\n  # {{ V }}\nd: \"x: y\"\n"),
        ("a: b\n  c # {{ V }}\nd:\n- e\n- {{ V }}\n", "a: b\n  c # {{ V }}\nd:\n- e\n- \"x: y\"\n"),
        ("a\n---\n- {{ V }}\n...\n--- {{ V }}\n", "a\n---\n- \"x: y\"\n...\n--- \"x: y\"\n"),
        ("a: &b\n  c: {{ V }}\n", "a: &b\n  c: \"x: y\"\n"),
    ] {
        run_inject("x: y", "app.yaml", text).succeeds().prints(expected);
    }
}

/// YAML drops the blanks around a line end, and an empty line is a line break.
#[test]
fn empty_value_beside_a_fold_of_yaml_is_refused() {
    for text in ["x {{ V }}\nb", "x\n{{ V }} b", "x\n {{ V }}{{ V }} \nb", "x\n{{ V }}\nb", "x {{ V }}{{ V }}\r\nb"] {
        for quote in ['"', '\''] {
            let text = format!("a: {quote}{text}{quote}\n");
            assert_eq!(azfob::testing::inject("a.yaml", &text, "").ok(), None, "{text}");
            assert!(azfob::testing::inject("a.yaml", &text, "v").is_ok(), "{text}");
        }
    }
    for text in
        ["x {{ V }} b", "{{ V }}\nb", "x{{ V }}\nb", "x\n{{ V }}b", "x\n{{ V }}", "x\ny {{ V }} b\nz", "x\ny {{ V }}"]
    {
        for quote in ['"', '\''] {
            let text = format!("a: {quote}{text}{quote}\n");
            let expected = text.replace("{{ V }}", "");
            assert_eq!(azfob::testing::inject("a.yaml", &text, "").ok(), Some(expected), "{text}");
        }
    }
}

#[test]
fn value_that_yaml_would_change_is_refused() {
    use saphyr::{LoadableYamlNode, Yaml};
    let lines = [" lead", "  a\nb: c", "\n  a", "two\nlines", "ends\n", "trail ", "\tx", "\u{2028}x", "a: b # c"];
    for (text, expected, refused) in [
        ("a: |+\n  {{ V }}\nb: 1\n", "{}\n", 4),
        ("a: |2+\n  {{ V }}\nb: 1\n", "{}\n", 1),
        ("a: |\n  x\n  {{ V }}\n  y\n", "x\n{}\ny\n", 1),
        ("a: >-\n  x\n  {{ V }}\n  y\n", "x {} y", 7),
        ("a: >-\n  x {{ V }}\n  y\n", "x {} y", 5),
        ("a: |\n  x\n    {{ V }}\n  y\n", "x\n  {}\ny\n", 5),
        ("a: |2\n    {{ V }}\n  y\n", "  {}\ny\n", 5),
        ("a: 'x{{ V }}\n  y'\n", "x{} y", 8),
        ("--- {a: \"{{ V }}\"}\n", "{}", 0),
    ] {
        let mut refusals = 0;
        for value in VALUES.iter().chain(&lines) {
            let written = match azfob::testing::inject("app.yaml", text, value) {
                Ok(written) => written,
                Err(reason) => {
                    refusals += usize::from(lines.contains(value));
                    assert!(reason.contains("cannot be written: ") && reason.contains("; use "), "{reason}");
                    continue;
                }
            };
            let documents = Yaml::load_from_str(&written).unwrap_or_else(|error| panic!("{error}:\n{written}"));
            assert_eq!(documents[0]["a"].as_str(), Some(expected.replace("{}", value).as_str()), "{written}");
        }
        assert_eq!(refusals, refused, "{text}");
    }
    run_inject("x y", "app.yaml", "--- akv://my-vault/V\n").succeeds().prints("--- \"x y\"\n");
    // A long reference is in a block, as long lines are.
    let text = "a:\n  b: >- # kept\n    @Microsoft.KeyVault(VaultName=my-vault;SecretName=V)\n\n  c: |\n    akv://my-vault/V\n    x\n";
    let expected = "a:\n  b: \"x y\" # kept\n\n  c: |\n    akv://my-vault/V\n    x\n";
    run_inject("x y", "app.yaml", text).succeeds().prints(expected);
}

#[test]
fn toml_reads_every_value() {
    let text = "# {{ V }} \"\na = \"x {{ V }} \\\" y\"\nb = {{ V }}\nc = \"\"\"\nz{{ V }}\"\"\"\nd = 'akv://my-vault/V'\n[t]\ne = [ {{ V }}, 'q' ]\n";
    for value in VALUES {
        let written = inject_text(value, "app.toml", text);
        let read: toml::Table = toml::from_str(&written).unwrap_or_else(|error| panic!("{error}: {written}"));
        assert_eq!(read["a"].as_str(), Some(format!("x {value} \" y").as_str()));
        assert_eq!((read["b"].as_str(), read["t"]["e"][0].as_str()), (Some(*value), Some(*value)));
        assert_eq!(read["c"].as_str(), Some(format!("z{value}").as_str()));
        assert_eq!(
            read["d"].as_str(),
            Some("akv://my-vault/V"),
            "what JSON and YAML resolve is a text like others here"
        );
    }
    run_inject("plain", "a.toml", "a = 'x {{ V }}'\n").succeeds().prints("a = 'x plain'\n");
    run_inject("it's", "a.toml", "a = 'x {{ V }}'\n").fails(1).prints("").shows("a TOML literal string");
}

/// PyYAML and others refuse a file with such a character.
#[test]
fn unprintable_character_is_escaped_in_yaml() {
    for (value, written) in [("\u{fffe}", "a: \"\\ufffe\"\n"), ("\u{ffff}", "a: \"\\uffff\"\n")] {
        assert_eq!(azfob::testing::inject("app.yaml", "a: {{ V }}\n", value).as_deref(), Ok(written));
        for text in ["a: '{{ V }}'\n", "a: |\n  {{ V }}\n"] {
            let reason = azfob::testing::inject("app.yaml", text, value).expect_err(text);
            assert!(reason.contains("cannot be written: ") && reason.contains("; use "), "{reason}");
        }
    }
}

#[test]
fn reference_in_a_plain_key_of_yaml_is_refused() {
    for text in ["{{ V }}: b\n", "- x{{ V }}: b\n", "a:\n  {{ V }}:\n    b\n"] {
        let reason = azfob::testing::inject("app.yaml", text, "v").expect_err(text);
        assert!(reason.contains("a reference in a key"), "{reason}");
    }
    assert!(azfob::testing::inject("app.yaml", "a: http://{{ V }}:80/x\n", "v").is_ok());
}

#[test]
fn java_properties_and_env_files_read_every_value() {
    for value in VALUES {
        let text = "# {{ V }}\n! {{ V }}\na={{ V }}\nb = x{{ V }}\n";
        let written = inject_text(value, "app.properties", text);
        assert!(written.starts_with("# {{ V }}\n! {{ V }}\n"));
        let expected = [("a", (*value).to_owned()), ("b", format!("x{value}"))];
        let expected = expected.map(|(key, value)| (key.to_owned(), value)).to_vec();
        assert_eq!(properties_reader::pairs(&written), Some(expected), "{written}");

        let written = inject_text(value, "app.properties", "{{ V }}=b\nx.{{ V }} : {{ V }}\n");
        let expected = [((*value).to_owned(), "b".to_owned()), (format!("x.{value}"), (*value).to_owned())];
        assert_eq!(properties_reader::pairs(&written), Some(expected.to_vec()), "{written}");

        let text = "# {{ V }}\nA={{ V }} # said\nB=\"x{{ V }}\"\nC=kept\n";
        let written = match azfob::testing::inject("app.env", text, value) {
            Ok(written) => written,
            Err(reason) => {
                let expected = "each reference in app.env, lines 2 and 3, cannot be written: .env parsers disagree";
                assert!(reason.contains(expected), "{reason}");
                continue;
            }
        };
        let expected = [("A", (*value).to_owned()), ("B", format!("x{value}")), ("C", "kept".to_owned())];
        for (reader, read) in dotenv_readers::READERS {
            let without_comment = written.split_once('\n').unwrap().1;
            let read: Vec<_> = read(&without_comment.replace(" # said\n", "\n"));
            assert_eq!(read, expected.clone().map(|(name, value)| (name.to_owned(), value)), "{reader}: {written}");
        }
    }
}

/// Only spaces separate the key and the value.
#[test]
fn property_separators_are_escaped() {
    for (value, expected) in [("=b", "a \\=b\n"), (":b", "a \\:b\n"), (" b", "a \\ b\n"), ("b=c:d", "a b=c:d\n")] {
        run_inject(value, "app.properties", "a {{ V }}\n").succeeds().prints(expected);
    }
    let reason = "a Java property drops the blank or separator that follows an empty value";
    run_inject("", "app.properties", "a={{ V }} b\n").fails(1).prints("").shows(reason);
    run_inject("", "app.properties", "a={{ V }}:80\n").succeeds().prints("a=:80\n");
}

#[test]
fn other_text_gets_unchanged_value() {
    let text = "a {{ V }}\n{{V}}{{ akv://my-vault/V }} }} {{ open\n\"akv://my-vault/V\"\n";
    let expected = "a x\"y\nx\"yx\"y }} {{ open\n\"akv://my-vault/V\"\n";
    run_inject("x\"y", "nginx.conf", text).succeeds().prints(expected);
    file("x", "app.json", "{{ V }}").azfob(["inject", "app.json", "--format", "raw"]).succeeds().prints("x");
    let nothing = file("x", "plain.txt", "no reference\r\n\u{feff}").azfob(["inject", "plain.txt"]);
    nothing.succeeds().sends_no_request().prints("no reference\r\n\u{feff}");
    // The default input is stdin.
    let scenario = Scenario::on(Host::AppService).secret("V", "v");
    let sandbox = scenario.sandbox();
    let mut command = scenario.command(&sandbox, Path::new(env!("CARGO_BIN_EXE_azfob")));
    let mut child = command.arg("inject").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"password={{ V }}\n").unwrap();
    assert_eq!(child.wait_with_output().unwrap().stdout, b"password=v\n");
}

#[test]
fn one_failure_writes_nothing() {
    let scenario = file("v", "app.txt", "{{ V }}\n{{ Missing }}\n");
    scenario.azfob(["inject", "app.txt", "--out-file", "out"]).fails(6).prints("").shows("'Missing'");
    assert!(!scenario.work().join("out").exists());
    for (text, parts) in [
        ("ok\n{{ b_d }}\n", ["app.txt, line 2 'b_d': ", "did you mean b-d?"]),
        ("{{ .Values.password }}\n", ["app.txt, line 1", "not a secret name"]),
        ("{{ X=V }}\n", ["app.txt, line 1", "ALIAS= does not work here"]),
    ] {
        file("v", "app.txt", text).azfob(["inject", "app.txt"]).has_usage_error(&parts);
    }
    Scenario::on(Host::AppService).azfob(["inject", "none.txt"]).has_usage_error(&["none.txt: "]);
}

#[test]
fn out_file_follows_rules_of_get() {
    let scenario = file("v", "app.json", "{\"a\": \"{{ V }}\"}");
    let inject = |more: &[&str]| scenario.azfob([&["inject", "app.json", "--out-file", "out.json"], more].concat());
    inject(&[]).succeeds().prints("");
    let path = scenario.work().join("out.json");
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\"a\": \"v\"}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    inject(&[]).fails(1).sends_no_request().shows("--force");
    inject(&["--force"]).succeeds();
    // Each secret is fetched once, however often it is used.
    let twice = file("v", "a.txt", "{{ V }}{{ V }}{{ akv://my-vault/v }}").azfob(["inject", "a.txt"]).succeeds();
    let requested = twice.requests_to(crate::support::VAULT);
    assert_eq!(requested.iter().filter(|request| request.authorized).count(), 1);
    twice.prints("vvv");
}

/// Each text took minutes when what was found was searched for again.
#[test]
fn a_long_file_takes_time_in_proportion() {
    let lines = |line: &str| line.repeat(20_000);
    let texts = [
        lines("{{ "),
        lines("{{ A }}\n"),
        lines("{{ A }} "),
        lines("a: "),
        lines("\"x\" "),
        lines("- "),
        lines("{{ \n"),
        format!("[{}]", lines("a: ")),
        format!("[{}]", lines("\"{{ A }}\", ")),
        format!("a: |\n{}", lines("  {{ A }}\n")),
        format!("[{}", lines("{{ ")),
        lines("a: {{ A }}\n"),
        lines("A={{ A }}\n"),
        lines("# {{ A }}\n"),
        lines("'' "),
    ];
    let (sender, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for extension in ["conf", "json", "toml", "yaml", "properties", "env"] {
            for text in &texts {
                // Some are malformed, which takes no longer either.
                let _ = azfob::testing::inject(&format!("app.{extension}"), text, "value");
            }
        }
        sender.send(()).unwrap();
    });
    ended.recv_timeout(std::time::Duration::from_secs(120)).expect("90 files of at most 400 KB within two minutes");
}

/// The search for braces began at the end of the text again and again.
#[test]
fn block_scalar_without_text_ends() {
    for text in ["a: |\n  ", "a: >\n ", "a: |", "|", "a: |\n\n  {{"] {
        assert_eq!(azfob::testing::inject("app.yaml", text, "value").as_deref(), Ok(text));
    }
}

/// PyYAML reads what was written, also where the value is empty or has only line ends.
#[test]
fn a_block_of_yaml_holds_an_empty_value_or_refuses_it() {
    for (text, value, written) in [
        ("a: |\n  x\n  {{ V }}\n  y\n", "", Some("a: |\n  x\n  \n  y\n")),
        ("a: |\n  x\n  {{ V }}\n  y\n", "\n", Some("a: |\n  x\n  \n  \n  y\n")),
        ("a: |\n  x{{ V }}\n", "", Some("a: |\n  x\n")),
        ("a: |\n  {{ V }}\n", "", None),
        ("a: |\n  {{ V }}\nb: 1\n", "\n", None),
        ("a: |\n    {{ V }}\n      deeper\n", "", None),
        ("a: |-\n  x\n  {{ V }}\n\nb: 1\n", "", None),
        ("a: |-\n  x {{ V }}\n", "\n\n", None),
    ] {
        let found = azfob::testing::inject("app.yaml", text, value);
        match written {
            Some(written) => assert_eq!(found.as_deref(), Ok(written), "{text}"),
            None => assert!(found.unwrap_err().contains("a YAML block can drop empty lines at its ends"), "{text}"),
        }
    }
}
