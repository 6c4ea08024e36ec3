//! Generates a manual page from the command line's definitions, with the basic macros of man(7)
//! (<https://man.openbsd.org/man.7>).

use azfob::testing::examples::{self, Example};
use azfob::testing::topics::exit_codes;
use azfob::testing::{VARIABLES, VariableGroup};
use clap::{Arg, Command};

/// The date of the pages, next to the version.
const DATE: &str = "2026-11-25";
/// The longest line of a page, in bytes.
const WIDTH: usize = 78;

const FILES: [(&str, &str); 2] = [
    (
        "~/.config/azfob/config.toml",
        "Configuration file. Keys: vault, credential and tenant, as for the options of these names; token_cache, true \
         or false; and [profiles.NAME] with the same keys. On macOS the folder is ~/Library/Application Support, on \
         Windows %APPDATA%. AZFOB_CONFIG sets another path.",
    ),
    ("$GITHUB_ENV", "File to which -o github adds the variables of a job."),
];

/// Returns the page of a command. `pages` are the names of all pages.
pub fn page(command: &Command, name: &str, pages: &[String]) -> String {
    let mut page = Page(String::new());
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let long = command.get_long_about().map(ToString::to_string).unwrap_or_else(|| format!("{about}."));
    let version = env!("CARGO_PKG_VERSION");
    page.0 = format!(".TH {} 1 {DATE} \"azfob {version}\" \"azfob manual\"\n", escaped(&name.to_uppercase()));
    page.section("NAME");
    page.text(&format!("{name} - {about}"));
    page.section("SYNOPSIS");
    let usage = command.clone().render_usage().to_string();
    usage.trim_start_matches("Usage:").lines().for_each(|line| page.text(line.trim()));
    page.section("DESCRIPTION");
    page.text(&long);
    let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    page.paragraphs(help.split(examples::HEADING).next().unwrap_or_default());
    page.arguments(command);
    page.commands(command, name);
    if name == "azfob" {
        page.environment();
    } else {
        page.section("ENVIRONMENT");
        page.text("See azfob(1).");
    }
    page.section("FILES");
    for (file, meaning) in FILES.iter().filter(|(file, _)| !file.starts_with('$') || name == "azfob-get") {
        page.item(&format!("\\fI{}\\fR", escaped(file)), meaning);
    }
    page.section("EXIT STATUS");
    match name {
        "azfob" => page.paragraphs(exit_codes().split_once('\n').expect("a heading").1),
        "azfob-run" | "azfob-sandbox" => {
            page.text("The exit code of the command, or if it did not start, see azfob(1).")
        }
        _ => page.text("See azfob(1)."),
    }
    page.examples(examples::for_command(name.trim_start_matches("azfob-")));
    page.section("SEE ALSO");
    let others: Vec<_> = pages.iter().filter(|other| *other != name).map(|other| format!("{other}(1)")).collect();
    page.text(&others.join(", "));
    page.0
}

struct Page(String);

impl Page {
    fn section(&mut self, title: &str) {
        self.0.push_str(&format!(".SH {title}\n"));
    }

    /// Adds filled text in short source lines.
    fn text(&mut self, text: &str) {
        let mut line = String::new();
        for word in text.split_whitespace().map(escaped) {
            if !line.is_empty() && line.len() + 1 + word.len() > WIDTH {
                self.line(&line);
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
        self.line(&line);
    }

    /// Adds a line of text, escaped if it looks like a request.
    fn line(&mut self, line: &str) {
        if !line.is_empty() {
            let guard = if line.starts_with(['.', '\'']) { "\\&" } else { "" };
            self.0.push_str(&format!("{guard}{line}\n"));
        }
    }

    /// Adds text of the help: paragraphs, and indented blocks that stay unchanged.
    fn paragraphs(&mut self, text: &str) {
        let mut filled = String::new();
        let mut block: Vec<&str> = Vec::new();
        for line in text.lines().chain([""]) {
            if line.starts_with("  ") {
                self.paragraph(&std::mem::take(&mut filled));
                block.push(line);
                continue;
            }
            if !block.is_empty() {
                self.block(&std::mem::take(&mut block));
            }
            if line.is_empty() {
                self.paragraph(&std::mem::take(&mut filled));
            } else {
                filled = format!("{filled} {line}");
            }
        }
    }

    fn paragraph(&mut self, text: &str) {
        if !text.is_empty() {
            if !self.0.lines().last().is_some_and(|line| line.starts_with(".SH")) {
                self.0.push_str(".PP\n");
            }
            self.text(text);
        }
    }

    /// Adds lines that are not filled. A long one is continued.
    fn block(&mut self, lines: &[&str]) {
        let after_heading = self.0.lines().last().is_some_and(|line| line.starts_with(".SH"));
        self.0.push_str(if after_heading { ".nf\n" } else { ".PP\n.nf\n" });
        for line in lines {
            let mut rest = escaped(line);
            while rest.len() > WIDTH {
                let Some(cut) = rest[..WIDTH - 2].rfind(' ').filter(|cut| rest[..*cut].trim() != "") else { break };
                self.line(&format!("{}\\c", &rest[..=cut]));
                rest.drain(..=cut);
            }
            self.line(&rest);
        }
        self.0.push_str(".fi\n");
    }

    fn item(&mut self, head: &str, text: &str) {
        self.0.push_str(&format!(".TP\n{head}\n"));
        self.text(text);
    }

    /// Adds the arguments and options under the headings of the help.
    fn arguments(&mut self, command: &Command) {
        let shown: Vec<&Arg> = command.get_arguments().filter(|argument| !argument.is_hide_set()).collect();
        let (options, positional): (Vec<&Arg>, Vec<&Arg>) = shown.into_iter().partition(|a| !a.is_positional());
        if !positional.is_empty() {
            self.section("ARGUMENTS");
            positional.into_iter().for_each(|argument| self.argument(argument));
        }
        self.section("OPTIONS");
        let (own, headed): (Vec<&Arg>, Vec<&Arg>) = options.into_iter().partition(|o| o.get_help_heading().is_none());
        own.into_iter().for_each(|option| self.argument(option));
        if let Some(heading) = headed.first().and_then(|option| option.get_help_heading()) {
            self.0.push_str(&format!(".SS {heading}\n"));
        }
        headed.into_iter().for_each(|option| self.argument(option));
    }

    fn argument(&mut self, argument: &Arg) {
        let short = argument.get_short().map(|short| format!("\\fB\\-{short}\\fR"));
        let long = argument.get_long().map(|long| format!("\\fB{}\\fR", escaped(&format!("--{long}"))));
        let names: Vec<_> = short.into_iter().chain(long).collect();
        let takes_value = argument.get_action().takes_values();
        let values = argument.get_value_names().filter(|_| takes_value).unwrap_or_default();
        let values: Vec<_> = values.iter().map(|value| format!("\\fI{}\\fR", escaped(value))).collect();
        let head = [names.join(", "), values.join(" ")];
        let head = head.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ");
        let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
        let defaults = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect::<Vec<_>>();
        let default = (takes_value && !defaults.is_empty() && !argument.is_hide_default_value_set())
            .then(|| format!(" [default: {}]", defaults.join(" ")));
        self.item(&head, &format!("{help}{}", default.unwrap_or_default()));
        let values = argument.get_possible_values();
        if takes_value && !values.is_empty() && !argument.is_hide_possible_values_set() {
            self.0.push_str(".RS\n");
            for value in values.iter().filter(|value| !value.is_hide_set()) {
                let help = value.get_help().map(ToString::to_string).unwrap_or_default();
                match help.as_str() {
                    "" => self.0.push_str(&format!(".TP\n{}\n", escaped(value.get_name()))),
                    help => self.item(&escaped(value.get_name()), help),
                }
            }
            self.0.push_str(".RE\n");
        }
    }

    fn commands(&mut self, command: &Command, name: &str) {
        let commands: Vec<_> = command.get_subcommands().filter(|sub| !sub.is_hide_set()).collect();
        if !commands.is_empty() {
            self.section("COMMANDS");
        }
        for sub in commands {
            let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
            self.item(&format!("\\fB{}\\fR(1)", escaped(&format!("{name}-{}", sub.get_name()))), &about);
        }
    }

    /// Adds the environment variables.
    fn environment(&mut self) {
        self.section("ENVIRONMENT");
        self.text("An empty variable counts as not set. An option takes precedence over its variable.");
        for group in VariableGroup::ALL {
            self.0.push_str(&format!(".SS {}\n", group.heading()));
            for variable in VARIABLES.iter().filter(|variable| variable.group == group) {
                self.item(&format!("\\fB{}\\fR", escaped(variable.name)), variable.meaning);
            }
        }
    }

    fn examples(&mut self, examples: &[Example]) {
        if examples.is_empty() {
            return;
        }
        self.section("EXAMPLES");
        for example in examples {
            self.paragraph(&format!("{}:", example.what));
            self.block(&[&format!("  {}", example.line)]);
        }
    }
}

/// Escapes dashes, backslashes, quotes and accents.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\e"),
            '-' => out.push_str("\\-"),
            '\'' => out.push_str("\\(aq"),
            '`' => out.push_str("\\(ga"),
            '^' => out.push_str("\\(ha"),
            '~' => out.push_str("\\(ti"),
            '"' => out.push_str("\\(dq"),
            letter => out.push(letter),
        }
    }
    out
}
