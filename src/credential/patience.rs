//! How long a credential goes on where nothing answers: a choice of the chain, which what is told of it names.

/// How long to go on where nothing answers yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// One of several: a short look, so that the others get their turn.
    Brief,
    /// Asked for by name: no probe, and every retry.
    Full,
}
