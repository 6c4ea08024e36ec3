//! The environment of a host: variables, programs and files, and what they are made from.

use std::{
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use crate::sandbox::azure::Azure;

/// What stands when the environment is made.
pub(in crate::sandbox) struct HostSetup<'a> {
    /// The services.
    pub(in crate::sandbox) azure: &'a Azure,
    /// Where the CONNECT proxy listens.
    pub(in crate::sandbox) proxy: SocketAddr,
    /// Where the managed identity endpoint listens.
    pub(in crate::sandbox) identity: SocketAddr,
    /// The sandbox's own folder, which ends with it.
    pub(in crate::sandbox) folder: &'a Path,
    /// The root certificate, PEM.
    pub(in crate::sandbox) authority_file: &'a Path,
}

/// The environment of a host.
#[derive(Default)]
pub(in crate::sandbox) struct Environment {
    /// Variables to be set.
    pub(in crate::sandbox) variables: Vec<(String, OsString)>,
    /// Folders to be put before the others of `PATH`.
    pub(in crate::sandbox) path_entries: Vec<PathBuf>,
    /// Files outside the sandbox's folder, which end with it too.
    pub(in crate::sandbox) kept: Vec<tempfile::NamedTempFile>,
}

impl Environment {
    /// Sets a variable, or sets it anew.
    pub(super) fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.into()));
    }
}

/// `http://127.0.0.1:4141`.
pub(super) fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}
