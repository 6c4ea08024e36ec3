//! A user's machine with a signed-in `az`: prepares the answers of the sandbox's `az` and puts it on PATH.
//!
//! Tokens are in files with mode 0600, never in the script or in arguments.

use std::{fs, io, path::Path};

use serde_json::{Value, json};

use super::{
    az_script,
    environment::{Environment, HostSetup},
    service_principal,
};
use crate::sandbox::{azure::Azure, clock, cloud::EmulatedCloud, entra, fault::Fault, file, names, token::Subject};

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    let azure = setup.azure;
    let answers = setup.folder.join("az");
    let programs = setup.folder.join("bin");
    fs::create_dir(&answers)?;
    fs::create_dir(&programs)?;
    let resources = resources(azure.plan.cloud);
    for (number, resource) in resources.iter().enumerate() {
        write_token(azure, &answers, number, resource, None)?;
        for tenant in tenants(azure) {
            write_token(azure, &answers, number, resource, Some(tenant))?;
        }
    }
    let account = account(azure.plan.cloud);
    let write = |name: &str, text: &str| file::write_private(&answers.join(name), text.as_bytes());
    write("account.json", &pretty(&account))?;
    write("accounts.json", &pretty(&json!([account])))?;
    write("version.json", &pretty(&json!({ "azure-cli": "2.91.0", "azure-cli-core": "2.91.0", "extensions": {} })))?;
    write("signed-out.txt", "ERROR: Please run 'az login' to setup account.\n")?;
    if let Some(text) = refusal(azure) {
        write("refusal.txt", &text)?;
    }
    if azure.plan.has(Fault::SlowAz) {
        write("slow", "")?;
    }
    let commands = az_script::AzScript {
        folder: &answers,
        resources: &resources,
        tenants: tenants(azure),
        unknown_tenant: "AADSTS90002: Tenant '%s' not found. Check to make sure you have the correct tenant ID and are \
                         signing into the correct cloud.",
        no_guest: azure.plan.has_on_host(Fault::WrongTenant).then(no_guest),
        unknown_resource: &format!("AADSTS500011: {}", entra::unknown_resource_text("%s")),
    };
    for (name, text) in commands.programs() {
        file::write_program(&programs.join(name), text.as_bytes())?;
    }
    environment.path_entries.push(programs);
    // A client secret that was left in the environment.
    if azure.plan.has(Fault::Shadowed) { service_principal::prepare(setup, environment) } else { Ok(()) }
}

/// Returns the resources that `az` has tokens for. A trailing slash makes a different audience (azure-cli appends
/// `/.default` to the resource).
fn resources(cloud: EmulatedCloud) -> Vec<String> {
    let management = format!("https://{}", cloud.management());
    let core = "https://management.core.windows.net";
    let vault = cloud.vault_resource();
    vec![
        format!("{core}/"),
        core.into(),
        vault.into(),
        format!("{vault}/"),
        format!("{management}/"),
        management,
        "https://graph.microsoft.com".into(),
        "https://graph.microsoft.com/".into(),
    ]
}

/// Returns the tenants in which the user is a member or a guest.
fn tenants(azure: &Azure) -> &'static [&'static str] {
    if azure.plan.has(Fault::Guest) { &[names::TENANT_ID, names::OTHER_TENANT_ID] } else { &[names::TENANT_ID] }
}

/// Writes the output of `az account get-access-token`: with both forms of the expiry, and without the subscription if a
/// tenant was requested (azure-cli's `azure/cli/command_modules/profile/custom.py`).
fn write_token(azure: &Azure, folder: &Path, number: usize, resource: &str, tenant: Option<&str>) -> io::Result<()> {
    let (token, expires) = azure.day_token(&Subject::User, resource, tenant.unwrap_or(names::TENANT_ID));
    let mut answer = json!({
        "accessToken": token,
        "expiresOn": clock::az_expires_on(expires),
        "expires_on": expires,
        "subscription": names::SUBSCRIPTION_ID,
        "tenant": tenant.unwrap_or(names::TENANT_ID),
        "tokenType": "Bearer",
    });
    if let (Some(_), Some(fields)) = (tenant, answer.as_object_mut()) {
        fields.remove("subscription");
    }
    let name = format!("{}.{number}", tenant.unwrap_or("default"));
    file::write_private(&folder.join(format!("{name}.json")), pretty(&answer).as_bytes())?;
    file::write_private(&folder.join(format!("{name}.token")), format!("{token}\n").as_bytes())
}

fn account(cloud: EmulatedCloud) -> Value {
    json!({
        "environmentName": cloud.name(),
        "homeTenantId": names::TENANT_ID,
        "id": names::SUBSCRIPTION_ID,
        "isDefault": true,
        "managedByTenants": [],
        "name": names::SUBSCRIPTION_NAME,
        "state": "Enabled",
        "tenantId": names::TENANT_ID,
        "user": { "name": names::USER_PRINCIPAL_NAME, "type": "user" },
    })
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// Returns the error of `az` for a sign-in that is no longer valid. `az login` removes it.
fn refusal(azure: &Azure) -> Option<String> {
    let again = |text: String| {
        format!(
            "ERROR: {text} Trace ID: 1b1d2c3e-0000-4000-8000-1f2e3d4c5b6a Correlation ID: \
             2c2d3e4f-0000-4000-8000-2f3e4d5c6b7a Timestamp: {}\nInteractive authentication is needed. Please run:\n\
             az logout\naz login --tenant \"{}\" --scope \"{}/.default\"\n",
            clock::entra_timestamp(azure.now()),
            names::TENANT_ID,
            azure.plan.cloud.vault_resource()
        )
    };
    if azure.plan.has_on_host(Fault::NoIdentity) {
        Some("ERROR: Please run 'az login' to setup account.\n".into())
    } else if azure.plan.has(Fault::ExpiredLogin) {
        Some(again(
            "AADSTS700082: The refresh token has expired due to inactivity. The token was issued on \
             2025-01-01T00:00:00.0000000Z and was inactive for 90.00:00:00."
                .into(),
        ))
    } else if azure.plan.has(Fault::Mfa) {
        Some(again(format!(
            "AADSTS50076: Due to a configuration change made by your administrator, or because you moved to a new \
             location, you must use multi-factor authentication to access '{}'.",
            names::KEY_VAULT_APPLICATION_ID
        )))
    } else {
        None
    }
}

/// Returns Entra ID's error for a user from another tenant.
fn no_guest() -> String {
    format!(
        "AADSTS50020: User account '{}' from identity provider 'https://sts.windows.net/{}/' does not exist in tenant \
         'Fabrikam' and cannot access the application '{}'(Microsoft Azure CLI) in that tenant. The account needs to \
         be added as an external user in the tenant first.",
        names::USER_PRINCIPAL_NAME,
        names::TENANT_ID,
        names::AZURE_CLI_CLIENT_ID
    )
}
