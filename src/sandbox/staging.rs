//! Implements faults by changes of the plan and by rules.

use super::{
    fault::Fault,
    plan::{Identities, SandboxPlan, UserAssigned},
    rule::{Action, IDENTITY, Rule},
    secret_spec::{FIRST_CREATED, SecretSpec},
    vault::{challenge, refusal},
};

/// Under `flaky`, one reply in this many is a fault.
const FLAKY_EVERY: usize = 10;

/// Applies the planned faults to the secrets and identities of the plan.
pub(super) fn change_plan(plan: &mut SandboxPlan) {
    for fault in plan.faults.clone() {
        change_plan_for(fault, plan);
    }
}

/// Returns the rules of the planned faults.
pub(super) fn rules(plan: &SandboxPlan) -> Vec<Rule> {
    plan.faults.iter().flat_map(|fault| rules_of(*fault, plan)).collect()
}

/// Returns the rules of one fault.
fn rules_of(fault: Fault, plan: &SandboxPlan) -> Vec<Rule> {
    match fault {
        Fault::Flaky => {
            let actions = vec![
                Action::json(503, r#"{"error":{"code":"ServiceUnavailable","message":"The service is unavailable."}}"#),
                Action::CutShort,
                Action::json(429, refusal::throttled().body),
                Action::Close,
            ];
            let flaky = Rule::new(plan.vault_host(), "/", Action::InTurn(actions));
            vec![flaky.skip(FLAKY_EVERY - 1).every(FLAKY_EVERY)]
        }
        Fault::SigningKeyOnce => vec![unresolved_key(plan).times(2)],
        Fault::SigningKey => vec![unresolved_key(plan)],
        Fault::Unreachable => {
            let reply = Action::reply(502, format!("Could not connect to {}: no route to host\n", plan.vault_host()));
            vec![Rule::connecting(plan.vault_host(), reply)]
        }
        Fault::ProxyRefuses => {
            let challenge = Action::reply(407, "").header("Proxy-Authenticate", "Basic realm=\"proxy\"");
            vec![Rule::connecting(plan.vault_host(), challenge)]
        }
        Fault::TlsIntercepted => vec![Rule::connecting(plan.vault_host(), Action::Intercept)],
        Fault::NotImds => {
            let page = "<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1>\
                        </center><hr><center>nginx</center></body></html>";
            let action = Action::Reply {
                status: 403,
                headers: vec![("Content-Type".into(), "text/html".into())],
                body: page.into(),
            };
            vec![Rule::new(IDENTITY, "/", action.header("Server", "nginx"))]
        }
        _ => Vec::new(),
    }
}

/// Refuses each request with a token because the signing key is unknown, as in
/// <https://github.com/Azure-Samples/azuresandbox/issues/188>.
fn unresolved_key(plan: &SandboxPlan) -> Rule {
    let challenge = challenge::challenge(plan);
    let action = Action::json(401, refusal::unresolved_key().body).header("WWW-Authenticate", &challenge);
    Rule::new(plan.vault_host(), "/", action).with_credential()
}

/// Applies one fault to the plan.
fn change_plan_for(fault: Fault, plan: &mut SandboxPlan) {
    let all = |plan: &mut SandboxPlan, change: fn(SecretSpec) -> SecretSpec| {
        plan.secrets = std::mem::take(&mut plan.secrets).into_iter().map(change).collect();
    };
    match fault {
        Fault::NoIdentity => plan.identities = Identities { system_assigned: false, user_assigned: Vec::new() },
        Fault::MultipleIdentities => {
            let user_assigned = vec![UserAssigned::first(), UserAssigned::second()];
            plan.identities = Identities { system_assigned: false, user_assigned };
        }
        Fault::WrongIdentity => {
            let user_assigned = vec![UserAssigned::first(), UserAssigned::second()];
            plan.identities = Identities { system_assigned: false, user_assigned };
        }
        Fault::OtherIdentity => plan.identities.user_assigned.push(UserAssigned::second()),
        Fault::NotFound => plan.secrets.clear(),
        Fault::SoftDeleted => all(plan, SecretSpec::deleted),
        Fault::Disabled => all(plan, SecretSpec::disabled),
        Fault::Expired => all(plan, |secret| secret.expires(FIRST_CREATED)),
        Fault::NotYetValid => all(plan, |secret| secret.not_before(4_102_444_800)), // 2100-01-01
        _ => {}
    }
}
