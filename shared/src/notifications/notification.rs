//! The trait of notifications, and the delivery to one user.
//!
//! A notification and its delivery record are queued in one transaction per user and channel. Sending is therefore
//! idempotent, and safe to run concurrently.

use super::channels::{Channel, ChannelChoices};
use super::delivery_record::DeliveryRecord;
use super::limits::NOTIFICATIONS_PER_USER;
use super::store::read_channel_choices;
use crate::accounts::User;
use crate::activity::Log;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, BatchResult, Condition, Key, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::mail::{self, Message, NOTICE_TTL, Recipient};
use crate::organizations::Member;
use crate::slack;
use crate::values::{Name, Timezone};

/// An event that users are notified of.
pub(super) trait Notification: Sync {
    /// Returns a name that no other notification has. Delivery records are derived from it.
    fn unique_name(&self) -> String;

    /// Returns the time of the event.
    fn occurred_at(&self) -> Timestamp;

    /// Returns whether the notification is for this member of the organization. The default is every member.
    fn is_for_member(&self, _: &Member) -> bool {
        true
    }

    /// Returns whether the user may read what the notification says. The default is every user; what members do in
    /// an organization is only for those whom its policy about two-factor authentication lets in.
    fn is_allowed_for(&self, _: &User) -> bool {
        true
    }

    /// Returns the channels for a user with these choices.
    fn channels(&self, choices: ChannelChoices) -> Vec<Channel>;

    /// Returns the mail to a user called `name`.
    fn mail(&self, ctx: &Context, name: &Name) -> Message;

    /// Returns whether the notification counts against [`NOTIFICATIONS_PER_USER`].
    fn is_limited(&self) -> bool {
        true
    }

    /// Returns the Slack message with times in a time zone, or `None` if the notification is never posted to Slack.
    fn slack_text(&self, _: &Context, _: &Timezone) -> Option<String> {
        None
    }
}

/// Returns whether a notification is recent enough to be sent, and logs an error otherwise.
pub(super) fn is_recent(ctx: &Context, notification: &impl Notification) -> bool {
    let is_recent = ctx.now() < notification.occurred_at().plus(NOTICE_TTL);
    if !is_recent {
        let name = notification.unique_name();
        tracing::error!(notification = name, "a notification expired before it was sent");
    }
    is_recent
}

/// Returns the keys of the rows that [`notify_user`] reads.
pub(super) fn recipient_keys(user: &UserId) -> [Key; 2] {
    [keys::user(user), keys::notification_preferences(user)]
}

/// Notifies one user, whose rows are among `found`. Does nothing if the account is deleted or will be, or may not read
/// the notification. Mail goes only to verified addresses.
///
/// Unreadable rows are logged and skipped, so that they do not prevent the notification of other users.
pub(super) async fn notify_user(
    ctx: &Context,
    notification: &impl Notification,
    found: &BatchResult,
    id: UserId,
) -> Result<()> {
    let read = || Ok((found.read::<User>(&keys::user(&id))?, read_channel_choices(found, &id)?));
    let (user, choices) = match read() {
        Ok((Some(user), choices))
            if user.deletion.is_none() && notification.is_allowed_for(&user) =>
        {
            (user, choices)
        }
        Ok(_) => return Ok(()),
        Err(error) => {
            let error: Error = error;
            let name = notification.unique_name();
            tracing::error!(cause = ?error, notification = name, "a user can't be notified");
            return Ok(());
        }
    };
    for channel in notification.channels(choices) {
        if channel == Channel::Slack || user.email_verified {
            retry_conflicts(ctx, || queue(ctx, notification, &user, channel)).await?;
        }
    }
    Ok(())
}

/// Queues the notification for one channel, unless its delivery record exists or the user has got as many as
/// [`NOTIFICATIONS_PER_USER`] allows.
async fn queue(
    ctx: &Context,
    notification: &impl Notification,
    user: &User,
    channel: Channel,
) -> Attempt<()> {
    let record = DeliveryRecord::new(&notification.unique_name(), &user.id, channel, ctx.now());
    let keyring = ctx.secrets.keyring().await;
    let mut tx = ctx.table.transaction();
    tx.put(&record, Condition::Absent, AttemptError::Conflict)?;
    match channel {
        Channel::Mail => {
            let message = notification.mail(ctx, &user.name);
            mail::queue(ctx, &keyring, &mut tx, Recipient::from(user), message)?;
        }
        Channel::Slack => {
            let zone = user.timezone.clone().unwrap_or_default();
            let Some(text) = notification.slack_text(ctx, &zone) else { return Ok(()) };
            let deliver_before = notification.occurred_at().plus(NOTICE_TTL);
            let message = slack::NewSlackMessage { to: &user.id, text, deliver_before };
            slack::queue(ctx, &keyring, &mut tx, message)?;
        }
    }
    if notification.is_limited() {
        // In the transaction, so that a retry does not count what is sent already.
        NOTIFICATIONS_PER_USER.count_in_transaction(ctx, &mut tx, user.id.as_str()).await?;
    }
    match tx.commit(Log::Nothing("the event itself is in the log")).await {
        Err(AttemptError::Final(Error::RateLimited { .. })) => {
            let (user, name) = (&user.id, notification.unique_name());
            tracing::info!(%user, notification = name, "a user reached the limit of notifications");
            Ok(())
        }
        Err(AttemptError::Conflict)
            if ctx.table.get::<DeliveryRecord>(&record.key()).await?.is_some() =>
        {
            Ok(())
        }
        result => result,
    }
}
