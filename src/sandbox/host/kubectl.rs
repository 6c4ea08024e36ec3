//! The sandbox's kubectl, a POSIX shell script or a batch file. It prints prepared objects of the workload `pod`, and connects to
//! nothing.

use std::io;

use super::environment::{Environment, HostSetup};
use crate::sandbox::{cluster, file, names};

const SHELL: &str = include_str!("kubectl.sh");
const BATCH: &str = include_str!("kubectl.cmd");

/// Writes the program beside az, and its answers.
pub(super) fn prepare(setup: &HostSetup<'_>, environment: &Environment) -> io::Result<()> {
    let plan = &setup.azure.plan;
    let answers = setup.folder.join("kubectl");
    file::create_folder(&answers)?;
    let write = |name: &str, text: String| file::write_private(&answers.join(name), text.as_bytes());
    write("pod.json", format!("{:#}\n", cluster::pod(plan)))?;
    if let Some(account) = cluster::service_account(plan) {
        write("serviceaccount.json", format!("{account:#}\n"))?;
    }
    write("discovery.json", cluster::discovery(plan).to_string())?;
    let (name, script) = if cfg!(windows) { ("kubectl.cmd", BATCH) } else { ("kubectl", SHELL) };
    let script = script
        .replace("@FOLDER@", &super::quoted(&answers.to_string_lossy()))
        .replace("@NAMESPACE@", names::NAMESPACE)
        .replace("@POD@", names::POD_NAME)
        .replace("@ACCOUNT@", names::SERVICE_ACCOUNT)
        .replace("@SERVER@", names::API_SERVER);
    let script = if cfg!(windows) { script.replace('\n', "\r\n") } else { script };
    environment.path_entries.iter().try_for_each(|folder| file::write_program(&folder.join(name), script.as_bytes()))
}
