//! The completion script for one shell. The scripts ask azfob what fits, so that they never go stale.

use crate::args::CompletionShell;
use crate::output::Answer;

/// The completion script for this shell.
pub fn run(shell: CompletionShell) -> Answer {
    Answer::text(script(shell))
}

/// The text of the script, as it lies in completions/.
fn script(shell: CompletionShell) -> &'static str {
    match shell {
        CompletionShell::Bash => include_str!("../../completions/azfob.bash"),
        CompletionShell::Elvish => include_str!("../../completions/azfob.elv"),
        CompletionShell::Fish => include_str!("../../completions/azfob.fish"),
        CompletionShell::PowerShell => include_str!("../../completions/_azfob.ps1"),
        CompletionShell::Zsh => include_str!("../../completions/_azfob"),
    }
}
