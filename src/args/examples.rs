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
    example("The value of a secret, for a script", "PGPASSWORD=$(azfob get DatabasePassword --vault my-vault) || exit"),
    example("Who am I, and why does it not work?", "azfob diagnose --vault my-vault"),
    example("Try it without Azure", "azfob sandbox -- azfob get ApiKey"),
];

const GET: &[Example] = &[
    example("One value, to the byte", "azfob get DatabasePassword --vault my-vault"),
    example("A field of it, as jq programs for az read it", "azfob get ApiKey -o json | jq -r .attributes.expires"),
    example("Several into a shell's variables", "eval \"$(azfob get ApiKey DB=DatabaseConnectionString -o shell)\""),
    example("Every secret of a name's form into a file", "azfob get --match 'db-*' -o dotenv --out-file .env"),
    example("A certificate with its key", "azfob get app --decode base64 --out-file app.pfx"),
    example("For a container", "azfob get ApiKey -o docker-env --out-file env && docker run --env-file env IMAGE"),
];

const LIST: &[Example] = &[
    example("All of them", "azfob list --vault my-vault"),
    example("What expires within a month, or has expired", "azfob list --expiring 30d"),
    example("The names alone", "azfob list --match 'db-*' -o name"),
    example("The versions of one, newest first", "azfob list --versions ApiKey"),
];

const RUN: &[Example] = &[
    example("A secret in one variable", "azfob run -e PGPASSWORD=DatabasePassword -- psql -h db.example"),
    example("The references of a file, kept beside the code", "azfob run --env-file app.env -- ./server"),
    example(
        "What a shell makes of it",
        "azfob run -e X=ApiKey -- sh -c 'curl -H \"x-api-key: $X\" https://api.example'",
    ),
    example("Without showing a value in a log", "azfob run --mask -e X=ApiKey -- ./deploy.sh"),
];

const INJECT: &[Example] = &[
    example("A configuration for a server", "azfob inject appsettings.json --out-file appsettings.Production.json"),
    example("Into a pipe", "azfob inject deployment.yaml | kubectl apply -f -"),
    example("Any text", "echo 'password={{ DatabasePassword }}' | azfob inject --vault my-vault"),
];

const WHOAMI: &[Example] = &[
    example("Who the chain makes you", "azfob whoami"),
    example("The object id, for a role assignment", "azfob whoami -o json | jq -r .objectId"),
    example("One credential alone", "azfob whoami --credential managed-identity"),
];

const DIAGNOSE: &[Example] = &[
    example("Everything, for one secret", "azfob diagnose --vault my-vault --secret ApiKey"),
    example("The errors in another program's output", "kubectl logs my-pod | azfob diagnose --log -"),
    example("A report for a ticket", "azfob diagnose --vault my-vault -o markdown --redact"),
];

const EXPLAIN: &[Example] = &[
    example("A code of Entra ID", "azfob explain AADSTS700213"),
    example("An exit code of azfob", "azfob explain 5"),
    example("All that is known", "azfob explain --list"),
];

const SANDBOX: &[Example] = &[
    example("A script against an emulated vault", "azfob sandbox --secret ApiKey=test -- ./deploy.sh"),
    example("What a missing role looks like", "azfob sandbox --fault forbidden -- azfob get ApiKey"),
    example("On a pod", "azfob sandbox --as workload-identity -- azfob diagnose"),
];

const LOGOUT: &[Example] = &[
    example("A loop that pays for az once", "AZFOB_TOKEN_CACHE=1; export AZFOB_TOKEN_CACHE; ./many-gets.sh"),
    example("Drop what it kept", "azfob logout"),
];

const COMPLETIONS: &[Example] = &[
    example("Bash, in ~/.bashrc", "source <(azfob completions bash)"),
    example("Fish, once", "azfob completions fish > ~/.config/fish/completions/azfob.fish"),
    example("Zsh, once, into a folder of $fpath", "azfob completions zsh > \"${fpath[1]}/_azfob\""),
];

const HELP: &[Example] =
    &[example("How a secret is named", "azfob help references"), example("All that a command takes", "azfob help get")];

const VERSION: &[Example] = &[example("For a report of a fault", "azfob version")];

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
