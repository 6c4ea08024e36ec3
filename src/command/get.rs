//! The secrets asked for, all or none.

use std::collections::BTreeMap;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::args::{Encoding, GetArgs, GetFormat};
use crate::env::Env;
use crate::error::Error;
use crate::http::random_uuid;
use crate::output::variables::{self, Chosen, Dialect, Variable, azure_pipelines, dotenv, github, shell};
use crate::output::{Answer, Append, Destination, IfExists, Newline, check_file, value};
use crate::settings::{Settings, UsageError};
use crate::time::timestamp::Timestamp;
use crate::vault::glob::Glob;
use crate::vault::reference::SecretName;
use crate::vault::secret_bundle::Properties;
use crate::vault::url::VaultUrl;

use super::access_wait::AccessWait;
use super::fetch::{self, VaultSessions, Wanted};
use super::list;
use super::matching::add_matching;
use super::session::Session;

/// The time for all of it where no `--timeout` is given.
pub const BUDGET: Duration = Duration::from_secs(60);

/// The variable that names the file for a job's next steps.
const GITHUB_FILE: &str = "GITHUB_ENV";

/// What to get and how to hand it over, checked before anything is asked.
pub struct Plan {
    secrets: Vec<Wanted>,
    matching: Option<(VaultUrl, Glob)>,
    format: Format,
    newline: Newline,
    destination: Destination,
    wait: Option<Duration>,
}

enum Format {
    Text(Option<Encoding>),
    Json,
    Variables(Dialect),
    Github(Append),
}

impl Plan {
    /// Reads the references and checks that the options fit together.
    ///
    /// # Errors
    /// A reference is malformed or has no vault; options contradict each other; the file may not be written.
    pub fn from_args(args: &GetArgs, settings: &Settings, env: &Env) -> Result<Self, Error> {
        let format = Format::from_args(args, env)?;
        let mut secrets = Vec::with_capacity(args.references.len());
        for text in &args.references {
            if let Some(reason) = variables::misnamed(text) {
                return Err(UsageError::new("REF", text, reason).into());
            }
            let wanted = Wanted::parse("REF", text, settings)?;
            if wanted.secret.alias.is_some() && format.dialect().is_none() {
                let reason = "a name for a variable means nothing to this output; -o dotenv, shell, github and \
                              azure-pipelines have variables";
                return Err(UsageError::new("REF", text, reason).into());
            }
            secrets.push(wanted);
        }
        if let Some(dialect) = format.dialect() {
            named(&secrets, dialect)?;
        }
        let no_vault = || UsageError("--match: no vault is named: give --vault or set AZFOB_VAULT".to_owned());
        let matching = match &args.matching {
            None => None,
            Some(glob) => {
                let vault = settings.vault.as_ref().ok_or_else(no_vault)?.value.clone();
                settings.authority_for(&vault)?;
                Some((vault, glob.clone()))
            }
        };
        if args.decode.is_some() && (secrets.len() > 1 || matching.is_some()) {
            return Err(UsageError("--decode: expected one REF; decoded bytes cannot stand on lines".to_owned()).into());
        }
        let destination = match &args.out_file {
            None => Destination::Stdout,
            Some(path) => {
                let if_exists = if args.force { IfExists::Replace } else { IfExists::Fail };
                check_file(path, if_exists)?;
                Destination::File(path.clone(), if_exists)
            }
        };
        let newline = if args.no_newline { Newline::Never } else { Newline::OnTerminal };
        Ok(Plan { secrets, matching, format, newline, destination, wait: args.wait_for_access })
    }

    /// The time for all of it where no `--timeout` is given: a list takes its own.
    pub fn budget(&self) -> Duration {
        if self.matching.is_some() { BUDGET + list::BUDGET } else { BUDGET }
    }
}

impl Format {
    fn from_args(args: &GetArgs, env: &Env) -> Result<Self, UsageError> {
        let refuse = |text: &str| Err(UsageError(text.to_owned()));
        if args.output != GetFormat::Text && args.decode.is_some() {
            return refuse("--decode: this output cannot carry the decoded bytes; use it with -o text");
        }
        if args.output != GetFormat::Text && args.no_newline {
            return refuse("--no-newline: only -o text may end without one");
        }
        match args.output {
            GetFormat::Text => Ok(Format::Text(args.decode)),
            GetFormat::Json => Ok(Format::Json),
            GetFormat::Dotenv => Ok(Format::Variables(Dialect::Dotenv)),
            GetFormat::Shell => Ok(Format::Variables(Dialect::Shell)),
            GetFormat::AzurePipelines | GetFormat::Github if args.out_file.is_some() => {
                refuse("--out-file: the runner reads stdout")
            }
            GetFormat::AzurePipelines => Ok(Format::Variables(Dialect::AzurePipelines)),
            GetFormat::Github => match env.get_os(GITHUB_FILE) {
                Some(path) => Ok(Format::Github(Append { path: path.into(), bytes: Zeroizing::default() })),
                None => refuse("-o github: GITHUB_ENV is not set, so this is no step of a GitHub Actions job"),
            },
        }
    }

    fn dialect(&self) -> Option<Dialect> {
        match self {
            Format::Text(_) | Format::Json => None,
            Format::Variables(dialect) => Some(*dialect),
            Format::Github(_) => Some(Dialect::Github),
        }
    }
}

/// The names of the variables, by alias or by rule.
fn named(secrets: &[Wanted], dialect: Dialect) -> Result<Vec<String>, UsageError> {
    let mut names: Vec<String> = Vec::with_capacity(secrets.len());
    let mut taken: BTreeMap<String, &SecretName> = BTreeMap::new();
    for wanted in secrets {
        let secret = &wanted.secret;
        let (name, chosen) = match &secret.alias {
            Some(alias) => (alias.clone(), Chosen::ByAlias),
            None => (variables::name_of(secret.name.as_str()), Chosen::ByRule),
        };
        let refused = |reason: String| UsageError(format!("{}: {reason}", secret.name));
        variables::check(&name, chosen, dialect)
            .map_err(|reason| refused(reason.for_reference(secret.name.as_str()).to_string()))?;
        if let Some(other) = taken.insert(name.clone(), &secret.name) {
            let reason = format!("{other} sets {name} already; name one of them yourself: OTHER_NAME={}", secret.name);
            return Err(refused(reason));
        }
        names.push(name);
    }
    Ok(names)
}

/// Gets them.
///
/// # Errors
/// The one failure, or all of them where several secrets failed.
pub fn run(plan: Plan, session: &Session) -> Result<Answer, Error> {
    let mut vaults = VaultSessions::new(session);
    let mut access = AccessWait::new(plan.wait, &session.settings);
    let mut secrets = plan.secrets;
    let mut answer = Answer { newline: Newline::Never, destination: plan.destination, ..Answer::text("") };
    if let Some((vault, glob)) = &plan.matching {
        answer.notes.extend(add_matching(&mut secrets, vault, glob, &mut vaults, &mut access)?);
    }
    let names = plan.format.dialect().map(|dialect| named(&secrets, dialect)).transpose()?.unwrap_or_default();
    let bundles = fetch::all(&secrets, &mut vaults, &mut access)?;
    let now = Timestamp::now();
    answer.warnings.extend(bundles.iter().filter_map(|bundle| dates(&bundle.properties, now)));
    let variables: Vec<_> =
        names.iter().zip(&bundles).map(|(name, bundle)| Variable { name, value: bundle.value.expose() }).collect();
    refuse_nul(&variables)?;
    match plan.format {
        Format::Json => answer.bytes = value::json(&bundles),
        Format::Text(decode) => {
            // Several values end with a newline of their own, which a terminal does not need twice.
            answer.newline = if bundles.len() > 1 { Newline::Never } else { plan.newline };
            answer.bytes = value::text(&bundles, plan.newline, decode)?;
            answer.notes.extend(bundles.iter().flat_map(|bundle| kind(&bundle.properties, decode)));
        }
        Format::Variables(dialect) => {
            answer.bytes = match dialect {
                Dialect::AzurePipelines => {
                    answer.warnings.extend(several_lines(&variables, session));
                    azure_pipelines::commands(&variables)
                }
                Dialect::Dotenv => dotenv::lines(&variables)
                    .map_err(|name| Error::Unrepresentable { name: name.to_owned(), reason: dotenv::NOT_ALIKE })?,
                _ => shell::lines(&variables),
            };
            if dialect == Dialect::AzurePipelines {
                answer.warnings.extend(unmasked(&variables));
            }
        }
        Format::Github(append) => {
            answer.bytes = github::masks(&variables);
            answer.warnings.extend(unmasked(&variables));
            let delimiter = || format!("azfob_{}", random_uuid());
            answer.append = Some(Append { bytes: github::entries(&variables, delimiter), ..append });
        }
    }
    Ok(answer)
}

/// No variable can hold what ends a text for the system.
pub(super) fn refuse_nul(variables: &[Variable<'_>]) -> Result<(), Error> {
    let nul = variables.iter().find(|variable| variable.value.contains('\0'));
    nul.map_or(Ok(()), |v| {
        Err(Error::Unrepresentable { name: v.name.to_owned(), reason: "it holds a NUL, which ends a variable" })
    })
}

fn unmasked(variables: &[Variable<'_>]) -> Vec<String> {
    let note = |v: &Variable<'_>| variables::unmasked_note(v.name, variables::lines_to_mask(v.value).1);
    variables.iter().filter_map(note).collect()
}

/// What a pipeline needs for values of several lines, where it does not have it.
fn several_lines(variables: &[Variable<'_>], session: &Session) -> Option<String> {
    let allowed = session.context.env.get(azure_pipelines::MULTILINE_VARIABLE);
    if allowed.is_some_and(|text| text.eq_ignore_ascii_case("true")) {
        return None;
    }
    let names: Vec<_> =
        variables.iter().filter(|v| azure_pipelines::has_several_lines(v.value)).map(|v| v.name).collect();
    (!names.is_empty()).then(|| {
        let names = names.join(", ");
        format!(
            "the agent refuses a secret of several lines ({names}) unless the pipeline sets the variable \
             SYSTEM_UNSAFEALLOWMULTILINESECRET to true"
        )
    })
}

/// What is good to know about a value that is a file: a certificate, or what az encoded.
fn kind(secret: &Properties, decode: Option<Encoding>) -> Vec<String> {
    let name = secret.name();
    let mut notes = Vec::new();
    match (secret.content_type.as_deref(), decode) {
        (Some("application/x-pkcs12"), None) => notes.push(format!(
            "'{name}' is a certificate (application/x-pkcs12), a PFX in base64: --decode base64 --out-file {name}.pfx \
             makes the file"
        )),
        (Some("application/x-pem-file"), _) => {
            notes.push(format!("'{name}' is a certificate or key (application/x-pem-file), in PEM as it is stored"));
        }
        _ => {}
    }
    // `az keyvault secret set --file --encoding` leaves this tag; text is stored as it is.
    let encoding =
        secret.tags.iter().flatten().find(|(tag, _)| *tag == "file-encoding").map(|(_, value)| value.as_str());
    match (encoding, decode) {
        (None | Some("utf-8" | "ascii"), _) | (Some("base64"), Some(_)) => {}
        (Some("base64"), None) => {
            notes.push(format!(
                "'{name}' has the tag file-encoding=base64, a file in base64: --decode base64 undoes it"
            ));
        }
        (Some(other), _) => notes.push(format!("'{name}' has the tag file-encoding={other}, a file in that encoding")),
    }
    notes
}

/// A vault hands out secrets that are past their time, or ahead of it, as if they were good.
pub(super) fn dates(secret: &Properties, now: Timestamp) -> Option<String> {
    let name = secret.name();
    let expired = secret.expired(now).map(|t| format!("the secret '{name}' expired on {}", t.date()));
    expired.or_else(|| {
        secret.not_yet_valid(now).map(|t| format!("the secret '{name}' is not meant to be used before {}", t.date()))
    })
}
