//! Example names for a row that is explained without facts: those of the documentation.

use std::net::IpAddr;

use crate::credential::{IdKind, ManagedIdentityId};
use crate::host::{Host, HostKind};
use crate::token::Claims;
use crate::token::identity::{Identity, Origin};
use crate::vault::url::{Suffixes, VaultUrl};

use super::context::{Context, System};
use super::table::{Row, aadsts, advice, federation, identity, identity_binding, sign_in, unauthorized};

pub(super) const VAULT: &str = "my-vault";
const TENANT_ID: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const CLIENT_ID: &str = "11112222-bbbb-3333-cccc-4444dddd5555";

/// Adds example names to a context: those of a vault if none is known, and what else the row's commands contain.
pub(super) fn context(row: &'static Row, real: &Context, suffixes: &Suffixes) -> Context {
    let mut example = real.clone();
    if real.vault.is_none() {
        example.vault = VaultUrl::parse(VAULT, suffixes).ok();
        example.secret = real.secret.clone().or_else(|| Some("MySecret".to_owned()));
        example.client_address = Some("203.0.113.25".to_owned());
        example.private_address = Some(IpAddr::from([10, 0, 0, 4]));
        example.zone_unlinked = true;
    }
    // A host in Azure, in a cluster or in CI is a fact: its commands are the ones to run.
    let host = |kind, name: &str, group: Option<&str>| match real.host.kind.has_developers() {
        true => Host { name: Some(name.to_owned()), resource_group: group.map(str::to_owned), ..Host::of_kind(kind) },
        false => real.host.clone(),
    };
    if identity::ROWS.contains(&row) {
        example.host = host(HostKind::AppService, "my-app", Some("my-group"));
        example.requested_identity =
            Some(ManagedIdentityId { kind: IdKind::Client, value: CLIENT_ID.to_owned(), source: None });
    }
    let is_binding = identity_binding::ROWS.contains(&row);
    if is_binding {
        let subject = "system:serviceaccount:default:my-app".to_owned();
        example.assertion.get_or_insert(Claims { sub: Some(subject), ..Claims::default() });
    }
    if is_binding || [federation::TOKEN_FILE, federation::FEDERATION_INCOMPLETE].contains(&row) {
        example.host = host(HostKind::Kubernetes, "my-pod", None);
        example.client_id.get_or_insert_with(|| CLIENT_ID.to_owned());
    }
    if [federation::JOB_INCOMPLETE, federation::RUNNER_TOKEN].contains(&row) {
        example.host = host(HostKind::GithubActions, "my-job", None);
        example.lacks_runner_token = true;
    }
    if aadsts::is_federation(row) {
        example.host = host(HostKind::GithubActions, "my-job", None);
        let claims = Claims {
            iss: Some("https://token.actions.githubusercontent.com".to_owned()),
            sub: Some("repo:my-organization/my-repository:ref:refs/heads/main".to_owned()),
            ..Claims::default()
        };
        example.assertion.get_or_insert(claims);
    }
    // With a vault, the commands look up its tenant.
    if real.vault.is_none() && [unauthorized::WRONG_TENANT, sign_in::TENANT_NOT_ALLOWED].contains(&row) {
        example.vault_tenant.get_or_insert_with(|| TENANT_ID.to_owned());
    }
    if row == sign_in::TOOL_NOT_ON_PATH {
        let folder = match real.system {
            System::Windows => "C:\\Program Files\\Microsoft SDKs\\Azure\\CLI2\\wbin",
            _ => "/opt/az/bin",
        };
        example.tool_folder.get_or_insert_with(|| folder.to_owned());
    }
    if row == advice::CREDENTIAL_PRECEDENCE {
        example.credential = example.credential.or(Some("AzureCliCredential"));
    }
    if row == advice::CLIENT_ID_NOT_SET {
        let claims = Claims { appid: Some(CLIENT_ID.to_owned()), ..Claims::default() };
        example.identity.get_or_insert_with(|| Identity::from_claims(claims, Origin::ManagedIdentity));
    }
    example
}
