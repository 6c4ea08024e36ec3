//! VisualStudioCodeCredential: its account is reported, never used.

use serde_json::{Value, json};

use crate::support::{Host, Outcome, Scenario, names};

pub(crate) fn record() -> Value {
    json!({
        "username": "ada@fabrikam.example", "authority": "login.microsoftonline.com", "homeAccountId": "o.t",
        "tenantId": names::OTHER_TENANT_ID, "clientId": "aebc6443-996d-45c2-90f0-388ff96faa56", "version": "1.0",
    })
}

fn signed_in(folder: &str, record: &str) -> Scenario {
    Scenario::on(Host::Nothing).visual_studio_code(folder, record)
}

fn get(scenario: &Scenario) -> Outcome {
    scenario.azfob(["get", "ApiKey", "--credential", "visual-studio-code"]).fails(3)
}

#[test]
fn signed_in_account_is_named_with_alternative() {
    for folder in [".azure", ".Azure"] {
        let outcome = get(&signed_in(folder, &record().to_string()));
        let outcome = outcome
            .shows("Visual Studio Code is signed in as ada@fabrikam.example")
            .shows("the operating system's broker");
        let outcome = outcome.shows(names::OTHER_TENANT_ID);
        // The sign-in command has the vault's tenant.
        let _ = outcome.shows(&format!("       az login --tenant {} ", names::TENANT_ID));
    }
}

#[test]
fn missing_or_unusable_record_is_unavailable() {
    get(&Scenario::on(Host::Nothing)).shows("no Visual Studio Code sign-in found: ");
    let mut other_client = record();
    other_client["clientId"] = json!(names::AZURE_CLI_CLIENT_ID);
    for record in ["{}", "\u{1b}[31m", &other_client.to_string()] {
        let outcome = get(&signed_in(".azure", record));
        let _ = outcome.shows("is not a sign-in record of the Azure Resources extension").never_shows("\u{1b}");
    }
    get(&signed_in(".azure", &" ".repeat(10 * 1024 + 1))).shows("is larger than 10240 bytes");
}
