//! Reads one secret with the credential of the official Rust SDK that fits the host, and prints its value.
//!
//! The SDK has no `DefaultAzureCredential`, so the program selects the credential, as its documentation recommends.

use std::env::{args, var};

use azure_identity::{
    AzurePipelinesCredential, ClientSecretCredential, DeveloperToolsCredential, ManagedIdentityCredential,
    WorkloadIdentityCredential,
};
use azure_security_keyvault_secrets::SecretClient;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = args().nth(1).ok_or("usage: peer NAME HOST")?;
    let host = args().nth(2).ok_or("usage: peer NAME HOST")?;
    let vault = var("AZURE_KEYVAULT_URL")?;
    let client = match host.as_str() {
        "workload-identity" | "identity-binding" => SecretClient::new(&vault, WorkloadIdentityCredential::new(None)?, None)?,
        "azure-cli" | "azure-developer-cli" | "browser" | "nothing" => SecretClient::new(&vault, DeveloperToolsCredential::new(None)?, None)?,
        "service-principal" => {
            let secret = var("AZURE_CLIENT_SECRET")?.into();
            let (tenant, application) = (var("AZURE_TENANT_ID")?, var("AZURE_CLIENT_ID")?);
            SecretClient::new(&vault, ClientSecretCredential::new(&tenant, application, secret, None)?, None)?
        }
        "azure-pipelines" => {
            let of_connection = |name: &str| var(format!("AZURESUBSCRIPTION_{name}"));
            let (tenant, application) = (of_connection("TENANT_ID")?, of_connection("CLIENT_ID")?);
            let connection = of_connection("SERVICE_CONNECTION_ID")?;
            let token = var("SYSTEM_ACCESSTOKEN")?;
            let credential = AzurePipelinesCredential::new(tenant, application, &connection, token, None)?;
            SecretClient::new(&vault, credential, None)?
        }
        _ => SecretClient::new(&vault, ManagedIdentityCredential::new(None)?, None)?,
    };
    let secret = client.get_secret(&name, None).await?.into_model()?;
    print!("{}", secret.value.ok_or("no value")?);
    Ok(())
}
