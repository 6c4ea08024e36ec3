//! Rows for a vault that throttles requests or fails (5xx).

use super::network::send_request;
use super::vault::show_metric;

rows! {
    THROTTLED {
        code: "throttled", error: "429 Too Many Requests",
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
        commands: |context| show_metric(context, "ServiceApiHit", "Count"),
    }

    VAULT_IN_TROUBLE {
        code: "vault-in-trouble", error: "Key Vault is in trouble",
        cause: "The service failed, and still did after every retry",
        fix: "Try again in some minutes; https://azure.status.microsoft tells of outages",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        commands: send_request,
    }

    UNEXPECTED_ANSWER {
        code: "unexpected-answer", error: "Unexpected answer",
        cause: "What answered does not speak the protocol",
        fix: "Find out what answers there: run again with --verbose",
        source: "https://learn.microsoft.com/azure/key-vault/general/rest-error-codes",
        patterns: &["unexpected output from azure cli"],
        commands: send_request,
    }
}
