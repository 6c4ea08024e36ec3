//! Runs the completion of each shell.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use azfob::testing::sandbox::Sandbox;

use crate::support::{Scenario, Terminal, report_missing};

use super::script;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
    Elvish,
}

/// The installed shells.
pub(super) fn here() -> Vec<Shell> {
    let all = [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Elvish];
    all.into_iter()
        .filter(|shell| {
            let is_here = shell.program().is_some();
            if !is_here {
                report_missing(&format!("{shell:?}"), "its completion");
            }
            is_here
        })
        .collect()
}

/// Calls the function as bash does, with the line split at `=` and `:`, and prints the result.
const BASH: &str = r#"
source "$1"
while IFS= read -r COMP_LINE; do
    COMP_WORDS=() COMPREPLY=() COMP_POINT=${#COMP_LINE} word=''
    for ((at = 0; at < ${#COMP_LINE}; at++)); do
        letter=${COMP_LINE:at:1}
        case $letter in
            ' ') if [[ $word ]]; then COMP_WORDS+=("$word"); fi; word='' ;;
            [=:]) if [[ $word ]]; then COMP_WORDS+=("$word"); fi; COMP_WORDS+=("$letter"); word='' ;;
            *) word+=$letter ;;
        esac
    done
    if [[ $word || $letter == ' ' ]]; then COMP_WORDS+=("$word"); fi
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _azfob azfob "$word" "${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\n' "${COMPREPLY[@]}" '== end'
done
complete -p azfob >&2
"#;

/// Types the lines into an interactive zsh and records the matches of its completion. To find the system's completions takes
/// a while, so the list is stored for all tests.
const ZSH: &str = r#"
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "unset zle_bracketed_paste; LISTMAX=9999; autoload -U compinit; compinit -u -d $2; source $1"
zpty -w shell 'compadd() { local -a hits; builtin compadd -O hits "$@"; print -rl -- $hits >>$HOME/offered; builtin compadd "$@" }'
zpty -w shell 'ended() { print -r -- "== end" >>$HOME/offered; BUFFER= }; zle -N ended; bindkey "^T" ended; : >$HOME/offered'
while IFS= read -r line; do
    zpty -w -n shell "$line"$'\t\x14'
done
zpty -w shell 'exit'
while zpty -r shell text; do :; done
"#;

/// Runs before the first prompt of an interactive elvish, which needs a terminal. Calls the completer for each line and
/// records the offers that begin with the word.
const ELVISH: &str = r#"
use str
eval (slurp < $E:SCRIPT)
fn stem {|offer| if (eq (kind-of $offer) string) { put $offer } else { put $offer[stem] } }
from-lines < $E:HOME/lines | each {|line|
    var words = [(str:split ' ' $line)]
    $edit:completion:arg-completer[azfob] $@words | each $stem~ | each {|word|
        if (str:has-prefix $word $words[-1]) { echo $word }
    }
    echo '== end'
} > $E:HOME/offered
exit
"#;

impl Shell {
    fn program(self) -> Option<PathBuf> {
        let name = match self {
            Shell::Bash => "bash",
            Shell::Zsh => "zsh",
            Shell::Fish => "fish",
            Shell::Elvish => "elvish",
        };
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
    }

    /// Returns the sorted offers for each line.
    pub(super) fn complete(self, scenario: &Scenario, lines: &[&str]) -> Vec<Vec<String>> {
        self.complete_in(scenario, &scenario.sandbox(), lines)
    }

    /// The same, with a sandbox that records requests.
    pub(super) fn complete_in(self, scenario: &Scenario, sandbox: &Sandbox, lines: &[&str]) -> Vec<Vec<String>> {
        let program = self.program().expect("it is here");
        let mut command = scenario.command(sandbox, &program);
        // The shells need the system's folders after the scenario's own.
        let own =
            command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value.map(ToOwned::to_owned));
        let mut path = own.unwrap_or_default();
        path.push(":/usr/bin:/bin");
        command.env("PATH", path).env("LC_ALL", "C.UTF-8").env("TERM", "xterm");
        match self {
            Shell::Bash => command.args(["--norc", "-c", BASH, "bash"]).arg(script("azfob.bash")),
            Shell::Zsh => command.args(["-f", "-c", ZSH, "zsh"]).arg(script("_azfob")).arg(zsh_list()),
            Shell::Fish => {
                let lines = "while read --line line; complete --do-complete $line; echo '== end'; end";
                command.args(["--no-config", "-c", &format!("source {}; {lines}", script("azfob.fish").display())])
            }
            Shell::Elvish => {
                let file = scenario.home().join("rc.elv");
                fs::write(&file, ELVISH).expect("it can be written");
                command.env("SCRIPT", script("azfob.elv")).arg("-rc").arg(file)
            }
        };
        let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        let found = match self {
            Shell::Bash | Shell::Fish => run(&mut command, &text),
            Shell::Zsh => {
                run(&mut command, &text);
                fs::read_to_string(scenario.home().join("offered")).expect("the offers of zsh")
            }
            Shell::Elvish => {
                fs::write(scenario.home().join("lines"), text).expect("it can be written");
                let (_ours, theirs) = Terminal::new();
                assert_success(&command.stdin(theirs).output().expect("a shell"));
                fs::read_to_string(scenario.home().join("offered")).expect("the offers of elvish")
            }
        };
        let offers: Vec<Vec<String>> = found
            .split_inclusive("== end\n")
            .map(|part| part.trim_end_matches("== end\n").lines().filter(|line| !line.is_empty()))
            .map(|part| {
                // zsh may try the same words more than once.
                let words: BTreeSet<_> =
                    part.map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect();
                words.into_iter().collect()
            })
            .take(lines.len())
            .collect();
        assert_eq!(offers.len(), lines.len(), "{self:?}: {found}");
        offers
    }

    /// The candidates as this shell shows them. bash shows the part after the last `=` of the word.
    pub(super) fn expected(self, line: &str, candidates: &[String]) -> Vec<String> {
        let word = line.rsplit(' ').next().unwrap_or_default();
        let before = match (self, word.rfind('=')) {
            (Shell::Bash, Some(at)) => &word[..=at],
            _ => "",
        };
        candidates.iter().map(|candidate| candidate.trim_start_matches(before).to_owned()).collect()
    }
}

/// Returns the file with zsh's list of completions. zsh writes it again if its version changes.
fn zsh_list() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("zcompdump")
}

fn run(command: &mut Command, input: &str) -> String {
    use std::io::Write;
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a shell");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert_success(&output);
    String::from_utf8(output.stdout).expect("text")
}

fn assert_success(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
