//! The failures of a sign-in with Google, in the form in which a redirect names them to a page.

use crate::error::Error;

/// Why a sign-in with Google, or a connection of a Google account, did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoogleFailure {
    /// The person cancelled at Google.
    Cancelled,
    /// The flow began in another browser or too long ago, or its callback is malformed.
    Expired,
    /// Google did not confirm who the person is.
    Refused,
    /// Google has not verified the address.
    NotVerified,
    /// Google does not host the address, and no account has it.
    NotHosted,
    /// An account has the address, and is not connected to the Google account.
    NotConnected,
    /// The account has another Google account, or the Google account belongs to another account.
    AlreadyConnected,
    /// The address is reserved for an account that has changed its address.
    AddressReserved,
    /// The address of the connected account is not verified.
    AccountNotVerified,
    /// An operator has suspended the account.
    Suspended,
    /// The session that began the flow has ended.
    SignedOut,
    /// The session needs a recent proof of identity.
    ReauthRequired,
    /// There were too many requests from one network.
    RateLimited,
    /// The deployment has no OAuth client at Google.
    NotSetUp,
    /// An operator has switched sign-in with Google off, or sign-up for a new account.
    SwitchedOff,
    /// Google or the table cannot be reached.
    Unavailable,
}

impl GoogleFailure {
    /// Every failure, for tests of their texts.
    pub const ALL: [Self; 16] = [
        Self::Cancelled,
        Self::Expired,
        Self::Refused,
        Self::NotVerified,
        Self::NotHosted,
        Self::NotConnected,
        Self::AlreadyConnected,
        Self::AddressReserved,
        Self::AccountNotVerified,
        Self::Suspended,
        Self::SignedOut,
        Self::ReauthRequired,
        Self::RateLimited,
        Self::NotSetUp,
        Self::SwitchedOff,
        Self::Unavailable,
    ];

    /// Returns the code in the query of the page.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cancelled => "CANCELLED",
            Self::Expired => "EXPIRED",
            Self::Refused => "REFUSED",
            Self::NotVerified => "NOT_VERIFIED",
            Self::NotHosted => "NOT_HOSTED",
            Self::NotConnected => "NOT_CONNECTED",
            Self::AlreadyConnected => "ALREADY_CONNECTED",
            Self::AddressReserved => "ADDRESS_RESERVED",
            Self::AccountNotVerified => "ACCOUNT_NOT_VERIFIED",
            Self::Suspended => "SUSPENDED",
            Self::SignedOut => "SIGNED_OUT",
            Self::ReauthRequired => "REAUTH_REQUIRED",
            Self::RateLimited => "RATE_LIMITED",
            Self::NotSetUp => "NOT_SET_UP",
            Self::SwitchedOff => "SWITCHED_OFF",
            Self::Unavailable => "UNAVAILABLE",
        }
    }

    /// Returns the failure with a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.code() == code)
    }
}

impl From<&Error> for GoogleFailure {
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other error has one sentence")]
    fn from(error: &Error) -> Self {
        match error {
            Error::InvalidField { .. } | Error::Missing(_) => Self::Expired,
            Error::GoogleEmailNotVerified => Self::NotVerified,
            Error::GoogleEmailNotHosted => Self::NotHosted,
            Error::GoogleNotConnected => Self::NotConnected,
            Error::GoogleAlreadyConnected => Self::AlreadyConnected,
            Error::EmailAlreadyExists => Self::AddressReserved,
            Error::EmailNotVerified => Self::AccountNotVerified,
            Error::AccountSuspended => Self::Suspended,
            Error::InvalidSession | Error::SessionRequired | Error::PendingDeletion => {
                Self::SignedOut
            }
            Error::ReauthRequired => Self::ReauthRequired,
            Error::RateLimited { .. } => Self::RateLimited,
            Error::GoogleNotSetUp => Self::NotSetUp,
            Error::Disabled(_) => Self::SwitchedOff,
            Error::Unavailable(_) | Error::Contention | Error::Overloaded | Error::Internal(_) => {
                Self::Unavailable
            }
            _ => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GoogleFailure;

    #[test]
    fn each_failure_has_a_code_of_its_own() {
        for failure in GoogleFailure::ALL {
            assert_eq!(GoogleFailure::from_code(failure.code()), Some(failure));
        }
        assert_eq!(GoogleFailure::from_code("<script>"), None);
    }
}
