//! The environment variables that azfob knows: their meaning, if they hold a secret, and which programs inherit them.
//!
//! This is the only list: no other file has a variable's name as text, so that a misspelt name does not compile. `--clean-env`,
//! the manual, the exports of the sandbox and the environment of az, pwsh and azd are derived from it.

/// An environment variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvVariable {
    pub name: &'static str,
    pub group: VariableGroup,
    /// The text in the manual.
    #[cfg_attr(not(feature = "sandbox"), allow(dead_code, reason = "the tests make the manual"))]
    pub meaning: &'static str,
    /// True if azfob or another client of Azure signs in with it, so that `--clean-env` removes it.
    pub signs_in: bool,
    /// True if no message may show its value.
    pub is_secret: bool,
    /// True if az, pwsh and azd inherit it.
    pub for_programs: bool,
    /// True if its value is a path, which need not be Unicode.
    pub is_path: bool,
    /// True if its value is the address of a proxy, which can contain a password.
    pub is_proxy: bool,
    /// True if it makes a client in the sandbox use another host, vault or identity.
    pub leads_away: bool,
}

/// The headings of the manual, which group the variables by their use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableGroup {
    /// Settings that are also options or keys of the configuration file.
    Settings,
    /// Credentials in the variables themselves.
    SignIn,
    /// The managed identity of the host.
    ManagedIdentity,
    /// Federated credentials of a cluster or a CI job.
    Federation,
    /// Proxies and trusted certificates.
    Network,
    /// The kind and name of the host, for reports and fixes.
    Host,
    /// The session of a coding agent.
    Agent,
    /// Folders of the system.
    System,
}

#[cfg(feature = "sandbox")]
impl VariableGroup {
    /// All groups, in the order of the manual.
    pub const ALL: [VariableGroup; 8] = [
        VariableGroup::Settings,
        VariableGroup::SignIn,
        VariableGroup::ManagedIdentity,
        VariableGroup::Federation,
        VariableGroup::Network,
        VariableGroup::Host,
        VariableGroup::Agent,
        VariableGroup::System,
    ];

    /// Returns the heading in the manual.
    pub fn heading(self) -> &'static str {
        match self {
            VariableGroup::Settings => "Settings",
            VariableGroup::SignIn => "Credentials in the environment",
            VariableGroup::ManagedIdentity => "Managed identity of the host",
            VariableGroup::Federation => "Workload identity and CI jobs",
            VariableGroup::Network => "Network",
            VariableGroup::Host => "Host detection, for reports and fix commands",
            VariableGroup::Agent => "Coding agents: azfob run masks values in their sessions",
            VariableGroup::System => "System",
        }
    }
}

impl EnvVariable {
    const fn new(name: &'static str, group: VariableGroup, meaning: &'static str) -> Self {
        let leads_away =
            matches!(group, VariableGroup::SignIn | VariableGroup::ManagedIdentity | VariableGroup::Federation);
        EnvVariable {
            name,
            group,
            meaning,
            signs_in: false,
            is_secret: false,
            for_programs: true,
            is_path: false,
            is_proxy: false,
            leads_away,
        }
    }

    /// Marks a variable that clients sign in with.
    const fn signs_in(self) -> Self {
        EnvVariable { signs_in: true, ..self }
    }

    /// Marks a secret that az, pwsh and azd do not inherit. One that signs in with the host's managed identity gets that
    /// one's secret.
    const fn own_secret(self) -> Self {
        EnvVariable { is_secret: true, for_programs: false, ..self }
    }

    /// Marks a variable of another program, which az, pwsh and azd do not inherit.
    const fn of_kubectl(self) -> Self {
        EnvVariable { for_programs: false, ..self }
    }

    /// Marks the path of a file or a folder.
    const fn path(self) -> Self {
        EnvVariable { is_path: true, ..self }
    }

    /// Marks the address of a proxy.
    const fn proxy(self) -> Self {
        EnvVariable { is_proxy: true, ..self }
    }

    /// Marks a variable that leads away from the sandbox, although no client signs in with it.
    const fn leads_away(self) -> Self {
        EnvVariable { leads_away: true, ..self }
    }
}

/// Defines a constant for each name, and the table.
macro_rules! variables {
    ($($group:ident { $($name:ident $(= $text:literal)?: $meaning:literal $(=> $($column:ident)+)?;)* })*) => {
        $($(
            #[doc = $meaning]
            pub const $name: &str = variables!(@name $name $($text)?);
        )*)*

        /// All variables, in the order of the manual.
        pub const VARIABLES: &[EnvVariable] = &[
            $($(EnvVariable::new($name, VariableGroup::$group, $meaning)$($(.$column())+)?,)*)*
        ];
    };
    (@name $name:ident) => {
        stringify!($name)
    };
    (@name $name:ident $text:literal) => {
        $text
    };
}

variables! {
    Settings {
        AZFOB_VAULT: "Vault for references without one: name or URL, as for --vault.";
        AZURE_KEYVAULT_URL: "The same, if AZFOB_VAULT is not set.";
        AZURE_KEY_VAULT_URL: "The same, if neither of these is set." => leads_away;
        AZURE_KEY_VAULT_ENDPOINT: "The same, if none of these is set." => leads_away;
        AZURE_KEY_VAULT_NAME: "The same, if none of these is set. azd templates set it." => leads_away;
        AZURE_KEYVAULT_NAME: "The same, if none of these is set." => leads_away;
        KEY_VAULT_NAME: "The same, if none of these is set.";
        AZFOB_VAULT_SUFFIX: "Additional DNS suffix of vaults, as for --vault-suffix.";
        AZFOB_CONFIG: "Path of the configuration file." => path;
        AZFOB_PROFILE: "Profile of the configuration file, as for --profile." => leads_away;
        AZFOB_TOKEN_CACHE: "1 caches tokens of az, PowerShell, azd and managed identities between runs, 0 does not.";
        AZFOB_MASK: "1 masks values in the output of azfob run, as --mask does; 0 does not.";
        AZFOB_IDENTITY_BINDING: "1 uses the pod's AKS identity binding in the credential chain too, 0 never uses it.";
        AZFOB_PFX_PASSWORD: "Password of the PFX that azfob get reads or writes with --decode pem or pfx." => own_secret;
        AZFOB_NO_COMPLETE_NAMES: "Any value: shell completion does not request the names of secrets.";
        GITHUB_ENV: "The file to which -o github writes variables for the next steps." => path;
        SYSTEM_UNSAFEALLOWMULTILINESECRET: "If true, the Azure Pipelines agent accepts secrets of several lines.";
        DECODE_PERCENTS: "If and how the Azure Pipelines agent decodes percent signs.";
    }
    SignIn {
        AZURE_TOKEN_CREDENTIALS: "dev, prod, or the only credential to use, as for --credential." => signs_in;
        AZURE_CLIENT_ID: "Client ID of the application or of the user-assigned managed identity." => signs_in;
        AZURE_TENANT_ID: "Tenant to sign in to." => signs_in;
        AZURE_CLIENT_SECRET: "Client secret of the application." => signs_in own_secret;
        AZURE_CLIENT_CERTIFICATE_PATH: "File with the application's certificate and private key." => signs_in path;
        AZURE_CLIENT_CERTIFICATE_PASSWORD: "Password of the certificate file." => signs_in own_secret;
        AZURE_CLIENT_SEND_CERTIFICATE_CHAIN: "1 or true: send the certificate chain." => signs_in;
        AZURE_USERNAME: "User name for sign-in with a password." => signs_in;
        AZURE_PASSWORD: "Password of that user." => signs_in own_secret;
        AZURE_ADDITIONALLY_ALLOWED_TENANTS: "Other tenants that azfob may sign in to, separated by ;, or * for all.";
        AZURE_AUTHORITY_HOST: "Host that signs in, for example login.microsoftonline.us.";
    }
    ManagedIdentity {
        IDENTITY_ENDPOINT: "Managed identity endpoint of the host." => signs_in;
        IDENTITY_HEADER: "Secret for requests to IDENTITY_ENDPOINT." => signs_in own_secret;
        IDENTITY_SERVER_THUMBPRINT: "Thumbprint of the endpoint's certificate in a Service Fabric cluster." => signs_in;
        IMDS_ENDPOINT: "Set together with IDENTITY_ENDPOINT on Azure Arc." => signs_in;
        MSI_ENDPOINT: "Managed identity endpoint of Cloud Shell and Azure Machine Learning." => signs_in;
        MSI_SECRET: "Secret for requests to MSI_ENDPOINT in Azure Machine Learning." => signs_in own_secret;
        DEFAULT_IDENTITY_CLIENT_ID: "Default identity of Azure Machine Learning compute.";
        AZURE_POD_IDENTITY_AUTHORITY_HOST: "Address to use instead of the metadata service (IMDS).";
    }
    Federation {
        AZURE_FEDERATED_TOKEN_FILE: "File with the federated token of the workload." => signs_in path;
        AZURE_KUBERNETES_TOKEN_PROXY: "Token proxy of a pod with an AKS identity binding." => signs_in;
        AZURE_KUBERNETES_CA_FILE: "File with the CA of that proxy." => signs_in path;
        AZURE_KUBERNETES_CA_DATA: "The CA itself (PEM), instead of a file." => signs_in;
        AZURE_KUBERNETES_SNI_NAME: "Name of that proxy in TLS." => signs_in;
        AZFOB_ID_TOKEN: "OIDC token of a job, from any CI system; azfob run removes it." => signs_in own_secret;
        ACTIONS_ID_TOKEN_REQUEST_URL: "URL for the OIDC token of a GitHub Actions job." => signs_in;
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: "Token for requests to that URL." => signs_in own_secret;
        SYSTEM_OIDCREQUESTURI: "URL for the OIDC token of an Azure Pipelines job." => signs_in;
        SYSTEM_ACCESSTOKEN: "Token for requests to that URL." => signs_in own_secret;
        AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: "ID of the service connection of an Azure Pipelines job.";
        AZURESUBSCRIPTION_CLIENT_ID: "Client ID of that connection.";
        AZURESUBSCRIPTION_TENANT_ID: "Tenant of that connection.";
        BUILDKITE_OIDC_TOKEN_SUBJECT_CLAIM: "Subject of the OIDC token of a Buildkite job, instead of pipeline_id.";
    }
    Network {
        HTTPS_PROXY_LOWER = "https_proxy": "Proxy for HTTPS." => proxy;
        HTTPS_PROXY: "The same, if https_proxy is not set." => proxy;
        ALL_PROXY_LOWER = "all_proxy": "The same, if neither of these is set." => proxy leads_away;
        ALL_PROXY: "The same, if none of these is set." => proxy leads_away;
        NO_PROXY_LOWER = "no_proxy": "Hosts that are reached without the proxy.";
        NO_PROXY: "The same, if no_proxy is not set.";
        HTTP_PROXY_LOWER = "http_proxy": "Proxy of other programs for HTTP; azfob warns if they would use it for the metadata service (IMDS)." => proxy;
        HTTP_PROXY: "The same, if http_proxy is not set." => proxy;
        SSL_CERT_FILE: "File with the trusted CA certificates, instead of the system's." => path;
        SSL_CERT_DIR: "Folder with trusted CA certificates." => leads_away path;
    }
    Host {
        WEBSITE_SITE_NAME: "Name of the App Service or Functions app.";
        WEBSITE_RESOURCE_GROUP: "Resource group of that app.";
        WEBSITE_OWNER_NAME: "Subscription and web space of that app.";
        FUNCTIONS_WORKER_RUNTIME: "Set on Azure Functions.";
        FUNCTIONS_EXTENSION_VERSION: "Set on Azure Functions.";
        CONTAINER_APP_NAME: "Name of the container app.";
        CONTAINER_APP_JOB_NAME: "Name of the Container Apps job.";
        CONTAINER_APP_RESOURCE_GROUP: "Resource group of the container app.";
        KUBERNETES_SERVICE_HOST: "Set in a Kubernetes pod.";
        POD_NAMESPACE: "Namespace of the pod.";
        HOSTNAME: "Name of the pod.";
        GITHUB_ACTIONS: "Set in a GitHub Actions job.";
        RUNNER_NAME: "Name of the GitHub Actions runner.";
        TF_BUILD: "Set in an Azure Pipelines job.";
        AGENT_NAME: "Name of the Azure Pipelines agent.";
        GITLAB_CI: "Set in a GitLab job.";
        JENKINS_URL: "Set in a Jenkins build, with the next two.";
        BUILD_ID: "Number of the Jenkins build.";
        BUILD_NUMBER: "The same.";
        CIRCLECI: "Set in a CircleCI job.";
        BITBUCKET_BUILD_NUMBER: "Set in a step of Bitbucket Pipelines.";
        BUILDKITE: "Set in a Buildkite job.";
        CI: "true on nearly every CI system: the host is probably a CI job.";
        CODESPACES: "Set in a GitHub codespace.";
        CODESPACE_NAME: "Name of the codespace.";
        WSL_DISTRO_NAME: "Name of the WSL distribution.";
        FABRIC_APPLICATION_NAME = "Fabric_ApplicationName": "Name of the Service Fabric application.";
        MSYSTEM: "Set in Git Bash; commands are printed with its quoting.";
    }
    Agent {
        CLAUDECODE: "Set in the shells of Claude Code.";
        CURSOR_AGENT: "Set in the terminals of Cursor's agent.";
        GEMINI_CLI: "Set in the shells of Gemini CLI.";
        COPILOT_AGENT_SESSION_ID: "Set in the sessions of GitHub Copilot agents; az reads it too.";
    }
    System {
        PATH: "Folders in which azfob looks for az, pwsh and azd.";
        KUBECONFIG: "Configuration files of kubectl, for --for pod/NAMESPACE/NAME." => path of_kubectl;
        AZURE_CONFIG_DIR: "Configuration folder of az." => path;
        AZD_CONFIG_DIR: "Configuration folder of azd." => path;
        HOME: "Home folder on Unix.";
        USERPROFILE: "Home folder on Windows.";
        LOCALAPPDATA: "Folder with the token service of Visual Studio, on Windows.";
        PROGRAM_FILES = "ProgramFiles": "Folder of installed programs, on Windows.";
        PROGRAM_FILES_X86 = "ProgramFiles(x86)": "Folder of installed 32-bit programs, on Windows.";
        PROGRAM_DATA = "ProgramData": "Folder with the keys of the Azure Arc agent, on Windows.";
        SYSTEM_ROOT = "SystemRoot": "Folder of Windows.";
        NO_COLOR: "Any value: no color.";
        BROWSER: "Program that opens the sign-in page of --interactive, instead of the system's." => path;
    }
}

/// Returns true if the variable holds a secret.
pub fn is_secret(name: &str) -> bool {
    VARIABLES.iter().any(|variable| variable.is_secret && variable.name == name)
}

/// Returns the names of the settings that must be Unicode.
pub(super) fn text_names() -> impl Iterator<Item = &'static str> {
    let is_setting =
        |v: &&EnvVariable| !matches!(v.group, VariableGroup::Host | VariableGroup::Agent | VariableGroup::System);
    VARIABLES.iter().filter(is_setting).filter(|v| !v.is_path).map(|v| v.name)
}

/// Returns the variables that show the session of a coding agent. Only those that a vendor documents: Claude Code and Cursor
/// in their documentation, Gemini CLI in `docs/tools/shell.md`, and az for GitHub Copilot (`auth/agentic_session.py` of
/// azure-cli-core).
pub fn agent_names() -> impl Iterator<Item = &'static str> {
    VARIABLES.iter().filter(|variable| variable.group == VariableGroup::Agent).map(|variable| variable.name)
}

/// Returns the names that `--clean-env` removes.
pub fn sign_in_names() -> impl Iterator<Item = &'static str> {
    VARIABLES.iter().filter(|variable| variable.signs_in).map(|variable| variable.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for (index, one) in VARIABLES.iter().enumerate() {
            assert!(VARIABLES[..index].iter().all(|other| other.name != one.name), "{}", one.name);
        }
    }

    #[test]
    fn programs_inherit_no_secret() {
        let kept = VARIABLES.iter().filter(|v| !v.for_programs).map(|v| v.name);
        let kept: Vec<_> = kept.filter(|name| *name != KUBECONFIG).collect();
        let secrets: Vec<_> = VARIABLES.iter().filter(|v| v.is_secret).map(|v| v.name).collect();
        assert_eq!(kept, secrets);
        assert!(is_secret(IDENTITY_HEADER) && is_secret(MSI_SECRET) && !is_secret(AZURE_CLIENT_ID));
    }
}
