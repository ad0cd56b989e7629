//! Denies a request: the program gets no token.

use super::look_up::find;
use super::{RequestId, Status, has_status};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::credentials::{Caller, authenticate};
use crate::dynamo::{Attempt, AttemptError, Record, Update, retry_conflicts};
use crate::error::{Error, Result};

/// Denies a request. The same answer twice has the effect of one.
///
/// # Errors
/// - [`Error::SessionRequired`] if the caller has no session.
/// - [`Error::DeviceCodeExpired`] or [`Error::DeviceCodeUsed`] if the request does not wait any more.
pub async fn deny(ctx: &Context, caller: &Caller, id: &RequestId) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, caller, id)).await
}

async fn attempt(ctx: &Context, caller: &Caller, id: &RequestId) -> Attempt<()> {
    let (principal, found) = authenticate(ctx, caller, &[id.key()]).await?;
    let user = principal.into_session()?.user;
    let row = find(&found, &[id.key()])?.ok_or(Error::DeviceCodeExpired)?;
    if row.status == Status::Denied {
        return Ok(());
    }
    row.require_waiting(ctx.now())?;
    let mut tx = ctx.table.transaction();
    let update = Update::new(row.key()).set("status", Status::Denied)?;
    tx.update(update.only_if(has_status(Status::Pending)?), AttemptError::Conflict)?;
    let event = AuditEvent::for_account(ctx, &caller.requester, Action::DeviceDenied, &user.id)
        .with_detail("name", row.token_name()?)
        .with_detail("asked_from", row.requester.ip);
    tx.commit(event).await
}
