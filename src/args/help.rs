//! What stands below the options in `--help`. Paragraphs are single lines: clap breaks them where the terminal ends.

use crate::env;

use super::examples::below;

const GET_HELP: &str = "\
A REF is one of
  NAME                                      a secret of the vault in use
  NAME/VERSION                              one version of it
  https://VAULT.vault.azure.net/secrets/NAME[/VERSION]
  https://VAULT.vault.azure.net/certificates/NAME[/VERSION]
  @Microsoft.KeyVault(SecretUri=...)        as in an App Service setting
  @Microsoft.KeyVault(VaultName=...;SecretName=...[;SecretVersion=...])
  akvs://SUBSCRIPTION/VAULT/NAME[/VERSION]  as azd writes it
  akv://VAULT/NAME
  ref+azurekeyvault://VAULT/NAME[/VERSION]  as vals writes it

The exact bytes of one value are printed; a newline follows on a terminal only. Several values are printed one a line, in \
the order asked, all or none. -o json prints what `az keyvault secret show` prints.

dotenv, docker-env, shell, github and azure-pipelines set variables. ALIAS=REF names one; without an alias the name is the secret's in \
upper case with _ for -, so that api-key becomes API_KEY. A name with -- keeps its case and -- becomes __, as .NET reads \
it: ConnectionStrings--Default becomes ConnectionStrings__Default.";

const LIST_HELP: &str = "\
-o name and -o tsv print each page as it comes, in the vault's order. The columns of tsv are name, enabled, updated, \
expires, content type and tags; with --versions updated is when the version was made, and the name is NAME/VERSION; with \
--deleted they are name, deleted, purged, content type and tags. Times are RFC 3339, and what is not set is empty.

-o json prints what `az keyvault secret list` prints, certificates' secrets included (\"managed\": true). A list that \
breaks off is a failure, whatever was printed before.";

const RUN_HELP: &str = "\
Beside --env, every variable of the environment whose value is a reference is replaced by the secret's value, as App \
Service does with its settings: @Microsoft.KeyVault(...), akvs://..., akv://... and ref+azurekeyvault://.... \
So is one in a file of --env-file; --env comes before such a file, and the file before what is inherited. All are resolved \
before the command starts, or it does not start.

On Unix the command takes azfob's place: signals, terminal and exit code are its own. On Windows azfob waits for it. \
With --mask azfob stays between: it passes signals on and exits as the command does (128 and the signal's number where \
one ended it). Where azfob's output is a terminal the command's is one too, on Unix; on Windows it is a pipe. What a \
command writes to /dev/tty itself is not masked, nor are lines of one or two characters. A last line that could be the \
beginning of a value is shown once it is not.

The exit code is the command's own; 127 where it is not found, 126 where it cannot be run. --clean-env keeps these from \
it: ";

/// What stands below the options of `run`.
pub(super) fn run() -> String {
    below(&format!("{RUN_HELP}{}.", env::sign_in_names().collect::<Vec<_>>().join(", ")), "run")
}

const INJECT_HELP: &str = "\
In any file {{ REF }} becomes the value of the secret, written as its place wants it: escaped in the quotes of JSON, YAML and \
TOML, in quotes of its own where it stands outside of any, as a block of YAML is indented, with the escapes of Java properties, \
and with the quotes that a line of a .env file needs. In JSON and YAML a string that is nothing but a reference of \
@Microsoft.KeyVault(...), akvs://, akv:// or ref+azurekeyvault:// becomes the value too. Comments and keys stay as they are, \
and so does {{ without }} on its line.

All or nothing: one reference that is malformed, one secret that fails, or one value that its place has no way to write, and \
nothing is written. There are no conditions and no loops.";

/// What stands below the options of another command.
pub(super) fn below_options(command: &str) -> String {
    let help = match command {
        "get" => GET_HELP,
        "list" => LIST_HELP,
        "inject" => INJECT_HELP,
        "whoami" => WHOAMI_HELP,
        "diagnose" => DIAGNOSE_HELP,
        "explain" => EXPLAIN_HELP,
        #[cfg(feature = "sandbox")]
        "sandbox" => SANDBOX_HELP,
        _ => "",
    };
    below(help, command)
}

const WHOAMI_HELP: &str = "\
A vault is not needed; where one is named, the token is asked for in its tenant. The token is never shown.";

const EXPLAIN_HELP: &str = "\
A number up to 8 is an exit code of azfob, three digits are an HTTP status, and more of them one of Entra ID's codes. Where \
several causes have one number the likeliest is told whole, and the others by their codes. --vault, --secret, --tenant and \
the ids of an identity are filled into the commands. A message that holds a known error is explained too; for a whole log \
there is `azfob diagnose --log`.

-o json prints {\"about\": ..., \"findings\": [...]}, as `azfob diagnose -o json` prints its findings.";

const DIAGNOSE_HELP: &str = "\
Every credential that needs no person is asked, all at once, and the way to the vault is walked step by step. The exit code \
is that of `azfob get`. Warnings and notes never change it. The report takes 20 s at the most (--timeout).";

#[cfg(feature = "sandbox")]
const SANDBOX_HELP: &str = "\
Nothing leaves this machine: CMD reaches the emulated Azure under its real host names, through a proxy on loopback that \
refuses every other host, with certificates of a throw-away authority that CMD alone is told to trust. azfob takes the \
same path in it as against Azure, and so do the official SDKs and az.

--fault throttled refuses every read; with --limit it answers that many in any such time, and what it refuses does not \
count, as in a real vault, whose limit is 4000/10s. --fault flaky is for load tests: every tenth answer of the vault is \
in turn a 503, a body that breaks off, a 429, or none.

--rtt 20ms makes the way to the vault, Entra ID and every other host as long as a network would: what opens a connection \
is answered after that time, so is the first message of TLS, and so is each request. The managed identity endpoint is on \
the host itself and answers at once.

The exit code is CMD's own.";
