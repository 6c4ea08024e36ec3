//! Azure Arc: an agent on a server outside Azure, which wants proof that we may read what it writes.
//!
//! <https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication>; the reference is MSAL for
//! Python. The agent answers the first request with the path of a key that only its group may read, and the second one
//! carries that key. The path comes from whoever listens on the port: nothing is read outside the agent's own folder,
//! or anybody could have files of ours sent to them.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;
use zeroize::Zeroizing;

use crate::env::Env;
use crate::http::retry::IDENTITY_ENDPOINT;
use crate::http::{Reply, Request, Route};
use crate::secret::Secret;
use crate::token::AccessToken;

use super::super::error_message::said;
use super::super::{Failure, KeyFileProblem, NoToken, Surroundings, TokenRequest};
use super::{IdKind, ManagedIdentityId, Scheme, ask, endpoint_url, granted, imds, refused, token_url};

/// Where the agent listens if no variable says otherwise.
const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:40342/metadata/identity/oauth2/token";
const VERSION: &str = "2020-06-01";
const HOST: &str = "Azure Arc server";
const AGENT: &str = "the Azure Arc agent";
/// The largest key that is read: the limit of every SDK.
const KEY_LIMIT: u64 = 4096;

/// Whether the agent's program is where its installer puts it.
pub(super) fn agent_is_installed(env: &Env) -> bool {
    let program = if cfg!(windows) {
        env.get_os("ProgramFiles").map(|folder| Path::new(folder).join(r"AzureConnectedMachineAgent\himds.exe"))
    } else {
        Some(PathBuf::from("/opt/azcmagent/bin/himds"))
    };
    program.is_some_and(|program| program.is_file())
}

pub(super) fn get_token(request: &TokenRequest, around: &Surroundings) -> Result<AccessToken, NoToken> {
    ask_agent(request, around, tokens_folder(&around.env).as_deref())
}

fn ask_agent(request: &TokenRequest, around: &Surroundings, tokens: Option<&Path>) -> Result<AccessToken, NoToken> {
    const ENDPOINT: &str = "IDENTITY_ENDPOINT";
    let env = &around.env;
    let endpoint = if env.has(ENDPOINT) { endpoint_url(env, ENDPOINT, Scheme::Http)? } else { DEFAULT_ENDPOINT };
    let url = token_url(endpoint, VERSION, request, imds::id_parameter);
    let asked = Request::get(Route::Machine, &url).header("metadata", "true");
    let challenge = ask(&asked, &IDENTITY_ENDPOINT, HOST, around)?;
    if !matches!(challenge.status, 200 | 401) {
        return Err(judge(&challenge, request.identity.as_ref()));
    }
    let expected = "401 with a header WWW-Authenticate: Basic realm=FILE";
    let path = key_path(&challenge).ok_or(NoToken::Failed(Failure::Malformed { from: AGENT, expected }))?;
    let key = tokens
        .ok_or(KeyFileProblem::Elsewhere)
        .and_then(|folder| read_key(Path::new(path), folder))
        .map_err(|problem| NoToken::Failed(Failure::KeyFile { path: path.to_owned(), problem }))?;
    let authorization = Zeroizing::new(format!("Basic {}", key.expose()));
    let reply = ask(&asked.header("authorization", authorization.as_str()), &IDENTITY_ENDPOINT, HOST, around)?;
    match &request.identity {
        _ if reply.status != 200 => Err(judge(&reply, request.identity.as_ref())),
        None => granted(&reply, AGENT),
        Some(id) => {
            let token = granted(&reply, AGENT)?;
            confirm(&reply, id)?;
            Ok(token)
        }
    }
}

/// An agent that knows user-assigned identities answers 404 where the one asked for is not assigned.
fn judge(reply: &Reply, asked: Option<&ManagedIdentityId>) -> NoToken {
    match asked {
        Some(id) if reply.status == 404 => {
            let said = said(reply).unwrap_or_default();
            NoToken::Failed(Failure::IdentityNotAssigned { id: id.clone(), host: HOST, said })
        }
        _ => refused(HOST, reply),
    }
}

/// The file that a challenge names; none where it is not in the one form that the agent uses.
fn key_path(challenge: &Reply) -> Option<&str> {
    if challenge.status != 401 {
        return None;
    }
    let path = challenge.header("www-authenticate")?.trim().strip_prefix("Basic realm=")?;
    (!path.is_empty() && !path.contains(['=', '"'])).then_some(path)
}

/// The folder in which the agent puts its keys; none on a system for which there is no agent.
fn tokens_folder(env: &Env) -> Option<PathBuf> {
    if cfg!(windows) {
        env.get_os("ProgramData").map(|folder| Path::new(folder).join(r"AzureConnectedMachineAgent\Tokens"))
    } else if cfg!(target_os = "linux") {
        Some(PathBuf::from("/var/opt/azcmagent/tokens"))
    } else {
        None
    }
}

/// Reads the key in a file, if the file is directly in `folder` and could only be put there by the agent.
fn read_key(path: &Path, folder: &Path) -> Result<Secret, KeyFileProblem> {
    if !path.parent().is_some_and(|parent| is_same(parent, folder)) {
        return Err(KeyFileProblem::Elsewhere);
    }
    if path.extension().is_none_or(|ending| ending != "key") {
        return Err(KeyFileProblem::Name);
    }
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::PermissionDenied => KeyFileProblem::Denied,
        kind => KeyFileProblem::Unreadable(kind),
    };
    // Of the file itself, and never of what a link leads to.
    let entry = fs::symlink_metadata(path).map_err(unreadable)?;
    if !entry.is_file() {
        return Err(KeyFileProblem::NotAFile);
    }
    if entry.len() > KEY_LIMIT {
        return Err(KeyFileProblem::TooLarge(KEY_LIMIT));
    }
    if others_may_write(&entry) || others_may_write(&fs::metadata(folder).map_err(unreadable)?) {
        return Err(KeyFileProblem::Writable);
    }
    let mut text = Zeroizing::new(String::with_capacity(KEY_LIMIT as usize));
    let file = fs::File::open(path).map_err(unreadable)?;
    file.take(KEY_LIMIT).read_to_string(&mut text).map_err(unreadable)?;
    let key = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if key.is_empty() || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(KeyFileProblem::Malformed);
    }
    Ok(Secret::new(key))
}

/// Whether two paths are the same, character by character; on Windows in any case.
fn is_same(one: &Path, other: &Path) -> bool {
    if cfg!(windows) { one.as_os_str().eq_ignore_ascii_case(other) } else { one.as_os_str() == other.as_os_str() }
}

/// Where nobody else may write, neither to the file nor to its folder, the agent's own user and group put it there.
#[cfg(unix)]
fn others_may_write(entry: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&entry.permissions()) & 0o002 != 0
}

/// Windows inherits the rights of the folder, which the agent's installer sets.
#[cfg(not(unix))]
fn others_may_write(_: &fs::Metadata) -> bool {
    false
}

/// Sees that the token is that of the identity asked for. Older agents do not know the parameter and hand out the
/// server's own identity without a word.
fn confirm(reply: &Reply, id: &ManagedIdentityId) -> Result<(), NoToken> {
    let body: Value = reply.json().unwrap_or_default();
    let names: &[&str] = match id.kind {
        IdKind::Client => &["client_id"],
        IdKind::Object => &["object_id"],
        IdKind::Resource => &["msi_res_id", "mi_res_id"],
    };
    let got = names.iter().find_map(|name| body.get(name)?.as_str().filter(|value| !value.is_empty()));
    match got {
        Some(got) if got.eq_ignore_ascii_case(&id.value) => Ok(()),
        _ => Err(NoToken::Failed(Failure::IdentityNotConfirmed {
            id: id.clone(),
            host: HOST,
            got: got.map(str::to_owned),
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            Folder(tempfile::tempdir().unwrap())
        }

        fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
            let path = self.0.path().join(name);
            fs::write(&path, content).unwrap();
            path
        }

        fn read(&self, path: &Path) -> Result<String, KeyFileProblem> {
            read_key(path, self.0.path()).map(|key| key.expose().to_owned())
        }
    }

    #[test]
    fn a_key_is_read_without_its_last_newline() {
        let folder = Folder::new();
        for (content, key) in [("abc=", "abc="), ("abc\n", "abc"), ("abc\r\n", "abc")] {
            assert_eq!(folder.read(&folder.write("x.key", content)), Ok(key.to_owned()));
        }
        for content in ["", "\n", "a b", "abc\n\n", "a\nb", "é", " abc"] {
            assert_eq!(folder.read(&folder.write("x.key", content)), Err(KeyFileProblem::Malformed), "{content:?}");
        }
    }

    #[test]
    fn nothing_outside_the_folder_is_read() {
        let folder = Folder::new();
        let (tokens, inside) = (folder.0.path(), folder.write("x.key", "abc"));
        fs::create_dir(tokens.join("sub")).unwrap();
        let below = folder.write("sub/x.key", "abc");
        let elsewhere = Folder::new().write("x.key", "abc");
        let name = tokens.file_name().unwrap();
        for path in [
            below,
            elsewhere,
            tokens.join("sub").join("..").join("x.key"),
            tokens.join("..").join(name).join("x.key"),
            tokens.join(".").join("sub").join("x.key"),
            PathBuf::from("x.key"),
            PathBuf::from("/etc/shadow"),
            PathBuf::from("/"),
            PathBuf::new(),
        ] {
            assert_eq!(folder.read(&path), Err(KeyFileProblem::Elsewhere), "{}", path.display());
        }
        assert!(folder.read(&inside).is_ok());
    }

    #[test]
    fn only_a_small_regular_file_with_the_right_name_is_a_key() {
        let folder = Folder::new();
        for name in ["x.pem", "x", ".key", "x.key.txt", "x.KEY"] {
            assert_eq!(folder.read(&folder.write(name, "abc")), Err(KeyFileProblem::Name), "{name}");
        }
        assert!(folder.read(&folder.write("x.key", "a".repeat(4096))).is_ok());
        let large = folder.write("x.key", "a".repeat(4097));
        assert_eq!(folder.read(&large), Err(KeyFileProblem::TooLarge(4096)));
        fs::create_dir(folder.0.path().join("folder.key")).unwrap();
        assert_eq!(folder.read(&folder.0.path().join("folder.key")), Err(KeyFileProblem::NotAFile));
        let missing = folder.0.path().join("missing.key");
        assert_eq!(folder.read(&missing), Err(KeyFileProblem::Unreadable(io::ErrorKind::NotFound)));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_files_that_others_may_write_are_refused() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = Folder::new();
        let link = folder.0.path().join("link.key");
        symlink(Folder::new().write("x.key", "abc"), &link).unwrap();
        assert_eq!(folder.read(&link), Err(KeyFileProblem::NotAFile));
        let key = folder.write("x.key", "abc");
        let allow = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        allow(&key, 0o602);
        assert_eq!(folder.read(&key), Err(KeyFileProblem::Writable));
        allow(&key, 0o640);
        assert!(folder.read(&key).is_ok());
        allow(folder.0.path(), 0o777);
        assert_eq!(folder.read(&key), Err(KeyFileProblem::Writable));
    }
}

/// The whole exchange with the sandbox's agent, whose key lies in the sandbox's folder: the one thing that the real
/// program refuses.
#[cfg(all(test, feature = "sandbox"))]
mod exchange {
    use super::*;
    use crate::credential::testing::surroundings;
    use crate::credential::{Patience, TenantWish};
    use crate::entra::cloud::PUBLIC;
    use crate::entra::{Authority, Scope};
    use crate::sandbox::{Act, Host, IDENTITY, Plan, Rule, Sandbox, names};

    fn id(kind: IdKind, value: &str) -> Option<ManagedIdentityId> {
        Some(ManagedIdentityId { kind, value: value.to_owned() })
    }

    fn ask(sandbox: &Sandbox, identity: Option<ManagedIdentityId>) -> Result<AccessToken, NoToken> {
        let variables: Vec<(&str, &str)> =
            sandbox.variables().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str()?))).collect();
        let around = surroundings(&variables, None);
        let request = TokenRequest {
            scope: Scope::of_vaults(PUBLIC),
            authority: Authority::default(),
            tenant: TenantWish::none(),
            identity,
            patience: Patience::Brief,
        };
        ask_agent(&request, &around, sandbox.authority_file().parent())
    }

    #[test]
    fn the_key_that_the_challenge_names_is_sent_back() {
        let sandbox = Sandbox::start(Plan::new(Host::Arc)).unwrap();
        let token = ask(&sandbox, None).unwrap();
        assert_eq!(token.claims.oid.as_deref(), Some(names::SYSTEM_OBJECT_ID));
        let requests = sandbox.requests();
        assert_eq!(requests.iter().map(|r| r.status).collect::<Vec<_>>(), [Some(401), Some(200)]);
        assert_eq!(requests[0].query, requests[1].query);
        assert_eq!(requests[0].header("authorization"), None);
        assert!(requests[1].header("authorization").is_some_and(|value| value.starts_with("Basic ")));
        assert!(requests.iter().all(|r| r.header("metadata") == Some("true")));
    }

    #[test]
    fn a_user_assigned_identity_is_named_and_its_echo_verified() {
        for (kind, value, parameter) in [
            (IdKind::Client, names::USER_ASSIGNED_CLIENT_ID, "client_id"),
            (IdKind::Object, names::USER_ASSIGNED_OBJECT_ID, "object_id"),
            (IdKind::Resource, names::USER_ASSIGNED_RESOURCE_ID, "msi_res_id"),
        ] {
            let sandbox = Sandbox::start(Plan::new(Host::Arc)).unwrap();
            let token = ask(&sandbox, id(kind, value)).unwrap();
            assert_eq!(token.claims.oid.as_deref(), Some(names::USER_ASSIGNED_OBJECT_ID));
            assert!(sandbox.requests().iter().all(|r| r.parameter(parameter) == Some(value)));
        }
        let sandbox = Sandbox::start(Plan::new(Host::Arc)).unwrap();
        let unknown = ask(&sandbox, id(IdKind::Client, "nobody"));
        assert!(matches!(unknown, Err(NoToken::Failed(Failure::IdentityNotAssigned { .. }))), "{unknown:?}");
    }

    #[test]
    fn a_token_without_the_echo_is_not_taken() {
        for (echo, named) in [("", None), (r#","client_id":"another""#, Some("another")), (r#","client_id":7"#, None)] {
            let body = format!(r#"{{"access_token":"t","expires_in":"3600"{echo}}}"#);
            let old = Rule::new(IDENTITY, "/", Act::json(200, body)).skip(1);
            let sandbox = Sandbox::start(Plan::new(Host::Arc).rule(old)).unwrap();
            match ask(&sandbox, id(IdKind::Client, names::USER_ASSIGNED_CLIENT_ID)) {
                Err(NoToken::Failed(Failure::IdentityNotConfirmed { got, .. })) => assert_eq!(got.as_deref(), named),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_key_that_is_refused_is_a_failure() {
        let refusal = Act::json(401, r#"{"error":"unauthorized_client","error_description":"wrong key"}"#);
        let sandbox = Sandbox::start(Plan::new(Host::Arc).rule(Rule::new(IDENTITY, "/", refusal).skip(1))).unwrap();
        match ask(&sandbox, None) {
            Err(NoToken::Failed(failure)) => {
                assert_eq!(
                    failure.to_string(),
                    "the identity endpoint of this Azure Arc server answered 401: wrong key"
                );
            }
            other => panic!("{other:?}"),
        }
    }
}
