//! What is known about a failure without a row: which component spoke, what its words rule out, and how to see more.

use crate::diagnosis::classify::{Component, Verdict};
use crate::redact;

/// How a client or tool logs more, by words that only it prints. The first that occurs counts.
const DEBUG_LOGS: [(&str, &str); 17] = [
    // https://developer.hashicorp.com/terraform/internals/debugging
    ("terraform", "TF_LOG=DEBUG"),
    ("│ Error", "TF_LOG=DEBUG"),
    // https://learn.microsoft.com/azure/developer/java/sdk/logging-overview
    ("com.azure.", "AZURE_LOG_LEVEL=verbose"),
    ("com.microsoft.", "AZURE_LOG_LEVEL=verbose"),
    // https://learn.microsoft.com/azure/developer/python/sdk/azure-sdk-logging
    ("azure.core.exceptions", "logging.basicConfig(level=logging.DEBUG)"),
    ("azure.identity.", "logging.basicConfig(level=logging.DEBUG)"),
    // https://learn.microsoft.com/dotnet/azure/sdk/logging
    ("Azure.Identity.", "AzureEventSourceListener.CreateConsoleLogger(EventLevel.Verbose)"),
    ("Microsoft.Identity.", "AzureEventSourceListener.CreateConsoleLogger(EventLevel.Verbose)"),
    // https://pkg.go.dev/github.com/Azure/azure-sdk-for-go/sdk/azcore/log
    ("azidentity", "AZURE_SDK_GO_LOGGING=all"),
    ("Credential authentication failed", "AZURE_SDK_GO_LOGGING=all"),
    (".go:", "AZURE_SDK_GO_LOGGING=all"),
    // https://learn.microsoft.com/javascript/api/overview/azure/logger-readme
    ("@azure/", "AZURE_LOG_LEVEL=verbose"),
    ("CredentialUnavailableError:", "AZURE_LOG_LEVEL=verbose"),
    ("AuthenticationError:", "AZURE_LOG_LEVEL=verbose"),
    // https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-troubleshooting
    ("az ", "the option --debug of az"),
    ("azd ", "the option --debug of azd"),
    ("-Az", "$DebugPreference = 'Continue'"),
];

/// Describes a failure without a row: the component, what its words rule out, and the debug log of the program.
pub(super) fn details(verdict: &Verdict, text: &str, words: &str) -> Vec<String> {
    let has_answer = has_answer(text, verdict.component);
    let component = verdict.component.map(|component| describe(component, has_answer));
    let original = text.split_once("Original Error: ").map(|(_, error)| format!("original error: {}", start_of(error)));
    let ruled_out = format!("ruled out: {}", ruled_out(words, verdict.component, has_answer));
    let debug =
        DEBUG_LOGS.iter().find(|(mark, _)| text.contains(mark)).map(|(_, switch)| format!("debug log: {switch}"));
    component.into_iter().chain(original).chain([ruled_out]).chain(debug).collect()
}

/// True if a text has an answer: go-autorest writes a status of 0 if there is none. A status beside a failed sign-in can be
/// that of another service.
fn has_answer(text: &str, component: Option<Component>) -> bool {
    let lower = text.to_ascii_lowercase().replace("statuscode=0 ", "");
    let has = |marks: &[&str]| marks.iter().any(|mark| lower.contains(mark));
    let names_service =
        component != Some(Component::EntraId) || has(&["login.", "oauth2", "error_description", "aadsts"]);
    names_service && has(&["status", "\"error\"", "response"])
}

/// The longest quote of an inner error.
const QUOTE: usize = 160;

/// Returns the start of an inner error, sanitized. go-autorest writes it after a long URL.
fn start_of(error: &str) -> String {
    let quote = redact::sanitize_log_quote(error.trim());
    match quote.char_indices().nth(QUOTE) {
        Some((cut, _)) => format!("{} …", &quote[..cut]),
        None => quote,
    }
}

/// Names the component. Without an answer in the text, only a client of it reports the failure.
fn describe(component: Component, has_answer: bool) -> String {
    match component {
        Component::Library | Component::DeveloperTool => format!("reported by {}", component.label()),
        _ if has_answer => format!("answered by {}", component.label()),
        _ => format!("reported by a client of {}", component.label()),
    }
}

/// Returns what the recognized words and the component rule out.
fn ruled_out(words: &str, component: Option<Component>, has_answer: bool) -> &'static str {
    let words = words.to_ascii_lowercase();
    let is_sign_in = ["credential", "auth", "msal"].iter().any(|word| words.contains(word));
    match component {
        _ if words.contains("502") => "a refusal of Entra ID or Key Vault (4xx); a proxy or gateway answers with 502",
        Some(Component::KeyVault) if !is_sign_in && has_answer => "a network failure: Key Vault answered",
        Some(Component::KeyVault | Component::Management) | None if !is_sign_in => {
            "a failure with an AADSTS code, an error code of Key Vault or a network error: there is none in the message"
        }
        // A failed sign-in, or a 401.
        _ => "a missing role, access policy or firewall rule of the vault (403, after the sign-in)",
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnosis::context::Context;
    use crate::diagnosis::log::read_log;
    use crate::entra::cloud::PUBLIC;
    use crate::vault::url::Suffixes;

    #[test]
    fn unknown_failure_names_component_words_and_next_step() {
        let suffixes = Suffixes { cloud: PUBLIC, extra: None };
        for (text, component, ruled_out, debug) in [
            (
                "Azure.Identity.AuthenticationFailedException: ManagedIdentityCredential authentication failed: it fell over",
                "reported by a client of the managed identity endpoint",
                "(403, after the sign-in)",
                "AzureEventSourceListener",
            ),
            (
                "azure.core.exceptions.ClientAuthenticationError: vault my-vault.vault.azure.net: Status: 401 it fell over",
                "answered by Key Vault",
                "(403, after the sign-in)",
                "logging.basicConfig",
            ),
            (
                "RestError: @azure/identity Unexpected status code: 502",
                "reported by the client library",
                "502",
                "AZURE_LOG_LEVEL",
            ),
        ] {
            let found = read_log(text, &Context::default(), &suffixes);
            let finding = &found[0].finding;
            assert_eq!(finding.row.code, "not-recognized", "{text}");
            let details = finding.details.join("\n");
            for part in [component, ruled_out, debug] {
                assert!(details.contains(part), "{part} is not in {details}");
            }
            assert!(!finding.commands.is_empty() && !finding.message.is_empty());
        }
    }
}
