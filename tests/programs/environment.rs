//! The environment of az, pwsh and azd.

use crate::support::{Host, Scenario};

#[test]
fn tools_inherit_only_their_own_credentials() {
    let secret = ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PASSWORD", "AZURE_PASSWORD"];
    let runner = ["ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN"];
    let kept = ["IDENTITY_HEADER", "AZURE_CONFIG_DIR", "HTTPS_PROXY"];
    for (program, credential) in [("az", "azure-cli"), ("pwsh", "azure-powershell"), ("azd", "azure-developer-cli")] {
        let mut scenario = Scenario::on(Host::Nothing).program(program, "/usr/bin/env >\"$HOME/env\"; exit 1");
        for name in secret.iter().chain(&runner).chain(&["IDENTITY_HEADER", "AZURE_CONFIG_DIR"]) {
            scenario = scenario.var(name, format!("the-value-of-{name}"));
        }
        scenario.azfob(["get", "ApiKey", "--credential", credential]).fails_without_token();
        let env = scenario.recorded("env");
        for name in secret.iter().chain(&runner) {
            assert!(!env.contains(name), "{program} inherits {name}");
        }
        assert!(kept.iter().all(|name| env.contains(&format!("{name}="))), "{program}: {env}");
    }
}
