//! Reserved variables: they decide what a shell or runtime runs, which certificates it trusts and how it signs in.
//!
//! A secret's name must not set one. Otherwise everyone with write access to the vault could run code wherever its secrets
//! are read. The lists are from each product's page: `ld.so(8)`, `dyld(1)`, `bash(1)`, `zshparam(1)`,
//! `git(1)`, `python(1)`, `perlrun(1)`, `ruby(1)`, `node(1)`, `less(1)`, `curl(1)`, `make(1)`, .NET's
//! (<https://learn.microsoft.com/dotnet/core/tools/dotnet-environment-variables>), Cargo's, Go's and Java's, and those that
//! `sudo` and the C library remove.

use crate::env;

const PREFIXES: [&str; 36] = [
    "AZFOB_",
    "AZURE_",
    "BASH_",
    "BUNDLE_",
    "CARGO_",
    "COMPLUS_",
    "CORECLR_",
    "COR_",
    "CURL_",
    "DOTNET_",
    "DYLD_",
    "ERL_",
    "GEM_",
    "GIT_",
    "IDENTITY_",
    "IMDS_",
    "JAVA_",
    "JULIA_",
    "LD_",
    "LESS",
    "LUA_",
    "MSI_",
    "NODE_",
    "NPM_CONFIG_",
    "OPENSSL_",
    "PERL5",
    "PHP_",
    "PIP_",
    "PYTHON",
    "RUBY",
    "RUSTC_",
    "R_ENVIRON",
    "R_LIBS",
    "R_PROFILE",
    "SSL_CERT_",
    "XDG_",
];
const SUFFIXES: [&str; 9] =
    ["_ASKPASS", "_CA_BUNDLE", "_EDITOR", "_EXTRA_CA_CERTS", "_OPTIONS", "_OPTS", "_PAGER", "_RSH", "_STARTUP_HOOKS"];
const NAMES: [&str; 59] = [
    env::ALL_PROXY,
    "BASHOPTS",
    "BROWSER",
    "CDPATH",
    "CLASSPATH",
    "COMSPEC",
    "EDITOR",
    "ENV",
    "EXINIT",
    "FPATH",
    "GCONV_PATH",
    "GETCONF_DIR",
    "GLIBC_TUNABLES",
    "GLOBIGNORE",
    "GOFLAGS",
    "GTK_MODULES",
    env::HOME,
    "HOSTALIASES",
    env::HTTPS_PROXY,
    env::HTTP_PROXY,
    "IFS",
    "INPUTRC",
    "LIBPATH",
    "LOCALDOMAIN",
    "LOCPATH",
    "MAKEFILES",
    "MAKEFLAGS",
    "MANPAGER",
    "MAVEN_ARGS",
    "NLSPATH",
    env::NO_PROXY,
    "NULLCMD",
    "PAGER",
    "PATH",
    "PATHEXT",
    "PERLIO_DEBUG",
    "PERLLIB",
    "PHPRC",
    "PROMPT_COMMAND",
    "PS1",
    "PS4",
    "PSMODULEPATH",
    "QT_PLUGIN_PATH",
    "READNULLCMD",
    "RESOLV_HOST_CONF",
    "RUSTC",
    "RUSTFLAGS",
    "SHELL",
    "SHELLOPTS",
    "SHLIB_PATH",
    "SVN_SSH",
    "TERMCAP",
    "TERMINFO",
    "TMPDIR",
    env::USERPROFILE,
    "VIMINIT",
    "VISUAL",
    "WGETRC",
    "ZDOTDIR",
];

/// Returns true for a reserved name, in upper or lower case.
pub(super) fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
        || NAMES.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_are_known() {
        for name in [
            "PATH",
            "Path",
            "LD_PRELOAD",
            "DYLD_INSERT_LIBRARIES",
            "NODE_OPTIONS",
            "JDK_JAVA_OPTIONS",
            "_JAVA_OPTIONS",
            "JAVA_TOOL_OPTIONS",
            "MAVEN_OPTS",
            "DOTNET_STARTUP_HOOKS",
            "CORECLR_PROFILER_PATH",
            "GIT_SSH_COMMAND",
            "GIT_CONFIG_COUNT",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "PERL5LIB",
            "PERL5OPT",
            "PERLLIB",
            "RUBYOPT",
            "CLASSPATH",
            "MAKEFLAGS",
            "RUSTFLAGS",
            "RUSTC",
            "GLIBC_TUNABLES",
            "SYSTEMD_PAGER",
            "BASH_ENV",
            "ENV",
            "IFS",
            "ZDOTDIR",
            "HOME",
            "EDITOR",
            "PAGER",
            "LESSOPEN",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "NO_PROXY",
            "SSL_CERT_FILE",
            "REQUESTS_CA_BUNDLE",
            "NODE_EXTRA_CA_CERTS",
            "CURL_HOME",
            "SSH_ASKPASS",
            "AZURE_CLIENT_ID",
            "IDENTITY_ENDPOINT",
            "MSI_ENDPOINT",
            "AZFOB_VAULT",
        ] {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["API_KEY", "DATABASE_PASSWORD", "PATHS", "ENVIRONMENT", "MY_PATH", "OPTIONS", "PROXY", "KV_PATH"] {
            assert!(!is_reserved(name), "{name}");
        }
    }

    #[test]
    fn the_lists_are_sorted() {
        assert!(PREFIXES.is_sorted() && SUFFIXES.is_sorted() && NAMES.is_sorted());
    }
}
