//! Removes unconfigured credentials from snapshots, so that only the snapshot of the whole chain changes with a new
//! credential.

/// The beginning of each credential's message on a machine without any configuration.
const NOT_CONFIGURED: [(&str, &str); 8] = [
    ("EnvironmentCredential", "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET are not set"),
    ("WorkloadIdentityCredential", "AZURE_FEDERATED_TOKEN_FILE, AZURE_TENANT_ID and AZURE_CLIENT_ID are not set"),
    ("ManagedIdentityCredential", "no instance metadata service (IMDS): 127.0.0.1 could not be reached"),
    ("VisualStudioCredential", "no Visual Studio sign-in found"),
    ("VisualStudioCodeCredential", "no Visual Studio Code sign-in found"),
    ("AzureCliCredential", "az is not in "),
    ("AzurePowerShellCredential", "pwsh is not in "),
    ("AzureDeveloperCliCredential", "azd is not in "),
];

/// Returns a text in which `...` replaces lines of unconfigured credentials, and `N` their number.
pub fn without_unconfigured_credentials(text: &str) -> String {
    let is_rest = |line: &str| NOT_CONFIGURED.iter().any(|(name, why)| line.contains(name) && line.contains(why));
    let mut kept = String::new();
    for line in text.lines() {
        let line = if is_rest(line) { "..." } else { line };
        if line != "..." || !kept.ends_with("...\n") {
            kept += &without_counts(line);
            kept.push('\n');
        }
    }
    kept
}

/// Replaces the number in `7 others are not set up` and `none of 8 credentials`.
fn without_counts(line: &str) -> String {
    let words = line.split(' ').collect::<Vec<_>>();
    let is_number = |word: &str| word.parse::<usize>().is_ok();
    let counts = |at: usize| {
        words[at + 1..].starts_with(&["others", "are", "not", "set", "up"])
            || words[..at].contains(&"none") && words[at + 1..].starts_with(&["credentials"])
    };
    let shown = words.iter().enumerate().map(|(at, word)| if is_number(word) && counts(at) { "N" } else { word });
    shown.collect::<Vec<_>>().join(" ")
}
