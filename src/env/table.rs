//! Every environment variable that azfob knows by name: what it is for, who signs in by it, and who may see it.
//!
//! The one list of them. A name stands nowhere else as text, so that a misspelt one does not compile; `--clean-env`, the
//! manual, a sandbox's exports and what azfob's own programs inherit are made from it.

/// An environment variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvVariable {
    /// Its name.
    pub name: &'static str,
    /// The heading that it stands under in the manual.
    pub group: VariableGroup,
    /// What it says, in the manual's words.
    #[cfg_attr(not(feature = "sandbox"), allow(dead_code, reason = "the tests make the manual"))]
    pub meaning: &'static str,
    /// Whether azfob, or any client of Azure, signs in by it: `--clean-env` keeps it from the command.
    pub signs_in: bool,
    /// Whether its value is a secret, which no message shows.
    pub is_secret: bool,
    /// Whether az, pwsh and azd inherit it.
    pub for_programs: bool,
    /// Whether its value is a path, which the system takes whatever its bytes are.
    pub is_path: bool,
    /// Whether its value is a proxy's address, which can hold a password.
    pub is_proxy: bool,
    /// Whether it leads a client to another host, vault or identity than those of a sandbox.
    pub leads_away: bool,
}

/// What a variable is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableGroup {
    /// The settings that options and the configuration file have too.
    Settings,
    /// Signing in with what is stored in the variables themselves.
    SignIn,
    /// The identity that the host has.
    ManagedIdentity,
    /// The word of a cluster or a CI runner for a job.
    Federation,
    /// The way to the network.
    Network,
    /// Which host this is and what it is called: for reports and remedies.
    Host,
    /// Where the system keeps things.
    System,
}

#[cfg(feature = "sandbox")]
impl VariableGroup {
    /// All of them, in the manual's order.
    pub const ALL: [VariableGroup; 7] = [
        VariableGroup::Settings,
        VariableGroup::SignIn,
        VariableGroup::ManagedIdentity,
        VariableGroup::Federation,
        VariableGroup::Network,
        VariableGroup::Host,
        VariableGroup::System,
    ];

    /// The manual's heading.
    pub fn heading(self) -> &'static str {
        match self {
            VariableGroup::Settings => "Settings",
            VariableGroup::SignIn => "Signing in with what the environment holds",
            VariableGroup::ManagedIdentity => "The managed identity of the host",
            VariableGroup::Federation => "Workload identity and CI jobs",
            VariableGroup::Network => "Network",
            VariableGroup::Host => "Telling the host, for reports and remedies alone",
            VariableGroup::System => "The system",
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

    /// Who signs in is decided by it.
    const fn signs_in(self) -> Self {
        EnvVariable { signs_in: true, ..self }
    }

    /// A secret of a credential that az, pwsh and azd cannot use, so that they do not inherit it.
    const fn own_secret(self) -> Self {
        EnvVariable { is_secret: true, for_programs: false, ..self }
    }

    /// A secret that those programs ask with too.
    const fn secret(self) -> Self {
        EnvVariable { is_secret: true, ..self }
    }

    /// It names a file or a folder.
    const fn path(self) -> Self {
        EnvVariable { is_path: true, ..self }
    }

    /// It names a proxy.
    const fn proxy(self) -> Self {
        EnvVariable { is_proxy: true, ..self }
    }

    /// It leads a client elsewhere, though nobody signs in by it.
    const fn leads_away(self) -> Self {
        EnvVariable { leads_away: true, ..self }
    }
}

/// Makes a constant of each name, and the table of them all.
macro_rules! variables {
    ($($group:ident { $($name:ident $(= $text:literal)?: $meaning:literal $(=> $($column:ident)+)?;)* })*) => {
        $($(
            #[doc = $meaning]
            pub const $name: &str = variables!(@name $name $($text)?);
        )*)*

        /// All of them, in the manual's order.
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
        AZFOB_VAULT: "The vault for bare names, as --vault takes it.";
        AZURE_KEYVAULT_URL: "The vault, where AZFOB_VAULT is not set.";
        AZURE_KEY_VAULT_ENDPOINT: "The vault, where neither of these is set." => leads_away;
        KEY_VAULT_NAME: "The vault, where none of these is set.";
        AZFOB_VAULT_SUFFIX: "Another suffix that vaults may have, as --vault-suffix takes it.";
        AZFOB_CONFIG: "The configuration file." => path;
        AZFOB_PROFILE: "The profile of the configuration file, as --profile takes it." => leads_away;
        AZFOB_TOKEN_CACHE: "Whether tokens of az, PowerShell and azd are kept between runs: 1 or 0.";
        AZFOB_NO_COMPLETE_NAMES: "Whether completion asks no vault for the names of secrets: any value.";
        GITHUB_ENV: "The file that -o github writes for a job's next steps." => path;
        SYSTEM_UNSAFEALLOWMULTILINESECRET: "Whether an Azure Pipelines agent takes secrets of several lines.";
        DECODE_PERCENTS: "Whether an Azure Pipelines agent decodes percent signs, where it is set.";
    }
    SignIn {
        AZURE_TOKEN_CREDENTIALS: "dev, prod, or the one credential to ask, as --credential takes it." => signs_in;
        AZURE_CLIENT_ID: "The application that signs in, or the user-assigned identity." => signs_in;
        AZURE_TENANT_ID: "The tenant to sign in to." => signs_in;
        AZURE_CLIENT_SECRET: "The application's secret." => signs_in own_secret;
        AZURE_CLIENT_CERTIFICATE_PATH: "The file with the application's certificate and private key." => signs_in path;
        AZURE_CLIENT_CERTIFICATE_PASSWORD: "The password of that file." => signs_in own_secret;
        AZURE_CLIENT_SEND_CERTIFICATE_CHAIN: "Whether the certificate's chain is sent along: 1 or true." => signs_in;
        AZURE_USERNAME: "The user that signs in with a password." => signs_in;
        AZURE_PASSWORD: "That user's password." => signs_in own_secret;
        AZURE_ADDITIONALLY_ALLOWED_TENANTS: "Other tenants that may be signed in to, with ; between them, or *.";
        AZURE_AUTHORITY_HOST: "The host that signs in.";
    }
    ManagedIdentity {
        IDENTITY_ENDPOINT: "Where the host's identity is asked for." => signs_in;
        IDENTITY_HEADER: "What the endpoint is asked with." => signs_in secret;
        IDENTITY_SERVER_THUMBPRINT: "The certificate of a Service Fabric cluster's endpoint." => signs_in;
        IMDS_ENDPOINT: "Beside IDENTITY_ENDPOINT, the mark of Azure Arc." => signs_in;
        MSI_ENDPOINT: "The endpoint of Cloud Shell and of Azure Machine Learning." => signs_in;
        MSI_SECRET: "What the latter is asked with." => signs_in secret;
        DEFAULT_IDENTITY_CLIENT_ID: "The identity of Azure Machine Learning's compute where none is named.";
        AZURE_POD_IDENTITY_AUTHORITY_HOST: "Another address in the place of the metadata service's.";
    }
    Federation {
        AZURE_FEDERATED_TOKEN_FILE: "The file with the cluster's word for the workload." => signs_in path;
        ACTIONS_ID_TOKEN_REQUEST_URL: "Where a GitHub Actions job asks for the runner's word." => signs_in;
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: "What it asks with." => signs_in own_secret;
        SYSTEM_OIDCREQUESTURI: "Where an Azure Pipelines job asks for the agent's word." => signs_in;
        SYSTEM_ACCESSTOKEN: "What it asks with." => signs_in own_secret;
        AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: "The service connection that it asks for.";
        AZURESUBSCRIPTION_CLIENT_ID: "The application of that connection.";
        AZURESUBSCRIPTION_TENANT_ID: "The tenant of that connection.";
    }
    Network {
        HTTPS_PROXY_LOWER = "https_proxy": "The proxy for https." => proxy;
        HTTPS_PROXY: "The same, where the former is not set." => proxy;
        ALL_PROXY_LOWER = "all_proxy": "The same, where neither is set." => proxy leads_away;
        ALL_PROXY: "The same, where none of these is set." => proxy leads_away;
        NO_PROXY_LOWER = "no_proxy": "The hosts that are asked without a proxy.";
        NO_PROXY: "The same, where the former is not set.";
        HTTP_PROXY_LOWER = "http_proxy": "The proxy of other programs for http; azfob warns where it would stand before the metadata service." => proxy;
        HTTP_PROXY: "The same, where the former is not set." => proxy;
        SSL_CERT_FILE: "The authorities that are trusted, instead of the system's." => path;
        SSL_CERT_DIR: "A folder of such authorities." => leads_away path;
    }
    Host {
        WEBSITE_SITE_NAME: "The name of an App Service or function app.";
        WEBSITE_RESOURCE_GROUP: "Its resource group.";
        FUNCTIONS_WORKER_RUNTIME: "The mark of a function app.";
        FUNCTIONS_EXTENSION_VERSION: "The same.";
        CONTAINER_APP_NAME: "The name of a container app.";
        CONTAINER_APP_RESOURCE_GROUP: "Its resource group.";
        KUBERNETES_SERVICE_HOST: "The mark of a pod.";
        POD_NAMESPACE: "Its namespace.";
        HOSTNAME: "Its name.";
        GITHUB_ACTIONS: "The mark of a GitHub Actions job.";
        RUNNER_NAME: "The name of its runner.";
        TF_BUILD: "The mark of an Azure Pipelines job.";
        AGENT_NAME: "The name of its agent.";
        CODESPACES: "The mark of a codespace.";
        CODESPACE_NAME: "Its name.";
        WSL_DISTRO_NAME: "The mark, and the name, of Linux inside Windows.";
        FABRIC_APPLICATION_NAME = "Fabric_ApplicationName": "The name of a Service Fabric application.";
        MSYSTEM: "The mark of Git Bash, whose quoting commands are printed in.";
    }
    System {
        PATH: "Where az, pwsh and azd are searched for.";
        AZURE_CONFIG_DIR: "Where az keeps who is signed in." => path;
        AZD_CONFIG_DIR: "Where azd does." => path;
        HOME: "The user's folder, on Unix.";
        USERPROFILE: "The user's folder, on Windows.";
        LOCALAPPDATA: "Where Visual Studio leaves what it knows of a sign-in, on Windows.";
        PROGRAM_FILES = "ProgramFiles": "Where programs are installed, on Windows.";
        PROGRAM_FILES_X86 = "ProgramFiles(x86)": "The same, of 32 bits.";
        PROGRAM_DATA = "ProgramData": "Where Azure Arc's agent leaves its keys, on Windows.";
        SYSTEM_ROOT = "SystemRoot": "Where Windows is.";
        NO_COLOR: "No colours, where it is set to anything.";
    }
}

/// Whether a variable of this name holds a secret.
pub fn is_secret(name: &str) -> bool {
    VARIABLES.iter().any(|variable| variable.is_secret && variable.name == name)
}

/// The settings that are text.
pub(super) fn text_names() -> impl Iterator<Item = &'static str> {
    let is_setting = |v: &&EnvVariable| !matches!(v.group, VariableGroup::Host | VariableGroup::System);
    VARIABLES.iter().filter(is_setting).filter(|v| !v.is_path).map(|v| v.name)
}

/// The names that `--clean-env` keeps from the command.
pub fn sign_in_names() -> impl Iterator<Item = &'static str> {
    VARIABLES.iter().filter(|variable| variable.signs_in).map(|variable| variable.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_once() {
        for (place, one) in VARIABLES.iter().enumerate() {
            assert!(VARIABLES[..place].iter().all(|other| other.name != one.name), "{}", one.name);
        }
    }

    #[test]
    fn what_az_signs_in_with_it_inherits_and_what_it_does_not_it_does_not() {
        let kept: Vec<_> = VARIABLES.iter().filter(|v| !v.for_programs).map(|v| v.name).collect();
        let secrets = [AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PASSWORD, AZURE_PASSWORD];
        assert_eq!(kept, [&secrets[..], &[ACTIONS_ID_TOKEN_REQUEST_TOKEN, SYSTEM_ACCESSTOKEN]].concat());
        assert!(is_secret(IDENTITY_HEADER) && is_secret(MSI_SECRET) && !is_secret(AZURE_CLIENT_ID));
    }
}
