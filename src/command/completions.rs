//! The completion script for one shell. The scripts ask azfob what fits, so that they never go stale.

use crate::args::Shell;
use crate::output::Answer;

/// The completion script for this shell.
pub fn run(shell: Shell) -> Answer {
    Answer::text(script(shell))
}

/// The text of the script, as it lies in completions/.
fn script(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => include_str!("../../completions/azfob.bash"),
        Shell::Elvish => include_str!("../../completions/azfob.elv"),
        Shell::Fish => include_str!("../../completions/azfob.fish"),
        Shell::PowerShell => include_str!("../../completions/_azfob.ps1"),
        Shell::Zsh => include_str!("../../completions/_azfob"),
    }
}
