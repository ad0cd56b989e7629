//! Suspends an account, and ends a suspension.

use crate::accounts::User;
use crate::activity::{Action, AuditEvent, AuditScope};
use crate::context::Context;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::support_case::SupportCase;
use crate::suspension::Suspension;

/// Suspends an account: its sessions and tokens are refused until the suspension ends. Nothing else changes. Does
/// nothing if the account is suspended already.
///
/// # Errors
/// `NotFound` if there is no such account, `Contention` if concurrent changes kept interfering.
pub async fn suspend_account(ctx: &Context, id: &UserId, case: &SupportCase) -> Result<User> {
    retry_conflicts(ctx, || async {
        let user = read(ctx, id).await?;
        if user.suspension.is_some() {
            return Ok(user);
        }
        let suspension = Some(Suspension::new(ctx.now(), case));
        store(ctx, User { suspension, ..user }, case, Action::AccountSuspended).await
    })
    .await
}

/// Ends the suspension of an account. Does nothing if it is not suspended.
///
/// # Errors
/// `NotFound` if there is no such account, `Contention` if concurrent changes kept interfering.
pub async fn unsuspend_account(ctx: &Context, id: &UserId, case: &SupportCase) -> Result<User> {
    retry_conflicts(ctx, || async {
        let user = read(ctx, id).await?;
        if user.suspension.is_none() {
            return Ok(user);
        }
        store(ctx, User { suspension: None, ..user }, case, Action::AccountUnsuspended).await
    })
    .await
}

async fn read(ctx: &Context, id: &UserId) -> Result<User> {
    ctx.table.get(&keys::user(id)).await?.ok_or(Error::NotFound)
}

async fn store(ctx: &Context, user: User, case: &SupportCase, action: Action) -> Attempt<User> {
    let mut tx = ctx.table.transaction();
    let stored = user.store(&mut tx)?;
    let scope = AuditScope::User(stored.id.clone());
    tx.commit(AuditEvent::for_support(ctx, &scope, case, action)).await?;
    Ok(stored)
}
