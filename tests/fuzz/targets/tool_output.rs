//! What az, azd, PowerShell and Visual Studio's token service print: a token, or why there is none without one in it.
#![no_main]

use arbitrary::Arbitrary;
use azfob::testing::{answer, read_az, read_azd, read_metadata_service, read_pwsh, read_visual_studio};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Printed<'a> {
    failed: bool,
    stdout: &'a [u8],
    stderr: &'a str,
}

fuzz_target!(|printed: Printed<'_>| {
    let code = Some(i32::from(printed.failed));
    for read in [read_az, read_azd, read_pwsh, read_visual_studio] {
        if let Ok(token) = read(code, printed.stdout, printed.stderr) {
            assert!(!token.expose().is_empty());
        }
    }
    if let Ok(token) = read_metadata_service(&answer(200, "IMDS/150", printed.stdout)) {
        assert!(!token.expose().is_empty());
    }
});
