//! What is done about the way: seeing where it ends, and who stands in it.

use crate::vault::url::VaultUrl;

use super::{Shell, word};

/// Shows who signed the certificate that answers under a host's name.
pub(in crate::diagnosis) fn show_certificate(host: &str, proxy: Option<&str>) -> Vec<String> {
    let proxy = proxy.map(|proxy| format!(" -proxy {}", word(proxy))).unwrap_or_default();
    let host = word(host);
    vec![format!("openssl s_client -showcerts -connect {host}:443 -servername {host}{proxy} </dev/null")]
}

/// Asks a host by other means, to see where the way ends.
pub(in crate::diagnosis) fn try_to_reach(host: &str) -> Vec<String> {
    vec![format!("curl -sv -o /dev/null {}", word(&format!("https://{host}/healthstatus")))]
}

/// Goes past the proxy to a host.
pub(in crate::diagnosis) fn spare_proxy(host: &str, shell: Shell) -> String {
    match shell {
        Shell::PowerShell => format!("$env:NO_PROXY = \"$env:NO_PROXY,{host}\""),
        Shell::Posix | Shell::Msys => format!("export NO_PROXY=\"$NO_PROXY,{host}\""),
    }
}

/// Shows the vault's time beside this machine's.
pub(in crate::diagnosis) fn compare_clocks(vault: Option<&VaultUrl>) -> Vec<String> {
    let host = vault.map_or_else(|| "login.microsoftonline.com".to_owned(), VaultUrl::host);
    vec![format!("curl -sI {} | grep -i ^date:", word(&format!("https://{host}/"))), "date -u".to_owned()]
}
