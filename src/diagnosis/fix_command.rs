//! A command to paste, and what it does to the world.

/// How far a command reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It only looks.
    ReadOnly,
    /// It mends this machine, this shell or this person's sign-in.
    Local,
    /// It changes something that others share: a vault, an application, a role, a running host.
    Shared,
}

/// A command that can be pasted as it stands: no word of it is a placeholder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixCommand {
    /// The command, in one line.
    pub text: String,
    /// How far it reaches.
    pub effect: Effect,
    /// What to know before it is pasted; for one that changes what others share, what it changes.
    pub note: Option<&'static str>,
}

impl FixCommand {
    /// A command that only looks.
    pub(super) fn read_only(text: impl Into<String>) -> Self {
        FixCommand { text: text.into(), effect: Effect::ReadOnly, note: None }
    }

    /// A command that mends this machine, this shell or a sign-in.
    pub(super) fn local(text: impl Into<String>) -> Self {
        FixCommand { text: text.into(), effect: Effect::Local, note: None }
    }

    /// A command that changes what others share; `note` says what, in a few words.
    pub(super) fn shared(note: &'static str, text: impl Into<String>) -> Self {
        FixCommand { text: text.into(), effect: Effect::Shared, note: Some(note) }
    }

    /// The command with something to know before it is pasted.
    pub(super) fn with_note(self, note: &'static str) -> Self {
        FixCommand { note: Some(note), ..self }
    }

    /// The lines of it: the note, as a comment of every shell, and the command.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.note.map(|note| format!("# {note}")).into_iter().chain([self.text.clone()])
    }
}
