//! The components that can answer, and the words that identify each.

use std::sync::LazyLock;

use super::words::{Words, starts_word};

/// A component that can fail or refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// A host's managed identity endpoint.
    IdentityEndpoint,
    EntraId,
    KeyVault,
    /// A proxy, or something else between this machine and Azure.
    Proxy,
    /// az, azd, Azure PowerShell, Visual Studio.
    DeveloperTool,
    /// The token service of a CI system.
    CiSystem,
    /// Azure Resource Manager or Microsoft Graph.
    Management,
    /// A client library of Azure, on the machine itself.
    Library,
}

/// Every component, the most specific first.
const ALL: [Component; 8] = [
    Component::Proxy,
    Component::KeyVault,
    Component::CiSystem,
    Component::IdentityEndpoint,
    Component::DeveloperTool,
    Component::EntraId,
    Component::Management,
    Component::Library,
];

impl Component {
    /// The components of a sign-in, the most specific first.
    pub(super) const OF_SIGN_IN: &[Component] = &[
        Component::CiSystem,
        // A tool names the managed identity that it uses.
        Component::DeveloperTool,
        Component::IdentityEndpoint,
        Component::EntraId,
        Component::Library,
    ];

    /// Returns its name in a sentence.
    pub(in crate::diagnosis) fn label(self) -> &'static str {
        match self {
            Component::IdentityEndpoint => "the managed identity endpoint",
            Component::EntraId => "Entra ID",
            Component::KeyVault => "Key Vault",
            Component::Proxy => "a proxy",
            Component::DeveloperTool => "a developer tool",
            Component::CiSystem => "the CI system",
            Component::Management => "Azure Resource Manager or Microsoft Graph",
            Component::Library => "the client library",
        }
    }

    /// Returns the component that a pattern's `@name` stands for.
    pub(super) fn of_name(name: &str) -> Component {
        match name {
            "identity" => Component::IdentityEndpoint,
            "entra" => Component::EntraId,
            "vault" => Component::KeyVault,
            "proxy" => Component::Proxy,
            "tool" => Component::DeveloperTool,
            "ci" => Component::CiSystem,
            "management" => Component::Management,
            other => unreachable!("@{other} is no component"),
        }
    }

    /// The words that identify it, in lower case. Those after `^` begin at a word.
    fn words(self) -> &'static [&'static str] {
        match self {
            Component::IdentityEndpoint => &[
                "169.254.169.254",
                "managedidentity",
                "managed identit",
                "managed_identity",
                "managed service",
                "user-assigned",
                "user assigned",
                "/msi/token",
                "msi endpoint",
                "msi_endpoint",
                "azure msi",
                "azure-msi",
                "imds",
                "identity_endpoint",
                "identity_server_thumbprint",
                "metadata/identity",
                "azure arc",
                "azcmagent",
                "himds",
            ],
            Component::EntraId => &[
                "aadsts",
                "login.microsoft",
                "login.windows.net",
                "sts.windows.net",
                "login.chinacloudapi.cn",
                "login.usgovcloudapi.net",
                "oauth2/v2.0",
                "entra id",
                "azure ad",
                "azuread",
                " aad ",
                "aad token",
                "active directory",
                "activedirectory",
                "clientsecretcredential",
                "clientcertificatecredential",
                "msal",
                "autorest/adal",
                "service principal",
                // MSAL for Go, with the authority's discovery document.
                "unable to resolve an endpoint",
            ],
            Component::KeyVault => &[
                ".vault.azure.net",
                ".vault.azure.cn",
                ".vault.usgovcloudapi.net",
                ".vaultcore.",
                "key vault",
                "keyvault",
                "akv1",
                "secretclient",
                // `Vault: my-vault;location=westeurope`.
                ";location=",
            ],
            Component::Proxy => &["proxy"],
            Component::DeveloperTool => &[
                "azure cli",
                "azurecli",
                "azure-cli",
                "az cli",
                "az login",
                "kubelogin",
                "az account",
                "powershell",
                "connect-azaccount",
                "get-az",
                "az.account",
                "azd auth",
                "azure developer cli",
                "azuredevelopercli",
                "visualstudio",
                "visual studio",
                "az_command_data_logger",
                // The heading of az's crash report.
                "the command failed with an unexpected error",
                "msal_token_cache",
                ".azd/",
            ],
            Component::CiSystem => &[
                "actions_id_token_request",
                "actions.githubusercontent.com",
                "oidc endpoint",
                "oidc token",
                "oidctoken",
                "azurepipelinescredential",
                "system_oidcrequesturi",
                "system_accesstoken",
                "azure pipelines",
                "githubassertion",
                "federated token",
                "service connection",
                "azure/login",
            ],
            Component::Management => &[
                "management.azure.com",
                "management.usgovcloudapi",
                "graph.microsoft",
                "graph.windows",
                "microsoft graph",
            ],
            Component::Library => &[
                "azure.identity",
                "azure-identity",
                "@azure/identity",
                "azidentity",
                "azure::core",
                "azure.core",
                "azure.requestfailed",
                "aka.ms/azsdk",
                "credentialunavailable",
                "azurecredential",
                "environmentcredential",
                "workloadidentity",
                "workload identity",
                "workload-identity",
                "chainedtokencredential",
                "usernamepasswordcredential",
                "onbehalfofcredential",
                "bearerauthorizer",
                "resterror",
                "clientautherror",
                "authenticationerror: unknown_error",
                "azure access token",
                "azure token",
                "azuredatabricks.net",
                "azure login",
                "login to azure",
                "log in to azure",
                "sign in to azure",
                "signed in to azure",
                "azure_authority_host",
                "azure_client_",
                "azure_federated_token",
                "azure_tenant_id",
                "azure_token_credentials",
                "azure_username",
                // The Azure SDK for Python does not let urllib3 retry.
                "^error: <urllib3.connection.",
                "requesterror: <urllib3.connection.",
                "('unable to connect to proxy'",
            ],
        }
    }
}

struct ComponentNames {
    words: Words,
    /// The component of each, and true if it begins at a word.
    components: Vec<(Component, bool)>,
}

static NAMES: LazyLock<ComponentNames> = LazyLock::new(|| {
    let all = ALL.into_iter().flat_map(|component| component.words().iter().map(move |word| (*word, component)));
    let parsed = all.map(|(word, component)| match word.strip_prefix('^') {
        Some(word) => (word, (component, true)),
        None => (word, (component, false)),
    });
    let (words, components): (Vec<&str>, Vec<(Component, bool)>) = parsed.unzip();
    ComponentNames { words: Words::new(words), components }
});

/// The components that a failure involves.
pub(super) struct Components {
    found: [bool; ALL.len()],
}

impl Components {
    /// Finds the components of a text, and adds the one that is known from the request.
    pub(super) fn of(known: Option<Component>, text: &str) -> Self {
        let mut found = [false; ALL.len()];
        let named = NAMES.words.find(text).into_iter().filter_map(|(word, at)| {
            let (component, begins_at_word) = NAMES.components[word];
            (!begins_at_word || starts_word(text, at.start)).then_some(component)
        });
        for component in named.chain(known) {
            found[place(component)] = true;
        }
        Components { found }
    }

    pub(super) fn has(&self, component: Component) -> bool {
        self.found[place(component)]
    }

    pub(super) fn any(&self) -> bool {
        self.found.iter().enumerate().any(|(at, found)| *found && ALL[at] != Component::Proxy)
    }

    /// Returns the most specific component.
    pub(super) fn first(&self) -> Option<Component> {
        ALL.into_iter().find(|component| self.has(*component) && *component != Component::Proxy)
    }
}

fn place(component: Component) -> usize {
    ALL.iter().position(|known| *known == component).unwrap_or(ALL.len() - 1)
}
