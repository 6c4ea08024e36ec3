//! Bad input: one line of reason that names the argument and what was expected, exit code 2, and nobody was asked.

mod command_line;
mod help;
mod plain_words;
mod references;
mod settings;
mod tips;
mod vaults;
