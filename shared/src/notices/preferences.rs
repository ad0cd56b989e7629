//! Changing what one is told of, and where.

use super::{Preferences, PreferencesChange, store};
use crate::accounts::User;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Condition, Record, retry_from};
use crate::error::{Error, Result};
use crate::requester::Requester;
use crate::sessions::{Authenticated, read_again};

/// Changes the given fields; two who change different ones at once both succeed. Errors are those of
/// [`Preferences::with`], and [`Error::InvalidSession`] where the session ends meanwhile.
pub async fn change(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
    change: &PreferencesChange,
) -> Result<Preferences> {
    let attempt = |user: User| async move {
        let before = store::read(ctx, &user.id).await?;
        let after = before.preferences.with(change)?;
        if after == before.preferences {
            return Ok(after);
        }
        let mut tx = ctx.table.transaction();
        store::put(ctx, &mut tx, &user.id, &before, &after).await?;
        // Whoever ends the session ends what it is about to do: signed out, its row is gone; ended
        // with all others, the user's generation is another.
        tx.check(&signed_in.session.key(), &Condition::Exists, Error::InvalidSession)?;
        let same = Condition::equal("session_generation", user.session_generation)?;
        tx.check(&user.key(), &same, Error::Conflict)?;
        let entry = AuditEvent::for_account(ctx, requester, Action::NotificationsChanged, &user.id);
        tx.commit(describe(entry, &before.preferences, &after)).await?;
        Ok(after)
    };
    retry_from(ctx, signed_in.user.clone(), || read_again(ctx, signed_in), attempt).await
}

/// What changed: of the webhook only that it did.
fn describe(mut entry: AuditEvent, before: &Preferences, after: &Preferences) -> AuditEvent {
    let mut fields = Vec::new();
    for ((field, before), (_, after)) in before.choices().into_iter().zip(after.choices()) {
        if before != after {
            fields.push(field);
            entry = entry.with_detail(field, format!("{before} -> {after}"));
        }
    }
    if before.slack_webhook != after.slack_webhook {
        fields.push("slack_webhook_url");
    }
    entry.with_detail("fields", fields.join(", "))
}
