//! The managed identity endpoint of the host: HTTP on loopback, plain but for Service Fabric's, in the dialect that the planned host speaks.
//! A host answers its own dialect only: an App Service has no metadata address.

mod app_service;
mod arc;
mod azure_ml;
mod cloud_shell;
mod imds;
mod service_fabric;

use std::{io, net::TcpStream, sync::Arc};

use super::{
    azure::Azure,
    host::Host,
    message::{Reply, Request},
    names,
    plan::Identities,
    proxy::end_tls,
    rule::IDENTITY,
    serve,
    token::Subject,
};

/// Serves one connection to the host's identity endpoint.
///
/// # Errors
/// What reading or writing ended with.
pub(super) fn serve(azure: &Azure, stream: TcpStream) -> io::Result<()> {
    match &azure.endpoint {
        Some(certificate) => end_tls(azure, IDENTITY, Arc::clone(&certificate.config), stream),
        None => serve::serve(azure, IDENTITY, stream).map(drop),
    }
}

/// Answers a request to the host's identity endpoint.
pub(super) fn answer(azure: &Azure, request: &Request) -> Reply {
    match azure.plan.host {
        Host::AppService | Host::Functions if request.path.eq_ignore_ascii_case("/MSI/token") => {
            app_service::answer(azure, request)
        }
        Host::ContainerApps if request.path.eq_ignore_ascii_case("/msi/token") => app_service::answer(azure, request),
        Host::Imds => imds::answer(azure, request),
        Host::ServiceFabric if is_metadata(request) => service_fabric::answer(azure, request),
        Host::Arc if is_metadata(request) => arc::answer(azure, request),
        Host::CloudShell if request.path == "/oauth2/token" => cloud_shell::answer(azure, request),
        Host::AzureMl if request.path == "/MSI/auth" => azure_ml::answer(azure, request),
        _ => Reply::text(404, "the azfob sandbox's host has no such endpoint\n"),
    }
}

fn is_metadata(request: &Request) -> bool {
    request.path == "/metadata/identity/oauth2/token"
}

/// The identity that a request names.
#[derive(Clone, Copy, Default)]
struct Named<'a> {
    client_id: Option<&'a str>,
    object_id: Option<&'a str>,
    resource_id: Option<&'a str>,
}

/// Why no identity could be chosen.
#[derive(Debug, PartialEq, Eq)]
enum Choice {
    /// None of the assigned ones is the one asked for, or none is assigned at all.
    NotFound,
    /// Several could be meant.
    Ambiguous,
}

/// The identity meant, by the rule of
/// <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq>: the one named;
/// else the system-assigned one; else the only user-assigned one.
fn choose(identities: &Identities, named: Named<'_>, system_resource: &str) -> Result<Subject, Choice> {
    let is = |asked: Option<&str>, own: &str| asked.is_none_or(|asked| asked.eq_ignore_ascii_case(own));
    let system = || Subject::SystemAssigned { resource_id: system_resource.to_owned() };
    let names_one = named.client_id.or(named.object_id).or(named.resource_id).is_some();
    if names_one {
        let found = identities.user_assigned.iter().find(|one| {
            is(named.client_id, &one.client_id)
                && is(named.object_id, &one.object_id)
                && is(named.resource_id.map(folded).as_deref(), &folded(&one.resource_id()))
        });
        let names_system = named.resource_id.is_none()
            && is(named.client_id, names::SYSTEM_CLIENT_ID)
            && is(named.object_id, names::SYSTEM_OBJECT_ID);
        return match found {
            Some(identity) => Ok(Subject::UserAssigned(identity.clone())),
            None if names_system && identities.system_assigned => Ok(system()),
            None => Err(Choice::NotFound),
        };
    }
    match identities.user_assigned.as_slice() {
        _ if identities.system_assigned => Ok(system()),
        [] => Err(Choice::NotFound),
        [only] => Ok(Subject::UserAssigned(only.clone())),
        _ => Err(Choice::Ambiguous),
    }
}

/// Resource ids are compared without case: `resourceGroups` and `resourcegroups` are both common.
fn folded(resource_id: &str) -> String {
    resource_id.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::plan::UserAssigned;

    fn chosen(identities: &Identities, named: Named<'_>) -> Result<String, Choice> {
        choose(identities, named, "/my-app").map(|subject| subject.client_id().to_owned())
    }

    #[test]
    fn the_identity_meant_is_chosen_as_azure_does() {
        let both = Identities::default();
        let two =
            Identities { system_assigned: false, user_assigned: vec![UserAssigned::first(), UserAssigned::second()] };
        let none = Identities { system_assigned: false, user_assigned: Vec::new() };
        let system = Ok(names::SYSTEM_CLIENT_ID.to_owned());
        let first = Ok(names::USER_ASSIGNED_CLIENT_ID.to_owned());
        assert_eq!(chosen(&both, Named::default()), system);
        assert_eq!(chosen(&two, Named::default()), Err(Choice::Ambiguous));
        assert_eq!(chosen(&none, Named::default()), Err(Choice::NotFound));
        let by_object = Named { object_id: Some(names::USER_ASSIGNED_OBJECT_ID), ..Named::default() };
        assert_eq!(chosen(&two, by_object), first);
        let resource = names::USER_ASSIGNED_RESOURCE_ID.replace("resourcegroups", "resourceGroups");
        let by_resource = Named { resource_id: Some(&resource), ..Named::default() };
        assert_eq!(chosen(&both, by_resource), first);
        let unknown = Named { client_id: Some("nobody"), ..Named::default() };
        assert_eq!(chosen(&both, unknown), Err(Choice::NotFound));
        let by_system = Named { client_id: Some(names::SYSTEM_CLIENT_ID), ..Named::default() };
        assert_eq!(chosen(&both, by_system), system);
        assert_eq!(chosen(&two, by_system), Err(Choice::NotFound));
    }
}
