//! Prints the environment of a sandbox as lines for another terminal: POSIX shell, or PowerShell on Windows.
//!
//! They contain the sandbox's own credentials, which are valid only in it.

use std::{
    ffi::OsStr,
    io::{self, Write},
};

use crate::env;
use crate::sandbox::{Sandbox, quoted};

/// Variables that would lead a client out of the sandbox.
fn misleading() -> impl Iterator<Item = &'static str> {
    env::VARIABLES.iter().filter(|variable| variable.leads_away).map(|variable| variable.name)
}

/// The shell that the lines are for.
#[derive(Clone, Copy)]
enum ExportSyntax {
    Posix,
    PowerShell,
}

/// Writes the lines for the shell of this platform.
pub(super) fn write(sandbox: &Sandbox, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(lines(sandbox, if cfg!(windows) { ExportSyntax::PowerShell } else { ExportSyntax::Posix }).as_bytes())
}

fn lines(sandbox: &Sandbox, dialect: ExportSyntax) -> String {
    let mut text = String::new();
    let is_set = |name: &str| sandbox.variables().iter().any(|(other, _)| other == name);
    for name in misleading().filter(|name| !is_set(name)) {
        text += &match dialect {
            ExportSyntax::Posix => format!("unset {name}\n"),
            ExportSyntax::PowerShell => format!("Remove-Item -ErrorAction Ignore env:{name}\n"),
        };
    }
    for (name, value) in sandbox.variables() {
        text += &match dialect {
            ExportSyntax::Posix => format!("export {name}={}\n", quoted(&plain(value))),
            ExportSyntax::PowerShell => format!("$env:{name} = {}\n", powershell_quoted(&plain(value))),
        };
    }
    for folder in sandbox.path_entries() {
        text += &match dialect {
            ExportSyntax::Posix => format!("export PATH={}:\"$PATH\"\n", quoted(&plain(folder.as_os_str()))),
            ExportSyntax::PowerShell => {
                format!("$env:PATH = {} + ';' + $env:PATH\n", powershell_quoted(&plain(folder.as_os_str())))
            }
        };
    }
    text
}

fn plain(text: &OsStr) -> String {
    text.to_string_lossy().into_owned()
}

/// Quotes a text as a PowerShell literal.
fn powershell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{EmulatedHost, SandboxPlan};

    #[test]
    fn lines_set_sandbox_variables_and_unset_misleading_ones() {
        let sandbox = Sandbox::start(SandboxPlan::new(EmulatedHost::ServicePrincipal)).unwrap();
        let posix = lines(&sandbox, ExportSyntax::Posix);
        assert!(posix.contains("export AZFOB_VAULT='my-vault'\n"));
        assert!(posix.contains("unset IDENTITY_ENDPOINT\n") && !posix.contains("unset AZURE_CLIENT_ID\n"));
        let powershell = lines(&sandbox, ExportSyntax::PowerShell);
        assert!(powershell.contains("$env:AZFOB_VAULT = 'my-vault'\n"));
    }
}
