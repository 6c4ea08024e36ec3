//! Reads the output of a script like the Azure Pipelines agent: `Command.TryParse`, `CommandStringConvertor`, and the
//! `task.setsecret` and `task.setvariable` commands of azure-pipelines-agent.

/// The value of `SYSTEM_UNSAFEALLOWMULTILINESECRET`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Multiline {
    Allowed,
    Refused,
}

/// The value of `DECODE_PERCENTS`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Percents {
    Decoded,
    Kept,
}

/// The variables and masks of a job after a script.
#[derive(Default)]
pub(crate) struct Job {
    /// The variables, in order.
    pub variables: Vec<(String, String)>,
    /// The masks that precede the first variable.
    pub secrets_before_variables: Vec<String>,
    /// The variables that were refused.
    pub refused: Vec<String>,
}

impl Job {
    /// Reads the output of a script.
    pub(crate) fn of(stdout: &str, multiline: Multiline) -> Self {
        Self::read(stdout, multiline, Percents::Decoded)
    }

    /// Reads the output of a script with this value of `DECODE_PERCENTS`.
    pub(crate) fn read(stdout: &str, multiline: Multiline, percents: Percents) -> Self {
        let mut job = Job::default();
        for line in stdout.split('\n') {
            let Some((command, properties, data)) = parse(line, percents) else {
                assert_eq!(line, "", "nothing but commands is printed");
                continue;
            };
            match command {
                "task.setsecret" => {
                    assert!(!data.trim().is_empty() && job.variables.is_empty() && job.refused.is_empty());
                    job.secrets_before_variables.push(data);
                }
                "task.setvariable" => {
                    let get = |name: &str| properties.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
                    assert_eq!(get("issecret").as_deref(), Some("true"));
                    let name = get("variable").expect("Required field 'variable' is missing");
                    if data.contains(['\r', '\n']) && multiline == Multiline::Refused {
                        job.refused.push(name);
                    } else {
                        job.variables.push((name, data));
                    }
                }
                other => panic!("unexpected command {other}"),
            }
        }
        job
    }
}

type Pairs = Vec<(String, String)>;

/// Returns the command, its properties and its data.
fn parse(line: &str, percents: Percents) -> Option<(&str, Pairs, String)> {
    const PREFIX: &str = "##vso[";
    let start = line.find(PREFIX)? + PREFIX.len();
    let end = start + line[start..].find(']')?;
    let (inner, data) = (&line[start..end], &line[end + 1..]);
    let (command, properties) = inner.split_once(' ').unwrap_or((inner, ""));
    let properties = properties.split(';').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').expect("a property has a value");
        (name.trim().to_owned(), unescape(value, percents))
    });
    Some((command, properties.collect(), unescape(data, percents)))
}

/// Replaces the escapes of properties and data, in this order.
fn unescape(text: &str, percents: Percents) -> String {
    let text = text.replace("%3B", ";").replace("%0D", "\r").replace("%0A", "\n").replace("%5D", "]");
    match percents {
        Percents::Decoded => text.replace("%AZP25", "%"),
        Percents::Kept => text,
    }
}
