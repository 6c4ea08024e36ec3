//! The scope of a request.

use super::refusal::{self, EntraRefusal};
use crate::sandbox::cloud::EmulatedCloud;

/// Returns the resource of a scope. MSAL adds scopes of OpenID Connect for users.
pub(super) fn requested_resource(cloud: EmulatedCloud, scope: Option<&str>) -> Result<&str, EntraRefusal> {
    const OPENID: [&str; 4] = ["openid", "profile", "email", "offline_access"];
    let scope = scope.ok_or_else(|| refusal::missing("scope"))?;
    let scope = scope.split(' ').find(|scope| !OPENID.contains(scope)).unwrap_or(scope);
    let resource = scope.strip_suffix("/.default").ok_or_else(|| refusal::not_default(scope))?;
    if cloud.knows_resource(resource) { Ok(resource) } else { Err(refusal::unknown_resource(resource)) }
}
