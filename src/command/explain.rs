//! `diagnose --log` and `--explain`: the errors in another program's words, from the same table. Nothing is probed.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::args::DiagnoseArgs;
use crate::diagnosis::explain::Place;
use crate::diagnosis::log::{Recognised, explain_code, recognise};
use crate::error::Error;
use crate::output::{Answer, diagnose as rendered};
use crate::settings::{Settings, UsageError};

/// The most that is read of a log: its end says least, its beginning most.
const LOG_LIMIT: u64 = 64 << 20;

/// Explains.
///
/// # Errors
/// The file cannot be read; nothing in it, or the code, is known.
pub fn run(args: &DiagnoseArgs, settings: &Settings, place: &Place) -> Result<Answer, Error> {
    let found = match (&args.explain, &args.log) {
        (Some(code), _) => {
            let finding = explain_code(code, place, &settings.suffixes);
            let finding = finding.ok_or_else(|| Error::Machine(unknown(code)))?;
            vec![Recognised { finding, line: 0, times: 1 }]
        }
        (None, log) => {
            let path = log.as_deref().unwrap_or(Path::new("-"));
            let text = read(path).map_err(|error| UsageError(format!("--log {}: {error}", path.display())))?;
            let found = recognise(&text, place, &settings.suffixes);
            if found.is_empty() {
                let none = "no error of Azure Identity or Key Vault is recognised in it";
                return Err(Error::Machine(format!("{}: {none}", path.display())));
            }
            found
        }
    };
    Ok(rendered::recognised(&found, args.output, settings.color))
}

fn unknown(code: &str) -> String {
    let look_up = crate::entra::aadsts_code(code)
        .map(|number| format!("; look it up at https://login.microsoftonline.com/error?code={number}"));
    format!("'{code}' is no code that azfob knows{}", look_up.unwrap_or_default())
}

fn read(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        io::stdin().lock().take(LOG_LIMIT).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(LOG_LIMIT).read_to_end(&mut bytes)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
