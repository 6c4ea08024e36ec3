//! A server that Azure Arc manages:
//! <https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication>.
//!
//! Clients read the agent's key in its own folder alone. Where that folder is there and can be written to, the key lies
//! in it for as long as the sandbox runs; elsewhere it lies in the sandbox's folder, and clients have to refuse it.

use std::{io, io::Write, path::Path};

use super::{super::fault::Fault, Ground, Surroundings, every_host::url};

const AGENT_FOLDER: &str = "/var/opt/azcmagent/tokens";

pub(super) fn prepare(ground: &Ground<'_>, surroundings: &mut Surroundings) -> io::Result<()> {
    if ground.azure.plan.has(Fault::NoIdentity) {
        return Ok(());
    }
    let in_folder = |folder: &Path| tempfile::Builder::new().suffix(".key").tempfile_in(folder);
    let mut file = in_folder(Path::new(AGENT_FOLDER)).or_else(|_| in_folder(ground.folder))?;
    file.write_all(ground.azure.keys.arc_key.as_bytes())?;
    surroundings.set("IDENTITY_ENDPOINT", format!("{}/metadata/identity/oauth2/token", url(ground.identity)));
    surroundings.set("IMDS_ENDPOINT", url(ground.identity));
    ground.azure.arc_key_file.get_or_init(|| file.path().to_owned());
    surroundings.kept.push(file);
    Ok(())
}
