//! A command that can be pasted without edits, and what it changes.

/// What a command changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It changes nothing.
    ReadOnly,
    /// It changes this machine, this shell or the user's sign-in.
    Local,
    /// It changes a shared resource: a vault, an application, a role assignment or a running host.
    Shared,
}

/// The command groups of az for resources of a subscription.
const GROUPS: &[&str] = &[
    "container",
    "containerapp",
    "functionapp",
    "identity",
    "keyvault",
    "monitor",
    "network",
    "resource",
    "role",
    "vm",
    "vmss",
    "webapp",
];

/// A command that can be pasted without edits: it contains no placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixCommand {
    /// The command, on one line.
    pub text: String,
    /// What it changes.
    pub effect: Effect,
    /// A comment on the line before it. A command with a shared effect always has one.
    pub note: Option<&'static str>,
}

impl FixCommand {
    pub(super) fn read_only(text: impl Into<String>) -> Self {
        FixCommand { text: text.into(), effect: Effect::ReadOnly, note: None }
    }

    pub(super) fn local(text: impl Into<String>) -> Self {
        FixCommand { text: text.into(), effect: Effect::Local, note: None }
    }

    pub(super) fn shared(note: &'static str, text: impl Into<String>) -> Self {
        FixCommand { text: text.into(), effect: Effect::Shared, note: Some(note) }
    }

    pub(super) fn with_note(self, note: &'static str) -> Self {
        FixCommand { note: Some(note), ..self }
    }

    /// Adds `--subscription` to each call of az that reads or changes a resource.
    pub(super) fn name_subscription(&mut self, subscription: &str) {
        let mut pieces = self.text.split("az ");
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let is_command = text.is_empty() || text.ends_with([' ', '(', '"']);
            let group = piece.split(' ').next().unwrap_or_default();
            text.push_str("az ");
            if is_command && GROUPS.contains(&group) {
                // The option comes after the words of the command.
                let end = piece.find(" -").unwrap_or(piece.len());
                let (command, options) = piece.split_at(end);
                text.push_str(&format!("{command} --subscription {subscription}{options}"));
            } else {
                text.push_str(piece);
            }
        }
        self.text = text;
    }

    /// Returns the note as a shell comment, if any, and the command.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.note.map(|note| format!("# {note}")).into_iter().chain([self.text.clone()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscription_is_added_to_each_call_of_az() {
        let named = |text: &str| {
            let mut command = FixCommand::read_only(text);
            command.name_subscription("S");
            command.text
        };
        assert_eq!(named("az webapp restart --name a"), "az webapp restart --subscription S --name a");
        assert_eq!(
            named("MSYS_NO_PATHCONV=1 az role assignment create --scope \"$(az keyvault show --name v -o tsv)\""),
            "MSYS_NO_PATHCONV=1 az role assignment create --subscription S --scope \"$(az keyvault show --subscription S --name v -o tsv)\""
        );
        for other in ["az ad signed-in-user show --query id", "az login", "azfob whoami", "echo blaz keyvault"] {
            assert_eq!(named(other), other);
        }
    }
}
