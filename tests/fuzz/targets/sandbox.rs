//! The bytes of a connection to the sandbox: each answer is HTTP, and no value is in it without a token. An answer can repeat
//! the value if the request has it: libFuzzer learns it from the comparison below.
#![no_main]

use azfob::testing::sandbox::{EmulatedHost, IDENTITY, SandboxPlan, SecretSpec, answer_bytes, names};

const VALUE: &str = "a-value-that-needs-a-token";

libfuzzer_sys::fuzz_target!(|connection: (u8, &[u8])| {
    let (host, bytes) = connection;
    let plan = SandboxPlan::new(EmulatedHost::Imds).secret(SecretSpec::new("ApiKey", VALUE));
    let vault = plan.vault_host();
    let hosts =
        [vault.as_str(), "login.microsoftonline.com", "management.azure.com", IDENTITY, names::AZURE_DEVOPS_HOST];
    let answers = answer_bytes(plan.clone(), hosts[usize::from(host) % hosts.len()], bytes);
    let has_value = |text: &[u8]| text.windows(VALUE.len()).any(|part| part == VALUE.as_bytes());
    assert!(!has_value(&answers) || has_value(bytes));
    let mut rest = &answers[..];
    while !rest.is_empty() {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut reply = httparse::Response::new(&mut headers);
        let Ok(httparse::Status::Complete(head)) = reply.parse(rest) else { panic!("not HTTP: {rest:?}") };
        let length = reply.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
        let length =
            length.map_or(0, |header| std::str::from_utf8(header.value).expect("digits").parse().expect("a length"));
        rest = rest.get(head + length..).expect("the whole body");
    }
});
