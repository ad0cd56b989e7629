//! Ending all sessions but one's own.

use super::{Authenticated, Session, read_again};
use crate::accounts::User;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Condition, Record, Tx, Update, retry_from};
use crate::error::{Error, Result};
use crate::requester::Requester;

/// Ends every session of the user but this one: one write, however many there are. The user's
/// generation counts up, and this session goes along.
pub async fn end_others(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
) -> Result<()> {
    let Authenticated { session, user } = signed_in;
    let attempt = |before: User| async move {
        let generation = before.session_generation + 1;
        let mut tx = ctx.table.transaction();
        let count_up = Update::new(before.key())
            .set("session_generation", generation)?
            .add("version", 1)
            .only_if(Condition::equal("version", before.version)?);
        tx.update(count_up, Error::Conflict)?;
        keep(&mut tx, session, generation)?;
        tx.commit(AuditEvent::for_account(ctx, requester, Action::OtherSessionsEnded, &user.id))
            .await
    };
    retry_from(ctx, user.clone(), || read_again(ctx, signed_in), attempt).await
}

/// Moves the session that makes a change along into the generation that the change begins: all
/// others end. [`Error::InvalidSession`] if it has ended meanwhile.
pub(crate) fn keep(tx: &mut Tx<'_>, session: &Session, generation: u32) -> Result<()> {
    let keep = Update::new(session.key()).set("generation", generation)?;
    tx.update(keep.only_if(Condition::Exists), Error::InvalidSession)
}
