//! AADSTS codes about Conditional Access policies: device, location and kind of sign-in.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::table::sign_in::{sign_in, sign_in_with_tool};
use crate::host::{Host, HostKind};

codes! {
    53003, "Access has been blocked by Conditional Access policies",
        "A policy on device, place or application refuses",
        "Use a device and network that the policy allows, or ask the administrator", sign_in_with_tool;
    530031, "The access policy does not allow token issuance",
        "A policy on device, place or application refuses",
        "Use a device and network that the policy allows, or ask the administrator", sign_in_with_tool;
    530032, "Access has been blocked by a security policy",
        "A policy of the whole tenant refuses requests like this one",
        "Ask the tenant's administrator which policy it is", sign_in_with_tool;
    530035, "Access has been blocked by security defaults",
        "The tenant's security defaults refuse old kinds of sign-in, as with a stored password",
        "Sign in interactively, or use a managed identity", sign_in_with_tool;
    50131, "Conditional Access failed",
        "A policy refuses the state of the device, or takes the request for suspicious",
        "Use a device and network that the policy allows, or ask the administrator", sign_in_with_tool;
    50005, "The platform is not supported by a Conditional Access policy",
        "The policy does not let this operating system in",
        "Sign in from a system that it lets in", sign_in_with_tool;
    53000, "Device is not in required device state: compliant",
        "The policy wants a compliant device",
        "Use one", sign_in_with_tool;
    53001, "Device is not in required device state: domain_joined",
        "The policy wants a device that is joined to the domain",
        "Use one", sign_in_with_tool;
    53002, "The application used is not an approved application",
        "The policy wants an application of its list",
        "Use one of those, or ask the administrator", sign_in_with_tool;
    53004, "Multi-factor authentication has to be registered first",
        "The account has no second factor yet, and may not enroll one from here because of a risk",
        "Enroll it from a trusted place, then sign in again", sign_in_with_tool;
    53009, "The application needs to enforce Intune protection policies",
        "The policy wants an application that Intune protects",
        "Use one of those, or ask the administrator", sign_in_with_tool;
    53010, "Multi-factor authentication methods cannot be configured from here",
        "A second factor may be enrolled from certain places or devices only",
        "Enroll it from one of those, then sign in again", sign_in_with_tool;
    53011, "The user is blocked due to risk on the home tenant",
        "The account's own tenant takes it for compromised",
        "Have its administrator clear the risk", sign_in_with_tool;
    530003, "Your device is required to be managed",
        "The policy wants a managed device",
        "Use one", sign_in_with_tool;
    530004, "The AcceptCompliantDevice setting is not configured for this organization",
        "The policy wants a compliant device, and this tenant does not take the word of the guest's own tenant for it",
        "Have the administrator trust compliant devices of that tenant, or use an account of this one", sign_in_with_tool;
    530034, "A delegated administrator was blocked due to suspicious activity",
        "The account's own tenant takes it for compromised",
        "Have its administrator clear the risk", sign_in_with_tool;
    530036, "The refresh token is invalid due to authentication flow checks",
        "The policy forbids sign-ins by device code, and what they left behind",
        "Sign in again in a browser on this machine", sign_in_in_browser;
    530084, "Access has been blocked by a token protection policy",
        "The policy wants tokens that are bound to the device, which this tool cannot get here",
        "Use a managed identity, or have the administrator exempt the tool", sign_in_with_tool;
    50097, "Device authentication is required",
        "The policy wants to know the device",
        "Sign in from a registered device, in a browser that knows it", sign_in_with_tool;
    50155, "Device authentication failed",
        "The device could not prove what it is",
        "Register it again, or use another one", sign_in_with_tool;
    50187, "Device information was not provided",
        "The policy wants to know the device, and was told nothing of it",
        "Sign in from a registered device, in a browser that knows it", sign_in_with_tool;
    50127, "A broker application needs to be installed",
        "The policy wants the sign-in to go by the device's broker",
        "Install it, as the Company Portal or Authenticator, or sign in from another device", sign_in_with_tool;
    50129, "The device is not workplace joined",
        "The policy wants a device that is registered with the tenant",
        "Register it, then sign in again", sign_in_with_tool;
}

/// Signs in with a browser instead of a device code
/// (<https://learn.microsoft.com/entra/identity/conditional-access/concept-authentication-flows>).
fn sign_in_in_browser(context: &Context) -> Vec<FixCommand> {
    let host = Host { kind: HostKind::Machine, ..context.host.clone() };
    let local = Context { remote: false, host, ..context.clone() };
    sign_in(&local).into_iter().map(|command| command.with_note("where a browser can be opened")).collect()
}
