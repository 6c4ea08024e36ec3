//! What the developer tools of the sandbox have in common: their tokens, their faults, and their place on PATH.
//!
//! Tokens are in files with mode 0600, never in a script or in arguments.

use std::{
    io,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    environment::{Environment, HostSetup},
    tool_script::{ScriptData, ToolScript},
};
use crate::sandbox::{azure::Azure, cloud::EmulatedCloud, entra, fault::Fault, file, names, token::Subject};

/// A tool that prints tokens of its signed-in user.
pub(super) struct EmulatedTool {
    /// Its name on PATH, and that of the folder with its answers.
    pub(super) program: &'static str,
    pub(super) script: ToolScript,
    /// Returns the files with a token: the extension and the content of each.
    pub(super) answers: fn(&IssuedAnswer<'_>) -> Vec<(&'static str, String)>,
    /// Returns what the tool prints if its sign-in is not valid. A sign-in removes it.
    pub(super) refusal: fn(&Azure, SignInFault) -> String,
    /// What the tool prints after a sign-out.
    pub(super) signed_out: &'static str,
}

/// A token, and what was requested.
pub(super) struct IssuedAnswer<'a> {
    pub(super) token: &'a str,
    pub(super) expires: u64,
    /// The requested tenant, if there was one.
    pub(super) tenant: Option<&'a str>,
}

/// Why a sign-in is not valid.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SignInFault {
    SignedOut,
    Expired,
    Mfa,
}

impl EmulatedTool {
    /// Prepares the answers and the program, puts the program on PATH, and returns its file.
    pub(super) fn prepare(&self, setup: &HostSetup<'_>, environment: &mut Environment) -> io::Result<PathBuf> {
        let azure = setup.azure;
        let folder = self.folder(setup);
        file::create_folder(&folder)?;
        for (number, resource) in resources(azure.plan.cloud).iter().enumerate() {
            for tenant in tenants(azure).iter().copied().map(Some).chain([None]) {
                self.write_answers(azure, &folder, number, resource, tenant)?;
            }
        }
        let write = |name: &str, text: &str| file::write_private(&folder.join(name), text.as_bytes());
        write("signed-out.txt", self.signed_out)?;
        if let Some(fault) = sign_in_fault(azure) {
            write("refusal.txt", &(self.refusal)(azure, fault))?;
        }
        for (fault, name) in [(Fault::SlowTool, "slow"), (Fault::Garbage, "garbage"), (Fault::NoModule, "no-module")] {
            if azure.plan.has(fault) {
                write(name, "")?;
            }
        }
        let (name, text) = self.script.file(self.program, &script_data(azure, &folder));
        let programs = setup.folder.join("bin");
        file::create_folder(&programs)?;
        let program = programs.join(name);
        if !azure.plan.has(Fault::NoTool) {
            file::write_program(&program, text.as_bytes())?;
        }
        environment.path_entries.push(programs);
        Ok(program)
    }

    /// Returns the folder of the answers.
    pub(super) fn folder(&self, setup: &HostSetup<'_>) -> PathBuf {
        setup.folder.join(self.program)
    }

    fn write_answers(
        &self,
        azure: &Azure,
        folder: &Path,
        number: usize,
        resource: &str,
        tenant: Option<&str>,
    ) -> io::Result<()> {
        let (token, expires) = azure.day_token(&Subject::User, resource, tenant.unwrap_or(names::TENANT_ID));
        for (extension, text) in (self.answers)(&IssuedAnswer { token: &token, expires, tenant }) {
            let name = format!("{}.{number}.{extension}", tenant.unwrap_or("default"));
            file::write_private(&folder.join(name), text.as_bytes())?;
        }
        Ok(())
    }
}

/// Returns JSON as a tool prints it.
pub(super) fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// Returns Entra ID's message, without the IDs after it.
pub(super) fn entra_text(fault: SignInFault) -> String {
    match fault {
        SignInFault::Mfa => format!(
            "AADSTS50076: Due to a configuration change made by your administrator, or because you moved to a new \
             location, you must use multi-factor authentication to access '{}'.",
            names::KEY_VAULT_APPLICATION_ID
        ),
        SignInFault::SignedOut | SignInFault::Expired => {
            "AADSTS700082: The refresh token has expired due to inactivity. The token was issued on \
             2025-01-01T00:00:00.0000000Z and was inactive for 90.00:00:00."
                .into()
        }
    }
}

/// Returns the data of a tool's scripts.
pub(super) fn script_data<'a>(azure: &Azure, folder: &'a Path) -> ScriptData<'a> {
    ScriptData {
        folder,
        resources: resources(azure.plan.cloud),
        tenants: tenants(azure),
        unknown_tenant: "AADSTS90002: Tenant '%s' not found. Check to make sure you have the correct tenant ID and are \
                         signing into the correct cloud.",
        no_guest: azure.plan.has_on_host(Fault::WrongTenant).then(|| entra::no_guest_text(names::AZURE_CLI_CLIENT_ID)),
        unknown_resource: format!("AADSTS500011: {}", entra::unknown_resource_text("%s")),
    }
}

fn sign_in_fault(azure: &Azure) -> Option<SignInFault> {
    if azure.plan.has_on_host(Fault::NoIdentity) {
        Some(SignInFault::SignedOut)
    } else if azure.plan.has(Fault::ExpiredLogin) {
        Some(SignInFault::Expired)
    } else {
        azure.plan.has(Fault::Mfa).then_some(SignInFault::Mfa)
    }
}

/// Returns the resources that the tools have tokens for. A trailing slash makes a different audience (azure-cli appends
/// `/.default` to the resource). Without a resource, the tools issue a token for the first one.
fn resources(cloud: EmulatedCloud) -> Vec<String> {
    let management = format!("https://{}", cloud.management());
    let core = "https://management.core.windows.net";
    let vault = cloud.vault_resource();
    vec![
        format!("{core}/"),
        core.into(),
        vault.into(),
        format!("{vault}/"),
        format!("{management}/"),
        management,
        "https://graph.microsoft.com".into(),
        "https://graph.microsoft.com/".into(),
    ]
}

/// Returns the tenants in which the user is a member or a guest.
fn tenants(azure: &Azure) -> &'static [&'static str] {
    if azure.plan.has(Fault::Guest) { &[names::TENANT_ID, names::OTHER_TENANT_ID] } else { &[names::TENANT_ID] }
}
