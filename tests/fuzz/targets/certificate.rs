//! Client certificates in PEM and PKCS#12: parsed or refused.
#![no_main]

use azfob::testing::{Certificate, Signing, Thumbprint};

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    for password in [None, Some("password")] {
        if let Ok(certificate) = Certificate::read(file, password) {
            assert!(!certificate.chain().is_empty());
            assert_eq!(certificate.thumbprint(Thumbprint::Sha256).len(), 32);
            // A key with inconsistent numbers is refused here and does not panic.
            let _ = certificate.sign(Signing::Ps256, b"message");
        }
    }
});
