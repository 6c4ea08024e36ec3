//! A user's machine with a browser, which `azfob get --interactive` opens. curl plays the browser.

use std::io;

use super::environment::{Environment, HostSetup};
use crate::env;
use crate::sandbox::file;

pub(super) fn prepare(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    let folder = setup.folder.join("browser");
    file::create_folder(&folder)?;
    let program = if cfg!(windows) {
        file::write_private(&folder.join("browser.ps1"), include_bytes!("browser.ps1"))?;
        file::write_program(&folder.join("browser.cmd"), include_bytes!("browser.cmd"))?;
        folder.join("browser.cmd")
    } else {
        file::write_program(&folder.join("browser"), include_bytes!("browser.sh"))?;
        folder.join("browser")
    };
    environment.set(env::BROWSER, program);
    Ok(())
}
