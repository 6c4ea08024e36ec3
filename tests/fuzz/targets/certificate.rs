//! Certificates in PEM and PKCS#12: read for a sign-in, and converted, or refused. A converted file has the same contents.
#![no_main]

use azfob::testing::{Certificate, ChainPart, KeyedChain, Signing, Thumbprint};

const ALL: [ChainPart; 3] = [ChainPart::Key, ChainPart::Leaf, ChainPart::Issuers];

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    for password in [None, Some("opensesame")] {
        if let Ok(certificate) = Certificate::read(file, password) {
            assert!(!certificate.chain().is_empty());
            assert_eq!(certificate.thumbprint(Thumbprint::Sha256).len(), 32);
            // A key with inconsistent numbers is refused here and does not panic.
            let _ = certificate.sign(Signing::Ps256, b"message");
        }
    }
    let Ok(chain) = KeyedChain::read(file, Some("opensesame")) else { return };
    let Ok(pem) = chain.pem(&ALL) else { return };
    let converted = |file: &[u8]| KeyedChain::read(file, Some("other")).and_then(|chain| chain.pem(&ALL));
    assert_eq!(converted(&pem).as_deref(), Ok(&*pem));
    if let Ok(pfx) = chain.pfx("name", "other") {
        assert_eq!(converted(&pfx).as_deref(), Ok(&*pem));
    }
});
