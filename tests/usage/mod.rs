//! Usage errors: one line that names the argument and the expected value, exit code 2, and no request.

mod command_line;
mod help;
mod plain_words;
mod references;
mod settings;
mod tips;
mod vaults;
