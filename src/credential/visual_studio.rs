//! Uses the account of Visual Studio, through the token service that it installs.
//!
//! Visual Studio writes a file with the programs that issue tokens
//! (<https://learn.microsoft.com/dotnet/api/azure.identity.visualstudiocredential>); the protocol is that of .NET's
//! VisualStudioCredential. A program must be an absolute path to a file: neither PATH nor the current directory is
//! searched. Users who can write the file could also put a program on PATH.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use crate::entra::aadsts_code;
use crate::env;
use crate::process::{Output, Program};
use crate::redact::secret::Secret;
use crate::time::timestamp::Timestamp;
use crate::token::AccessToken;

use super::developer_tool::{DeveloperTool, SignIns};
use super::{Credential, CredentialContext, CredentialInfo, Group, NoToken, Reason, TokenRequest, json_file};

/// The account of Visual Studio.
pub struct VisualStudioCredential;

const PRODUCT: &str = "Visual Studio";
/// Its name in reports.
pub const TOKEN_SERVICE: &str = "Visual Studio's token service";
/// Found only by its path; no command signs in to it.
const SERVICE: DeveloperTool = DeveloperTool {
    program: TOKEN_SERVICE,
    sign_in: None,
    variables: &[],
    own_variables: "",
    windows_paths: &[],
    sign_ins: SignIns::UNKNOWN,
};
/// The largest file that is read. It has a few hundred bytes for each Visual Studio.
const FILE_LIMIT: u64 = 64 << 10;

impl Credential for VisualStudioCredential {
    fn info(&self) -> CredentialInfo {
        CredentialInfo { name: "VisualStudioCredential", short_name: "visual-studio", group: Group::Developer }
    }

    fn get_token(&self, request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
        let providers = providers(context).map_err(NoToken::Unavailable)?;
        let tenant = request.tenant.for_any_account();
        let mut first = None;
        for (program, own) in &providers {
            log::info!(target: "azfob", "{} is {}", SERVICE.program, program.path().display());
            let own = words(own);
            let mut arguments: Vec<&str> = own.iter().map(String::as_str).collect();
            arguments.extend(["--resource", request.scope.resource()]);
            if let Some(tenant) = &tenant {
                arguments.extend(["--tenant", tenant.as_str()]);
            }
            match SERVICE.run(program, &arguments, context).and_then(|output| read(&output)) {
                Ok(token) => return Ok(token),
                Err(error) => first = first.or(Some(error)),
            }
        }
        // The error of the preferred provider is the one to fix.
        Err(first.expect("there is at least one provider"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Providers {
    token_providers: Vec<Provider>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Provider {
    path: PathBuf,
    arguments: Vec<String>,
    preference: i64,
}

/// Returns the programs that can be run with their arguments, the preferred one first. At least one.
fn providers(context: &CredentialContext) -> Result<Vec<(Program, Vec<String>)>, Reason> {
    let file = file(context)?;
    let missing = || Reason::SignInFileMissing { product: PRODUCT, path: file.clone() };
    let mut providers = json_file::read::<Providers>(&file, FILE_LIMIT, "a list of token providers")
        .map_err(|problem| Reason::SignInFileUnusable { path: file.clone(), problem })?
        .ok_or_else(missing)?
        .token_providers;
    providers.sort_by_key(|provider| provider.preference);
    let found: Vec<_> = providers.iter().filter_map(|p| Some((Program::at(&p.path)?, p.arguments.clone()))).collect();
    if found.is_empty() {
        let named = providers.into_iter().map(|provider| provider.path).collect();
        return Err(Reason::TokenServiceMissing { file, named });
    }
    Ok(found)
}

/// Returns the arguments of a provider as its program receives them. .NET joins them with blanks to a command line, so Visual
/// Studio writes the path of a file in quotes (<https://github.com/Azure/azure-sdk-for-net/issues/7754>).
fn words(arguments: &[String]) -> Vec<String> {
    let (mut words, mut is_quoted) = (vec![String::new()], false);
    for c in arguments.join(" ").chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            c => words.last_mut().expect("there is one from the start").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn file(context: &CredentialContext) -> Result<PathBuf, Reason> {
    let folder = |place: Option<PathBuf>, variable| {
        place.ok_or_else(|| Reason::VariablesMissing { set: Vec::new(), missing: vec![variable] })
    };
    let folder = if cfg!(windows) {
        folder(context.env.get_os(env::LOCALAPPDATA).map(PathBuf::from), env::LOCALAPPDATA)?
    } else {
        folder(context.home.clone(), env::HOME)?
    };
    Ok(folder.join(".IdentityService").join("AzureServiceAuth").join("tokenprovider.json"))
}

#[derive(Deserialize)]
struct VisualStudioToken {
    access_token: Secret,
    #[serde(default)]
    expires_on: Value,
}

/// Reads the output of the token service.
///
/// # Errors
/// It holds no token.
pub fn read(output: &Output) -> Result<AccessToken, NoToken> {
    if !output.succeeded() {
        return Err(classify(output));
    }
    serde_json::from_slice::<VisualStudioToken>(&output.stdout)
        .ok()
        .and_then(|answer| {
            let expires = Timestamp::from_expiry(&answer.expires_on, Timestamp::now());
            AccessToken::new(answer.access_token, expires)
        })
        .ok_or_else(|| SERVICE.malformed("JSON with an access_token"))
}

/// TS005 means that no account is signed in
/// (<https://github.com/Azure/azure-sdk-for-net/blob/main/sdk/identity/Azure.Identity/TROUBLESHOOTING.md>).
fn classify(output: &Output) -> NoToken {
    let code = aadsts_code(&output.stderr);
    if output.stderr.contains("TS005") && code.is_none() {
        return NoToken::Unavailable(Reason::NoAccount {
            product: PRODUCT,
            fix: "choose one in Visual Studio under Tools > Options > Azure Service Authentication",
        });
    }
    // It writes Entra ID's message in quotes, and the message is shown without what precedes it.
    let words = output.stderr.trim_end();
    let words = code.and_then(|_| words.strip_suffix('\'')).unwrap_or(words);
    SERVICE.refused(output.code, words)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use zeroize::Zeroizing;

    use super::*;
    use crate::credential::Failure;
    use crate::credential::error::{FileProblem, ProgramFailure};
    use crate::credential::testing::credential_context;

    fn ended(code: i32, stdout: &str, stderr: &str) -> Result<AccessToken, NoToken> {
        let stdout = Zeroizing::new(stdout.as_bytes().to_vec());
        read(&Output { code: Some(code), stdout, stderr: stderr.to_owned() })
    }

    /// Returns the providers of a file with this text, in a home folder with two programs, `a` and `b`.
    fn of_file(text: impl FnOnce(&Path) -> String) -> Result<Vec<(String, Vec<String>)>, Reason> {
        let home = tempfile::tempdir().unwrap();
        for name in ["a", "b"] {
            std::fs::write(home.path().join(name), "").unwrap();
        }
        let local = home.path().to_str().unwrap();
        let context = credential_context(&[("LOCALAPPDATA", local)], Some(home.path()));
        let file = file(&context).unwrap();
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text(home.path())).unwrap();
        let name = |program: &Program| program.path().file_name().unwrap().to_str().unwrap().to_owned();
        providers(&context).map(|all| all.iter().map(|(program, own)| (name(program), own.clone())).collect())
    }

    fn entry(path: &Path, preference: i64) -> String {
        format!(r#"{{"Path":{},"Arguments":["vs"],"Preference":{preference},"New":1}}"#, serde_json::json!(path))
    }

    #[test]
    fn existing_programs_are_sorted_by_preference() {
        let found = of_file(|home| {
            let entries = [entry(&home.join("b"), 7), entry(&home.join("gone"), 1), entry(&home.join("a"), -1)];
            format!("\u{feff}{{\"TokenProviders\":[{}]}}", entries.join(","))
        });
        let own = vec!["vs".to_owned()];
        assert_eq!(found.unwrap(), [("a".to_owned(), own.clone()), ("b".to_owned(), own)]);
    }

    #[test]
    fn quotes_group_the_words_of_arguments() {
        let own = |arguments: &[&str]| words(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>());
        let config = r"C:\Program Files (x86)\Common7\servicehub.config.json";
        assert_eq!(own(&["--serviceHubConfig", &format!("\"{config}\"")]), ["--serviceHubConfig", config]);
        assert_eq!(own(&["vs", "17.0 x"]), ["vs", "17.0", "x"]);
        assert_eq!(own(&["", "\"a  b"]), ["a  b"]);
        assert_eq!(own(&[]), [""; 0]);
    }

    #[test]
    fn relative_path_and_folder_are_no_programs() {
        for relative in ["sh", "../../bin/sh", "a", "."] {
            let found = of_file(|_| format!(r#"{{"TokenProviders":[{}]}}"#, entry(Path::new(relative), 0)));
            assert!(matches!(found, Err(Reason::TokenServiceMissing { .. })), "{relative}: {found:?}");
        }
        let folder = of_file(|home| format!(r#"{{"TokenProviders":[{}]}}"#, entry(home, 0)));
        assert!(matches!(folder, Err(Reason::TokenServiceMissing { .. })));
        assert!(matches!(of_file(|_| r#"{"TokenProviders":[]}"#.into()), Err(Reason::TokenServiceMissing { .. })));
    }

    #[test]
    fn malformed_provider_file_is_unusable() {
        for text in ["{}", "[]", "x", r#"{"TokenProviders":[{"Path":"/bin/sh","Arguments":[]}]}"#] {
            let problem = match of_file(|_| text.to_owned()) {
                Err(Reason::SignInFileUnusable { problem, .. }) => problem,
                other => panic!("{text}: {other:?}"),
            };
            assert!(matches!(problem, FileProblem::Malformed(_)), "{text}");
        }
        assert!(matches!(
            of_file(|_| String::new()),
            Err(Reason::SignInFileUnusable { problem: FileProblem::Empty, .. })
        ));
    }

    #[test]
    fn missing_file_or_home_is_unavailable() {
        let home = tempfile::tempdir().unwrap();
        let local = home.path().to_str().unwrap();
        let context = credential_context(&[("LOCALAPPDATA", local)], Some(home.path()));
        assert!(matches!(providers(&context), Err(Reason::SignInFileMissing { .. })));
        assert!(matches!(providers(&credential_context(&[], None)), Err(Reason::VariablesMissing { .. })));
    }

    #[test]
    fn token_missing_account_and_refusal_are_distinguished() {
        let token = ended(0, r#"{"access_token":"t","expires_on":"2026-01-01T12:00:00+00:00"}"#, "").unwrap();
        assert_eq!((token.expose(), token.expires_on), ("t", Some(Timestamp(1_767_268_800))));
        for text in ["", "null", r#"{"access_token":""}"#, "\0", "TS005"] {
            assert!(matches!(ended(0, text, ""), Err(NoToken::Failed(Failure::Malformed { .. }))), "{text}");
        }
        let none = ended(1, "", "TS005: No account was found. Please sign in to Visual Studio.");
        assert!(matches!(none, Err(NoToken::Unavailable(Reason::NoAccount { .. }))));
        let quoted = ended(1, "", "TS003: Error, TS004: Unable to get access token.  'AADSTS50076: Use MFA.'\n");
        assert_eq!(quoted.unwrap_err().to_string(), "Visual Studio's token service: AADSTS50076: Use MFA.");
        let refused = ended(1, "", "TS003: Error, AADSTS50076: Use MFA.\nTrace ID: t");
        let Err(NoToken::Failed(Failure::Program { ending: ProgramFailure::Exited { message, aadsts, .. }, .. })) =
            refused
        else {
            panic!("refused")
        };
        assert_eq!((message.as_str(), aadsts), ("AADSTS50076: Use MFA.", Some(50076)));
    }
}
