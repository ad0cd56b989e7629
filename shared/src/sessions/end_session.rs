//! Ends a session.

use crate::activity::{Action, AuditEvent, AuditScope};
use crate::context::Context;
use crate::dynamo::{Condition, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::{SessionId, UserId};
use crate::keys;
use crate::requester::Requester;

/// Ends a session of a user. Its token is refused from now on.
///
/// # Errors
/// Returns `refusal` if there is no such session, for instance because another request has ended it.
pub async fn end_session(
    ctx: &Context,
    requester: &Requester,
    user: &UserId,
    session: &SessionId,
    refusal: fn() -> Error,
) -> Result<()> {
    retry_conflicts(ctx, || async {
        let mut tx = ctx.table.transaction();
        tx.delete(&keys::session(user, session), Some(Condition::Exists), refusal())?;
        let (scope, action) = (AuditScope::User(user.clone()), Action::SessionEnded);
        tx.commit(AuditEvent::new(ctx, requester, &scope, user, action).with_target(session)).await
    })
    .await
}
