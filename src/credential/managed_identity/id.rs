//! The IDs that select a user-assigned identity.

use std::fmt;

use crate::env::Source;

/// A user-assigned identity, named by one of its three IDs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedIdentityId {
    pub kind: IdKind,
    /// The ID. It is not secret.
    pub value: String,
    /// The setting that names it; `None` if it comes from another program's message.
    pub source: Option<Source>,
}

/// The kinds of ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdKind {
    /// `--client-id`, `AZURE_CLIENT_ID`.
    Client,
    /// `--object-id`.
    Object,
    /// `--resource-id`.
    Resource,
}

impl fmt::Display for IdKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            IdKind::Client => "client ID",
            IdKind::Object => "object ID",
            IdKind::Resource => "resource ID",
        })
    }
}

impl fmt::Display for ManagedIdentityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.value)
    }
}
