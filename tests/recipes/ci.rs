//! CI runners: their variables, steps and shells.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{
    DATABASE, assert_shows_no_secret, assert_shows_secrets, attempt, host_variable, pairs, recipe, scenario, script,
    text, yaml,
};
use crate::outputs::{azure_agent, github_runner};
use crate::support::{Fault, Host, Scenario, names};

/// The shell of a step without `shell:` is `bash -e {0}`.
const GITHUB_SHELL: [&str; 2] = ["/bin/bash", "-e"];
const AZURE_SHELL: [&str; 3] = ["/bin/bash", "--noprofile", "--norc"];

/// A GitHub host, which issues an ID token if the job may request it.
fn github(workflow: &Value) -> Scenario {
    let may_ask = workflow["permissions"]["id-token"] == "write";
    let scenario = scenario(Host::GithubActions);
    if may_ask { scenario } else { scenario.fault(Fault::NoIdentity) }
}

/// The values that an expression can name: `inputs.keyvault`, `vars.AZURE_CLIENT_ID`.
type Context = BTreeMap<String, String>;

/// Evaluates the expressions of a mapping; `a
///
///  b` is the first value that is not empty.
fn evaluated(mapping: &Value, context: &Context) -> Vec<(String, String)> {
    let evaluate = |value: String| match value.strip_prefix("${{").and_then(|value| value.strip_suffix("}}")) {
        Some(expression) => {
            let named = expression.split("||").map(|name| context.get(name.trim()).cloned().unwrap_or_default());
            named.into_iter().find(|value| !value.is_empty()).unwrap_or_default()
        }
        None => value,
    };
    pairs(mapping).into_iter().map(|(name, value)| (name, evaluate(value))).collect()
}

/// A repository with both IDs as variables.
fn repository() -> Context {
    let ids = [("vars.AZURE_TENANT_ID", names::TENANT_ID), ("vars.AZURE_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID)];
    ids.map(|(name, id)| (name.to_owned(), id.to_owned())).into()
}

/// Returns the steps that the runner runs, each with the context of its expressions. The steps of an action replace it.
fn steps(job: &Value) -> Vec<(Value, Context)> {
    let mut steps = Vec::new();
    for step in job["steps"].as_array().unwrap() {
        let ours = step["uses"].as_str().and_then(|uses| uses.strip_prefix("azfob/azfob/")?.split('@').next());
        match ours {
            None => steps.push((step.clone(), repository())),
            Some(folder) => {
                let action = yaml(&read(&format!("{folder}/action.yml"))).remove(0);
                let mut context = repository();
                for (name, input) in action["inputs"].as_object().unwrap() {
                    let default = input["default"].as_str().unwrap_or_default().to_owned();
                    context.insert(format!("inputs.{name}"), default);
                }
                for (name, value) in evaluated(&step["with"], &repository()) {
                    assert!(context.insert(format!("inputs.{name}"), value).is_some(), "there is no input '{name}'");
                }
                let own = action["runs"]["steps"].as_array().unwrap();
                steps.extend(own.iter().map(|step| (step.clone(), context.clone())));
            }
        }
    }
    steps
}

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// Returns true if a step is a script, except for the installation of azfob.
fn is_script(step: &Value) -> bool {
    step["run"].as_str().is_some_and(|run| !run.starts_with("cargo install "))
}

/// Runs the steps of a job and returns their output as the runner reads it.
fn run_github(workflow: &Value) -> String {
    let scenario = github(workflow);
    let sandbox = scenario.sandbox();
    let job = &workflow["jobs"]["deploy"];
    let file = scenario.work().join("github_env");
    fs::write(&file, "").unwrap();
    let mut whole = String::new();
    for (step, context) in steps(job).into_iter().filter(|(step, _)| is_script(step)) {
        let mut variables = evaluated(&job["env"], &repository());
        variables.extend(github_runner::environment(&fs::read_to_string(&file).unwrap()).unwrap());
        variables.extend(evaluated(&step["env"], &context));
        variables.push(("GITHUB_ENV".to_owned(), file.display().to_string()));
        let output = script(&scenario, &sandbox, &GITHUB_SHELL, step["run"].as_str().unwrap(), &variables);
        whole.push_str(&text(&output.stdout));
    }
    whole
}

#[test]
fn github_actions_job_signs_in() {
    let [by_action, steps, one_command] = recipe("github-actions", "yaml").map(|text| yaml(&text).remove(0));
    for workflow in [steps, by_action] {
        let whole = run_github(&workflow);
        assert_shows_secrets(&whole);
        assert_shows_no_secret(&github_runner::log(&whole, [].into_iter()).0);
    }
    assert_shows_no_secret(&run_github(&one_command));
}

#[test]
fn missing_id_token_permission_is_reported() {
    let mut workflow = yaml(&recipe::<3>("github-actions", "yaml")[2]).remove(0);
    workflow["permissions"]["id-token"] = "read".into();
    let scenario = github(&workflow);
    let job = &workflow["jobs"]["deploy"];
    let step = steps(job).into_iter().map(|(step, _)| step).find(is_script).unwrap();
    let step = step["run"].as_str().unwrap();
    let output = attempt(&scenario, &scenario.sandbox(), &GITHUB_SHELL, step, &evaluated(&job["env"], &repository()));
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("id-token: write"), "{}", text(&output.stderr));
}

/// Every list format of names; none of them is executed.
#[test]
fn action_accepts_every_list_format() {
    let mut workflow = yaml(&recipe::<3>("github-actions", "yaml")[0]).remove(0);
    let cases = [
        ("ApiKey,DatabaseConnectionString", Ok(["APIKEY", "DATABASECONNECTIONSTRING"].as_slice())),
        ("\n  ApiKey\n  DB=DatabaseConnectionString,\n", Ok(&["APIKEY", "DB"])),
        // A pattern skips certificates.
        ("*", Ok(&["APIKEY", "DATABASECONNECTIONSTRING"])),
        ("ApiKey; touch pwned", Err(2)),
        ("$(touch${IFS}pwned)", Err(2)),
        ("--vault=other ApiKey", Err(2)),
        ("Db*", Err(2)),
        ("", Err(2)),
    ];
    for (names, expected) in cases {
        workflow["jobs"]["deploy"]["steps"][1]["with"]["secrets"] = names.into();
        let scenario = github(&workflow);
        let file = scenario.work().join("github_env");
        fs::write(&file, "").unwrap();
        let (step, context) = steps(&workflow["jobs"]["deploy"]).remove(2);
        let mut variables = evaluated(&step["env"], &context);
        variables.push(("GITHUB_ENV".to_owned(), file.display().to_string()));
        let run = step["run"].as_str().unwrap();
        let output = attempt(&scenario, &scenario.sandbox(), &GITHUB_SHELL, run, &variables);
        match expected {
            Err(code) => assert_eq!(output.status.code(), Some(code), "{names}: {}", text(&output.stderr)),
            Ok(expected) => {
                assert!(output.status.success(), "{names}: {}", text(&output.stderr));
                let set = github_runner::environment(&fs::read_to_string(&file).unwrap()).unwrap();
                assert_eq!(set.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), expected, "{names}");
            }
        }
        assert!(!scenario.work().join("pwned").exists(), "{names}");
    }
}

/// The variables of a step: those of the pipeline, its own with macros expanded, and those of the service connection if
/// the task passes them to its script.
fn step_variables(pipeline: &Value, step: &Value, known: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let mut variables = pairs(&pipeline["variables"]);
    for (name, value) in pairs(&step["env"]) {
        let source = value.strip_prefix("$(").and_then(|value| value.strip_suffix(')'));
        variables.push((name, source.map_or(value.clone(), |source| known[source].clone())));
    }
    if step["task"] == "AzureCLI@2" && step["inputs"]["azureSubscription"].is_string() {
        let ids = [
            ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", names::SERVICE_CONNECTION_ID),
            ("AZURESUBSCRIPTION_CLIENT_ID", names::USER_ASSIGNED_CLIENT_ID),
            ("AZURESUBSCRIPTION_TENANT_ID", names::TENANT_ID),
        ];
        variables.extend(ids.map(|(name, id)| (name.to_owned(), id.to_owned())));
    }
    variables
}

/// Returns the steps of a pipeline with templates expanded, except for the installation of azfob.
fn expanded(steps: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    for step in steps.as_array().unwrap() {
        let Some(template) = step["template"].as_str() else {
            found.push(step.clone());
            continue;
        };
        let mut text_of_it = read(template.split('@').next().unwrap());
        let declared = yaml(&text_of_it).remove(0);
        for parameter in declared["parameters"].as_array().unwrap() {
            let name = parameter["name"].as_str().unwrap();
            let value = step["parameters"][name].as_str().or(parameter["default"].as_str());
            let place = format!("${{{{ parameters.{name} }}}}");
            text_of_it = text_of_it.replace(&place, value.unwrap_or_else(|| panic!("{name} is not given")));
        }
        let own = yaml(&text_of_it).remove(0);
        found.extend(own["steps"].as_array().unwrap().iter().filter(|step| step["bash"].is_null()).cloned());
    }
    found
}

#[test]
fn azure_pipelines_step_signs_in_with_service_connection() {
    let [with_task, by_template, plain] = recipe("azure-pipelines", "yaml").map(|text| yaml(&text).remove(0));
    for (pipeline, is_whole) in [(with_task, true), (by_template, true), (plain, false)] {
        // The agent passes the job's token only to steps that map it.
        let scenario = scenario(Host::AzurePipelines).without("SYSTEM_ACCESSTOKEN");
        let sandbox = scenario.sandbox();
        let mut known =
            BTreeMap::from([("System.AccessToken".to_owned(), host_variable(&sandbox, "SYSTEM_ACCESSTOKEN"))]);
        let steps = expanded(&pipeline["steps"]);
        let first = &steps[0];
        let run = first["script"].as_str().or(first["inputs"]["inlineScript"].as_str()).unwrap();
        let output = script(&scenario, &sandbox, &AZURE_SHELL, run, &step_variables(&pipeline, first, &known));
        assert_eq!(text(&output.stderr), "", "the pipeline has all that it needs");
        let job = azure_agent::Job::of(&text(&output.stdout), azure_agent::Multiline::Allowed);
        assert!(job.variables.iter().any(|(_, value)| value.contains(DATABASE)));
        if !is_whole {
            continue;
        }
        known.extend(job.variables.iter().cloned());
        let second = &steps[1];
        let run = second["script"].as_str().unwrap();
        let output = script(&scenario, &sandbox, &AZURE_SHELL, run, &step_variables(&pipeline, second, &known));
        let shown = text(&output.stdout);
        assert_shows_secrets(&shown);
        let masks = &job.secrets_before_variables;
        assert_shows_no_secret(&masks.iter().fold(shown, |shown, secret| shown.replace(secret.as_str(), "***")));
    }
}

/// What the recipes set themselves.
const IDS: [&str; 3] = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZFOB_ID_TOKEN"];

#[test]
fn gitlab_job_signs_in_with_its_token() {
    let [text_of_job] = recipe::<1>("gitlab", "yaml");
    let job = &yaml(&text_of_job)[0]["deploy"];
    let scenario = IDS.iter().fold(scenario(Host::GitLab), |scenario, name| scenario.without(name));
    let sandbox = scenario.sandbox();
    let token = host_variable(&sandbox, "AZFOB_ID_TOKEN");
    let mut variables = pairs(&job["variables"]);
    for (name, requested) in job["id_tokens"].as_object().unwrap() {
        assert_eq!(requested["aud"], "api://AzureADTokenExchange", "what the federated credential below expects");
        variables.push((name.clone(), token.clone()));
    }
    // The runner joins the lines into one script, for bash if the image has it, otherwise for sh.
    let lines: Vec<_> = job["script"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    for shell in [["/bin/sh", "-e"], ["/bin/bash", "-e"]] {
        let output = script(&scenario, &sandbox, &shell, &lines.join("\n"), &variables);
        assert_shows_no_secret(&text(&output.stdout));
    }
}

#[test]
fn jenkins_build_signs_in_with_its_token() {
    let [pipeline] = recipe::<1>("jenkins", "groovy");
    let quoted = |line: &str| line.split('\'').nth(1).map(str::to_owned);
    let (_, rest) = pipeline.split_once("environment {").unwrap();
    let (environment, steps) = rest.split_once('}').unwrap();
    let mut variables: Vec<(String, String)> = Vec::new();
    for line in environment.lines().filter(|line| line.contains('=')) {
        variables.push((line.split('=').next().unwrap().trim().to_owned(), quoted(line).unwrap()));
    }
    let (_, name) = steps.split_once("string(credentialsId: 'azure', variable: ").unwrap();
    let scenario = IDS.iter().fold(scenario(Host::GitLab), |scenario, name| scenario.without(name));
    let scenario =
        scenario.without("GITLAB_CI").var("JENKINS_URL", "https://jenkins.example.com/").var("BUILD_ID", "7");
    let sandbox = scenario.sandbox();
    variables.push((quoted(name).unwrap(), host_variable(&sandbox, "AZFOB_ID_TOKEN")));
    let run = steps.lines().find_map(|line| line.trim().strip_prefix("sh ")).and_then(quoted).unwrap();
    assert_eq!(pipeline.matches(['{', '(', '[']).count(), pipeline.matches(['}', ')', ']']).count());
    assert_shows_no_secret(&text(&script(&scenario, &sandbox, &["/bin/sh", "-xe"], &run, &variables).stdout));
}

#[test]
fn circleci_job_requests_its_token() {
    let config = yaml(&recipe::<1>("circleci", "yaml")[0]).remove(0);
    let job = &config["jobs"]["deploy"];
    assert_eq!(config["workflows"]["deploy"]["jobs"][0], "deploy");
    let run = job["steps"].as_array().unwrap().iter().find_map(|step| step["run"].as_str()).unwrap();
    let scenario = IDS.iter().fold(scenario(Host::CircleCi), |scenario, name| scenario.without(name));
    let sandbox = scenario.sandbox();
    let output = script(&scenario, &sandbox, &["/bin/bash", "-eo", "pipefail"], run, &pairs(&job["environment"]));
    assert_shows_no_secret(&text(&output.stdout));
}

#[test]
fn buildkite_job_requests_its_token() {
    let pipeline = yaml(&recipe::<1>("buildkite", "yaml")[0]).remove(0);
    let run = pipeline["steps"][0]["command"].as_str().unwrap();
    let scenario = IDS.iter().fold(scenario(Host::Buildkite), |scenario, name| scenario.without(name));
    let sandbox = scenario.sandbox();
    let output = script(&scenario, &sandbox, &["/bin/bash", "-e"], run, &pairs(&pipeline["env"]));
    assert_shows_no_secret(&text(&output.stdout));
}

#[test]
fn expiry_check_fails_if_a_secret_expires() {
    let [check] = recipe::<1>("expiry-check", "sh");
    let workflow = yaml(&recipe::<1>("expiry-check", "yaml")[0]).remove(0);
    let job = &workflow["jobs"]["check"];
    let (step, _) = steps(job).into_iter().rfind(|(step, _)| is_script(step)).unwrap();
    let step = step["run"].as_str().unwrap();
    let everything = "ApiKey\nDatabaseConnectionString\nTlsCertificate\n";
    for (fault, expected) in
        [(None, (0, "")), (Some(Fault::Expired), (9, everything)), (Some(Fault::Forbidden), (5, ""))]
    {
        let scenario = fault.into_iter().fold(github(&workflow), Scenario::fault);
        fs::write(scenario.work().join("check-expiry.sh"), &check).unwrap();
        let variables = evaluated(&job["env"], &repository());
        let output = attempt(&scenario, &scenario.sandbox(), &GITHUB_SHELL, step, &variables);
        assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(expected.0), expected.1));
    }
}
