//! The status of the second factor.

use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::User;
use crate::clock::Timestamp;

/// Status of two-factor authentication.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TwoFactorStatus)]
pub struct TwoFactorStatus {
    /// Whether signing in requires a second factor.
    #[schema(example = true)]
    pub enabled: bool,
    /// Number of unused recovery codes; 0 if two-factor authentication is disabled.
    #[schema(example = 10)]
    pub recovery_codes_left: usize,
    /// Time when two-factor authentication will be turned off and the password and all passkeys removed, because
    /// support was asked to reset them; null if no reset waits. Signing in with the second factor stops it.
    #[schema(required)]
    pub reset_due_at: Option<Timestamp>,
}

impl From<&User> for TwoFactorStatus {
    fn from(user: &User) -> Self {
        let factor = user.second_factor.as_ref();
        Self {
            enabled: factor.is_some(),
            recovery_codes_left: factor.map_or(0, |factor| factor.recovery_codes.count_left()),
            reset_due_at: user.two_factor_reset.as_ref().map(|reset| reset.due_at),
        }
    }
}
