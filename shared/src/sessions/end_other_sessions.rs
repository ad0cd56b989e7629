//! Ending all sessions of a user except the current one.

use super::{AuthenticatedSession, Session, reload_user};
use crate::accounts::User;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{AttemptError, Condition, Record, Tx, Update, retry_from};
use crate::error::{Error, Result};

/// Ends all sessions of the user except the current one, with one write. It increments the user's session
/// generation and moves the current session to the new one.
///
/// # Errors
/// [`Error::InvalidSession`] if the current session has ended meanwhile.
pub async fn end_other_sessions(ctx: &Context, signed_in: &AuthenticatedSession) -> Result<()> {
    let AuthenticatedSession { requester, session, user } = signed_in;
    let attempt = |before: User| async move {
        let generation = before.session_generation + 1;
        let mut tx = ctx.table.transaction();
        let increment = Update::new(before.key())
            .set("session_generation", generation)?
            .add("version", 1)
            .only_if(Condition::equal("version", before.version)?);
        tx.update(increment, AttemptError::Conflict)?;
        move_to_generation(&mut tx, session, generation)?;
        tx.commit(AuditEvent::for_account(ctx, requester, Action::OtherSessionsEnded, &user.id))
            .await
    };
    retry_from(ctx, user.clone(), || reload_user(ctx, signed_in), attempt).await
}

/// Moves the current session to the user's new session generation in `tx`, so that all others end. The commit
/// fails with [`Error::InvalidSession`] if the session has ended meanwhile.
pub(crate) fn move_to_generation(
    tx: &mut Tx<'_>,
    session: &Session,
    generation: u32,
) -> Result<()> {
    let update = Update::new(session.key()).set("generation", generation)?;
    tx.update(update.only_if(Condition::Exists), Error::InvalidSession)
}
