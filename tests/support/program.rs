//! Programs that stand in for az and its like: real executables, shell scripts on a PATH of the scenario's own.

use std::fs;
use std::path::Path;

/// Puts a script into a folder. It has the system's folders on its PATH, behind the scenario's own, so that it can
/// `sleep` and `cat`.
pub fn install(folder: &Path, name: &str, script: &str) {
    let text = format!("#!/bin/sh\nPATH=\"$PATH:/usr/bin:/bin\"\n{script}\n");
    let path = folder.join(name);
    fs::write(&path, text).expect("a script");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("an executable one");
    }
}
