//! Detects the host from the machine itself, if no variable tells.

use std::path::Path;

use crate::bounded_file;
use crate::env::{self, Env};

use super::kind::HostKind;

/// Detects the kind of host. With another metadata address, as in the sandbox, the machine's own signs do not count.
pub(super) fn detect_machine(env: &Env) -> HostKind {
    let exists = |path: &str| Path::new(path).exists();
    if has_other_metadata_address(env) {
        HostKind::Machine
    } else if is_azure_virtual_machine(env) {
        HostKind::VirtualMachine
    } else if cfg!(windows) {
        // The paths below are Unix paths.
        HostKind::Machine
    } else if bounded_file::of_system("/proc/sys/kernel/osrelease").is_some_and(|release| is_wsl_kernel(&release)) {
        HostKind::Wsl
    } else if exists("/.dockerenv") || exists("/run/.containerenv") {
        HostKind::Container
    } else {
        HostKind::Machine
    }
}

/// Detects Microsoft's kernels: `5.15.167.4-microsoft-standard-WSL2`, `4.4.0-19041-Microsoft`
/// (<https://github.com/microsoft/WSL/issues/423#issuecomment-221627364>).
fn is_wsl_kernel(release: &str) -> bool {
    let release = release.trim().to_ascii_lowercase();
    release.contains("wsl") || release.ends_with("-microsoft")
}

/// The chassis asset tag of every Azure virtual machine
/// (<https://github.com/canonical/cloud-init/blob/main/cloudinit/sources/azure/identity.py>).
const AZURE_ASSET_TAG: &str = "7783-7084-3265-9085-8269-3286-77";

fn has_other_metadata_address(env: &Env) -> bool {
    env.has(env::AZURE_POD_IDENTITY_AUTHORITY_HOST)
}

/// Returns true if the firmware identifies an Azure virtual machine and its metadata address is the real one.
pub fn is_azure_virtual_machine(env: &Env) -> bool {
    cfg!(target_os = "linux")
        && !has_other_metadata_address(env)
        && bounded_file::of_system("/sys/class/dmi/id/chassis_asset_tag")
            .is_some_and(|tag| tag.trim() == AZURE_ASSET_TAG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wsl_kernels_are_detected() {
        assert!(is_wsl_kernel("5.15.167.4-microsoft-standard-WSL2\n") && is_wsl_kernel("4.4.0-19041-Microsoft"));
        assert!(!is_wsl_kernel("6.8.0-1020-azure\n"));
    }
}
