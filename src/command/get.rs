//! `azfob get`: prints the values of secrets, all or none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::args::{CertificatePart, Decoding, Dialect, Encoding, GetArgs, GetFormat};
use crate::env::{self, Env};
use crate::error::{Error, UsageError};
use crate::fetch::matching::{Matching, add_matching};
use crate::fetch::session::Session;
use crate::fetch::vaults::Vaults;
use crate::fetch::{IfMissing, SecretRequest, get_all, missing_notes};
use crate::output::certificate::{self, CertificateForm};
use crate::output::value::{self, Requested};
use crate::output::variables::{self, InvalidVariableName, NameOrigin, SecretVariable};
use crate::output::{Append, Body, CommandResult, Destination, Finished, IfExists, Newline, is_same_file};
use crate::settings::Settings;
use crate::time::timestamp::Timestamp;
use crate::vault::reference::SecretName;

use super::list;

/// The time limit without `--timeout`.
pub const BUDGET: Duration = Duration::from_secs(60);

/// The secrets to get and how to print them, checked before any request.
struct GetPlan {
    secrets: Vec<SecretRequest>,
    matching: Option<Matching>,
    if_missing: IfMissing,
    format: GetOutput,
    newline: Newline,
    destination: Destination,
    /// The files of the second and further parts of a certificate.
    other_files: Vec<PathBuf>,
    wait: Option<Duration>,
}

enum GetOutput {
    Text(Option<Encoding>),
    Certificate(CertificateForm),
    Json,
    Variables {
        dialect: Dialect,
        /// The file that the CI runner reads at the end of the step.
        runner_file: Option<PathBuf>,
    },
}

impl GetPlan {
    /// Parses the references and checks the combination of options.
    fn from_args(args: &GetArgs, settings: &Settings, env: &Env) -> Result<Self, Error> {
        let format = GetOutput::from_args(args, env)?;
        let mut secrets = Vec::with_capacity(args.references.len());
        for text in &args.references {
            if let Some(reason) = variables::misnamed(text) {
                return Err(UsageError::new("REF", text, reason).into());
            }
            let request = SecretRequest::parse("REF", text, settings)?;
            if request.secret.alias.is_some() && format.dialect().is_none() {
                let reason = match format {
                    GetOutput::Json => "-o json prints secrets as az does, without ALIAS; use -o env-json",
                    _ => "ALIAS= works only with -o dotenv, docker-env, shell, env-json, github and azure-pipelines",
                };
                return Err(UsageError::new("REF", text, reason).into());
            }
            secrets.push(request);
        }
        if let Some(dialect) = format.dialect() {
            variable_names(&secrets, secrets.len(), None, dialect)?;
        }
        let matching = Matching::from_arg(args.matching.as_ref(), settings)?;
        let if_missing = IfMissing::from_args(&args.missing);
        let decoded = if args.parts.is_empty() { "--decode" } else { "--part" };
        if format.decodes() && (secrets.len() > 1 || matching.is_some()) {
            return Err(UsageError(format!("{decoded}: expected only one REF")).into());
        }
        let other_files = other_files(args)?;
        let if_exists = IfExists::from_args(args.force);
        let destination = Destination::of_path(args.out_files.first().map(PathBuf::as_path), if_exists)?;
        for path in &other_files {
            Destination::of_path(Some(path), if_exists)?;
        }
        let newline = if args.no_newline { Newline::Never } else { Newline::OnTerminal };
        let wait = args.wait.for_access;
        Ok(GetPlan { secrets, matching, if_missing, format, newline, destination, other_files, wait })
    }

    /// Returns the time limit without `--timeout`. A list has its own.
    fn budget(&self) -> Duration {
        if self.matching.is_some() { BUDGET + list::BUDGET } else { BUDGET }
    }
}

impl GetOutput {
    fn from_args(args: &GetArgs, env: &Env) -> Result<Self, UsageError> {
        let refuse = |text: &str| Err(UsageError(text.to_owned()));
        if args.output != GetFormat::Text && args.decode.is_some() {
            return refuse("--decode: works only with -o text");
        }
        if args.output != GetFormat::Text && args.no_newline {
            return refuse("--no-newline: works only with -o text");
        }
        if args.output != GetFormat::Text && !args.parts.is_empty() {
            return refuse("--part: works only with -o text");
        }
        if !args.parts.is_empty() && !matches!(args.decode, None | Some(Decoding::Pem)) {
            return refuse("--part: works only with --decode pem");
        }
        match args.output {
            GetFormat::Text => Ok(GetOutput::of_value(args.decode, &args.parts)),
            GetFormat::Json => Ok(GetOutput::Json),
            GetFormat::Variables(dialect) if dialect.is_for_a_runner() && !args.out_files.is_empty() => {
                refuse("--out-file: does not work with this output, because the CI runner reads stdout")
            }
            GetFormat::Variables(dialect) => {
                Ok(GetOutput::Variables { dialect, runner_file: dialect.runner_file(env).map_err(UsageError)? })
            }
        }
    }

    /// Returns the output of only the value.
    fn of_value(decode: Option<Decoding>, parts: &[CertificatePart]) -> Self {
        match decode {
            _ if !parts.is_empty() => GetOutput::Certificate(CertificateForm::Pem(parts.to_vec())),
            Some(Decoding::Pem) => GetOutput::Certificate(CertificateForm::Pem(vec![CertificatePart::All])),
            Some(Decoding::Pfx) => GetOutput::Certificate(CertificateForm::Pfx),
            Some(Decoding::Stored(encoding)) => GetOutput::Text(Some(encoding)),
            None => GetOutput::Text(None),
        }
    }

    /// Returns true if the value is decoded or converted.
    fn decodes(&self) -> bool {
        matches!(self, GetOutput::Text(Some(_)) | GetOutput::Certificate(_))
    }

    fn dialect(&self) -> Option<Dialect> {
        match self {
            GetOutput::Text(_) | GetOutput::Certificate(_) | GetOutput::Json => None,
            GetOutput::Variables { dialect, .. } => Some(*dialect),
        }
    }
}

/// Returns the files after the first one. Only the parts of a certificate go to several files.
fn other_files(args: &GetArgs) -> Result<Vec<PathBuf>, UsageError> {
    let Some((_, others)) = args.out_files.split_first() else { return Ok(Vec::new()) };
    if args.out_files.len() != args.parts.len().max(1) {
        return Err(UsageError("--out-file: expected one for each --part, in the same order".to_owned()));
    }
    let is_earlier = |at: usize, path: &Path| args.out_files[..=at].iter().any(|earlier| is_same_file(earlier, path));
    match others.iter().enumerate().find(|(at, path)| is_earlier(*at, path)) {
        Some((_, twice)) => Err(UsageError::new("--out-file", &twice.to_string_lossy(), "it is given twice")),
        None => Ok(others.to_vec()),
    }
}

/// Returns the names of the variables: the alias, or else a name derived from the secret's. The user named the first secrets,
/// and the others match.
fn variable_names(
    secrets: &[SecretRequest],
    named: usize,
    matching: Option<&Matching>,
    dialect: Dialect,
) -> Result<Vec<String>, UsageError> {
    let of_match = matching.map_or(NameOrigin::Found, |matching| NameOrigin::of_match(&matching.glob));
    let mut names: Vec<String> = Vec::with_capacity(secrets.len());
    let mut taken: BTreeMap<String, &SecretName> = BTreeMap::new();
    let mut refused = Vec::new();
    for (place, SecretRequest { secret, .. }) in secrets.iter().enumerate() {
        let (name, origin) = match &secret.alias {
            Some(alias) => (alias.clone(), NameOrigin::Alias),
            None => {
                let origin = if place < named { NameOrigin::Named } else { of_match };
                (variables::name_of(secret.name.as_str()), origin)
            }
        };
        if let Err(reason) = dialect.check(&name, origin) {
            refused.push(reason.for_reference(secret.name.as_str()));
        } else if let Some(other) = taken.insert(name.clone(), &secret.name) {
            let reason = format!("{other} also sets {name}; add an alias: OTHER_NAME={}", secret.name);
            return Err(UsageError(format!("{}: {reason}", secret.name)));
        }
        names.push(name);
    }
    InvalidVariableName::of_secrets(&refused).map_or(Ok(names), |reason| Err(UsageError(reason)))
}

/// Runs `azfob get`.
///
/// # Errors
/// The arguments are wrong, or a secret cannot be fetched or printed.
pub fn command(args: &GetArgs, settings: Settings, env: &Env) -> Result<Finished, Error> {
    let plan = GetPlan::from_args(args, &settings, env)?;
    let session = Session::new(settings, env, plan.budget(), plan.wait)?;
    let answer = session.timed(|| run(plan, &session))?;
    Ok(Finished::with(answer, session.notices))
}

fn run(plan: GetPlan, session: &Session) -> Result<CommandResult, Error> {
    let mut vaults = Vaults::new(session);
    let mut secrets = plan.secrets;
    let named = secrets.len();
    let mut answer =
        CommandResult { newline: Newline::Never, destination: plan.destination, ..CommandResult::text("") };
    if let Some(matching) = &plan.matching {
        answer.notes.extend(add_matching(&mut secrets, matching, plan.if_missing, &mut vaults)?);
    }
    let mut names = match plan.format.dialect() {
        Some(dialect) => variable_names(&secrets, named, plan.matching.as_ref(), dialect)?,
        None => Vec::new(),
    };
    let requested = if secrets.len() == 1 { Requested::One } else { Requested::Several };
    let found = get_all(&secrets, plan.if_missing, &mut vaults)?;
    answer.notes.extend(missing_notes(&secrets, &found));
    let mut is_found = found.iter().map(Option::is_some);
    names.retain(|_| is_found.next().unwrap_or_default());
    let bundles: Vec<_> = found.into_iter().flatten().collect();
    let now = Timestamp::now();
    answer.warnings.extend(bundles.iter().filter_map(|bundle| value::dates(&bundle.properties, now)));
    match plan.format {
        GetOutput::Json => {
            let shape = if plan.matching.is_some() { Requested::Several } else { requested };
            answer.body = value::json(bundles, shape);
        }
        GetOutput::Certificate(form) => {
            let Some(bundle) = bundles.first() else {
                // The secret may be missing: no file is written.
                answer.destination = Destination::Stdout;
                return Ok(answer);
            };
            let parts = certificate::convert(bundle, &form, session.context.env.get(env::AZFOB_PFX_PASSWORD))?;
            answer.notes.extend(certificate::empty_chain(bundle, &form, &parts));
            (answer.body, answer.other_files) = in_files(parts, plan.other_files);
        }
        GetOutput::Text(decode) => {
            // Each of several values ends with a newline already.
            answer.newline = if requested == Requested::One { plan.newline } else { Newline::Never };
            answer.notes.extend(
                bundles.iter().flat_map(|bundle| value::notes(&bundle.properties, decode.map(Decoding::Stored))),
            );
            answer.notes.extend(bundles.iter().filter_map(value::byte_order_mark));
            answer.body = value::text(bundles, requested, plan.newline, decode)?;
        }
        GetOutput::Variables { dialect, runner_file } => {
            let variables: Vec<_> = names
                .iter()
                .zip(&bundles)
                .map(|(name, bundle)| SecretVariable { name, value: bundle.value.expose() })
                .collect();
            answer.notes.extend(bundles.iter().filter_map(value::byte_order_mark));
            let encoded = dialect.encode(&variables, &session.context.env)?;
            answer.warnings.extend(encoded.warnings);
            answer.append = encoded.file.zip(runner_file).map(|(bytes, path)| Append { path, bytes });
            answer.body = value::variables(names, bundles, encoded.stdout);
        }
    }
    Ok(answer)
}

/// Assigns the parts of a certificate to the files. Without other files, all parts go to one.
fn in_files(parts: Vec<Zeroizing<Vec<u8>>>, others: Vec<PathBuf>) -> (Body, Vec<(PathBuf, Body)>) {
    if others.is_empty() {
        return (Body::Whole(Zeroizing::new(parts.iter().flat_map(|part| part.iter().copied()).collect())), Vec::new());
    }
    let mut bodies = parts.into_iter().map(Body::Whole);
    let first = bodies.next().expect("a certificate has at least one part");
    (first, others.into_iter().zip(bodies).collect())
}
