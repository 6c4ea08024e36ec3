//! A user's machine with a signed-in `az`.

use std::{io, path::Path};

use serde_json::{Value, json};

use super::{
    developer_tool::{EmulatedTool, IssuedAnswer, SignInFault, entra_text, pretty},
    environment::{Environment, HostSetup},
    every_host, kubectl, service_principal,
    tool_script::ToolScript,
};
use crate::sandbox::{
    azure::Azure, clock, cloud::EmulatedCloud, fault::Fault, file, names, workload::EmulatedWorkload,
};

const AZ: EmulatedTool = EmulatedTool {
    program: "az",
    script: ToolScript { shell: include_str!("az.sh"), batch: include_str!("az.cmd") },
    answers,
    refusal,
    signed_out: "ERROR: Please run 'az login' to setup account.\n",
};

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    AZ.prepare(setup, environment)?;
    let account = account(setup.azure.plan.cloud);
    let version = json!({ "azure-cli": "2.91.0", "azure-cli-core": "2.91.0", "extensions": {} });
    let folder = AZ.folder(setup);
    for (name, value) in [("account.json", &account), ("accounts.json", &json!([account])), ("version.json", &version)]
    {
        file::write_private(&folder.join(name), pretty(value).as_bytes())?;
    }
    if ![Fault::NoIdentity, Fault::NoTool].iter().any(|fault| setup.azure.plan.has_on_host(*fault)) {
        write_profile(&setup.folder.join(every_host::AZ_FOLDER), &account)?;
    }
    if setup.azure.plan.workload.is_some_and(EmulatedWorkload::is_pod) {
        kubectl::prepare(setup, environment)?;
    }
    // A client secret that was left in the environment.
    if setup.azure.plan.has(Fault::Shadowed) { service_principal::prepare(setup, environment) } else { Ok(()) }
}

/// Returns the output of `az account get-access-token`: with both forms of the expiry, and without the subscription if a
/// tenant was requested (azure-cli's `azure/cli/command_modules/profile/custom.py`).
fn answers(issued: &IssuedAnswer<'_>) -> Vec<(&'static str, String)> {
    let mut answer = json!({
        "accessToken": issued.token,
        "expiresOn": clock::az_expires_on(issued.expires),
        "expires_on": issued.expires,
        "subscription": names::SUBSCRIPTION_ID,
        "tenant": issued.tenant.unwrap_or(names::TENANT_ID),
        "tokenType": "Bearer",
    });
    if let (Some(_), Some(fields)) = (issued.tenant, answer.as_object_mut()) {
        fields.remove("subscription");
    }
    vec![("json", pretty(&answer)), ("token", format!("{}\n", issued.token))]
}

/// Writes the file in which az keeps its accounts, with a byte order mark as az does.
fn write_profile(folder: &Path, account: &Value) -> io::Result<()> {
    let profile = json!({ "installationId": names::SUBSCRIPTION_ID, "subscriptions": [account] });
    file::write_private(&folder.join("azureProfile.json"), format!("\u{feff}{profile}").as_bytes())
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
        "tenantDefaultDomain": names::TENANT_DOMAIN,
        "tenantId": names::TENANT_ID,
        "user": { "name": names::USER_PRINCIPAL_NAME, "type": "user" },
    })
}

/// Returns the error of `az` for a sign-in that is not valid.
fn refusal(azure: &Azure, fault: SignInFault) -> String {
    if fault == SignInFault::SignedOut {
        return AZ.signed_out.into();
    }
    format!(
        "ERROR: {} Trace ID: 1b1d2c3e-0000-4000-8000-1f2e3d4c5b6a Correlation ID: 2c2d3e4f-0000-4000-8000-2f3e4d5c6b7a \
         Timestamp: {}\nInteractive authentication is needed. Please run:\naz logout\naz login --tenant \"{}\" --scope \
         \"{}/.default\"\n",
        entra_text(fault),
        clock::entra_timestamp(azure.now()),
        names::TENANT_ID,
        azure.plan.cloud.vault_resource()
    )
}
