//! `azfob get`: prints the values of secrets, all or none.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::args::{Dialect, Encoding, GetArgs, GetFormat};
use crate::env::Env;
use crate::error::{Error, UsageError};
use crate::fetch::matching::add_matching;
use crate::fetch::session::Session;
use crate::fetch::vaults::Vaults;
use crate::fetch::{SecretRequest, get_all};
use crate::output::variables::{self, NameOrigin, SecretVariable};
use crate::output::{Answer, Append, Destination, Finished, Newline, value};
use crate::settings::Settings;
use crate::time::timestamp::Timestamp;
use crate::vault::glob::Glob;
use crate::vault::reference::SecretName;
use crate::vault::url::VaultUrl;

use super::list;

/// The time limit without `--timeout`.
pub const BUDGET: Duration = Duration::from_secs(60);

/// The secrets to get and how to print them, checked before any request.
struct GetPlan {
    secrets: Vec<SecretRequest>,
    matching: Option<(VaultUrl, Glob)>,
    format: GetOutput,
    newline: Newline,
    destination: Destination,
    wait: Option<Duration>,
}

enum GetOutput {
    Text(Option<Encoding>),
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
            variable_names(&secrets, dialect)?;
        }
        let no_vault = || {
            UsageError(format!(
                "--match: {}",
                settings.unused_vault_variables.no_vault("use --vault or set AZFOB_VAULT")
            ))
        };
        let mut matching = None;
        if let Some(glob) = &args.matching {
            let vault = settings.default_vault().ok_or_else(no_vault)?;
            settings.authority_for(&vault)?;
            matching = Some((vault, glob.clone()));
        }
        if args.decode.is_some() && (secrets.len() > 1 || matching.is_some()) {
            return Err(UsageError("--decode: expected only one REF".to_owned()).into());
        }
        let destination = Destination::from_args(&args.out)?;
        let newline = if args.no_newline { Newline::Never } else { Newline::OnTerminal };
        Ok(GetPlan { secrets, matching, format, newline, destination, wait: args.wait.for_access })
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
        match args.output {
            GetFormat::Text => Ok(GetOutput::Text(args.decode)),
            GetFormat::Json => Ok(GetOutput::Json),
            GetFormat::Variables(dialect) if dialect.is_for_a_runner() && args.out.path.is_some() => {
                refuse("--out-file: does not work with this output, because the CI runner reads stdout")
            }
            GetFormat::Variables(dialect) => {
                Ok(GetOutput::Variables { dialect, runner_file: dialect.runner_file(env).map_err(UsageError)? })
            }
        }
    }

    fn dialect(&self) -> Option<Dialect> {
        match self {
            GetOutput::Text(_) | GetOutput::Json => None,
            GetOutput::Variables { dialect, .. } => Some(*dialect),
        }
    }
}

/// Returns the names of the variables: the alias, or else a name derived from the secret's.
fn variable_names(secrets: &[SecretRequest], dialect: Dialect) -> Result<Vec<String>, UsageError> {
    let mut names: Vec<String> = Vec::with_capacity(secrets.len());
    let mut taken: BTreeMap<String, &SecretName> = BTreeMap::new();
    for request in secrets {
        let secret = &request.secret;
        let (name, chosen) = match &secret.alias {
            Some(alias) => (alias.clone(), NameOrigin::Alias),
            None => (variables::name_of(secret.name.as_str()), NameOrigin::Derived),
        };
        let refused = |reason: String| UsageError(format!("{}: {reason}", secret.name));
        dialect
            .check(&name, chosen)
            .map_err(|reason| refused(reason.for_reference(secret.name.as_str()).to_string()))?;
        if let Some(other) = taken.insert(name.clone(), &secret.name) {
            let reason = format!("{other} also sets {name}; add an alias: OTHER_NAME={}", secret.name);
            return Err(refused(reason));
        }
        names.push(name);
    }
    Ok(names)
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

fn run(plan: GetPlan, session: &Session) -> Result<Answer, Error> {
    let mut vaults = Vaults::new(session);
    let mut secrets = plan.secrets;
    let mut answer = Answer { newline: Newline::Never, destination: plan.destination, ..Answer::text("") };
    if let Some((vault, glob)) = &plan.matching {
        answer.notes.extend(add_matching(&mut secrets, vault, glob, &mut vaults)?);
    }
    let names = plan.format.dialect().map(|dialect| variable_names(&secrets, dialect)).transpose()?.unwrap_or_default();
    let bundles = get_all(&secrets, &mut vaults)?;
    let now = Timestamp::now();
    answer.warnings.extend(bundles.iter().filter_map(|bundle| value::dates(&bundle.properties, now)));
    match plan.format {
        GetOutput::Json => {
            let alone = if plan.matching.is_some() { value::SingleSecret::Array } else { value::SingleSecret::Object };
            answer.body = value::json(bundles, alone);
        }
        GetOutput::Text(decode) => {
            // Each of several values ends with a newline already.
            answer.newline = if bundles.len() > 1 { Newline::Never } else { plan.newline };
            answer.notes.extend(bundles.iter().flat_map(|bundle| value::notes(&bundle.properties, decode)));
            answer.notes.extend(bundles.iter().filter_map(value::byte_order_mark));
            answer.body = value::text(bundles, plan.newline, decode)?;
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
