//! Documented errors of the calls that finish a ceremony of a session.

use shared::http::ErrorBody;
use utoipa::IntoResponses;

/// Errors of authorization of an operation that finishes a ceremony of a session.
#[derive(IntoResponses)]
pub(crate) enum CeremonyErrors {
    /// `INVALID_CHALLENGE`: the ceremony is used, expired or of another session, so start again; `INVALID_PASSKEY`: the
    /// passkey was not accepted; `REAUTH_REQUIRED`: adding a passkey needs a proof of identity from
    /// `/v1/me/reauthenticate` first; `missing session`, `invalid session`, `invalid token`: sign in
    #[response(status = 401)]
    #[expect(dead_code, reason = "documentation only")]
    Unauthorized(ErrorBody),
    /// `SESSION_REQUIRED`: send a session in place of a token; `BAD_ORIGIN`: a browser sent the request from
    /// another site; `PENDING_DELETION`: restore the account first;
    /// `SUSPENDED`: the account is suspended; write to support
    #[response(status = 403)]
    #[expect(dead_code, reason = "documentation only")]
    Forbidden(ErrorBody),
}
