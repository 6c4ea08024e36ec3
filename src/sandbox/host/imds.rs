//! A virtual machine: nothing in the environment but where the metadata service is, moved from its link-local address to
//! loopback by the variable that the official SDKs read for that.

use std::io;

use super::{Ground, Surroundings, every_host::url};

pub(super) fn prepare(ground: &Ground<'_>, surroundings: &mut Surroundings) -> io::Result<()> {
    surroundings.set("AZURE_POD_IDENTITY_AUTHORITY_HOST", url(ground.identity));
    Ok(())
}
