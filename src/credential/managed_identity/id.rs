//! The ids that name a user-assigned identity.

use std::fmt;

use crate::env::Source;

/// A user-assigned identity, by one of the three ids that name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedIdentityId {
    /// Which id.
    pub kind: IdKind,
    /// The id itself; it is no secret.
    pub value: String,
    /// The setting that names it; none where it was read in another program's words.
    pub source: Option<Source>,
}

/// The ids that name a user-assigned identity.
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
            IdKind::Client => "client id",
            IdKind::Object => "object id",
            IdKind::Resource => "resource id",
        })
    }
}

impl fmt::Display for ManagedIdentityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.value)
    }
}
