//! Formats the result of `whoami` as text.

use crate::credential::azure_profile::AzAccount;
use crate::credential::chain::{Attempt, Selected};
use crate::credential::workload_identity::WorkloadIdentityCredential;
use crate::credential::{Credential, NoToken};
use crate::env::Source;
use crate::time::timestamp::Timestamp;
use crate::token::Claims;
use crate::token::identity::{Identity, IdentityType};

use super::fold::fold;
use super::table::Width;
use crate::redact::sanitize_line;
use crate::settings::Verbosity;

/// Width of the column with the names of facts.
const INDENT: usize = 16;

/// The result of `whoami`.
pub struct Whoami<'a> {
    pub selected: &'a Selected,
    pub identity: Identity,
    /// The credentials before it, each with the reason why it has no token.
    pub skipped: Vec<&'a Attempt>,
    /// The active account of az, if az signed in.
    pub az_account: Option<AzAccount>,
    /// The settings that are not defaults.
    pub settings: Vec<(&'static str, String, Source)>,
    pub now: Timestamp,
}

/// Formats a summary line and one line for each fact. `-v` lists the credentials that are not configured.
pub fn whoami(me: &Whoami<'_>, width: Width, verbosity: Verbosity) -> String {
    let claims = &me.identity.claims;
    let credential = me.selected.credential.name();
    let federation = me.selected.token.federation();
    // The output fits on a screen: the first line has the name too.
    let is_short = credential == WorkloadIdentityCredential.name() && verbosity != Verbosity::Verbose;
    let unless_short = |value: Option<String>| value.filter(|_| !is_short);
    let mut facts: Vec<(&str, String)> = Vec::new();
    let mut fact = |name, value: Option<String>| facts.extend(value.map(|value| (name, value)));
    fact("credential", Some(credential.to_owned()));
    let lifetime = me.identity.kind.lifetime().map(|lifetime| format!(" ({lifetime})")).unwrap_or_default();
    fact("identity", Some(format!("{}{lifetime}", kind(me.identity.kind))));
    fact("name", unless_short(me.identity.label().map(str::to_owned)));
    fact("tenant", claims.tid.clone());
    fact("object ID", claims.oid.clone());
    fact("client ID", me.identity.client_id().map(str::to_owned));
    fact("resource ID", unless_short(claims.xms_mirid.clone()));
    let account = me.az_account.as_ref();
    fact("az account", account.map(|account| account.user.to_string()));
    fact("az tenant", account.map(AzAccount::tenant));
    fact("subscription", account.map(AzAccount::subscription));
    fact("audience", claims.aud.clone());
    fact("issued", unless_short(claims.iat.map(|t| moment(Timestamp(t), me.now))));
    fact("cached since", me.selected.token.cached_since.map(|t| moment(t, me.now)));
    fact("expires", me.selected.token.expires_on.map(|t| moment(t, me.now)));
    if let Some(Claims { iss, sub, aud, .. }) = federation {
        fact("OIDC issuer", iss);
        fact("OIDC subject", sub);
        fact("its audience", aud);
    }
    for (name, value, source) in &me.settings {
        fact(name, Some(format!("{value} (from {source})")));
    }
    let mut text = format!("{}\n\n", fold(&one_line(me), 0, width));
    let settings_begin = facts.len() - me.settings.len();
    for (place, (name, value)) in facts.iter().enumerate() {
        if place == settings_begin {
            text.push_str("\nSettings\n");
        }
        text.push_str(&format!("  {name:12}  {}\n", fold(&sanitize_line(value), INDENT, width)));
    }
    text.push_str(&skipped(me, width, verbosity));
    text
}

/// Formats the credentials before the selected one: those that failed, and with `-v` those that are not configured.
fn skipped(me: &Whoami<'_>, width: Width, verbosity: Verbosity) -> String {
    let is_shown =
        |attempt: &&&Attempt| verbosity == Verbosity::Verbose || matches!(attempt.result, Err(NoToken::Failed(_)));
    let shown: Vec<_> = me.skipped.iter().filter(is_shown).collect();
    let mut text = String::from(if me.skipped.is_empty() { "" } else { "\n" });
    if !shown.is_empty() {
        text.push_str("Skipped\n");
    }
    let column = shown.iter().map(|attempt| attempt.credential.name().len()).max().unwrap_or(0);
    for attempt in &shown {
        let reason = attempt.result.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let reason = fold(&sanitize_line(&reason), column + 4, width);
        text.push_str(&format!("  {:column$}  {reason}\n", attempt.credential.name()));
    }
    match me.skipped.len() - shown.len() {
        0 => {}
        1 => text.push_str("1 credential is not configured (-v shows why)\n"),
        n => text.push_str(&format!("{n} credentials are not configured (-v shows why)\n")),
    }
    text
}

fn one_line(me: &Whoami<'_>) -> String {
    let name = me.identity.label().or(me.identity.object_id()).unwrap_or("unnamed identity");
    let tenant = me.identity.tenant().map(|t| format!(", tenant {t}")).unwrap_or_default();
    let expires = me.selected.token.expires_on;
    let until = expires.map(|t| format!(", {}", relative(t, me.now, "expires in", "expired"))).unwrap_or_default();
    sanitize_line(&format!("{name} ({}) from {}{tenant}{until}", kind(me.identity.kind), me.selected.credential.name()))
}

/// Returns the type of identity in words.
pub fn kind(kind: IdentityType) -> &'static str {
    match kind {
        IdentityType::User => "user",
        IdentityType::ServicePrincipal => "service principal",
        IdentityType::SystemAssigned => "system-assigned managed identity",
        IdentityType::UserAssigned => "user-assigned managed identity",
        IdentityType::Managed => "managed identity",
    }
}

/// `2026-01-31T12:00:00+00:00 (in 23 h)`.
fn moment(time: Timestamp, now: Timestamp) -> String {
    format!("{} ({})", time.rfc3339(), relative(time, now, "in", ""))
}

/// `in 12 d`, `3 min ago`.
pub fn relative(time: Timestamp, now: Timestamp, ahead: &str, behind: &str) -> String {
    let seconds = time.seconds_since(now);
    let (number, unit) = match seconds.unsigned_abs() {
        s @ 0..=119 => (s, "s"),
        s @ 120..=7_199 => (s / 60, "min"),
        s @ 7_200..=172_799 => (s / 3_600, "h"),
        s => (s / 86_400, "d"),
    };
    if seconds >= 0 {
        format!("{ahead} {number} {unit}")
    } else {
        format!("{behind} {number} {unit} ago").trim_start().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_times_have_one_unit() {
        let now = Timestamp(1_000_000);
        let at = |s: i64| relative(Timestamp(1_000_000 + s), now, "in", "");
        assert_eq!([at(5), at(120), at(7_200), at(200_000)], ["in 5 s", "in 2 min", "in 2 h", "in 2 d"]);
        assert_eq!(at(-180), "3 min ago");
        assert_eq!(relative(Timestamp(0), now, "expires in", "expired"), "expired 11 d ago");
    }
}
