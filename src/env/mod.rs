//! The environment as a value, read once when the program starts.
//!
//! All other code reads variables from here, and nothing changes the environment of the process. An empty variable counts
//! as unset.

mod inherited;
mod source;
mod table;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;

pub use inherited::AGENTS;
pub use source::{Source, Sourced};
pub use table::*;

/// The environment variables that azfob was started with.
#[derive(Clone, Default)]
pub struct Env {
    variables: BTreeMap<OsString, OsString>,
}

impl Env {
    /// Returns a setting that is not valid Unicode. It would count as unset, and another vault or identity would be used.
    pub fn non_unicode_setting(&self) -> Option<&'static str> {
        let is_not_unicode = |name: &&str| self.get_os(name).is_some_and(|value| value.to_str().is_none());
        table::text_names().find(is_not_unicode)
    }

    /// Reads the process's environment.
    #[allow(clippy::disallowed_methods)] // the only place that reads the environment
    pub fn from_process() -> Self {
        std::env::vars_os().collect()
    }

    /// Returns the value of `name` if it is set, not empty and valid Unicode.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_os(name).and_then(OsStr::to_str)
    }

    /// Returns the value of `name` if it is set and not empty.
    pub fn get_os(&self, name: &str) -> Option<&OsStr> {
        let value = self.variables.get(&*key(OsStr::new(name)))?;
        (!value.is_empty()).then_some(value)
    }

    /// Returns true if `name` is set and not empty.
    pub fn has(&self, name: &str) -> bool {
        self.get_os(name).is_some()
    }

    /// Returns the first of `names` that is set, with its value.
    pub fn first<'a>(&self, names: &[&'a str]) -> Option<(&'a str, &str)> {
        names.iter().find_map(|name| self.get(name).map(|value| (*name, value)))
    }

    /// Returns the variable that shows a coding agent's session, if that session cannot be told from another one.
    pub fn agent_without_id(&self) -> Option<&'static str> {
        inherited::agent_without_id(|name| self.has(name))
    }

    /// Iterates over all variables, for example to pass them to a program.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// Iterates over the variables that select the identity of az, pwsh or azd besides their files: their settings, and the
    /// identity endpoint of the host.
    pub fn selecting_identity(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.iter().filter(|(name, _)| name.to_str().is_some_and(inherited::selects_identity))
    }

    /// Iterates over the variables for az, pwsh and azd: only those that they read, or need to run.
    pub fn for_programs(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.iter().filter(|(name, value)| name.to_str().is_some_and(|name| inherited::is_inherited(name, value)))
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Env {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let variables = pairs.into_iter().map(|(name, value)| (key(&name.into()).into_owned(), value.into())).collect();
        Env { variables }
    }
}

/// Returns true if both names mean the same variable.
pub fn is_same_name(one: &OsStr, other: &OsStr) -> bool {
    key(one) == key(other)
}

/// Ignores case on Windows, as the system does.
fn key(name: &OsStr) -> Cow<'_, OsStr> {
    if cfg!(windows) { name.to_ascii_uppercase().into() } else { name.into() }
}

/// Shows names only: values can be secrets.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_variable_counts_as_unset() {
        let env: Env = [("A", ""), ("B", "2")].into_iter().collect();
        assert_eq!(env.get("A"), None);
        assert_eq!(env.first(&["A", "B"]), Some(("B", "2")));
    }

    #[test]
    fn variable_names_ignore_case_only_on_windows() {
        let same = |one: &str, other: &str| is_same_name(OsStr::new(one), OsStr::new(other));
        assert!(same("Path", "Path") && !same("Path", "Paths"));
        assert_eq!(same("Path", "PATH"), cfg!(windows));
    }

    #[test]
    fn debug_shows_only_names() {
        let env: Env = [("AZURE_CLIENT_SECRET", "hunter2")].into_iter().collect();
        let shown = format!("{env:?}");
        assert!(shown.contains("AZURE_CLIENT_SECRET") && !shown.contains("hunter2"));
    }
}
