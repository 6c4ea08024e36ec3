//! The variables with which kubelogin signs in to a cluster of AKS. kubectl runs it and passes its own variables on.
//!
//! Their names: <https://github.com/Azure/kubelogin/blob/main/pkg/internal/env/variables.go>. kubelogin gets only the secrets of
//! the login method that it uses. `AAD_LOGIN_METHOD` has precedence over its arguments.

use serde::Deserialize;

use crate::env::{self, Env};
use crate::redact;

const LOGIN_METHOD: &str = "AAD_LOGIN_METHOD";

/// Variables without a secret that the developer tools do not inherit.
const SETTINGS: [&str; 8] = [
    LOGIN_METHOD,
    "AAD_SERVICE_PRINCIPAL_CLIENT_CERTIFICATE",
    "AAD_SERVICE_PRINCIPAL_CLIENT_ID",
    "AAD_USER_PRINCIPAL_NAME",
    "ARM_CLIENT_CERTIFICATE_PATH",
    "ARM_CLIENT_ID",
    "ARM_TENANT_ID",
    env::SYSTEM_OIDCREQUESTURI,
];

/// The secrets of each login method.
const SECRETS: [(&str, &[&str]); 4] = [
    (
        "spn",
        &[
            "AAD_SERVICE_PRINCIPAL_CLIENT_CERTIFICATE_PASSWORD",
            "AAD_SERVICE_PRINCIPAL_CLIENT_SECRET",
            "ARM_CLIENT_CERTIFICATE_PASSWORD",
            "ARM_CLIENT_SECRET",
            env::AZURE_CLIENT_CERTIFICATE_PASSWORD,
            env::AZURE_CLIENT_SECRET,
        ],
    ),
    ("ropc", &["AAD_USER_PRINCIPAL_PASSWORD", env::AZURE_PASSWORD]),
    ("msi", &[env::IDENTITY_HEADER, env::MSI_SECRET]),
    ("azurepipelines", &[env::SYSTEM_ACCESSTOKEN]),
];

/// The plugin of a Kubernetes user, from kubectl's settings.
#[derive(Deserialize)]
pub(super) struct Plugin {
    command: String,
    #[serde(default)]
    args: Option<Vec<String>>,
    #[serde(default)]
    env: Option<Vec<Variable>>,
}

#[derive(Deserialize)]
struct Variable {
    name: String,
    #[serde(default)]
    value: String,
}

impl Plugin {
    /// Returns the login method of kubelogin; `None` for other plugins, and for the default, which needs a browser.
    fn login_method(&self, env: &Env) -> Option<String> {
        let name = self.command.rsplit(['/', '\\']).next().unwrap_or_default();
        if !["kubelogin", "kubelogin.exe"].contains(&name) {
            return None;
        }
        let own = self.env.iter().flatten().find(|variable| variable.name == LOGIN_METHOD);
        let set = own.map(|variable| variable.value.clone()).or_else(|| env.get(LOGIN_METHOD).map(str::to_owned));
        let args = self.args.iter().flatten().map(String::as_str);
        // `--login spn`, `-l spn` or `--login=spn`.
        let following = args.clone().skip(1);
        let after = args.clone().zip(following).find(|(name, _)| ["--login", "-l"].contains(name)).map(|(_, way)| way);
        let joined = || args.clone().find_map(|arg| arg.strip_prefix("--login=").or(arg.strip_prefix("-l=")));
        set.or_else(|| after.or_else(joined).map(str::to_owned))
    }
}

/// Returns the variables that kubelogin needs beside those of every tool. `plugin` reads kubectl's settings, and is called
/// only if there is a secret to pass on.
pub(super) fn variables(env: &Env, plugin: impl FnOnce() -> Option<Plugin>) -> Vec<(&'static str, &str)> {
    let pair = |name: &&'static str| Some((*name, env.get(name)?));
    let mut found: Vec<_> = SETTINGS.iter().filter_map(pair).collect();
    if SECRETS.iter().flat_map(|(_, names)| *names).any(|name| env.has(name)) {
        let method = plugin().and_then(|plugin| plugin.login_method(env));
        let own = SECRETS.iter().filter(|(of, _)| method.as_deref() == Some(*of)).flat_map(|(_, names)| *names);
        let secrets: Vec<_> = own.filter_map(pair).collect();
        secrets.iter().for_each(|(_, value)| redact::register_secret(value));
        found.extend(secrets);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(exec: serde_json::Value, set: &[(&str, &str)]) -> Vec<&'static str> {
        let env: Env = set.iter().copied().collect();
        let plugin = || serde_json::from_value(exec).ok();
        variables(&env, plugin).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn kubelogin_gets_the_secrets_of_its_login_method() {
        let set =
            [("AAD_SERVICE_PRINCIPAL_CLIENT_SECRET", "a"), (env::SYSTEM_ACCESSTOKEN, "b"), ("ARM_CLIENT_ID", "c")];
        let kubelogin =
            |args: &[&str]| serde_json::json!({ "command": "/usr/bin/kubelogin", "args": args, "env": null });
        let spn = ["ARM_CLIENT_ID", "AAD_SERVICE_PRINCIPAL_CLIENT_SECRET"];
        for args in [&["get-token", "--login", "spn"][..], &["get-token", "-l", "spn"], &["get-token", "--login=spn"]] {
            assert_eq!(names(kubelogin(args), &set), spn);
        }
        let pipelines = ["ARM_CLIENT_ID", "SYSTEM_ACCESSTOKEN"];
        assert_eq!(names(kubelogin(&["get-token", "-l=azurepipelines"]), &set), pipelines);
        assert_eq!(names(kubelogin(&["get-token", "--login", "azurecli"]), &set), ["ARM_CLIENT_ID"]);
        assert_eq!(names(kubelogin(&["get-token"]), &set), ["ARM_CLIENT_ID"]);
        let method = [&set[..], &[(LOGIN_METHOD, "azurepipelines")]].concat();
        assert_eq!(
            names(kubelogin(&["-l", "spn"]), &method),
            ["AAD_LOGIN_METHOD", "ARM_CLIENT_ID", "SYSTEM_ACCESSTOKEN"]
        );
        let of_user = serde_json::json!({
            "command": "kubelogin", "args": ["-l", "devicecode"], "env": [{ "name": LOGIN_METHOD, "value": "spn" }],
        });
        assert_eq!(names(of_user, &set), spn);
    }

    #[test]
    fn other_plugins_get_no_secret() {
        let set = [(env::AZURE_CLIENT_SECRET, "a")];
        let args = ["--login", "spn"];
        assert_eq!(names(serde_json::json!({ "command": "aws", "args": args }), &set), [""; 0]);
        assert_eq!(names(serde_json::json!({ "command": "my-kubelogin", "args": args }), &set), [""; 0]);
        assert_eq!(names(serde_json::Value::Null, &set), [""; 0]);
    }
}
