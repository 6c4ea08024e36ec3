//! The texts of `azfob help TOPIC`, at most 80 columns wide.

use crate::error::exit_code;

/// A help topic.
pub struct Topic {
    /// The argument of `azfob help`.
    pub name: &'static str,
    /// The description in the help.
    pub about: &'static str,
    /// Returns the text of the topic.
    pub text: fn() -> String,
}

/// The topics of `azfob help`.
pub const TOPICS: [Topic; 4] = [
    Topic { name: "options", about: "The Azure options and their environment variables", text: options },
    Topic { name: "exit-codes", about: "The meaning of each exit code", text: exit_codes },
    Topic {
        name: "credentials",
        about: "The credentials in their order, and what each one needs",
        text: || CREDENTIALS.to_owned(),
    },
    Topic { name: "references", about: "The ways to name a secret", text: || REFERENCES.to_owned() },
];

/// Returns all topics in one text, for the manual.
pub(super) fn all() -> String {
    TOPICS.map(|topic| (topic.text)().trim_end().to_owned()).join("\n\n")
}

/// Returns the meaning of each exit code.
pub fn exit_codes() -> String {
    let codes: String = exit_code::ALL.map(|(code, meaning)| format!("  {code}  {meaning}\n")).concat();
    format!("Exit codes\n\n{codes}\n{EXIT_CODES_IN_DETAIL}")
}

const EXIT_CODES_IN_DETAIL: &str = "\
If several secrets fail, the first of 2, 3, 4, 7, 8, 5, 6 and 1 applies.
Warnings and notes never change the exit code.

azfob diagnose exits as azfob get would. azfob run exits with the code of its
command, or with 128 + the signal number if a signal ended it. It exits with 127
if the command is not found, and with 126 if it cannot be run. If azfob run
fails before it starts the command, the codes above apply.

azfob explain 5 shows the causes of an exit code and the commands that fix them.
";

/// Returns the Azure options with their variables.
fn options() -> String {
    format!("Azure options, before or after the command\n\n{}\n\n{PRECEDENCE}", super::azure::options_help().trim_end())
}

const PRECEDENCE: &str = "\
An option takes precedence over its variable, and the variable over the
configuration file. An empty variable counts as not set.

  AZURE_AUTHORITY_HOST  the authority host (sign-in endpoint) of another cloud
  AZFOB_CONFIG          the configuration file
  AZFOB_IDENTITY_BINDING
                        1 uses the pod's AKS identity binding in the chain
  AZFOB_MASK            1 masks values in the output of azfob run
  AZFOB_TOKEN_CACHE     1 caches tokens of az, pwsh, azd and managed identities

man azfob lists all variables.
";

const CREDENTIALS: &str = "\
Credentials, in the order in which azfob tries them

  EnvironmentCredential (environment)
      AZURE_TENANT_ID, AZURE_CLIENT_ID and one of AZURE_CLIENT_SECRET,
      AZURE_CLIENT_CERTIFICATE_PATH, or AZURE_USERNAME and AZURE_PASSWORD
  WorkloadIdentityCredential (workload-identity)
      AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE, which
      AKS sets in a pod; or the OIDC token of a CI job: GitHub Actions, Azure
      Pipelines, CircleCI, Buildkite, or AZFOB_ID_TOKEN
  ManagedIdentityCredential (managed-identity)
      an Azure host with a managed identity; AZURE_CLIENT_ID, --client-id,
      --object-id or --resource-id select a user-assigned identity
  VisualStudioCredential (visual-studio)
      sign-in in Visual Studio
  VisualStudioCodeCredential (visual-studio-code)
      always unavailable: it needs the broker of the operating system
  AzureCliCredential (azure-cli)
      az login
  AzurePowerShellCredential (azure-powershell)
      Connect-AzAccount
  AzureDeveloperCliCredential (azure-developer-cli)
      azd auth login
  InteractiveBrowserCredential (interactive-browser)
      --interactive, and a browser

Unavailable means not configured on this host: azfob tries the next credential.
Failed means configured, and refused or broken: the chain stops, because
continuing could silently use a different identity. A developer tool that fails
does not stop the chain.

--credential NAME or AZURE_TOKEN_CREDENTIALS=NAME uses only one credential, by
either name. AZURE_TOKEN_CREDENTIALS=prod uses the first three credentials, dev
the developer tools.

azfob whoami shows the selected credential. azfob diagnose checks all of them.
";

const REFERENCES: &str = "\
References: the ways to name a secret

  NAME                  a secret in the configured vault
  NAME/VERSION          one version of a secret
  https://VAULT.vault.azure.net/secrets/NAME[/VERSION]
                        the secret identifier in the portal and in az
  @Microsoft.KeyVault(SecretUri=...)
  @Microsoft.KeyVault(VaultName=...;SecretName=...[;SecretVersion=...])
                        App Service setting
  akvs://SUBSCRIPTION/VAULT/NAME[/VERSION]
                        written by azd
  akv://VAULT/NAME
  ref+azurekeyvault://VAULT/NAME[/VERSION]
                        written by vals
  REF#/KEY[/KEY]        one value of a secret that is YAML or JSON

The configured vault is the first that is set of --vault, AZFOB_VAULT,
AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_URL, AZURE_KEY_VAULT_ENDPOINT,
AZURE_KEY_VAULT_NAME, AZURE_KEYVAULT_NAME, KEY_VAULT_NAME and the configuration
file. A reference that names a vault needs none of them. One command can read
secrets from several vaults.

ALIAS=REF names the variable in outputs that set variables (-o dotenv,
docker-env, shell, env-json, github and azure-pipelines; azfob run --env). The
default is the secret's name in upper case with _ for -: api-key becomes
API_KEY. A name with -- keeps its case, and -- becomes __ as in .NET:
ConnectionStrings--Default becomes ConnectionStrings__Default.
";
