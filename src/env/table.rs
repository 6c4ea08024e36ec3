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
    /// Folders of the system.
    System,
}

#[cfg(feature = "sandbox")]
impl VariableGroup {
    /// All groups, in the order of the manual.
    pub const ALL: [VariableGroup; 7] = [
        VariableGroup::Settings,
        VariableGroup::SignIn,
        VariableGroup::ManagedIdentity,
        VariableGroup::Federation,
        VariableGroup::Network,
        VariableGroup::Host,
        VariableGroup::System,
    ];

    /// Returns the heading in the manual.
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

    /// Marks a variable that clients sign in with.
    const fn signs_in(self) -> Self {
        EnvVariable { signs_in: true, ..self }
    }

    /// Marks the secret of a credential that az, pwsh and azd do not use, so that they do not inherit it.
    const fn own_secret(self) -> Self {
        EnvVariable { is_secret: true, for_programs: false, ..self }
    }

    /// Marks a secret that those programs use too.
    const fn secret(self) -> Self {
        EnvVariable { is_secret: true, ..self }
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

/// Returns true if the variable holds a secret.
pub fn is_secret(name: &str) -> bool {
    VARIABLES.iter().any(|variable| variable.is_secret && variable.name == name)
}

/// Returns the names of the settings that must be Unicode.
pub(super) fn text_names() -> impl Iterator<Item = &'static str> {
    let is_setting = |v: &&EnvVariable| !matches!(v.group, VariableGroup::Host | VariableGroup::System);
    VARIABLES.iter().filter(is_setting).filter(|v| !v.is_path).map(|v| v.name)
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
    fn programs_inherit_only_the_secrets_that_they_use() {
        let kept: Vec<_> = VARIABLES.iter().filter(|v| !v.for_programs).map(|v| v.name).collect();
        let secrets = [AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PASSWORD, AZURE_PASSWORD];
        assert_eq!(kept, [&secrets[..], &[ACTIONS_ID_TOKEN_REQUEST_TOKEN, SYSTEM_ACCESSTOKEN]].concat());
        assert!(is_secret(IDENTITY_HEADER) && is_secret(MSI_SECRET) && !is_secret(AZURE_CLIENT_ID));
    }
}
