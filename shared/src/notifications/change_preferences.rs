//! Changes of notification preferences.

use super::{Preferences, PreferencesChange, store};
use crate::accounts::{User, queue_security_notice};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{AttemptError, Condition, Record, retry_from};
use crate::error::{Error, Result};
use crate::mail::Message;
use crate::sessions::{AuthenticatedSession, reload_user};

/// Changes the user's notification preferences. Concurrent changes of different fields all succeed. Another
/// Slack webhook requires a recent proof of identity.
///
/// # Errors
///
/// * [`Error::ReauthRequired`] if the webhook changes and the session's proof of identity is not recent.
/// * [`Error::InvalidSession`] if the session ends meanwhile.
/// * The errors of [`Preferences::apply`].
pub async fn change_preferences(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    change: &PreferencesChange,
) -> Result<Preferences> {
    let requester = &signed_in.requester;
    let attempt = |user: User| async move {
        let before = store::load(ctx, &user.id).await?;
        let after = before.preferences.apply(change)?;
        if after == before.preferences {
            return Ok(after);
        }
        if after.slack_webhook.is_some() && after.slack_webhook != before.preferences.slack_webhook
        {
            signed_in.require_recent_proof(ctx.now())?;
        }
        let mut tx = ctx.table.transaction();
        if after.slack_webhook != before.preferences.slack_webhook {
            let keyring = ctx.secrets.keyring().await;
            let is_set = after.slack_webhook.is_some();
            let notice = Message::slack_webhook_changed(ctx, requester, &user, is_set);
            queue_security_notice(ctx, &keyring, &mut tx, &user, notice)?;
        }
        store::put(ctx, &mut tx, &user.id, &before, &after).await?;
        // An ended session must not change anything. Signing out deletes the session's row, and ending all sessions
        // changes the user's session generation.
        tx.check(&signed_in.session.key(), &Condition::Exists, Error::InvalidSession)?;
        let same = Condition::equal("session_generation", user.session_generation)?;
        tx.check(&user.key(), &same, AttemptError::Conflict)?;
        let entry = AuditEvent::for_account(ctx, requester, Action::NotificationsChanged, &user.id);
        tx.commit(describe_change(entry, &before.preferences, &after)).await?;
        Ok(after)
    };
    retry_from(ctx, signed_in.user.clone(), || reload_user(ctx, signed_in), attempt).await
}

/// Adds the changed fields to the audit event. The webhook itself is secret and left out.
fn describe_change(mut entry: AuditEvent, before: &Preferences, after: &Preferences) -> AuditEvent {
    let mut fields = Vec::new();
    for ((field, before), (_, after)) in
        before.channels_by_field().into_iter().zip(after.channels_by_field())
    {
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
