//! A client certificate in PEM or PKCS#12: read, or told why not.
#![no_main]

use azfob::testing::{Certificate, Signing, Thumbprint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    for password in [None, Some("password")] {
        if let Ok(certificate) = Certificate::read(file, password) {
            assert!(!certificate.chain().is_empty());
            assert_eq!(certificate.thumbprint(Thumbprint::Sha256).len(), 32);
            // A key whose numbers contradict each other is found here, and is no reason to panic.
            let _ = certificate.sign(Signing::Ps256, b"message");
        }
    }
});
