//! Rows for ranges of AADSTS codes, used for a number without a row of its own.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::table::Row;
use crate::diagnosis::table::federation::add_federated_credential;
use crate::diagnosis::table::sign_in::sign_in_with_tool;

use super::application::show_application;
use super::consent::{consent, list_permissions};
use super::request::update_az;
use super::tenant::list_tenants;

rows! {
    SIGN_IN {
        code: "entra-sign-in", error: "Entra ID refused the sign-in",
        cause: "Codes in this range concern the account, multi-factor authentication (MFA) or an expired sign-in",
        fix: "Sign in again; if the error remains, look up the code",
        source: "https://learn.microsoft.com/entra/identity-platform/reference-error-codes",
        commands: sign_in_or_federate,
    }

    CONDITIONAL_ACCESS {
        code: "entra-conditional-access", error: "Conditional Access blocked the sign-in",
        cause: "Codes in this range come from Conditional Access policies on device, location or type of sign-in",
        fix: "Sign in as the policy requires, or ask the tenant administrator which policy applies",
        source: "https://learn.microsoft.com/entra/identity/conditional-access/troubleshoot-conditional-access",
        commands: sign_in_with_tool,
    }

    CONSENT {
        code: "entra-consent", error: "Consent or a permission is missing",
        cause: "Codes in this range concern consent and the application's API permissions",
        fix: "Check the API permissions of the app registration, and have an administrator grant consent",
        source: "https://learn.microsoft.com/entra/identity-platform/permissions-consent-overview",
        commands: |context| [list_permissions(context), consent(context)].concat(),
    }

    FEDERATION {
        code: "entra-federation", error: "Entra ID refused the assertion",
        cause: "Codes in this range concern the federated identity credential: issuer, subject and audience",
        fix: "Compare issuer, subject and audience of the assertion with the federated credential",
        source: "https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        commands: add_federated_credential,
    }

    APPLICATION {
        code: "entra-application", error: "Entra ID refused the application",
        cause: "Codes in this range concern the client ID, the client secret or certificate, or the service principal",
        fix: "Check the client ID, the tenant, and the client secret or certificate",
        source: "https://learn.microsoft.com/entra/identity-platform/reference-error-codes",
        commands: show_application,
    }

    REQUEST {
        code: "entra-request", error: "Entra ID rejected the request",
        cause: "Codes in this range concern the request itself, or its tenant and cloud",
        fix: "Check the tenant and the cloud, and update the tool or SDK",
        source: "https://learn.microsoft.com/entra/identity-platform/reference-error-codes",
        commands: |context| [list_tenants(context), update_az(context)].concat(),
    }
}

/// The ranges: first digits, minimum number of digits, row. The first match wins.
const RANGES: [(&str, usize, &Row); 10] = [
    ("53", 5, CONDITIONAL_ACCESS),
    ("50", 5, SIGN_IN),
    ("51", 5, SIGN_IN),
    ("16", 5, SIGN_IN),
    ("120", 6, SIGN_IN),
    ("65", 5, CONSENT),
    ("7002", 6, FEDERATION),
    ("7000", 6, APPLICATION),
    ("70", 5, SIGN_IN),
    ("90", 5, REQUEST),
];

/// Returns the row of the range that contains the code.
pub(super) fn row(code: u32) -> Option<&'static Row> {
    let digits = code.to_string();
    let fits = |&&(first, least, _): &&(&str, usize, _)| digits.starts_with(first) && digits.len() >= least;
    RANGES.iter().find(fits).map(|&(.., row)| row)
}

/// Signs a user in again, or creates a workload's federated credential.
fn sign_in_or_federate(context: &Context) -> Vec<FixCommand> {
    if context.assertion.is_some() { add_federated_credential(context) } else { sign_in_with_tool(context) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_digits_give_the_range() {
        for (code, expected) in [
            (50_999, Some(SIGN_IN)),
            (500_999, Some(SIGN_IN)),
            (120_002, Some(SIGN_IN)),
            (53_099, Some(CONDITIONAL_ACCESS)),
            (530_099, Some(CONDITIONAL_ACCESS)),
            (65_099, Some(CONSENT)),
            (700_299, Some(FEDERATION)),
            (7_002_999, Some(FEDERATION)),
            (700_099, Some(APPLICATION)),
            (7_000_999, Some(APPLICATION)),
            (70_029, Some(SIGN_IN)),
            (90_999, Some(REQUEST)),
            (9_002_999, Some(REQUEST)),
            (1, None),
            (503, None),
            (9_999_999, None),
        ] {
            assert_eq!(row(code), expected, "{code}");
        }
    }
}
