//! A projected service-account token exchanged for one of ours.
//!
//! Applies where `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_FEDERATED_TOKEN_FILE` are set, as AKS's webhook sets
//! them (<https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html>).
//! The file is read anew at each use, since Kubernetes replaces it.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::entra::{self, NoGrant, TenantId};
use crate::secret::Secret;
use crate::token::{AccessToken, Claims};

use super::allowed_tenants::tenant_for;
use super::ending::FileProblem;
use super::{Credential, Failure, Group, NoToken, Reason, Surroundings, TokenRequest};

/// A workload that its cluster vouches for.
pub struct WorkloadIdentityCredential;

const TENANT: &str = "AZURE_TENANT_ID";
const CLIENT: &str = "AZURE_CLIENT_ID";
pub(super) const FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";

/// The largest assertion that is read. Kubernetes' have about 1 KB.
const ASSERTION_LIMIT: u64 = 64 << 10;
/// RFC 7523, section 2.2.
pub(super) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl Credential for WorkloadIdentityCredential {
    fn name(&self) -> &'static str {
        "WorkloadIdentityCredential"
    }

    fn short_name(&self) -> &'static str {
        "workload-identity"
    }

    fn group(&self) -> Group {
        Group::Production
    }

    fn get_token(&self, request: &TokenRequest, around: &Surroundings) -> Result<AccessToken, NoToken> {
        let env = &around.env;
        let asked = request.tenant.asked.clone();
        let tenant = asked.as_ref().map(TenantId::as_str).or(env.get(TENANT));
        let (Some(tenant), Some(client), Some(file)) = (tenant, env.get(CLIENT), env.get_os(FILE)) else {
            let (set, missing) = [FILE, TENANT, CLIENT].into_iter().partition(|v| env.has(v));
            return Err(NoToken::Unavailable(Reason::VariablesMissing { set, missing }));
        };
        let configured = TenantId::parse(tenant)
            .map_err(|e| NoToken::Failed(Failure::Setting { variable: TENANT, expected: e.0 }))?;
        let assertion = read_assertion(Path::new(file))
            .map_err(|problem| NoToken::Failed(Failure::File { variable: FILE, path: PathBuf::from(file), problem }))?;
        let tenant = tenant_for(configured, &request.tenant, env).map_err(NoToken::Failed)?;
        let scope = request.scope.to_string();
        let form = [
            ("client_id", client),
            ("client_assertion", assertion.expose()),
            ("client_assertion_type", JWT_BEARER),
            ("grant_type", "client_credentials"),
            ("scope", &scope),
        ];
        entra::request_token(&around.http, &request.authority, &tenant, &form, &around.deadline).map_err(|error| {
            NoToken::from_grant(match error {
                NoGrant::Refused(mut refusal) => {
                    // What the assertion says is what has to match the federated credential; it is not secret, and the
                    // assertion itself is.
                    refusal.assertion = Claims::of(assertion.expose()).map(Box::new);
                    NoGrant::Refused(refusal)
                }
                other => other,
            })
        })
    }
}

fn read_assertion(path: &Path) -> Result<Secret, FileProblem> {
    let mut text = zeroize::Zeroizing::new(String::new());
    let file = fs::File::open(path).map_err(|e| FileProblem::Unreadable(e.kind()))?;
    file.take(ASSERTION_LIMIT + 1).read_to_string(&mut text).map_err(|e| FileProblem::Unreadable(e.kind()))?;
    if text.len() as u64 > ASSERTION_LIMIT {
        return Err(FileProblem::TooLarge(ASSERTION_LIMIT));
    }
    match text.trim() {
        "" => Err(FileProblem::Empty),
        assertion => Ok(Secret::new(assertion)),
    }
}
