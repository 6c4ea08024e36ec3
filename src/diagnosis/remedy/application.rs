//! What is done at an application of Entra ID, by the code of its refusal.

use crate::token::Claims;

use super::super::explain::Place;
use super::{restart_pod, trust, word};

/// What mends a refusal, where the application is known or need not be. `assertion` is what was presented.
pub(in crate::diagnosis) fn by_code(code: u32, assertion: Option<&Claims>, place: &Place) -> Vec<String> {
    // The shell knows what this process was not told.
    let id = place.client_id.as_deref().map_or_else(|| "\"$AZURE_CLIENT_ID\"".to_owned(), word);
    let of_application = |command: &dyn Fn(&str) -> String| vec![command(&id)];
    match code {
        // https://learn.microsoft.com/cli/azure/ad/app/credential#az-ad-app-credential-reset
        7_000_215 | 7_000_216 | 7_000_218 | 7_000_222 => of_application(&|id| {
            let made = format!("\"$(az ad app credential reset --id {id} --append --query password -o tsv)\"");
            place.shell.set("AZURE_CLIENT_SECRET", &made)
        }),
        7_000_112 => of_application(&|id| format!("az ad sp update --id {id} --set accountEnabled=true")),
        700_016 => of_application(&|id| {
            let tenant = format!("\"$(az ad sp show --id {id} --query appOwnerOrganizationId -o tsv)\"");
            place.shell.set("AZURE_TENANT_ID", &tenant)
        }),
        700_027 | 50_013 if assertion.is_none() => of_application(&|id| {
            let columns = "[].{thumbprint:customKeyIdentifier, until:endDateTime}";
            format!("az ad app credential list --id {id} --cert --query '{columns}' -o table")
        }),
        65_001 => of_application(&|id| format!("az ad app permission admin-consent --id {id}")),
        50_105 => of_application(&|id| format!("az ad sp update --id {id} --set appRoleAssignmentRequired=false")),
        70_021 | 700_021 | 700_211 | 700_212 | 700_213 => {
            let trusted = assertion.map(|assertion| trust(assertion, place)).filter(|commands| !commands.is_empty());
            trusted.unwrap_or_else(|| {
                let columns = "[].{issuer:issuer, subject:subject, audience:audiences[0]}";
                vec![format!("az ad app federated-credential list --id {id} --query '{columns}' -o table")]
            })
        }
        700_024 => restart_pod(assertion, place),
        90_002 | 900_023 => {
            vec!["az account list --query '[].{tenant:tenantId, subscription:name}' -o table".to_owned()]
        }
        90_038 | 900_382 => vec![place.shell.unset("AZURE_AUTHORITY_HOST")],
        500_011 | 50_001 => vec!["az cloud show --query '{cloud:name, vaults:suffixes.keyvaultDns}'".to_owned()],
        50_034 | 50_055 | 50_126 => vec!["az login".to_owned()],
        _ => Vec::new(),
    }
}
