
use builtin;
use str;

set edit:completion:arg-completer[azfob] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'azfob'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'azfob'= {
            cand --vault 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]'
            cand --vault-suffix 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]'
            cand --credential 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]'
            cand --client-id 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]'
            cand --object-id 'The user-assigned identity, by its object id'
            cand --resource-id 'The user-assigned identity, by its resource id'
            cand --tenant 'The tenant to sign in to [env: AZURE_TENANT_ID]'
            cand --timeout 'The longest that all of it may take, as 20, 90s or 5m'
            cand --color 'When to use colour'
            cand --interactive 'Let a person sign in with a browser, where no other credential has a token'
            cand -q 'Keep warnings to yourself'
            cand --quiet 'Keep warnings to yourself'
            cand -v 'Tell each step on stderr, never a value or a token'
            cand --verbose 'Tell each step on stderr, never a value or a token'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand get 'Print the value of one or more secrets'
            cand whoami 'Tell who the chain makes you: the credential that wins, and the identity behind it'
            cand diagnose 'Probe the whole chain and the vault, and say what stands in the way and what mends it'
            cand sandbox 'Try azfob against an emulated Azure on this machine'
            cand completions 'Print the completion script for a shell'
        }
        &'azfob;get'= {
            cand -o 'How to print them'
            cand --output 'How to print them'
            cand --decode 'Undo the encoding that the value is stored in'
            cand --out-file 'Write to a new file that only you can read, instead of stdout'
            cand --vault 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]'
            cand --vault-suffix 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]'
            cand --credential 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]'
            cand --client-id 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]'
            cand --object-id 'The user-assigned identity, by its object id'
            cand --resource-id 'The user-assigned identity, by its resource id'
            cand --tenant 'The tenant to sign in to [env: AZURE_TENANT_ID]'
            cand --timeout 'The longest that all of it may take, as 20, 90s or 5m'
            cand --color 'When to use colour'
            cand -n 'Never end the value with a newline'
            cand --no-newline 'Never end the value with a newline'
            cand --force 'Replace the file if it exists'
            cand --interactive 'Let a person sign in with a browser, where no other credential has a token'
            cand -q 'Keep warnings to yourself'
            cand --quiet 'Keep warnings to yourself'
            cand -v 'Tell each step on stderr, never a value or a token'
            cand --verbose 'Tell each step on stderr, never a value or a token'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'azfob;whoami'= {
            cand -o 'How to print it'
            cand --output 'How to print it'
            cand --vault 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]'
            cand --vault-suffix 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]'
            cand --credential 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]'
            cand --client-id 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]'
            cand --object-id 'The user-assigned identity, by its object id'
            cand --resource-id 'The user-assigned identity, by its resource id'
            cand --tenant 'The tenant to sign in to [env: AZURE_TENANT_ID]'
            cand --timeout 'The longest that all of it may take, as 20, 90s or 5m'
            cand --color 'When to use colour'
            cand --interactive 'Let a person sign in with a browser, where no other credential has a token'
            cand -q 'Keep warnings to yourself'
            cand --quiet 'Keep warnings to yourself'
            cand -v 'Tell each step on stderr, never a value or a token'
            cand --verbose 'Tell each step on stderr, never a value or a token'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'azfob;diagnose'= {
            cand --secret 'Test reading this secret too; its value is discarded'
            cand --log 'Explain the errors in another program''s output instead, from a file or - for stdin; nothing is probed'
            cand --explain 'Explain one code or message instead, as AADSTS700213, AKV10032 or ForbiddenByFirewall; nothing is probed'
            cand -o 'How to print the report'
            cand --output 'How to print the report'
            cand --vault 'The vault, by name or address [env: AZFOB_VAULT, AZURE_KEYVAULT_URL, AZURE_KEY_VAULT_ENDPOINT, KEY_VAULT_NAME]'
            cand --vault-suffix 'Allow vaults under this suffix too, as for a private cloud [env: AZFOB_VAULT_SUFFIX]'
            cand --credential 'Use this credential alone, by its class name or short form [env: AZURE_TOKEN_CREDENTIALS]'
            cand --client-id 'The user-assigned identity, by its client id [env: AZURE_CLIENT_ID]'
            cand --object-id 'The user-assigned identity, by its object id'
            cand --resource-id 'The user-assigned identity, by its resource id'
            cand --tenant 'The tenant to sign in to [env: AZURE_TENANT_ID]'
            cand --timeout 'The longest that all of it may take, as 20, 90s or 5m'
            cand --color 'When to use colour'
            cand --redact 'Shorten ids, addresses and names'
            cand --interactive 'Let a person sign in with a browser, where no other credential has a token'
            cand -q 'Keep warnings to yourself'
            cand --quiet 'Keep warnings to yourself'
            cand -v 'Tell each step on stderr, never a value or a token'
            cand --verbose 'Tell each step on stderr, never a value or a token'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'azfob;sandbox'= {
            cand --as 'The kind of host that CMD finds itself on'
            cand --vault 'The vault''s name'
            cand --secret 'Put this secret into the vault'
            cand --secrets 'Put the secrets of this JSON file into the vault: names to values, or to objects'
            cand --count 'Put this many numbered secrets into the vault'
            cand --fault 'Let this go wrong'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'azfob;completions'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
    ]
    $completions[$command]
}
