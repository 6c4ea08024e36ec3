//! Formats masks and secret variables for Azure Pipelines, as logging commands on stdout
//! (<https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>).
//!
//! The agent masks single lines, so each line is registered as a secret. All of them come before the first variable.

use zeroize::Zeroizing;

use crate::env::{self, Env};
use crate::error::Error;
use crate::redact::stream::lines_to_mask;

use super::variable::{SecretVariable, refuse};

/// How the agent reads `%AZP25` in the data of a command. It decodes the four other escapes in both cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Percents {
    /// As a percent sign: the default.
    Decoded,
    /// As it is: `DECODE_PERCENTS` is set and not true.
    Kept,
}

impl Percents {
    /// Reads the setting of this job's agent (`AgentKnobs.DecodePercents` of azure-pipelines-agent, and its
    /// `StringUtil.ConvertToBoolean`).
    pub fn detect(env: &Env) -> Self {
        let is_true = |text: &str| ["1", "true", "$true"].iter().any(|word| text.eq_ignore_ascii_case(word));
        match env.get(env::DECODE_PERCENTS) {
            Some(text) if !is_true(text) => Percents::Kept,
            _ => Percents::Decoded,
        }
    }
}

/// Escapes that the agent decodes anywhere in the data (`Command.Unescape` of azure-pipelines-agent).
const DECODED: [&str; 4] = ["%3B", "%0D", "%0A", "%5D"];

const NO_ESCAPE: &str = "it contains %0A, %0D, %3B or %5D, which the agent would decode: the pipeline's \
                         DECODE_PERCENTS setting prevents escaping";

/// Formats a mask for each line of each value, then the variables.
///
/// # Errors
/// Returns an error that names all values that this agent would change.
pub fn commands(variables: &[SecretVariable<'_>], percents: Percents) -> Result<Zeroizing<Vec<u8>>, Error> {
    if percents == Percents::Kept {
        refuse(variables, |value| DECODED.iter().any(|word| value.contains(word)), NO_ESCAPE)?;
    }
    let room = variables.iter().map(|v| v.name.len() + 12 * v.value.len() + 128).sum();
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    for line in variables.iter().flat_map(|v| lines_to_mask(v.value).0) {
        text.extend_from_slice(b"##vso[task.setsecret]");
        escape(line, percents, &mut text);
        text.push(b'\n');
    }
    for variable in variables {
        text.extend_from_slice(format!("##vso[task.setvariable variable={};issecret=true]", variable.name).as_bytes());
        escape(variable.value, percents, &mut text);
        text.push(b'\n');
    }
    Ok(text)
}

/// Returns a warning if the agent refuses secrets with several lines.
pub fn too_many_lines(variables: &[SecretVariable<'_>], env: &Env) -> Option<String> {
    if env.get(env::SYSTEM_UNSAFEALLOWMULTILINESECRET).is_some_and(|text| text.eq_ignore_ascii_case("true")) {
        return None;
    }
    let names: Vec<_> = variables.iter().filter(|v| v.value.contains(['\n', '\r'])).map(|v| v.name).collect();
    (!names.is_empty()).then(|| {
        let names = names.join(", ");
        format!(
            "the agent rejects multi-line secrets ({names}) unless the pipeline variable {} is true",
            env::SYSTEM_UNSAFEALLOWMULTILINESECRET
        )
    })
}

fn escape(data: &str, percents: Percents, text: &mut Vec<u8>) {
    for byte in data.bytes() {
        match byte {
            b'%' if percents == Percents::Decoded => text.extend_from_slice(b"%AZP25"),
            b'\r' => text.extend_from_slice(b"%0D"),
            b'\n' => text.extend_from_slice(b"%0A"),
            byte => text.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_come_first_and_line_breaks_are_escaped() {
        let variables =
            [SecretVariable { name: "A", value: "100%0A\r\nnext;]" }, SecretVariable { name: "B", value: "two" }];
        assert_eq!(
            String::from_utf8_lossy(&commands(&variables, Percents::Decoded).unwrap()),
            "##vso[task.setsecret]100%AZP250A\n##vso[task.setsecret]next;]\n##vso[task.setsecret]two\n\
             ##vso[task.setvariable variable=A;issecret=true]100%AZP250A%0D%0Anext;]\n\
             ##vso[task.setvariable variable=B;issecret=true]two\n"
        );
        let reason = commands(&variables, Percents::Kept).unwrap_err().to_string();
        assert!(reason.starts_with("the value of A cannot be written: it contains %0A"), "{reason}");
        let warning = too_many_lines(&variables, &Env::default()).unwrap();
        assert!(warning.contains("(A)"), "{warning}");
        assert_eq!(
            too_many_lines(&variables, &[(env::SYSTEM_UNSAFEALLOWMULTILINESECRET, "True")].into_iter().collect()),
            None
        );
        assert_eq!(too_many_lines(&variables[1..], &Env::default()), None);
    }

    #[test]
    fn percent_signs_are_escaped_if_the_agent_decodes_them() {
        let with = |text: &str| Percents::detect(&[(env::DECODE_PERCENTS, text)].into_iter().collect());
        assert_eq!(["", "true", "True", "1", "$true"].map(with), [Percents::Decoded; 5]);
        assert_eq!(["false", "0", "no"].map(with), [Percents::Kept; 3]);
        let text = commands(&[SecretVariable { name: "A", value: "100%sure %0a" }], Percents::Kept).unwrap();
        assert_eq!(String::from_utf8_lossy(&text).matches("]100%sure %0a\n").count(), 2);
    }
}
