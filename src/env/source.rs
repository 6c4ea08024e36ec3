//! The source of a setting: an option, a variable, the configuration file or a default.

use std::fmt;

/// The source of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// An option of the command line.
    Option(&'static str),
    /// An environment variable.
    Variable(&'static str),
    /// A key of the configuration file, or of its selected profile.
    File(&'static str),
    /// Not set.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Option(name) | Source::Variable(name) => f.write_str(name),
            Source::File(key) => write!(f, "{key} in the configuration file"),
            Source::Default => f.write_str("default"),
        }
    }
}

/// A setting and where it came from.
#[derive(Clone, Debug)]
pub struct Sourced<T> {
    pub value: T,
    pub source: Source,
}
