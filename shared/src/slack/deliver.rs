//! Delivery of queued Slack messages.

use super::client::SlackClient;
use super::outbox::QueuedSlackMessage;
use crate::accounts::User;
use crate::context::Context;
use crate::dynamo::Key;
use crate::error::Result;
use crate::keys;
use crate::notifications;
use crate::outbox::{self, DeliveryOutcome};

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
    outbox::deliver(ctx, key, |message| post(ctx, slack, message)).await
}

async fn post(
    ctx: &Context,
    slack: &SlackClient,
    message: QueuedSlackMessage,
) -> Result<DeliveryOutcome> {
    let rows = [keys::user(&message.user_id), keys::notification_preferences(&message.user_id)];
    let found = ctx.table.batch_get(&rows).await?;
    let [user, _] = &rows;
    let user: Option<User> = found.read(user)?;
    let webhook = notifications::read_webhook(ctx, &found, &message.user_id).await?;
    match webhook.filter(|_| user.is_some_and(|user| user.deletion.is_none())) {
        None => Ok(DeliveryOutcome::Unwanted),
        Some(webhook) => slack.post(&webhook, &message.text).await,
    }
}
