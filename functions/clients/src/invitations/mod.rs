//! `/v1/clients/{client_id}/invitations` and `/v1/invitations`

pub(crate) mod accept;
pub(crate) mod decline;
pub(crate) mod invite;
pub(crate) mod list;
pub(crate) mod list_own;
pub(crate) mod preview;
pub(crate) mod resend;
pub(crate) mod revoke;

use serde::Deserialize;
use shared::error::{Error, Result};
use shared::http;
use shared::organizations::invitations::InvitationToken;
use utoipa::ToSchema;

/// Parameters for showing, accepting or declining an invitation.
#[derive(Deserialize, ToSchema)]
#[schema(as = InvitationToken)]
pub(crate) struct Request {
    /// The token from the link in the invitation mail. It can be used once, within 7 days.
    #[schema(example = "WvbCCLrkqaHXUCmAdsy5gtDpAzuQSDoXzTMR…")]
    token: String,
}

impl Request {
    /// Parses the token. A malformed token belongs to no invitation.
    fn token(self) -> Result<InvitationToken> {
        http::require_not_blank("token", &self.token)?;
        InvitationToken::parse(&self.token).ok_or(Error::InvitationNotFound)
    }
}
