//! Reading accounts.

use serde::{Deserialize, Serialize};

use super::{EmailAddress, User};
use crate::dynamo::{Key, Record, Table, keys};
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

/// The account behind a guard. Without one, the same round trip is spent on nothing: an address
/// without an account must not answer faster.
pub async fn find_by_email(table: &Table, guard: Option<&EmailGuard>) -> Result<Option<User>> {
    let Some(guard) = guard else {
        let nobody = UserId::nobody();
        return table.get::<User>(&keys::user(&nobody)).await;
    };
    let user: Option<User> = table.get(&keys::user(&guard.user_id)).await?;
    match user {
        Some(user) => Ok(Some(user)),
        None => Err(Error::internal("an address guard points to no user")),
    }
}
