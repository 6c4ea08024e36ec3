//! The session that reads a workload, its sign-in, and the workload that was named.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::args::WorkloadArgs;
use crate::azure_resource_manager::ResourceManager;
use crate::azure_resource_manager::graph;
use crate::azure_resource_manager::resource_id::ResourceId;
use crate::background;
use crate::credential::ManagedIdentityId;
use crate::credential::chain::Selected;
use crate::entra::Scope;
use crate::entra::cloud::Cloud;
use crate::env::{Env, Source};
use crate::error::{Error, UsageError};
use crate::fetch::session::Session;
use crate::kubernetes::pod::PodName;
use crate::redact::identifiers::is_guid;
use crate::settings::Settings;
use crate::vault::url::VaultUrl;

/// The time limit without `--timeout`, including the sign-in.
const BUDGET: Duration = Duration::from_secs(15);

/// The workload that was named.
pub(super) struct WorkloadTarget {
    pub(super) name: TargetName,
    pub(super) subscription: Option<String>,
}

pub(super) enum TargetName {
    Resource(ResourceName),
    /// The client ID or object ID of an identity or an application.
    Identity(String),
    Pod(PodName),
}

pub(super) enum ResourceName {
    Name(String),
    Id(ResourceId),
}

impl WorkloadTarget {
    pub(super) fn parse(name: &str, args: &WorkloadArgs) -> Result<Self, UsageError> {
        let subscription = args.subscription.as_deref();
        if let Some(id) = subscription.filter(|id| !is_guid(id)) {
            return Err(UsageError::new("--subscription", id, "expected the ID of a subscription, which is a GUID"));
        }
        let expected =
            "expected the name of an app, a resource ID that begins with /subscriptions/, or pod/NAMESPACE/NAME";
        let parsed = match ResourceId::parse(name) {
            Some(id) => TargetName::Resource(ResourceName::Id(id)),
            None if is_guid(name) => TargetName::Identity(name.to_owned()),
            None if graph::is_name(name) => TargetName::Resource(ResourceName::Name(name.to_owned())),
            None => match PodName::parse(name) {
                Some(pod) => TargetName::Pod(pod),
                None => return Err(UsageError::new("--for", name, expected)),
            },
        };
        Ok(WorkloadTarget { name: parsed, subscription: subscription.map(str::to_owned) })
    }

    /// Names what is searched.
    pub(super) fn searched(&self) -> String {
        match &self.subscription {
            Some(id) => format!("subscription {id}"),
            None => "the subscriptions that your sign-in can read".to_owned(),
        }
    }
}

/// The session that reads the workload, and the identity that was named for it.
pub(super) struct WorkloadReader {
    pub(super) session: Session,
    pub(super) settings: Settings,
    pub(super) identity: Option<ManagedIdentityId>,
}

impl WorkloadReader {
    /// Prepares the session. An option for an identity names that of the workload, not that of this machine.
    pub(super) fn new(settings: Settings, env: &Env) -> Result<Self, UsageError> {
        let named = settings.identity.clone().filter(|named| matches!(named.source, Source::Option(_)));
        let own = settings.identity.clone().filter(|_| named.is_none());
        let session_settings = Settings { identity: own, token_cache: None, ..settings.clone() };
        let session = Session::new(session_settings, env, BUDGET, None)?;
        Ok(WorkloadReader { session, settings, identity: named.map(|named| named.value) })
    }

    /// Runs the chain for a token of Azure Resource Manager in the vault's cloud.
    pub(super) fn sign_in(&self, vault: Option<&VaultUrl>) -> Result<(&'static Cloud, Selected), Error> {
        let vault = vault.or(self.settings.vault.as_ref().map(|vault| &vault.value));
        let (authority, cloud) = self.settings.sign_in_for(vault)?;
        let no_cloud =
            || UsageError("--for supports only the clouds of Azure, not a vault of --vault-suffix".to_owned());
        let cloud = cloud.ok_or_else(no_cloud)?;
        let request = self.session.request(Scope::of_management(cloud), authority, None, None);
        let outcome = self.session.find_token(&request);
        match outcome.selected() {
            Some(selected) => Ok((cloud, selected)),
            None => Err(self.session.no_credential(outcome, None, None, None)),
        }
    }

    pub(super) fn client<'a>(&'a self, cloud: &'static Cloud, selected: &'a Selected) -> ResourceManager<'a> {
        let context = &self.session.context;
        ResourceManager::new(&context.http, &selected.token, cloud, context.deadline)
    }
}

/// Runs two functions at the same time.
pub(super) fn both<A: Send, B>(first: impl FnOnce() -> A + Send, second: impl FnOnce() -> B) -> (A, B) {
    let first = Mutex::new(Some(first));
    let run = || {
        let work = first.lock().unwrap_or_else(PoisonError::into_inner).take().expect("run once");
        work()
    };
    thread::scope(|scope| {
        let other = background::builder().spawn_scoped(scope, run).ok();
        let second = second();
        // Without another thread, this one does it.
        let first = other.map_or_else(run, |thread| thread.join().expect("a reading thread does not panic"));
        (first, second)
    })
}
