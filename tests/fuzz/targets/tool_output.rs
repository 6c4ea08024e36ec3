//! The output of az, azd, PowerShell and Visual Studio's token service: a token, or an error without one.
#![no_main]

use azfob::testing::{answer, read_az, read_azd, read_metadata_service, read_pwsh, read_visual_studio};

libfuzzer_sys::fuzz_target!(|printed: (bool, &[u8], &str)| {
    let (failed, stdout, stderr) = printed;
    let code = Some(i32::from(failed));
    for read in [read_az, read_azd, read_pwsh, read_visual_studio] {
        if let Ok(token) = read(code, stdout, stderr) {
            assert!(!token.expose().is_empty());
        }
    }
    if let Ok(token) = read_metadata_service(&answer(200, "IMDS/150", stdout)) {
        assert!(!token.expose().is_empty());
    }
});
