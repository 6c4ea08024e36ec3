//! The tokens of CI jobs without a service: in `AZFOB_ID_TOKEN`, or printed by a program of the CI system.

use base64::Engine;

use crate::support::{Action, Fault, Host, LOGIN, Outcome, Rule, Scenario, names};

const TOKEN: &str = "AZFOB_ID_TOKEN";
const JOBS: [(Host, &str, &str); 3] = [
    (Host::GitLab, names::GITLAB_ISSUER, names::GITLAB_SUBJECT),
    (Host::CircleCi, names::CIRCLECI_ISSUER, names::CIRCLECI_SUBJECT),
    (Host::Buildkite, names::BUILDKITE_ISSUER, names::BUILDKITE_SUBJECT),
];

#[test]
fn token_of_each_job_is_exchanged() {
    for (host, issuer, subject) in JOBS {
        let scenario = Scenario::on(host);
        let outcome = scenario.azfob(["get", "ApiKey"]).succeeds();
        let requests = outcome.requests_to(LOGIN);
        assert_eq!(requests.len(), 1, "{host}");
        assert_eq!(requests[0].field("client_id"), Some(names::USER_ASSIGNED_CLIENT_ID));
        let whoami = scenario.azfob(["whoami"]).succeeds().text();
        for part in ["OIDC issuer", issuer, subject, "api://AzureADTokenExchange"] {
            let shown: String = whoami.split_whitespace().collect();
            let part: String = part.split_whitespace().collect();
            assert!(shown.contains(&part), "{part}: {whoami}");
        }
        let json = scenario.azfob(["whoami", "-o", "json"]).succeeds().json();
        let federation = &json["federatedCredential"];
        assert_eq!((&federation["issuer"], &federation["subject"]), (&issuer.into(), &subject.into()));
        let report = scenario.azfob(["diagnose", "-o", "json"]).succeeds().json();
        let chain = report["chain"].as_array().unwrap();
        let workload = chain.iter().find(|line| line["credential"] == "WorkloadIdentityCredential").unwrap();
        assert_eq!(&workload["federatedCredential"], federation);
        assert!(workload["message"].as_str().unwrap().contains(subject), "{workload}");
    }
    let other = Scenario::on(Host::AppService).azfob(["whoami", "-o", "json"]).succeeds().json();
    assert_eq!(other["federatedCredential"], serde_json::Value::Null);
}

#[test]
fn refused_token_is_described_and_not_shown() {
    let body = r#"{"error":"invalid_client","error_description":"AADSTS700213: No matching federated identity record found for presented assertion subject","error_codes":[700213]}"#;
    for (host, issuer, subject) in JOBS {
        let rule = Rule::new(LOGIN, "/", Action::json(401, body));
        let outcome = Scenario::on(host).rule(rule).azfob(["get", "ApiKey"]).fails(4);
        let outcome = outcome.shows(&format!("assertion issuer: {issuer}")).shows(subject);
        let outcome = outcome.shows("az ad app federated-credential create");
        if host == Host::CircleCi {
            outcome.shows("this subject names the user that started the job");
        }
    }
}

#[test]
fn malformed_token_is_not_shown() {
    let outcome = Scenario::on(Host::GitLab).var(TOKEN, "hunter2 and more").azfob(["get", "ApiKey", "-v"]).fails(4);
    outcome.shows("AZFOB_ID_TOKEN is malformed: expected a single token without spaces").never_shows("hunter2");
    let outcome = Scenario::on(Host::GitLab).var(TOKEN, "not-a-token-but-perhaps-a-password");
    outcome.azfob(["get", "ApiKey", "-v"]).fails(4).shows("AADSTS50027").never_shows("perhaps-a-password");
}

#[test]
fn missing_ids_are_named() {
    for (host, variable) in [(Host::GitLab, TOKEN), (Host::CircleCi, "CIRCLECI"), (Host::Buildkite, "BUILDKITE")] {
        let scenario = Scenario::on(host).without("AZURE_CLIENT_ID").without("AZURE_TENANT_ID");
        let outcome = scenario.azfob(["get", "ApiKey", "-v"]).fails(3);
        outcome.shows(&format!("{variable} is set; AZURE_TENANT_ID and AZURE_CLIENT_ID are not set"));
    }
    let outcome = Scenario::on(Host::GitLab).without(TOKEN).azfob(["get", "ApiKey"]).fails(3);
    outcome.shows("AZURE_TENANT_ID and AZURE_CLIENT_ID are set; AZFOB_ID_TOKEN is not set").shows("id_tokens");
}

#[test]
fn variable_precedes_a_runner_and_a_file_precedes_the_variable() {
    // The program would fail.
    let scenario = Scenario::on(Host::GitLab).var("CIRCLECI", "true").without("GITLAB_CI");
    scenario.azfob(["get", "ApiKey"]).succeeds();
    let file = scenario.work().join("token");
    std::fs::write(&file, "").unwrap();
    let outcome = scenario.var("AZURE_FEDERATED_TOKEN_FILE", file).azfob(["get", "ApiKey"]).fails(4);
    outcome.shows("AZURE_FEDERATED_TOKEN_FILE names ").shows("which is empty");
}

#[test]
fn bitbucket_cannot_be_federated() {
    let bitbucket = || {
        let ids = Scenario::on(Host::Nothing).var("AZURE_TENANT_ID", names::TENANT_ID);
        ids.var("AZURE_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID).var("BITBUCKET_BUILD_NUMBER", "7")
    };
    let outcome = bitbucket().var("BITBUCKET_STEP_OIDC_TOKEN", "x").azfob(["get", "ApiKey"]).fails(3);
    outcome.shows("no federated credential can match the OIDC token").never_shows("federated-credential create");
    // Its token in the variable is refused for the same reason.
    let claims = r#"{"iss":"https://api.bitbucket.org/2.0/workspaces/contoso/pipelines-config/identity/oidc","sub":"{r}:{s}","aud":"a"}"#;
    let token = format!("e30.{}.c2ln", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims));
    let body = r#"{"error":"invalid_client","error_description":"AADSTS700213: No matching federated identity record found","error_codes":[700213]}"#;
    let scenario = bitbucket().var(TOKEN, token).rule(Rule::new(LOGIN, "/", Action::json(401, body)));
    let outcome = scenario.azfob(["get", "ApiKey"]).fails(4).shows("authentication failed: AADSTS700213");
    outcome.shows("subject has a new step UUID in every run").never_shows("federated-credential create");
}

/// Asserts that no tool and no command of `run` gets the token.
#[cfg(unix)]
#[test]
fn no_other_program_inherits_the_token() {
    let scenario = Scenario::on(Host::GitLab);
    let outcome = scenario.azfob([
        "run",
        "--env",
        "KEY=ApiKey",
        "--",
        "/bin/sh",
        "-c",
        "echo ${AZFOB_ID_TOKEN-gone} $AZURE_CLIENT_ID",
    ]);
    outcome.succeeds().prints(format!("gone {}\n", names::USER_ASSIGNED_CLIENT_ID));
    let az = "echo ${AZFOB_ID_TOKEN-gone} >\"$HOME/seen\"; echo 'ERROR: no' >&2; exit 1";
    let scenario = Scenario::on(Host::GitLab).program("az", az);
    scenario.azfob(["get", "ApiKey", "--credential", "azure-cli"]).fails(4);
    assert_eq!(scenario.recorded("seen"), "gone\n");
}

#[cfg(unix)]
mod programs {
    use super::*;

    const RECORD: &str = r#"printf '%s\n' "$@" >"$HOME/arguments"; env >"$HOME/environment"; "#;

    fn job(host: Host, program: &str, script: &str) -> Scenario {
        Scenario::on(host).program(program, &format!("{RECORD}{script}"))
    }

    #[test]
    fn program_gets_documented_arguments_and_only_its_own_variables() {
        for (host, program, own, expected) in [
            (
                Host::CircleCi,
                "circleci",
                "CIRCLE_OIDC_TOKEN=",
                "run\noidc\nget\n--claims\n{\"aud\":\"api://AzureADTokenExchange\"}\n",
            ),
            (
                Host::Buildkite,
                "buildkite-agent",
                "BUILDKITE_AGENT_ACCESS_TOKEN=",
                "oidc\nrequest-token\n--audience\napi://AzureADTokenExchange\n--subject-claim\npipeline_id\n",
            ),
        ] {
            let scenario = job(host, program, "echo no >&2; exit 1").var("DEPLOY_PASSWORD", "hunter22");
            scenario.azfob(["get", "ApiKey"]).fails(4).shows(&format!("{program}: no"));
            assert_eq!(scenario.recorded("arguments"), expected);
            let environment = scenario.recorded("environment");
            assert!(environment.contains(own) && !environment.contains("hunter22"), "{environment}");
        }
        let scenario = job(Host::Buildkite, "buildkite-agent", "exit 1");
        let scenario = scenario.var("BUILDKITE_OIDC_TOKEN_SUBJECT_CLAIM", "cluster_id");
        scenario.azfob(["get", "ApiKey"]).fails(4);
        let expected = "oidc\nrequest-token\n--audience\napi://AzureADTokenExchange\n";
        assert_eq!(scenario.recorded("arguments"), expected);
    }

    #[test]
    fn program_that_fails_stops_the_chain() {
        for (host, program) in [(Host::CircleCi, "circleci"), (Host::Buildkite, "buildkite-agent")] {
            let fails = |script: &str| Scenario::on(host).program(program, script).azfob(["get", "ApiKey"]).fails(4);
            let outcome = fails("echo 'Error: not allowed for forks' >&2; exit 1");
            assert!(outcome.requests_to(LOGIN).is_empty());
            outcome.shows("not allowed for forks").shows("cause: The program of the CI system").shows(program);
            for script in ["true", "echo two words", "printf '\\377'"] {
                fails(script).shows(&format!("the response from {program} is not a single token"));
            }
        }
    }

    #[test]
    fn missing_program_is_named() {
        for (host, program) in [(Host::CircleCi, "circleci"), (Host::Buildkite, "buildkite-agent")] {
            let scenario = Scenario::on(host);
            let bin = scenario.bin();
            let outcome = scenario.var("PATH", bin).azfob(["get", "ApiKey", "-v"]).fails(3);
            outcome.shows(&format!("{program} is not in ")).shows("AZURE_CLIENT_ID and AZURE_TENANT_ID");
        }
    }

    #[test]
    fn hanging_program_ends_at_the_time_limit() {
        let scenario = Scenario::on(Host::CircleCi).program("circleci", "sleep 60");
        let outcome: Outcome = scenario.azfob(["get", "ApiKey", "--timeout", "1"]);
        outcome.fails(4).shows("circleci did not answer within");
    }
}

#[test]
fn expired_token_of_each_job_is_explained() {
    for (host, issuer, _) in JOBS {
        let outcome = Scenario::on(host).fault(Fault::ExpiredAssertion).azfob(["get", "ApiKey"]).fails(4);
        outcome.shows("AADSTS700024").shows(issuer).shows("assertion expires: 20");
    }
}
