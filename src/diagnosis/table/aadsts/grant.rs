//! AADSTS codes about grants: sessions, refresh tokens, authorization codes and device codes.

use crate::diagnosis::table::sign_in::sign_in_with_tool;

codes! {
    50173, "The provided grant has expired due to it being revoked",
        "The refresh token was revoked, for example by a password change",
        "Sign in again", sign_in_with_tool;
    50132, "The session is not valid",
        "The session has ended, for example after a password change",
        "Sign in again", sign_in_with_tool;
    50133, "The session is not valid",
        "The session was revoked, for example by a password change",
        "Sign in again", sign_in_with_tool;
    50058, "Session information is not sufficient for single sign-on",
        "No user is signed in, or the session has ended",
        "Sign in", sign_in_with_tool;
    50085, "The refresh token needs a sign-in at its own provider",
        "The refresh token requires a new sign-in at the account's identity provider",
        "Sign in again", sign_in_with_tool;
    50089, "The flow token has expired",
        "The flow token expired because the sign-in page was open too long",
        "Sign in again", sign_in_with_tool;
    50139, "The session lacks an external refresh token",
        "The session of the personal Microsoft account has ended: its refresh token is missing",
        "Sign in again", sign_in_with_tool;
    50140, "Sign-in was interrupted to ask whether to stay signed in",
        "The sign-in stopped at the question \"Stay signed in?\"",
        "Sign in again and answer the question", sign_in_with_tool;
    50199, "User confirmation is required for this request",
        "The sign-in stopped because the user must confirm the application",
        "Sign in again and confirm the application", sign_in_with_tool;
    165000, "The user session context is missing",
        "The browser lost the user session between two pages of the sign-in",
        "Sign in again in a new browser window with cookies enabled", sign_in_with_tool;
    700082, "The refresh token has expired due to inactivity",
        "The refresh token expired after 90 days of inactivity",
        "Sign in again", sign_in_with_tool;
    70008, "The refresh token or authorization code has expired",
        "The refresh token expired due to inactivity, or the authorization code was redeemed too late",
        "Sign in again", sign_in_with_tool;
    700084, "The refresh token of a single page application has expired",
        "The refresh token of a single-page application (SPA) expires after 24 hours",
        "Sign in again", sign_in_with_tool;
    70043, "The refresh token has expired due to sign-in frequency checks",
        "The refresh token expired: a Conditional Access policy sets the sign-in frequency",
        "Sign in again", sign_in_with_tool;
    70044, "The session has expired due to sign-in frequency checks",
        "The session expired: a Conditional Access policy sets the sign-in frequency",
        "Sign in again", sign_in_with_tool;
    70000, "The provided grant is not valid",
        "The stored refresh token is no longer valid",
        "Sign in again", sign_in_with_tool;
    700020, "The access grant requires interaction",
        "The stored refresh token is not sufficient; the user must sign in interactively",
        "Sign in again", sign_in_with_tool;
    700003, "Device object was not found in the tenant",
        "The device of this sign-in was deleted from the tenant or disabled",
        "Register the device again, then sign in", sign_in_with_tool;
    135011, "The device used during the authentication is disabled",
        "The device of this sign-in is disabled in the tenant",
        "Have an administrator enable the device, or sign in from another device", sign_in_with_tool;
    700005, "The authorization code is for another tenant",
        "The authorization code was redeemed at a different tenant than the one that issued it",
        "Sign in again to the intended tenant", sign_in_with_tool;
    700007, "The grant was issued for a different client ID",
        "The refresh token or code was issued for a different application than the one that uses it",
        "Sign in again with this application", sign_in_with_tool;
    54005, "The authorization code was already redeemed",
        "The authorization code was redeemed twice",
        "Sign in again", sign_in_with_tool;
    501481, "The code verifier does not match the code challenge",
        "The authorization code belongs to a different sign-in attempt",
        "Sign in again in a single browser window", sign_in_with_tool;
    70016, "Authorization is pending",
        "The device code has not been entered yet",
        "Enter the device code at https://microsoft.com/devicelogin", sign_in_with_tool;
    70018, "Invalid verification code",
        "The device code that was entered is wrong",
        "Sign in again with a new device code", sign_in_with_tool;
    70019, "The verification code has expired",
        "The device code expired before it was entered",
        "Sign in again with a new device code", sign_in_with_tool;
    70020, "The device code has expired",
        "The device code expired before it was entered",
        "Sign in again with a new device code", sign_in_with_tool;
    50134, "The device code was authorized in another data center",
        "The device code was entered in a different Entra ID region than the one that issued it",
        "Sign in again, and enter the device code on the same network", sign_in_with_tool;
}
