//! Rows for a vault that throttles requests or fails (5xx).

use super::network::send_request;
use super::vault::show_metric;

rows! {
    THROTTLED {
        code: "throttled", error: "429 Too Many Requests",
        cause: "Key Vault is throttling requests (429): its limit is 4,000 per vault in 10 s",
        fix: "Send fewer requests: read all secrets with one azfob command, or use several vaults",
        source: "https://learn.microsoft.com/azure/key-vault/general/service-limits",
        commands: |context| show_metric(context, "ServiceApiHit", "Count"),
    }

    VAULT_UNAVAILABLE {
        code: "vault-unavailable", error: "Key Vault is unavailable",
        cause: "Key Vault returned a server error (5xx)",
        fix: "Try again in a few minutes; check https://azure.status.microsoft for outages",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        commands: send_request,
    }

    UNEXPECTED_ANSWER {
        code: "unexpected-answer", error: "Unexpected response",
        cause: "The response does not have the expected format",
        fix: "Run again with --verbose to see which server answered",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        commands: send_request,
    }
}
