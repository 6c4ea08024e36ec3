//! What a person is told beside the answer, on stderr: warnings, notes and times.

use crate::args::ColorWhen;
use crate::settings::{Settings, Verbosity};

use super::error;

/// How much of it is told, and in which colours.
#[derive(Clone, Copy, Debug)]
pub struct Notices {
    verbosity: Verbosity,
    color: ColorWhen,
}

impl Default for Notices {
    fn default() -> Self {
        Notices { verbosity: Verbosity::Normal, color: ColorWhen::Auto }
    }
}

impl Notices {
    /// As the settings have it.
    pub fn new(settings: &Settings) -> Self {
        Notices { verbosity: settings.verbosity, color: settings.color }
    }

    /// Tells of what may be wrong, unless nothing is to be told.
    pub fn warn(self, texts: impl IntoIterator<Item = impl AsRef<str>>) {
        self.unless_quiet(texts).for_each(|text| error::warn(text.as_ref(), self.color));
    }

    /// Tells what is good to know, unless nothing is to be told.
    pub fn note(self, texts: impl IntoIterator<Item = impl AsRef<str>>) {
        self.unless_quiet(texts).for_each(|text| error::note(text.as_ref(), self.color));
    }

    fn unless_quiet<T>(self, texts: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
        texts.into_iter().take_while(move |_| self.verbosity != Verbosity::Quiet)
    }
}
