//! The vault's service: too much asked of it, or out of order.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;

use super::network::send_request;
use super::vault::{vault_id, with_vault_name};

rows! {
    THROTTLED {
        code: "throttled",
        error: "429 Too Many Requests",
        cause: "The vault's limit of 4,000 requests in 10 s is used up by all its clients together",
        fix: "Fetch less often, or many secrets with one azfob; spread clients over vaults",
        source: "https://learn.microsoft.com/azure/key-vault/general/service-limits",
        patterns: &[
            "vaultrequesttypelimitreached",
            "too many requests were received",
            "429 too many requests",
            "status code 429",
            "statuscode: 429",
        ],
        commands: show_load,
    }

    VAULT_IN_TROUBLE {
        code: "vault-in-trouble",
        error: "Key Vault is in trouble",
        cause: "The service failed, and still did after every retry",
        fix: "Try again in some minutes; https://azure.status.microsoft tells of outages",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        commands: ask_health,
    }

    UNEXPECTED_ANSWER {
        code: "unexpected-answer",
        error: "Unexpected answer",
        cause: "What answered does not speak the protocol",
        fix: "Find out what answers there: run again with --verbose",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        patterns: &["unexpected output from azure cli"],
        commands: ask_health,
    }
}

/// Shows how many requests the vault serves.
fn show_load(context: &Context) -> Vec<FixCommand> {
    with_vault_name(context, |name| {
        vec![FixCommand::read_only(context.shell.with_paths(format!(
            "az monitor metrics list --resource {} --metric ServiceApiHit --interval PT1M --aggregation Count -o table",
            vault_id(name)
        )))]
    })
}

/// The vault's health, which is told to everybody
/// (<https://learn.microsoft.com/azure/key-vault/general/alert#monitor-key-vault-availability>).
fn ask_health(context: &Context) -> Vec<FixCommand> {
    send_request(context)
}
