//! A pod and its service account, as far as Microsoft Entra Workload ID uses them
//! (<https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html>,
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/>).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::env;

/// The label without which the webhook does not change a pod.
const LABEL: &str = "azure.workload.identity/use";
/// The annotations of a service account.
const CLIENT_ID: &str = "azure.workload.identity/client-id";
/// The audience of the token of a pod with an AKS identity binding
/// (<https://learn.microsoft.com/azure/aks/workload-identity-overview>).
pub const BINDING_AUDIENCE: &str = "api://AKSIdentityBinding";

/// The name of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodName {
    pub namespace: String,
    pub name: String,
}

impl PodName {
    /// Parses `pod/NAMESPACE/NAME`, with any of kubectl's names of the kind. `None` if it is not that, or not a name that
    /// Kubernetes allows (<https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>).
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let kind = parts.next()?;
        let name = PodName { namespace: parts.next()?.to_owned(), name: parts.next()?.to_owned() };
        let fits = |text: &str, most, dots: &str| {
            let is_edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            text.len() <= most
                && text.starts_with(is_edge)
                && text.ends_with(is_edge)
                && text.chars().all(|c| is_edge(c) || c == '-' || dots.contains(c))
        };
        let is_pod = ["pod", "pods", "po"].contains(&kind) && parts.next().is_none();
        (is_pod && fits(&name.namespace, 63, "") && fits(&name.name, 253, ".")).then_some(name)
    }
}

/// A pod.
#[derive(Clone, Debug)]
pub struct Pod {
    pub id: PodName,
    pub service_account: String,
    /// True if it has the label with the value `true`.
    pub is_labelled: bool,
    /// The variables of the first container that has any of them, or else of the first one.
    pub container: Container,
}

/// The variables of a container that select its identity.
#[derive(Clone, Debug, Default)]
pub struct Container {
    pub name: String,
    pub client_id: PodVariable,
    pub tenant: PodVariable,
    pub token_file: PodVariable,
    /// The audience of the token in that file, if Kubernetes projects one there.
    pub audience: Option<String>,
    /// True if it has the token proxy of an AKS identity binding, or a token for it.
    pub is_bound: bool,
    /// True if azfob uses the binding in its chain too.
    pub uses_binding: bool,
    /// True if the CA of the token proxy is set twice.
    pub has_two_authorities: bool,
    /// True if it has variables from a ConfigMap or a Secret, which are not read.
    pub has_unread: bool,
}

/// A variable of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PodVariable {
    #[default]
    Unset,
    Set(String),
    /// Its value comes from a ConfigMap, a Secret or a field.
    NotShown,
}

impl PodVariable {
    pub fn value(&self) -> Option<&str> {
        match self {
            PodVariable::Set(value) => Some(value),
            PodVariable::Unset | PodVariable::NotShown => None,
        }
    }
}

/// A service account.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ServiceAccount {
    metadata: Metadata,
}

impl ServiceAccount {
    /// Returns the annotated client ID.
    pub fn client_id(&self) -> Option<&str> {
        self.metadata.annotations.as_ref()?.get(CLIENT_ID).map(String::as_str).filter(|id| !id.is_empty())
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    labels: Option<BTreeMap<String, String>>,
    annotations: Option<BTreeMap<String, String>>,
}

/// The parts of a pod object. A field that is absent or null has its default.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PodObject {
    metadata: Metadata,
    spec: Spec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    service_account_name: Option<String>,
    containers: Vec<ContainerObject>,
    volumes: Option<Vec<Volume>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ContainerObject {
    name: String,
    env: Option<Vec<VariableObject>>,
    env_from: Option<Vec<serde::de::IgnoredAny>>,
    volume_mounts: Option<Vec<Mount>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct VariableObject {
    name: String,
    value: Option<String>,
    value_from: Option<serde::de::IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Mount {
    name: String,
    mount_path: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Volume {
    name: String,
    projected: Option<Projected>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Projected {
    sources: Option<Vec<ProjectedSource>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ProjectedSource {
    service_account_token: Option<TokenSource>,
}

/// Without an audience, the token is for the API server.
#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenSource {
    audience: Option<String>,
    path: String,
}

impl Pod {
    pub(super) fn from_object(id: &PodName, object: PodObject) -> Self {
        let PodObject { metadata, spec } = object;
        let volumes = spec.volumes.unwrap_or_default();
        let has = |map: &Option<BTreeMap<String, String>>, name| {
            map.as_ref().and_then(|map| map.get(name)).is_some_and(|value| value == "true")
        };
        let mut containers: Vec<_> = spec.containers.into_iter().map(|one| Container::new(one, &volumes)).collect();
        let at = containers.iter().position(Container::has_variables).unwrap_or_default();
        let container = if containers.is_empty() { Container::default() } else { containers.remove(at) };
        Pod {
            id: id.clone(),
            service_account: spec.service_account_name.unwrap_or_else(|| "default".to_owned()),
            is_labelled: has(&metadata.labels, LABEL),
            container,
        }
    }

    /// Returns the subject of its tokens.
    pub fn subject(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.id.namespace, self.service_account)
    }
}

impl Container {
    fn new(object: ContainerObject, volumes: &[Volume]) -> Self {
        let variables = object.env.unwrap_or_default();
        // The last one of a name counts.
        let variable = |name: &str| match variables.iter().rfind(|one| one.name == name) {
            None => PodVariable::Unset,
            Some(VariableObject { value_from: Some(_), .. }) => PodVariable::NotShown,
            Some(VariableObject { value, .. }) => match value.as_deref() {
                None | Some("") => PodVariable::Unset,
                Some(value) => PodVariable::Set(value.to_owned()),
            },
        };
        let token_file = variable(env::AZURE_FEDERATED_TOKEN_FILE);
        let audience =
            token_file.value().and_then(|file| audience(file, &object.volume_mounts.unwrap_or_default(), volumes));
        let is_set = |name| variable(name) != PodVariable::Unset;
        let has_two_authorities = is_set(env::AZURE_KUBERNETES_CA_FILE) && is_set(env::AZURE_KUBERNETES_CA_DATA);
        Container {
            name: object.name,
            client_id: variable(env::AZURE_CLIENT_ID),
            tenant: variable(env::AZURE_TENANT_ID),
            is_bound: is_set(env::AZURE_KUBERNETES_TOKEN_PROXY) || audience.as_deref() == Some(BINDING_AUDIENCE),
            uses_binding: variable(env::AZFOB_IDENTITY_BINDING).value() == Some("1"),
            has_two_authorities,
            token_file,
            audience,
            has_unread: object.env_from.is_some_and(|sources| !sources.is_empty()),
        }
    }

    /// Returns true if it has the token file, so that the webhook or the manifest gave it a workload identity.
    fn has_variables(&self) -> bool {
        self.token_file != PodVariable::Unset
    }

    /// Returns the variables that a workload identity needs and that are not set.
    pub fn missing(&self) -> Vec<&'static str> {
        let needed = [
            (env::AZURE_CLIENT_ID, &self.client_id),
            (env::AZURE_TENANT_ID, &self.tenant),
            (env::AZURE_FEDERATED_TOKEN_FILE, &self.token_file),
        ];
        needed.into_iter().filter(|(_, value)| **value == PodVariable::Unset).map(|(name, _)| name).collect()
    }
}

/// Returns the audience of the token that Kubernetes projects to a file.
fn audience(file: &str, mounts: &[Mount], volumes: &[Volume]) -> Option<String> {
    mounts.iter().find_map(|mount| {
        let path = file.strip_prefix(mount.mount_path.trim_end_matches('/'))?.strip_prefix('/')?;
        let volume = volumes.iter().find(|volume| volume.name == mount.name)?;
        let sources = volume.projected.as_ref()?.sources.iter().flatten();
        let token =
            sources.filter_map(|source| source.service_account_token.as_ref()).find(|token| token.path == path)?;
        Some(token.audience.clone().unwrap_or_else(|| "the API server".to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pod_is_named_with_its_namespace() {
        let parsed = |text| PodName::parse(text).map(|name| format!("{} {}", name.namespace, name.name));
        assert_eq!(parsed("pod/shop/web-7d9.x").as_deref(), Some("shop web-7d9.x"));
        assert_eq!(parsed("pods/shop/web").as_deref(), Some("shop web"));
        for text in [
            "pod/x",
            "pod//",
            "pod//x",
            "pod/x/",
            "pod/a/b/c",
            "deployment/a/b",
            "shop/web",
            "pod/Shop/web",
            "pod/shop/-x",
            "pod/shop/..",
            "pod/a.b/web",
            "pod/shop/web?x",
            "pod/shop/a%2fb",
            "",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    fn pod(container: &str, more: &str) -> Pod {
        let text =
            format!(r#"{{"metadata":{{"labels":null}},"spec":{{"containers":[{container}],"volumes":[{more}]}}}}"#);
        let name = PodName { namespace: "ns".to_owned(), name: "p".to_owned() };
        Pod::from_object(&name, serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn audience_is_that_of_the_mounted_token() {
        let volume = |path: &str, audience: &str| {
            format!(
                r#"{{"name":"v","projected":{{"sources":[{{"configMap":{{}}}},{{"serviceAccountToken":{{"path":"{path}"{audience}}}}}]}}}}"#
            )
        };
        let container = r#"{"name":"c","env":[{"name":"AZURE_FEDERATED_TOKEN_FILE","value":"/var/wi/token/file"}],
            "volumeMounts":[{"name":"other","mountPath":"/"},{"name":"v","mountPath":"/var/wi/"}]}"#;
        let audience = |volume: &str| pod(container, volume).container.audience;
        assert_eq!(audience(&volume("token/file", r#","audience":"api://x""#)).as_deref(), Some("api://x"));
        assert_eq!(audience(&volume("token/file", "")).as_deref(), Some("the API server"));
        assert_eq!(audience(&volume("token/other", "")), None);
    }

    #[test]
    fn variables_are_those_of_the_container_that_has_them() {
        let with = |name: &str, env: &str| format!(r#"{{"name":"{name}","env":[{env}]}}"#);
        let file = r#"{"name":"AZURE_FEDERATED_TOKEN_FILE","value":"/f"}"#;
        let id =
            r#"{"name":"AZURE_CLIENT_ID","valueFrom":{"configMapKeyRef":{}}},{"name":"AZURE_TENANT_ID","value":""}"#;
        let read = pod(&format!("{},{}", with("side", ""), with("main", &format!("{file},{id}"))), "");
        assert_eq!((read.container.name.as_str(), read.container.client_id.clone()), ("main", PodVariable::NotShown));
        assert_eq!(read.container.missing(), ["AZURE_TENANT_ID"]);
        let read = pod(r#"{"name":"only","envFrom":[{"configMapRef":{"name":"x"}}]}"#, "");
        assert!(read.container.has_unread && read.container.missing().len() == 3);
        assert_eq!(read.subject(), "system:serviceaccount:ns:default");
    }
}
