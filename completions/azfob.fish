# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_azfob_global_optspecs
    string join \n vault= vault-suffix= credential= client-id= object-id= resource-id= tenant= interactive profile= timeout= q/quiet v/verbose timings color= h/help V/version
end

function __fish_azfob_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_azfob_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_azfob_using_subcommand
    set -l cmd (__fish_azfob_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c azfob -n "__fish_azfob_needs_command" -l vault -d 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]' -r
complete -c azfob -n "__fish_azfob_needs_command" -l vault-suffix -d 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]' -r
complete -c azfob -n "__fish_azfob_needs_command" -l credential -d 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]' -r
complete -c azfob -n "__fish_azfob_needs_command" -l client-id -d 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]' -r
complete -c azfob -n "__fish_azfob_needs_command" -l object-id -d 'The user-assigned identity, by its object id' -r
complete -c azfob -n "__fish_azfob_needs_command" -l resource-id -d 'The user-assigned identity, by its resource id' -r
complete -c azfob -n "__fish_azfob_needs_command" -l tenant -d 'The tenant to sign in to [env: AZURE_TENANT_ID]' -r
complete -c azfob -n "__fish_azfob_needs_command" -l profile -d 'The profile of the configuration file to use [env: AZFOB_PROFILE]' -r
complete -c azfob -n "__fish_azfob_needs_command" -l timeout -d 'The longest that all of it may take, as 20, 90s or 5m' -r
complete -c azfob -n "__fish_azfob_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c azfob -n "__fish_azfob_needs_command" -l interactive -d 'Let a person sign in with a browser, where no other credential has a token'
complete -c azfob -n "__fish_azfob_needs_command" -s q -l quiet -d 'Keep warnings to yourself'
complete -c azfob -n "__fish_azfob_needs_command" -s v -l verbose -d 'Tell each step on stderr, never a value or a token'
complete -c azfob -n "__fish_azfob_needs_command" -l timings -d 'Tell on stderr at the end how long each step took'
complete -c azfob -n "__fish_azfob_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c azfob -n "__fish_azfob_needs_command" -s V -l version -d 'Print version'
complete -c azfob -n "__fish_azfob_needs_command" -f -a "get" -d 'Print the value of one or more secrets'
complete -c azfob -n "__fish_azfob_needs_command" -f -a "whoami" -d 'Tell who the chain makes you: the credential that wins, and the identity behind it'
complete -c azfob -n "__fish_azfob_needs_command" -f -a "diagnose" -d 'Probe the whole chain and the vault, and say what stands in the way and what mends it'
complete -c azfob -n "__fish_azfob_needs_command" -f -a "list" -d 'List the vault\'s secrets, never a value'
complete -c azfob -n "__fish_azfob_needs_command" -f -a "run" -d 'Run a command with secrets in its environment'
complete -c azfob -n "__fish_azfob_needs_command" -f -a "explain" -d 'Explain an error\'s code, an HTTP status or an exit code, with the commands that mend it; nothing is probed'
complete -c azfob -n "__fish_azfob_needs_command" -f -a "sandbox" -d 'Try azfob against an emulated Azure on this machine'
complete -c azfob -n "__fish_azfob_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c azfob -n "__fish_azfob_needs_command" -f -a "help" -d 'Tell about a topic: exit-codes, credentials or references; or about a command'
complete -c azfob -n "__fish_azfob_using_subcommand get" -l match -d 'Get the enabled secrets whose names match, those of certificates left out' -r
complete -c azfob -n "__fish_azfob_using_subcommand get" -s o -l output -d 'How to print them' -r -f -a "text\t'The value and nothing else'
json\t'As `az keyvault secret show` prints it'
dotenv\t'NAME=value lines for a .env file'
docker-env\t'NAME=value lines for `docker run --env-file`, which knows no quotes'
shell\t'export lines for a POSIX shell, to be evaluated by it'
github\t'Masks, and variables for the next steps of a GitHub Actions job'
azure-pipelines\t'Masks, and secret variables for the next steps of an Azure Pipelines job'"
complete -c azfob -n "__fish_azfob_using_subcommand get" -l decode -d 'Undo the encoding that the value is stored in' -r -f -a "auto\t'As the tag file-encoding says, which `az keyvault secret set --file` leaves; a PFX from base64'
base64\t'Bytes as base64 text, as certificates are'
hex\t'Bytes as hexadecimal digits'
utf-16\t'Text of a UTF-16 file, written as one again: in the tag\'s byte order, or else little-endian'"
complete -c azfob -n "__fish_azfob_using_subcommand get" -l out-file -d 'Write to a new file that only you can read, instead of stdout' -r -F
complete -c azfob -n "__fish_azfob_using_subcommand get" -l wait-for-access -d 'Try for this long where a role is missing, as one that was just assigned: 90s, 5m' -r
complete -c azfob -n "__fish_azfob_using_subcommand get" -l vault -d 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]' -r
complete -c azfob -n "__fish_azfob_using_subcommand get" -l vault-suffix -d 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]' -r
complete -c azfob -n "__fish_azfob_using_subcommand get" -l credential -d 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]' -r
complete -c azfob -n "__fish_azfob_using_subcommand get" -l client-id -d 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]' -r
complete -c azfob -n "__fish_azfob_using_subcommand get" -l object-id -d 'The user-assigned identity, by its object id' -r
complete -c azfob -n "__fish_azfob_using_subcommand get" -l resource-id -d 'The user-assigned identity, by its resource id' -r
complete -c azfob -n "__fish_azfob_using_subcommand get" -l tenant -d 'The tenant to sign in to [env: AZURE_TENANT_ID]' -r
complete -c azfob -n "__fish_azfob_using_subcommand get" -l profile -d 'The profile of the configuration file to use [env: AZFOB_PROFILE]' -r
complete -c azfob -n "__fish_azfob_using_subcommand get" -l timeout -d 'The longest that all of it may take, as 20, 90s or 5m' -r
complete -c azfob -n "__fish_azfob_using_subcommand get" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c azfob -n "__fish_azfob_using_subcommand get" -s n -l no-newline -d 'Never end the value with a newline'
complete -c azfob -n "__fish_azfob_using_subcommand get" -l force -d 'Replace the file if it exists'
complete -c azfob -n "__fish_azfob_using_subcommand get" -l interactive -d 'Let a person sign in with a browser, where no other credential has a token'
complete -c azfob -n "__fish_azfob_using_subcommand get" -s q -l quiet -d 'Keep warnings to yourself'
complete -c azfob -n "__fish_azfob_using_subcommand get" -s v -l verbose -d 'Tell each step on stderr, never a value or a token'
complete -c azfob -n "__fish_azfob_using_subcommand get" -l timings -d 'Tell on stderr at the end how long each step took'
complete -c azfob -n "__fish_azfob_using_subcommand get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -s o -l output -d 'How to print it' -r -f -a "table\t'For people'
json\t'For programs'"
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -l vault -d 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]' -r
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -l vault-suffix -d 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]' -r
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -l credential -d 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]' -r
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -l client-id -d 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]' -r
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -l object-id -d 'The user-assigned identity, by its object id' -r
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -l resource-id -d 'The user-assigned identity, by its resource id' -r
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -l tenant -d 'The tenant to sign in to [env: AZURE_TENANT_ID]' -r
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -l profile -d 'The profile of the configuration file to use [env: AZFOB_PROFILE]' -r
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -l timeout -d 'The longest that all of it may take, as 20, 90s or 5m' -r
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -l interactive -d 'Let a person sign in with a browser, where no other credential has a token'
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -s q -l quiet -d 'Keep warnings to yourself'
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -s v -l verbose -d 'Tell each step on stderr, never a value or a token'
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -l timings -d 'Tell on stderr at the end how long each step took'
complete -c azfob -n "__fish_azfob_using_subcommand whoami" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l secret -d 'Test reading this secret too; its value is discarded' -r
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l log -d 'Explain the errors in another program\'s output instead, from a file or - for stdin; nothing is probed' -r -F
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l explain -d 'Explain one code or message instead, as AADSTS700213, AKV10032 or ForbiddenByFirewall; nothing is probed' -r
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -s o -l output -d 'How to print the report' -r -f -a "table\t'For people'
json\t'For programs'
markdown\t'For a ticket'"
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l vault -d 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]' -r
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l vault-suffix -d 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]' -r
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l credential -d 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]' -r
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l client-id -d 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]' -r
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l object-id -d 'The user-assigned identity, by its object id' -r
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l resource-id -d 'The user-assigned identity, by its resource id' -r
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l tenant -d 'The tenant to sign in to [env: AZURE_TENANT_ID]' -r
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l profile -d 'The profile of the configuration file to use [env: AZFOB_PROFILE]' -r
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l timeout -d 'The longest that all of it may take, as 20, 90s or 5m' -r
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l redact -d 'Shorten ids, addresses and names'
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l interactive -d 'Let a person sign in with a browser, where no other credential has a token'
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -s q -l quiet -d 'Keep warnings to yourself'
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -s v -l verbose -d 'Tell each step on stderr, never a value or a token'
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -l timings -d 'Tell on stderr at the end how long each step took'
complete -c azfob -n "__fish_azfob_using_subcommand diagnose" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c azfob -n "__fish_azfob_using_subcommand list" -s o -l output -d 'How to print them' -r -f -a "table\t'A table for people, sorted'
json\t'As `az keyvault secret list` prints it'
tsv\t'Tab-separated columns, without a header'
name\t'The names alone'"
complete -c azfob -n "__fish_azfob_using_subcommand list" -l match -d 'Only secrets whose names match: * and ? and [a-z], without regard to case' -r
complete -c azfob -n "__fish_azfob_using_subcommand list" -l expiring -d 'Only secrets that expire within this time, or have expired: 48h, 30d' -r
complete -c azfob -n "__fish_azfob_using_subcommand list" -l versions -d 'The versions of one secret, newest first' -r
complete -c azfob -n "__fish_azfob_using_subcommand list" -l wait-for-access -d 'Try for this long where a role is missing, as one that was just assigned: 90s, 5m' -r
complete -c azfob -n "__fish_azfob_using_subcommand list" -l vault -d 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]' -r
complete -c azfob -n "__fish_azfob_using_subcommand list" -l vault-suffix -d 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]' -r
complete -c azfob -n "__fish_azfob_using_subcommand list" -l credential -d 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]' -r
complete -c azfob -n "__fish_azfob_using_subcommand list" -l client-id -d 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]' -r
complete -c azfob -n "__fish_azfob_using_subcommand list" -l object-id -d 'The user-assigned identity, by its object id' -r
complete -c azfob -n "__fish_azfob_using_subcommand list" -l resource-id -d 'The user-assigned identity, by its resource id' -r
complete -c azfob -n "__fish_azfob_using_subcommand list" -l tenant -d 'The tenant to sign in to [env: AZURE_TENANT_ID]' -r
complete -c azfob -n "__fish_azfob_using_subcommand list" -l profile -d 'The profile of the configuration file to use [env: AZFOB_PROFILE]' -r
complete -c azfob -n "__fish_azfob_using_subcommand list" -l timeout -d 'The longest that all of it may take, as 20, 90s or 5m' -r
complete -c azfob -n "__fish_azfob_using_subcommand list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c azfob -n "__fish_azfob_using_subcommand list" -l disabled -d 'Only disabled secrets'
complete -c azfob -n "__fish_azfob_using_subcommand list" -l deleted -d 'The secrets that were deleted and can be recovered'
complete -c azfob -n "__fish_azfob_using_subcommand list" -l interactive -d 'Let a person sign in with a browser, where no other credential has a token'
complete -c azfob -n "__fish_azfob_using_subcommand list" -s q -l quiet -d 'Keep warnings to yourself'
complete -c azfob -n "__fish_azfob_using_subcommand list" -s v -l verbose -d 'Tell each step on stderr, never a value or a token'
complete -c azfob -n "__fish_azfob_using_subcommand list" -l timings -d 'Tell on stderr at the end how long each step took'
complete -c azfob -n "__fish_azfob_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c azfob -n "__fish_azfob_using_subcommand run" -s e -l env -d 'Set this variable to the value of a secret' -r
complete -c azfob -n "__fish_azfob_using_subcommand run" -l wait-for-access -d 'Try for this long where a role is missing, as one that was just assigned: 90s, 5m' -r
complete -c azfob -n "__fish_azfob_using_subcommand run" -l vault -d 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]' -r
complete -c azfob -n "__fish_azfob_using_subcommand run" -l vault-suffix -d 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]' -r
complete -c azfob -n "__fish_azfob_using_subcommand run" -l credential -d 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]' -r
complete -c azfob -n "__fish_azfob_using_subcommand run" -l client-id -d 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]' -r
complete -c azfob -n "__fish_azfob_using_subcommand run" -l object-id -d 'The user-assigned identity, by its object id' -r
complete -c azfob -n "__fish_azfob_using_subcommand run" -l resource-id -d 'The user-assigned identity, by its resource id' -r
complete -c azfob -n "__fish_azfob_using_subcommand run" -l tenant -d 'The tenant to sign in to [env: AZURE_TENANT_ID]' -r
complete -c azfob -n "__fish_azfob_using_subcommand run" -l profile -d 'The profile of the configuration file to use [env: AZFOB_PROFILE]' -r
complete -c azfob -n "__fish_azfob_using_subcommand run" -l timeout -d 'The longest that all of it may take, as 20, 90s or 5m' -r
complete -c azfob -n "__fish_azfob_using_subcommand run" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c azfob -n "__fish_azfob_using_subcommand run" -l clean-env -d 'Keep the variables that azfob signs in with from the command'
complete -c azfob -n "__fish_azfob_using_subcommand run" -l mask -d 'Print *** wherever the command prints a line of a value'
complete -c azfob -n "__fish_azfob_using_subcommand run" -l interactive -d 'Let a person sign in with a browser, where no other credential has a token'
complete -c azfob -n "__fish_azfob_using_subcommand run" -s q -l quiet -d 'Keep warnings to yourself'
complete -c azfob -n "__fish_azfob_using_subcommand run" -s v -l verbose -d 'Tell each step on stderr, never a value or a token'
complete -c azfob -n "__fish_azfob_using_subcommand run" -l timings -d 'Tell on stderr at the end how long each step took'
complete -c azfob -n "__fish_azfob_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c azfob -n "__fish_azfob_using_subcommand explain" -l secret -d 'The secret that it is about, for the commands' -r
complete -c azfob -n "__fish_azfob_using_subcommand explain" -s o -l output -d 'How to print it' -r -f -a "table\t'For people'
json\t'For programs'
markdown\t'For a ticket'"
complete -c azfob -n "__fish_azfob_using_subcommand explain" -l vault -d 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]' -r
complete -c azfob -n "__fish_azfob_using_subcommand explain" -l vault-suffix -d 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]' -r
complete -c azfob -n "__fish_azfob_using_subcommand explain" -l credential -d 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]' -r
complete -c azfob -n "__fish_azfob_using_subcommand explain" -l client-id -d 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]' -r
complete -c azfob -n "__fish_azfob_using_subcommand explain" -l object-id -d 'The user-assigned identity, by its object id' -r
complete -c azfob -n "__fish_azfob_using_subcommand explain" -l resource-id -d 'The user-assigned identity, by its resource id' -r
complete -c azfob -n "__fish_azfob_using_subcommand explain" -l tenant -d 'The tenant to sign in to [env: AZURE_TENANT_ID]' -r
complete -c azfob -n "__fish_azfob_using_subcommand explain" -l profile -d 'The profile of the configuration file to use [env: AZFOB_PROFILE]' -r
complete -c azfob -n "__fish_azfob_using_subcommand explain" -l timeout -d 'The longest that all of it may take, as 20, 90s or 5m' -r
complete -c azfob -n "__fish_azfob_using_subcommand explain" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c azfob -n "__fish_azfob_using_subcommand explain" -l list -d 'List all codes that azfob explains'
complete -c azfob -n "__fish_azfob_using_subcommand explain" -l interactive -d 'Let a person sign in with a browser, where no other credential has a token'
complete -c azfob -n "__fish_azfob_using_subcommand explain" -s q -l quiet -d 'Keep warnings to yourself'
complete -c azfob -n "__fish_azfob_using_subcommand explain" -s v -l verbose -d 'Tell each step on stderr, never a value or a token'
complete -c azfob -n "__fish_azfob_using_subcommand explain" -l timings -d 'Tell on stderr at the end how long each step took'
complete -c azfob -n "__fish_azfob_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c azfob -n "__fish_azfob_using_subcommand sandbox" -l as -d 'The kind of host that CMD finds itself on' -r -f -a "app-service\t'a web app with a managed identity'
functions\t'a function app with a managed identity'
container-apps\t'a container app with a managed identity'
imds\t'a virtual machine with a managed identity'
service-fabric\t'an application of a Service Fabric cluster'
arc\t'a server of Azure Arc, its key out of reach unless the agent\'s folder is there'
cloud-shell\t'the portal\'s shell, signed in as a person'
azure-ml\t'a compute of Azure Machine Learning'
workload-identity\t'a pod with a federated token'
github-actions\t'a GitHub Actions job that may ask for a token'
azure-pipelines\t'an Azure Pipelines job with a connection'
service-principal\t'a client secret in the environment'
azure-cli\t'a person\'s machine, signed in with az'
nothing\t'a machine with no identity at all'"
complete -c azfob -n "__fish_azfob_using_subcommand sandbox" -l vault -d 'The vault\'s name' -r
complete -c azfob -n "__fish_azfob_using_subcommand sandbox" -l secret -d 'Put this secret into the vault' -r
complete -c azfob -n "__fish_azfob_using_subcommand sandbox" -l secrets -d 'Put the secrets of this JSON file into the vault: names to values, or to objects' -r -F
complete -c azfob -n "__fish_azfob_using_subcommand sandbox" -l count -d 'Put this many numbered secrets into the vault' -r
complete -c azfob -n "__fish_azfob_using_subcommand sandbox" -l fault -d 'Let this go wrong' -r -f -a "no-identity\t'no identity is enabled on the host, or nobody is signed in'
multiple-identities\t'two user-assigned identities and no system-assigned one'
imds-impostor\t'a web server answers 403 at the metadata address'
expired-login\t'az\'s login has expired (AADSTS700082), or a person\'s at a compute'
mfa\t'az has to sign in again with a second factor (AADSTS50076)'
slow-az\t'az does not answer for ten minutes'
wrong-secret\t'AZURE_CLIENT_SECRET is not the client\'s secret (AADSTS7000215)'
expired-assertion\t'the federated token has expired (AADSTS700024)'
forbidden\t'403: the identity has no role on the vault'
shadowed\t'403: a client secret of an application without a role wins over the person signed in to az, who has one'
reader\t'403 on values: the identity is Key Vault Reader, which may only list'
access-policy\t'403: a vault with access policies, none for the identity'
firewall\t'403: the vault\'s firewall does not know the address'
private-link\t'403: the vault is open to private endpoints only'
signing-key-once\t'401: the vault cannot find Entra ID\'s key, twice (AKV10046)'
signing-key\t'401: the vault cannot find Entra ID\'s key at all (AKV10046)'
revoked\t'401: the session was revoked; the vault wants a token asked for with its claims'
wrong-tenant\t'401: the vault lives in a tenant that does not know the identity'
guest\t'the vault lives in another tenant, whose tokens must be asked for'
old-api\t'400: the vault knows no later version of its API than 7.1, as Azure Stack Hub\'s'
not-found\t'404: the vault is empty'
soft-deleted\t'404: every secret lies among the deleted ones'
disabled\t'403: every secret is disabled'
expired\t'every secret is past its expiry, and still handed out'
not-yet-valid\t'no secret has reached its start, and all are handed out'
throttled\t'429: the vault answers nothing else, or no more than --limit'
flaky\t'one answer of the vault in ten is a 503, a 429, cut short or none at all'
unreachable\t'the proxy cannot connect to the vault'
proxy-refuses\t'the proxy wants a sign-in before it connects to the vault (407)'
tls-intercepted\t'the vault\'s TLS is re-signed by an authority nobody trusts'
clock-skew\t'this machine\'s clock is two hours behind Azure\'s'"
complete -c azfob -n "__fish_azfob_using_subcommand sandbox" -l limit -d 'How much the vault answers with `--fault throttled`: so many reads in that time, as in 4000/10s' -r
complete -c azfob -n "__fish_azfob_using_subcommand sandbox" -l retry-after -d 'The `Retry-After` of those 429: `none`, seconds, or `date` for the time when a read is answered again' -r
complete -c azfob -n "__fish_azfob_using_subcommand sandbox" -l rtt -d 'How long the way to the vault and to Entra ID and back takes: once to connect, once for TLS, once for each answer' -r
complete -c azfob -n "__fish_azfob_using_subcommand sandbox" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c azfob -n "__fish_azfob_using_subcommand completions" -s h -l help -d 'Print help'
complete -c azfob -n "__fish_azfob_using_subcommand help" -s h -l help -d 'Print help (see more with \'--help\')'
