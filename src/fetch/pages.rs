//! Lists a vault page by page, for commands and patterns.

use crate::error::{Denied, Error};
use crate::vault::error::{Operation, VaultError, VaultErrorKind};
use crate::vault::list::Listing;
use crate::vault::secret_bundle::Properties;

use super::session::{Opened, Session};

/// The pages of a list, with who was refused beside a refusal.
pub fn pages<'a>(
    session: &'a Session,
    opened: &'a Opened,
    listing: &Listing,
) -> impl Iterator<Item = Result<Vec<Properties>, Error>> + 'a {
    let pages = session.vault(&opened.url).list(listing, &opened.selected.token);
    pages.map(|page| page.map_err(|error| Denied::for_identity(&opened.selected, *error)))
}

/// The error for a name or a pattern that the vault has nothing for.
pub fn missing(opened: &Opened, name: &str) -> Error {
    let error = VaultError {
        vault: opened.url.clone(),
        operation: Operation::Get(name.to_owned()),
        kind: VaultErrorKind::NotFound,
        request_id: None,
    };
    Denied::for_identity(&opened.selected, error)
}
