//! Azure Pipelines: masks and secret variables as logging commands on stdout
//! (<https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>).
//!
//! The agent masks line by line, so every line is a secret of its own, and all of them come before any variable.

use zeroize::Zeroizing;

use crate::env::Env;

use super::variable::{Variable, lines_to_mask};

/// The variable by which a pipeline allows secrets of several lines, as a script sees it.
const MULTILINE_VARIABLE: &str = "SYSTEM_UNSAFEALLOWMULTILINESECRET";

/// The commands.
pub fn commands(variables: &[Variable<'_>]) -> Zeroizing<Vec<u8>> {
    let room = variables.iter().map(|v| v.name.len() + 12 * v.value.len() + 128).sum();
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    for line in variables.iter().flat_map(|v| lines_to_mask(v.value).0) {
        text.extend_from_slice(b"##vso[task.setsecret]");
        escape(line, &mut text);
        text.push(b'\n');
    }
    for variable in variables {
        text.extend_from_slice(format!("##vso[task.setvariable variable={};issecret=true]", variable.name).as_bytes());
        escape(variable.value, &mut text);
        text.push(b'\n');
    }
    text
}

/// What a pipeline needs for values of several lines, where it does not have it.
pub fn too_many_lines(variables: &[Variable<'_>], env: &Env) -> Option<String> {
    if env.get(MULTILINE_VARIABLE).is_some_and(|text| text.eq_ignore_ascii_case("true")) {
        return None;
    }
    let names: Vec<_> = variables.iter().filter(|v| v.value.contains(['\n', '\r'])).map(|v| v.name).collect();
    (!names.is_empty()).then(|| {
        let names = names.join(", ");
        format!(
            "the agent refuses a secret of several lines ({names}) unless the pipeline sets the variable \
             {MULTILINE_VARIABLE} to true"
        )
    })
}

fn escape(data: &str, text: &mut Vec<u8>) {
    for byte in data.bytes() {
        match byte {
            b'%' => text.extend_from_slice(b"%AZP25"),
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
        let variables = [Variable { name: "A", value: "100%0A\r\nnext;]" }, Variable { name: "B", value: "two" }];
        assert_eq!(
            String::from_utf8_lossy(&commands(&variables)),
            "##vso[task.setsecret]100%AZP250A\n##vso[task.setsecret]next;]\n##vso[task.setsecret]two\n\
             ##vso[task.setvariable variable=A;issecret=true]100%AZP250A%0D%0Anext;]\n\
             ##vso[task.setvariable variable=B;issecret=true]two\n"
        );
        let told = too_many_lines(&variables, &Env::default()).unwrap();
        assert!(told.contains("(A)"), "{told}");
        assert_eq!(too_many_lines(&variables, &[(MULTILINE_VARIABLE, "True")].into_iter().collect()), None);
        assert_eq!(too_many_lines(&variables[1..], &Env::default()), None);
    }
}
