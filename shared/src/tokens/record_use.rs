//! Records when a token was last used.

use std::time::Duration;

use super::{Token, audit_event};
use crate::activity::{Action, Actor, AuditEvent, Log};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, Update};
use crate::requester::Requester;
use crate::values::TokenHolder;

/// Minimum time between two records of a token's use. It limits the writes to one an hour.
const RECORD_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Records that a token was used, at most once an hour. The first use of a day (UTC) is also written to the audit log
/// of its user, or of the API key's organization.
///
/// A failure is logged and otherwise ignored, because the token is valid all the same.
pub(crate) async fn record_use(ctx: &Context, requester: &Requester, token: &Token) {
    let now = ctx.now();
    if token.last_used_at.is_some_and(|at| now < at.plus(RECORD_INTERVAL)) {
        return;
    }
    match write_last_use(ctx, requester, token, now).await {
        // Another request has just recorded the use, or the token was revoked.
        Ok(()) | Err(AttemptError::Conflict) => {}
        Err(error) => tracing::warn!(cause = ?error, "cannot record the use of a token"),
    }
}

async fn write_last_use(
    ctx: &Context,
    requester: &Requester,
    token: &Token,
    now: Timestamp,
) -> Attempt<()> {
    let same_last_use = match token.last_used_at {
        Some(at) => Condition::equal("last_used_at", at)?,
        None => Condition::Missing("last_used_at"),
    };
    // Without the existence check, the update would recreate a deleted token as an incomplete row.
    // A revoked token must not get a later last use.
    let unchanged = Condition::All(vec![Token::not_revoked(), same_last_use]);
    let update = Update::new(token.key()).set("last_used_at", now)?.only_if(unchanged);
    let mut tx = ctx.table.transaction();
    tx.update(update, AttemptError::Conflict)?;
    let today = |at: Timestamp| at.day() == now.day();
    let log = match &token.holder {
        TokenHolder::Organization(organization) if !token.last_used_at.is_some_and(today) => {
            let actor = Actor::Key(token.number);
            AuditEvent::for_organization(ctx, requester, organization, actor, Action::KeyUsed)
                .with_target(token.number)
                .into()
        }
        TokenHolder::User(user) if !token.last_used_at.is_some_and(today) => {
            audit_event(ctx, requester, user, Action::TokenUsed, token).into()
        }
        TokenHolder::Organization(_) | TokenHolder::User(_) => {
            Log::Nothing("only the first use of a token in a day is logged")
        }
    };
    tx.commit(log).await
}
