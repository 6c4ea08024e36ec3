//! Explains a refusal by Entra ID.

use crate::entra::Refusal;
use crate::env;
use crate::kubernetes::pod::BINDING_AUDIENCE;
use crate::time::timestamp::Timestamp;

use super::super::classify::{Component, Evidence, row_of_answer};
use super::super::finding::Finding;
use super::super::table::{Row, aadsts, ci, federation, identity_binding, sign_in};
use crate::diagnosis::context::Context;

/// Explains a refusal by the row of its words or of its code.
pub(super) fn refused(message: String, refusal: &Refusal, context: &Context) -> Finding {
    if let Some(finding) = of_bound_pod(&message, refusal, context) {
        return finding;
    }
    // The description can hold the code of the reason after a general one.
    let of_words = || row_of_answer(&Evidence::of(Component::EntraId, &refusal.description));
    let of_code = || refusal.code.and_then(aadsts::row);
    // Entra ID describes no cancellation.
    let of_error = || (refusal.error == "access_denied").then_some(sign_in::SIGN_IN_CANCELLED);
    let row = of_words().or_else(of_code).or_else(of_error).unwrap_or(sign_in::SIGN_IN_REFUSED);
    let context = Context { assertion: refusal.assertion.as_deref().cloned(), ..context.clone() };
    let issuer = context.assertion.as_ref().and_then(|claims| claims.iss.as_deref());
    // No federated credential can match its subject.
    let is_bitbucket = issuer.is_some_and(|issuer| issuer.starts_with("https://api.bitbucket.org/"));
    let row = if is_bitbucket && aadsts::is_federation(row) { ci::BITBUCKET_TOKEN } else { row };
    Finding { details: refusal_details(refusal, row), ..Finding::new(row, message, &context) }
}

/// Lists the assertion's claims, the page of a code that has no row, and the trace ID.
fn refusal_details(refusal: &Refusal, row: &Row) -> Vec<String> {
    let mut details = Vec::new();
    if let Some(claims) = &refusal.assertion {
        let expires = claims.exp.map(|exp| Timestamp(exp).rfc3339());
        for (name, value) in
            [("issuer", &claims.iss), ("subject", &claims.sub), ("audience", &claims.aud), ("expires", &expires)]
        {
            details.extend(value.as_ref().map(|value| format!("assertion {name}: {value}")));
        }
    }
    // The codes of an issuer or subject that matches no federated credential.
    if let (Some(70_021 | 700_211 | 700_213 | 7_002_137), Some(claims)) = (refusal.code, &refusal.assertion) {
        details.extend(claims.sub.as_deref().and_then(federation::subject_note));
    }
    let unknown = refusal.code.filter(|code| row.code != format!("AADSTS{code}"));
    details.extend(unknown.map(aadsts::link));
    details.extend(refusal.trace_id.as_ref().map(|id| format!("trace ID {id}")));
    details
}

/// Explains a refusal by Entra ID of a bound pod's token, which only the token proxy accepts.
fn of_bound_pod(message: &str, refusal: &Refusal, base: &Context) -> Option<Finding> {
    let claims = refusal.assertion.as_deref().filter(|claims| claims.aud.as_deref() == Some(BINDING_AUDIENCE))?;
    refusal.code.and_then(aadsts::row).filter(|row| aadsts::is_federation(row))?;
    let context = Context { assertion: Some(claims.clone()), ..base.clone() };
    if !base.has_token_proxy {
        let message = format!("{message}; {} is not set", env::AZURE_KUBERNETES_TOKEN_PROXY);
        return Some(Finding::new(identity_binding::SETTINGS, message, &context));
    }
    let details = vec!["this pod has an identity binding, and azfob did not use its token proxy".to_owned()];
    Some(Finding { details, ..Finding::new(identity_binding::NOT_USED, message, &context) })
}
