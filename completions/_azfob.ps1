
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'azfob' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'azfob'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'azfob' {
            [CompletionResult]::new('--vault', '--vault', [CompletionResultType]::ParameterName, 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]')
            [CompletionResult]::new('--vault-suffix', '--vault-suffix', [CompletionResultType]::ParameterName, 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]')
            [CompletionResult]::new('--credential', '--credential', [CompletionResultType]::ParameterName, 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]')
            [CompletionResult]::new('--client-id', '--client-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]')
            [CompletionResult]::new('--object-id', '--object-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its object id')
            [CompletionResult]::new('--resource-id', '--resource-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its resource id')
            [CompletionResult]::new('--tenant', '--tenant', [CompletionResultType]::ParameterName, 'The tenant to sign in to [env: AZURE_TENANT_ID]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file to use [env: AZFOB_PROFILE]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The longest that all of it may take, as 20, 90s or 5m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--interactive', '--interactive', [CompletionResultType]::ParameterName, 'Let a person sign in with a browser, where no other credential has a token')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Keep warnings to yourself')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Keep warnings to yourself')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell each step on stderr, never a value or a token')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell each step on stderr, never a value or a token')
            [CompletionResult]::new('--timings', '--timings', [CompletionResultType]::ParameterName, 'Tell on stderr at the end how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print the value of one or more secrets')
            [CompletionResult]::new('whoami', 'whoami', [CompletionResultType]::ParameterValue, 'Tell who the chain makes you: the credential that wins, and the identity behind it')
            [CompletionResult]::new('diagnose', 'diagnose', [CompletionResultType]::ParameterValue, 'Probe the whole chain and the vault, and say what stands in the way and what mends it')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the vault''s secrets, never a value')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run a command with secrets in its environment')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain an error''s code, an HTTP status or an exit code, with the commands that mend it; nothing is probed')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Try azfob against an emulated Azure on this machine')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Tell about a topic: exit-codes, credentials or references; or about a command')
            break
        }
        'azfob;get' {
            [CompletionResult]::new('--match', '--match', [CompletionResultType]::ParameterName, 'Get the enabled secrets whose names match, those of certificates left out')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print them')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print them')
            [CompletionResult]::new('--decode', '--decode', [CompletionResultType]::ParameterName, 'Undo the encoding that the value is stored in')
            [CompletionResult]::new('--out-file', '--out-file', [CompletionResultType]::ParameterName, 'Write to a new file that only you can read, instead of stdout')
            [CompletionResult]::new('--wait-for-access', '--wait-for-access', [CompletionResultType]::ParameterName, 'Try for this long where a role is missing, as one that was just assigned: 90s, 5m')
            [CompletionResult]::new('--vault', '--vault', [CompletionResultType]::ParameterName, 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]')
            [CompletionResult]::new('--vault-suffix', '--vault-suffix', [CompletionResultType]::ParameterName, 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]')
            [CompletionResult]::new('--credential', '--credential', [CompletionResultType]::ParameterName, 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]')
            [CompletionResult]::new('--client-id', '--client-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]')
            [CompletionResult]::new('--object-id', '--object-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its object id')
            [CompletionResult]::new('--resource-id', '--resource-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its resource id')
            [CompletionResult]::new('--tenant', '--tenant', [CompletionResultType]::ParameterName, 'The tenant to sign in to [env: AZURE_TENANT_ID]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file to use [env: AZFOB_PROFILE]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The longest that all of it may take, as 20, 90s or 5m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Never end the value with a newline')
            [CompletionResult]::new('--no-newline', '--no-newline', [CompletionResultType]::ParameterName, 'Never end the value with a newline')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace the file if it exists')
            [CompletionResult]::new('--interactive', '--interactive', [CompletionResultType]::ParameterName, 'Let a person sign in with a browser, where no other credential has a token')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Keep warnings to yourself')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Keep warnings to yourself')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell each step on stderr, never a value or a token')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell each step on stderr, never a value or a token')
            [CompletionResult]::new('--timings', '--timings', [CompletionResultType]::ParameterName, 'Tell on stderr at the end how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'azfob;whoami' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print it')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print it')
            [CompletionResult]::new('--vault', '--vault', [CompletionResultType]::ParameterName, 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]')
            [CompletionResult]::new('--vault-suffix', '--vault-suffix', [CompletionResultType]::ParameterName, 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]')
            [CompletionResult]::new('--credential', '--credential', [CompletionResultType]::ParameterName, 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]')
            [CompletionResult]::new('--client-id', '--client-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]')
            [CompletionResult]::new('--object-id', '--object-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its object id')
            [CompletionResult]::new('--resource-id', '--resource-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its resource id')
            [CompletionResult]::new('--tenant', '--tenant', [CompletionResultType]::ParameterName, 'The tenant to sign in to [env: AZURE_TENANT_ID]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file to use [env: AZFOB_PROFILE]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The longest that all of it may take, as 20, 90s or 5m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--interactive', '--interactive', [CompletionResultType]::ParameterName, 'Let a person sign in with a browser, where no other credential has a token')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Keep warnings to yourself')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Keep warnings to yourself')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell each step on stderr, never a value or a token')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell each step on stderr, never a value or a token')
            [CompletionResult]::new('--timings', '--timings', [CompletionResultType]::ParameterName, 'Tell on stderr at the end how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'azfob;diagnose' {
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'Test reading this secret too; its value is discarded')
            [CompletionResult]::new('--log', '--log', [CompletionResultType]::ParameterName, 'Explain the errors in another program''s output instead, from a file or - for stdin; nothing is probed')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Explain one code or message instead, as AADSTS700213, AKV10032 or ForbiddenByFirewall; nothing is probed')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the report')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the report')
            [CompletionResult]::new('--vault', '--vault', [CompletionResultType]::ParameterName, 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]')
            [CompletionResult]::new('--vault-suffix', '--vault-suffix', [CompletionResultType]::ParameterName, 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]')
            [CompletionResult]::new('--credential', '--credential', [CompletionResultType]::ParameterName, 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]')
            [CompletionResult]::new('--client-id', '--client-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]')
            [CompletionResult]::new('--object-id', '--object-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its object id')
            [CompletionResult]::new('--resource-id', '--resource-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its resource id')
            [CompletionResult]::new('--tenant', '--tenant', [CompletionResultType]::ParameterName, 'The tenant to sign in to [env: AZURE_TENANT_ID]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file to use [env: AZFOB_PROFILE]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The longest that all of it may take, as 20, 90s or 5m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--redact', '--redact', [CompletionResultType]::ParameterName, 'Shorten ids, addresses and names')
            [CompletionResult]::new('--interactive', '--interactive', [CompletionResultType]::ParameterName, 'Let a person sign in with a browser, where no other credential has a token')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Keep warnings to yourself')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Keep warnings to yourself')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell each step on stderr, never a value or a token')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell each step on stderr, never a value or a token')
            [CompletionResult]::new('--timings', '--timings', [CompletionResultType]::ParameterName, 'Tell on stderr at the end how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'azfob;list' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print them')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print them')
            [CompletionResult]::new('--match', '--match', [CompletionResultType]::ParameterName, 'Only secrets whose names match: * and ? and [a-z], without regard to case')
            [CompletionResult]::new('--expiring', '--expiring', [CompletionResultType]::ParameterName, 'Only secrets that expire within this time, or have expired: 48h, 30d')
            [CompletionResult]::new('--versions', '--versions', [CompletionResultType]::ParameterName, 'The versions of one secret, newest first')
            [CompletionResult]::new('--wait-for-access', '--wait-for-access', [CompletionResultType]::ParameterName, 'Try for this long where a role is missing, as one that was just assigned: 90s, 5m')
            [CompletionResult]::new('--vault', '--vault', [CompletionResultType]::ParameterName, 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]')
            [CompletionResult]::new('--vault-suffix', '--vault-suffix', [CompletionResultType]::ParameterName, 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]')
            [CompletionResult]::new('--credential', '--credential', [CompletionResultType]::ParameterName, 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]')
            [CompletionResult]::new('--client-id', '--client-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]')
            [CompletionResult]::new('--object-id', '--object-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its object id')
            [CompletionResult]::new('--resource-id', '--resource-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its resource id')
            [CompletionResult]::new('--tenant', '--tenant', [CompletionResultType]::ParameterName, 'The tenant to sign in to [env: AZURE_TENANT_ID]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file to use [env: AZFOB_PROFILE]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The longest that all of it may take, as 20, 90s or 5m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--disabled', '--disabled', [CompletionResultType]::ParameterName, 'Only disabled secrets')
            [CompletionResult]::new('--deleted', '--deleted', [CompletionResultType]::ParameterName, 'The secrets that were deleted and can be recovered')
            [CompletionResult]::new('--interactive', '--interactive', [CompletionResultType]::ParameterName, 'Let a person sign in with a browser, where no other credential has a token')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Keep warnings to yourself')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Keep warnings to yourself')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell each step on stderr, never a value or a token')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell each step on stderr, never a value or a token')
            [CompletionResult]::new('--timings', '--timings', [CompletionResultType]::ParameterName, 'Tell on stderr at the end how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'azfob;run' {
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Set this variable to the value of a secret')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Set this variable to the value of a secret')
            [CompletionResult]::new('--wait-for-access', '--wait-for-access', [CompletionResultType]::ParameterName, 'Try for this long where a role is missing, as one that was just assigned: 90s, 5m')
            [CompletionResult]::new('--vault', '--vault', [CompletionResultType]::ParameterName, 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]')
            [CompletionResult]::new('--vault-suffix', '--vault-suffix', [CompletionResultType]::ParameterName, 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]')
            [CompletionResult]::new('--credential', '--credential', [CompletionResultType]::ParameterName, 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]')
            [CompletionResult]::new('--client-id', '--client-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]')
            [CompletionResult]::new('--object-id', '--object-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its object id')
            [CompletionResult]::new('--resource-id', '--resource-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its resource id')
            [CompletionResult]::new('--tenant', '--tenant', [CompletionResultType]::ParameterName, 'The tenant to sign in to [env: AZURE_TENANT_ID]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file to use [env: AZFOB_PROFILE]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The longest that all of it may take, as 20, 90s or 5m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--clean-env', '--clean-env', [CompletionResultType]::ParameterName, 'Keep the variables that azfob signs in with from the command')
            [CompletionResult]::new('--mask', '--mask', [CompletionResultType]::ParameterName, 'Print *** wherever the command prints a line of a value')
            [CompletionResult]::new('--interactive', '--interactive', [CompletionResultType]::ParameterName, 'Let a person sign in with a browser, where no other credential has a token')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Keep warnings to yourself')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Keep warnings to yourself')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell each step on stderr, never a value or a token')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell each step on stderr, never a value or a token')
            [CompletionResult]::new('--timings', '--timings', [CompletionResultType]::ParameterName, 'Tell on stderr at the end how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'azfob;explain' {
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'The secret that it is about, for the commands')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print it')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print it')
            [CompletionResult]::new('--vault', '--vault', [CompletionResultType]::ParameterName, 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]')
            [CompletionResult]::new('--vault-suffix', '--vault-suffix', [CompletionResultType]::ParameterName, 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]')
            [CompletionResult]::new('--credential', '--credential', [CompletionResultType]::ParameterName, 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]')
            [CompletionResult]::new('--client-id', '--client-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]')
            [CompletionResult]::new('--object-id', '--object-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its object id')
            [CompletionResult]::new('--resource-id', '--resource-id', [CompletionResultType]::ParameterName, 'The user-assigned identity, by its resource id')
            [CompletionResult]::new('--tenant', '--tenant', [CompletionResultType]::ParameterName, 'The tenant to sign in to [env: AZURE_TENANT_ID]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'The profile of the configuration file to use [env: AZFOB_PROFILE]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The longest that all of it may take, as 20, 90s or 5m')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List all codes that azfob explains')
            [CompletionResult]::new('--interactive', '--interactive', [CompletionResultType]::ParameterName, 'Let a person sign in with a browser, where no other credential has a token')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Keep warnings to yourself')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Keep warnings to yourself')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Tell each step on stderr, never a value or a token')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Tell each step on stderr, never a value or a token')
            [CompletionResult]::new('--timings', '--timings', [CompletionResultType]::ParameterName, 'Tell on stderr at the end how long each step took')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'azfob;sandbox' {
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'The kind of host that CMD finds itself on')
            [CompletionResult]::new('--vault', '--vault', [CompletionResultType]::ParameterName, 'The vault''s name')
            [CompletionResult]::new('--secret', '--secret', [CompletionResultType]::ParameterName, 'Put this secret into the vault')
            [CompletionResult]::new('--secrets', '--secrets', [CompletionResultType]::ParameterName, 'Put the secrets of this JSON file into the vault: names to values, or to objects')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Put this many numbered secrets into the vault')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Let this go wrong')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'How much the vault answers with `--fault throttled`: so many reads in that time, as in 4000/10s')
            [CompletionResult]::new('--retry-after', '--retry-after', [CompletionResultType]::ParameterName, 'The `Retry-After` of those 429: `none`, seconds, or `date` for the time when a read is answered again')
            [CompletionResult]::new('--rtt', '--rtt', [CompletionResultType]::ParameterName, 'How long the way to the vault and to Entra ID and back takes: once to connect, once for TLS, once for each answer')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'azfob;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'azfob;help' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
