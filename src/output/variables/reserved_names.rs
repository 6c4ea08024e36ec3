//! Decides which variables a secret may set by its own name.
//!
//! Everyone with write access to a vault chooses the names in it. A name could decide what a shell or runtime runs, which
//! certificates it trusts or how it signs in. Any list of such names has gaps, so this is decided by shape: a secret sets a
//! variable by itself only if its name ends as the name of a value does (`ADMIN_PASSWORD`, `ApiKey`, `REDIS_URL`), begins
//! so (`DB_ORDERS`), is a single letter, or is a configuration key of .NET with a section (`Section__Key`). All other names need an alias.
//!
//! Some names of that shape have a meaning too, and need an alias as well. The lists are from each product's manual.

use crate::env;

/// What the name of a value ends with.
const VALUES: [&str; 46] = [
    "ACCOUNT",
    "ADDRESS",
    "CERT",
    "CERTIFICATE",
    "CODE",
    "CONNECTION",
    "CREDENTIAL",
    "CREDENTIALS",
    "DATABASE",
    "DB",
    "DOMAIN",
    "DSN",
    "EMAIL",
    "ENDPOINT",
    "HASH",
    "HOST",
    "ID",
    "JWT",
    "KEY",
    "KEYS",
    "LOGIN",
    "NAME",
    "PASS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PEM",
    "PFX",
    "PIN",
    "PORT",
    "PWD",
    "REGION",
    "SALT",
    "SAS",
    "SECRET",
    "SECRETS",
    "SERVER",
    "STRING",
    "TENANT",
    "TOKEN",
    "TOKENS",
    "URI",
    "URL",
    "USER",
    "VALUE",
    "WEBHOOK",
];

/// What the name of a value begins with.
const SUBJECTS: [&str; 6] = ["DATABASE_", "DB_", "KEY_", "PASSWORD_", "SECRET_", "TOKEN_"];

/// Families of names with a meaning: where they are listed, and their beginning. A family is here only if a name of it ends
/// as the name of a value does.
const FAMILIES: &[(&str, &[&str])] = &[
    ("azfob, and Microsoft's pages on Azure Identity", &["AZFOB_", "AZURE_", "IDENTITY_", "IMDS_", "MSI_"]),
    ("ld.so(8), dyld(1)", &["DYLD_", "LD_"]),
    ("bash(1), https://fishshell.com/docs/current/language.html#special-variables", &["BASH_", "FISH_", "__FISH"]),
    ("PowerShell's about_Environment_Variables", &["POWERSHELL_", "PSMODULE"]),
    ("git(1)", &["GIT_"]),
    ("python(1), pip's and uv's pages on configuration", &["PIP_", "PYSPARK_", "PYTHON", "UV_"]),
    ("perlrun(1), ruby(1), Bundler's and RubyGems' manuals", &["BUNDLE_", "GEM_", "PERL5", "RUBY"]),
    ("node(1), npm-config(7), Yarn's page on configuration", &["NODE_", "NPM_CONFIG_", "YARN_"]),
    ("php(1), Lua's and Julia's manuals, erl(1)", &["ERL_", "JULIA_", "LUA_", "PHP_"]),
    (".NET's page on environment variables", &["COMPLUS_", "CORECLR_", "COR_", "DOTNET_"]),
    ("the pages of Java's launcher and of Gradle", &["GRADLE_", "JAVA_"]),
    (
        "the Cargo Book, rustup's book, ccache(1), sccache's pages",
        &["CARGO_", "CCACHE_", "RUSTC_", "RUSTUP_", "SCCACHE_"],
    ),
    ("the Homebrew manual, Nix's manual", &["HOMEBREW_", "NIX_"]),
    ("pass(1)", &["PASSWORD_STORE_"]),
    ("curl(1), openssl-env(7)", &["CURL_", "OPENSSL_"]),
    ("the XDG base directories, dbus-daemon(1)", &["DBUS_", "XDG_"]),
    ("Helm's and kubectl's pages, Ansible's configuration settings", &["ANSIBLE_", "HELM_", "KUBE"]),
    ("the AWS CLI's and Google Cloud CLI's pages", &["AWS_ENDPOINT_", "CLOUDSDK_"]),
    ("the default variables of GitHub Actions", &["ACTIONS_"]),
];

/// Names with a meaning that end as the name of a value does.
const NAMES: &[(&str, &[&str])] = &[
    ("bash(1), zshparam(1)", &["COMP_KEY", "EGID", "EUID", "GID", "OLDPWD", "PPID", "PWD", "UID", "ZSH_NAME"]),
    ("environ(7), and the variables of Windows", &["COMPUTERNAME", env::HOSTNAME, "LOGNAME", "USER", "USERNAME"]),
    ("gettext(1), resolv.conf(5), less(1), cvs(1)", &["CVS_SERVER", "LESSKEY", "LOCALDOMAIN", "TEXTDOMAIN"]),
    ("R's page on startup", &["R_ENVIRON_USER", "R_LIBS_USER", "R_PROFILE_USER"]),
    ("Go's cmd/go", &["GONOSUMDB", "GOSUMDB"]),
    (
        "Docker's, BuildKit's and Podman's pages",
        &["BUILDKIT_HOST", "CONTAINER_CONNECTION", "CONTAINER_HOST", "DOCKER_HOST"],
    ),
    ("Google's application default credentials", &["GOOGLE_APPLICATION_CREDENTIALS"]),
    ("the default variables of GitHub Actions", &["GITHUB_API_URL", "GITHUB_GRAPHQL_URL", "GITHUB_SERVER_URL"]),
    ("the predefined variables of Azure Pipelines", &[env::SYSTEM_ACCESSTOKEN, env::SYSTEM_OIDCREQUESTURI]),
];

/// Endings with a meaning: programs that ask for a password, and certificates that are trusted.
const ENDINGS: [&str; 3] = ["ASKPASS", "CACERT", "ROOTCERT"];

/// Why a secret may not set a variable by its own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reserved {
    /// It controls which programs run, or what they trust.
    Known,
    /// It may: it has not the shape of a value's name.
    Shape,
}

/// Returns why the name needs an alias, in upper or lower case.
pub(super) fn reserved(name: &str) -> Option<Reserved> {
    let upper = name.to_ascii_uppercase();
    let is_in = |lists: &[(&str, &[&str])], matches: fn(&str, &str) -> bool| {
        lists.iter().flat_map(|(_, names)| *names).any(|listed| matches(&upper, listed))
    };
    let joined = upper.replace('_', "");
    let is_known = is_in(FAMILIES, |name, family| name.starts_with(family))
        || is_in(NAMES, |name, listed| name == listed)
        || ENDINGS.iter().any(|ending| joined.ends_with(ending));
    let word = upper.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let is_section = name.split_once("__").is_some_and(|(section, key)| !section.is_empty() && !key.is_empty());
    let is_letter = word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
    let is_value = VALUES.iter().any(|value| word.ends_with(value))
        || SUBJECTS.iter().any(|subject| upper.starts_with(subject))
        || is_section
        || is_letter;
    match (is_known, is_value) {
        (true, _) => Some(Reserved::Known),
        (false, true) => None,
        (false, false) => Some(Reserved::Shape),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the manuals of bash, zsh, dash, fish, PowerShell, loaders, runtimes, build tools, cloud CLIs and CI runners.
    const MEANINGFUL: &str = "PATH Path CDPATH FPATH ENV IFS HOME SHELL SHELLOPTS BASHOPTS BASH_ENV BASH_XTRACEFD PS0 PS1 PS2 \
        PS3 PS4 PROMPT PROMPT2 PROMPT_COMMAND PROMPT_DIRTRIM RPROMPT RPS1 SPROMPT PSVAR MAIL MAILPATH MAILCHECK FCEDIT EDITOR VISUAL \
        HISTFILE HISTCMD HISTCONTROL TMOUT EXECIGNORE GLOBIGNORE INPUTRC TIMEFORMAT NULLCMD READNULLCMD ZDOTDIR KEYTIMEOUT \
        WORDCHARS MODULE_PATH OPTIND UID EUID PPID PWD OLDPWD HOSTNAME USERNAME USER LOGNAME fish_user_paths \
        PSModulePath POWERSHELL_TELEMETRY_OPTOUT LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES GLIBC_TUNABLES GCONV_PATH \
        LOCPATH NLSPATH LOCALDOMAIN HOSTALIASES RES_OPTIONS TERMINFO TERMCAP TMPDIR NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS \
        NPM_CONFIG_USERCONFIG npm_config__auth JDK_JAVA_OPTIONS _JAVA_OPTIONS JAVA_TOOL_OPTIONS JAVA_HOME CLASSPATH MAVEN_OPTS \
        MAVEN_ARGS GRADLE_OPTS GRADLE_USER_HOME DOTNET_STARTUP_HOOKS COMPLUS_Version CORECLR_PROFILER_PATH COR_PROFILER \
        ASPNETCORE_HOSTINGSTARTUPASSEMBLIES PYTHONPATH PYTHONSTARTUP PYTHONUSERBASE PYSPARK_PYTHON PIP_INDEX_URL UV_INDEX_URL \
        PERL5LIB PERL5OPT PERLLIB PERL5DB RUBYOPT RUBYLIB BUNDLE_GEMFILE GEM_HOME PHPRC PHP_INI_SCAN_DIR R_PROFILE R_HOME \
        LUA_PATH JULIA_DEPOT_PATH ERL_LIBS GOFLAGS GOTOOLCHAIN GOPROXY GOPATH GOENV GO111MODULE CGO_CFLAGS RUSTFLAGS RUSTC \
        RUSTC_WRAPPER CARGO_HOME RUSTUP_DIST_SERVER RUSTUP_HOME CC CXX CPP LD AR AS FC LEX YACC CFLAGS CXXFLAGS CPPFLAGS LDFLAGS \
        MAKE MAKEFLAGS MAKEFILES GNUMAKEFLAGS CMAKE_TOOLCHAIN_FILE PKG_CONFIG_PATH GIT_SSH_COMMAND GIT_CONFIG_COUNT \
        GIT_CONFIG_KEY GIT_ASKPASS SSH_ASKPASS SUDO_ASKPASS SSH_AUTH_SOCK GNUPGHOME SVN_SSH PAGER MANPAGER LESSOPEN LESS BROWSER \
        HTTPS_PROXY http_proxy ALL_PROXY NO_PROXY SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE CURL_HOME OPENSSL_CONF \
        SSLKEYLOGFILE PGSSLROOTCERT VAULT_CACERT WGETRC AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_ENDPOINT_URL \
        AWS_CA_BUNDLE BOTO_CONFIG CLOUDSDK_CONFIG CLOUDSDK_PYTHON KUBECONFIG KUBERNETES_SERVICE_HOST DOCKER_HOST DOCKER_CONFIG \
        BUILDKIT_HOST CONTAINER_HOST HELM_PLUGINS TF_CLI_CONFIG_FILE TF_PLUGIN_CACHE_DIR ANSIBLE_CONFIG \
        HOMEBREW_ARTIFACT_DOMAIN NIX_PATH DBUS_SESSION_BUS_ADDRESS XDG_CONFIG_HOME SYSTEMD_PAGER GTK_MODULES QT_PLUGIN_PATH PASSWORD_STORE_ENABLE_EXTENSIONS \
        GITHUB_PATH GITHUB_ENV GITHUB_OUTPUT GITHUB_STATE GITHUB_STEP_SUMMARY GITHUB_API_URL ACTIONS_RUNTIME_TOKEN \
        ACTIONS_ID_TOKEN_REQUEST_URL RUNNER_TEMP AGENT_TEMPDIRECTORY SYSTEM_ACCESSTOKEN COMSPEC PATHEXT VIMINIT EXINIT \
        AZURE_CLIENT_ID AZURE_CONFIG_DIR IDENTITY_ENDPOINT MSI_ENDPOINT AZFOB_VAULT _ __GL_SHADER_PATH";

    #[test]
    fn meaningful_names_are_reserved() {
        for name in MEANINGFUL.split_whitespace() {
            assert!(reserved(name).is_some(), "{name}");
        }
    }

    #[test]
    fn names_of_values_are_not_reserved() {
        for name in [
            "API_KEY",
            "APIKEY",
            "DATABASE_PASSWORD",
            "DATABASECONNECTIONSTRING",
            "DB_HOST",
            "REDIS_URL",
            "SMTP_USER",
            "STRIPE_SECRET_KEY_2",
            "PASSWORD1",
            "V_12",
            "A",
            "DB_ONE",
            "ConnectionStrings__Default",
            "Serilog__MinimumLevel",
            "PGPASSWORD",
            "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN",
            "SECRET_1",
            "TLSCERTIFICATE",
            "STORAGE_SAS",
            "SLACK_WEBHOOK",
            "DOCKER_PASSWORD",
            "SSH_PRIVATE_KEY",
            "CONTAINER_REGISTRY_PASSWORD",
            "MANDRILL_KEY",
            "TF_VAR_DB_PASSWORD",
        ] {
            assert_eq!(reserved(name), None, "{name}");
        }
        for name in ["ORDERS", "MY_PATH", "OPTIONS", "MY_TOOL"] {
            assert_eq!(reserved(name), Some(Reserved::Shape), "{name}");
        }
        assert_eq!(reserved("DOCKER_HOST"), Some(Reserved::Known));
    }

    #[test]
    fn lists_are_sorted() {
        assert!(VALUES.is_sorted() && SUBJECTS.is_sorted() && ENDINGS.is_sorted());
        assert!(FAMILIES.iter().chain(NAMES).all(|(_, names)| names.is_sorted()));
    }
}
