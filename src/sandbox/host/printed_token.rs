//! The jobs of CI systems that issue a federated token in a variable or by a program: GitLab, CircleCI and Buildkite.
//!
//! The programs are scripts with the arguments that their documentation names
//! (<https://circleci.com/docs/oidc-tokens-with-custom-claims/>, <https://buildkite.com/docs/agent/cli/reference/oidc>).

use std::io;

use super::environment::{Environment, HostSetup};
use super::quoted;
use crate::env;
use crate::sandbox::{fault::Fault, file, keys, names};

pub(super) fn prepare_gitlab(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    environment.set(env::GITLAB_CI, "true");
    if let Some(assertion) = identity(setup, environment) {
        environment.set(env::AZFOB_ID_TOKEN, assertion);
    }
    Ok(())
}

pub(super) fn prepare_circleci(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    environment.set(env::CIRCLECI, "true");
    // Its audience is the organization.
    environment.set("CIRCLE_OIDC_TOKEN", keys::assertion(&setup.azure.plan, names::CIRCLECI_ORGANIZATION));
    let audience = setup.azure.plan.cloud.federated_audience();
    let arguments = format!("run oidc get --claims {{\"aud\":\"{audience}\"}}");
    install(setup, environment, "circleci", &arguments)
}

pub(super) fn prepare_buildkite(setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<()> {
    environment.set(env::BUILDKITE, "true");
    environment.set("BUILDKITE_AGENT_ACCESS_TOKEN", &setup.azure.keys.job_token);
    let audience = setup.azure.plan.cloud.federated_audience();
    let arguments = format!("oidc request-token --audience {audience} --subject-claim pipeline_id");
    install(setup, environment, "buildkite-agent", &arguments)
}

/// Sets the IDs of the job, and returns its federated token. No identity: the job has neither.
fn identity<'a>(setup: &HostSetup<'a>, environment: &mut Environment) -> Option<&'a str> {
    environment.set(env::CI, "true");
    if setup.azure.plan.has(Fault::NoIdentity) {
        return None;
    }
    environment.set(env::AZURE_CLIENT_ID, names::USER_ASSIGNED_CLIENT_ID);
    environment.set(env::AZURE_TENANT_ID, names::TENANT_ID);
    Some(&setup.azure.keys.assertion)
}

/// Puts a program on PATH that prints the token if it gets these arguments. The token is in a file of mode 0600.
fn install(setup: &HostSetup<'_>, environment: &mut Environment, name: &str, arguments: &str) -> io::Result<()> {
    let Some(assertion) = identity(setup, environment) else { return Ok(()) };
    let token = setup.folder.join("job-token");
    file::write_private(&token, format!("{assertion}\n").as_bytes())?;
    let programs = setup.folder.join("bin");
    file::create_folder(&programs)?;
    let path = token.to_string_lossy();
    // cmd.exe has no reliable way to compare quoted arguments.
    let (name, text) = match cfg!(windows) {
        true => (format!("{name}.cmd"), format!("@type \"{path}\"\r\n")),
        false => (
            name.to_owned(),
            format!(
                "#!/bin/sh\nif [ \"$*\" = {} ]; then read -r token <{}; echo \"$token\"; exit; fi\n\
                 echo \"{name}: the sandbox does not know these arguments\" >&2\nexit 1\n",
                quoted(arguments),
                quoted(&path)
            ),
        ),
    };
    file::write_program(&programs.join(name), text.as_bytes())?;
    environment.path_entries.push(programs);
    Ok(())
}
