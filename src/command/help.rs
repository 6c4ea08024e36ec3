//! `azfob help`: the help of a topic, a command, or azfob.

use clap::CommandFactory;

use crate::args::{Args, topics};
use crate::output::CommandResult;

/// Returns the help of a topic or a command, or that of azfob.
pub fn run(about: Option<&str>) -> CommandResult {
    let topic = topics::TOPICS.iter().find(|topic| about == Some(topic.name));
    if let Some(topic) = topic {
        return CommandResult::text((topic.text)());
    }
    let mut azfob = Args::command();
    azfob.build();
    let command = about.and_then(|name| azfob.find_subcommand_mut(name));
    let help = match command {
        Some(command) => command.render_long_help(),
        None => azfob.render_long_help(),
    };
    CommandResult::text(help.to_string())
}
