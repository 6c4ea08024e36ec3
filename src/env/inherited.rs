//! The variables that az, pwsh and azd inherit: what a program needs to run, and what these tools read. All other variables of
//! a job can hold secrets, which the tools need as little.

use std::ffi::OsStr;

use super::table::{self, VARIABLES, VariableGroup};

/// Names for any program: paths, language, terminal, folders of Windows
/// (<https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html>, and `set` in a new Windows session).
const OF_PROGRAMS: [&str; 40] = [
    "ALLUSERSPROFILE",
    "APPDATA",
    "COLUMNS",
    "COMMONPROGRAMFILES",
    "COMMONPROGRAMFILES(X86)",
    "COMMONPROGRAMW6432",
    "COMPUTERNAME",
    "COMSPEC",
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "HOMEDRIVE",
    "HOMEPATH",
    "LANG",
    "LANGUAGE",
    "LINES",
    "LOGNAME",
    "NUMBER_OF_PROCESSORS",
    "OS",
    "PATHEXT",
    "PROCESSOR_ARCHITECTURE",
    "PROGRAMW6432",
    "PSMODULEPATH",
    "PUBLIC",
    "PWD",
    "SESSIONNAME",
    "SHELL",
    "SYSTEMDRIVE",
    "TEMP",
    "TERM",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
    "USERDOMAIN",
    "USERNAME",
    "VIRTUAL_ENV",
    "WAYLAND_DISPLAY",
    "WINDIR",
    "WSLENV",
    "WSL_INTEROP",
];
/// Names that these tools or their libraries read: clouds, Cloud Shell, App Service, certificates (azure-cli-core, MSAL,
/// msrestazure, requests), and the cluster of a pod (kubectl).
const OF_TOOLS: [&str; 11] = [
    "ACC_CLOUD",
    "APPSETTING_WEBSITE_SITE_NAME",
    "ARM_CLOUD_METADATA_URL",
    "AZUREPS_HOST_ENVIRONMENT",
    "CURL_CA_BUNDLE",
    "ISDEVBOX",
    "KUBERNETES_SERVICE_PORT",
    "MSAL_FORCE_REGION",
    "NODE_EXTRA_CA_CERTS",
    "REGION_NAME",
    "REQUESTS_CA_BUNDLE",
];
/// Names that xdg-open and a browser read: the session of the desktop, and the socket of VS Code's `$BROWSER` (`xdg-open` of
/// xdg-utils, `helpers/browser.sh` of microsoft/vscode).
const OF_BROWSERS: [&str; 7] = [
    "DESKTOP_SESSION",
    "GNOME_DESKTOP_SESSION_ID",
    "KDE_FULL_SESSION",
    "KDE_SESSION_VERSION",
    "MATE_DESKTOP_SESSION_ID",
    "VSCODE_IPC_HOOK_CLI",
    "XAUTHORITY",
];
/// Families of names of the tools, their runtimes, and what installs them: loaders, Python, .NET, Nix, snaps, version
/// managers.
const FAMILIES: [&str; 21] = [
    "ASDF_",
    "AZD_",
    "AZURE_",
    "AZ_",
    "CONDA_",
    "DOTNET_",
    "DYLD_",
    "LC_",
    "LD_",
    "MISE_",
    "NIX_",
    "OPENSSL_",
    "POWERSHELL_",
    "PYENV_",
    "PYTHON",
    "SNAP_",
    "SSL_CERT_",
    "UV_",
    "WSL_",
    "XDG_",
    "COMPLUS_",
];
/// Endings of words in the names of secrets, also in compounds such as `CONNECTIONSTRING` and `APIKEY`
/// (<https://learn.microsoft.com/azure/service-connector/how-to-integrate-key-vault>). A name of a family with one of them is
/// not inherited.
const SECRET_ENDINGS: [&str; 12] = [
    "CREDENTIAL",
    "CREDENTIALS",
    "KEY",
    "KEYS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "SECRET",
    "SECRETS",
    "STRING",
    "TOKEN",
    "TOKENS",
];
/// Whole words in such names. Publish profiles contain passwords.
const SECRET_WORDS: [&str; 9] = ["ASSERTION", "AUTH", "CONNSTR", "JWT", "PASS", "PAT", "PUBLISH", "PWD", "SAS"];
/// A name of a family that no tool reads to run; it can hold access tokens
/// (<https://nix.dev/manual/nix/latest/command-ref/conf-file#conf-access-tokens>).
const SETTINGS_WITH_TOKENS: &str = "NIX_CONFIG";

/// The ID of a session, in the shells of Claude Code (<https://code.claude.com/docs/en/env-vars>).
const CLAUDE_CODE_SESSION_ID: &str = "CLAUDE_CODE_SESSION_ID";
/// The same for Codex (<https://github.com/openai/codex/pull/10096>).
const CODEX_THREAD_ID: &str = "CODEX_THREAD_ID";
/// The variables that hold the ID of an agent's session. Other agents have none.
const SESSION_IDS: [&str; 3] = [CLAUDE_CODE_SESSION_ID, CODEX_THREAD_ID, table::COPILOT_AGENT_SESSION_ID];

/// Variables of coding agents. az marks the tokens of a session
/// (<https://github.com/Azure/azure-cli/blob/dev/src/azure-cli-core/azure/cli/core/auth/agentic_session.py>), so cached
/// tokens are used only in the session that requested them.
pub const AGENTS: [&str; 10] = [
    "AI_AGENT",
    table::CLAUDECODE,
    "CLAUDE_CODE_CHILD_SESSION",
    CLAUDE_CODE_SESSION_ID,
    CODEX_THREAD_ID,
    "COPILOT_AGENT",
    table::COPILOT_AGENT_SESSION_ID,
    "COPILOT_CLI",
    table::CURSOR_AGENT,
    table::GEMINI_CLI,
];

/// Returns the variable of a coding agent without a session ID, if this is its session.
pub(super) fn agent_without_id(is_set: impl Fn(&str) -> bool) -> Option<&'static str> {
    let has_id = SESSION_IDS.into_iter().any(&is_set);
    AGENTS.into_iter().find(|name| !has_id && is_set(name))
}

/// Returns true if az, pwsh and azd inherit the variable.
pub(super) fn is_inherited(name: &str, value: &OsStr) -> bool {
    let is_same = |other: &str| if cfg!(windows) { other.eq_ignore_ascii_case(name) } else { other == name };
    if let Some(known) = VARIABLES.iter().find(|variable| is_same(variable.name)) {
        return known.for_programs;
    }
    let name = name.to_ascii_uppercase();
    let lists: [&[&str]; 4] = [&OF_PROGRAMS, &OF_TOOLS, &OF_BROWSERS, &AGENTS];
    lists.iter().any(|list| list.contains(&name.as_str()))
        || FAMILIES.iter().any(|family| name.starts_with(family))
            && !is_secret(&name)
            && !has_user_info(&value.to_string_lossy())
}

/// Returns true if the variable selects the identity of az, pwsh or azd: a setting of theirs, or the host's endpoint.
pub(super) fn selects_identity(name: &str) -> bool {
    let is_of_host = |known: &table::EnvVariable| known.group == VariableGroup::ManagedIdentity && known.name == name;
    ["AZURE_", "AZD_"].iter().any(|family| name.starts_with(family)) || VARIABLES.iter().any(is_of_host)
}

fn is_secret(name: &str) -> bool {
    let mut words = name.split('_').map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()));
    name == SETTINGS_WITH_TOKENS
        || words.any(|word| SECRET_WORDS.contains(&word) || SECRET_ENDINGS.iter().any(|ending| word.ends_with(ending)))
}

/// Returns true if the value has a URL with a user name or password, such as that of a package index.
fn has_user_info(value: &str) -> bool {
    let mut urls = value.split("://").skip(1);
    urls.any(|rest| rest.split(['/', '?', '#', ' ']).next().is_some_and(|authority| authority.contains('@')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_inherit_what_they_read_and_no_other_variable() {
        for name in [
            "PATH",
            "HOME",
            "LANG",
            "LC_ALL",
            "TMPDIR",
            "https_proxy",
            "REQUESTS_CA_BUNDLE",
            "AZURE_CONFIG_DIR",
            "AZURE_EXTENSION_DIR",
            "IDENTITY_ENDPOINT",
            "COPILOT_AGENT_SESSION_ID",
            "APPSETTING_WEBSITE_SITE_NAME",
            "KUBERNETES_SERVICE_PORT",
            "AZURE_CORE_OUTPUT",
            "SNAP_NAME",
            "PYTHONPATH",
            "LD_LIBRARY_PATH",
            "SystemRoot",
            "ProgramFiles(x86)",
            "XDG_RUNTIME_DIR",
            "MSI_ENDPOINT",
        ] {
            assert!(is_inherited(name, OsStr::new("x")), "{name}");
        }
        for name in [
            "GITHUB_TOKEN",
            "IDENTITY_HEADER",
            "MSI_SECRET",
            "AWS_SECRET_ACCESS_KEY",
            "DATABASE_URL",
            "PGPASSWORD",
            "MY_APP",
            "AZURE_CLIENT_SECRET",
            "AZURE_DEVOPS_EXT_PAT",
            "AZURE_STORAGE_CONNECTION_STRING",
            "AZURE_OPENAI_API_KEY",
            "SYSTEM_ACCESSTOKEN",
            "ARM_CLIENT_SECRET",
            "KUBECONFIG",
            "SSH_AUTH_SOCK",
            "AZURE_STORAGE_KEY",
            "AZURE_SQL_CONNECTIONSTRING",
            "AZURE_KEYVAULT_CLIENTSECRET",
            "AZURE_OPENAI_APIKEY",
            "AZURE_COSMOS_KEY1",
            "AZURE_ACCESSTOKEN",
            "AZURE_WEBAPP_PUBLISH_PROFILE",
            "AZD_AUTH_KEY",
            "AZ_PWD",
            "NIX_CONFIG",
            "SNAPSHOT_STORE",
        ] {
            assert!(!is_inherited(name, OsStr::new("x")), "{name}");
        }
    }

    #[test]
    fn url_with_a_password_is_inherited_only_as_a_proxy() {
        let url = |name| is_inherited(name, OsStr::new("https://me:hunter2@pypi.example/simple"));
        assert!(!url("UV_INDEX_URL") && !url("AZURE_DATABASE_URL") && url("HTTPS_PROXY"));
        assert!(is_inherited("UV_INDEX_URL", OsStr::new("https://pypi.example/@scope")));
        assert!(is_inherited("PYTHONPATH", OsStr::new("/opt/lib:/opt/python@3.12/lib")));
    }
}
