//! AADSTS codes about user accounts: names, passwords and multi-factor authentication (MFA).

use crate::diagnosis::table::sign_in::sign_in_with_tool;

codes! {
    50034, "The user account does not exist in the directory",
        "Wrong user name, or wrong tenant",
        "Check both", sign_in_with_tool;
    50126, "Invalid username or password",
        "Wrong user name or password",
        "Check both; better, use az login or a managed identity", sign_in_with_tool;
    50064, "Credential validation on username or password has failed",
        "Wrong user name or password",
        "Check both; better, use az login or a managed identity", sign_in_with_tool;
    50056, "Invalid or null password",
        "The directory holds no password for this account, as where it signs in elsewhere",
        "Sign in interactively", sign_in_with_tool;
    50055, "The password is expired",
        "The password has expired",
        "Change it", sign_in_with_tool;
    50144, "The Active Directory password has expired",
        "The password of the organization's own directory has expired",
        "Change it there, and sign in again", sign_in_with_tool;
    50135, "Password change is required due to account risk",
        "The password is taken for known to others",
        "Change it in the browser, and sign in again", sign_in_with_tool;
    50125, "Sign-in was interrupted by a password reset or registration",
        "The account's password has to be reset or registered first",
        "Finish that in the browser, and sign in again", sign_in_with_tool;
    50053, "The account is locked, or the address is blocked",
        "There were too many wrong passwords, or the sign-in came from an address that is known for attacks",
        "Wait, or come from another network; an administrator sees which of the two it is in the sign-in logs", sign_in_with_tool;
    50057, "The user account is disabled",
        "The account is disabled",
        "Ask the administrator", sign_in_with_tool;
    500571, "The guest user account is disabled",
        "The account is a guest of this tenant, and is disabled there",
        "Ask the tenant's administrator, or sign in to another tenant by name", sign_in_with_tool;
    500341, "The user account has been deleted from the directory",
        "The account was deleted",
        "Sign in with another account, or have it restored within 30 days", sign_in_with_tool;
    50197, "The user could not be found",
        "The account could not be told apart from another one",
        "Sign in again", sign_in_with_tool;
    50076, "You must use multi-factor authentication to access",
        "A second factor is asked for, by policy or from a new place",
        "Sign in again with az login; a stored password can never do it", sign_in_with_tool;
    50074, "Strong authentication is required",
        "The second factor was not shown",
        "Sign in again and show it; a stored password can never do it", sign_in_with_tool;
    500121, "Authentication failed during the strong authentication request",
        "The second factor was declined, or not shown in time",
        "Sign in again and approve it", sign_in_with_tool;
    50079 | 50072, "You must enroll in multi-factor authentication",
        "The account has no second factor yet",
        "Enroll one, then sign in again", sign_in_with_tool;
    50078, "Presented multi-factor authentication has expired",
        "The second factor has to be shown again",
        "Sign in again", sign_in_with_tool;
    50087, "A transient error has occurred during strong authentication",
        "The second factor could not be asked for just now",
        "Sign in again", sign_in_with_tool;
    50088, "The limit on calls for multi-factor authentication is reached",
        "The second factor was asked for by telephone too often",
        "Wait some minutes, or use another kind of second factor", sign_in_with_tool;
    50158, "External security challenge was not satisfied",
        "Another provider's check has to be passed",
        "Sign in interactively", sign_in_with_tool;
    90081, "The message of the organization's own sign-in is not valid",
        "The organization's federation server answered with something else",
        "Sign in again, and ask who runs that server if it stays", sign_in_with_tool;
    90020, "The assertion lacks the user's immutable id",
        "The organization's federation server does not name the account as Entra ID knows it",
        "Ask who runs that server", sign_in_with_tool;
}
