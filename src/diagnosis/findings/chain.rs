//! Findings about a chain without a token.

use crate::credential::chain::Selected;
use crate::credential::environment::{EnvironmentCredential, stored_secret_variable};
use crate::credential::{Credential, Failure, Group, NoToken};
use crate::diagnosis::context::Context;
use crate::error::Error;

use super::super::explain;
use super::super::report::Severity;
use super::super::table::advice;
use super::{Finding, Findings, Observations};

impl Observations<'_> {
    /// Adds the causes, as `get` explains them.
    pub(super) fn chain(&self, findings: &mut Findings) {
        let Some(Error::NoToken(none)) = self.no_token else { return };
        let causes = self.refused_secret().into_iter().chain(explain::causes(none, self.context));
        causes.for_each(|finding| findings.add(Severity::Error, finding));
    }

    /// Explains a stored secret that was refused, although a credential without one works here.
    fn refused_secret(&self) -> Option<Finding> {
        let stopped = self.outcome.stopped_by().filter(|a| a.credential.name() == EnvironmentCredential.name())?;
        let Err(NoToken::Failed(Failure::Refused(_) | Failure::File { .. })) = &stopped.result else { return None };
        let variable = stored_secret_variable(self.env)?;
        let works = self.attempts.iter().find(|a| a.credential.group() == Group::Production && a.result.is_ok())?;
        let identity = Selected { credential: works.credential, token: works.result.clone().ok()? }.identity();
        let name = identity.label().or(identity.object_id()).map(|name| format!(" ({name})")).unwrap_or_default();
        let message = format!("EnvironmentCredential used {variable}; {}{name} works here", works.credential.name());
        let context = Context { stored_secret: Some(variable), ..self.context.clone() };
        Some(Finding::new(advice::STORED_SECRET_REFUSED, message, &context))
    }
}
