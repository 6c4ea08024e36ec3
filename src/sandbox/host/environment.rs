//! The environment of a host, and what it is created from.

use std::{
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use crate::sandbox::azure::Azure;

/// What exists when the environment is created.
pub(in crate::sandbox) struct HostSetup<'a> {
    pub(in crate::sandbox) azure: &'a Azure,
    /// Address of the CONNECT proxy.
    pub(in crate::sandbox) proxy: SocketAddr,
    /// Address of the managed identity endpoint.
    pub(in crate::sandbox) identity: SocketAddr,
    /// The sandbox's own folder, removed with it.
    pub(in crate::sandbox) folder: &'a Path,
    /// The root certificate, a PEM file.
    pub(in crate::sandbox) authority_file: &'a Path,
}

/// The environment of a host.
#[derive(Default)]
pub(in crate::sandbox) struct Environment {
    pub(in crate::sandbox) variables: Vec<(String, OsString)>,
    /// Folders to put first on `PATH`.
    pub(in crate::sandbox) path_entries: Vec<PathBuf>,
    /// Files outside the sandbox's folder, removed with it.
    pub(in crate::sandbox) kept: Vec<tempfile::NamedTempFile>,
    /// Says what does not work on this machine, for the user.
    pub(in crate::sandbox) note: Option<String>,
}

impl Environment {
    /// Sets a variable, or changes it.
    pub(super) fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.into()));
    }
}

/// Returns a URL such as `http://127.0.0.1:4141`.
pub(super) fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}
