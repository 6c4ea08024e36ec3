//! One module for each credential: not configured, works, refused, malformed response, too slow.

mod azure_cli;
mod environment;
mod managed_identity;
mod workload_identity;

// The programs that replace the tools are shell scripts, and the home folder is a variable.
#[cfg(unix)]
mod azure_developer_cli;
#[cfg(unix)]
mod azure_powershell;
#[cfg(target_os = "linux")]
mod browser_page;
#[cfg(unix)]
mod interactive_browser;
#[cfg(unix)]
mod visual_studio;
#[cfg(unix)]
pub(crate) mod visual_studio_code;

#[cfg(unix)]
use crate::support::Scenario;

/// Records the arguments of a script.
#[cfg(unix)]
const KEEP_ARGUMENTS: &str = r#"printf '%s\n' "$@" >"$HOME/arguments""#;

/// Gets a token that the vault accepts: from the az of [`Host::AzureCli`](crate::support::Host).
#[cfg(unix)]
const TOKEN: &str =
    "token=$(az account get-access-token --resource https://vault.azure.net --query accessToken -o tsv)";

/// The recorded arguments.
#[cfg(unix)]
fn arguments(scenario: &Scenario) -> Vec<String> {
    let kept = std::fs::read_to_string(scenario.home().join("arguments")).expect("the program ran");
    kept.lines().map(str::to_owned).collect()
}
