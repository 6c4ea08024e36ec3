//! One module a credential: not set up, works, refused, malformed answer, too slow.

mod azure_cli;
mod environment;
mod managed_identity;
mod workload_identity;

// The programs that stand in for the tools are shell scripts, and the home folder is a variable.
#[cfg(unix)]
mod azure_developer_cli;
#[cfg(unix)]
mod azure_powershell;
#[cfg(unix)]
mod interactive_browser;
#[cfg(unix)]
mod visual_studio;
#[cfg(unix)]
mod visual_studio_code;

#[cfg(unix)]
use crate::support::Scenario;

/// What a script does first whose arguments a test wants to see.
#[cfg(unix)]
const KEEP_ARGUMENTS: &str = r#"printf '%s\n' "$@" >"$HOME/arguments""#;

/// How a script gets a token that the vault takes: from the az of [`Host::AzureCli`](crate::support::Host).
#[cfg(unix)]
const TOKEN: &str =
    "token=$(az account get-access-token --resource https://vault.azure.net --query accessToken -o tsv)";

/// The arguments that were kept.
#[cfg(unix)]
fn arguments(scenario: &Scenario) -> Vec<String> {
    let kept = std::fs::read_to_string(scenario.home().join("arguments")).expect("the program ran");
    kept.lines().map(str::to_owned).collect()
}
