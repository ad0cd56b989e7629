//! Delivery of queued Slack messages.

use super::client::{PostOutcome, SlackClient};
use super::outbox::QueuedMessage;
use crate::accounts::User;
use crate::context::Context;
use crate::dynamo::Key;
use crate::error::Result;
use crate::keys;
use crate::notifications;

/// Posts one queued message and deletes its row. Does nothing if the row is gone.
///
/// Delivery is at least once: if the process stops between posting and deleting, the message is posted again.
/// Nothing is posted if the user has removed the webhook, or if the account is deleted or will be.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if Slack or the table is unavailable; the caller
///   retries.
/// * An internal error ([`Error::is_unreadable`](crate::error::Error::is_unreadable)) if a row cannot be decrypted
///   or parsed.
pub async fn deliver(ctx: &Context, slack: &SlackClient, key: &Key) -> Result<()> {
    let Some(queued) = ctx.table.get::<QueuedMessage>(key).await? else { return Ok(()) };
    let message = queued.id();
    if ctx.now() >= queued.deliver_before() {
        tracing::error!(%message, "a message expired before it was posted");
        return ctx.table.delete(key).await;
    }
    let content = queued.open(&*ctx.secrets.keyring().await)?;
    let rows = [keys::user(&content.user_id), keys::notification_preferences(&content.user_id)];
    let found = ctx.table.batch_get(&rows).await?;
    let [user, _] = &rows;
    let user: Option<User> = found.read(user)?;
    let webhook = notifications::read_webhook(ctx, &found, &content.user_id).await?;
    match webhook.filter(|_| user.is_some_and(|user| user.deletion.is_none())) {
        None => tracing::info!(%message, "a message has no webhook anymore and was dropped"),
        Some(webhook) => match slack.post(&webhook, &content.text).await? {
            PostOutcome::Accepted => tracing::info!(%message, "message posted"),
            PostOutcome::Refused(why) => {
                tracing::error!(%message, why, "a message was refused for good");
            }
        },
    }
    ctx.table.delete(key).await
}
