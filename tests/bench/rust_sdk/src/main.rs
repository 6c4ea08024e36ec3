//! Reads one secret as a web app does it with the official Rust SDK, and prints its value.

use azure_identity::ManagedIdentityCredential;
use azure_security_keyvault_secrets::SecretClient;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1).ok_or("usage: azfob-bench-rust-sdk NAME")?;
    let vault = std::env::var("AZURE_KEYVAULT_URL")?;
    let client = SecretClient::new(&vault, ManagedIdentityCredential::new(None)?, None)?;
    let secret = client.get_secret(&name, None).await?.into_model()?;
    print!("{}", secret.value.ok_or("no value")?);
    Ok(())
}
