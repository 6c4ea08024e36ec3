//! Parses JSON files with variables that are named on the command line: one object of names and values, or the
//! `local.settings.json` of Azure Functions, of which only `Values` counts
//! (<https://learn.microsoft.com/azure/azure-functions/functions-develop-local#local-settings-file>).

use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// A malformed file. It shows no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonFileError {
    #[error("line {0}: not valid JSON (comments and trailing commas are not supported)")]
    Malformed(usize),
    #[error("it is a JSON array, not an object of names and values")]
    Array,
    /// `IsEncrypted` is true or missing, which means true.
    #[error("the settings are encrypted, because IsEncrypted is not false; decrypt them with `func settings decrypt`")]
    Encrypted,
    #[error("Values is not an object of names and values")]
    NoValues,
    #[error("'{0}' cannot be the name of a variable")]
    Name(String),
    #[error("the value of {0} is not a string, an integer, true or false")]
    Value(String),
}

/// Returns true if a file is JSON. No line of a `.env` file begins so.
pub fn is_json(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '['])
}

/// Returns the variables.
///
/// # Errors
/// The file is not JSON or is encrypted, or a name or a value cannot be that of a variable.
pub fn parse(text: &str) -> Result<Vec<(String, Zeroizing<String>)>, JsonFileError> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('[') {
        return Err(JsonFileError::Array);
    }
    let file: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| JsonFileError::Malformed(error.line()))?;
    let variables = match settings_of_functions(&file)? {
        Some(values) => values,
        None => &file,
    };
    variables.iter().map(|(name, value)| variable(name, value)).collect()
}

/// Returns `Values` of a `local.settings.json`, or `None` for another file. Functions ignores the case of these names.
fn settings_of_functions(file: &Map<String, Value>) -> Result<Option<&Map<String, Value>>, JsonFileError> {
    let field = |wanted: &str| file.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value);
    let (encrypted, values) = (field("IsEncrypted"), field("Values"));
    if encrypted.is_none() && !values.is_some_and(Value::is_object) {
        return Ok(None);
    }
    if encrypted != Some(&Value::Bool(false)) {
        return Err(JsonFileError::Encrypted);
    }
    values.and_then(Value::as_object).map(Some).ok_or(JsonFileError::NoValues)
}

fn variable(name: &str, value: &Value) -> Result<(String, Zeroizing<String>), JsonFileError> {
    if name.is_empty() || name.contains(['=', '\0']) || name.contains(char::is_control) {
        return Err(JsonFileError::Name(name.escape_debug().to_string()));
    }
    let text = match value {
        Value::String(text) if !text.contains('\0') => text.clone(),
        Value::Bool(_) => value.to_string(),
        Value::Number(number) if !number.is_f64() => number.to_string(),
        _ => return Err(JsonFileError::Value(name.to_owned())),
    };
    Ok((name.to_owned(), Zeroizing::new(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let variables = parse(text).unwrap_or_else(|reason| panic!("{text:?}: {reason}"));
        variables.into_iter().map(|(name, value)| (name, value.to_string())).collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn objects_and_settings_of_functions_are_read() {
        assert_eq!(
            read("{\"A\": \"1\\n\", \"B\": 2, \"C\": true}"),
            [pair("A", "1\n"), pair("B", "2"), pair("C", "true")]
        );
        assert_eq!(read("\u{feff} {}"), []);
        let settings = r#"{"IsEncrypted": false, "Values": {"A:B": "1"}, "ConnectionStrings": {"C": "2"}, "Host": {}}"#;
        assert_eq!(read(settings), [pair("A:B", "1")]);
        assert_eq!(read(r#"{"isEncrypted": false, "values": {"A": "1"}}"#), [pair("A", "1")]);
        // Without IsEncrypted, Values is a variable like any other if it is text.
        assert_eq!(read(r#"{"Values": "a,b"}"#), [pair("Values", "a,b")]);
        assert!(is_json("\u{feff}\n {") && !is_json("A={}") && !is_json("# {"));
    }

    #[test]
    fn error_shows_no_value() {
        for (text, reason) in [
            ("{\"A\": \"hunter2\",\n}", "line 2: not valid JSON"),
            ("{\n// comment\n}", "line 2: not valid JSON"),
            ("{\"A\": [\"hunter2\"]}", "the value of A is not a string"),
            ("\n[\"hunter2\"]", "it is a JSON array"),
            ("{\"A\": null}", "the value of A is not a string"),
            ("{\"A\": 1.10}", "the value of A is not a string"),
            ("{\"A=B\": \"hunter2\"}", "'A=B' cannot be the name"),
            ("{\"\": \"hunter2\"}", "'' cannot be the name"),
            ("{\"IsEncrypted\": true, \"Values\": {\"A\": \"hunter2\"}}", "the settings are encrypted"),
            ("{\"Values\": {\"A\": \"hunter2\"}}", "the settings are encrypted"),
            ("{\"IsEncrypted\": \"false\", \"Values\": {}}", "the settings are encrypted"),
            ("{\"IsEncrypted\": false}", "Values is not an object"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.starts_with(reason) && !message.contains("hunter2"), "{message}");
        }
    }
}
