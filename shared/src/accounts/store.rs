//! Reading accounts.

use serde::{Deserialize, Serialize};

use super::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Key, Record};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::values::EmailAddress;

/// What makes an address unique: one row per address, written with the account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EmailGuard {
    /// The address.
    pub email: EmailAddress,
    /// Whose it is.
    pub user_id: UserId,
    /// Set where the account has moved to another address: until then the change can be undone, and
    /// nobody else gets this one.
    pub reserved_until: Option<Timestamp>,
}

impl EmailGuard {
    /// The guard of an account's address.
    pub(super) fn of(user: &User) -> Self {
        Self { email: user.email.clone(), user_id: user.id.clone(), reserved_until: None }
    }

    /// Whether an account that has moved on still keeps the address.
    pub(super) fn is_reserved(&self, now: Timestamp) -> bool {
        self.reserved_until.is_some_and(|until| now < until)
    }

    /// The condition that nobody has the address, or keeps it.
    pub(super) fn is_free(now: Timestamp) -> Result<Condition> {
        let past = Condition::at_most("reserved_until", now)?;
        Ok(Condition::Any(vec![Condition::Absent, past]))
    }
}

impl Record for EmailGuard {
    fn key(&self) -> Key {
        keys::email(&self.email)
    }

    fn expires_at(&self) -> Option<i64> {
        self.reserved_until.map(Timestamp::seconds)
    }
}

/// The account that has that address, by its guard. Without one, an account that nobody has is looked
/// up: an address without an account must not answer faster.
pub async fn find_by_email(
    ctx: &Context,
    email: &EmailAddress,
    guard: Option<&EmailGuard>,
) -> Result<Option<User>> {
    let id = guard.map_or_else(|| UserId::generate(&*ctx.random), |guard| guard.user_id.clone());
    let user: Option<User> = ctx.table.get(&keys::user(&id)).await?;
    let in_use = guard.filter(|guard| guard.reserved_until.is_none());
    if let (Some(guard), None) = (in_use, &user) {
        // The account may have been erased since the guard was read, and the guard with it.
        let now: Option<EmailGuard> = ctx.table.get(&guard.key()).await?;
        if now.is_some_and(|now| now.user_id == guard.user_id) {
            return Err(Error::internal("an address guard points to no user"));
        }
    }
    Ok(user.filter(|user| user.email == *email))
}
