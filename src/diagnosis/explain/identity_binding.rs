//! Explains why a pod with an AKS identity binding has no token.

use crate::credential::BindingFailure;
use crate::http::error::NetworkErrorKind;
use crate::token::Claims;

use super::super::finding::Finding;
use super::super::table::{aadsts, identity_binding as rows};
use super::network;
use super::refusal::refused;
use crate::diagnosis::context::Context;

/// Explains a failure at the token proxy.
pub(super) fn proxy_failed(
    message: String,
    failure: &BindingFailure,
    assertion: Option<&Claims>,
    base: &Context,
) -> Finding {
    let context = Context { assertion: assertion.cloned(), ..base.clone() };
    let row = match failure {
        BindingFailure::TwoAuthorities => rows::TWO_AUTHORITIES,
        // Without a proxy, it is not known that the pod has a binding.
        BindingFailure::NoProxy(_) => return Finding::new(rows::SETTINGS, message, &context),
        BindingFailure::Refused { .. } => rows::REFUSED,
        BindingFailure::Network(error) => match error.kind {
            NetworkErrorKind::Certificate(_) => rows::CERTIFICATE,
            NetworkErrorKind::CertificateName => rows::SERVER_NAME,
            _ => return with_use(Finding { message, ..network(error, None, &context) }),
        },
        BindingFailure::Entra(refusal) => {
            let finding = refused(message.clone(), refusal, &context);
            // AKS makes the federated credential of a binding itself.
            if !aadsts::is_federation(finding.row) {
                return with_use(finding);
            }
            rows::REFUSED
        }
    };
    with_use(Finding::new(row, message, &context))
}

/// Adds which of the two exchanges azfob makes.
fn with_use(mut finding: Finding) -> Finding {
    finding.details.insert(0, "this pod has an identity binding, and azfob uses its token proxy".to_owned());
    finding
}
