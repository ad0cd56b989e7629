//! Deleting an account: it stops working at once, can be had back for two weeks, and is erased then.

pub mod erase;
mod erase_memberships;
pub mod request;
pub mod restore;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::User;
use crate::activity::{Action, AuditEvent};
use crate::clock::Timestamp;
use crate::codes::Slot;
use crate::context::Context;
use crate::dynamo::{Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::requester::Requester;
use crate::values::CodePurpose;

/// How long a deleted account can be had back.
pub const GRACE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// An account that waits to be erased.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deletion {
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When the account is erased; until then it can be had back.
    pub due_at: Timestamp,
    /// Whether erasing it has begun: from then on there is no way back, whatever anybody's clock says.
    #[serde(default)]
    pub erasing: bool,
}

impl Deletion {
    fn due_at(ctx: &Context, due_at: Timestamp) -> Self {
        Self { requested_at: ctx.now(), due_at, erasing: false }
    }
}

impl User {
    /// Whether there is no way back any more. Then nothing of the account works, as if it were erased
    /// already; only its address is still taken.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.deletion.as_ref().is_some_and(|deletion| deletion.erasing || now >= deletion.due_at)
    }
}

/// What tells the worker of an account that waits to be erased.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Erasure {
    /// Whose account.
    pub user_id: UserId,
    /// When.
    pub due_at: Timestamp,
}

impl Record for Erasure {
    fn key(&self) -> Key {
        keys::erasure(self.due_at, &self.user_id)
    }
}

/// Adds to a change that an account which nobody has proven gives way to the owner of its address. It
/// is over at once and erased with the next erasures; its address belongs to somebody else already.
pub(super) fn erase_squatter(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    squatter: User,
) -> Result<AuditEvent> {
    let now = ctx.now();
    tx.put_new(&Erasure { user_id: squatter.id.clone(), due_at: now })?;
    // Nothing is proven any more with the code that was mailed for it.
    let code = Slot::of_address(CodePurpose::VerifyEmail, &squatter.email);
    tx.delete(&code.key(), None, Error::Conflict)?;
    let deletion = Some(Deletion::due_at(ctx, now));
    let user = User { deletion, ..squatter.emptied(ctx, tx)? }.store(tx)?;
    Ok(AuditEvent::for_account(ctx, requester, Action::DeletionScheduled, &user.id))
}
