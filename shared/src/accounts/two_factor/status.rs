//! Whether there is a second factor.

use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::User;

/// Whether signing in asks for a second factor, and what is left for when it is lost.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TwoFactorStatus)]
pub struct Status {
    /// Whether it does.
    #[schema(example = true)]
    pub enabled: bool,
    /// Recovery codes that haven't been used; 0 when it doesn't.
    #[schema(example = 10)]
    pub recovery_codes_left: usize,
}

impl From<&User> for Status {
    fn from(user: &User) -> Self {
        let factor = user.second_factor.as_ref();
        Self {
            enabled: factor.is_some(),
            recovery_codes_left: factor.map_or(0, |factor| factor.recovery_codes.left()),
        }
    }
}
