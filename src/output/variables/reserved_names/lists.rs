//! What names of variables begin and end with. Each list has its words separated by spaces, so that a word is not a pointer.
//! The lists of names with a meaning are from each product's manual.

/// What the name of a value ends with.
pub(super) const VALUES: &str = "\
    ACCOUNT ADDRESS AUDIENCE BUCKET CERT CERTIFICATE CLUSTER CODE CONNECTION CREDENTIAL CREDENTIALS CREDS DATABASE DB \
    DOMAIN DSN EMAIL ENDPOINT GUID HASH HOST ID ISSUER JWT KEY KEYS LICENSE LOGIN NAME NAMESPACE NONCE OTP PASS PASSPHRASE \
    PASSWD PASSWORD PEM PFX PHONE PIN PORT PWD QUEUE REALM REGION SALT SAS SCHEMA SECRET SECRETS SERVER SIGNATURE STRING \
    SUBSCRIPTION TENANT THUMBPRINT TOKEN TOKENS TOPIC URI URL USER UUID VALUE VAULT WEBHOOK";

/// What the name of a value begins with: no manual lists a name with one of these. Some are stages, as in `PROD_COLOR`.
pub(super) const SUBJECTS: &str = "API_ APP_ DATABASE_ DB_ DEV_ FEATURE_ KEY_ PASSWORD_ PROD_ SECRET_ STAGING_ TOKEN_";

/// What names of several words end with in the manuals below if they name a program, a file or options. `_` begins a word.
pub(super) const CONTROLS: &str = "\
    BUILDER BUNDLE CHANNELS CONFIG CONTEXT DIR DIRECTORY DIRS EDITOR EXEC FILE FILENAMES FILES FLAGS HOOK HOOKS LAUNCHER \
    LIBRARIES LIBRARY LIBS MIRROR MODULE MODULES OPTIONS OVERRIDE PAGER PATH PATHS PLUGIN PLUGINS PREFIX PRELOAD PROFILE \
    PROFILER PROGRAM PROVIDERS PROXY PYTHON REGISTRY ROOT SCANNER SHELL STARTUP TOOLCHAIN TUNABLES VENDORS WRAPPER _ARGS \
    _BASE _BIN _CONF _EXE _HOME _INI _LIB _OPT _OPTS _PROG _RC _RSH _SCRIPT _SOCK _SSH _TEMP _TMP";

/// Families of names with a meaning: their beginning, below where they are listed. A family is here only if a name of it would
/// otherwise be allowed.
pub(super) const FAMILIES: &str = concat!(
    // azfob, and Microsoft's pages on Azure Identity
    "AZFOB_ AZURE_ IDENTITY_ IMDS_ MSI_ ",
    // ld.so(8), dyld(1)
    "DYLD_ LD_ ",
    // bash(1), https://fishshell.com/docs/current/language.html#special-variables
    "BASH_ FISH_ PROMPT_ __FISH ",
    // PowerShell's about_Environment_Variables
    "POWERSHELL_ PSMODULE ",
    // git(1)
    "GIT_ ",
    // python(1), pip's and uv's pages on configuration
    "PIP_ PYSPARK_ PYTHON UV_ ",
    // perlrun(1), ruby(1), Bundler's and RubyGems' manuals
    "BUNDLE_ GEM_ PERL5 RUBY ",
    // node(1), npm-config(7), Yarn's page on configuration
    "NODE_ NPM_CONFIG_ YARN_ ",
    // php(1), Lua's and Julia's manuals, erl(1)
    "ERL_ JULIA_ LUA_ PHP_ ",
    // .NET's and ASP.NET Core's pages on environment variables
    "ASPNETCORE_ COMPLUS_ CORECLR_ COR_ DOTNET_ ",
    // the pages of Java's launcher and of Gradle
    "GRADLE_ JAVA_ ",
    // gcc(1), ld.so(8), cmake-env-variables(7), NVIDIA's page on nvcc
    "CMAKE_ CUDA_ GLIBC_ NVCC_ ",
    // the Cargo Book, rustup's book, ccache(1), sccache's pages
    "CARGO_ CCACHE_ RUSTC_ RUSTUP_ SCCACHE_ ",
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
    // Poetry's page on configuration
    "POETRY_REPOSITORIES_ ",
    // the Vulkan loader's and Mesa's pages
    "MESA_ VK_ ",
    // the default variables of GitHub Actions
    "ACTIONS_ ",
);

/// Names with a meaning that would otherwise be allowed.
pub(super) const NAMES: &str = concat!(
    // bash(1), zshparam(1)
    "COMP_KEY EGID EUID GID OLDPWD PPID PWD UID ZSH_NAME ",
    // environ(7), and the variables of Windows
    "COMPUTERNAME HOSTNAME LOGNAME USER USERNAME ",
    // gettext(1), resolv.conf(5), less(1), cvs(1)
    "CVS_SERVER LESSKEY LOCALDOMAIN TEXTDOMAIN ",
    // Oracle's page on tnsnames.ora, twine/settings.py, Pulumi's sdk/go/common/env/env.go
    "PULUMI_BACKEND_URL TNS_ADMIN TWINE_CERT TWINE_REPOSITORY_URL ",
    // Where programs are downloaded from: the sources of Dart's pub, Flutter, huggingface_hub, Playwright and Puppeteer
    "FLUTTER_STORAGE_BASE_URL HF_ENDPOINT PLAYWRIGHT_DOWNLOAD_HOST PUB_HOSTED_URL PUPPETEER_DOWNLOAD_BASE_URL ",
    // Deno's page on environment variables
    "DENO_CERT ",
    // Flask's and Spring Boot's pages on configuration
    "FLASK_APP SPRING_APPLICATION_JSON ",
    // Terraform's http backend, Electron's environment variables
    "ELECTRON_RUN_AS_NODE TF_HTTP_ADDRESS ",
    // R's page on startup
    "R_ENVIRON_USER R_LIBS_USER R_PROFILE_USER ",
    // Go's cmd/go
    "GONOSUMDB GOSUMDB ",
    // azfob
    "KEY_VAULT_NAME ",
    // Docker's, BuildKit's and Podman's pages
    "BUILDKIT_HOST CONTAINER_CONNECTION CONTAINER_HOST DOCKER_HOST ",
    // Google's application default credentials
    "GOOGLE_APPLICATION_CREDENTIALS ",
    // the default variables of GitHub Actions
    "GITHUB_API_URL GITHUB_ENV GITHUB_GRAPHQL_URL GITHUB_OUTPUT GITHUB_SERVER_URL GITHUB_STATE GITHUB_STEP_SUMMARY ",
    // the predefined variables of Azure Pipelines
    "SYSTEM_ACCESSTOKEN SYSTEM_OIDCREQUESTURI ",
);

/// Suffixes with a meaning: programs that are run, also for a password, and certificates that are trusted.
pub(super) const SUFFIXES: &str = "ASKPASS CACERT CMD COMMAND ROOTCERT";
