//! Containers: the commands that a runtime starts without a shell.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::{assert_shows_secrets, recipe, scenario, script, text, words, yaml};
use crate::support::{Fault, Host, Scenario, names};

fn list(of: &Value) -> Vec<String> {
    of.as_array().into_iter().flatten().map(|word| word.as_str().unwrap().to_owned()).collect()
}

#[test]
fn container_entry_point_works() {
    let [file] = recipe::<1>("docker", "dockerfile");
    let lines = |instruction: &str| file.lines().filter_map(|line| line.strip_prefix(instruction)).collect::<Vec<_>>();
    let json = |instruction: &str| -> Vec<String> { serde_json::from_str(lines(instruction)[0]).unwrap() };
    let variables = lines("ENV ").into_iter().map(|line| {
        let (name, value) = line.split_once('=').unwrap();
        (name.to_owned(), value.trim_matches('"').to_owned())
    });
    let mut variables: Vec<_> = variables.collect();
    let command = [json("ENTRYPOINT "), json("CMD ")].concat();

    let app = scenario(Host::ContainerApps);
    assert_shows_secrets(&text(&words(&app, &app.sandbox(), &command, &variables).stdout));

    // `-e NAME` passes on a variable of the docker command, not of the azfob command.
    let elsewhere = scenario(Host::ServicePrincipal);
    variables.push(("AZURE_TENANT_ID".to_owned(), names::TENANT_ID.to_owned()));
    variables.push(("AZURE_CLIENT_ID".to_owned(), names::SERVICE_PRINCIPAL_CLIENT_ID.to_owned()));
    let shown = text(&words(&elsewhere, &elsewhere.sandbox(), &command, &variables).stdout);
    assert_shows_secrets(&shown);
    assert!(shown.contains("secret: none"), "{shown}");
}

#[test]
fn env_file_for_image_without_azfob_works() {
    let [run, with_file] = recipe::<2>("docker", "sh");
    let handed_on = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];
    assert!(handed_on.iter().all(|name| run.contains(&format!("-e {name} "))), "{run}");
    // docker reads the lines without unquoting.
    let docker = "while IFS= read -r line; do export \"$line\"; done <app.env; exec deploy.sh";
    let scenario = scenario(Host::Imds).program("docker", docker);
    let shown = text(&script(&scenario, &scenario.sandbox(), &["/bin/sh", "-e"], &with_file, &[]).stdout);
    assert!(shown.contains("key: sandbox-api-key-of-february\n") && shown.contains("Database=orders"), "{shown}");
    assert!(!scenario.work().join("app.env").exists());
}

/// The variables of a container: its own, and those that the workload identity webhook adds for the identity of its
/// service account if the pod has the label.
fn container_variables(pod: &Value, container: &Value, account: &Value) -> Vec<(String, String)> {
    let of = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    let mut variables: Vec<_> =
        container["env"].as_array().into_iter().flatten().map(|one| (of(one, "name"), of(one, "value"))).collect();
    assert_eq!(pod["spec"]["serviceAccountName"], account["metadata"]["name"]);
    if pod["metadata"]["labels"]["azure.workload.identity/use"] == "true" {
        let client = account["metadata"]["annotations"]["azure.workload.identity/client-id"].as_str().unwrap();
        variables.push(("AZURE_TENANT_ID".to_owned(), names::TENANT_ID.to_owned()));
        variables.push(("AZURE_CLIENT_ID".to_owned(), client.to_owned()));
    }
    variables
}

fn start(scenario: &Scenario, container: &Value, variables: &[(String, String)]) -> String {
    let folder = scenario.work().display().to_string();
    let command = [list(&container["command"]), list(&container["args"])].concat();
    // The pod's volume is the scenario's folder.
    let command: Vec<_> = command.iter().map(|word| word.replace("/secrets/", &format!("{folder}/"))).collect();
    let sandbox = scenario.sandbox();
    match command[0].starts_with('/') {
        true => text(&script(scenario, &sandbox, &["/bin/sh"], &command[2], variables).stdout),
        false => text(&words(scenario, &sandbox, &command, variables).stdout),
    }
}

#[test]
fn pod_with_workload_identity_works() {
    let [direct, with_init] = recipe("kubernetes", "yaml").map(|text| yaml(&text));
    let (account, pod) = (&direct[0], &direct[1]);
    let scenario = scenario(Host::WorkloadIdentity);
    let container = &pod["spec"]["containers"][0];
    assert_shows_secrets(&start(&scenario, container, &container_variables(pod, container, account)));

    let pod = &with_init[0];
    let init = &pod["spec"]["initContainers"][0];
    // A restarted pod runs it again over the volume that it filled before.
    for _ in 0..2 {
        assert_eq!(start(&scenario, init, &container_variables(pod, init, account)), "");
    }
    let mode = fs::metadata(scenario.work().join("app.env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(pod["spec"]["securityContext"]["runAsUser"].is_string(), "both containers are the same user");
    let container = &pod["spec"]["containers"][0];
    for one in [init, container] {
        assert_eq!(one["volumeMounts"][0]["name"], pod["spec"]["volumes"][0]["name"]);
        assert_eq!(one["volumeMounts"][0]["mountPath"], "/secrets");
    }
    assert_shows_secrets(&start(&scenario, container, &[]));
}

#[test]
fn pod_with_identity_binding_works() {
    let objects = yaml(&recipe::<1>("aks-identity-binding", "yaml")[0]);
    let [account, role, binding, pod] = objects.as_slice() else { panic!("four objects") };
    let client = &account["metadata"]["annotations"]["azure.workload.identity/client-id"];
    assert_eq!(
        (&role["rules"][0]["resources"][0], &role["rules"][0]["verbs"][0]),
        (client, &"use-managed-identity".into())
    );
    assert_eq!(binding["roleRef"]["name"], role["metadata"]["name"]);
    assert_eq!(binding["subjects"][0]["name"], account["metadata"]["name"]);
    assert_eq!(pod["metadata"]["annotations"]["azure.workload.identity/use-identity-binding"], "true");
    // The webhook sets no variable of azfob: the pod does.
    let scenario = scenario(Host::IdentityBinding).fault(Fault::BindingNotUsed);
    let container = &pod["spec"]["containers"][0];
    assert_shows_secrets(&start(&scenario, container, &container_variables(pod, container, account)));
}

#[test]
fn kubernetes_secret_has_the_exact_values() {
    let blocks = recipe::<2>("kubernetes-secret", "sh");
    // kubectl reads variables from the lines of one file, and uses the other one unchanged.
    let kubectl = "case \"$*\" in *--from-env-file=app.env) cat app.env ;; *' tls my-tls --key=tls.key --cert=tls.crt') cat tls.key tls.crt ;; *) exit 1 ;; esac";
    let scenario = scenario(Host::Imds).program("kubectl", kubectl);
    let sandbox = scenario.sandbox();
    let shown = blocks.map(|block| text(&script(&scenario, &sandbox, &["/bin/sh", "-e"], &block, &[]).stdout));
    assert!(shown[0].starts_with("APIKEY=sandbox-api-key-of-february\nDB=Server="), "{}", shown[0]);
    assert!(shown[1].starts_with("-----BEGIN PRIVATE KEY-----\n"), "{}", shown[1]);
    assert_eq!(shown[1].matches("-----BEGIN CERTIFICATE-----\n").count(), 2, "{}", shown[1]);
    for file in ["app.env", "tls.key", "tls.crt"] {
        assert!(!scenario.work().join(file).exists(), "{file}");
    }
}
