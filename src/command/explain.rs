//! `explain`, `diagnose --log` and `diagnose --explain`: explain codes, and the errors in another program's output. They send
//! no requests.

use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::args::{DiagnoseArgs, ExplainArgs, ReportFormat};
use crate::bounded_file::{self, ReadError};
use crate::diagnosis::context::Context;
use crate::diagnosis::explain::code;
use crate::diagnosis::log::read_log;
use crate::diagnosis::table::{self, aadsts};
use crate::entra::aadsts_code;
use crate::env::Env;
use crate::error::{Error, UsageError};
use crate::output::notices::Notices;
use crate::output::{CommandResult, Finished, diagnose as rendered};
use crate::settings::Settings;

use super::diagnose::BUDGET;
use super::text_file::stdin_limit;

/// The most that is read of a log. The newest errors are at its end.
const LOG_LIMIT: usize = 64 << 20;

/// The subject to explain.
pub enum Question<'a> {
    /// The errors in a log file; `-` is stdin.
    Log(&'a Path),
    Code(&'a str),
    /// All known codes.
    List,
}

impl<'a> Question<'a> {
    /// Returns what `azfob explain` is to explain.
    pub fn from_explain(args: &'a ExplainArgs) -> Self {
        args.code.as_deref().map_or(Question::List, Question::Code)
    }

    /// Returns what `azfob diagnose` is to explain instead of writing a report.
    pub fn from_diagnose(args: &'a DiagnoseArgs) -> Option<Self> {
        args.explain.as_deref().map(Question::Code).or(args.log.as_deref().map(Question::Log))
    }
}

/// Runs `azfob explain`, or `azfob diagnose` with `--log` or `--explain`. `secret` is filled into the commands.
///
/// # Errors
/// The file cannot be read, no error in it is known, or the code is unknown.
pub fn command(
    question: &Question<'_>,
    secret: Option<&str>,
    output: ReportFormat,
    settings: &Settings,
    env: &Env,
) -> Result<Finished, Error> {
    let here = &context(secret, settings, env)?;
    let answer = match question {
        Question::List => rendered::all(&code::all(here, &settings.suffixes), output, settings.color),
        Question::Code(code) => match code::explain(code, here, &settings.suffixes) {
            Some(code) => rendered::code(&code, output, settings.color),
            None => return Err(Error::Machine(unknown(code))),
        },
        Question::Log(path) => {
            let is_stdin = path.as_os_str() == "-";
            let limit = if is_stdin { stdin_limit(settings, BUDGET) } else { settings.timeout.or(Some(BUDGET)) };
            let (text, cut) = read(path, LOG_LIMIT, limit)
                .map_err(|error| UsageError(format!("--log {}: {error}", path.display())))?;
            let found = read_log(&text, here, &settings.suffixes);
            if found.is_empty() {
                let none = "no known error of Azure Identity or Key Vault found";
                return Err(Error::Machine(format!("{}: {none}", path.display())));
            }
            CommandResult { notes: cut.into_iter().collect(), ..rendered::log(&found, output, settings.color) }
        }
    };
    Ok(Finished::with(answer, Notices::new(settings)))
}

/// Returns the context from options and environment, which is filled into the commands.
fn context(secret: Option<&str>, settings: &Settings, env: &Env) -> Result<Context, UsageError> {
    let (secret, vault) = match secret.map(|text| settings.parse_reference("--secret", text)).transpose()? {
        Some((secret, vault)) => (Some(secret), vault),
        None => (None, settings.default_vault()),
    };
    Ok(Context {
        vault,
        vault_tenant: settings.tenant.as_ref().map(|tenant| tenant.value.as_str().to_owned()),
        secret: secret.map(|secret| secret.to_string()),
        requested_identity: settings.identity.as_ref().map(|identity| identity.value.clone()),
        ..Context::detect(env)
    })
}

/// The similarity from which a code is suggested.
const ALIKE: f64 = 0.9;

fn unknown(code: &str) -> String {
    let hint = match (aadsts_code(code), most_similar(code)) {
        (Some(number), _) => format!("look it up at {}", aadsts::link(number)),
        (None, Some(row)) => format!("did you mean {row}?"),
        (None, None) => "list all codes with `azfob explain --list`".to_owned(),
    };
    format!("unknown code '{code}'; {hint}")
}

/// Returns the most similar known code.
fn most_similar(code: &str) -> Option<&'static str> {
    let code = code.to_ascii_lowercase();
    let alike = table::rows().map(|row| (strsim::jaro_winkler(&row.code.to_ascii_lowercase(), &code), row.code));
    alike.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(how, _)| *how >= ALIKE).map(|(_, row)| row)
}

/// Reads at most `size` bytes of a log, and at most as long as `limit`, which only stdin can lack. Returns a note with the text if the log is longer.
fn read(path: &Path, size: usize, limit: Option<Duration>) -> Result<(Zeroizing<String>, Option<String>), ReadError> {
    let bytes = if path.as_os_str() == "-" {
        bounded_file::read_stdin_end(size, limit)?
    } else {
        bounded_file::read_end(path, size, limit.unwrap_or(BUDGET))?
    };
    let note =
        || format!("{}: only the last {} MB were read; lines are counted from there", path.display(), size >> 20);
    let cut = (bytes.len() > size).then(note);
    Ok((bounded_file::text_lossy(&bytes), cut))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_above_limit_is_cut_with_a_note() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let last = "AADSTS50076";
        for (size, is_cut) in [(2 << 20, false), ((2 << 20) + 1, true), (5 << 20, true)] {
            let mut bytes = vec![b' '; size - last.len()];
            bytes.extend_from_slice(last.as_bytes());
            std::fs::write(&path, &bytes).unwrap();
            let (text, cut) = read(&path, 2 << 20, Some(Duration::from_secs(60))).unwrap();
            assert!(text.ends_with(last) && (2 << 20..=(2 << 20) + 1).contains(&text.len()), "{}", text.len());
            assert_eq!(cut.is_some(), is_cut);
            assert!(cut.is_none_or(|cut| cut.contains("only the last 2 MB were read")));
            let of_stream = bounded_file::end_of(&bytes[..], 2 << 20).unwrap();
            assert!(of_stream.ends_with(last.as_bytes()) && (of_stream.len() > 2 << 20) == is_cut);
        }
    }
}
