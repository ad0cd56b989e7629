//! What an access token states.

use serde::Serialize;

use super::Audience;
use crate::clock::Timestamp;
use crate::organizations::Role;
use crate::tokens::whoami::BearerKind;

/// The claims of an access token (RFC 9068, 2.2).
///
/// There is no `nbf`: it would equal `iat`, and a verifier whose clock is behind would refuse the token.
#[derive(Debug, Serialize)]
pub(super) struct Claims<'a> {
    /// The base URL of this service.
    pub(super) iss: &'a str,
    /// Who acts: the id of the user, or of the organization that the key belongs to.
    pub(super) sub: String,
    /// The only service that may accept the token.
    pub(super) aud: &'a Audience,
    /// The id of the only organization that the token is for, or of the user if it is for all of theirs.
    pub(super) client_id: String,
    /// Whether a personal token or an API key was exchanged.
    pub(super) kind: BearerKind,
    /// The number of the personal token or API key, for the logs of other services.
    pub(super) token_id: u32,
    /// The role in the organization, if the token is for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<Role>,
    /// The scopes, with spaces between them (RFC 8693, 4.2).
    pub(super) scope: String,
    pub(super) iat: Timestamp,
    pub(super) exp: Timestamp,
    /// An id that no other token has.
    pub(super) jti: String,
}
