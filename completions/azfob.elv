# Completion of azfob for elvish. It runs `azfob __complete`, and only when you press the completion key.

use str

# Completes a path, also after the = of an option.
fn azfob-files {|word|
    if (str:has-prefix $word --) {
        var option path = (str:split &max=2 = $word)
        edit:complete-filename $path | each {|file|
            edit:complex-candidate $option'='$file[stem] &code-suffix=$file[code-suffix] &display=$file[stem]
        }
    } else {
        edit:complete-filename $word
    }
}

set edit:completion:arg-completer[azfob] = {|@words|
    try {
        (external azfob) __complete -- (all $words[1..]) 2>/dev/null | from-lines | each {|line|
            if (eq $line :files) {
                azfob-files $words[-1]
            } elif (eq $line :command) {
                # As for sudo: completes a command and its arguments.
                var dashes = (range (count $words) | each {|at| if (eq $words[$at] --) { put $at } } | take 1)
                edit:complete-sudo (all $words[$dashes..])
            } else {
                var word help = (str:split &max=2 "\t" $line)
                edit:complex-candidate $word &display=(str:trim-right $word'  '$help ' ')
            }
        }
    } catch {
        nop
    }
}
