//! The state of an invitation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, Result};

/// The state of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InvitationStatus {
    /// It can be accepted.
    Pending,
    /// The invited person joined.
    Accepted,
    /// The invited person declined.
    Declined,
    /// Nobody answered it in time.
    Expired,
    /// The owner or an admin revoked it.
    Revoked,
}

impl InvitationStatus {
    /// Returns the name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// Parses the state in a request.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`] if there is no such state.
    pub fn parse(text: &str) -> Result<Self> {
        [Self::Pending, Self::Accepted, Self::Declined, Self::Expired, Self::Revoked]
            .into_iter()
            .find(|status| status.name() == text)
            .ok_or_else(|| {
                let rule = "must be pending, accepted, declined, expired or revoked";
                Error::invalid_field("status", rule)
            })
    }
}
