//! Errors of the two calls of a program, by the names of RFC 6749 and RFC 8628.

use crate::error::Error;

/// The reason why a program gets no codes or no token.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// Nobody has answered yet.
    #[error("The person has not answered yet; ask again after the interval")]
    AuthorizationPending,
    /// The program asks too often. Holds the new interval in seconds.
    #[error("The program asks too often; wait {0} seconds before each further request")]
    SlowDown(u64),
    /// The person denied the request, or their account ended its approval.
    #[error("The request was denied; ask for new codes only if the person wants to try again")]
    AccessDenied,
    /// Nobody answered in time.
    #[error("The codes have expired; ask for new ones")]
    ExpiredToken,
    /// The device code is unknown, used, or was issued to another program.
    #[error("The device code is unknown, used, or belongs to another client_id")]
    InvalidGrant,
    /// The grant type is not that of a device code.
    #[error("grant_type must be urn:ietf:params:oauth:grant-type:device_code")]
    UnsupportedGrantType,
    /// A parameter is missing or malformed.
    #[error("{0}")]
    InvalidRequest(Error),
    /// The name of the program is malformed.
    #[error("{0}")]
    InvalidClient(Error),
    /// The request asks for no scope, or for one that does not exist.
    #[error("{0}")]
    InvalidScope(Error),
    /// The operation failed, or the program is limited.
    #[error(transparent)]
    Operation(#[from] Error),
}

impl FlowError {
    /// Returns the code of RFC 6749, 5.2 or RFC 8628, 3.5; `None` for a failure that they do not name.
    pub const fn code(&self) -> Option<&'static str> {
        let code = match self {
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown(_) => "slow_down",
            Self::AccessDenied => "access_denied",
            Self::ExpiredToken => "expired_token",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidClient(_) => "invalid_client",
            Self::InvalidScope(_) => "invalid_scope",
            Self::Operation(_) => return None,
        };
        Some(code)
    }

    /// Returns the error of an operation or a parameter that is the cause.
    pub const fn cause(&self) -> Option<&Error> {
        match self {
            Self::InvalidRequest(cause)
            | Self::InvalidClient(cause)
            | Self::InvalidScope(cause)
            | Self::Operation(cause) => Some(cause),
            Self::AuthorizationPending
            | Self::SlowDown(_)
            | Self::AccessDenied
            | Self::ExpiredToken
            | Self::InvalidGrant
            | Self::UnsupportedGrantType => None,
        }
    }
}
