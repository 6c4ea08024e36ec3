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

    /// Returns the note as a shell comment, if any, and the command.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.note.map(|note| format!("# {note}")).into_iter().chain([self.text.clone()])
    }
}
