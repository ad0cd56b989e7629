//! Reading accounts.

use serde::{Deserialize, Serialize};

use super::{EmailAddress, User};
use crate::context::Context;
use crate::dynamo::{Key, Record, keys};
use crate::error::{Error, Result};
use crate::ids::UserId;

/// What makes an address unique: one row per address, written with the account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EmailGuard {
    /// The address.
    pub email: EmailAddress,
    /// Whose it is.
    pub user_id: UserId,
}

impl Record for EmailGuard {
    fn key(&self) -> Key {
        keys::email(&self.email)
    }
}

/// The account behind a guard. Without one, an account that nobody has is looked up: an address
/// without an account must not answer faster.
pub async fn find_by_email(ctx: &Context, guard: Option<&EmailGuard>) -> Result<Option<User>> {
    let id = guard.map_or_else(|| UserId::generate(&*ctx.random), |guard| guard.user_id.clone());
    let user: Option<User> = ctx.table.get(&keys::user(&id)).await?;
    if guard.is_some() && user.is_none() {
        return Err(Error::internal("an address guard points to no user"));
    }
    Ok(user)
}
