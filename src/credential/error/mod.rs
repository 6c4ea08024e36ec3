//! How an attempt ends without a token: unavailable or failed, each with the facts behind it.
//!
//! The facts are variants; text appears in `Display` alone, which has its own file.

mod words;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::bounded_file::Unread;
use crate::entra::certificate::Unusable;
use crate::entra::{NoGrant, Refusal, TenantId};
use crate::http::error::NetworkError;

use super::managed_identity::{KeyFileProblem, ManagedIdentityId};
use super::patience::Patience;

/// Why a credential gave no token.
#[derive(Clone, Debug)]
pub enum NoToken {
    /// It is not set up here: the chain goes on.
    Unavailable(Reason),
    /// It is set up and was refused: the chain stops, because going on would silently use another identity.
    Failed(Failure),
}

/// Why a credential is not available here.
#[derive(Clone, Debug)]
pub enum Reason {
    /// Variables that it needs are not set; some others may be.
    VariablesMissing {
        /// Those that are.
        set: Vec<&'static str>,
        /// Those that are not.
        missing: Vec<&'static str>,
    },
    /// Only `AZURE_CLIENT_ID` is set, which names the user-assigned identity.
    ClientIdNamesIdentity {
        /// Whether a tenant is set beside it: then it is as likely half a service principal.
        with_tenant: bool,
    },
    /// Nothing answers where the metadata service would be.
    NoMetadataService {
        /// What became of the request.
        error: NetworkError,
        /// How it was looked for.
        patience: Patience,
    },
    /// What answers there is not the metadata service.
    NotMetadataService {
        /// The status it answered with.
        status: u16,
        /// What it calls itself.
        server: Option<String>,
    },
    /// The host is one that can have an identity, and it has none.
    NoIdentity {
        /// The host, in words: `Azure virtual machine`.
        host: &'static str,
        /// What its endpoint said.
        said: String,
    },
    /// The host's endpoint is named by a variable and nothing listens there.
    EndpointSilent {
        /// The host, in words.
        host: &'static str,
        /// How the attempt ended.
        error: NetworkError,
    },
    /// A program is not on PATH.
    ProgramMissing {
        /// Its name: `az`.
        program: &'static str,
        /// The folders that were searched.
        searched: Vec<PathBuf>,
        /// Where it seems to be installed all the same.
        elsewhere: Vec<PathBuf>,
    },
    /// A program is there and nobody is signed in.
    NotSignedIn {
        /// Its name.
        program: &'static str,
        /// The command that signs in.
        sign_in: &'static str,
    },
    /// `AZURE_CLIENT_ID` is set without a proof, because it names the application of a federated workload.
    ClientIdNamesWorkload {
        /// The variable that says so.
        variable: &'static str,
    },
    /// The job runs where a token could be had, and may not ask for one.
    JobMayNotAsk {
        /// The variables that are set.
        set: Vec<&'static str>,
        /// Those that are not.
        missing: Vec<&'static str>,
        /// What the job lacks, in words.
        permission: &'static str,
    },
    /// The host has several identities, and none was named.
    SeveralIdentities {
        /// The host, in words.
        host: &'static str,
    },
    /// The file that a product leaves behind when somebody signs in to it is not there.
    SignInFileMissing {
        /// The product, in words: `Visual Studio Code`.
        product: &'static str,
        /// Where the file would be.
        path: PathBuf,
    },
    /// That file is there and cannot be used.
    SignInFileUnusable {
        /// The file.
        path: PathBuf,
        /// Why not.
        problem: FileProblem,
    },
    /// None of the programs that a file names for handing out tokens can be run.
    TokenServiceMissing {
        /// The file.
        file: PathBuf,
        /// The programs it names.
        named: Vec<PathBuf>,
    },
    /// A product is there and no account is signed in to it.
    NoAccount {
        /// The product, in words.
        product: &'static str,
        /// What to do about it, in words.
        way_out: &'static str,
    },
    /// Somebody is signed in, and only the operating system's broker has the token.
    OnlyBroker {
        /// The product, in words.
        product: &'static str,
        /// Who is signed in.
        user: String,
        /// In which tenant.
        tenant: TenantId,
        /// The tenant to sign in to with az instead.
        wanted: TenantId,
    },
    /// A program is there and lacks a module.
    ModuleMissing {
        /// The program.
        program: &'static str,
        /// The module.
        module: &'static str,
        /// The oldest version that will do.
        needed: &'static str,
        /// The version that is installed, which is older.
        found: Option<String>,
    },
    /// A program is not allowed to run the scripts that its module consists of.
    ScriptsForbidden {
        /// The program.
        program: &'static str,
        /// What it said.
        said: String,
    },
    /// A person would have to sign in, and none may be asked.
    InteractionOff,
    /// No port of this machine could be opened for the browser to come back to.
    NoLoopbackPort(io::ErrorKind),
}

/// Why a credential that is set up gave no token.
#[derive(Clone, Debug)]
pub enum Failure {
    /// Entra ID refused.
    Refused(Refusal),
    /// The endpoint could not be reached.
    Network(NetworkError),
    /// The identity that was asked for is not assigned to the host.
    IdentityNotAssigned {
        /// The one asked for.
        id: ManagedIdentityId,
        /// The host, in words.
        host: &'static str,
        /// What its endpoint said.
        said: String,
    },
    /// The host's identity endpoint refused for another cause.
    Endpoint {
        /// The host, in words.
        host: &'static str,
        /// The status it answered with.
        status: u16,
        /// What it said.
        said: String,
    },
    /// The host answers with a person's single sign-on, and that is gone.
    SignOnGone {
        /// The host, in words.
        host: &'static str,
        /// What it said.
        said: String,
    },
    /// The host cannot take an id of this kind.
    IdKindNotSupported {
        /// The one asked for.
        id: ManagedIdentityId,
        /// The host, in words.
        host: &'static str,
        /// What it takes instead.
        takes: &'static str,
    },
    /// A program ended with an error.
    Program {
        /// Its name.
        program: &'static str,
        /// The command that signs in to it, where it is one.
        sign_in: Option<&'static str>,
        /// How it ended.
        ending: ProgramFailure,
    },
    /// An answer is not in the form that it should have.
    Malformed {
        /// Whose answer it is.
        from: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// A file that a variable names cannot be used.
    File {
        /// The variable.
        variable: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        problem: FileProblem,
    },
    /// The application may not ask for tokens in the vault's tenant.
    TenantNotAllowed {
        /// The tenant it is configured for.
        configured: TenantId,
        /// The vault's.
        wanted: TenantId,
    },
    /// A setting that this credential reads is malformed.
    Setting {
        /// The variable.
        variable: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// A CI runner would not vouch for its job.
    Runner {
        /// The runner's service.
        runner: &'static str,
        /// The status it answered with.
        status: u16,
        /// What it said.
        said: String,
    },
    /// The host handed out a token without saying that it is that of the identity asked for.
    IdentityNotConfirmed {
        /// The one asked for.
        id: ManagedIdentityId,
        /// The host, in words.
        host: &'static str,
        /// The one it named, where it named one.
        got: Option<String>,
    },
    /// The key file that Azure Arc's agent names cannot be used.
    KeyFile {
        /// The file it named, as it wrote it.
        path: String,
        /// Why not.
        problem: KeyFileProblem,
    },
    /// It had not ended when the time for it was up.
    StillWaiting(Duration),
    /// The browser did not come back in this time.
    NobodySignedIn(Duration),
    /// What answers is not the server that the host's variables name.
    OtherServer {
        /// The host, in words.
        host: &'static str,
        /// The variable that says which one it should be.
        variable: &'static str,
    },
}

/// What is wrong with a file.
#[derive(Clone, Debug)]
pub enum FileProblem {
    /// It cannot be read.
    Unreadable(io::ErrorKind),
    /// It is a folder, a pipe or a device.
    NotAFile,
    /// There is nothing in it.
    Empty,
    /// It is larger than such a file can be, in bytes.
    TooLarge(u64),
    /// It is no certificate that can be used.
    Certificate(Unusable),
    /// It is not what it should be.
    Malformed(&'static str),
}

/// How a program ended that should have printed a token.
#[derive(Clone, Debug)]
pub enum ProgramFailure {
    /// With an error code and these words of its own, or none where it said nothing.
    Exited {
        /// Its exit code.
        code: Option<i32>,
        /// The line of its stderr that says why, without control characters.
        said: String,
        /// The number behind `AADSTS` in it.
        aadsts: Option<u32>,
    },
    /// By us, after this time.
    TimedOut(Duration),
    /// By us, after this many bytes.
    TooMuch(usize),
    /// It could not be started, and this is what is against it.
    NotStarted(String),
}

impl From<Unread> for FileProblem {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Io(error) => FileProblem::Unreadable(error.kind()),
            Unread::NotAFile | Unread::Silent(_) => FileProblem::NotAFile,
            Unread::TooLarge(limit) => FileProblem::TooLarge(limit),
        }
    }
}

impl NoToken {
    /// Sorts what became of a request to Entra ID: whoever got as far as asking is set up, so all of it is failure.
    pub fn from_grant(error: NoGrant) -> Self {
        NoToken::Failed(match error {
            NoGrant::Refused(refusal) => Failure::Refused(refusal),
            NoGrant::Network(error) => Failure::Network(error),
            NoGrant::Malformed => Failure::Malformed { from: "Entra ID", expected: "JSON with an access_token" },
        })
    }
}
