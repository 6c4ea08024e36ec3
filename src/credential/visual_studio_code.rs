//! Reports the account of Visual Studio Code. azfob cannot get its token.
//!
//! The Azure Resources extension records the signed-in user, but no token. The token comes from the operating system's
//! broker, through an optional package of the SDKs
//! (<https://learn.microsoft.com/dotnet/api/azure.identity.visualstudiocodecredential>). So this credential is never
//! available, and its reason names the user and the fix. azfob does not sign in with the extension's client ID, and
//! reads no token of older extensions from a keychain.

use std::path::PathBuf;

use serde::Deserialize;

use crate::entra::TenantId;
use crate::env;
use crate::redact;
use crate::token::AccessToken;

use super::error::FileProblem;
use super::{Credential, CredentialContext, CredentialInfo, Group, NoToken, Reason, TokenRequest, json_file};

/// The account of Visual Studio Code.
pub struct VisualStudioCodeCredential;

const PRODUCT: &str = "Visual Studio Code";
/// The extension has used both.
const FOLDERS: [&str; 2] = [".azure", ".Azure"];
/// The extension's client ID. Records with another one are not the extension's.
const CLIENT_ID: &str = "aebc6443-996d-45c2-90f0-388ff96faa56";
/// The largest record that is read, as in azure-identity for Python.
const RECORD_LIMIT: u64 = 10 << 10;
const EXPECTED: &str = "a sign-in record of the Azure Resources extension";

impl Credential for VisualStudioCodeCredential {
    fn info(&self) -> CredentialInfo {
        CredentialInfo { name: "VisualStudioCodeCredential", short_name: "visual-studio-code", group: Group::Developer }
    }

    fn get_token(&self, _: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
        let only_broker = |(user, tenant)| Reason::OnlyBroker { product: PRODUCT, user, tenant };
        Err(NoToken::Unavailable(signed_in(context).map_or_else(|reason| reason, only_broker)))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    username: String,
    authority: String,
    home_account_id: String,
    tenant_id: String,
    client_id: String,
}

/// Returns the signed-in user and the tenant.
fn signed_in(context: &CredentialContext) -> Result<(String, TenantId), Reason> {
    let home = context.home.as_ref();
    let home = home.ok_or_else(|| Reason::VariablesMissing {
        set: Vec::new(),
        missing: vec![if cfg!(windows) { env::USERPROFILE } else { env::HOME }],
    })?;
    let places = FOLDERS
        .map(|folder| home.join(folder).join("ms-azuretools.vscode-azureresourcegroups").join("authRecord.json"));
    for path in &places {
        let unusable = |problem| Reason::SignInFileUnusable { path: PathBuf::from(path), problem };
        let record = json_file::read::<Record>(path, RECORD_LIMIT, EXPECTED).map_err(unusable)?;
        if let Some(record) = record {
            return check(record).ok_or_else(|| unusable(FileProblem::Malformed(EXPECTED)));
        }
    }
    let [path, _] = places;
    Err(Reason::SignInFileMissing { product: PRODUCT, path })
}

fn check(record: Record) -> Option<(String, TenantId)> {
    // The tenant becomes part of a command that users paste.
    let tenant = TenantId::parse(&record.tenant_id).ok()?;
    let whole = [&record.username, &record.authority, &record.home_account_id].iter().all(|field| !field.is_empty());
    let own = record.client_id.eq_ignore_ascii_case(CLIENT_ID);
    (whole && own).then(|| (redact::sanitize(&record.username), tenant))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::credential::testing::credential_context;

    fn record() -> Value {
        json!({
            "username": "ada@contoso.com", "authority": "login.microsoftonline.com", "homeAccountId": "o.t",
            "tenantId": "11111111-1111-1111-1111-111111111111", "clientId": CLIENT_ID, "version": "1.0", "new": 1,
        })
    }

    fn of_record(folder: &str, text: &str) -> Result<(String, TenantId), Reason> {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(folder).join("ms-azuretools.vscode-azureresourcegroups");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("authRecord.json"), text).unwrap();
        signed_in(&credential_context(&[], Some(home.path())))
    }

    #[test]
    fn record_is_found_in_both_folders() {
        for folder in FOLDERS {
            let (user, tenant) = of_record(folder, &record().to_string()).unwrap();
            assert_eq!((user.as_str(), tenant.as_str()), ("ada@contoso.com", "11111111-1111-1111-1111-111111111111"));
        }
    }

    #[test]
    fn malformed_record_is_unusable() {
        for field in ["username", "authority", "homeAccountId", "tenantId", "clientId"] {
            for value in [json!(""), json!(7), Value::Null] {
                let mut record = record();
                record[field] = value;
                let end = of_record(".azure", &record.to_string());
                assert!(matches!(end, Err(Reason::SignInFileUnusable { .. })), "{field}: {end:?}");
            }
        }
        for (field, value) in [("clientId", "04b07795-8ddb-461a-bbee-02f9e1bf7b46"), ("tenantId", "t; rm -rf x")] {
            let mut record = record();
            record[field] = json!(value);
            assert!(matches!(of_record(".azure", &record.to_string()), Err(Reason::SignInFileUnusable { .. })));
        }
    }

    #[test]
    fn large_record_is_not_read() {
        let mut record = record();
        record["new"] = json!("x".repeat(10 << 10));
        let end = of_record(".azure", &record.to_string());
        let Err(Reason::SignInFileUnusable { problem: FileProblem::TooLarge(limit), .. }) = end else {
            panic!("{end:?}")
        };
        assert_eq!(limit, 10 * 1024);
    }

    #[test]
    fn missing_record_is_no_sign_in() {
        let home = tempfile::tempdir().unwrap();
        assert!(matches!(
            signed_in(&credential_context(&[], Some(home.path()))),
            Err(Reason::SignInFileMissing { .. })
        ));
    }

    #[test]
    fn reason_names_user_and_fix() {
        let tenant = TenantId::parse("contoso.com").unwrap();
        let text = Reason::OnlyBroker { product: PRODUCT, user: "ada@fabrikam.com".into(), tenant }.to_string();
        for part in ["ada@fabrikam.com", "tenant contoso.com", "run 'az login'", "broker"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
