//! When a token was last used.

use std::time::Duration;

use super::Token;
use crate::activity::{Action, Actor, Entry, Log};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Record, Update};
use crate::error::{Error, Result};
use crate::requester::Requester;
use crate::values::TokenHolder;

/// How exactly the last use is noted: checking a token is a read, and at most once an hour a write.
const NOTED_EVERY: Duration = Duration::from_secs(60 * 60);

/// Notes that a token was used, if that wasn't done within the hour. The first use of an organization's
/// key on a day (UTC) goes into the organization's log.
///
/// Best effort: the token is good, whether or not its use could be noted.
pub(crate) async fn note_use(ctx: &Context, requester: &Requester, token: &Token) {
    let now = ctx.now();
    if token.last_used_at.is_some_and(|at| now < at.plus(NOTED_EVERY)) {
        return;
    }
    match note(ctx, requester, token, now).await {
        // Somebody else has just noted it, or revoked it.
        Ok(()) | Err(Error::Conflict) => {}
        Err(error) => tracing::warn!(cause = ?error, "a token's use was not noted"),
    }
}

async fn note(ctx: &Context, requester: &Requester, token: &Token, now: Timestamp) -> Result<()> {
    let as_read = match token.last_used_at {
        Some(at) => Condition::equal("last_used_at", at)?,
        None => Condition::Missing("last_used_at"),
    };
    // Exists: what is gone by now must not come back as a row with a time alone. And nothing is used
    // after it was revoked.
    let unchanged = Condition::All(vec![Token::is_alive(), as_read]);
    let update = Update::new(token.key()).set("last_used_at", now)?.only_if(unchanged);
    let mut tx = ctx.table.transaction();
    tx.update(update, Error::Conflict)?;
    let today = |at: Timestamp| at.day() == now.day();
    let log = match &token.holder {
        TokenHolder::Organization(organization) if !token.last_used_at.is_some_and(today) => {
            let actor = Actor::Key(token.number);
            Entry::of_client(ctx, requester, organization, actor, Action::KeyUsed, token.number)
                .into()
        }
        TokenHolder::Organization(_) | TokenHolder::User(_) => {
            Log::Nothing("a use within the hour or the day")
        }
    };
    tx.commit(log).await
}
