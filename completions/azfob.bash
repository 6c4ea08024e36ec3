# Completion of azfob for bash. It runs `azfob __complete`, and only when you press the completion key.

# Adds bash's completions of files (-f) or commands (-c).
_azfob_words() {
    local line
    if [[ $1 == -f ]]; then compopt -o filenames 2>/dev/null; fi
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$1" -- "$2")
}

_azfob() {
    local -a words=()
    local word line count=0 dashes=0 i
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == -- ]] && ((dashes == 0 && i < COMP_CWORD)); then dashes=$i; fi
        # The word at the cursor ends at the cursor.
        if ((i == COMP_CWORD)) && [[ $word != [=:]* ]]; then word=$2; fi
        # Bash breaks words at = and :, and azfob expects whole words.
        if ((count > 0)) && [[ $word == [=:]* || ${words[count - 1]} == *[=:] ]]; then
            words[count - 1]+=$word
        else
            words[count]=$word
            count=$((count + 1))
        fi
    done
    local whole=${words[count - 1]}
    local before=${whole%"$2"}
    while IFS= read -r line; do
        case $line in
            :files)
                _azfob_words -f "$2"
                ;;
            :command)
                if declare -F _command_offset >/dev/null; then
                    _command_offset $((dashes + 1))
                elif ((COMP_CWORD == dashes + 1)); then
                    _azfob_words -c "$2"
                else
                    _azfob_words -f "$2"
                fi
                return
                ;;
            *)
                line=${line%%$'\t'*}
                COMPREPLY+=("${line#"$before"}")
                ;;
        esac
    done < <("${COMP_WORDS[0]/#~\//$HOME/}" __complete -- "${words[@]}" 2>/dev/null)
}

complete -F _azfob azfob
