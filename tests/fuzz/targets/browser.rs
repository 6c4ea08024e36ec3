//! Requests to the redirect URI: a code is accepted only with the sign-in's state.
#![no_main]

use azfob::testing::read_browser_request;

const STATE: &str = "Zm9yLXRlc3Rz";

libfuzzer_sys::fuzz_target!(|request: &[u8]| {
    if let Some(code) = read_browser_request(request, STATE) {
        assert!(!code.expose().is_empty());
        // Empty lines may precede a request (RFC 9112, section 2.2).
        let line = request.trim_ascii_start();
        assert!(line.starts_with(b"GET /") || line.starts_with(b"POST /"));
        // The state may be percent-encoded, but it is one of the fields.
        assert!(request.windows(5).any(|part| part == b"code=" || part.contains(&b'%')));
    }
    assert!(read_browser_request(request, "another").is_none_or(|_| read_browser_request(request, STATE).is_none()));
});
