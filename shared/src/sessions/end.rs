//! Ending a session.

use super::Session;
use crate::activity::{Action, Entry, Scope};
use crate::context::Context;
use crate::dynamo::{Condition, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::requester::Requester;

/// Ends the session: its token is refused from now on. [`Error::InvalidSession`] when another
/// request has ended it already.
pub async fn end(ctx: &Context, requester: &Requester, session: &Session) -> Result<()> {
    retry_conflicts(ctx, || async {
        let mut tx = ctx.table.transaction();
        tx.delete(&session.key(), Some(Condition::Exists), Error::InvalidSession)?;
        let (user, scope) = (&session.user_id, Scope::User(session.user_id.clone()));
        let entry = Entry::new(ctx, requester, &scope, Action::SessionEnded, user, &session.id);
        tx.commit(entry).await
    })
    .await
}
