//! Examples for each command, for `--help` and the manual.

/// An example command.
pub struct Example {
    /// What the command does.
    pub what: &'static str,
    /// The command line.
    pub line: &'static str,
}

const fn example(what: &'static str, line: &'static str) -> Example {
    Example { what, line }
}

const AZFOB: &[Example] = &[
    example("Use a secret in a script", "PGPASSWORD=$(azfob get DatabasePassword --vault my-vault) || exit"),
    example("Find out why a request fails", "azfob diagnose --vault my-vault"),
    example("Try azfob without Azure", "azfob sandbox -- azfob get ApiKey"),
];

const GET: &[Example] = &[
    example("Print one value, byte for byte", "azfob get DatabasePassword --vault my-vault"),
    example("Print another field, as with az", "azfob get ApiKey -o json | jq -r .attributes.expires"),
    example("Set shell variables", "eval \"$(azfob get ApiKey DB=DatabaseConnectionString -o shell)\""),
    example("Print one JSON object, for Terraform or jq", "azfob get key=ApiKey -o env-json"),
    example("Write all matching secrets to a .env file", "azfob get --match 'db-*' -o dotenv --out-file .env"),
    example("Save a certificate with its private key as PEM", "azfob get app --decode pem --out-file app.pem"),
    example(
        "Save key and certificates in a file each",
        "azfob get tls --part key --out-file k.pem --part fullchain --out-file c.pem",
    ),
    example(
        "Pass a secret to a container",
        "azfob get ApiKey -o docker-env --out-file env && docker run --env-file env app",
    ),
];

const LIST: &[Example] = &[
    example("List all secrets", "azfob list --vault my-vault"),
    example("List secrets that are expired or expire within 30 days", "azfob list --expiring 30d"),
    example("Fail a CI job if one of them belongs to the team", "azfob list --expiring 30d --tag owner=me --fail"),
    example("Print only the names", "azfob list --match 'db-*' -o name"),
    example("List the versions of a secret, newest first", "azfob list --versions ApiKey"),
];

const RUN: &[Example] = &[
    example("Set one variable", "azfob run -e PGPASSWORD=DatabasePassword -- psql -h db.example"),
    example("Resolve the references in a .env file", "azfob run --env-file app.env -- ./server"),
    example("Set a variable for each matching secret", "azfob run --match 'db-*' -- ./server"),
    example(
        "Use the variable in a shell command",
        "azfob run -e X=ApiKey -- sh -c 'curl -H \"x-api-key: $X\" https://api.example'",
    ),
    example("Mask the value in the command's output", "azfob run --mask -e X=ApiKey -- ./deploy.sh"),
];

const INJECT: &[Example] = &[
    example(
        "Write a configuration file for a server",
        "azfob inject appsettings.json --out-file appsettings.Production.json",
    ),
    example("Pipe a manifest to kubectl", "azfob inject deployment.yaml | kubectl apply -f -"),
    example(
        "Replace a reference in any text",
        "echo 'password={{ DatabasePassword }}' | azfob inject --vault my-vault",
    ),
];

const WHOAMI: &[Example] = &[
    example("Show the selected credential and its identity", "azfob whoami"),
    example("Print the object ID for a role assignment", "azfob whoami -o json | jq -r .objectId"),
    example("Use only one credential", "azfob whoami --credential managed-identity"),
    example("Show the identities of an app in Azure", "azfob whoami --for my-app"),
];

const DIAGNOSE: &[Example] = &[
    example("Check everything, and read one secret", "azfob diagnose --vault my-vault --secret ApiKey"),
    example("Explain the errors in another program's output", "kubectl logs my-pod | azfob diagnose --log -"),
    example("Check an app in Azure from your machine", "azfob diagnose --for my-app --vault my-vault"),
    example("Write a report for a ticket", "azfob diagnose --vault my-vault -o markdown --redact"),
];

const EXPLAIN: &[Example] = &[
    example("Explain an Entra ID error code", "azfob explain AADSTS700213"),
    example("Explain an exit code of azfob", "azfob explain 5"),
    example("List all codes", "azfob explain --list"),
];

const SANDBOX: &[Example] = &[
    example("Run a script against an emulated vault", "azfob sandbox --secret ApiKey=test -- ./deploy.sh"),
    example("Show the error for a missing role", "azfob sandbox --fault forbidden -- azfob get ApiKey"),
    example(
        "Emulate a Kubernetes pod with workload identity",
        "azfob sandbox --as workload-identity -- azfob diagnose",
    ),
];

const LOGOUT: &[Example] = &[
    example("Run az only once for many commands", "AZFOB_TOKEN_CACHE=1; export AZFOB_TOKEN_CACHE; ./many-gets.sh"),
    example("Delete the cached tokens", "azfob logout"),
];

const COMPLETIONS: &[Example] = &[
    example("Bash: add to ~/.bashrc", "source <(azfob completions bash)"),
    example("Fish: run once", "azfob completions fish > ~/.config/fish/completions/azfob.fish"),
    example("Zsh: run once; writes to a folder of $fpath", "azfob completions zsh > \"${fpath[1]}/_azfob\""),
];

const HELP: &[Example] = &[
    example("Show the ways to name a secret", "azfob help references"),
    example("Show all options of a command", "azfob help get"),
];

const VERSION: &[Example] = &[example("Print the version for a bug report", "azfob version")];

/// Returns the examples of a command; `azfob` is the program itself.
pub fn for_command(command: &str) -> &'static [Example] {
    match command {
        "azfob" => AZFOB,
        "get" => GET,
        "list" => LIST,
        "run" => RUN,
        "inject" => INJECT,
        "whoami" => WHOAMI,
        "diagnose" => DIAGNOSE,
        "explain" => EXPLAIN,
        "sandbox" => SANDBOX,
        "logout" => LOGOUT,
        "completions" => COMPLETIONS,
        "help" => HELP,
        "version" => VERSION,
        _ => &[],
    }
}

/// The line above the examples in `--help`.
pub const HEADING: &str = "Examples:";

/// Returns the help of a command with its examples.
pub(super) fn below(help: &str, command: &str) -> String {
    let mut text = help.to_owned();
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(HEADING);
    for example in for_command(command) {
        text.push_str(&format!("\n  # {}\n  {}", example.what, example.line));
    }
    text
}
