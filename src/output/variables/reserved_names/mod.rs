//! Decides which variables a secret may set by its own name.
//!
//! A name could decide what a shell or runtime runs, which certificates it trusts or how it signs in. Names that a manual lists
//! need an alias: those of [`FAMILIES`] and [`NAMES`], and those that end with one of [`SUFFIXES`].
//!
//! Any list has gaps, so the shape decides about the other names:
//!
//! - Everyone with write access to a vault chooses the names that `--match '*'` finds. Such a name must end as the name of a
//!   value does (`ADMIN_PASSWORD`, `ApiKey`, `REDIS_URL`) or with a number (`BIG_0001`), begin so (`DB_ORDERS`, `APP_COLOR`), be
//!   a single letter, or be a configuration key of .NET with a section (`Section__Key`).
//! - A name that the user wrote, or the first word of which (`--match 'shop-*'`), may also be any one of several words, unless
//!   it ends as the names of programs, files and options do ([`CONTROLS`]). Most names with a meaning are single words.

mod lists;

use crate::vault::glob::Glob;

use lists::{CONTROLS, FAMILIES, NAMES, SUBJECTS, SUFFIXES, VALUES};

/// The origin of a variable's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameOrigin {
    /// An alias from the command line.
    Alias,
    /// Derived from the name of a secret that the user named, or the first word of its name.
    Named,
    /// Derived from the name of a secret that was found in the vault: everyone with write access chooses it.
    Found,
}

impl NameOrigin {
    /// Returns the origin of the names that match a pattern.
    pub fn of_match(pattern: &Glob) -> Self {
        if pattern.has_first_word() { NameOrigin::Named } else { NameOrigin::Found }
    }
}

/// Why a secret may not set a variable by its own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reserved {
    /// It controls which programs run, or what they trust.
    Known,
    /// It may: it is not formed as the name of a value.
    Shape,
}

/// Returns why a name needs an alias, in upper or lower case. An alias itself needs none.
pub(super) fn reserved(name: &str, origin: NameOrigin) -> Option<Reserved> {
    let upper = name.to_ascii_uppercase();
    if is_known(&upper) {
        return Some(Reserved::Known).filter(|_| origin != NameOrigin::Alias);
    }
    let is_value = match origin {
        NameOrigin::Alias => true,
        NameOrigin::Named => is_value(&upper) || is_several_words(&upper),
        NameOrigin::Found => is_value(&upper),
    };
    (!is_value).then_some(Reserved::Shape)
}

fn is_known(name: &str) -> bool {
    let joined = name.replace('_', "");
    words(FAMILIES).any(|family| name.starts_with(family))
        || words(NAMES).any(|listed| name == listed)
        || words(SUFFIXES).any(|suffix| joined.ends_with(suffix))
}

fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split_ascii_whitespace()
}

/// Returns true if a name is formed as that of a value.
fn is_value(name: &str) -> bool {
    let word = without_number(name);
    let is_section = name.split_once("__").is_some_and(|(section, key)| !section.is_empty() && !key.is_empty());
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_numbered = name.rsplit_once('_').is_some_and(|(stem, end)| {
        stem.starts_with(|c: char| c.is_ascii_alphabetic()) && is_number(end) && !is_control(stem)
    });
    let is_letter = word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
    words(VALUES).any(|value| word.ends_with(value))
        || words(SUBJECTS).any(|subject| name.starts_with(subject))
        || is_section
        || is_numbered
        || is_letter
}

/// Returns true for a name of several words that does not end as the name of a program, file or option.
fn is_several_words(name: &str) -> bool {
    let has_two = name.split_once('_').is_some_and(|(first, rest)| !first.is_empty() && !rest.is_empty());
    has_two && !is_control(name)
}

fn is_control(name: &str) -> bool {
    let word = without_number(name);
    words(CONTROLS).any(|control| word.ends_with(control))
}

fn without_number(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_')
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
        AZURE_CLIENT_ID AZURE_CONFIG_DIR IDENTITY_ENDPOINT MSI_ENDPOINT AZFOB_VAULT KEY_VAULT_NAME _ __GL_SHADER_PATH \
        RSYNC_RSH RSYNC_CONNECT_PROG CVS_RSH BORG_RSH BORG_PASSCOMMAND RESTIC_PASSWORD_COMMAND TAR_OPTIONS KRB5_CONFIG APT_CONFIG \
        TNS_ADMIN ORACLE_HOME OCL_ICD_VENDORS VK_ICD_FILENAMES VK_INSTANCE_LAYERS GST_PLUGIN_SCANNER MESA_LOADER_DRIVER_OVERRIDE \
        GIO_EXTRA_MODULES OMP_TOOL_LIBRARIES CUDA_PATH_V12_1 NVCC_APPEND_FLAGS LUA_INIT_5_4 PERL_MB_OPT ELECTRON_RUN_AS_NODE \
        FLASK_APP DJANGO_SETTINGS_MODULE GUNICORN_CMD_ARGS SPRING_APPLICATION_JSON CATALINA_BASE HADOOP_CLASSPATH KAFKA_OPTS \
        TF_CLI_ARGS_plan TF_REATTACH_PROVIDERS TF_HTTP_ADDRESS ARM_METADATA_HOSTNAME ARM_MSI_ENDPOINT ARM_OIDC_REQUEST_URL \
        AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_EC2_METADATA_SERVICE_ENDPOINT AWS_PROFILE GCE_METADATA_HOST PULUMI_BACKEND_URL \
        POETRY_REPOSITORIES_A_URL TWINE_REPOSITORY_URL COREPACK_NPM_REGISTRY NVM_NODEJS_ORG_MIRROR CONDA_CHANNELS DOCKER_CONTEXT \
        BUILDX_BUILDER AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_CMD TWINE_CERT DENO_CERT HF_ENDPOINT PUB_HOSTED_URL \
        FLUTTER_STORAGE_BASE_URL PLAYWRIGHT_DOWNLOAD_HOST PUPPETEER_DOWNLOAD_BASE_URL \
        KRB5CCNAME KRB5_KTNAME KRB5_CLIENT_KTNAME KRB5RCACHENAME LDAPTLS_REQCERT LDAPCONF LDAPRC LESSKEYIN_SYSTEM \
        LESSKEY_SYSTEM LESSKEY_CONTENT SYSTEMD_DEBUGGER SYSTEMD_LESS PERL_LWP_SSL_VERIFY_HOSTNAME PERL_HTTP_URI_CLASS \
        PERL_MAILERS PERL_NET_HTTPS_SSL_SOCKET_CLASS BUNDLER_SETUP BUNDLER_VERSION GITWEB_CONFIG_COMMON LYNX_CFG \
        LINTIAN_CFG SYSTEM_WGETRC PSQL_EDITOR_LINENUMBER_ARG PSQL_PAGER IPFS_GATEWAY P4PORT SSH_SK_PROVIDER SSH_SK_HELPER \
        SSH_PKCS11_HELPER SSH_ASKPASS_REQUIRE DEBUGINFOD_URLS ICU_DATA LIBMOUNT_FSTAB MALLOC_TRACE NVIM_LISTEN_ADDRESS \
        NVIM_APPNAME __GLX_VENDOR_LIBRARY_NAME __EGL_VENDOR_LIBRARY_FILENAMES __PSLockdownPolicy __COMPAT_LAYER \
        LIBVA_DRIVER_NAME VDPAU_DRIVER OPENCL_LAYERS SDL_DYNAMIC_API SDL3_DYNAMIC_API INTEL_LIBITTNOTIFY64 SWIFT_BACKTRACE \
        QT_QPA_PLATFORM QT_QPA_PLATFORM_PLUGIN_PATH CONFIG_SITE CC_x86_64_unknown_linux_gnu CXX_aarch64_apple_darwin \
        TARGET_CC HOST_CXX CFLAGS_x86_64_unknown_linux_musl CROSS_COMPILE CGO_CFLAGS_ALLOW CGO_LDFLAGS GOAUTH GOCACHEPROG \
        GOVCS STACK_YAML GHC_ENVIRONMENT GHC_PACKAGE_PATH VIRTUAL_ENV CONDA_SSL_VERIFY CONDA_CHANNEL_ALIAS PYTEST_ADDOPTS \
        PYTEST_PLUGINS PDM_PYPI_URL POETRY_CERTIFICATES_A_CERT TS_NODE_COMPILER PNPM_CONFIG_SHELL BUN_OPTIONS \
        BUN_INSPECT_PRELOAD BUN_INSPECT COREPACK_INTEGRITY_KEYS MIX_EXS MIX_REBAR3 HEX_API HEX_MIRROR HEX_MIRROR_URL \
        HEX_BUILDS_URL HEX_UNSAFE_HTTPS R_ENVIRON R_LIBS_SITE R_DEFAULT_PACKAGES R_REPOSITORIES OTEL_JAVAAGENT_EXTENSIONS \
        OTEL_EXPORTER_OTLP_CERTIFICATE SPRING_CONFIG_LOCATION SPRING_CONFIG_NAME LOADER_PATH LOADER_MAIN LOGGING_CONFIG \
        APP_CONFIG_CACHE APP_BASE_PATH COMPOSER_HOME COMPOSER_ALLOW_SUPERUSER FLASK_DEBUG WERKZEUG_DEBUG_PIN \
        AIRFLOW__CORE__PLUGINS_FOLDER DISTCC_HOSTS ICECC_VERSION DIRENV_BASH MISE_ENV MISE_DEFAULT_CONFIG_FILENAME \
        MISE_NODE_MIRROR_URL OMPI_MCA_plm_rsh_agent PMIX_MCA_mca_base_component_path NUGET_PACKAGES NUGET_PLUGIN_PATHS \
        NUGET_CERT_REVOCATION_MODE BAZELISK_BASE_URL USE_BAZEL_VERSION MVNW_REPOURL SENTRYCLI_CDNURL \
        INSTALLER_DOWNLOAD_URL SE_DRIVER_MIRROR_URL TFENV_REMOTE PLAYWRIGHT_CHROMIUM_DOWNLOAD_HOST \
        PUPPETEER_CHROME_DOWNLOAD_BASE_URL CYPRESS_INSTALL_BINARY CYPRESS_RUN_BINARY ELECTRON_CUSTOM_FILENAME \
        DENO_TLS_CA_STORE DENO_SERVE_ADDRESS TF_ENCRYPTION TF_HTTP_CLIENT_CA_CERTIFICATE_PEM TF_HTTP_LOCK_ADDRESS \
        TF_CLOUD_HOSTNAME TG_SOURCE TG_AUTH_PROVIDER_CMD TG_TF_PATH TG_TF_DEFAULT_REGISTRY_HOST PULUMI_API VAULT_ADDR \
        VAULT_SKIP_VERIFY VAULT_CAPATH VAULT_CACERT_BYTES VAULT_TLS_SERVER_NAME CONSUL_HTTP_ADDR CONSUL_HTTP_SSL_VERIFY \
        NOMAD_ADDR NOMAD_SKIP_VERIFY DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_CONTENT_TRUST_SERVER \
        PODMAN_COMPOSE_PROVIDER BUILDAH_RUNTIME BUILD_REGISTRY_SOURCES CONTAINER_SSHKEY CONTAINERS_CONF \
        CONTAINERS_CONF_OVERRIDE CONTAINERD_ADDRESS NERDCTL_TOML KREW_DEFAULT_INDEX_URI SIGSTORE_REKOR_PUBLIC_KEY \
        GOOGLE_CLOUD_UNIVERSE_DOMAIN PUBSUB_EMULATOR_HOST FIREBASE_AUTH_EMULATOR_HOST \
        GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES AWS_LAMBDA_RUNTIME_API AZCOPY_ACTIVE_DIRECTORY_ENDPOINT \
        AZD_AUTH_ENDPOINT AZD_BUILDER_IMAGE GH_HOST GH_BROWSER R_BROWSER GITHUB_WORKSPACE RUNNER_TOOL_CACHE CI_API_V4_URL \
        CI_SERVER_URL GITLAB_HOST SYSTEM_COLLECTIONURI SYSTEM_TEAMFOUNDATIONCOLLECTIONURI PULUMI_TEMPLATE_GIT_REPOSITORY \
        ANDROID_SDK_MIRROR_URL SENTRY_PROPERTIES PW_TEST_REPORTER THOR_MERGE HTTPLIB2_CA_CERTS NOTIFY_SOCKET \
        M4 F77 OMPI_CC MPICH_CXX I_MPI_CC OPAMCURL WINESERVER RUST_GDB RUST_LLDB SLURM_TASK_PROLOG HARNESS_PERL LINKS_XTERM \
        SVN_MERGE BAZEL_SH BAZEL_REAL CDK_DOCKER TERRAFORM_BINARY_NAME CROSS_CONTAINER_ENGINE EM_NODE_JS \
        RCLONE_METADATA_MAPPER RSTUDIO_PANDOC SE_GECKODRIVER VCPKG_OVERLAY_PORTS VCPKG_BINARY_SOURCES X_VCPKG_ASSET_SOURCES \
        DASK_DISTRIBUTED__WORKER__PRELOAD BUILDKIT_SYNTAX QEMU_SET_ENV VAGRANT_CWD GITEA__mailer__SENDMAIL_PATH \
        LOGGING_MANAGER JPDA_ADDRESS AIRFLOW__SECRETS__BACKEND AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS APP_MODULE APP_SCRIPT \
        CHROMEDRIVER_CDNURL GECKODRIVER_CDNURL FLUTTER_GIT_URL GHCUP_BASE_URL INSTALL_K3S_ARTIFACT_URL COURSIER_REPOSITORIES \
        TERRAGRUNT_SOURCE TERRAGRUNT_PROVIDER_CACHE_HOST TOFUENV_REMOTE VAULT_PROXY_ADDR BAO_ADDR CONSUL_TLS_SERVER_NAME \
        NOMAD_TLS_SERVER_NAME GOOGLE_COMPUTE_CUSTOM_ENDPOINT";

    const DERIVED: [NameOrigin; 2] = [NameOrigin::Named, NameOrigin::Found];

    #[test]
    fn meaningful_names_are_reserved() {
        for name in MEANINGFUL.split_whitespace() {
            for origin in DERIVED {
                assert!(reserved(name, origin).is_some(), "{name} {origin:?}");
            }
            assert_eq!(reserved(name, NameOrigin::Alias), None, "{name}");
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
            "BIG_0000",
            "FEATURE_FLAGS",
            "APP_PATH",
            "PROD_COLOR",
            "MY_QUEUE",
            "VAULT_TOKEN",
            "TF_HTTP_PASSWORD",
            "HEX_REPOS_KEY",
            "GH_TOKEN",
            "CI_DEPLOY_PASSWORD",
            "FLASK_SECRET_KEY",
            "PLAYWRIGHT_SERVICE_ACCESS_TOKEN",
            "DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE",
            "AIRFLOW__CORE__FERNET_KEY",
            "SPRING_DATASOURCE_PASSWORD",
        ] {
            for origin in DERIVED {
                assert_eq!(reserved(name, origin), None, "{name} {origin:?}");
            }
        }
        for name in ["ORDERS", "MY_PATH", "OPTIONS", "_ORDERS", "ORDERS_", "PATH_1", "_1"] {
            for origin in DERIVED {
                assert_eq!(reserved(name, origin), Some(Reserved::Shape), "{name} {origin:?}");
            }
        }
        assert_eq!(reserved("DOCKER_HOST", NameOrigin::Named), Some(Reserved::Known));
    }

    /// The user chose these names. In a pattern without a first word, the vault chooses.
    #[test]
    fn named_secrets_of_several_words_are_not_reserved() {
        for name in ["SHOP_COLOR", "MY_TOOL", "SERVICE_ACCOUNT_JSON", "PRIVATE_CA", "x_y"] {
            assert_eq!(reserved(name, NameOrigin::Named), None, "{name}");
            assert_eq!(reserved(name, NameOrigin::Found), Some(Reserved::Shape), "{name}");
        }
        let origin = |glob: &str| NameOrigin::of_match(&Glob::parse(glob).unwrap());
        for glob in ["shop-*", "shop-c*", "shop-[a-z]", "orders"] {
            assert_eq!(origin(glob), NameOrigin::Named, "{glob}");
        }
        for glob in ["*", "shop*", "-*", "*-shop-*", "[a-s]hop-*", "?-x"] {
            assert_eq!(origin(glob), NameOrigin::Found, "{glob}");
        }
    }

    /// A name that something else reserves would only make the list longer.
    #[test]
    fn listed_names_would_otherwise_be_allowed() {
        for name in words(NAMES) {
            assert!(is_value(name) || is_several_words(name), "{name}");
            assert!(!words(FAMILIES).any(|family| name.starts_with(family)), "{name}");
            assert!(!words(SUFFIXES).any(|suffix| name.replace('_', "").ends_with(suffix)), "{name}");
        }
        let families: Vec<_> = words(FAMILIES).collect();
        for family in &families {
            assert!(!families.iter().any(|other| other != family && family.starts_with(other)), "{family}");
        }
    }

    #[test]
    fn lists_are_sorted() {
        for list in [VALUES, SUBJECTS, CONTROLS, SUFFIXES] {
            assert!(words(list).is_sorted(), "{list}");
        }
    }
}
