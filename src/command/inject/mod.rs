//! `azfob inject`: writes a file with every reference replaced by the secret's value. Writes nothing if one fails.

mod data;
mod lines;
mod template;
mod yaml;

use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::args::{InjectArgs, InjectFormat};
use crate::env::Env;
use crate::error::{Error, UsageError};
use crate::fetch::session::Session;
use crate::fetch::vaults::Vaults;
use crate::fetch::{IfMissing, SecretRequest, get_all, missing_notes};
use crate::output::{Body, CommandResult, Destination, Finished, Newline, value};
use crate::settings::Settings;
use crate::time::timestamp::Timestamp;

use super::get::BUDGET;

use template::{TemplateError, TemplatePiece};

/// The template and where its result goes, checked before any request.
struct InjectPlan {
    source: String,
    text: Zeroizing<String>,
    format: InjectFormat,
    destination: Destination,
    wait: Option<Duration>,
    if_missing: IfMissing,
}

impl InjectPlan {
    fn from_args(args: &InjectArgs, text: Zeroizing<String>) -> Result<Self, Error> {
        let destination = Destination::from_args(&args.out)?;
        let format = args.format.unwrap_or_else(|| InjectFormat::from_extension(&args.file));
        let (source, if_missing) = (display_name(&args.file), IfMissing::from_args(&args.missing));
        Ok(InjectPlan { source, text, format, destination, wait: args.wait.for_access, if_missing })
    }

    fn pieces(&self) -> Result<Vec<TemplatePiece<'_>>, UsageError> {
        read(self.format, &self.text, &self.source)
    }
}

fn read<'a>(format: InjectFormat, text: &'a str, source: &str) -> Result<Vec<TemplatePiece<'a>>, UsageError> {
    let pieces = match format {
        InjectFormat::Raw => lines::raw(text),
        InjectFormat::Json => data::json(text),
        InjectFormat::Toml => data::toml(text),
        InjectFormat::Yaml => yaml::pieces(text),
        InjectFormat::Properties => lines::properties(text),
        InjectFormat::Env => lines::env(text),
    };
    pieces.map_err(|TemplateError { line, reason }| UsageError(format!("{source}, line {line}: {reason}")))
}

/// Writes the pieces with a value for each reference.
fn write<'a>(
    pieces: &[TemplatePiece<'_>],
    mut values: impl Iterator<Item = &'a str>,
    capacity: usize,
    source: &str,
) -> Result<Zeroizing<String>, Error> {
    let mut text = Zeroizing::new(String::with_capacity(capacity));
    let refused: Vec<_> = pieces.iter().filter_map(|piece| piece.write(&mut values, &mut text).err()).collect();
    match refused.first().copied() {
        Some((_, reason)) => Err(unrepresentable(refused.iter().filter(|(_, other)| *other == reason), reason, source)),
        None => Ok(text),
    }
}

/// Fills one value into every reference, for the tests.
///
/// # Errors
/// The template is malformed, or a place cannot contain the value.
#[cfg(feature = "sandbox")]
pub fn fill(file: &Path, text: &str, value: &str) -> Result<Zeroizing<String>, Error> {
    let source = display_name(file);
    let pieces = read(InjectFormat::from_extension(file), text, &source)?;
    write(&pieces, std::iter::repeat(value), 0, &source)
}

/// Returns the name of the file for messages.
fn display_name(file: &Path) -> String {
    if file == Path::new("-") { "stdin".to_owned() } else { file.display().to_string() }
}

/// Runs `azfob inject`.
///
/// # Errors
/// The file or a reference is malformed, a secret cannot be fetched, or its value cannot be written in its place.
pub fn command(args: &InjectArgs, settings: Settings, env: &Env) -> Result<Finished, Error> {
    let text = super::text_file::read_verbatim(&args.file, &settings)
        .map_err(|reason| UsageError(format!("{}: {reason}", display_name(&args.file))))?;
    let plan = InjectPlan::from_args(args, text)?;
    let pieces = plan.pieces()?;
    let requests = requests(&pieces, &plan, &settings)?;
    let session = Session::new(settings, env, BUDGET, plan.wait)?;
    let mut answer = session.timed(|| run(&pieces, &requests, &plan, &session))?;
    answer.destination = plan.destination;
    Ok(Finished::with(answer, session.notices))
}

/// Returns the secrets of the references, in the order of the file.
fn requests(pieces: &[TemplatePiece<'_>], plan: &InjectPlan, settings: &Settings) -> Result<Vec<SecretRequest>, Error> {
    let references = pieces.iter().flat_map(TemplatePiece::references);
    let requests = references.map(|reference| {
        let source = format!("{}, line {}", plan.source, reference.line);
        let request = SecretRequest::parse(&source, &reference.text, settings)?;
        if request.secret.alias.is_some() {
            return Err(UsageError::new(source, &reference.text, "ALIAS= does not work here; use REF").into());
        }
        Ok(request.at(source))
    });
    requests.collect()
}

/// Returns the error for values that cannot be written in their places, all for one reason.
fn unrepresentable<'a>(
    refused: impl Iterator<Item = &'a (usize, &'static str)>,
    reason: &'static str,
    source: &str,
) -> Error {
    let lines: Vec<_> = refused.map(|(line, _)| line.to_string()).collect();
    let name = match lines.as_slice() {
        [line] => format!("the reference in {source}, line {line},"),
        lines => format!("each reference in {source}, lines {},", lines.join(" and ")),
    };
    Error::Unrepresentable { names: vec![name], reason }
}

fn run(
    pieces: &[TemplatePiece<'_>],
    requests: &[SecretRequest],
    plan: &InjectPlan,
    session: &Session,
) -> Result<CommandResult, Error> {
    let bundles = get_all(requests, plan.if_missing, &mut Vaults::new(session))?;
    let missing = missing_notes(requests, &bundles);
    let values = bundles.iter().map(|bundle| bundle.as_ref().map_or("", |bundle| bundle.value.expose()));
    let capacity = plan.text.len() + values.clone().map(|value| 6 * value.len() + 16).sum::<usize>();
    let text = write(pieces, values, capacity, &plan.source)?;
    let now = Timestamp::now();
    let found = || bundles.iter().flatten();
    let warnings = found().filter_map(|bundle| value::dates(&bundle.properties, now)).collect();
    let notes = missing.into_iter().chain(found().filter_map(value::byte_order_mark)).collect();
    Ok(CommandResult {
        body: Body::Whole(Zeroizing::new(text.as_bytes().to_vec())),
        newline: Newline::Never,
        warnings,
        notes,
        ..CommandResult::text("")
    })
}
