//! Parses the secrets of `azfob sandbox`: `--secrets FILE` (JSON) and `--secret NAME=VALUE`.
//!
//! Errors name the wrong key and never contain a value.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::{
    plan::is_secret_name,
    secret_spec::{CertificatePolicySpec, SecretSpec, VersionSpec},
};

/// Keys of an object without `versions`.
const VERSION_KEYS: &str = "value, contentType, enabled, created, expires, notBefore, tags";

/// Parses a JSON object with names as keys. Its values are strings, or objects with a secret's attributes:
/// `{"A": "value", "B": {"value": "v", "contentType": "text/plain", "enabled": true, "expires": "2027-01-01T00:00:00Z",
/// "notBefore": 1735689600, "tags": {"owner": "me"}}, "C": {"versions": ["old", {"value": "new"}]}}`.
/// Times are RFC 3339 or seconds since 1970. Also per secret: `deleted`, `managed`, and the `policy` of a certificate:
/// `{"subject": "CN=a", "issuer": "Unknown", "autoRenew": false}`.
///
/// # Errors
/// A message that names the key.
pub fn parse_secrets(json: &str) -> Result<Vec<SecretSpec>, String> {
    let parsed: Value = serde_json::from_str(json).map_err(|error| match error.classify() {
        // These messages contain the position and no text of the file.
        serde_json::error::Category::Eof => "it ends too early to be JSON".to_owned(),
        _ => format!("it is not JSON: line {}, column {}", error.line(), error.column()),
    })?;
    let Value::Object(secrets) = parsed else {
        return Err("it must be a JSON object of names to values".into());
    };
    let mut specs: Vec<SecretSpec> = Vec::with_capacity(secrets.len());
    let mut seen: HashMap<String, &str> = HashMap::with_capacity(secrets.len());
    for (name, value) in &secrets {
        check_name(name)?;
        if let Some(other) = seen.insert(name.to_ascii_lowercase(), name) {
            return Err(format!("'{name}' and '{other}' are the same name to a vault"));
        }
        specs.push(secret(name, value)?);
    }
    Ok(specs)
}

/// Parses `NAME=VALUE`.
///
/// # Errors
/// A message for users. It contains at most the name.
pub fn parse_secret_argument(text: &str) -> Result<SecretSpec, String> {
    let (name, value) = text.split_once('=').ok_or("it must be NAME=VALUE")?;
    check_name(name)?;
    Ok(SecretSpec::new(name, value))
}

fn check_name(name: &str) -> Result<(), String> {
    if is_secret_name(name) {
        Ok(())
    } else {
        Err(format!("'{name}' is not a secret name: use 1 to 127 letters, digits and dashes"))
    }
}

fn secret(name: &str, value: &Value) -> Result<SecretSpec, String> {
    let object = match value {
        Value::String(value) => return Ok(SecretSpec::new(name, value)),
        Value::Object(object) => object,
        _ => return Err(format!("{name}: must be a string or an object")),
    };
    let mut object = object.clone();
    let deleted = boolean(name, "deleted", object.remove("deleted"))?.unwrap_or(false);
    let managed = boolean(name, "managed", object.remove("managed"))?.unwrap_or(false);
    let policy = object.remove("policy").map(|value| policy(name, &value)).transpose()?;
    let versions = match object.remove("versions") {
        None => vec![Value::Object(object)],
        Some(Value::Array(versions)) if !versions.is_empty() => {
            if let Some(key) = object.keys().next() {
                return Err(format!("{name}.{key}: belongs into one of its versions, as it has some"));
            }
            versions
        }
        Some(_) => {
            return Err(format!("{name}.versions: must be a list of at least one, oldest first"));
        }
    };
    let many = versions.len() > 1;
    let mut spec = SecretSpec { deleted, managed, ..SecretSpec::empty(name) };
    if let Some(policy) = policy {
        spec = spec.certificate(policy);
    }
    for (number, version) in versions.iter().enumerate() {
        let at = if many { format!("{name}.versions[{number}]") } else { name.to_owned() };
        spec = match version {
            Value::String(value) => spec.then(value),
            Value::Object(fields) => version_of(&at, spec, fields)?,
            _ => return Err(format!("{at}: must be a string or an object")),
        };
    }
    Ok(spec)
}

fn version_of(at: &str, spec: SecretSpec, fields: &Map<String, Value>) -> Result<SecretSpec, String> {
    let value = fields.get("value").ok_or_else(|| format!("{at}.value: is missing"))?;
    let value = value.as_str().ok_or_else(|| format!("{at}.value: must be a string"))?;
    let mut spec = spec.then(value);
    let version = spec.versions.last_mut().expect("one was just added");
    for (key, field) in fields {
        let at = format!("{at}.{key}");
        set(&at, key, field, version)?;
    }
    Ok(spec)
}

fn set(at: &str, key: &str, field: &Value, version: &mut VersionSpec) -> Result<(), String> {
    match key {
        "value" => {}
        "contentType" => version.content_type = Some(string(at, field)?.to_owned()),
        "enabled" => version.enabled = field.as_bool().ok_or_else(|| format!("{at}: must be true or false"))?,
        "expires" => version.expires = Some(time(at, field)?),
        "notBefore" => version.not_before = Some(time(at, field)?),
        "created" => {
            version.created = time(at, field)?;
            version.updated = version.created;
        }
        "tags" => version.tags = tags(at, field)?,
        _ => {
            return Err(format!("{at}: is not known; there are {VERSION_KEYS}, deleted, managed, policy and versions"));
        }
    }
    Ok(())
}

/// Parses the policy of a certificate.
fn policy(name: &str, value: &Value) -> Result<CertificatePolicySpec, String> {
    let fields = value.as_object().ok_or_else(|| format!("{name}.policy: must be an object"))?;
    let mut policy = CertificatePolicySpec::new(format!("CN={name}"));
    for (key, field) in fields {
        let at = format!("{name}.policy.{key}");
        match key.as_str() {
            "subject" => policy.subject = string(&at, field)?.to_owned(),
            "issuer" => policy.issuer = string(&at, field)?.to_owned(),
            "autoRenew" => policy.auto_renew = field.as_bool().ok_or(format!("{at}: must be true or false"))?,
            _ => return Err(format!("{at}: is not known; there are subject, issuer and autoRenew")),
        }
    }
    Ok(policy)
}

fn boolean(name: &str, key: &str, field: Option<Value>) -> Result<Option<bool>, String> {
    match field {
        None => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(value)),
        Some(_) => Err(format!("{name}.{key}: must be true or false")),
    }
}

fn string<'a>(at: &str, field: &'a Value) -> Result<&'a str, String> {
    field.as_str().ok_or_else(|| format!("{at}: must be a string"))
}

fn tags(at: &str, field: &Value) -> Result<BTreeMap<String, String>, String> {
    let object = field.as_object().ok_or_else(|| format!("{at}: must be an object of names to strings"))?;
    object.iter().map(|(name, value)| Ok((name.clone(), string(&format!("{at}.{name}"), value)?.to_owned()))).collect()
}

fn time(at: &str, field: &Value) -> Result<u64, String> {
    let wrong = || format!("{at}: must be a time like 2027-01-31T00:00:00Z or seconds since 1970");
    match field {
        Value::Number(number) => number.as_u64().ok_or_else(wrong),
        Value::String(text) => {
            let time: jiff::Timestamp = text.parse().map_err(|_| wrong())?;
            u64::try_from(time.as_second()).map_err(|_| wrong())
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_strings_or_objects() {
        let specs = parse_secrets(
            r#"{"A": "one",
                "B": {"value": "two", "contentType": "text/plain", "enabled": false, "expires": "2025-01-01T00:00:00Z",
                      "notBefore": 5, "tags": {"k": "v"}, "deleted": true},
                "C": {"versions": ["old", {"value": "new"}]},
                "D": {"value": "three", "policy": {"issuer": "Unknown"}}}"#,
        )
        .unwrap();
        let by_name = |name: &str| specs.iter().find(|spec| spec.name == name).unwrap();
        assert_eq!(by_name("A").versions[0].value, "one");
        let b = by_name("B");
        assert!(b.deleted && !b.versions[0].enabled);
        assert_eq!((b.versions[0].expires, b.versions[0].not_before), (Some(1_735_689_600), Some(5)));
        assert_eq!(b.versions[0].tags["k"], "v");
        let d = by_name("D");
        assert!(d.managed && d.policy.auto_renew);
        assert_eq!((d.policy.subject.as_str(), d.policy.issuer.as_str()), ("CN=D", "Unknown"));
        let values: Vec<_> = by_name("C").versions.iter().map(|version| version.value.as_str()).collect();
        assert_eq!(values, ["old", "new"]);
    }

    #[test]
    fn errors_name_the_key_and_no_value() {
        for (json, error) in [
            ("[1]", "it must be a JSON object of names to values"),
            ("{\"A\": \"hush", "it ends too early to be JSON"),
            ("{\"A\": hush}", "it is not JSON: line 1, column 7"),
            (r#"{"a_b": "hush"}"#, "'a_b' is not a secret name: use 1 to 127 letters, digits and dashes"),
            (r#"{"A": "hush", "a": "hush"}"#, "'a' and 'A' are the same name to a vault"),
            (r#"{"A": 5}"#, "A: must be a string or an object"),
            (r#"{"A": {}}"#, "A.value: is missing"),
            (r#"{"A": {"value": "hush", "policy": "hush"}}"#, "A.policy: must be an object"),
            (
                r#"{"A": {"value": "hush", "policy": {"autoRenew": "hush"}}}"#,
                "A.policy.autoRenew: must be true or false",
            ),
            (
                r#"{"A": {"value": "hush", "policy": {"key": "hush"}}}"#,
                "A.policy.key: is not known; there are subject, issuer and autoRenew",
            ),
            (
                r#"{"A": {"value": "hush", "expires": "hush"}}"#,
                "A.expires: must be a time like 2027-01-31T00:00:00Z or seconds since 1970",
            ),
            (r#"{"A": {"versions": ["hush", {"value": 1}]}}"#, "A.versions[1].value: must be a string"),
            (
                r#"{"A": {"versions": ["hush"], "value": "hush"}}"#,
                "A.value: belongs into one of its versions, as it has some",
            ),
        ] {
            assert_eq!(parse_secrets(json).unwrap_err(), error);
        }
        assert!(parse_secrets(r#"{"A": {"value": "hush", "expiry": 1}}"#).unwrap_err().starts_with("A.expiry: is not"));
    }

    #[test]
    fn argument_is_name_and_value() {
        let spec = parse_secret_argument("A=b=c").unwrap();
        assert_eq!((spec.name.as_str(), spec.versions[0].value.as_str()), ("A", "b=c"));
        assert_eq!(parse_secret_argument("hush").unwrap_err(), "it must be NAME=VALUE");
    }
}
