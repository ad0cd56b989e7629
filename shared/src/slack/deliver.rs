//! Posting what waits.

use super::outbox::Waiting;
use super::post::{Posted, Slack};
use crate::accounts::User;
use crate::context::Context;
use crate::dynamo::Key;
use crate::error::Result;
use crate::{keys, notices};

/// Posts one waiting message and removes its row. Called again for the same message it does nothing; if
/// it is stopped between posting and removing, the message is posted twice rather than not at all.
///
/// Nothing is posted for somebody who has no webhook any more, or whose account is gone or waits to be
/// erased.
pub async fn deliver(ctx: &Context, slack: &Slack, key: &Key) -> Result<()> {
    let Some(waiting) = ctx.table.get::<Waiting>(key).await? else { return Ok(()) };
    let message = waiting.id();
    if ctx.now() >= waiting.useful_until() {
        tracing::error!(%message, "a message came too late to be of use and was not posted");
        return ctx.table.delete(key).await;
    }
    let letter = waiting.open(&*ctx.secrets.keyring().await)?;
    let rows = [keys::user(&letter.user_id), keys::notifications(&letter.user_id)];
    let found = ctx.table.batch_get(&rows).await?;
    let [user, _] = &rows;
    let user: Option<User> = found.read(user)?;
    let webhook = notices::webhook_of(ctx, &found, &letter.user_id).await?;
    match webhook.filter(|_| user.is_some_and(|user| user.deletion.is_none())) {
        None => tracing::info!(%message, "a message has nowhere to go any more"),
        Some(webhook) => match slack.post(&webhook, &letter.text).await? {
            Posted::Accepted => tracing::info!(%message, "message posted"),
            Posted::Refused(why) => {
                tracing::error!(%message, why, "a message was refused for good");
            }
        },
    }
    ctx.table.delete(key).await
}
