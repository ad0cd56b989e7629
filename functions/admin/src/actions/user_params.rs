//! The parameters of actions that need an account and nothing else.

use serde::Deserialize;
use shared::error::Result;
use shared::ids::UserId;

use super::conversions::parse_id;

/// Parameters of an action on an account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserParams {
    /// The id of the account.
    user_id: String,
}

impl UserParams {
    /// Parses the id.
    ///
    /// # Errors
    /// `InvalidField` if it is malformed.
    pub(super) fn user_id(&self) -> Result<UserId> {
        parse_id("user_id", &self.user_id)
    }
}
