//! Formats JSON in the shapes of `az`, so that `jq` programs for it work unchanged.

use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::credential::NoToken;
use crate::credential::chain::Attempt;
use crate::redact::{self, COMMAND_MARKER, is_invisible};
use crate::time::timestamp::Timestamp;
use crate::token::Claims;
use crate::token::identity::Identity;
use crate::vault::secret_bundle::{Attributes, CertificatePolicy, Properties, Renewal, SecretBundle};

use super::report::Whoami;

/// A secret as `az keyvault secret show` prints it, with keys in the same order
/// (<https://learn.microsoft.com/cli/azure/keyvault/secret#az-keyvault-secret-show>). It borrows the value, so
/// that writing makes no copy of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretView<'a> {
    attributes: AttributesView<'a>,
    content_type: &'a Option<String>,
    id: &'a str,
    kid: &'a Option<String>,
    managed: Option<bool>,
    name: &'a str,
    tags: &'a Option<BTreeMap<String, String>>,
    value: &'a str,
}

impl<'a> SecretView<'a> {
    /// Creates the view of a secret with its value.
    pub fn new(bundle: &'a SecretBundle) -> Self {
        let properties = &bundle.properties;
        SecretView {
            attributes: AttributesView::new(&properties.attributes),
            content_type: &properties.content_type,
            id: &properties.id,
            kid: &properties.kid,
            managed: properties.managed,
            name: properties.name(),
            tags: &properties.tags,
            value: bundle.value.expose(),
        }
    }
}

/// Secrets without values, as `az keyvault secret list` and `list-deleted` print them. They are borrowed and written one by
/// one, because a vault can have very many.
pub enum SecretList<'a> {
    /// Existing secrets.
    Present(&'a [Properties]),
    /// Deleted secrets.
    Deleted(&'a [Properties]),
    /// Certificates, as `az keyvault certificate list` prints them.
    Certificates(&'a [Properties]),
}

impl Serialize for SecretList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            SecretList::Present(secrets) => serializer.collect_seq(secrets.iter().map(ListedSecret::new)),
            SecretList::Deleted(secrets) => serializer.collect_seq(secrets.iter().map(DeletedSecret::new)),
            SecretList::Certificates(items) => serializer.collect_seq(items.iter().map(ListedCertificate::new)),
        }
    }
}

/// Variables as one object, in the given order. It borrows the values.
pub struct Variables<'a>(pub Vec<(&'a str, &'a str)>);

impl Serialize for Variables<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

/// Keys in alphabetical order, as `az` prints them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedSecret<'a> {
    attributes: AttributesView<'a>,
    content_type: &'a Option<String>,
    id: &'a str,
    managed: Option<bool>,
    name: &'a str,
    tags: &'a Option<BTreeMap<String, String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeletedSecret<'a> {
    attributes: AttributesView<'a>,
    content_type: &'a Option<String>,
    deleted_date: Option<Rfc3339>,
    id: &'a str,
    managed: Option<bool>,
    name: &'a str,
    recovery_id: &'a Option<String>,
    scheduled_purge_date: Option<Rfc3339>,
    tags: &'a Option<BTreeMap<String, String>>,
}

/// A certificate as az prints it (`transform_certificate_properties` of azure-cli's keyvault module): the subject is empty
/// unless the policy was requested. `autoRenew` and `issuer` are azfob's own.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedCertificate<'a> {
    attributes: AttributesView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_renew: Option<bool>,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    name: &'a str,
    subject: &'a str,
    tags: &'a Option<BTreeMap<String, String>>,
    x509_thumbprint: Option<String>,
    x509_thumbprint_hex: Option<String>,
}

impl<'a> ListedCertificate<'a> {
    fn new(certificate: &'a Properties) -> Self {
        let policy = certificate.policy.as_deref();
        ListedCertificate {
            attributes: AttributesView::new(&certificate.attributes),
            auto_renew: policy.map(|policy| policy.renewal() != Renewal::Manual),
            id: &certificate.id,
            issuer: policy.and_then(CertificatePolicy::issuer),
            name: certificate.name(),
            subject: policy.and_then(CertificatePolicy::subject).unwrap_or_default(),
            tags: &certificate.tags,
            x509_thumbprint: certificate.thumbprint().map(|bytes| STANDARD.encode(bytes)),
            x509_thumbprint_hex: certificate.thumbprint_hex(),
        }
    }
}

/// The attributes of a secret, with the names that `az` uses.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AttributesView<'a> {
    created: Option<Rfc3339>,
    enabled: Option<bool>,
    expires: Option<Rfc3339>,
    not_before: Option<Rfc3339>,
    recoverable_days: Option<i64>,
    recovery_level: &'a Option<String>,
    updated: Option<Rfc3339>,
}

/// Seconds since 1970, written in RFC 3339.
struct Rfc3339(i64);

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Timestamp(self.0).with_rfc3339(|text| serializer.serialize_str(text))
    }
}

impl<'a> ListedSecret<'a> {
    fn new(secret: &'a Properties) -> Self {
        ListedSecret {
            attributes: AttributesView::new(&secret.attributes),
            content_type: &secret.content_type,
            id: &secret.id,
            managed: secret.managed,
            name: secret.name(),
            tags: &secret.tags,
        }
    }
}

impl<'a> DeletedSecret<'a> {
    fn new(secret: &'a Properties) -> Self {
        DeletedSecret {
            attributes: AttributesView::new(&secret.attributes),
            content_type: &secret.content_type,
            deleted_date: secret.deleted_date.map(Rfc3339),
            id: &secret.id,
            managed: secret.managed,
            name: secret.name(),
            recovery_id: &secret.recovery_id,
            scheduled_purge_date: secret.scheduled_purge_date.map(Rfc3339),
            tags: &secret.tags,
        }
    }
}

impl<'a> AttributesView<'a> {
    fn new(attributes: &'a Attributes) -> Self {
        AttributesView {
            created: attributes.created.map(Rfc3339),
            enabled: attributes.enabled,
            expires: attributes.exp.map(Rfc3339),
            not_before: attributes.nbf.map(Rfc3339),
            recoverable_days: attributes.recoverable_days,
            recovery_level: &attributes.recovery_level,
            updated: attributes.updated.map(Rfc3339),
        }
    }
}

/// Formats the result of `azfob whoami -o json`.
pub fn whoami(me: &Whoami<'_>) -> Value {
    let claims = &me.identity.claims;
    let skipped = me.skipped.iter().map(|attempt| {
        json!({ "credential": attempt.credential.name(), "status": status(attempt), "message": message(attempt) })
    });
    let settings = me
        .settings
        .iter()
        .map(|(name, value, source)| json!({ "name": name, "value": value, "source": source.to_string() }));
    json!({
        "credential": me.selected.credential.name(),
        "identityType": me.identity.kind.as_json(),
        "tenantId": claims.tid,
        "objectId": claims.oid,
        "clientId": me.identity.client_id(),
        "userPrincipalName": claims.upn.as_ref().or(claims.unique_name.as_ref()).or(claims.preferred_username.as_ref()),
        "name": claims.name,
        "managedIdentityResourceId": claims.xms_mirid,
        "azAccount": me.az_account,
        "audience": claims.aud,
        "issuedOn": claims.iat.map(|t| Timestamp(t).rfc3339()),
        "cachedSince": me.selected.token.cached_since.map(Timestamp::rfc3339),
        "expiresOn": me.selected.token.expires_on.map(Timestamp::rfc3339),
        "federatedCredential": me.selected.token.federation().as_ref().map(federation),
        "skipped": skipped.collect::<Vec<_>>(),
        "settings": settings.collect::<Vec<_>>(),
    })
}

/// Formats what a federated credential must have, from the claims of the federated token.
pub fn federation(claims: &Claims) -> Value {
    json!({ "issuer": claims.iss, "subject": claims.sub, "audience": claims.aud })
}

/// Formats the identity of a token.
pub fn identity(identity: &Identity) -> Value {
    json!({
        "identityType": identity.kind.as_json(),
        "tenantId": identity.tenant(),
        "objectId": identity.object_id(),
        "clientId": identity.client_id(),
        "name": identity.label(),
    })
}

/// Returns the result of an attempt in one word.
pub fn status(attempt: &Attempt) -> &'static str {
    match &attempt.result {
        Ok(_) => "succeeded",
        Err(NoToken::Unavailable(_)) => "unavailable",
        Err(NoToken::Failed(_)) => "failed",
    }
}

fn message(attempt: &Attempt) -> Option<String> {
    attempt.result.as_ref().err().map(ToString::to_string)
}

/// Escapes invisible characters and pipeline commands in JSON. It means the same. Outside of strings, JSON has only line
/// breaks of these. Collects the small pieces that serde_json writes into lines, and writes many lines at once.
struct EscapingWriter<'a> {
    to: &'a mut dyn Write,
    lines: Zeroizing<Vec<u8>>,
}

/// The size from which the lines are written.
const MANY_LINES: usize = 32 << 10;

impl EscapingWriter<'_> {
    fn write_lines(&mut self) -> io::Result<()> {
        let lines = &*self.lines;
        // serde_json escapes all control characters of ASCII but DEL.
        let is_plain = lines.is_ascii() && memchr::memchr(0x7f, lines).is_none();
        if is_plain && memchr::memmem::find(lines, COMMAND_MARKER.as_bytes()).is_none() {
            self.to.write_all(lines)?;
        } else {
            write_escaped(self.to, std::str::from_utf8(lines).expect("serde_json writes whole characters"))?;
        }
        self.lines.clear();
        Ok(())
    }
}

fn write_escaped(to: &mut dyn Write, mut text: &str) -> io::Result<()> {
    let is_escaped = |text: &str, at: usize, c: char| {
        is_invisible(c) && c != '\n' || text.as_bytes()[..=at].ends_with(COMMAND_MARKER.as_bytes())
    };
    while let Some((at, c)) = text.char_indices().find(|(at, c)| is_escaped(text, *at, *c)) {
        to.write_all(&text.as_bytes()[..at])?;
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(to, "\\u{unit:04x}")?;
        }
        text = &text[at + c.len_utf8()..];
    }
    to.write_all(text.as_bytes())
}

impl Write for EscapingWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.lines.extend_from_slice(bytes);
        // No string of JSON has a line break, so no character and no command is cut.
        if self.lines.len() >= MANY_LINES && bytes.ends_with(b"\n") { self.write_lines() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_lines()?;
        self.to.flush()
    }
}

/// Indents by two spaces, with the same bytes as serde_json's `PrettyFormatter`. A key reaches the writer in three pieces, not in
/// eight: a list of secrets has very many.
#[derive(Default)]
struct IndentingFormatter {
    depth: usize,
    /// True if the array or object that ends next has a value.
    has_value: bool,
    /// True between the first quote of a key and its last.
    in_key: bool,
}

impl IndentingFormatter {
    fn begin<W: ?Sized + Write>(&mut self, bracket: &[u8], writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        self.has_value = false;
        writer.write_all(bracket)
    }

    fn end<W: ?Sized + Write>(&mut self, bracket: &[u8], writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if self.has_value {
            self.begin_line(true, false, writer)?;
        }
        writer.write_all(bracket)
    }

    /// Ends a line, with a comma if another value is on it, and indents the next one. A key begins with its quote.
    fn begin_line<W: ?Sized + Write>(&self, first: bool, is_key: bool, writer: &mut W) -> io::Result<()> {
        const LINES: [&[u8]; 5] = [b",\n\"", b",\n  \"", b",\n    \"", b",\n      \"", b",\n        \""];
        let begin = usize::from(first);
        if let (Some(line), true) = (LINES.get(self.depth), is_key) {
            return writer.write_all(&line[begin..]);
        }
        writer.write_all(&b",\n"[begin..])?;
        for _ in 0..self.depth {
            writer.write_all(b"  ")?;
        }
        writer.write_all(if is_key { b"\"" } else { b"" })
    }
}

impl Formatter for IndentingFormatter {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(b"[", writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(b"]", writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.begin_line(first, false, writer)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(b"{", writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(b"}", writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.in_key = true;
        self.begin_line(first, true, writer)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        Ok(())
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.in_key { Ok(()) } else { writer.write_all(b"\"") }
    }

    fn end_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let is_key = std::mem::take(&mut self.in_key);
        writer.write_all(if is_key { b"\": " } else { b"\"" })
    }
}

/// The JSON of `whoami`, `diagnose` and `explain`.
#[derive(Serialize)]
struct VersionedReport {
    schema: u8,
    #[serde(flatten)]
    report: Value,
}

/// Formats a report, with secrets masked.
pub fn of_report(report: Value) -> Zeroizing<Vec<u8>> {
    to_bytes(&VersionedReport { schema: 1, report: redact::mask_json(report) })
}

/// Writes a value, indented like `az`, and a newline.
///
/// # Errors
/// Returns the error of `to`.
pub fn write(to: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut writer = EscapingWriter { to, lines: Zeroizing::new(Vec::with_capacity(MANY_LINES + (4 << 10))) };
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut writer, IndentingFormatter::default()))?;
    writer.write_all(b"\n")?;
    writer.flush()
}

/// Formats a value, indented like `az`, and a newline.
pub fn to_bytes(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 << 10));
    write(&mut *bytes, value).expect("the values are JSON, and memory does not fail");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_json_is_escaped_and_means_the_same() {
        let odd = |n: usize| format!("{}##vso[x]\u{7f}é\u{200b}###{n}\n", "x".repeat(n % 50));
        let odd: Vec<String> = (0..3_000).map(odd).collect();
        let bytes = to_bytes(&odd);
        assert_eq!(serde_json::from_slice::<Vec<String>>(&bytes).unwrap(), odd);
        let text = std::str::from_utf8(&bytes).unwrap();
        assert!(!text.contains(COMMAND_MARKER) && !text.chars().any(|c| c != '\n' && is_invisible(c)));
        let plain = vec!["a # b"; 10_000];
        assert_eq!(*to_bytes(&plain), *(serde_json::to_string_pretty(&plain).unwrap() + "\n").into_bytes());
    }

    #[test]
    fn every_shape_has_the_bytes_of_serde_json() {
        let mut deep = json!([]);
        for depth in 0..7 {
            deep =
                json!({ "a": [], "b": {}, "deep": [deep, { "n": depth }], "": ["x", 1, null, true, { "\"": "\\" }] });
        }
        for value in [json!(1), json!("x"), json!([]), json!({}), deep] {
            assert_eq!(*to_bytes(&value), *(serde_json::to_string_pretty(&value).unwrap() + "\n").into_bytes());
        }
        let keys_are_numbers = BTreeMap::from([(1, "a"), (2, "b")]);
        assert_eq!(*to_bytes(&keys_are_numbers), *b"{\n  \"1\": \"a\",\n  \"2\": \"b\"\n}\n");
    }

    /// `serde_json::Value` sorts the keys.
    #[test]
    fn lists_have_sorted_keys_and_rfc3339_times() {
        let text = r#"[{"id":"https://v.vault.azure.net/secrets/n","attributes":{"enabled":true,"nbf":-62135596800,
            "exp":253402200000,"recoverableDays":90,"recoveryLevel":"Purgeable"},"tags":{"b":"\u0007","a":"é"},
            "recoveryId":"r","deletedDate":1767268800},{"id":"x"}]"#;
        let secrets: Vec<Properties> = serde_json::from_str(text).unwrap();
        for list in [SecretList::Present(&secrets), SecretList::Deleted(&secrets)] {
            let bytes = to_bytes(&list);
            let sorted: Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(&to_bytes(&sorted)));
            assert_eq!(sorted[0]["attributes"]["notBefore"], "0001-01-01T00:00:00+00:00");
            assert_eq!(sorted[0]["attributes"]["expires"], "9999-12-30T20:00:00+00:00");
            assert_eq!((&sorted[0]["name"], &sorted[1]["attributes"]["enabled"]), (&"n".into(), &Value::Null));
            let deleted = matches!(list, SecretList::Deleted(_));
            assert_eq!(sorted[0].get("deletedDate").is_some(), deleted);
        }
    }

    #[test]
    fn a_secret_has_the_shape_of_az() {
        let text = r#"{"value":"v","id":"https://v.vault.azure.net/secrets/n/0a","attributes":{"enabled":true,"created":1767268800}}"#;
        let bundle = serde_json::from_str(text).unwrap();
        let bytes = to_bytes(&SecretView::new(&bundle));
        let shown: Value = serde_json::from_slice(&bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut keys: Vec<_> = shown.as_object().unwrap().keys().cloned().collect();
        keys.sort_by_key(|key| text.find(&format!("\n  \"{key}\"")));
        assert_eq!(keys, ["attributes", "contentType", "id", "kid", "managed", "name", "tags", "value"]);
        assert_eq!(shown["attributes"]["created"], "2026-01-01T12:00:00+00:00");
        assert_eq!(shown["attributes"]["expires"], Value::Null);
        assert_eq!(shown["name"], "n");
    }
}
