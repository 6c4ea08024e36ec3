//! Which application it is about, as a command names it.

use crate::diagnosis::context::Context;
use crate::env;

/// The application's client id, which the shell knows where this process was not told.
pub(super) fn application_id(context: &Context) -> String {
    let known = context.client_id.as_deref().map(|id| context.shell.quote(id));
    known.unwrap_or_else(|| context.shell.value_of(env::AZURE_CLIENT_ID))
}
