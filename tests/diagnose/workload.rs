//! `azfob diagnose --for` and `azfob whoami --for`: an app, read from a developer's machine.

#![allow(clippy::print_stdout, reason = "a table of hosts and faults, with --nocapture")]

use std::time::Duration;

use azfob::testing::sandbox::{EmulatedWorkload as Workload, FAULTS, FaultRow, Identities, WORKLOADS, WorkloadRow};
use serde_json::Value;

use super::screen::{COLUMNS, ROWS, plain, rows, shown};
use crate::support::{Action, Fault, Host, Outcome, Rule, SandboxPlan, Scenario, in_parallel, names};

pub(super) const MANAGEMENT: &str = "management.azure.com";

/// A developer's machine, and this workload in Azure.
pub(super) fn laptop(workload: Workload) -> Scenario {
    Scenario::on(Host::AzureCli).plan(|plan| SandboxPlan { workload: Some(workload), ..plan })
}

fn diagnose(scenario: &Scenario, more: &[&str]) -> Outcome {
    scenario.azfob([&["diagnose", "--for", "my-app", "--secret", "ApiKey", "-o", "json"], more].concat())
}

/// A rule for the paths of the management host that end with this text.
fn at(path: &str, action: Action) -> Rule {
    Rule::new(MANAGEMENT, path, action)
}

const GROUP: &str = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/my-group/providers";
pub(super) const GRAPH: &str = "/providers/Microsoft.ResourceGraph/resources";

/// From outside, each fault has the first finding and the exit code that it has on the host itself. With `--nocapture`, it
/// prints a line for each pair.
#[test]
fn first_finding_is_the_same_from_outside() {
    let shown: Vec<_> = FAULTS.iter().filter(|row| row.fault.is_shown_by_management()).collect();
    assert!(shown.len() >= 18);
    // Three at a time: if all run at once on a busy machine, a probe of the metadata service is too late.
    let compare = |row: &&FaultRow| {
        let hosts = [Host::AppService, Host::Functions, Host::ContainerApps, Host::Imds];
        let is_possible = |host: &Host| row.hosts.is_empty() || row.hosts.contains(host);
        for host in hosts.into_iter().filter(is_possible) {
            let inside = Scenario::on(host).fault(row.fault);
            let inside = inside.azfob(["diagnose", "--secret", "ApiKey", "-o", "json"]).json();
            for WorkloadRow { workload, .. } in WORKLOADS.iter().filter(|row| row.host == host) {
                let outside = diagnose(&laptop(*workload).fault(row.fault), &[]).json();
                assert_same_finding(row.name, *workload, &inside, &outside);
            }
        }
    };
    shown.chunks(3).for_each(|few| in_parallel(few, compare));
}

/// Asserts that a report from outside has the first finding and the exit code of the one from inside.
pub(super) fn assert_same_finding(fault: &str, workload: Workload, inside: &Value, outside: &Value) {
    let (ours, theirs) = (&outside["findings"][0], &inside["findings"][0]);
    for part in ["code", "severity", "error", "cause", "fix", "source"] {
        assert!(theirs[part].is_string(), "{fault}");
        assert_eq!(ours[part], theirs[part], "{workload} {fault}");
    }
    let exit = &outside["exitCode"];
    assert_eq!(exit, &inside["exitCode"], "{workload} {fault}");
    println!("{fault:20} {workload} {} exit {exit}, inside and outside", ours["code"]);
    let commands = ours["commands"].as_array().into_iter().flatten();
    for command in commands.filter_map(Value::as_str) {
        let pinned = command.matches("--subscription aaaa0a0a").count();
        let calls = command.matches("az ").count() - command.matches("az rest ").count();
        assert_eq!(pinned, calls, "{fault}: {command}");
    }
}

/// The workloads that are resources of Azure.
fn apps() -> impl Iterator<Item = &'static WorkloadRow> {
    WORKLOADS.iter().filter(|row| !row.workload.is_pod())
}

#[test]
fn every_step_is_allowed_within_eight_requests() {
    let outcome = diagnose(&laptop(Workload::Functions), &[]).succeeds();
    assert_eq!(outcome.requests_to(MANAGEMENT).len(), 8);
    assert_eq!(outcome.tunnels.iter().filter(|host| *host != MANAGEMENT).count(), 0, "{:?}", outcome.tunnels);
    let report = outcome.json();
    let verdict =
        "my-app (system-assigned) can read 'ApiKey' in my-vault, unless AZURE_CLIENT_ID selects another identity";
    assert_eq!(report["verdict"], verdict);
    assert_eq!(report["host"]["kind"], "functionApp");
    assert_eq!(report["host"]["knownBy"], "Azure Resource Manager");
    assert_eq!(report["workload"]["identities"][0]["objectId"], names::SYSTEM_OBJECT_ID);
    assert_eq!(report["workload"]["identities"][0]["selected"], true);
    assert_eq!(report["workload"]["keyVaultReferences"][0]["status"], "Resolved");
    let checks: Vec<_> = report["vault"]["checks"].as_array().unwrap().iter().map(|check| &check["check"]).collect();
    assert_eq!(checks, ["tenant", "network", "access", "secret"]);
}

/// By name and by resource ID. The variables of containers are shown, those of other workloads are not.
#[test]
fn every_workload_is_examined_within_eight_requests() {
    in_parallel(apps(), |row| {
        let scenario = laptop(row.workload);
        let containers = ["container-apps", "container-apps-job", "container-instance"];
        let shown = containers.contains(&row.name);
        let tail = if shown { "" } else { ", unless AZURE_CLIENT_ID selects another identity" };
        let verdict = format!("my-app (system-assigned) can read 'ApiKey' in my-vault{tail}");
        for target in ["my-app", &format!("{GROUP}/{}/my-app", row.resource)] {
            let arguments = ["diagnose", "--for", target, "--secret", "ApiKey", "-o", "json"];
            let outcome = scenario.azfob(arguments).succeeds();
            assert!(outcome.requests_to(MANAGEMENT).len() <= 8, "{}: {:?}", row.name, outcome.requests);
            let report = outcome.json();
            assert_eq!(report["verdict"], verdict.as_str(), "{}", row.name);
            assert_eq!(report["host"]["name"], "my-app");
        }
        let me = scenario.azfob(["whoami", "--for", "my-app"]).succeeds().text();
        assert!(me.contains(" 'my-app' in resource group 'my-group': 2 managed identities\n"), "{me}");
        assert!(me.contains(names::SYSTEM_CLIENT_ID) && me.contains(names::USER_ASSIGNED_OBJECT_ID), "{me}");
    });
}

/// With 100 ms for each round trip, which are three of them for a new connection.
#[test]
fn report_takes_less_than_a_second_and_a_half() {
    let scenario =
        laptop(Workload::Functions).plan(|plan| SandboxPlan { round_trip: Duration::from_millis(100), ..plan });
    // The machine of the test can be busy.
    let mut times = (0..5).map(|_| diagnose(&scenario, &[]).succeeds().took.whole);
    let is_fast = |time: Duration| time >= Duration::from_millis(600) && time < Duration::from_millis(1500);
    assert!(times.any(is_fast));
}

/// The metadata service (IMDS) selects the only user-assigned identity. An app has to name it.
#[test]
fn only_identity_is_selected_as_on_the_host() {
    apps().for_each(|row| {
        let only = |plan: SandboxPlan| {
            let identities = Identities { system_assigned: false, ..Identities::default() };
            SandboxPlan { identities, ..plan }
        };
        let inside = Scenario::on(row.host).plan(only).azfob(["diagnose", "--secret", "ApiKey", "-o", "json"]);
        let outside = diagnose(&laptop(row.workload).plan(only), &[]);
        assert_eq!(outside.code, inside.code, "{}", row.name);
        let error = |outcome: &Outcome| {
            let finding = &outcome.json()["findings"][0];
            (finding["severity"] == "error").then(|| finding["code"].clone())
        };
        assert_eq!(error(&outside), error(&inside), "{}", row.name);
    });
}

#[test]
fn network_of_a_machine_decides_with_the_rules_of_the_vault() {
    let network = format!("{GROUP}/Microsoft.Network");
    let subnet = |name: &str, properties: &str| {
        let path = format!("{network}/virtualNetworks/my-network/subnets/{name}");
        at(&path, Action::json(200, format!(r#"{{"properties":{{{properties}}}}}"#)))
    };
    let verdict = |workload: Workload, rule: Option<Rule>| {
        let scenario = laptop(workload).fault(Fault::Firewall);
        let scenario = rule.map_or_else(|| laptop(workload).fault(Fault::Firewall), |rule| scenario.rule(rule));
        let outcome = diagnose(&scenario, &[]);
        (outcome.code, outcome.json()["verdict"].as_str().unwrap().to_owned())
    };
    for (workload, name) in [(Workload::VirtualMachine, "machines"), (Workload::ScaleSet, "outbound")] {
        assert_eq!(verdict(workload, None).0, Some(5));
        let routed = subnet(name, r#""routeTable":{"id":"/r"}"#);
        let (code, text) = verdict(workload, Some(routed));
        assert!(code == Some(1) && text.ends_with("the workload's outbound addresses are not known"), "{text}");
        let endpoint = subnet(name, r#""serviceEndpoints":[{"service":"Microsoft.KeyVault"}]"#);
        let (code, text) = verdict(workload, Some(endpoint));
        assert!(code == Some(5) && text.contains("firewall"), "{text}");
        let unread = at(&format!("{network}/virtualNetworks/my-network/subnets/{name}"), Action::json(403, "{}"));
        let (code, text) = verdict(workload, Some(unread));
        assert!(code == Some(1) && text.contains("the workload's network: no permission"), "{text}");
    }
    // The addresses of a prefix are not listed.
    let gateway = r#"{"properties":{"publicIpAddresses":[{"id":"/a"}],"publicIpPrefixes":[{"id":"/p"}]}}"#;
    let gateway = at(&format!("{network}/natGateways/my-gateway"), Action::json(200, gateway));
    assert_eq!(verdict(Workload::ContainerInstance, Some(gateway)).0, Some(1));
}

#[test]
fn named_identity_is_examined_and_another_one_is_not_assigned() {
    let scenario = laptop(Workload::AppService);
    for id in [names::USER_ASSIGNED_CLIENT_ID, names::SYSTEM_CLIENT_ID] {
        let report = diagnose(&scenario, &["--client-id", id]).succeeds().json();
        assert!(report["verdict"].as_str().unwrap().ends_with(") can read 'ApiKey' in my-vault"), "{report:#}");
        assert_eq!(report["workload"]["notRead"].as_array().map(Vec::len), Some(0));
    }
    let other = names::SECOND_USER_ASSIGNED_CLIENT_ID;
    let inside = Scenario::on(Host::AppService).var("AZURE_CLIENT_ID", other);
    let inside = inside.azfob(["diagnose", "-o", "json"]).json();
    let outside = diagnose(&scenario, &["--client-id", other]).json();
    assert_eq!(outside["findings"][0]["code"], inside["findings"][0]["code"]);
    assert_eq!(outside["exitCode"], inside["exitCode"]);
}

#[test]
fn references_are_warnings_without_a_refusal() {
    let scenario =
        laptop(Workload::AppService).fault(Fault::Forbidden).without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL");
    let report = scenario.azfob(["diagnose", "--for", "my-app", "-o", "json"]).succeeds().json();
    assert_eq!(report["findings"][0]["code"], "app-reference-denied");
    assert_eq!(report["findings"][0]["severity"], "warning");
    assert!(report["findings"][0]["detail"].as_str().unwrap().starts_with("Key Vault reference API_KEY: Access"));
    assert_eq!(
        (&report["vault"], report["verdict"].as_str()),
        (&Value::Null, Some("my-app (system-assigned) was read; no vault is configured"))
    );
}

#[test]
fn unreadable_evidence_is_never_allowed() {
    let refused = Action::json(
        403,
        r#"{"error":{"code":"AuthorizationFailed","message":"The client 'a' with object id 'o' does not have authorization to perform action 'Microsoft.Authorization/roleAssignments/read' over scope '/subscriptions/s' or the scope is invalid."}}"#,
    );
    let vault = format!("{GROUP}/Microsoft.KeyVault/vaults/my-vault");
    let role = "/providers/Microsoft.Authorization";
    for path in [
        vault.clone(),
        format!("{vault}/networkSecurityPerimeterConfigurations"),
        format!("{vault}/secrets/ApiKey"),
        format!("{vault}/secrets/ApiKey{role}/roleAssignments"),
        format!("{vault}/secrets/ApiKey{role}/denyAssignments"),
    ] {
        let outcome = diagnose(&laptop(Workload::AppService).rule(at(&path, refused.clone())), &[]);
        assert_eq!(outcome.code, Some(1), "{path}: {}", outcome.text());
        let verdict = outcome.json()["verdict"].as_str().unwrap().to_owned();
        assert!(verdict.starts_with("it is not known whether") && verdict.contains("the role Reader"), "{verdict}");
    }
    // Without the app itself there is no report.
    let app = format!("{GROUP}/Microsoft.Web/sites/my-app");
    let outcome = diagnose(&laptop(Workload::AppService).rule(at(&app, refused)), &[]).fails(5);
    outcome.shows("AuthorizationFailed").shows("Microsoft.Authorization/roleAssignments/read on /subscriptions/s");
}

#[test]
fn token_is_sent_only_to_the_management_host() {
    let roles = format!(
        "{GROUP}/Microsoft.KeyVault/vaults/my-vault/secrets/ApiKey/providers/Microsoft.Authorization/roleAssignments"
    );
    let page = r#"{"value":[],"nextLink":"https://my-vault.vault.azure.net/secrets"}"#;
    let outcome = diagnose(&laptop(Workload::AppService).rule(at(&roles, Action::json(200, page))), &[]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.tunnels.iter().all(|host| host == MANAGEMENT), "{:?}", outcome.tunnels);
}

#[test]
fn throttled_request_is_repeated_and_pages_are_read() {
    let throttled =
        Action::json(429, r#"{"error":{"code":"TooManyRequests","message":"m"}}"#).header("Retry-After", "1");
    let app = format!("{GROUP}/Microsoft.Web/sites/my-app");
    let outcome = diagnose(&laptop(Workload::AppService).rule(at(&app, throttled).times(1)), &[]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.text());
    assert!(outcome.took.whole >= Duration::from_secs(1));

    let vault = format!("{GROUP}/Microsoft.KeyVault/vaults/my-vault");
    let roles = format!("{vault}/secrets/ApiKey/providers/Microsoft.Authorization/roleAssignments");
    let first = format!(
        r#"{{"value":[],"nextLink":"https://{MANAGEMENT}{roles}?api-version=2022-04-01&$filter=atScope%28%29+and+assignedTo%28%27{}%27%29"}}"#,
        names::SYSTEM_OBJECT_ID
    );
    diagnose(&laptop(Workload::AppService).rule(at(&roles, Action::json(200, first)).times(1)), &[]).succeeds();
}

#[test]
fn identities_are_shown_with_their_client_ids() {
    let scenario = laptop(Workload::AppService);
    let me = scenario.azfob(["whoami", "--for", "my-app", "-o", "json"]).succeeds().json();
    assert_eq!(me["identities"][0]["clientId"], names::SYSTEM_CLIENT_ID);
    let app = laptop(Workload::ContainerApp).azfob(["whoami", "--for", "my-app", "-o", "json"]).succeeds().json();
    assert_eq!((&app["kind"], &app["identities"]), (&"containerApp".into(), &me["identities"]));
    assert_eq!(me["identities"][1]["managedIdentityResourceId"], names::USER_ASSIGNED_RESOURCE_ID);
    let one =
        scenario.azfob(["whoami", "--for", "my-app", "--client-id", names::USER_ASSIGNED_CLIENT_ID, "-o", "json"]);
    assert_eq!(one.json()["identities"].as_array().map(Vec::len), Some(1));
    let other = ["whoami", "--for", "my-app", "--object-id", names::SERVICE_PRINCIPAL_OBJECT_ID];
    scenario.azfob(other).fails(2).shows("my-app has no identity with this ID");
    let id = format!("{GROUP}/Microsoft.Web/sites/my-app");
    let outcome = scenario.azfob(["whoami", "--for", &id]).succeeds();
    assert!(
        outcome.text().starts_with("App Service app 'my-app' in resource group 'my-group': 2 managed identities\n")
    );
    assert!(outcome.requests_to(MANAGEMENT).len() == 2, "{:?}", outcome.requests);
}

#[test]
fn unknown_and_ambiguous_names_are_clear_errors() {
    let scenario = laptop(Workload::AppService);
    let whoami = |name: &str| scenario.azfob(["whoami", "--for", name]);
    whoami("my-ap").fails(1).shows("nothing with the name 'my-ap'").shows("similar names: my-app");
    whoami("my-vault").fails(1).shows("has the type microsoft.keyvault/vaults");
    whoami("my app").has_usage_error(&["--for 'my app'"]);
    let twice = r#"{"data":[{"id":"/subscriptions/a/resourceGroups/g/providers/Microsoft.Web/sites/my-app"},{"id":"/subscriptions/b/resourceGroups/g/providers/Microsoft.Web/sites/my-app"}]}"#;
    let scenario = laptop(Workload::AppService).rule(at(GRAPH, Action::json(200, twice)));
    let outcome = scenario.azfob(["whoami", "--for", "my-app"]).fails(1);
    outcome.shows("use --subscription").shows("/subscriptions/b/resourceGroups/g");
    let wrong = scenario.azfob(["whoami", "--for", "my-app", "--subscription", "Contoso"]);
    wrong.has_usage_error(&["--subscription 'Contoso'"]);
    let scenario = laptop(Workload::AppService);
    let other = names::OTHER_TENANT_ID;
    let unread = scenario.azfob(["whoami", "--for", "my-app", "--subscription", other]).fails(5);
    unread.shows("your sign-in cannot read the subscription of --subscription");
    let report = scenario.azfob(["diagnose", "--for", "my-app", "--vault", "no-vault", "-o", "json"]);
    assert_eq!(report.code, Some(1));
    assert!(
        report.json()["verdict"]
            .as_str()
            .unwrap()
            .ends_with("no-vault is not in the subscriptions that your sign-in can read; it can be in another tenant")
    );
    Scenario::on(Host::Nothing).azfob(["diagnose", "--for", "my-app"]).fails(3);
    // A caller without a role sees no resource.
    Scenario::on(Host::Functions).azfob(["diagnose", "--for", "my-app"]).fails(1).shows("you need the role Reader");
    // A resource of another tenant.
    let tenant = names::OTHER_TENANT_ID;
    let message = format!(
        r#"{{"error":{{"code":"InvalidAuthenticationTokenTenant","message":"The access token is from the wrong issuer 'https://sts.windows.net/a/'. It must match the tenant 'https://sts.windows.net/{tenant}/' associated with this subscription."}}}}"#
    );
    let id = format!("{GROUP}/Microsoft.Web/sites/my-app");
    let other = laptop(Workload::AppService).rule(at(&id, Action::json(401, message)));
    other.azfob(["whoami", "--for", &id]).fails(4).shows(&format!("az login --tenant {tenant}"));
}

#[test]
fn report_fits_on_a_screen_and_redaction_hides_names() {
    for fault in [None, Some(Fault::Forbidden), Some(Fault::Firewall), Some(Fault::MultipleIdentities)] {
        let scenario =
            fault.map_or_else(|| laptop(Workload::Functions), |fault| laptop(Workload::Functions).fault(fault));
        let report = plain(&shown(COLUMNS, scenario, &["diagnose", "--for", "my-app", "--secret", "ApiKey"]));
        assert!(rows(&report) <= ROWS, "{fault:?}: {} rows\n{report}", rows(&report));
    }
    let options = ["diagnose", "--for", "my-app", "--secret", "ApiKey", "--redact", "-o"];
    for (workload, format) in [Workload::Functions, Workload::ScaleSet]
        .into_iter()
        .flat_map(|kind| ["table", "markdown", "json"].map(|f| (kind, f)))
    {
        let scenario = laptop(workload).fault(Fault::Forbidden);
        let text = scenario.azfob([&options[..], &[format]].concat()).text();
        for name in ["my-app", "my-group", "my-identity", "my-vault", names::SYSTEM_OBJECT_ID, names::SUBSCRIPTION_ID] {
            assert!(!text.contains(name), "{name} in {format}:\n{text}");
        }
    }
}

#[test]
fn workload_requires_a_fault_that_is_shown() {
    let run =
        |arguments: &[&str]| crate::support::Isolated::new().azfob([&["sandbox"], arguments, &["--", "true"]].concat());
    run(&["--workload", "functions", "--fault", "throttled"]).fails(2).shows("does not show --fault throttled");
    run(&["--workload", "functions", "--as", "imds"]).fails(2).shows("--workload requires --as azure-cli");
    let pipeline = Scenario::on(Host::ServicePrincipal);
    let pipeline = pipeline.plan(|plan| SandboxPlan { workload: Some(Workload::Functions), ..plan });
    let report = diagnose(&pipeline, &[]).succeeds().json();
    let reader = report["workload"]["readBy"].as_str().unwrap().to_owned();
    assert!(reader.ends_with("(EnvironmentCredential)"), "{reader}");
}

#[test]
fn container_app_shows_its_variable_and_references() {
    let report = diagnose(&laptop(Workload::ContainerApp), &[]).succeeds().json();
    assert_eq!(report["verdict"], "my-app (system-assigned) can read 'ApiKey' in my-vault");
    assert_eq!(report["host"]["kind"], "containerApp");
    let references = &report["workload"]["keyVaultReferences"];
    assert_eq!((&references[0]["setting"], &references[0]["secret"]), (&"api-key".into(), &"ApiKey".into()));
    assert_eq!(references.as_array().map(Vec::len), Some(1));

    let app = |more: &str| {
        let id = format!("{GROUP}/Microsoft.App/containerApps/my-app");
        let identity = format!(
            r#""identity":{{"type":"SystemAssigned,UserAssigned","principalId":"{}","tenantId":"{}","userAssignedIdentities":{{"{}":{{"principalId":"{}","clientId":"{}"}}}}}}"#,
            names::SYSTEM_OBJECT_ID,
            names::TENANT_ID,
            names::USER_ASSIGNED_RESOURCE_ID,
            names::USER_ASSIGNED_OBJECT_ID,
            names::USER_ASSIGNED_CLIENT_ID
        );
        let body = format!(r#"{{{identity},"properties":{{{more}}}}}"#);
        diagnose(&laptop(Workload::ContainerApp).rule(at(&id, Action::json(200, body))), &[])
    };
    let variable =
        |id: &str| format!(r#""template":{{"containers":[{{"env":[{{"name":"AZURE_CLIENT_ID","value":"{id}"}}]}}]}}"#);
    let report = app(&variable(names::USER_ASSIGNED_CLIENT_ID)).succeeds().json();
    assert_eq!(report["verdict"], "my-app (my-identity) can read 'ApiKey' in my-vault");
    let inside = Scenario::on(Host::ContainerApps).var("AZURE_CLIENT_ID", names::SECOND_USER_ASSIGNED_CLIENT_ID);
    let inside = inside.azfob(["diagnose", "-o", "json"]).json();
    // The client ID of the system-assigned identity is read to compare it: the rule answers that request too.
    let outside = app(&variable(names::SECOND_USER_ASSIGNED_CLIENT_ID)).json();
    assert_eq!(outside["findings"][0]["code"], inside["findings"][0]["code"]);
}

#[test]
fn perimeter_in_learning_mode_does_not_decide() {
    let path = format!("{GROUP}/Microsoft.KeyVault/vaults/my-vault/networkSecurityPerimeterConfigurations");
    let body = r#"{"value":[{"properties":{"resourceAssociation":{"accessMode":"Learning"}}}]}"#;
    diagnose(&laptop(Workload::AppService).rule(at(&path, Action::json(200, body))), &[]).succeeds();
}

/// What the workload cannot see is in the finding from outside. With `--nocapture`, it prints a line for each fault.
#[test]
fn finding_from_outside_has_what_the_workload_cannot_see() {
    let other_vault = format!("{GROUP}/Microsoft.KeyVault/vaults/my-other-vault");
    let other_secret = format!("{GROUP}/Microsoft.KeyVault/vaults/my-vault/secrets/TlsCertificate");
    let elsewhere = |place: &str| format!("Key Vault Secrets User is assigned on {place}");
    let machine = Workload::VirtualMachine;
    let cases = [
        (Fault::OtherScope, machine, "forbidden-rbac", 5, elsewhere(&other_vault)),
        (Fault::OtherSecret, machine, "forbidden-rbac", 5, elsewhere(&other_secret)),
        (Fault::EligibleRole, machine, "forbidden-rbac", 5, "is eligible there, but not active".to_owned()),
        (Fault::GroupRole, machine, "role-through-group", 0, "through a group".to_owned()),
        (Fault::RoleCondition, machine, "role-condition", 1, "condition: @Resource".to_owned()),
        (Fault::DenyAssignment, machine, "forbidden-deny-assignment", 5, "'my-deployment-stack'".to_owned()),
        (
            Fault::WrongIdentity,
            Workload::ContainerApp,
            "forbidden-rbac",
            5,
            "my-identity, which is assigned too, has Key Vault Secrets User".to_owned(),
        ),
        (Fault::IdentityLifecycle, Workload::ContainerApp, "identity-lifecycle", 4, "is Init".to_owned()),
        (Fault::IdentityLifecycle, Workload::ContainerAppsJob, "identity-lifecycle", 4, "is Init".to_owned()),
        (Fault::PolicyApplication, machine, "forbidden-access-policy", 5, names::OTHER_APPLICATION_ID.to_owned()),
        (Fault::Perimeter, machine, "forbidden-perimeter", 5, format!("not allowed: {}", names::CLIENT_ADDRESS)),
        (Fault::VaultDeleted, machine, "vault-deleted", 7, "2026-11-01".to_owned()),
    ];
    in_parallel(cases, |(fault, workload, code, exit, words)| {
        let outcome = diagnose(&laptop(workload).fault(fault), &[]);
        let report = outcome.json();
        let finding = &report["findings"][0];
        assert_eq!(finding["code"], code, "{fault}: {report:#}");
        assert!(finding.to_string().contains(&words), "{fault}: {finding:#}");
        assert_eq!(outcome.code, Some(exit), "{fault}: {report:#}");
        println!("{:20} {workload} {code} exit {exit}: {}", fault.name(), report["verdict"]);
    });
    let verdict = |fault| {
        let report = diagnose(&laptop(Workload::ContainerApp).fault(fault), &[]).json();
        report["verdict"].as_str().unwrap().to_owned()
    };
    let unless = "can read 'ApiKey' in my-vault, unless its membership of the group is newer than 24 hours";
    assert!(verdict(Fault::GroupRole).ends_with(unless));
    assert!(verdict(Fault::RoleCondition).starts_with("it is not known whether my-app"));
    assert!(verdict(Fault::VaultDeleted).starts_with("my-vault does not answer my-app"));
}

#[test]
fn perimeter_allows_addresses_and_subscriptions() {
    let path = format!("{GROUP}/Microsoft.KeyVault/vaults/my-vault/networkSecurityPerimeterConfigurations");
    let outcome = |rule: &str| {
        let rules = format!(
            r#"{{"value":[{{"properties":{{"resourceAssociation":{{"accessMode":"Enforced"}},"profile":{{"accessRules":[{{"properties":{{{rule}}}}}]}}}}}}]}}"#
        );
        diagnose(&laptop(Workload::ContainerApp).rule(at(&path, Action::json(200, rules))), &[]).code
    };
    assert_eq!(outcome(r#""direction":"Inbound","addressPrefixes":["203.0.113.0/24"]"#), Some(0));
    assert_eq!(outcome(r#""direction":"Outbound","addressPrefixes":["203.0.113.0/24"]"#), Some(5));
    let subscription =
        format!(r#""direction":"Inbound","subscriptions":[{{"id":"/subscriptions/{}"}}]"#, names::SUBSCRIPTION_ID);
    assert_eq!(outcome(&subscription), Some(0));
}

/// Without `--secret`, the command on the host lists the secrets, which the role allows. From outside, it is known that the
/// role does not allow `get`.
#[test]
fn reader_is_refused_from_outside_also_without_a_secret() {
    let inside = Scenario::on(Host::Functions).fault(Fault::Reader).azfob(["diagnose", "-o", "json"]).succeeds().json();
    assert!(inside["verdict"].as_str().unwrap().ends_with("can list the secrets of my-vault"));
    let outside = laptop(Workload::Functions).fault(Fault::Reader);
    let outside = outside.azfob(["diagnose", "--for", "my-app", "-o", "json"]).json();
    assert_eq!((&outside["findings"][0]["code"], &outside["exitCode"]), (&"forbidden-rbac".into(), &5.into()));
}

/// A client ID or object ID names a user-assigned identity, the workload of a system-assigned one, or an application.
#[test]
fn identity_is_examined_by_its_ids() {
    let scenario = |fault: Option<Fault>| {
        let scenario = laptop(Workload::ContainerApp);
        fault.map_or_else(|| laptop(Workload::ContainerApp), |fault| scenario.fault(fault))
    };
    let diagnose = |scenario: &Scenario, id: &str, more: &[&str]| {
        let outcome = scenario.azfob([&["diagnose", "--for", id, "--secret", "ApiKey", "-o", "json"], more].concat());
        assert!(outcome.requests_to(MANAGEMENT).len() <= 9, "{:?}", outcome.requests);
        let report = outcome.json();
        (outcome.code, report["verdict"].as_str().unwrap().to_owned(), report)
    };
    for id in [names::USER_ASSIGNED_CLIENT_ID, names::USER_ASSIGNED_OBJECT_ID] {
        let (code, verdict, report) = diagnose(&scenario(None), id, &[]);
        assert_eq!((code, verdict.as_str()), (Some(0), "my-identity can read 'ApiKey' in my-vault"));
        let resource = report["workload"]["identities"][0]["managedIdentityResourceId"].as_str().unwrap();
        assert!(resource.eq_ignore_ascii_case(names::USER_ASSIGNED_RESOURCE_ID), "{resource}");
        assert_eq!(diagnose(&scenario(Some(Fault::Forbidden)), id, &[]).0, Some(5));
        let me = scenario(None).azfob(["whoami", "--for", id]).succeeds().text();
        assert!(me.starts_with("identity 'my-identity' in resource group 'my-group': 1 managed identity\n"), "{me}");
    }
    let (_, verdict, _) = diagnose(&scenario(None), names::SYSTEM_OBJECT_ID, &[]);
    assert_eq!(verdict, "my-app (system-assigned) can read 'ApiKey' in my-vault");

    // An application: its object ID is known to be one only by a role, or by --object-id.
    let (client, object) = (names::SERVICE_PRINCIPAL_CLIENT_ID, names::SERVICE_PRINCIPAL_OBJECT_ID);
    let (code, verdict, report) = diagnose(&scenario(None), client, &[]);
    assert!(code == Some(1) && verdict.starts_with("it is not known whether"), "{verdict}");
    let finding = &report["findings"][0];
    assert_eq!((&finding["code"], &finding["severity"]), (&"object-id-needed".into(), &"warning".into()));
    assert_eq!(finding["commands"][0], format!("az ad sp show --id {client} --query id -o tsv"));
    let (code, verdict, report) = diagnose(&scenario(None), object, &["--object-id", object]);
    assert!(code == Some(5) && verdict.starts_with(&format!("my-vault refuses {object}: ")), "{verdict}");
    assert_eq!(report["findings"][0]["code"], "forbidden-rbac");
    // The object ID of the option counts, and not the client ID.
    let (code, _, report) = diagnose(&scenario(None), client, &["--object-id", object]);
    assert_eq!((code, &report["workload"]["identities"][0]["objectId"]), (Some(5), &object.into()));
    let (code, ..) = diagnose(&scenario(None), client, &["--object-id", names::USER_ASSIGNED_OBJECT_ID]);
    assert_eq!(code, Some(0));
    for option in ["--object-id", "--client-id"] {
        let arguments = ["diagnose", "--for", names::USER_ASSIGNED_CLIENT_ID, option, object];
        scenario(None)
            .azfob(arguments)
            .fails(2)
            .shows(&format!("{option} '{object}': my-identity has no identity with this ID"));
    }
    // Without a vault, nothing is known about the ID.
    let without_vault = scenario(None).without("AZFOB_VAULT").without("AZURE_KEYVAULT_URL");
    without_vault.azfob(["diagnose", "--for", client]).fails(1).shows("no user-assigned identity has the client ID");
    let (code, ..) = diagnose(&scenario(Some(Fault::PolicyApplication)), client, &[]);
    assert_eq!(code, Some(1));
    // The user has the role Reader, so that the ID is an object ID.
    let (code, verdict, _) = diagnose(&scenario(None), names::USER_OBJECT_ID, &[]);
    assert!(code == Some(5) && verdict.ends_with("Missing RBAC role"), "{verdict}");
    scenario(None).azfob(["whoami", "--for", client]).fails(1).shows("no user-assigned identity has the client ID");
}
