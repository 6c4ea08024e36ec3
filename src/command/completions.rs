//! `azfob completions`: the completion script of a shell. The scripts call azfob, so that they never need an update.

use crate::args::CompletionShell;
use crate::output::CommandResult;

/// Returns the completion script.
pub fn run(shell: CompletionShell) -> CommandResult {
    CommandResult::text(script(shell))
}

fn script(shell: CompletionShell) -> &'static str {
    match shell {
        CompletionShell::Bash => include_str!("../../completions/azfob.bash"),
        CompletionShell::Elvish => include_str!("../../completions/azfob.elv"),
        CompletionShell::Fish => include_str!("../../completions/azfob.fish"),
        CompletionShell::PowerShell => include_str!("../../completions/_azfob.ps1"),
        CompletionShell::Zsh => include_str!("../../completions/_azfob"),
    }
}
