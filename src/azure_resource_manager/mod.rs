//! The client of Azure Resource Manager: reads resources and queries Resource Graph. It changes nothing and reads no
//! setting's value and no secret's value.
//!
//! The token goes only to the management host of the cloud
//! (<https://learn.microsoft.com/azure/azure-resource-manager/management/overview>). At most four requests are sent at once,
//! because a throttled caller may not repeat one early
//! (<https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling>).

pub mod authorization;
mod compute;
mod container_apps;
mod container_instances;
pub mod error;
pub mod graph;
pub mod kubernetes_clusters;
pub mod network;
pub mod resource_id;
pub mod user_assigned;
pub mod vault;
mod web;
pub mod workload;
pub mod workloads;

use std::sync::{Condvar, Mutex, PoisonError};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::entra::cloud::Cloud;
use crate::http::retry::CLOUD;
use crate::http::status::OK;
use crate::http::{Http, Reply, Request, Route, random_uuid, with_query};
use crate::redact;
use crate::time::deadline::Deadline;
use crate::token::AccessToken;

use error::{ManagementError, ManagementErrorKind};

/// The most requests at once.
const AT_ONCE: usize = 4;
/// The most pages of a list, against a service that never ends it.
const MOST_PAGES: usize = 20;

/// The client of Azure Resource Manager of one cloud.
pub struct ResourceManager<'a> {
    http: &'a Http,
    token: &'a AccessToken,
    cloud: &'static Cloud,
    deadline: Deadline,
    free: Mutex<usize>,
    freed: Condvar,
}

/// A page of a list.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourcePage {
    #[serde(default)]
    value: Vec<Value>,
    next_link: Option<String>,
}

impl<'a> ResourceManager<'a> {
    /// Creates the client. The token is for the management host of `cloud`.
    pub fn new(http: &'a Http, token: &'a AccessToken, cloud: &'static Cloud, deadline: Deadline) -> Self {
        ResourceManager { http, token, cloud, deadline, free: Mutex::new(AT_ONCE), freed: Condvar::new() }
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// The resource does not exist, or the caller may not read it.
    fn get<T: DeserializeOwned>(&self, path: &str, version: &str) -> Result<T, ManagementError> {
        let reply = self.send(Request::get(Route::Internet, self.url(path, &[("api-version", version)])))?;
        read(path, &reply)
    }

    /// Reads all pages of a list (<https://learn.microsoft.com/rest/api/azure/#async-operations-throttling-and-paging>).
    ///
    /// # Errors
    /// The caller may not read it, or a link leads to another host.
    fn list<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<Vec<T>, ManagementError> {
        let (mut url, mut items) = (self.url(path, query), Vec::new());
        for _ in 0..MOST_PAGES {
            let reply = self.send(Request::get(Route::Internet, url))?;
            let page: ResourcePage = read(path, &reply)?;
            for item in page.value {
                items.push(typed(path, item)?);
            }
            let Some(next) = page.next_link.filter(|next| !next.is_empty()) else { return Ok(items) };
            if !next.starts_with(&format!("https://{}/", self.cloud.management)) {
                return Err(ManagementError::malformed(path));
            }
            url = next;
        }
        Err(ManagementError::malformed(path))
    }

    /// Sends a query to Resource Graph.
    ///
    /// # Errors
    /// The query was refused.
    fn query<T: DeserializeOwned>(&self, path: &str, version: &str, body: &Value) -> Result<T, ManagementError> {
        let body = body.to_string();
        let url = self.url(path, &[("api-version", version)]);
        read(path, &self.send(Request::query(Route::Internet, url, &body))?)
    }

    /// Returns the URL of a path on the management host. Names of resource groups can have letters of any language.
    fn url(&self, path: &str, query: &[(&str, &str)]) -> String {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.()/".contains(&b);
        let encoded: String =
            path.bytes().map(|b| if is_plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect();
        // An ID without a slash cannot change the host.
        with_query(&format!("https://{}/{}", self.cloud.management, encoded.trim_start_matches('/')), query)
    }

    /// Sends a request as soon as fewer than four others run, and repeats it if it is throttled.
    fn send(&self, request: Request<'_>) -> Result<Reply, ManagementError> {
        let _permit = self.acquire_permit();
        let path = path_of(&request.url).to_owned();
        let request = request
            .header("authorization", format!("Bearer {}", self.token.expose()))
            .header("x-ms-client-request-id", random_uuid());
        let reply = self.http.send_patiently(&request, &CLOUD, &self.deadline).map_err(|error| ManagementError {
            path: path.clone(),
            kind: ManagementErrorKind::Network(Box::new(error)),
            request_id: None,
        })?;
        if reply.status == OK { Ok(reply) } else { Err(ManagementError::from_reply(&path, &reply)) }
    }

    fn acquire_permit(&self) -> Permit<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Permit { free: &self.free, freed: &self.freed }
    }
}

/// Permission to send one of the requests that may run at the same time. Dropping it lets the next request start.
struct Permit<'a> {
    free: &'a Mutex<usize>,
    freed: &'a Condvar,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.freed.notify_one();
    }
}

/// Returns the path of a URL.
fn path_of(url: &str) -> &str {
    let path = url.splitn(4, '/').nth(3).unwrap_or_default();
    path.split('?').next().unwrap_or_default()
}

fn read<T: DeserializeOwned>(path: &str, reply: &Reply) -> Result<T, ManagementError> {
    typed(path, reply.json::<Value>().ok_or_else(|| ManagementError::malformed(path))?)
}

/// Converts JSON, without secrets and invisible characters in it.
fn typed<T: DeserializeOwned>(path: &str, value: Value) -> Result<T, ManagementError> {
    serde_json::from_value(redact::sanitize_json(value)).map_err(|_| ManagementError::malformed(path))
}
