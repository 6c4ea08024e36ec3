//! App Service, Functions and Container Apps: an endpoint inside the sandbox, with a header that proves we are in it.
//!
//! <https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference> and
//! <https://learn.microsoft.com/azure/container-apps/managed-identity>.

use crate::host::{Host, HostKind};
use crate::http::error::NetworkErrorKind;
use crate::http::retry::IDENTITY_ENDPOINT;
use crate::http::{Request, Route, with_query};
use crate::token::AccessToken;

use super::super::{Failure, NoToken, Reason, Surroundings, TokenRequest};
use super::{IdKind, endpoint_url, granted, said};

const VERSION: &str = "2019-08-01";

pub(super) fn get_token(request: &TokenRequest, around: &Surroundings) -> Result<AccessToken, NoToken> {
    let env = &around.env;
    let host = match Host::of(env).kind {
        HostKind::ContainerApp => "container app",
        HostKind::FunctionApp => "function app",
        _ => "App Service app",
    };
    let url = token_url(endpoint_url(env, "IDENTITY_ENDPOINT")?, request);
    let header = env.get("IDENTITY_HEADER").unwrap_or_default();
    let asked = Request::get(Route::Machine, url).header("x-identity-header", header);
    let reply = match around.http.send_patiently(&asked, &IDENTITY_ENDPOINT, &around.deadline) {
        Ok(reply) => reply,
        // The variables say that the platform offers an identity; where nothing listens, it does not after all.
        Err(error) if matches!(error.kind, NetworkErrorKind::Connect(_) | NetworkErrorKind::Name) => {
            return Err(NoToken::Unavailable(Reason::EndpointSilent { host, error }));
        }
        Err(error) => return Err(NoToken::Failed(Failure::Network(error))),
    };
    if reply.status == 200 {
        return granted(&reply, "the identity endpoint");
    }
    let said = said(&reply).unwrap_or_default();
    let unknown = reply.status == 400
        && (said.contains("Unable to load the proper Managed Identity") || said.contains("No MSI found"));
    Err(match &request.identity {
        Some(id) if unknown => NoToken::Failed(Failure::IdentityNotAssigned { id: id.clone(), host, said }),
        None if unknown => NoToken::Unavailable(Reason::NoIdentity { host, said }),
        _ => NoToken::Failed(Failure::Endpoint { host, status: reply.status, said }),
    })
}

fn token_url(endpoint: &str, request: &TokenRequest) -> String {
    let mut parameters = vec![("api-version", VERSION), ("resource", request.scope.resource())];
    if let Some(id) = &request.identity {
        let name = match id.kind {
            IdKind::Client => "client_id",
            IdKind::Object => "object_id",
            IdKind::Resource => "mi_res_id",
        };
        parameters.push((name, &id.value));
    }
    with_query(endpoint, &parameters)
}
