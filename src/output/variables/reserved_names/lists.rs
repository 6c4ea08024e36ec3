//! What names of variables begin and end with. Each list has its words separated by spaces, so that a word is not a pointer.
//! The lists of names with a meaning are from each product's manual.

/// What the name of a value ends with.
pub(super) const VALUES: &str = "\
    ACCOUNT ADDRESS AUDIENCE BUCKET CERT CERTIFICATE CLUSTER CODE CONNECTION CREDENTIAL CREDENTIALS CREDS DATABASE DB \
    DOMAIN DSN EMAIL ENDPOINT GUID HASH HOST ID ISSUER JWT KEY KEYS LICENSE LOGIN NAME NAMESPACE NONCE OTP PASS PASSPHRASE \
    PASSWD PASSWORD PEM PFX PHONE PIN PORT PWD QUEUE REALM REGION SALT SAS SCHEMA SECRET SECRETS SERVER SIGNATURE STRING \
    SUBSCRIPTION TENANT THUMBPRINT TOKEN TOKENS TOPIC URI URL USER UUID VALUE VAULT WEBHOOK";

/// What the name of a value begins with: [`NAMES`] has the few names of manuals that begin so. Some are stages, as in
/// `PROD_COLOR`.
pub(super) const SUBJECTS: &str = "API_ APP_ DATABASE_ DB_ DEV_ FEATURE_ KEY_ PASSWORD_ PROD_ SECRET_ STAGING_ TOKEN_";

/// What names of several words end with in the manuals below if they name a program, a file or options. `_` begins a word.
pub(super) const CONTROLS: &str = "\
    BROWSER BUILDER BUNDLE CHANNELS CONFIG CONTEXT DIR DIRECTORY DIRS EDITOR EXEC FILE FILENAMES FILES FLAGS HOOK HOOKS LAUNCHER \
    LIBRARIES LIBRARY LIBS MIRROR MODULE MODULES OPTIONS OVERRIDE PAGER PATH PATHS PLUGIN PLUGINS PREFIX PRELOAD PROFILE \
    PROFILER PROGRAM PROVIDERS PROXY PYTHON REGISTRY ROOT SCANNER SHELL STARTUP TOOLCHAIN TUNABLES VENDORS WRAPPER _ARGS \
    _BASE _BIN _BINARY _CONF _EXE _HELPER _HOME _INI _LIB _OPT _OPTS _PROG _RC _RSH _SCRIPT _SOCK _SOCKET _SSH _TEMP _TMP";

/// Families of names with a meaning: their beginning, below where they are listed. A family is here only if a name of it would
/// otherwise be allowed.
pub(super) const FAMILIES: &str = concat!(
    // azfob, Microsoft's pages on Azure Identity, azd's page on environment variables
    "AZD_ AZFOB_ AZURE_ IDENTITY_ IMDS_ MSI_ ",
    // ld.so(8), dyld(1)
    "DYLD_ LD_ ",
    // bash(1), https://fishshell.com/docs/current/language.html#special-variables
    "BASH_ FISH_ PROMPT_ ",
    // What no user sets: fish, PowerShell, libglvnd's pages, conda
    "__ ",
    // less(1), systemd(1)
    "LESSKEY SYSTEMD_ ",
    // kerberos(7), ldap.conf(5)
    "KRB5 LDAPTLS_ ",
    // PowerShell's about_Environment_Variables
    "POWERSHELL_ PSMODULE ",
    // git(1), gitweb.conf(5)
    "GITWEB_CONFIG_ GIT_ ",
    // python(1), pip's, uv's, conda's and pytest's pages on configuration
    "CONDA_ PIP_ PYSPARK_ PYTEST_ PYTHON UV_ ",
    // perlrun(1), LWP(3pm), Net::HTTPS(3pm), Mail::Mailer(3pm), ruby(1), Bundler's and RubyGems' manuals
    "BUNDLER_ BUNDLE_ GEM_ PERL5 PERL_ RUBY ",
    // node(1), npm-config(7), Yarn's, pnpm's and ts-node's pages on configuration, Bun's page on its debugger
    "BUN_INSPECT NODE_ NPM_CONFIG_ PNPM_CONFIG_ TS_NODE_ YARN_ ",
    // php(1), Lua's and Julia's manuals, erl(1), mix's page, R's pages on startup and on environment variables
    "ERL_ JULIA_ LUA_ MIX_ PHP_ R_ ",
    // .NET's and ASP.NET Core's pages on environment variables
    "ASPNETCORE_ COMPLUS_ CORECLR_ COR_ DOTNET_ ",
    // the pages of Java's launcher, of Gradle, and of OpenTelemetry's Java agent; Spring Boot's page on external configuration
    "GRADLE_ JAVA_ OTEL_JAVAAGENT_ SPRING_CONFIG_ ",
    // gcc(1), ld.so(8), cmake-env-variables(7), NVIDIA's page on nvcc
    "CMAKE_ CUDA_ GLIBC_ NVCC_ ",
    // the Cargo Book, rustup's book, the pages of the crate cc, Go's cmd/cgo
    "AR_AARCH64_ AR_X86_64_ CARGO_ CC_AARCH64_ CC_X86_64_ CFLAGS_ CGO_ CXXFLAGS_ CXX_ RUSTC_ RUSTUP_ ",
    // ccache(1), distcc(1), the pages of sccache and icecream
    "CCACHE_ DISTCC_ ICECC_ SCCACHE_ ",
    // direnv(1), mise's page on configuration
    "DIRENV_ MISE_ ",
    // Open MPI's page on MCA parameters
    "OMPI_MCA_ PMIX_MCA_ PRTE_MCA_ ",
    // the Homebrew manual, Nix's manual
    "HOMEBREW_ NIX_ ",
    // pass(1)
    "PASSWORD_STORE_ ",
    // curl(1), openssl-env(7)
    "CURL_ OPENSSL_ ",
    // the XDG base directories, dbus-daemon(1)
    "DBUS_ XDG_ ",
    // Helm's and kubectl's pages, Ansible's configuration settings
    "ANSIBLE_ HELM_ KUBE ",
    // the AWS SDKs' reference guide, the Google Cloud CLI's pages
    "AWS_CONTAINER_ AWS_EC2_METADATA_ AWS_ENDPOINT_ CLOUDSDK_ GCE_METADATA_ ",
    // Terraform's page on environment variables, the azurerm provider's pages
    "ARM_METADATA_ ARM_MSI_ ARM_OIDC_REQUEST_ TF_CLI_ TF_REATTACH_ ",
    // Dask's page on configuration (DASK_DISTRIBUTED__WORKER__PRELOAD is code that is run), vcpkg's page on environment variables
    "DASK_ VCPKG_ ",
    // Poetry's page on configuration
    "POETRY_CERTIFICATES_ POETRY_REPOSITORIES_ ",
    // Puppeteer's page on configuration
    "PUPPETEER_ ",
    // the Vulkan loader's, Mesa's and Qt's pages
    "MESA_ QT_QPA_ VK_ ",
    // the default variables of GitHub Actions
    "ACTIONS_ ",
);

/// Names with a meaning that would otherwise be allowed.
pub(super) const NAMES: &str = concat!(
    // bash(1), zshparam(1)
    "COMP_KEY EGID EUID GID HOSTNAME OLDPWD PPID PWD UID ZSH_NAME ",
    // environ(7), and the variables of Windows
    "COMPUTERNAME LOGNAME USER USERNAME ",
    // gettext(1), resolv.conf(5), cvs(1), Perforce's page on P4PORT (its form `rsh:` runs a command)
    "CVS_SERVER LOCALDOMAIN P4PORT TEXTDOMAIN ",
    // psql(1), lynx(1), lintian(1), Wget's manual, curl's page on IPFS
    "IPFS_GATEWAY LINTIAN_CFG LYNX_CFG PSQL_EDITOR_LINENUMBER_ARG SYSTEM_WGETRC ",
    // ssh(1), ssh-add(1)
    "SSH_ASKPASS_REQUIRE SSH_SK_PROVIDER ",
    // mount(8), mtrace(3), ICU's tools, debuginfod-client-config(7)
    "DEBUGINFOD_URLS ICU_DATA LIBMOUNT_FSTAB LIBMOUNT_MTAB MALLOC_TRACE ",
    // Neovim's manual
    "NVIM_APPNAME NVIM_LISTEN_ADDRESS ",
    // The driver or library that is loaded: the pages of libva, libvdpau, OpenCL's loader, SDL, ITT and Swift's runtime
    "INTEL_LIBITTNOTIFY32 INTEL_LIBITTNOTIFY64 LIBVA_DRIVER_NAME OPENCL_LAYERS SDL3_DYNAMIC_API SDL_DYNAMIC_API \
    SWIFT_BACKTRACE VDPAU_DRIVER ",
    // Autoconf's manual, the pages of the crate cc, GHC's and Stack's guides
    "CONFIG_SITE CROSS_COMPILE GHC_ENVIRONMENT HOST_AR HOST_CC HOST_CXX STACK_YAML TARGET_AR TARGET_CC TARGET_CXX ",
    // Compilers and macro processors: Autoconf's manual, mpicc(1) of Open MPI and MPICH, the Intel MPI reference
    "F77 F90 F95 I_MPI_CC I_MPI_CXX M4 MPICH_CC MPICH_CXX MPICH_FC OMPI_CC OMPI_CXX OMPI_FC ",
    // Programs that are run: opam(1), wine(1), the scripts rust-gdb and rust-lldb, srun(1), Test::Harness(3pm), links(1), svn(1)
    "HARNESS_PERL HARNESS_PERL_SWITCHES HARNESS_SUBCLASS LINKS_XTERM OPAMCURL RUST_GDB RUST_LLDB SLURM_TASK_EPILOG \
    SLURM_TASK_PROLOG SVN_MERGE WINESERVER ",
    // The same: the pages of Bazel, Bazelisk, CDK for Terraform, the AWS CDK, cross, Emscripten, rclone, rmarkdown and Selenium
    "BAZEL_REAL BAZEL_SH CDK_DOCKER CROSS_CONTAINER_ENGINE EM_NODE_JS RCLONE_METADATA_MAPPER RSTUDIO_PANDOC SE_CHROMEDRIVER \
    SE_EDGEDRIVER SE_GECKODRIVER TERRAFORM_BINARY_NAME X_VCPKG_ASSET_SOURCES ",
    // Code that is run: the pages of BuildKit's Dockerfile frontend, QEMU's user mode, Vagrant, Gitea and Forgejo, catalina.sh
    "BUILDKIT_SYNTAX FORGEJO__MAILER__SENDMAIL_PATH GITEA__MAILER__SENDMAIL_PATH JPDA_ADDRESS LOGGING_MANAGER QEMU_SET_ENV \
    VAGRANT_CWD ",
    // uv's page on environment variables
    "VIRTUAL_ENV ",
    // Oracle's page on tnsnames.ora, Twine's pages, Pulumi's sdk/go/common/env/env.go
    "PULUMI_API PULUMI_BACKEND_URL PULUMI_PACKAGE_TEMPLATE_GIT_REPOSITORY PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES \
    PULUMI_POLICY_TEMPLATE_GIT_REPOSITORY PULUMI_TEMPLATE_GIT_REPOSITORY TNS_ADMIN TWINE_CERT TWINE_REPOSITORY \
    TWINE_REPOSITORY_URL ",
    // Where programs are downloaded from: the sources of Dart's pub and Flutter, the pages of huggingface_hub, Playwright,
    // Selenium, Bazelisk, the Maven wrapper, sentry-cli, PDM, Hex, uv, mise, tfenv, tofuenv, coursier, ghcup, k3s, and the npm
    // packages chromedriver and geckodriver
    "ANDROID_SDK_MIRROR_URL BAZELISK_BASE_URL BAZELISK_FORMAT_URL CHROMEDRIVER_CDNURL COURSIER_MIRRORS COURSIER_REPOSITORIES \
    FLUTTER_GIT_URL FLUTTER_STORAGE_BASE_URL GECKODRIVER_CDNURL GHCUP_BASE_URL HEX_API HEX_API_URL \
    HEX_BUILDS_URL HEX_MIRROR_URL HEX_TRUSTED_MIRROR_URL HF_ENDPOINT HF_INFERENCE_ENDPOINT INSTALLER_DOWNLOAD_URL \
    INSTALL_K3S_ARTIFACT_URL INSTALL_K3S_CHANNEL_URL \
    MVNW_REPOURL PDM_PYPI_URL PLAYWRIGHT_CDN_MIRRORS PLAYWRIGHT_CHROMIUM_DOWNLOAD_HOST PLAYWRIGHT_DOWNLOAD_HOST \
    PLAYWRIGHT_FIREFOX_DOWNLOAD_HOST PLAYWRIGHT_WEBKIT_DOWNLOAD_HOST PUB_HOSTED_URL SENTRYCLI_CDNURL \
    SE_BROWSER_MIRROR_URL SE_DRIVER_MIRROR_URL TFENV_REMOTE TOFUENV_REMOTE USE_BAZEL_VERSION ",
    // Whether a download is checked: the pages of Hex, Corepack, NuGet and sentry-cli
    "COREPACK_INTEGRITY_KEYS HEX_NO_VERIFY_REPO_ORIGIN HEX_UNSAFE_HTTPS NUGET_CERT_REVOCATION_MODE \
    SENTRYCLI_SKIP_CHECKSUM_VALIDATION SENTRY_PROPERTIES ",
    // Programs and modules that are run: Thor's shell/basic.rb, Playwright's test runner
    "PW_TEST_REPORTER PW_TEST_SOURCE_TRANSFORM THOR_DIFF THOR_MERGE ",
    // The application that is run: Red Hat's page on its Python images (s2i)
    "APP_CONFIG APP_FILE APP_HOME APP_MODULE APP_SCRIPT ",
    // NuGet's page on environment variables
    "NUGET_FALLBACK_PACKAGES NUGET_PACKAGES ",
    // Composer's page on its command line, Laravel's Foundation/Application.php (files that are run)
    "APP_BASE_PATH APP_CONFIG_CACHE APP_EVENTS_CACHE APP_PACKAGES_CACHE APP_ROUTES_CACHE APP_SERVICES_CACHE \
    COMPOSER_ALLOW_SUPERUSER ",
    // Deno's page on environment variables
    "DENO_CERT DENO_SERVE_ADDRESS DENO_TLS_CA_STORE ",
    // Flask's, Werkzeug's, Airflow's and Spring Boot's pages on configuration
    "AIRFLOW__API__AUTH_BACKENDS AIRFLOW__CORE__AUTH_MANAGER AIRFLOW__CORE__DAGS_FOLDER AIRFLOW__CORE__EXECUTOR \
    AIRFLOW__CORE__PLUGINS_FOLDER AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS AIRFLOW__SECRETS__BACKEND \
    AIRFLOW__SECRETS__BACKEND_KWARGS FLASK_APP FLASK_DEBUG LOADER_CONFIG_LOCATION LOADER_CONFIG_NAME \
    LOADER_MAIN SPRING_APPLICATION_JSON WERKZEUG_DEBUG_PIN ",
    // Electron's environment variables
    "ELECTRON_RUN_AS_NODE ",
    // OpenTelemetry's specification of the OTLP exporter: the certificate that is trusted
    "OTEL_EXPORTER_OTLP_CERTIFICATE OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE \
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE ",
    // The http backend and HCP Terraform in Terraform, OpenTofu's page on environment variables, Terragrunt's pages
    "TF_CLOUD_HOSTNAME TF_ENCRYPTION TF_HTTP_ADDRESS TF_HTTP_CLIENT_CA_CERTIFICATE_PEM TF_HTTP_LOCK_ADDRESS \
    TF_HTTP_UNLOCK_ADDRESS TERRAGRUNT_PROVIDER_CACHE_HOST TERRAGRUNT_PROVIDER_CACHE_HOSTNAME TERRAGRUNT_SOURCE \
    TERRAGRUNT_SOURCE_MAP TG_PROVIDER_CACHE_HOST TG_PROVIDER_CACHE_HOSTNAME TG_SOURCE TG_SOURCE_MAP \
    TG_TF_DEFAULT_REGISTRY_HOST ",
    // The pages of the command lines of Vault, OpenBao, Consul and Nomad
    "BAO_ADDR BAO_AGENT_ADDR BAO_CACERT_BYTES BAO_PROXY_ADDR BAO_TLS_SERVER_NAME CONSUL_GRPC_ADDR CONSUL_HTTP_ADDR \
    CONSUL_TLS_SERVER_NAME NOMAD_ADDR NOMAD_TLS_SERVER_NAME VAULT_ADDR VAULT_AGENT_ADDR VAULT_CACERT_BYTES VAULT_PROXY_ADDR \
    VAULT_TLS_SERVER_NAME ",
    // Go's cmd/go
    "GONOSUMDB GOSUMDB ",
    // azfob
    "KEY_VAULT_NAME ",
    // Docker's, BuildKit's, Podman's, Buildah's and nerdctl's pages
    "BUILDAH_RUNTIME BUILDKIT_HOST BUILD_REGISTRY_SOURCES CONTAINERD_ADDRESS CONTAINER_CONNECTION CONTAINER_HOST \
    CONTAINER_SSHKEY DOCKER_CONTENT_TRUST DOCKER_CONTENT_TRUST_SERVER DOCKER_HOST DOCKER_TLS NERDCTL_TOML \
    PODMAN_COMPOSE_PROVIDER ",
    // Krew's pkg/index, cosign's pkg/cosign/env
    "COSIGN_REPOSITORY KREW_DEFAULT_INDEX_URI SIGSTORE_REKOR_PUBLIC_KEY TUF_ROOT_JSON ",
    // Google's application default credentials and its client libraries
    "GOOGLE_APPLICATION_CREDENTIALS GOOGLE_CLOUD_UNIVERSE_DOMAIN GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES ",
    // AWS Lambda's page on the runtime API, AzCopy's common/environment.go
    "AWS_LAMBDA_RUNTIME_API AZCOPY_ACTIVE_DIRECTORY_ENDPOINT ",
    // the default variables of GitHub Actions, gh-environment(1)
    "GH_HOST GH_REPO GITHUB_API_URL GITHUB_ENV GITHUB_GRAPHQL_URL GITHUB_OUTPUT GITHUB_SERVER_URL GITHUB_STATE \
    GITHUB_STEP_SUMMARY GITHUB_WORKSPACE RUNNER_TOOL_CACHE ",
    // the predefined variables of GitLab CI/CD, glab's pages
    "CI_API_GRAPHQL_URL CI_API_V4_URL CI_DEPENDENCY_PROXY_SERVER CI_REPOSITORY_URL CI_SERVER_FQDN CI_SERVER_HOST \
    CI_SERVER_SHELL_SSH_HOST CI_SERVER_URL CI_TEMPLATE_REGISTRY_HOST GITLAB_HOST GL_HOST ",
    // the predefined variables of Azure Pipelines
    "SYSTEM_ACCESSTOKEN SYSTEM_COLLECTIONURI SYSTEM_OIDCREQUESTURI SYSTEM_TEAMFOUNDATIONCOLLECTIONURI ",
);

/// Suffixes with a meaning: programs that are run, also for a password; certificates that are trusted, or whether they are
/// verified; files; Google's emulators, which get no token but all data; and the endpoints of Terraform's provider for Google,
/// which get tokens.
pub(super) const SUFFIXES: &str =
    "ASKPASS CACERT CACERTS CMD COMMAND CUSTOMENDPOINT EMULATORHOST FILENAME ROOTCERT VERIFY";
