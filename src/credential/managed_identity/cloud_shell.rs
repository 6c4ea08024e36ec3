//! Cloud Shell: an endpoint in the portal's container that returns tokens of the signed-in user.
//!
//! <https://learn.microsoft.com/azure/cloud-shell/msi-authorization>; the reference is MSAL for Go. No other identity
//! can be selected.

use crate::env;
use crate::http::retry::IDENTITY_ENDPOINT;
use crate::http::status;
use crate::http::{Request, Route};
use crate::token::AccessToken;

use super::super::{CredentialContext, Failure, NoToken, TokenRequest};
use super::token_endpoint::{Scheme, endpoint_url, read_token, refused, send};

const HOST: &str = "Cloud Shell";

pub(super) fn get_token(request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
    if let Some(id) = &request.identity {
        let takes = "no ID: it uses the signed-in user";
        return Err(NoToken::Failed(Failure::IdKindNotSupported { id: id.clone(), host: HOST, takes }));
    }
    let endpoint = endpoint_url(&context.env, env::MSI_ENDPOINT, Scheme::Http)?;
    let form = [("resource", request.scope.resource())];
    let http_request = Request::post(Route::Machine, endpoint, &form).header("metadata", "true");
    let reply = send(&http_request, &IDENTITY_ENDPOINT, HOST, request.patience, context)?;
    if reply.status == status::OK { read_token(&reply, "Cloud Shell") } else { Err(refused(HOST, &reply)) }
}
