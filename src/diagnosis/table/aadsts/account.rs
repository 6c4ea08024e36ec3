//! AADSTS codes about user accounts: names, passwords and multi-factor authentication (MFA).

use crate::diagnosis::table::sign_in::sign_in_with_tool;

codes! {
    50034, "The user account does not exist in the directory",
        "The user account does not exist in this tenant",
        "Check the user name, or sign in to the tenant that contains the account", sign_in_with_tool;
    50126, "Invalid username or password",
        "The user name or password is incorrect",
        "Check the user name and password, or use az login or a managed identity instead", sign_in_with_tool;
    50064, "Credential validation on username or password has failed",
        "The user name or password is incorrect",
        "Check the user name and password, or use az login or a managed identity instead", sign_in_with_tool;
    50056, "Invalid or null password",
        "The directory stores no password for this account, for example because it is federated",
        "Sign in interactively", sign_in_with_tool;
    50055, "The password is expired",
        "The user's password has expired",
        "Change the password, then sign in again", sign_in_with_tool;
    50144, "The Active Directory password has expired",
        "The on-premises Active Directory password has expired",
        "Change the password in Active Directory, then sign in again", sign_in_with_tool;
    50135, "Password change is required due to account risk",
        "The account is at risk: its password may be compromised",
        "Change the password in the browser, then sign in again", sign_in_with_tool;
    50125, "Sign-in was interrupted by a password reset or registration",
        "The user must complete a password reset or registration first",
        "Complete the password reset or registration in the browser, then sign in again", sign_in_with_tool;
    50053, "The account is locked, or the address is blocked",
        "The account is locked after too many wrong passwords, or the IP address is blocked for malicious activity",
        "Wait, or sign in from another network; an administrator can find the reason in the sign-in logs", sign_in_with_tool;
    50057, "The user account is disabled",
        "An administrator disabled the user account",
        "Ask the tenant administrator to enable the account", sign_in_with_tool;
    500571, "The guest user account is disabled",
        "The guest user account is disabled in this tenant",
        "Ask the tenant administrator to enable the guest account, or sign in to another tenant", sign_in_with_tool;
    500341, "The user account has been deleted from the directory",
        "The user account was deleted from the tenant",
        "Use another account, or have an administrator restore this one within 30 days", sign_in_with_tool;
    50197, "The user could not be found",
        "Conflicting identities: the user account cannot be distinguished from another one",
        "Sign in again", sign_in_with_tool;
    50076, "You must use multi-factor authentication to access",
        "Multi-factor authentication (MFA) is required by policy or because of a new location",
        "Sign in again interactively; a stored password cannot complete MFA", sign_in_with_tool;
    50074, "Strong authentication is required",
        "Multi-factor authentication (MFA) is required, and the user did not complete the MFA challenge",
        "Sign in again and complete the MFA prompt; a stored password cannot complete MFA", sign_in_with_tool;
    500121, "Authentication failed during the strong authentication request",
        "The multi-factor authentication (MFA) prompt was declined or not answered in time",
        "Sign in again and approve the MFA prompt", sign_in_with_tool;
    50079 | 50072, "You must enroll in multi-factor authentication",
        "The user has not registered a multi-factor authentication (MFA) method yet",
        "Register an MFA method, then sign in again", sign_in_with_tool;
    50078, "Presented multi-factor authentication has expired",
        "The multi-factor authentication (MFA) has expired and must be repeated",
        "Sign in again and complete the MFA prompt", sign_in_with_tool;
    50087, "A transient error has occurred during strong authentication",
        "Multi-factor authentication (MFA) is temporarily unavailable",
        "Sign in again", sign_in_with_tool;
    50088, "The limit on calls for multi-factor authentication is reached",
        "The limit on telephone calls for multi-factor authentication (MFA) is reached",
        "Wait a few minutes, or use another MFA method", sign_in_with_tool;
    50158, "External security challenge was not satisfied",
        "The external security challenge of another provider was not satisfied",
        "Sign in interactively and complete the challenge", sign_in_with_tool;
    90081, "The WS-Federation message is not valid",
        "The organization's federation server (for example AD FS) returned an invalid message",
        "Sign in again; if the error remains, contact the administrator of the federation server", sign_in_with_tool;
    90020, "The SAML 1.1 assertion is missing the user's ImmutableID",
        "The federation server's assertion does not contain the user's ImmutableID",
        "Contact the administrator of the federation server", sign_in_with_tool;
}
