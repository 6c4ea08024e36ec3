//! AADSTS codes about grants: sessions, refresh tokens, authorization codes and device codes.

use crate::diagnosis::table::sign_in::sign_in_with_tool;

codes! {
    50173, "The provided grant has expired due to it being revoked",
        "The sign-in was revoked, as by a new password",
        "Sign in again", sign_in_with_tool;
    50132, "The session is not valid",
        "The sign-in ended, as by a new password",
        "Sign in again", sign_in_with_tool;
    50133, "The session is not valid",
        "The sign-in was revoked, as by a new password",
        "Sign in again", sign_in_with_tool;
    50058, "Session information is not sufficient for single sign-on",
        "Nobody is signed in here, or that session has ended",
        "Sign in", sign_in_with_tool;
    50085, "The refresh token needs a sign-in at its own provider",
        "The account's own provider wants to be signed in to again",
        "Sign in again", sign_in_with_tool;
    50089, "The flow token has expired",
        "The sign-in page was left open too long",
        "Sign in again", sign_in_with_tool;
    50139, "The session lacks an external refresh token",
        "The session of a personal account has ended",
        "Sign in again", sign_in_with_tool;
    50140, "Sign-in was interrupted to ask whether to stay signed in",
        "The browser was asking whether to stay signed in",
        "Sign in again and answer the question", sign_in_with_tool;
    50199, "User confirmation is required for this request",
        "The browser was asking whether this is the application that is meant",
        "Sign in again and confirm it", sign_in_with_tool;
    165000, "The user session context is missing",
        "The browser lost the session between two pages of the sign-in",
        "Sign in again in a fresh window, with cookies allowed", sign_in_with_tool;
    700082, "The refresh token has expired due to inactivity",
        "The sign-in was not used for long and has lapsed",
        "Sign in again", sign_in_with_tool;
    70008, "The refresh token or authorization code has expired",
        "The sign-in was not used for long and has lapsed, or its code was redeemed too late",
        "Sign in again", sign_in_with_tool;
    700084, "The refresh token of a single page application has expired",
        "The sign-in was that of a page in a browser, which lasts a day at most",
        "Sign in again", sign_in_with_tool;
    70043, "The refresh token has expired due to sign-in frequency checks",
        "A policy wants a new sign-in every so often",
        "Sign in again", sign_in_with_tool;
    70044, "The session has expired due to sign-in frequency checks",
        "A policy wants a new sign-in every so often",
        "Sign in again", sign_in_with_tool;
    70000, "The provided grant is not valid",
        "The sign-in that is stored here is not good any more",
        "Sign in again", sign_in_with_tool;
    700020, "The access grant requires interaction",
        "The stored sign-in is not enough for what is asked",
        "Sign in again", sign_in_with_tool;
    700003, "Device object was not found in the tenant",
        "The device of the sign-in was removed from the tenant or disabled",
        "Register the device again, then sign in", sign_in_with_tool;
    135011, "The device used during the authentication is disabled",
        "The device of the sign-in is disabled in the tenant",
        "Have it enabled, or sign in from another one", sign_in_with_tool;
    700005, "The authorization code is for another tenant",
        "The code of the browser was redeemed at another tenant than it was issued by",
        "Sign in again to the tenant that is meant", sign_in_with_tool;
    700007, "The grant was issued for a different client id",
        "A stored sign-in was used by another application than it was made for",
        "Sign in again with this one", sign_in_with_tool;
    54005, "The authorization code was already redeemed",
        "The code of the browser was used twice",
        "Sign in again", sign_in_with_tool;
    501481, "The code verifier does not match the code challenge",
        "The code of the browser belongs to another sign-in that was begun",
        "Sign in again, in one window", sign_in_with_tool;
    70016, "Authorization is pending",
        "The code has not been typed in yet",
        "Finish the sign-in at https://microsoft.com/devicelogin", sign_in_with_tool;
    70018, "Invalid verification code",
        "The code that was typed is not the one that was shown",
        "Sign in again with a new code", sign_in_with_tool;
    70019, "The verification code has expired",
        "The code was typed too late",
        "Sign in again with a new code", sign_in_with_tool;
    70020, "The device code has expired",
        "The code was not typed in time",
        "Sign in again with a new code", sign_in_with_tool;
    50134, "The device code was authorized in another data center",
        "The code was typed in another region of Entra ID than it was issued in",
        "Sign in again, typing the code on the same network", sign_in_with_tool;
}
