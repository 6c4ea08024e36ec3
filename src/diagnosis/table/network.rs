//! Rows for network failures: DNS, connections, proxies, certificates and clocks.

use crate::diagnosis::context::{Context, System};
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::shell::Shell;
use crate::env;
use crate::vault::url::VaultUrl;

rows! {
    VAULT_NAME_UNKNOWN {
        code: "vault-name-unknown", error: "No such host is known",
        cause: "DNS does not resolve the vault's name: no such vault, or private DNS zone not linked",
        fix: "Check the vault name; in a virtual network, link the private DNS zone privatelink.vaultcore.azure.net",
        source: "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
        commands: |context| [vec![list_vaults()], resolve_name(context)].concat(),
    }

    VAULT_DELETED {
        code: "vault-deleted", error: "No such host is known (soft-deleted vault)",
        cause: "The vault is soft-deleted: it answers no request, and its name is reserved",
        fix: "Recover the vault, then assign the roles on it again",
        source: "https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview",
        commands: recover_vault,
    }

    UNREACHABLE {
        code: "unreachable", error: "Network error",
        cause: "The host did not answer: connection refused, closed, reset or timed out",
        fix: "Check the network, firewall and proxy settings",
        source: "https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall",
        weight: Vague, commands: send_request,
    }

    PRIVATE_ENDPOINT_UNREACHABLE {
        code: "private-endpoint-unreachable", error: "The vault's private endpoint does not answer",
        cause: "The vault's name resolves to a private endpoint that this network cannot reach",
        fix: "Run in the endpoint's virtual network, or connect to it by peering or VPN",
        source: "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
        commands: show_route,
    }

    CERTIFICATE_NOT_TRUSTED {
        code: "certificate-not-trusted", error: "The TLS certificate is not trusted",
        cause: "The CA is not trusted: a TLS-inspecting proxy, missing root certificates, or a different host",
        fix: "Add the missing CA to the system's trust store, or set SSL_CERT_FILE",
        source: "https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-troubleshooting#work-behind-a-proxy",
        commands: trust_ca,
    }

    CA_FILE {
        code: "ca-file", error: "The CA bundle cannot be read",
        cause: "The program cannot read its file of root certificates: no such file, or permission denied",
        fix: "Install the package ca-certificates, and set the program's variable to its file or unset it",
        source: "https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-troubleshooting#work-behind-a-proxy",
        weight: Incomplete, commands: show_ca_files,
    }

    CERTIFICATE_NOT_STRICT {
        code: "certificate-not-strict", error: "The TLS certificate is not trusted",
        cause: "A certificate, usually a TLS-inspecting proxy's, lacks an extension that Python 3.13 and later require",
        fix: "Have the CA certificate of the proxy issued again with that extension, or exempt the host from TLS inspection",
        source: "https://docs.python.org/3/library/ssl.html#ssl.create_default_context",
        commands: show_ca_extensions,
    }

    PRIVATELINK_NAME {
        code: "privatelink-name", error: "The vault's privatelink name cannot be used",
        cause: "The request used the vault's privatelink name, which neither vault certificates nor Entra ID contain",
        fix: "Use the vault's own name: in its virtual network it resolves to the private endpoint",
        source: "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
        commands: diagnose_by_vault_name,
    }

    PROXY_REFUSED {
        code: "proxy-refused", error: "The proxy refused the connection",
        cause: "The proxy blocks this host or requires authentication",
        fix: "Allow the host on the proxy, or add it to NO_PROXY",
        source: "https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall",
        commands: bypass_proxy,
    }

    PROXY_CLOSED {
        code: "proxy-closed", error: "The proxy closed the connection",
        cause: "The proxy blocks this host, is overloaded or restarting, or is not a proxy of the kind in HTTPS_PROXY",
        fix: "Check the proxy in HTTPS_PROXY; allow the host on it, or add the host to NO_PROXY",
        source: "https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall",
        commands: bypass_proxy,
    }

    PROXY_CONNECT_FAILED {
        code: "proxy-connect-failed", error: "The proxy cannot reach the host",
        cause: "The host does not exist, or the proxy has no network path to it",
        fix: "Check the vault name; then contact the proxy's administrator",
        source: "https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall",
        commands: send_request_and_list_vaults,
    }

    PROXY_DOWN {
        code: "proxy-unreachable", error: "The proxy does not answer",
        cause: "The proxy in HTTPS_PROXY does not exist, or does not accept connections",
        fix: "Check the proxy's name and port in HTTPS_PROXY, or unset it",
        source: "https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall",
        commands: show_proxy,
    }

    TLS_CUT {
        code: "tls-cut", error: "TLS handshake failed",
        cause: "The connection was cut or refused during the TLS handshake: often a firewall or proxy that filters by name",
        fix: "Allow the host on the firewall or proxy, also by its name in TLS (SNI)",
        source: "https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall",
        commands: send_request,
    }

    WEB_PAGE {
        code: "web-page", error: "A web page answered instead of Azure",
        cause: "A proxy or filter returned its own web page (text/html); Azure did not receive the request",
        fix: "Allow the host on the proxy or filter, or add it to NO_PROXY",
        source: "https://learn.microsoft.com/azure/key-vault/general/access-behind-firewall",
        commands: bypass_proxy,
    }

    DNS_UNAVAILABLE {
        code: "dns-unavailable", error: "No such host is known",
        cause: "DNS does not resolve this name: the name is wrong, or the DNS server fails",
        fix: "Check the name, then the DNS servers of this machine or container",
        source: "https://learn.microsoft.com/azure/key-vault/general/private-link-diagnostics",
        commands: show_resolver,
    }

    CLOCK_SKEW {
        code: "clock-skew", error: "The token is not yet valid, or has expired",
        cause: "This machine's clock is wrong (clock skew)",
        fix: "Synchronize the clock",
        source: "https://learn.microsoft.com/azure/virtual-machines/linux/time-sync",
        commands: set_clock,
    }
}

pub(super) fn list_vaults() -> FixCommand {
    FixCommand::read_only("az keyvault list --query '[].properties.vaultUri' -o tsv")
}

/// Resolves the vault's name, or that of the endpoint, if one is known.
pub(super) fn resolve_name(context: &Context) -> Vec<FixCommand> {
    let host = context.vault.as_ref().map(VaultUrl::host).or_else(|| context.known_host());
    host.map(|host| FixCommand::read_only(format!("nslookup {}", context.shell.quote(&host)))).into_iter().collect()
}

/// Resolves the vault's own name, and runs `azfob diagnose` with it instead of the private link's name.
fn diagnose_by_vault_name(context: &Context) -> Vec<FixCommand> {
    let Some(vault) = &context.vault else { return vec![list_vaults()] };
    let url = context.shell.quote(&format!("https://{}", vault.host()));
    let diagnose = FixCommand::read_only(format!("azfob diagnose --vault {url}"));
    resolve_name(context).into_iter().chain([diagnose]).collect()
}

/// Sends a request with curl. A vault answers `/healthstatus` without authentication
/// (<https://learn.microsoft.com/azure/key-vault/general/alert#monitor-key-vault-availability>). If the host is not known,
/// azfob checks each step.
pub(super) fn send_request(context: &Context) -> Vec<FixCommand> {
    let Some(host) = context.known_host() else { return vec![FixCommand::read_only("azfob diagnose")] };
    let path = if context.vault.as_ref().is_some_and(|vault| vault.host() == host) { "healthstatus" } else { "" };
    let url = context.shell.quote(&format!("https://{host}/{path}"));
    vec![FixCommand::read_only(format!("{} -sv -o {} {url}", context.shell.curl(), context.shell.null_device()))]
}

fn send_request_and_list_vaults(context: &Context) -> Vec<FixCommand> {
    send_request(context).into_iter().chain(context.vault.is_some().then(list_vaults)).collect()
}

fn bypass_proxy(context: &Context) -> Vec<FixCommand> {
    let exempt = context.known_host().map(|host| FixCommand::local(context.shell.append(env::NO_PROXY, ",", &host)));
    send_request(context).into_iter().chain(exempt).collect()
}

/// Shows which proxies are configured. The value can hold a password, so only its host is shown.
fn show_proxy(context: &Context) -> Vec<FixCommand> {
    vec![FixCommand::read_only(context.shell.select(
        "env | grep -i '_proxy=' | sed 's|//[^@/]*@|//***@|'",
        "Get-ChildItem Env: | Where-Object Name -Match '_PROXY$' | Select-Object Name",
    ))]
}

/// Exempts the metadata address from the proxy, for the Azure SDKs.
pub(super) fn bypass_proxy_for_imds(context: &Context) -> Vec<FixCommand> {
    vec![FixCommand::local(context.shell.append(env::NO_PROXY, ",", "169.254.169.254"))]
}

const COMPARE: &str = "first compare the fingerprint with your network administrator";

/// Saves the CA certificate that the network presents, shows its fingerprint for comparison, and then trusts it.
fn trust_ca(context: &Context) -> Vec<FixCommand> {
    let Some(host) = context.known_host() else { return send_request(context) };
    if context.system == System::Windows {
        return trust_on_windows(&host, context.shell);
    }
    let trust = match context.system {
        System::MacOs => "sudo security add-trusted-cert -d -k /Library/Keychains/System.keychain network-ca.pem",
        System::Fedora => "sudo cp network-ca.pem /etc/pki/ca-trust/source/anchors/ && sudo update-ca-trust",
        System::Alpine => "cp network-ca.pem /usr/local/share/ca-certificates/network-ca.crt && update-ca-certificates",
        System::Debian | System::Windows => {
            "sudo cp network-ca.pem /usr/local/share/ca-certificates/network-ca.crt && sudo update-ca-certificates"
        }
    };
    vec![
        FixCommand::read_only(format!("{} > network-ca.pem", show_ca(&host, context))),
        FixCommand::read_only("openssl x509 -in network-ca.pem -noout -subject -fingerprint -sha256"),
        FixCommand::local(trust).with_note(COMPARE),
    ]
}

/// Shows the CA certificate that the network presents: the last one of the chain, which is the nearest to the root.
fn show_ca(host: &str, context: &Context) -> String {
    let proxy =
        context.proxy.as_deref().map(|proxy| format!(" -proxy {}", context.shell.quote(proxy))).unwrap_or_default();
    let host = context.shell.quote(host);
    let show = format!("openssl s_client -showcerts -connect {host}:443 -servername {host}{proxy} </dev/null");
    let last = r#"awk '/BEGIN CERT/ {c = ""} {c = c $0 "\n"} /END CERT/ {last = c} END {printf "%s", last}'"#;
    format!("{show} 2>/dev/null | {last}")
}

/// Shows the variables with CA bundles, and where Linux distributions have theirs.
fn show_ca_files(context: &Context) -> Vec<FixCommand> {
    let variables = "(REQUESTS_CA_BUNDLE|SSL_CERT_FILE|SSL_CERT_DIR|CURL_CA_BUNDLE|NODE_EXTRA_CA_CERTS)";
    let variables = context.shell.select(
        format!("env | grep -E '^{variables}='"),
        format!("Get-ChildItem Env: | Where-Object Name -Match '^{variables}$'"),
    );
    let files = "ls -l /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem";
    let files = (context.system != System::Windows).then(|| FixCommand::read_only(files));
    std::iter::once(FixCommand::read_only(variables)).chain(files).collect()
}

/// Shows the issuer and the extensions of that certificate.
fn show_ca_extensions(context: &Context) -> Vec<FixCommand> {
    let Some(host) = context.known_host() else { return send_request(context) };
    if context.shell == Shell::PowerShell {
        let list = "$c.ChainElements[-1].Certificate | ForEach-Object { $_.Subject; $_.Extensions.Oid.FriendlyName }";
        return vec![FixCommand::read_only(format!("{}; {list}", build_chain(&host)))];
    }
    let extensions = "basicConstraints,keyUsage,subjectKeyIdentifier,authorityKeyIdentifier";
    let show = format!("{} | openssl x509 -noout -subject -issuer -ext {extensions}", show_ca(&host, context));
    vec![FixCommand::read_only(show)]
}

/// Does the same on Windows, which has no openssl: with .NET's certificate chain.
fn trust_on_windows(host: &str, shell: Shell) -> Vec<FixCommand> {
    if shell != Shell::PowerShell {
        let trust = "certutil -addstore -f Root network-ca.pem";
        return vec![FixCommand::local(trust).with_note(COMPARE)];
    }
    let show = "$c.ChainElements[-1].Certificate | Format-List Subject, Thumbprint";
    let keep = "[IO.File]::WriteAllBytes(\"$PWD\\network-ca.cer\", $c.ChainElements[-1].Certificate.RawData)";
    let trust = "Import-Certificate -FilePath network-ca.cer -CertStoreLocation Cert:\\LocalMachine\\Root";
    vec![
        FixCommand::read_only(format!("{}; {show}; {keep}", build_chain(host))),
        FixCommand::local(trust).with_note(COMPARE),
    ]
}

/// Builds the host's certificate chain in PowerShell, as `$c`.
fn build_chain(host: &str) -> String {
    format!(
        "$s = [Net.Security.SslStream]::new([Net.Sockets.TcpClient]::new('{host}', 443).GetStream(), $false, {{ $true \
         }}); $s.AuthenticateAsClient('{host}'); $c = [Security.Cryptography.X509Certificates.X509Chain]::new(); \
         [void]$c.Build($s.RemoteCertificate)"
    )
}

/// Shows the vault's time and this machine's.
pub(super) fn compare_clocks(context: &Context) -> Vec<FixCommand> {
    let url = context.shell.quote(&format!("https://{}/", context.target_host()));
    let powershell = ("Select-String '^date:'", "(Get-Date).ToUniversalTime()");
    let (date, now) = context.shell.select(("grep -i ^date:", "date -u"), powershell);
    vec![FixCommand::read_only(format!("{} -sI {url} | {date}; {now}", context.shell.curl()))]
}

fn set_clock(context: &Context) -> Vec<FixCommand> {
    vec![FixCommand::local(match context.system {
        System::Windows => "w32tm /resync",
        System::MacOs => "sudo sntp -sS time.apple.com",
        System::Alpine => "ntpd -d -n -q -p pool.ntp.org",
        System::Debian | System::Fedora => "sudo timedatectl set-ntp true",
    })]
}

/// Shows the route to the private endpoint, and the vault's private endpoints.
fn show_route(context: &Context) -> Vec<FixCommand> {
    let route = context.private_address.map(|address| match context.system {
        System::Windows => format!("Find-NetRoute -RemoteIPAddress {address}"),
        System::MacOs => format!("route -n get {address}"),
        _ => format!("ip route get {address}"),
    });
    let endpoints = context.vault.as_ref().map(|vault| {
        let name = context.shell.quote(vault.name());
        format!("az keyvault show --name {name} --query \"properties.privateEndpointConnections[].privateEndpoint.id\"")
    });
    let known: Vec<_> = route.into_iter().chain(endpoints).map(FixCommand::read_only).collect();
    if known.is_empty() { vec![list_vaults()] } else { known }
}

fn recover_vault(context: &Context) -> Vec<FixCommand> {
    let Some(vault) = &context.vault else { return vec![list_vaults()] };
    let recover = format!("az keyvault recover --name {}", context.shell.quote(vault.name()));
    vec![FixCommand::shared("recovers the deleted vault with its secrets", recover)]
}

/// Shows this machine's DNS servers.
fn show_resolver(context: &Context) -> Vec<FixCommand> {
    vec![FixCommand::read_only(match context.system {
        System::Windows => "ipconfig /all",
        System::MacOs => "scutil --dns",
        _ => "cat /etc/resolv.conf",
    })]
}
