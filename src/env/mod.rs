//! The environment as a value, read once when the program starts.
//!
//! Everything that looks at a variable looks here; nothing ever changes the process's own environment. A variable that
//! is set to nothing counts as unset, in all of azfob.

mod source;
mod table;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;

pub use source::{Source, Sourced};
pub use table::*;

/// The environment variables that azfob was started with.
#[derive(Clone, Default)]
pub struct Env {
    variables: BTreeMap<OsString, OsString>,
}

impl Env {
    /// A setting that is set to what is no text: it would be taken for unset, and another vault or identity in its place.
    pub fn not_text(&self) -> Option<&'static str> {
        let is_no_text = |name: &&str| self.get_os(name).is_some_and(|value| value.to_str().is_none());
        table::text_names().find(is_no_text)
    }

    /// Reads the process's environment.
    #[allow(clippy::disallowed_methods)] // the one home of the environment
    pub fn from_process() -> Self {
        std::env::vars_os().collect()
    }

    /// The value of `name`, where it is set, not empty and valid Unicode.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_os(name).and_then(OsStr::to_str)
    }

    /// The value of `name` as the system holds it, where it is set and not empty.
    pub fn get_os(&self, name: &str) -> Option<&OsStr> {
        let value = self.variables.get(key(OsStr::new(name)).as_os_str())?;
        (!value.is_empty()).then_some(value)
    }

    /// Whether `name` is set to something.
    pub fn has(&self, name: &str) -> bool {
        self.get_os(name).is_some()
    }

    /// The first of `names` that is set, with its value.
    pub fn first<'a>(&self, names: &[&'a str]) -> Option<(&'a str, &str)> {
        names.iter().find_map(|name| self.get(name).map(|value| (*name, value)))
    }

    /// Every variable, for handing the environment on to a program.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The variables that az, pwsh and azd inherit: all but the secrets that they could not sign in with.
    pub fn for_programs(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        let is_kept = |name: &OsStr| VARIABLES.iter().any(|v| !v.for_programs && key(OsStr::new(v.name)) == name);
        self.iter().filter(move |(name, _)| !is_kept(name))
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Env {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let variables = pairs.into_iter().map(|(name, value)| (key(&name.into()), value.into())).collect();
        Env { variables }
    }
}

/// Whether two names are one variable's.
pub fn is_same_name(one: &OsStr, other: &OsStr) -> bool {
    key(one) == key(other)
}

/// Windows does not tell the case of variable names apart.
fn key(name: &OsStr) -> OsString {
    if cfg!(windows) { name.to_ascii_uppercase() } else { name.to_owned() }
}

/// Names only: values can be secrets.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let env: Env = [("A", ""), ("B", "2")].into_iter().collect();
        assert_eq!(env.get("A"), None);
        assert_eq!(env.first(&["A", "B"]), Some(("B", "2")));
    }

    #[test]
    fn names_that_differ_in_case_are_one_on_windows_alone() {
        let same = |one: &str, other: &str| is_same_name(OsStr::new(one), OsStr::new(other));
        assert!(same("Path", "Path") && !same("Path", "Paths"));
        assert_eq!(same("Path", "PATH"), cfg!(windows));
    }

    #[test]
    fn debug_shows_names_and_no_value() {
        let env: Env = [("AZURE_CLIENT_SECRET", "hunter2")].into_iter().collect();
        let shown = format!("{env:?}");
        assert!(shown.contains("AZURE_CLIENT_SECRET") && !shown.contains("hunter2"));
    }
}
