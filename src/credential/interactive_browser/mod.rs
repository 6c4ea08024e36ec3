//! Lets the user sign in with a browser: authorization code flow with PKCE, redirected to a port of this machine.
//!
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow>, as
//! <https://learn.microsoft.com/dotnet/api/azure.identity.interactivebrowsercredential> uses it. Only with
//! `--interactive`. The URL is always shown, because a browser may not start. Nothing is stored, so no refresh token is
//! requested. A response to another sign-in is reported, and the wait goes on: any process on this machine can send one.

mod loopback;

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

use crate::entra::{self, Refusal, TenantId};
use crate::env;
use crate::http::with_query;
use crate::process::Program;
use crate::redact::secret::Secret;
use crate::token::AccessToken;

use super::azure_powershell::encode;
use super::{
    Credential, CredentialContext, CredentialInfo, Failure, Group, Interaction, NoToken, Reason, TokenRequest,
};

use loopback::{Loopback, ResultPage, SignInResponse};

#[cfg(feature = "sandbox")]
pub use loopback::code;

/// The user at this machine.
pub struct InteractiveBrowserCredential;

/// The Azure CLI's public client, which exists in every tenant and may redirect to any port of this machine.
pub const CLIENT_ID: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/// The tenant of any work or school account.
const ANY_TENANT: &str = "organizations";
/// The time for the user to sign in, as in azure-identity for Python. The deadline may come first.
pub const LIMIT: Duration = Duration::from_secs(300);

impl Credential for InteractiveBrowserCredential {
    fn info(&self) -> CredentialInfo {
        CredentialInfo {
            name: "InteractiveBrowserCredential",
            short_name: "interactive-browser",
            group: Group::Interactive,
        }
    }

    fn accepts_claims(&self) -> bool {
        true
    }

    fn get_token(&self, request: &TokenRequest, context: &CredentialContext) -> Result<AccessToken, NoToken> {
        let Interaction::Allowed { notify } = context.interaction else {
            return Err(NoToken::Unavailable(Reason::InteractionOff));
        };
        let loopback = Loopback::open().map_err(|error| NoToken::Unavailable(Reason::NoLoopbackPort(error.kind())))?;
        let sign_in = BrowserSignIn::new(request, loopback.redirect_uri());
        let address = sign_in.address(request);
        notify(&format!("To sign in, open this address in a browser on this machine: {address}"));
        open(&address, context);

        let deadline = context.deadline.sooner(LIMIT);
        let limit = deadline.remaining();
        let is_foreign = Cell::new(false);
        let callback = loopback.wait(&sign_in.state, &deadline, || {
            if !is_foreign.replace(true) {
                notify("the browser brought the response to another sign-in; still waiting for this one");
            }
        });
        let Some(callback) = callback else {
            let missing = if is_foreign.get() { Failure::OtherSignIn } else { Failure::SignInTimedOut };
            return Err(NoToken::Failed(missing(limit)));
        };
        let result = match &callback.answer {
            SignInResponse::Code(code) => sign_in.redeem(code, request, context),
            SignInResponse::Refused { error, description } => {
                Err(NoToken::Failed(Failure::Refused(Refusal::from_browser(error.clone(), description))))
            }
        };
        let page = match &result {
            Ok(_) => ResultPage::SignedIn,
            Err(error) => ResultPage::NotSignedIn(error.to_string()),
        };
        loopback.show(callback, &sign_in.state, &page, &context.deadline);
        result
    }
}

/// A sign-in: the values of its request, which its response must match.
struct BrowserSignIn {
    tenant: TenantId,
    redirect_uri: String,
    state: String,
    /// Sent only to the token endpoint: it proves that the code was requested here (RFC 7636).
    verifier: Secret,
}

impl BrowserSignIn {
    fn new(request: &TokenRequest, redirect_uri: String) -> Self {
        let any = || TenantId::parse(ANY_TENANT).expect("a word is a tenant");
        BrowserSignIn {
            tenant: request.tenant.for_any_account().unwrap_or_else(any),
            redirect_uri,
            state: random_text(),
            verifier: Secret::new(random_text()),
        }
    }

    fn address(&self, request: &TokenRequest) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier.expose().as_bytes()));
        let claims = request.claims.as_deref().map(|claims| ("claims", claims));
        let parameters = [
            ("client_id", CLIENT_ID),
            ("response_type", "code"),
            ("redirect_uri", &self.redirect_uri),
            // A form keeps the code out of the browser's history.
            ("response_mode", "form_post"),
            ("scope", &request.scope.to_string()),
            ("state", &self.state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("prompt", "select_account"),
        ];
        let parameters: Vec<_> = parameters.into_iter().chain(claims).collect();
        with_query(&request.authority.authorize_url(&self.tenant), &parameters)
    }

    fn redeem(
        &self,
        code: &Secret,
        request: &TokenRequest,
        context: &CredentialContext,
    ) -> Result<AccessToken, NoToken> {
        let scope = request.scope.to_string();
        let form = [
            ("client_id", CLIENT_ID),
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("code_verifier", self.verifier.expose()),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &scope),
        ];
        entra::request_token(&context.http, &request.authority, &self.tenant, &form, &context.deadline)
            .map_err(NoToken::from_grant)
    }
}

/// Returns 256 random bits as 43 characters that need no escaping.
fn random_text() -> String {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("the system has randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Opens the URL with the program in `BROWSER`, or else with the platform's opener. azfob cannot know if a browser shows it.
fn open(address: &str, context: &CredentialContext) {
    let chosen = context.env.get_os(env::BROWSER).map(Path::new);
    if let Some(program) = chosen.and_then(|path| Program::at(path).or_else(|| context.programs.find(path.to_str()?)))
        && context.programs.launch(&program, &[address]).is_ok()
    {
        log::info!(target: "azfob", "opened the sign-in page with {}", program.path().display());
        return;
    }
    let in_windows = encode(&format!("Start-Process '{address}'"));
    let powershell = ["-NoProfile", "-NonInteractive", "-EncodedCommand", &in_windows];
    let windows = ["url.dll,FileProtocolHandler", address];
    let openers: &[(&str, &[&str])] = if cfg!(windows) {
        &[("rundll32", &windows)]
    } else if cfg!(target_os = "macos") {
        &[("open", &[address])]
    } else if context.env.has(env::WSL_DISTRO_NAME) {
        &[("powershell.exe", &powershell), ("xdg-open", &[address])]
    } else {
        &[("xdg-open", &[address])]
    };
    let opened = openers.iter().find(|(name, arguments)| {
        context.programs.find(name).is_some_and(|program| context.programs.launch(&program, arguments).is_ok())
    });
    match opened {
        Some((name, _)) => log::info!(target: "azfob", "opened the sign-in page with {name}"),
        None => log::info!(target: "azfob", "found no program that opens a browser"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::testing::credential_context;
    use crate::credential::{Patience, TenantHint};
    use crate::entra::{Authority, Scope};

    fn request(tenant: Option<&str>) -> TokenRequest {
        let requested = tenant.map(|tenant| TenantId::parse(tenant).unwrap());
        TokenRequest {
            scope: Scope::parse("https://vault.azure.net").unwrap(),
            vault: None,
            authority: Authority::default(),
            tenant: TenantHint { requested, vault: None },
            identity: None,
            claims: None,
            patience: Patience::Full,
        }
    }

    fn parameter(address: &str, name: &str) -> Vec<String> {
        let query = address.split_once('?').unwrap().1;
        let pairs = form_urlencoded::parse(query.as_bytes());
        pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
    }

    #[test]
    fn unavailable_without_permission() {
        let end = InteractiveBrowserCredential.get_token(&request(None), &credential_context(&[], None));
        let Err(NoToken::Unavailable(reason)) = end else { panic!("unavailable") };
        assert!(reason.to_string().contains("--interactive"));
    }

    #[test]
    fn url_requests_code_and_hides_verifier() {
        let request = request(Some("contoso.com"));
        let sign_in = BrowserSignIn::new(&request, "http://localhost:1".to_owned());
        let address = sign_in.address(&request);
        assert!(address.starts_with("https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize?"));
        assert!(!address.contains(sign_in.verifier.expose()));
        assert!(!address.contains(['\'', '"', ' ']), "it goes between quotes");
        for (name, value) in [
            ("client_id", CLIENT_ID),
            ("redirect_uri", "http://localhost:1"),
            ("response_mode", "form_post"),
            ("scope", "https://vault.azure.net/.default"),
            ("state", &sign_in.state),
            ("code_challenge_method", "S256"),
        ] {
            assert_eq!(parameter(&address, name), [value], "{name}");
        }
    }

    #[test]
    fn challenge_matches_rfc_example() {
        // RFC 7636, appendix B.
        let sign_in = BrowserSignIn {
            verifier: Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            ..BrowserSignIn::new(&request(None), String::new())
        };
        let address = sign_in.address(&request(None));
        assert!(address.starts_with("https://login.microsoftonline.com/organizations/"));
        assert_eq!(parameter(&address, "code_challenge"), ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"]);
    }

    #[test]
    fn every_sign_in_has_new_values() {
        let (a, b) = (random_text(), random_text());
        assert!(a != b && a.len() == 43 && b.len() == 43);
    }

    #[test]
    fn missing_sign_in_fails_within_deadline() {
        let context = CredentialContext {
            deadline: crate::time::deadline::Deadline::after(Duration::from_millis(200)),
            interaction: Interaction::Allowed { notify: |line| assert!(line.contains("http")) },
            ..credential_context(&[], None)
        };
        let end = InteractiveBrowserCredential.get_token(&request(None), &context);
        assert!(matches!(end, Err(NoToken::Failed(Failure::SignInTimedOut(_)))));
    }
}
