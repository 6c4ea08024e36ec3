//! AADSTS codes about Conditional Access policies: device, location and kind of sign-in.

use crate::diagnosis::context::Context;
use crate::diagnosis::fix_command::FixCommand;
use crate::diagnosis::table::sign_in::{has_no_browser, sign_in_with_tool};
use crate::host::{Host, HostKind};

codes! {
    53003, "Access has been blocked by Conditional Access policies",
        "Blocked by a Conditional Access policy",
        "Sign in from a compliant device or an allowed network, or ask the tenant administrator to exclude the application", sign_in_in_browser;
    530031, "The access policy does not allow token issuance",
        "Blocked by a Conditional Access policy, which does not allow token issuance",
        "Sign in from a compliant device or an allowed network, or ask the tenant administrator to exclude the application", sign_in_in_browser;
    530032, "Access has been blocked by a security policy",
        "Blocked by a security policy of the whole tenant (Conditional Access)",
        "Ask the tenant administrator which security policy blocks the request", sign_in_in_browser;
    530035, "Access has been blocked by security defaults",
        "Blocked by security defaults, for example because the sign-in uses legacy authentication",
        "Sign in interactively, or use a managed identity", sign_in_in_browser;
    50131, "Conditional Access failed",
        "Blocked by Conditional Access: the device state is not allowed, or the request looks suspicious",
        "Sign in from a compliant device or an allowed network, or ask the administrator", sign_in_in_browser;
    50005, "The platform is not supported by a Conditional Access policy",
        "The Conditional Access policy does not support this device platform (operating system)",
        "Sign in from a platform that the policy supports", sign_in_in_browser;
    53000, "Device is not in required device state: compliant",
        "The Conditional Access policy requires a compliant device",
        "Sign in from a compliant device, or make this device compliant", sign_in_in_browser;
    53001, "Device is not in required device state: domain_joined",
        "The Conditional Access policy requires a domain-joined device",
        "Sign in from a domain-joined device", sign_in_in_browser;
    53002, "The application used is not an approved application",
        "The Conditional Access policy requires an approved client app",
        "Sign in with an approved app, or ask the administrator to exclude this one", sign_in_in_browser;
    53004, "Multi-factor authentication has to be registered first",
        "The user has no multi-factor authentication (MFA) method, and registration is blocked due to risk",
        "Register an MFA method from a trusted location, then sign in again", sign_in_in_browser;
    53009, "The application needs to enforce Intune protection policies",
        "The Conditional Access policy requires an app with an Intune app protection policy",
        "Sign in with an app that Intune protects, or ask the administrator to exclude this one", sign_in_in_browser;
    53010, "Multi-factor authentication methods cannot be configured from here",
        "The organization allows registration of MFA methods only from specific locations or devices",
        "Register the MFA method from an allowed location or device, then sign in again", sign_in_in_browser;
    53011, "The user is blocked due to risk on the home tenant",
        "The account's home tenant blocked the user due to risk",
        "Ask the administrator of the home tenant to dismiss the user risk", sign_in_in_browser;
    530003, "Your device is required to be managed",
        "The Conditional Access policy requires a managed device",
        "Sign in from a managed device", sign_in_in_browser;
    530004, "The AcceptCompliantDevice setting is not configured for this organization",
        "The policy requires a compliant device, and this tenant does not trust devices of the guest's home tenant",
        "Have the administrator trust compliant devices of the home tenant, or use an account of this tenant", sign_in_in_browser;
    530034, "A delegated administrator was blocked due to suspicious activity",
        "The account's home tenant blocked the delegated administrator due to account risk",
        "Ask the administrator of the home tenant to dismiss the user risk", sign_in_in_browser;
    530036, "The refresh token is invalid due to authentication flow checks",
        "A Conditional Access policy blocks the device code flow and its refresh tokens",
        "Sign in again in a browser on this machine", sign_in_in_browser;
    530084, "Access has been blocked by a token protection policy",
        "The Conditional Access policy requires device-bound tokens (token protection), which this tool cannot get",
        "Use a managed identity, or have the administrator exclude the tool from the policy", sign_in_in_browser;
    50097, "Device authentication is required",
        "The Conditional Access policy requires device authentication",
        "Sign in from a registered device, in a browser that supports device authentication", sign_in_in_browser;
    50155, "Device authentication failed",
        "Device authentication failed: the device could not prove its identity",
        "Register the device again, or sign in from another device", sign_in_in_browser;
    50187, "Device information was not provided",
        "Device authentication is required, and the sign-in contained no device information",
        "Sign in from a registered device, in a browser that supports device authentication", sign_in_in_browser;
    50127, "A broker application needs to be installed",
        "The Conditional Access policy requires a broker app on the device",
        "Install Company Portal or Microsoft Authenticator, or sign in from another device", sign_in_in_browser;
    50129, "The device is not workplace joined",
        "The Conditional Access policy requires a workplace-joined (registered) device",
        "Register the device with the tenant, then sign in again", sign_in_in_browser;
}

/// Signs in again, in a browser: these policies block device codes too, or cannot see the device of such a sign-in
/// (<https://learn.microsoft.com/entra/identity/conditional-access/concept-authentication-flows>).
fn sign_in_in_browser(context: &Context) -> Vec<FixCommand> {
    if !has_no_browser(context) {
        return sign_in_with_tool(context);
    }
    let host = Host { kind: HostKind::Machine, ..context.host.clone() };
    let local = Context { remote: false, host, ..context.clone() };
    let commands = sign_in_with_tool(&local).into_iter();
    commands.map(|command| command.with_note("on a compliant device with a browser; no device code")).collect()
}
