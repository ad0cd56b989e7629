//! The sentences about a sign-in with Google that failed.

use shared::google::GoogleFailure;

/// Returns what a person is told about the failure with a code in the query; `None` for an unknown code.
pub(crate) fn google_text(code: &str) -> Option<&'static str> {
    let text = match GoogleFailure::from_code(code)? {
        GoogleFailure::Cancelled => "You cancelled at Google. Nothing was changed.",
        GoogleFailure::Expired => {
            "The sign-in with Google took too long, or it began in another browser. Try again."
        }
        GoogleFailure::Refused => "Google did not confirm who you are. Try again.",
        GoogleFailure::NotVerified => {
            "Your email address is not verified at Google. Verify it there, or sign up with a password."
        }
        GoogleFailure::NotHosted => {
            "Google does not host this email address. Sign up with it and a password, then connect Google under Connections."
        }
        GoogleFailure::NotConnected => {
            "An account with this email address exists. Sign in with its password, then connect Google under Connections."
        }
        GoogleFailure::AlreadyConnected => {
            "This Google account belongs to another account, or your account is connected to another Google account. Disconnect that one first."
        }
        GoogleFailure::AddressReserved => {
            "This email address is reserved for an account that had it before. Sign in with another one."
        }
        GoogleFailure::AccountNotVerified => {
            "The email address of your account is not verified. Sign in with the password to verify it."
        }
        GoogleFailure::Suspended => "Your account is suspended. Write to support.",
        GoogleFailure::SignedOut => "Your session has ended. Sign in, then try again.",
        GoogleFailure::ReauthRequired => "Confirm that it is you, then try again.",
        GoogleFailure::RateLimited => "Too many attempts. Try again in a minute.",
        GoogleFailure::NotSetUp => "Sign-in with Google is not set up in this deployment.",
        GoogleFailure::SwitchedOff => {
            "This is switched off for now. Try again later, or sign in with a password."
        }
        GoogleFailure::Unavailable => "Google can't be reached. Try again in a minute.",
    };
    Some(text)
}
