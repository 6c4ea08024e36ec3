//! The state that all services of the emulated Azure share.

use std::{io, path::PathBuf, sync::OnceLock};

use super::{
    certificate::{CertificateAuthority, SelfSigned, ServedChain},
    clock,
    entra::code::Codes,
    fault::Fault,
    host::kind::EmulatedHost,
    keys::SandboxKeys,
    message::{HttpReply, HttpRequest},
    plan::SandboxPlan,
    record::RequestLog,
    rule::{Action, RuleSubject, Rules, Stage},
    staging,
    throttle::{ReadLimiter, RetryAfter},
    token::{Subject, Tokens},
    vault::store::Store,
};

/// Common name of the certificate authority that clients trust.
const AUTHORITY_NAME: &str = "azfob sandbox root";
/// Common name of the certificate authority that intercepts TLS.
pub const INTERCEPTOR_NAME: &str = "Contoso Inspection CA";
/// Lifetime of the tokens of managed identities and of `az`. Managed identities get tokens for a day
/// (<https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq>).
const DAY_SECS: u64 = 24 * 60 * 60;
/// Lifetime of the tokens of the token endpoint.
pub(super) const HOUR_SECS: u64 = 60 * 60;
/// How long before its issue a token is valid, as with Entra ID.
pub(super) const GRACE_SECS: u64 = 5 * 60;

/// The emulated Azure: its plan, its credentials, its tokens and its log.
pub(super) struct Azure {
    pub(super) plan: SandboxPlan,
    pub(super) keys: SandboxKeys,
    pub(super) tokens: Tokens,
    /// The authorization codes of the sign-in page.
    pub(super) codes: Codes,
    pub(super) store: Store,
    pub(super) record: RequestLog,
    rules: Rules,
    throttle: Option<ReadLimiter>,
    authority: CertificateAuthority,
    interceptor: CertificateAuthority,
    /// The certificate of the managed identity endpoint, if that uses TLS.
    pub(super) endpoint: Option<SelfSigned>,
    /// The certificate authority of the cluster, if the host is a pod that uses its token proxy.
    pub(super) cluster: Option<CertificateAuthority>,
    /// The key file of the Azure Arc agent, once it exists.
    pub(super) arc_key_file: OnceLock<PathBuf>,
}

impl Azure {
    /// Creates the emulated Azure of a plan.
    ///
    /// # Errors
    /// `InvalidInput` if the plan contradicts itself. Other errors if a certificate cannot be created.
    pub(super) fn new(mut plan: SandboxPlan) -> io::Result<Azure> {
        plan.check()?;
        staging::change_plan(&mut plan);
        let rules = Rules::new(plan.rules.iter().cloned().chain(staging::rules(&plan)));
        Ok(Azure {
            keys: SandboxKeys::new(&plan),
            tokens: Tokens::default(),
            codes: Codes::default(),
            store: Store::new(&plan),
            record: RequestLog::default(),
            throttle: plan.has(Fault::Throttled).then(|| ReadLimiter::new(plan.limit)),
            authority: CertificateAuthority::new(AUTHORITY_NAME, ServedChain::Leaf)?,
            interceptor: CertificateAuthority::new(INTERCEPTOR_NAME, ServedChain::LeafAndRoot)?,
            endpoint: (plan.host == EmulatedHost::ServiceFabric).then(SelfSigned::new).transpose()?,
            cluster: (plan.host == EmulatedHost::IdentityBinding)
                .then(|| CertificateAuthority::new("kubernetes", ServedChain::Leaf))
                .transpose()?,
            arc_key_file: OnceLock::new(),
            rules,
            plan,
        })
    }

    /// Returns the certificate authority that clients trust.
    pub(super) fn authority(&self) -> &CertificateAuthority {
        &self.authority
    }

    /// Returns a certificate authority that no client trusts.
    pub(super) fn interceptor(&self) -> &CertificateAuthority {
        &self.interceptor
    }

    /// True if the vault exists: the vault of the plan, or one that a rule names.
    pub(super) fn has_vault(&self, host: &str) -> bool {
        self.plan.vault_host().eq_ignore_ascii_case(host) || self.rules.mention(host)
    }

    /// Returns the time of Azure's clock, in seconds since 1970.
    pub(super) fn now(&self) -> u64 {
        clock::now() + if self.plan.has(Fault::ClockSkew) { clock::CLOCK_SKEW_SECS } else { 0 }
    }

    /// Issues a token that is valid for an hour by Azure's clock. Returns it with its expiry.
    pub(super) fn hour_token(&self, subject: &Subject, audience: &str, tenant: &str) -> (String, u64) {
        let now = self.now();
        let to = now + HOUR_SECS;
        (self.tokens.issue(subject, audience, tenant, now - GRACE_SECS, to), to)
    }

    /// Issues a token of a managed identity or of `az`, valid for a day. Returns it with its expiry.
    ///
    /// Under the fault `clock-skew` it lasts an hour: it has expired by Azure's clock, but not by this machine's.
    pub(super) fn day_token(&self, subject: &Subject, audience: &str, tenant: &str) -> (String, u64) {
        let now = clock::now();
        let to = now + if self.plan.has(Fault::ClockSkew) { HOUR_SECS } else { DAY_SECS };
        (self.tokens.issue(subject, audience, tenant, now - GRACE_SECS, to), to)
    }

    /// Returns the action of the rule for a connection to a host, if there is one.
    pub(super) fn action_for_connection(&self, host: &str) -> Option<&Action> {
        self.rules.find(&RuleSubject { stage: Stage::Connect, host, path: "", authorized: false })
    }

    /// Returns the action of the rule for a request, if there is one.
    pub(super) fn action_for_request(&self, request: &HttpRequest) -> Option<&Action> {
        self.rules.find(&RuleSubject {
            stage: Stage::Request,
            host: &request.host,
            path: &request.path,
            authorized: request.has_credential(),
        })
    }

    /// Counts a read of the vault.
    ///
    /// # Errors
    /// The vault throttles: the value of `Retry-After`, if there is one.
    pub(super) fn count_read(&self) -> Result<(), Option<String>> {
        let Some(throttle) = &self.throttle else {
            return Ok(());
        };
        throttle.count_read(clock::instant()).map_err(|wait| match self.plan.retry_after {
            RetryAfter::None => None,
            RetryAfter::Seconds(seconds) => Some(seconds.to_string()),
            // Rounds up, and adds a second because the current one has begun.
            RetryAfter::Date => Some(clock::http_date(self.now() + wait.as_secs() + 1)),
        })
    }

    /// Adds the `Date` header, which every service sends, unless the reply has one.
    pub(super) fn with_date(&self, reply: HttpReply) -> HttpReply {
        if reply.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("date")) {
            return reply;
        }
        reply.with("Date", clock::http_date(self.now()))
    }
}
