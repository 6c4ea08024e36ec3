//! The environment of az, pwsh and azd.

use crate::support::{Host, Scenario};

#[test]
fn no_program_inherits_what_it_does_not_sign_in_by() {
    let secret = ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PASSWORD", "AZURE_PASSWORD"];
    let runner = ["ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN"];
    let kept = ["IDENTITY_HEADER", "AZURE_CONFIG_DIR", "HTTPS_PROXY"];
    for (program, credential) in [("az", "azure-cli"), ("pwsh", "azure-powershell"), ("azd", "azure-developer-cli")] {
        let mut scenario = Scenario::on(Host::Nothing).program(program, "/usr/bin/env >\"$HOME/env\"; exit 1");
        for name in secret.iter().chain(&runner).chain(&["IDENTITY_HEADER", "AZURE_CONFIG_DIR"]) {
            scenario = scenario.var(name, format!("the-value-of-{name}"));
        }
        scenario.azfob(["get", "ApiKey", "--credential", credential]).fails_without_answer();
        let env = scenario.note("env");
        for name in secret.iter().chain(&runner) {
            assert!(!env.contains(name), "{program} inherits {name}");
        }
        assert!(kept.iter().all(|name| env.contains(&format!("{name}="))), "{program}: {env}");
    }
}
