//! The environment of az, pwsh and azd.

use crate::support::{Host, Scenario};

#[test]
fn tools_inherit_only_their_own_credentials() {
    let secret = ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PASSWORD", "AZURE_PASSWORD", "IDENTITY_HEADER"];
    let runner =
        ["ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN", "GITHUB_TOKEN", "MSI_SECRET", "MY_APP_SETTING"];
    // Azure's Service Connector and its publish profiles name secrets like settings of the tools.
    let connector = ["AZURE_SQL_CONNECTIONSTRING", "AZURE_KEYVAULT_CLIENTSECRET", "AZURE_WEBAPP_PUBLISH_PROFILE"];
    let kept = ["IDENTITY_ENDPOINT", "AZURE_CONFIG_DIR", "HTTPS_PROXY", "COPILOT_AGENT_SESSION_ID", "LC_ALL"];
    for (program, credential) in [("az", "azure-cli"), ("pwsh", "azure-powershell"), ("azd", "azure-developer-cli")] {
        let mut scenario = Scenario::on(Host::Nothing).program(program, "/usr/bin/env >\"$HOME/env\"; exit 1");
        for name in secret
            .iter()
            .chain(&runner)
            .chain(&connector)
            .chain(&kept)
            .chain(&["AZD_AUTH_KEY"])
            .filter(|name| **name != "HTTPS_PROXY")
        {
            scenario = scenario.var(name, format!("the-value-of-{name}"));
        }
        scenario.azfob(["get", "ApiKey", "--credential", credential]).fails_without_token();
        let env = scenario.recorded("env");
        for name in secret.iter().chain(&runner).chain(&connector) {
            assert!(!env.contains(name), "{program} inherits {name}");
        }
        assert!(kept.iter().all(|name| env.contains(&format!("{name}="))), "{program}: {env}");
        assert_eq!(env.contains("AZD_AUTH_KEY="), program == "azd", "{program}: {env}");
    }
}

/// A tool that is signed in with the managed identity of the host needs that one's secret.
#[test]
fn tool_with_managed_identity_inherits_its_secret() {
    for (program, credential, file, text) in [
        ("az", "azure-cli", ".azure/azureProfile.json", r#"{"user": {"name": "systemAssignedIdentity"}}"#),
        ("pwsh", "azure-powershell", ".Azure/AzureRmContext.json", r#"{"Account": {"Type": "ManagedService"}}"#),
        ("azd", "azure-developer-cli", ".azd/auth.json", r#"{"currentUser": {"managedIdentity": true}}"#),
    ] {
        let scenario = Scenario::on(Host::Nothing).program(program, "/usr/bin/env >\"$HOME/env\"; exit 1");
        let scenario = scenario.without("AZURE_CONFIG_DIR").without("AZD_CONFIG_DIR");
        let scenario = scenario.var("IDENTITY_HEADER", "the-header").var("MY_APP_SETTING", "other");
        let path = scenario.home().join(file);
        std::fs::create_dir(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        scenario.azfob(["get", "ApiKey", "--credential", credential]).fails_without_token();
        let env = scenario.recorded("env");
        assert!(env.contains("IDENTITY_HEADER=the-header\n") && !env.contains("MY_APP_SETTING"), "{program}: {env}");
    }
}
