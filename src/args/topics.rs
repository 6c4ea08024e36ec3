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
pub const TOPICS: [Topic; 3] = [
    Topic { name: "exit-codes", about: "What each exit code means", text: exit_codes },
    Topic {
        name: "credentials",
        about: "Who is asked, in which order, and what each needs",
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
Where several secrets fail in several ways, the first of 2, 3, 4, 7, 8, 5, 6 and
1 that is among them counts. Warnings and notes never change the exit code.

azfob diagnose exits as azfob get would. azfob run exits as the command that it
runs: 128 and the signal's number where one ended it, 127 where it is not found,
126 where it cannot be run, and the codes above where it was never started.

azfob explain 5 tells the causes of one of them, with the commands that mend it.
";

const CREDENTIALS: &str = "\
Credentials, in the order in which they are asked

  EnvironmentCredential (environment)
      AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or
      AZURE_CLIENT_CERTIFICATE_PATH in the secret's place
  WorkloadIdentityCredential (workload-identity)
      AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE, as a pod
      has them; or a job of GitHub Actions or Azure Pipelines that may ask its
      runner for a token
  ManagedIdentityCredential (managed-identity)
      a host of Azure with an identity; AZURE_CLIENT_ID, --client-id,
      --object-id or --resource-id name a user-assigned one
  VisualStudioCredential (visual-studio)
      a sign-in in Visual Studio
  VisualStudioCodeCredential (visual-studio-code)
      named only: its token needs the system's broker, which azfob does not have
  AzureCliCredential (azure-cli)
      az login
  AzurePowerShellCredential (azure-powershell)
      Connect-AzAccount
  AzureDeveloperCliCredential (azure-developer-cli)
      azd auth login
  InteractiveBrowserCredential (interactive-browser)
      --interactive, and a person with a browser

Unavailable means not set up here: the next one is asked. Failed means set up
and refused: the chain stops there, for going on would be somebody else in
silence. Only a developer's tool that fails does not stop it.

--credential NAME, or AZURE_TOKEN_CREDENTIALS, asks one of them alone, by either
of its names. AZURE_TOKEN_CREDENTIALS=prod asks the first three, and dev the
tools of developers.

azfob whoami tells which one wins, and azfob diagnose what stands in the way.
";

const REFERENCES: &str = "\
References: the ways to name a secret

  NAME                  a secret of the vault in use
  NAME/VERSION          one version of it
  https://VAULT.vault.azure.net/secrets/NAME[/VERSION]
                        its identifier, as the portal and az show it
  @Microsoft.KeyVault(SecretUri=...)
  @Microsoft.KeyVault(VaultName=...;SecretName=...[;SecretVersion=...])
                        as in a setting of App Service
  akvs://SUBSCRIPTION/VAULT/NAME[/VERSION]
                        as azd writes it
  akv://VAULT/NAME
  ref+azurekeyvault://VAULT/NAME[/VERSION]
                        as vals writes it

The vault in use is that of --vault, else of AZFOB_VAULT, AZURE_KEYVAULT_URL,
AZURE_KEY_VAULT_ENDPOINT or KEY_VAULT_NAME, else of the configuration file. A
reference that names a vault needs none of them. Secrets of several vaults can
be asked for at once.

ALIAS=REF names the variable where one is set (-o dotenv, docker-env, shell,
github and azure-pipelines; azfob run --env). Without an alias it is the
secret's name in upper case with _ for -: api-key becomes API_KEY. A name with
-- keeps its case, and -- becomes __, as .NET reads it:
ConnectionStrings--Default becomes ConnectionStrings__Default.
";
