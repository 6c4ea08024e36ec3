//! Which application it is about, as a command names it.

use crate::diagnosis::context::Case;
use crate::env;

/// The application's client id, which the shell knows where this process was not told.
pub(super) fn application_id(case: &Case) -> String {
    let known = case.client_id.as_deref().map(|id| case.shell.quote(id));
    known.unwrap_or_else(|| case.shell.value_of(env::AZURE_CLIENT_ID))
}
