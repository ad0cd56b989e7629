//! The guard that makes an email address unique, and looking up accounts by address.

use serde::{Deserialize, Serialize};

use super::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Key, Record};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::values::EmailAddress;

/// Uniqueness guard of an email address: one row per address, written with the account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EmailGuard {
    /// Address that the guard protects.
    pub email: EmailAddress,
    /// Account that has the address.
    pub user_id: UserId,
    /// Set if the account has moved to another address. Until this time the change can be undone, and no
    /// other account can take the address.
    pub reserved_until: Option<Timestamp>,
}

impl EmailGuard {
    /// Returns the guard of a user's address.
    pub(super) fn for_user(user: &User) -> Self {
        Self { email: user.email.clone(), user_id: user.id.clone(), reserved_until: None }
    }

    /// Returns whether the address is still reserved for an account that has moved to another one.
    pub(super) fn is_reserved(&self, now: Timestamp) -> bool {
        self.reserved_until.is_some_and(|until| now < until)
    }

    /// Returns the condition that no account has or reserves the address.
    pub(super) fn free_condition(now: Timestamp) -> Result<Condition> {
        let reservation_is_over = Condition::at_most("reserved_until", now)?;
        Ok(Condition::Any(vec![Condition::Absent, reservation_is_over]))
    }
}

impl Record for EmailGuard {
    fn key(&self) -> Key {
        keys::email_guard(&self.email)
    }

    fn expires_at(&self) -> Option<i64> {
        self.reserved_until.map(Timestamp::seconds)
    }
}

/// Reads the account that has an address, given the guard of the address. Without a guard it reads a
/// random user id instead, so that an address without an account is not answered faster.
///
/// # Errors
/// `Error::Internal` if a valid guard points to no account.
pub async fn find_by_email(
    ctx: &Context,
    email: &EmailAddress,
    guard: Option<&EmailGuard>,
) -> Result<Option<User>> {
    let id = guard.map_or_else(|| UserId::generate(&*ctx.random), |guard| guard.user_id.clone());
    let user: Option<User> = ctx.table.get(&keys::user(&id)).await?;
    let unreserved = guard.filter(|guard| guard.reserved_until.is_none());
    if let (Some(guard), None) = (unreserved, &user) {
        // The account and its guard may have been erased since the guard was read.
        let current: Option<EmailGuard> = ctx.table.get(&guard.key()).await?;
        if current.is_some_and(|current| current.user_id == guard.user_id) {
            return Err(Error::internal("an address guard points to no user"));
        }
    }
    Ok(user.filter(|user| user.email == *email))
}
