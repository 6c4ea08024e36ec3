//! Exact bytes: on a terminal, in a closed pipe, on a full disk, encoded and large.

use crate::support::{Host, Scenario, SecretSpec};

/// A vault with an encoded value.
fn encoded(value: &str) -> Scenario {
    Scenario::on(Host::AppService).secret("A", value)
}

#[test]
fn base64_is_decoded() {
    let bytes: Vec<u8> = (0..=255).collect();
    let standard = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xN\
                    Tk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6PkJGSk5SVlpeYmZqb\
                    nJ2en6ChoqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX2Nna29zd3t/g4eLj5OXm5+jp\
                    6uvs7e7v8PHy8/T19vf4+fr7/P3+/w==";
    let on_lines: Vec<_> = standard.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line)).collect();
    for text in [
        standard.to_owned(),
        standard.trim_end_matches('=').to_owned(),
        on_lines.join("\r\n") + "\n",
        standard.replace('+', "-").replace('/', "_"),
    ] {
        encoded(&text).azfob(["get", "A", "--decode", "base64"]).succeeds().prints(&bytes);
    }
    encoded("").azfob(["get", "A", "--decode", "base64"]).succeeds().prints("");
}

#[test]
fn invalid_base64_error_omits_value() {
    for (value, reason) in [
        ("plain text, with a comma", "the character at position "),
        ("AAAA*BBB-secret-value", "the character at position "),
        ("AAAAA", "its length is not a valid base64 length"),
        ("+/-_secret-value", "the character at position "),
    ] {
        let outcome = encoded(value).azfob(["get", "A", "--decode", "base64"]).fails(1);
        outcome.shows("error: 'A' is not base64: ").shows(reason).never_shows(value);
    }
}

#[test]
fn pem_is_not_decoded_as_base64() {
    let key =
        "-----BEGIN PRIVATE KEY-----\nMIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEA\n-----END PRIVATE KEY-----\n";
    let with_signs = key.replace("MIIB", "M+/=");
    let after_text = format!("Bag Attributes\n    friendlyName: a\n{key}");
    for value in [key, &with_signs, &after_text] {
        for encoding in ["base64", "hex"] {
            let scenario = encoded(value);
            let outcome =
                scenario.azfob(["get", "A", "--decode", encoding, "--out-file", "tls.pfx"]).fails(1).prints("");
            outcome.shows("it is PEM").shows("omit --decode").shows("use --decode pfx").never_shows("MIIB");
            assert!(!scenario.work().join("tls.pfx").exists());
        }
    }
}

#[test]
fn hex_and_utf_16_are_decoded_by_option_or_tag() {
    let tagged = |value: &str, tag: &str| {
        Scenario::on(Host::AppService).secret_spec(SecretSpec::new("A", value).tag("file-encoding", tag))
    };
    let decode = |scenario: Scenario, how: &str| scenario.azfob(["get", "A", "--decode", how]).succeeds();
    decode(encoded("00ff7F\n10"), "hex").prints([0, 255, 127, 16]);
    decode(encoded("hä🗝"), "utf-16").prints([b'h', 0, 0xe4, 0, 0x3d, 0xd8, 0xdd, 0xdd]);
    decode(tagged("hä", "utf-16be"), "utf-16").prints([0, b'h', 0, 0xe4]);
    for (value, tag, bytes) in [
        ("AAEC", "base64", &[0, 1, 2][..]),
        ("0aff", "hex", &[10, 255]),
        ("h", "utf-16le", b"h\0"),
        ("h", "utf-16be", b"\0h"),
        ("0aff", "utf-8", b"0aff"),
        ("0aff", "ascii", b"0aff"),
    ] {
        decode(tagged(value, tag), "auto").prints(bytes);
    }
    let pfx = SecretSpec::new("A", "AAEC").content_type("application/x-pkcs12");
    decode(Scenario::on(Host::AppService).secret_spec(pfx), "auto").prints([0, 1, 2]);
    decode(encoded("0aff"), "auto").prints("0aff");
    for (value, how, reason) in [
        ("0af", "hex", "'A' is not hexadecimal: the number of digits is odd"),
        ("secret-value", "hex", "'A' is not hexadecimal: the character at position 0 is not a hexadecimal digit"),
    ] {
        encoded(value).azfob(["get", "A", "--decode", how]).fails(1).shows(reason).never_shows(value);
    }
    tagged("x", "rot13").azfob(["get", "A", "--decode", "auto"]).fails(1).shows("the tag file-encoding must be utf-8");
    tagged("0a", "hex").azfob(["get", "A"]).succeeds_with_messages().shows("use --decode hex to restore it");
    tagged("0a", "utf-16le").azfob(["get", "A"]).succeeds_with_messages().shows("use --decode utf-16 to restore it");
}

#[test]
fn largest_value_is_printed_completely() {
    let value: String = (0..25 * 1024).map(|n| char::from(b'a' + u8::try_from(n % 26).unwrap())).collect();
    encoded(&value).azfob(["get", "A"]).succeeds().prints(&value);
}

#[test]
fn empty_value_prints_nothing() {
    encoded("").azfob(["get", "A"]).succeeds().prints("");
    let scenario = encoded("").secret("B", "2");
    scenario.azfob(["get", "A", "B", "A"]).succeeds().prints("\n2\n\n");
}

#[cfg(unix)]
#[test]
fn newline_is_added_only_on_terminal() {
    use crate::support::Terminal;

    let scenario = encoded("the-value").secret("B", "other").secret("C", "ends\n");
    let shown = |arguments: &[&str]| {
        let (terminal, stdout) = Terminal::new();
        scenario.azfob_to(arguments, stdout).succeeds();
        terminal.shown()
    };
    assert_eq!(shown(&["get", "A"]), "the-value\r\n");
    assert_eq!(shown(&["get", "A", "-n"]), "the-value");
    assert_eq!(shown(&["get", "A", "B"]), "the-value\r\nother\r\n");
    assert_eq!(shown(&["get", "C"]), "ends\r\n\r\n");
    scenario.azfob(["get", "A"]).succeeds().prints("the-value");
}

/// A decoded file can be a private key, and its bytes disturb a terminal.
#[cfg(unix)]
#[test]
fn binary_value_is_not_printed_on_terminal() {
    use crate::support::Terminal;

    let scenario = encoded("aGn/gA==");
    let (terminal, stdout) = Terminal::new();
    let refused = scenario.azfob_to(["get", "A", "--decode", "base64"], stdout).fails(2);
    assert!(refused.stderr.contains("use --out-file"), "{}", refused.stderr);
    assert_eq!(terminal.shown(), "");
    scenario.azfob(["get", "A", "--decode", "base64"]).succeeds().prints(b"hi\xff\x80");
    let (terminal, stdout) = Terminal::new();
    encoded("aGk=").azfob_to(["get", "A", "--decode", "base64"], stdout).succeeds();
    assert_eq!(terminal.shown(), "hi\r\n");
}

#[test]
fn closed_pipe_is_success() {
    let scenario = encoded(&"long line\n".repeat(2000));
    for arguments in [&["get", "A"][..], &["get", "A", "A"], &["get", "A", "-o", "json"], &["completions", "bash"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        scenario.azfob_to(arguments, writer.into()).succeeds();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_is_an_error() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for arguments in [&["get", "A"][..], &["get", "A", "-o", "json"], &["completions", "bash"]] {
        let outcome = encoded("v").azfob_to(arguments, full().into());
        outcome.fails(1).shows("error: stdout could not be written: No space left on device");
    }
}
