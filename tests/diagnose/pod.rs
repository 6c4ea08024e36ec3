//! `azfob diagnose --for pod/NAMESPACE/NAME`: a pod, read with kubectl from a developer's machine.

use azfob::testing::sandbox::{EmulatedWorkload as Workload, FAULTS};

use super::screen::{COLUMNS, ROWS, plain, rows, shown};
use super::workload::{GRAPH, MANAGEMENT, assert_same_finding, laptop};
use crate::support::{Action, Fault, Host, Outcome, Rule, Scenario, in_parallel, names};

const POD: &str = "pod/my-namespace/my-pod";

fn pod() -> Scenario {
    laptop(Workload::Pod)
}

fn diagnose(scenario: &Scenario) -> Outcome {
    scenario.azfob(["diagnose", "--for", POD, "--secret", "ApiKey", "-o", "json"])
}

/// A kubectl that runs this script first, and then the sandbox's.
fn kubectl(scenario: Scenario, script: &str) -> Scenario {
    let script = format!("{script}\nPATH=${{PATH#*:}}; export PATH; exec kubectl \"$@\"");
    scenario.program("kubectl", &script)
}

#[test]
fn first_finding_is_the_same_from_outside() {
    let is_possible = |row: &&azfob::testing::sandbox::FaultRow| {
        row.fault.is_shown_by_management() && (row.hosts.is_empty() || row.hosts.contains(&Host::WorkloadIdentity))
    };
    let shown: Vec<_> = FAULTS.iter().filter(is_possible).collect();
    assert!(shown.len() >= 20);
    // Each case starts seven programs.
    for some in shown.chunks(6) {
        in_parallel(some, |row| {
            let inside = Scenario::on(Host::WorkloadIdentity).fault(row.fault);
            let inside = inside.azfob(["diagnose", "--secret", "ApiKey", "-o", "json"]).json();
            assert_same_finding(row.name, Workload::Pod, &inside, &diagnose(&pod().fault(row.fault)).json());
        });
    }
}

#[test]
fn every_step_is_allowed_within_eight_requests_and_read_only_calls() {
    let scenario = kubectl(pod(), "printf '%s\\n' \"$*\" >>\"$HOME/calls\"");
    let outcome = diagnose(&scenario).succeeds();
    assert!(outcome.requests_to(MANAGEMENT).len() <= 8, "{:?}", outcome.requests);
    assert!(outcome.tunnels.iter().all(|host| host == MANAGEMENT), "{:?}", outcome.tunnels);
    let report = outcome.json();
    assert_eq!(report["verdict"], "my-pod (my-identity) can read 'ApiKey' in my-vault");
    let host = &report["host"];
    assert_eq!(
        (&host["kind"], &host["name"], &host["namespace"]),
        (&"kubernetes".into(), &"my-pod".into(), &"my-namespace".into())
    );
    assert_eq!((&host["knownBy"], &report["workload"]["resourceId"]), (&"kubectl".into(), &serde_json::Value::Null));
    let details = &report["workload"]["pod"];
    assert_eq!((&details["serviceAccount"], &details["container"]), (&names::SERVICE_ACCOUNT.into(), &"main".into()));
    assert_eq!(details["issuer"], names::FEDERATED_ISSUER);
    assert_eq!(details["federatedCredentials"][0]["subject"], names::FEDERATED_SUBJECT);
    assert_eq!(report["workload"]["identities"][0]["objectId"], names::USER_ASSIGNED_OBJECT_ID);
    let checks: Vec<_> = report["vault"]["checks"].as_array().unwrap().iter().map(|check| &check["check"]).collect();
    assert_eq!(checks, ["federation", "tenant", "network", "access", "secret"]);

    let mut calls: Vec<String> = scenario.recorded("calls").lines().map(str::to_owned).collect();
    calls.sort();
    assert_eq!(
        calls,
        [
            "config view --minify --output jsonpath={.clusters[0].cluster.server}",
            "get --raw /.well-known/openid-configuration --request-timeout=10s",
            "get --raw /api/v1/namespaces/my-namespace/pods/my-pod --request-timeout=10s",
            "get --raw /api/v1/namespaces/my-namespace/serviceaccounts/my-service-account --request-timeout=10s",
        ]
    );
}

#[test]
fn first_difference_of_the_federated_credential_is_named() {
    for (fault, code, words) in [
        (
            Fault::IssuerSlash,
            "AADSTS700211",
            "issuer, character 83: …dddd2222eeee/ in the token, …dddd2222eeee in the credential",
        ),
        (
            Fault::SubjectCase,
            "AADSTS7002138",
            "subject, character 36: …y-namespace:my-service-a… in the token, …y-namespace:My-service-a… in the credential",
        ),
        (
            Fault::OtherNamespace,
            "AADSTS700213",
            "subject, character 23: …viceaccount:my-namespace… in the token, …viceaccount:default:my-s… in the credential",
        ),
        (
            Fault::OtherAudience,
            "AADSTS700212",
            "audience, character 1: https://kubernetes.defau… in the token, api://AzureADTokenExchan… in the credential",
        ),
    ] {
        let outcome = diagnose(&pod().fault(fault));
        let report = outcome.json();
        assert_eq!(
            report["verdict"],
            format!("my-pod (my-identity) cannot sign in: {}", report["findings"][0]["cause"].as_str().unwrap())
        );
        let first = &report["findings"][0];
        assert_eq!((first["code"].as_str(), outcome.code), (Some(code), Some(4)));
        let detail = first["detail"].as_str().unwrap();
        assert!(detail.contains("credential 'my-credential' of my-identity") && detail.contains(words), "{detail}");
        let create = first["commands"][0].as_str().unwrap();
        if fault == Fault::OtherAudience {
            // The token must change, and not the credential.
            assert!(create.starts_with("az identity federated-credential list "), "{create}");
            continue;
        }
        let expected = "--identity-name my-identity --resource-group my-group --issuer https://westeurope.oic.prod-aks.azure.example";
        assert!(
            create.contains(expected)
                && create.contains(" --subject system:serviceaccount:my-namespace:my-service-account "),
            "{create}"
        );
    }
}

#[test]
fn missing_parts_are_named_with_their_commands() {
    for (fault, detail, command) in [
        (
            Fault::NoIdentity,
            "has no label azure.workload.identity/use",
            "kubectl --namespace my-namespace patch deployment",
        ),
        (
            Fault::NoAnnotation,
            "the service account 'my-service-account' has no annotation azure.workload.identity/client-id",
            "kubectl --namespace my-namespace rollout restart deployment",
        ),
        (Fault::NotInjected, "the webhook did not run", "kubectl --namespace my-namespace rollout restart deployment"),
        (
            Fault::NoServiceAccount,
            "the namespace my-namespace has no service account 'my-service-account'",
            "kubectl --namespace my-namespace annotate serviceaccount my-service-account azure.workload.identity/client-id=11112222-bbbb-3333-cccc-4444dddd5555",
        ),
        (Fault::OtherIdentity, "my-other-identity has no federated credential", "--identity-name my-other-identity"),
        (Fault::NoFederation, "my-identity has no federated credential", "--identity-name my-identity"),
    ] {
        let report = diagnose(&pod().fault(fault)).json();
        let first = &report["findings"][0];
        assert!(first["detail"].as_str().unwrap().contains(detail), "{first:#}");
        let commands = first["commands"].as_array().unwrap();
        assert!(commands.iter().any(|one| one.as_str().unwrap().contains(command)), "{first:#}");
    }
}

#[test]
fn issuer_of_the_cluster_replaces_the_one_that_kubectl_does_not_show() {
    let refuse = "case $* in *openid-configuration*) \
        echo 'Error from server (Forbidden): forbidden: User \"alex\" cannot get path \"/.well-known/openid-configuration\"' >&2; \
        exit 1 ;; esac";
    let report = diagnose(&kubectl(pod(), refuse)).succeeds().json();
    assert_eq!(report["workload"]["pod"]["issuer"], names::FEDERATED_ISSUER);

    let without_cluster = "case $* in *openid-configuration* | config*) echo 'error: no' >&2; exit 1 ;; esac";
    let outcome = diagnose(&kubectl(pod(), without_cluster));
    assert_eq!(outcome.code, Some(1));
    let report = outcome.json();
    assert!(report["verdict"].as_str().unwrap().ends_with("the issuer of the cluster is not known"), "{report:#}");
    assert_eq!(report["workload"]["notRead"][0], "the issuer of the cluster: kubectl failed: error: no");
    // The other claims are compared all the same.
    let scenario = kubectl(pod().fault(Fault::SubjectCase), without_cluster);
    assert_eq!(diagnose(&scenario).json()["findings"][0]["code"], "AADSTS7002138");
}

#[test]
fn application_of_unknown_kind_is_never_allowed() {
    let vault = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/my-group/providers/Microsoft.KeyVault/vaults/my-vault";
    let found = Action::json(200, format!(r#"{{"data":[{{"id":"{vault}"}}]}}"#));
    let outcome = diagnose(&pod().rule(Rule::new(MANAGEMENT, GRAPH, found)));
    assert_eq!(outcome.code, Some(1));
    let verdict = outcome.json()["verdict"].as_str().unwrap().to_owned();
    assert!(verdict.contains("no user-assigned identity with the client ID"), "{verdict}");
}

#[test]
fn option_names_the_identity() {
    let scenario = pod();
    let with = |id: &[&str]| scenario.azfob([&["diagnose", "--for", POD, "-o", "json"], id].concat());
    let report = with(&["--client-id", names::USER_ASSIGNED_CLIENT_ID]).succeeds().json();
    assert_eq!(report["workload"]["pod"]["clientId"], names::USER_ASSIGNED_CLIENT_ID);
    with(&["--object-id", names::USER_ASSIGNED_OBJECT_ID]).succeeds();
    with(&["--object-id", names::SERVICE_PRINCIPAL_OBJECT_ID]).fails(2).shows("my-pod has no identity with this ID");
    with(&["--resource-id", names::USER_ASSIGNED_RESOURCE_ID]).has_usage_error(&["use --client-id"]);
}

/// Azure Resource Manager has no app registrations: the report asks for the object ID, and examines the access with it.
#[test]
fn access_of_app_registration_is_examined_by_its_object_id() {
    let annotated = format!("s/{}/{}/", names::USER_ASSIGNED_CLIENT_ID, names::SERVICE_PRINCIPAL_CLIENT_ID);
    let script = format!(
        "case $* in *namespaces*) PATH=${{PATH#*:}}; export PATH; kubectl \"$@\" | sed {annotated}; exit ;; esac"
    );
    let diagnose =
        |more: &[&str]| kubectl(pod(), &script).azfob([&["diagnose", "--for", POD, "-o", "json"], more].concat());
    let outcome = diagnose(&[]);
    assert_eq!(outcome.code, Some(1));
    let finding = &outcome.json()["findings"][0];
    assert_eq!((&finding["code"], &finding["severity"]), (&"object-id-needed".into(), &"warning".into()));
    let command = format!("az ad sp show --id {} --query id -o tsv", names::SERVICE_PRINCIPAL_CLIENT_ID);
    assert_eq!(finding["commands"][0], command);

    let outcome = diagnose(&["--object-id", names::SERVICE_PRINCIPAL_OBJECT_ID]);
    let report = outcome.json();
    assert_eq!((outcome.code, &report["findings"][0]["code"]), (Some(5), &"forbidden-rbac".into()));
    assert_eq!(report["workload"]["identities"][0]["objectId"], names::SERVICE_PRINCIPAL_OBJECT_ID);
    let me = kubectl(pod(), &script).azfob(["whoami", "--for", POD]).fails(1);
    me.shows(&format!("no user-assigned identity has the client ID {}", names::SERVICE_PRINCIPAL_CLIENT_ID));
    // An identity with the role: the sign-in is still not known.
    let outcome = diagnose(&["--object-id", names::USER_ASSIGNED_OBJECT_ID]);
    let verdict = outcome.json()["verdict"].as_str().unwrap().to_owned();
    assert!(outcome.code == Some(1) && verdict.contains("Microsoft Graph"), "{verdict}");
}

/// A pod with an AKS identity binding: inside, the chain uses it only if AZFOB_IDENTITY_BINDING is 1.
#[test]
fn identity_binding_decides_for_a_bound_pod() {
    let bound = || laptop(Workload::BoundPod);
    let faults = [Fault::BindingNotUsed, Fault::BindingTwoCas, Fault::NoIdentity, Fault::Forbidden, Fault::NotFound];
    in_parallel(faults, |fault| {
        let inside = Scenario::on(Host::IdentityBinding).fault(fault);
        let inside = inside.azfob(["diagnose", "--secret", "ApiKey", "-o", "json"]).json();
        let outside = diagnose(&bound().fault(fault));
        assert!(outside.requests_to(MANAGEMENT).len() <= 11, "{:?}", outside.requests);
        assert_same_finding(fault.name(), Workload::BoundPod, &inside, &outside.json());
    });
    let outcome = diagnose(&bound());
    let verdict = outcome.json()["verdict"].as_str().unwrap().to_owned();
    assert!(outcome.code == Some(1) && verdict.ends_with("the verb use-managed-identity"), "{verdict}");
    assert!(outcome.requests_to(MANAGEMENT).len() <= 8, "{:?}", outcome.requests);
    let expected = serde_json::json!([{ "name": names::IDENTITY_BINDING, "clientId": names::USER_ASSIGNED_CLIENT_ID }]);
    assert_eq!(outcome.json()["workload"]["pod"]["identityBindings"], expected);

    let report = diagnose(&bound().fault(Fault::BindingNotUsed)).json();
    let first = &report["findings"][0];
    let detail = first["detail"].as_str().unwrap();
    assert!(
        detail.contains("identity binding 'mybinding'") && detail.contains("DefaultAzureCredential does not"),
        "{detail}"
    );
    // A variable of this shell does not reach the pod, and AKS makes the federated credential.
    assert!(!first.to_string().contains("export") && !first.to_string().contains("federated-credential"), "{first:#}");

    let report = diagnose(&bound().fault(Fault::NoBinding)).json();
    let first = &report["findings"][0];
    assert_eq!((&first["code"], &report["exitCode"]), (&"identity-binding-missing".into(), &4.into()));
    let create = format!(
        "az aks identity-binding create --subscription {} --resource-group my-group --cluster-name {} --name myidentity --managed-identity-resource-id ",
        names::SUBSCRIPTION_ID,
        names::CLUSTER_NAME
    );
    assert!(first["commands"].to_string().contains(&create), "{first:#}");

    // The bindings cannot be read.
    let path = format!(
        "/subscriptions/{}/resourceGroups/my-group/providers/Microsoft.ContainerService/managedClusters/{}/identityBindings",
        names::SUBSCRIPTION_ID,
        names::CLUSTER_NAME
    );
    let refused = Rule::new(MANAGEMENT, &path, Action::json(403, "{}"));
    let outcome = diagnose(&bound().rule(refused));
    let verdict = outcome.json()["verdict"].as_str().unwrap().to_owned();
    assert!(
        outcome.code == Some(1) && verdict.contains("the identity bindings of the cluster: no permission"),
        "{verdict}"
    );
}

#[test]
fn identity_of_pod_is_shown() {
    let me = pod().azfob(["whoami", "--for", POD]).succeeds().text();
    assert!(me.starts_with("Kubernetes pod 'my-pod' in namespace 'my-namespace': 1 managed identity\n"), "{me}");
    assert!(me.contains(names::USER_ASSIGNED_CLIENT_ID) && me.contains(names::USER_ASSIGNED_OBJECT_ID), "{me}");
    let json = pod().azfob(["whoami", "--for", POD, "-o", "json"]).succeeds().json();
    assert_eq!((&json["namespace"], &json["resourceId"]), (&"my-namespace".into(), &serde_json::Value::Null));
    let none = pod().fault(Fault::NoIdentity).azfob(["whoami", "--for", POD]).succeeds().text();
    assert!(none.contains("no managed identity"), "{none}");
}

#[test]
fn failures_of_kubectl_are_clear_errors() {
    let whoami = |scenario: &Scenario, name: &str| scenario.azfob(["whoami", "--for", name]);
    whoami(&Scenario::on(Host::AzureCli), POD).fails(1).shows("requires kubectl, which is not on PATH");
    let scenario = pod();
    whoami(&scenario, "pod/my-namespace/my-po").fails(1).shows("has no pod 'my-po'; similar names: my-pod");
    whoami(&scenario, "pod/other/my-pod").fails(1).shows("the namespace other has no pod 'my-pod', and no other pod");
    for name in ["pod/my-pod", "pod//", "deployment/my-namespace/my-app", "my-namespace/my-pod", "pod/a/b/c"] {
        whoami(&scenario, name).has_usage_error(&["--for", "or pod/NAMESPACE/NAME"]);
    }
    // Printed by kubectl 1.32.
    for (message, code, words) in [
        (
            "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
            1,
            "no current context",
        ),
        ("Error in configuration: context was not found for specified context: old", 1, "no current context"),
        ("Unable to connect to the server: dial tcp: lookup c.example: no such host", 7, "cannot reach the cluster"),
        ("error: You must be logged in to the server (Unauthorized)", 4, "cannot sign in to the cluster"),
        ("Unable to connect to the server: getting credentials: exec: executable kubelogin not found", 4, "kubelogin"),
        (
            "Error from server (Forbidden): pods \"my-pod\" is forbidden: User \"alex\" cannot get resource \"pods\" in API group \"\" in the namespace \"my-namespace\"",
            5,
            "Kubernetes RBAC does not allow you to get pods in the namespace my-namespace",
        ),
    ] {
        let fails = pod().program("kubectl", &format!("cat >&2 <<'END'\n{message}\nEND\nexit 1"));
        whoami(&fails, POD).fails(code).shows(words);
    }
    whoami(&pod().program("kubectl", "echo '[]'"), POD).fails(1).shows("is not valid");
    let hangs = pod().program("kubectl", "sleep 60");
    let outcome = hangs.azfob(["whoami", "--for", POD, "--timeout", "2"]).fails(7);
    assert!(outcome.took.whole.as_secs() < 30);
    outcome.shows("no answer within");
}

#[test]
fn relative_kubeconfig_is_passed_as_absolute_path() {
    let scenario = kubectl(pod(), "printf '%s\\n' \"$KUBECONFIG\" >>\"$HOME/config\"").var("KUBECONFIG", "my/config");
    scenario.azfob(["whoami", "--for", POD]).succeeds();
    let path = scenario.work().join("my/config").display().to_string();
    assert!(scenario.recorded("config").lines().all(|line| line == path));
}

/// kubectl runs kubelogin, which can need a secret of the job. No other tool gets it.
#[test]
fn kubelogin_gets_the_secret_that_it_signs_in_with() {
    let exec =
        |method: &str| format!(r#"{{"command":"kubelogin","args":["get-token","--login","{method}"],"env":null}}"#);
    for (method, expected) in [("spn", "AZURE_CLIENT_SECRET"), ("azurepipelines", "SYSTEM_ACCESSTOKEN")] {
        let script =
            format!("env >>\"$HOME/env\"; case $* in *user.exec*) printf '%s' '{}'; exit ;; esac", exec(method));
        let scenario = kubectl(pod(), &script).var("AAD_LOGIN_METHOD", method);
        let scenario = scenario.var("AZURE_CLIENT_SECRET", "of-the-app").var("SYSTEM_ACCESSTOKEN", "of-the-job");
        let _ = scenario.azfob(["whoami", "--for", POD]);
        let env = scenario.recorded("env");
        let found: Vec<_> =
            env.lines().filter(|line| line.contains("=of-the-")).map(|line| line.split('=').next()).collect();
        assert!(!found.is_empty() && found.iter().all(|name| *name == Some(expected)), "{method}: {found:?}");
        assert!(env.lines().any(|line| line == format!("AAD_LOGIN_METHOD={method}")), "{method}");
    }
}

#[test]
fn report_fits_on_a_screen_and_redaction_hides_names() {
    for fault in
        [None, Some(Fault::Forbidden), Some(Fault::NoAnnotation), Some(Fault::SubjectCase), Some(Fault::IssuerSlash)]
    {
        let scenario = fault.map_or_else(pod, |fault| pod().fault(fault));
        let report = plain(&shown(COLUMNS, scenario, &["diagnose", "--for", POD, "--secret", "ApiKey"]));
        assert!(rows(&report) <= ROWS, "{fault:?}: {} rows\n{report}", rows(&report));
    }
    let scenarios = [pod().fault(Fault::OtherNamespace), laptop(Workload::BoundPod).fault(Fault::NoBinding)];
    let formats = ["table", "markdown", "json"];
    for (scenario, format) in scenarios.iter().flat_map(|scenario| formats.map(|format| (scenario, format))) {
        let options = ["diagnose", "--for", POD, "--secret", "ApiKey", "--redact", "-v", "-o", format];
        let text = scenario.azfob(options).text();
        for name in [
            "my-pod",
            "my-namespace",
            "my-service-account",
            "my-credential",
            "my-identity",
            "myidentity",
            "my-group",
            "my-cluster",
            "my-vault",
            names::TENANT_ID,
        ] {
            assert!(!text.contains(name), "{name} in {format}:\n{text}");
        }
    }
}
