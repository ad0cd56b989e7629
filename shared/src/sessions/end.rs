//! Ending a session.

use crate::activity::{Action, AuditEvent, AuditScope};
use crate::context::Context;
use crate::dynamo::{Condition, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::{SessionId, UserId};
use crate::keys;
use crate::requester::Requester;

/// Ends a session of a user: its token is refused from now on. Where there is none (another request
/// has ended it already), the answer is `refusal`.
pub async fn end(
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
