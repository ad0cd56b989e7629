//! `/v1/clients/{client_id}/invitations` and `/v1/invitations`

pub(crate) mod accept;
pub(crate) mod decline;
pub(crate) mod invite;
pub(crate) mod list;
pub(crate) mod mine;
pub(crate) mod revoke;

use serde::Deserialize;
use shared::error::{Error, Result};
use shared::http;
use shared::organizations::invitations::InvitationToken;
use utoipa::ToSchema;

/// What the mail's link carries.
#[derive(Deserialize, ToSchema)]
#[schema(as = InvitationToken)]
pub(crate) struct Request {
    /// Good for 7 days, and once.
    #[schema(example = "WvbCCLrkqaHXUCmAdsy5gtDpAzuQSDoXzTMR…")]
    token: String,
}

impl Request {
    /// The token; what can't be one is of no invitation.
    fn token(self) -> Result<InvitationToken> {
        http::not_blank("token", &self.token)?;
        InvitationToken::parse(&self.token).ok_or(Error::NotFound)
    }
}
