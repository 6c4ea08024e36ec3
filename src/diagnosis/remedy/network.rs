//! What is done about the way: seeing where it ends, and who stands in it.

use crate::vault::url::VaultUrl;

use super::{Shell, word};

/// Keeps the authority behind the certificate that answers under a host's name, shows what to compare with whoever runs
/// the network, and only then trusts it.
pub(in crate::diagnosis) fn trust_authority(host: &str, proxy: Option<&str>) -> Vec<String> {
    let proxy = proxy.map(|proxy| format!(" -proxy {}", word(proxy))).unwrap_or_default();
    let host = word(host);
    let show = format!("openssl s_client -showcerts -connect {host}:443 -servername {host}{proxy} </dev/null");
    // The last certificate that is shown is the nearest to the root.
    let last = r#"awk '/BEGIN CERT/ {c = ""} {c = c $0 "\n"} /END CERT/ {last = c} END {printf "%s", last}'"#;
    let trust = if cfg!(target_os = "macos") {
        "sudo security add-trusted-cert -d -k /Library/Keychains/System.keychain network-ca.pem"
    } else {
        "sudo cp network-ca.pem /usr/local/share/ca-certificates/network-ca.crt && sudo update-ca-certificates"
    };
    vec![
        format!("{show} 2>/dev/null | {last} > network-ca.pem"),
        "openssl x509 -in network-ca.pem -noout -subject -fingerprint -sha256 # ask who runs the network".to_owned(),
        trust.to_owned(),
    ]
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
