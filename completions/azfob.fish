# Completion of azfob for fish. It runs `azfob __complete`, and only when you press the completion key.

function __azfob_complete
    set -l before (commandline --current-process --tokenize --cut-at-cursor)
    set -l typed (commandline --current-token --cut-at-cursor)
    # The word without escapes and quotes; the closing quote is still missing.
    set -l current (string unescape -- $typed; or string unescape -- $typed\'; or string unescape -- $typed\"; or echo $typed)
    for line in (command azfob __complete -- $before[2..-1] "$current" 2>/dev/null)
        switch $line
            case :files
                set -l option (string match --regex -- '^--[^=]*=' $current)
                printf "$option%s\n" (__fish_complete_path (string replace -- "$option" '' $current))
            case :command
                set -l dashes (contains --index -- -- $before)
                set -l rest (string escape -- $before[(math $dashes + 1)..-1])
                complete --do-complete (string join ' ' -- $rest $typed)
            case '*'
                echo $line
        end
    end
end

complete --command azfob --no-files --arguments '(__azfob_complete)'
