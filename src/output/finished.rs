//! A command that has ended well: what is left to write, and the exit code.

use crate::error::Error;

use super::Answer;
use super::notices::Notices;

/// What a command hands back.
pub struct Finished {
    /// The answer, where it was not written as it came.
    pub answer: Option<Answer>,
    /// The exit code.
    pub code: i32,
    /// How what stands beside the answer is told.
    pub notices: Notices,
}

impl Finished {
    /// An answer, and exit code 0.
    pub fn with(answer: Answer, notices: Notices) -> Self {
        Finished { answer: Some(answer), code: 0, notices }
    }

    /// An answer that no option says anything of how to tell.
    pub fn alone(answer: Answer) -> Self {
        Self::with(answer, Notices::default())
    }

    /// Nothing left to write.
    pub fn code(code: i32) -> Self {
        Finished { answer: None, code, notices: Notices::default() }
    }

    /// Writes the answer, and then what there is to warn of. Answers with the exit code.
    ///
    /// # Errors
    /// The answer could not be written whole.
    pub fn write(self) -> Result<i32, Error> {
        if let Some(answer) = self.answer {
            answer.write()?;
            self.notices.warn(answer.warnings);
            self.notices.note(answer.notes);
        }
        Ok(self.code)
    }
}
