//! The emulated Azure as one value: what all its services share.

use std::{io, path::PathBuf, sync::OnceLock};

use super::{
    certificate::{CertificateAuthority, SelfSigned, ServedChain},
    clock,
    fault::Fault,
    host::kind::EmulatedHost,
    keys::SandboxKeys,
    message::{HttpReply, HttpRequest},
    plan::SandboxPlan,
    record::RequestLog,
    rule::{Action, Asked, Rules, Stage},
    staging,
    throttle::{ReadLimiter, RetryAfter},
    token::{Subject, Tokens},
    vault::store::Store,
};

/// The common name of the sandbox's own authority.
const AUTHORITY_NAME: &str = "azfob sandbox root";
/// The common name of the authority that re-signs where TLS is intercepted.
pub const INTERCEPTOR_NAME: &str = "Contoso Inspection CA";
/// How long a token of a managed identity, or of `az`, is valid: a day, as tokens of managed identities are
/// (<https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq>).
const DAY_SECS: u64 = 24 * 60 * 60;
/// How long a token of the token endpoint is valid.
pub(super) const HOUR_SECS: u64 = 60 * 60;
/// How long before its issue a token begins, as Entra ID's do.
pub(super) const GRACE_SECS: u64 = 5 * 60;

/// Everything that runs and answers.
pub(super) struct Azure {
    pub(super) plan: SandboxPlan,
    pub(super) keys: SandboxKeys,
    pub(super) tokens: Tokens,
    pub(super) store: Store,
    pub(super) record: RequestLog,
    rules: Rules,
    throttle: Option<ReadLimiter>,
    authority: CertificateAuthority,
    interceptor: CertificateAuthority,
    /// The certificate of the identity endpoint, where that is on TLS.
    pub(super) endpoint: Option<SelfSigned>,
    /// The file that Azure Arc's agent names, once it is written.
    pub(super) arc_key_file: OnceLock<PathBuf>,
}

impl Azure {
    /// An Azure as planned.
    ///
    /// # Errors
    /// `InvalidInput` where the plan contradicts itself, else what the certificates' making ended with.
    pub(super) fn new(mut plan: SandboxPlan) -> io::Result<Azure> {
        plan.check()?;
        staging::arrange(&mut plan);
        let rules = Rules::new(plan.rules.iter().cloned().chain(staging::rules(&plan)));
        Ok(Azure {
            keys: SandboxKeys::new(&plan),
            tokens: Tokens::default(),
            store: Store::new(&plan),
            record: RequestLog::default(),
            throttle: plan.has(Fault::Throttled).then(|| ReadLimiter::new(plan.limit)),
            authority: CertificateAuthority::new(AUTHORITY_NAME, ServedChain::Leaf)?,
            interceptor: CertificateAuthority::new(INTERCEPTOR_NAME, ServedChain::LeafAndRoot)?,
            endpoint: (plan.host == EmulatedHost::ServiceFabric).then(SelfSigned::new).transpose()?,
            arc_key_file: OnceLock::new(),
            rules,
            plan,
        })
    }

    /// The authority that the sandbox's clients trust.
    pub(super) fn authority(&self) -> &CertificateAuthority {
        &self.authority
    }

    /// An authority that nobody trusts.
    pub(super) fn interceptor(&self) -> &CertificateAuthority {
        &self.interceptor
    }

    /// Whether there is such a vault: the planned one, and each that a rule is about.
    pub(super) fn has_vault(&self, host: &str) -> bool {
        self.plan.vault_host().eq_ignore_ascii_case(host) || self.rules.mention(host)
    }

    /// Azure's time, in seconds since 1970.
    pub(super) fn now(&self) -> u64 {
        clock::now() + if self.plan.has(Fault::ClockSkew) { clock::CLOCK_SKEW_SECS } else { 0 }
    }

    /// A token from Entra ID's token endpoint, valid for an hour by Azure's clock.
    pub(super) fn hour_token(&self, subject: &Subject, audience: &str, tenant: &str) -> (String, u64) {
        let now = self.now();
        let to = now + HOUR_SECS;
        (self.tokens.issue(subject, audience, tenant, now - GRACE_SECS, to), to)
    }

    /// A token that this host or `az` keeps, and when it expires: valid for a day. Where this machine's clock is
    /// wrong it lasts an hour, and so has expired by Azure's clock though not by this machine's.
    pub(super) fn day_token(&self, subject: &Subject, audience: &str, tenant: &str) -> (String, u64) {
        let now = clock::now();
        let to = now + if self.plan.has(Fault::ClockSkew) { HOUR_SECS } else { DAY_SECS };
        (self.tokens.issue(subject, audience, tenant, now - GRACE_SECS, to), to)
    }

    /// What a rule says about connecting to a host.
    pub(super) fn staged_connect(&self, host: &str) -> Option<&Action> {
        self.rules.find(&Asked { stage: Stage::Connect, host, path: "", authorized: false })
    }

    /// What a rule says about a request.
    pub(super) fn staged(&self, request: &HttpRequest) -> Option<&Action> {
        self.rules.find(&Asked {
            stage: Stage::Request,
            host: &request.host,
            path: &request.path,
            authorized: request.presents_proof(),
        })
    }

    /// Counts a read of the vault.
    ///
    /// # Errors
    /// Where it is too much: the value of `Retry-After`, if the refusal has one.
    pub(super) fn admit(&self) -> Result<(), Option<String>> {
        let Some(throttle) = &self.throttle else {
            return Ok(());
        };
        throttle.admit(clock::instant()).map_err(|wait| match self.plan.retry_after {
            RetryAfter::None => None,
            RetryAfter::Seconds(seconds) => Some(seconds.to_string()),
            // Rounded up to a whole second, and one more as the present one has begun.
            RetryAfter::Date => Some(clock::http_date(self.now() + wait.as_secs() + 1)),
        })
    }

    /// A reply with the headers that every service sends.
    pub(super) fn dated(&self, reply: HttpReply) -> HttpReply {
        if reply.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("date")) {
            return reply;
        }
        reply.with("Date", clock::http_date(self.now()))
    }
}
