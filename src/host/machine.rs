//! What the machine says of itself, where no variable tells the host.

use std::path::Path;

use crate::bounded_file;
use crate::env::{self, Env};

use super::kind::HostKind;

/// The kind of host, by what the machine says of itself. Where the metadata address is another one, as in a sandbox, it
/// stands for another machine, of which these marks say nothing.
pub(super) fn detect_machine(env: &Env) -> HostKind {
    let there = |path: &str| Path::new(path).exists();
    if metadata_is_elsewhere(env) {
        HostKind::Machine
    } else if is_azure_virtual_machine(env) {
        HostKind::VirtualMachine
    } else if cfg!(windows) {
        // What follows are paths of Unix.
        HostKind::Machine
    } else if bounded_file::of_system("/proc/sys/kernel/osrelease").is_some_and(|release| is_wsl_kernel(&release)) {
        HostKind::Wsl
    } else if there("/.dockerenv") || there("/run/.containerenv") {
        HostKind::Container
    } else {
        HostKind::Machine
    }
}

/// Microsoft's own kernel: `5.15.167.4-microsoft-standard-WSL2`, `4.4.0-19041-Microsoft`
/// (<https://github.com/microsoft/WSL/issues/423#issuecomment-221627364>).
fn is_wsl_kernel(release: &str) -> bool {
    let release = release.trim().to_ascii_lowercase();
    release.contains("wsl") || release.ends_with("-microsoft")
}

/// What Azure's firmware puts into the chassis' asset tag of every virtual machine
/// (<https://github.com/canonical/cloud-init/blob/main/cloudinit/sources/azure/identity.py>).
const AZURE_ASSET_TAG: &str = "7783-7084-3265-9085-8269-3286-77";

fn metadata_is_elsewhere(env: &Env) -> bool {
    env.has(env::AZURE_POD_IDENTITY_AUTHORITY_HOST)
}

/// Whether the machine itself says that it is a virtual machine of Azure, whose metadata address is the real one.
pub fn is_azure_virtual_machine(env: &Env) -> bool {
    cfg!(target_os = "linux")
        && !metadata_is_elsewhere(env)
        && bounded_file::of_system("/sys/class/dmi/id/chassis_asset_tag")
            .is_some_and(|tag| tag.trim() == AZURE_ASSET_TAG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microsofts_kernel_is_wsl() {
        assert!(is_wsl_kernel("5.15.167.4-microsoft-standard-WSL2\n") && is_wsl_kernel("4.4.0-19041-Microsoft"));
        assert!(!is_wsl_kernel("6.8.0-1020-azure\n"));
    }
}
