# Completion of azfob for elvish. azfob itself says what fits; it is not started before somebody asks.

use str

set edit:completion:arg-completer[azfob] = {|@words|
    try {
        (external azfob) __complete -- $@words[1..] 2>/dev/null | from-lines | each {|line|
            if (has-value [':files' ':command'] $line) {
                edit:complete-filename $words[-1]
            } else {
                var word help = (str:split &max=2 "\t" $line)
                edit:complex-candidate $word &display=(str:trim-right $word'  '$help ' ')
            }
        }
    } catch {
        nop
    }
}
