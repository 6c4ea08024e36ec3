//! A service principal from `AZURE_*` variables.
//!
//! Applies where `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET` are all set
//! (<https://learn.microsoft.com/dotnet/api/azure.identity.environmentcredential>). `AZURE_CLIENT_ID` alone, or with a
//! tenant, is not half of one: it names the user-assigned managed identity.

use crate::entra::{self, TenantId};
use crate::token::AccessToken;

use super::allowed_tenants::tenant_for;
use super::{Credential, Failure, Group, NoToken, Reason, Surroundings, TokenRequest};

/// A service principal whose secret is in the environment.
pub struct EnvironmentCredential;

const TENANT: &str = "AZURE_TENANT_ID";
const CLIENT: &str = "AZURE_CLIENT_ID";
const SECRET: &str = "AZURE_CLIENT_SECRET";

impl Credential for EnvironmentCredential {
    fn name(&self) -> &'static str {
        "EnvironmentCredential"
    }

    fn short_name(&self) -> &'static str {
        "environment"
    }

    fn group(&self) -> Group {
        Group::Production
    }

    fn get_token(&self, request: &TokenRequest, around: &Surroundings) -> Result<AccessToken, NoToken> {
        let env = &around.env;
        let asked = request.tenant.asked.clone();
        let tenant = asked.as_ref().map(TenantId::as_str).or(env.get(TENANT));
        let (Some(tenant), Some(client), Some(secret)) = (tenant, env.get(CLIENT), env.get(SECRET)) else {
            return Err(NoToken::Unavailable(incomplete(around)));
        };
        let configured = TenantId::parse(tenant)
            .map_err(|e| NoToken::Failed(Failure::Setting { variable: TENANT, expected: e.0 }))?;
        let tenant = tenant_for(configured, &request.tenant, env).map_err(NoToken::Failed)?;
        let scope = request.scope.to_string();
        let form =
            [("client_id", client), ("client_secret", secret), ("grant_type", "client_credentials"), ("scope", &scope)];
        entra::request_token(&around.http, &request.authority, &tenant, &form, &around.deadline)
            .map_err(NoToken::from_grant)
    }
}

fn incomplete(around: &Surroundings) -> Reason {
    let (set, missing): (Vec<_>, Vec<_>) = [TENANT, CLIENT, SECRET].into_iter().partition(|v| around.env.has(v));
    let for_a_workload = around.env.has(super::workload_identity::FILE);
    if missing.contains(&SECRET) && set.contains(&CLIENT) && !for_a_workload {
        return Reason::ClientIdNamesIdentity;
    }
    Reason::VariablesMissing { set, missing }
}
