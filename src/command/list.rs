//! `azfob list`: lists the vault's secrets without values, or its certificates.
//!
//! `-o name` and `-o tsv` print each page when it arrives, so that a large vault needs no memory and the first lines appear at
//! once. The other formats sort, and print nothing if the list breaks off.

use std::cmp::Reverse;
use std::time::Duration;

use crate::args::{ListArgs, ListFormat, TagFilter};
use crate::env::Env;
use crate::error::{Error, UsageError, exit_code};
use crate::fetch::RateLimit;
use crate::fetch::open_vault::OpenVault;
use crate::fetch::session::Session;
use crate::fetch::suggestions::suggest;
use crate::fetch::vaults::Vaults;
use crate::output::progress::Progress;
use crate::output::stream::{Reader, StdoutStream};
use crate::output::table::{self, Bold, NarrowLayout, Width};
use crate::output::{Finished, json, terminal, tsv};
use crate::settings::Settings;
use crate::time::timestamp::Timestamp;
use crate::vault::glob::Glob;
use crate::vault::list::Listing;
use crate::vault::secret_bundle::{CertificatePolicy, Properties, Renewal};
use crate::vault::url::VaultUrl;

/// The time limit without `--timeout`. A page of a distant vault takes 100 ms, and 10,000 secrets are 400 pages.
pub const BUDGET: Duration = Duration::from_secs(120);

/// The list to read and how to print it, checked before any request.
struct ListPlan {
    vault: VaultUrl,
    listing: Listing,
    filter: ListFilter,
    format: ListFormat,
    width: Width,
    /// True if the policies of certificates are requested (`--certificates --wide`).
    with_policies: bool,
    wait: Option<Duration>,
    /// The exit code if a secret is listed.
    code_if_listed: u8,
}

/// The filters of the options. Each secret must pass all of them.
#[derive(Clone, Debug, Default)]
struct ListFilter {
    pub name: Option<Glob>,
    /// Keeps secrets that expire within this time, or have expired.
    pub expiring: Option<Duration>,
    /// Keeps only secrets without an expiry date.
    pub no_expiry: bool,
    /// Keeps secrets with all of these tags.
    pub tags: Vec<TagFilter>,
    /// Keeps only disabled secrets.
    pub disabled: bool,
}

impl ListFilter {
    fn matches(&self, secret: &Properties, now: Timestamp) -> bool {
        let in_time = |within: Duration| {
            let latest = now.0.saturating_add(i64::try_from(within.as_secs()).unwrap_or(i64::MAX));
            secret.attributes.exp.is_some_and(|exp| exp <= latest)
        };
        self.name.as_ref().is_none_or(|glob| glob.matches(secret.name()))
            && self.expiring.is_none_or(in_time)
            && (!self.no_expiry || secret.attributes.exp.is_none())
            && self.tags.iter().all(|wanted| has_tag(secret, wanted))
            && (!self.disabled || !secret.is_enabled())
    }
}

impl ListPlan {
    /// Checks that a vault is named, and parses `--versions`.
    fn from_args(args: &ListArgs, settings: &Settings) -> Result<Self, Error> {
        let mut vault = settings.default_vault();
        let listing = match &args.versions {
            Some(text) => {
                let secret;
                (secret, vault) = settings.parse_reference("--versions", text)?;
                if secret.version.is_some() || secret.alias.is_some() || secret.path.is_some() {
                    return Err(UsageError::new("--versions", text, "expected only the name of a secret").into());
                }
                Listing::Versions(secret.name)
            }
            None if args.deleted => Listing::Deleted,
            None if args.certificates => Listing::Certificates,
            None => Listing::Secrets,
        };
        let vault = vault
            .ok_or_else(|| UsageError(settings.unused_vault_variables.no_vault("use --vault or set AZFOB_VAULT")))?;
        settings.authority_for(&vault)?;
        let width = if args.wide { Width::Unlimited } else { Width::of_stdout() };
        let filter = ListFilter {
            name: args.matching.clone(),
            expiring: args.expiring,
            no_expiry: args.no_expiry,
            tags: args.tags.clone(),
            disabled: args.disabled,
        };
        let code_if_listed = if args.fail { exit_code::LISTED } else { exit_code::OK };
        let with_policies = args.certificates && args.wide;
        let (format, wait) = (args.output, args.wait.for_access);
        Ok(ListPlan { vault, listing, filter, format, width, with_policies, wait, code_if_listed })
    }
}

/// Runs `azfob list`.
///
/// # Errors
/// The arguments are wrong, or the list cannot be read or printed. Lines may be printed already.
pub fn command(args: &ListArgs, settings: Settings, env: &Env) -> Result<Finished, Error> {
    let plan = ListPlan::from_args(args, &settings)?;
    let session = Session::new(settings, env, BUDGET, plan.wait)?;
    let listed = session.timed(|| run(&plan, &session))?;
    Ok(Finished::code(i32::from(if listed == 0 { exit_code::OK } else { plan.code_if_listed })))
}

/// Lists the vault. Returns the number of secrets that passed the filters.
fn run(plan: &ListPlan, session: &Session) -> Result<usize, Error> {
    let mut vaults = Vaults::new(session);
    let mut begun = false;
    let operation = plan.listing.operation();
    let listed = vaults.with_access(&plan.vault, operation, |open| match list(plan, session, open, &mut begun) {
        // Lines may be printed already, so that only the first page is requested again.
        Err(error) if begun => Ok(Err(error)),
        result => result.map(Ok),
    });
    listed.and_then(|listed| listed).map_err(|mut error| {
        suggest(std::iter::once(&mut error), &vaults);
        error
    })
}

fn list(plan: &ListPlan, session: &Session, open: OpenVault<'_>, begun: &mut bool) -> Result<usize, Error> {
    let now = Timestamp::now();
    let lines = plan.prints_pages();
    let mut out = StdoutStream::new();
    let mut kept: Vec<Properties> = Vec::new();
    let (mut count, mut shown) = (0, 0);
    let mut progress = Progress::new(plan.items(), session.settings.verbosity, lines);
    let limit = RateLimit::default();
    for page in open.pages(&plan.listing) {
        let mut page = page?;
        *begun = true;
        count += page.len();
        page.retain(|secret| plan.filter.matches(secret, now));
        if plan.with_policies {
            open.add_policies(&mut page, &limit)?;
        }
        shown += page.len();
        if lines {
            let text: String = page.iter().map(|secret| plan.line(secret)).collect();
            if !text.is_empty() && out.write(&text)? == Reader::Closed {
                return Ok(shown);
            }
        } else {
            kept.append(&mut page);
        }
        progress.update(count);
    }
    drop(progress);
    if let (0, Listing::Versions(name)) = (count, &plan.listing) {
        // Every secret has a version.
        return Err(open.not_found(name.as_str()));
    }
    if shown == 0 && plan.format != ListFormat::Json && terminal::stdout_is_terminal() {
        session.notices.note([plan.empty_note(count)]);
        return Ok(0);
    }
    if lines {
        return Ok(shown);
    }
    plan.sort(&mut kept);
    match plan.format {
        ListFormat::Json => out.write_by(|stdout| json::write(stdout, &plan.json(&kept))),
        ListFormat::Table => {
            let bold = if terminal::stdout_has_color(session.settings.color) { Bold::Header } else { Bold::Nothing };
            let rows = || kept.iter().map(|secret| plan.row(secret, now));
            out.write_by(|stdout| table::write(stdout, plan.header(), rows, plan.width, plan.narrow_layout(), bold))
        }
        ListFormat::Name | ListFormat::Tsv => {
            out.write(&kept.iter().map(|secret| plan.line(secret)).collect::<String>())
        }
    }
    .map(|_| shown)
}

impl ListPlan {
    /// Returns true if each page is printed when it arrives. Versions are sorted in every format.
    fn prints_pages(&self) -> bool {
        matches!(self.format, ListFormat::Name | ListFormat::Tsv) && !matches!(self.listing, Listing::Versions(_))
    }

    fn sort(&self, secrets: &mut [Properties]) {
        match &self.listing {
            Listing::Versions(_) => secrets.sort_by_key(|secret| Reverse(secret.attributes.created)),
            _ if self.filter.expiring.is_some() => {
                secrets.sort_by_cached_key(|secret| (secret.attributes.exp, secret.name().to_ascii_lowercase()));
            }
            _ => secrets.sort_by_cached_key(|secret| secret.name().to_ascii_lowercase()),
        }
    }

    fn json<'a>(&self, secrets: &'a [Properties]) -> json::SecretList<'a> {
        match self.listing {
            Listing::Deleted => json::SecretList::Deleted(secrets),
            Listing::Certificates => json::SecretList::Certificates(secrets),
            Listing::Secrets | Listing::Versions(_) => json::SecretList::Present(secrets),
        }
    }

    /// Returns what is listed, in the plural.
    fn items(&self) -> &'static str {
        match self.listing {
            Listing::Deleted => "deleted secrets",
            Listing::Secrets | Listing::Versions(_) => "secrets",
            Listing::Certificates => "certificates",
        }
    }

    /// Returns the note for an empty list.
    fn empty_note(&self, count: usize) -> String {
        let what = self.items();
        match count {
            0 => format!("{} has no {what}", self.vault.name()),
            count => format!("no matching {what} ({} has {count})", self.vault.name()),
        }
    }

    /// Returns the columns that a narrow terminal shortens or drops. Name and expiry stay whole.
    fn narrow_layout(&self) -> &'static NarrowLayout {
        match self.listing {
            Listing::Secrets | Listing::Versions(_) => &NarrowLayout { shortened: &[5, 4], left_out: &[5, 4, 2, 1] },
            Listing::Deleted => &NarrowLayout { shortened: &[4, 3], left_out: &[4, 3, 1] },
            // A thumbprint is of use only in full.
            Listing::Certificates => &NarrowLayout { shortened: &[5], left_out: &[5, 2, 1, 4] },
        }
    }

    fn header(&self) -> &'static [&'static str] {
        match self.listing {
            Listing::Secrets => &["NAME", "ENABLED", "UPDATED", "EXPIRES", "CONTENT TYPE", "TAGS"],
            Listing::Versions(_) => &["VERSION", "ENABLED", "CREATED", "EXPIRES", "CONTENT TYPE", "TAGS"],
            Listing::Deleted => &["NAME", "DELETED", "PURGED", "CONTENT TYPE", "TAGS"],
            Listing::Certificates if self.with_policies => {
                &["NAME", "ENABLED", "UPDATED", "EXPIRES", "THUMBPRINT", "TAGS", "SUBJECT", "AUTO-RENEWAL"]
            }
            Listing::Certificates => &["NAME", "ENABLED", "UPDATED", "EXPIRES", "THUMBPRINT", "TAGS"],
        }
    }

    /// Returns the cells of a secret in a table.
    fn row(&self, secret: &Properties, now: Timestamp) -> Vec<String> {
        let time = |t: Option<i64>| t.map(|t| Timestamp(t).relative_to(now)).unwrap_or_default();
        let enabled = match (secret.is_enabled(), secret.not_yet_valid(now)) {
            (false, _) => "no".to_owned(),
            (true, Some(from)) => format!("yes, valid {}", from.relative_to(now)),
            (true, None) => "yes".to_owned(),
        };
        let expires = match secret.expired(now) {
            Some(_) => format!("expired {}", time(secret.attributes.exp)),
            None => time(secret.attributes.exp),
        };
        let kind = kind(secret);
        let kind = if secret.is_managed() { format!("{kind} (certificate)").trim().to_owned() } else { kind };
        let name = match (&self.listing, secret.version()) {
            (Listing::Versions(_), version) => version.unwrap_or_default(),
            _ => secret.name(),
        };
        self.cells(secret, [name.to_owned(), enabled, expires, kind], time)
    }

    /// Returns the line of a secret with `-o name` or `-o tsv`.
    fn line(&self, secret: &Properties) -> String {
        let time = |t: Option<i64>| t.map(|t| Timestamp(t).rfc3339()).unwrap_or_default();
        let name = match (&self.listing, secret.version()) {
            (Listing::Versions(_), Some(version)) => format!("{}/{version}", secret.name()),
            _ => secret.name().to_owned(),
        };
        if self.format == ListFormat::Name {
            return tsv::line(&[name]);
        }
        let cells = [name, secret.is_enabled().to_string(), time(secret.attributes.exp), kind(secret)];
        tsv::line(&self.cells(secret, cells, time))
    }

    fn cells(
        &self,
        secret: &Properties,
        [name, enabled, expires, kind]: [String; 4],
        time: impl Fn(Option<i64>) -> String,
    ) -> Vec<String> {
        let changed = match self.listing {
            Listing::Secrets | Listing::Certificates => time(secret.attributes.updated),
            Listing::Versions(_) => time(secret.attributes.created),
            Listing::Deleted => {
                let [deleted, purged] = [secret.deleted_date, secret.scheduled_purge_date].map(time);
                return vec![name, deleted, purged, kind, tags(secret)];
            }
        };
        let mut cells = vec![name, enabled, changed, expires, kind, tags(secret)];
        if self.with_policies {
            let policy = secret.policy.as_deref();
            let renewal = policy.map(|policy| match policy.renewal() {
                Renewal::Manual => "no".to_owned(),
                Renewal::AtPercentage(percentage) => format!("at {percentage} % of its lifetime"),
                Renewal::DaysBeforeExpiry(days) => format!("{days} days before expiry"),
            });
            let subject = policy.and_then(CertificatePolicy::subject).map(str::to_owned);
            cells.extend([subject, renewal].map(Option::unwrap_or_default));
        }
        cells
    }
}

/// Returns the type of a secret's value, or the thumbprint of a certificate.
fn kind(item: &Properties) -> String {
    item.thumbprint_hex().or_else(|| item.content_type.clone()).unwrap_or_default()
}

/// Returns true if the secret has the tag, with the value if one is wanted.
fn has_tag(secret: &Properties, wanted: &TagFilter) -> bool {
    let found = secret.tags.as_ref().and_then(|tags| tags.get(&wanted.name));
    found.is_some_and(|found| wanted.value.as_ref().is_none_or(|value| value == found))
}

/// Formats tags as `owner=me, stage=test`.
fn tags(secret: &Properties) -> String {
    let tags = secret.tags.iter().flatten();
    tags.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
}
