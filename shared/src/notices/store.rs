//! The row of preferences. Whoever has never changed them has none.

use serde::{Deserialize, Serialize};

use super::audience::Channels;
use super::{AlertChannel, Preferences, RunChannel, SlackWebhook};
use crate::context::Context;
use crate::dynamo::{BatchResult, Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::secrets::{Keyring, Sealed};

/// Preferences as stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    user_id: UserId,
    test_failures: RunChannel,
    scheduled_runs: RunChannel,
    usage_alerts: AlertChannel,
    billing_alerts: AlertChannel,
    slack_webhook: Option<Sealed>,
    version: u64,
}

impl Record for Stored {
    fn key(&self) -> Key {
        keys::notifications(&self.user_id)
    }
}

/// Preferences as they were read.
pub(super) struct Before {
    pub(super) preferences: Preferences,
    /// Of the row; `None` where there is none.
    version: Option<u64>,
}

/// What a user is told of, and where. One read.
pub async fn preferences_of(ctx: &Context, user: &UserId) -> Result<Preferences> {
    read(ctx, user).await.map(|before| before.preferences)
}

pub(super) async fn read(ctx: &Context, user: &UserId) -> Result<Before> {
    let stored: Option<Stored> = ctx.table.get(&keys::notifications(user)).await?;
    opened(ctx, user, stored).await
}

/// Where the user is told of what, by the row among what was found.
pub(super) fn channels_of(found: &BatchResult, user: &UserId) -> Result<Channels> {
    let stored: Option<Stored> = found.read(&keys::notifications(user))?;
    let channels = |stored: Stored| Channels {
        test_failures: stored.test_failures,
        scheduled_runs: stored.scheduled_runs,
        usage_alerts: stored.usage_alerts,
        billing_alerts: stored.billing_alerts,
    };
    Ok(stored.map_or_else(Channels::default, channels))
}

/// The user's webhook, by the row among what was found.
pub(crate) async fn webhook_of(
    ctx: &Context,
    found: &BatchResult,
    user: &UserId,
) -> Result<Option<SlackWebhook>> {
    let stored = found.read(&keys::notifications(user))?;
    Ok(opened(ctx, user, stored).await?.preferences.slack_webhook)
}

async fn opened(ctx: &Context, user: &UserId, stored: Option<Stored>) -> Result<Before> {
    let Some(stored) = stored else {
        return Ok(Before { preferences: Preferences::default(), version: None });
    };
    let keyring = ctx.secrets.keyring().await;
    let slack_webhook = match &stored.slack_webhook {
        None => None,
        Some(sealed) => Some(open(&keyring, user, sealed)?),
    };
    let preferences = Preferences {
        test_failures: stored.test_failures,
        scheduled_runs: stored.scheduled_runs,
        usage_alerts: stored.usage_alerts,
        billing_alerts: stored.billing_alerts,
        slack_webhook,
    };
    Ok(Before { preferences, version: Some(stored.version) })
}

/// Adds the new preferences to a change, which is [`Error::Conflict`] where they are no longer as
/// they were read.
pub(super) async fn put(
    ctx: &Context,
    tx: &mut Tx<'_>,
    user: &UserId,
    before: &Before,
    preferences: &Preferences,
) -> Result<()> {
    let keyring = ctx.secrets.keyring().await;
    let slack_webhook = match &preferences.slack_webhook {
        None => None,
        Some(webhook) => {
            Some(keyring.seal(&*ctx.random, &place(user), webhook.reveal().as_bytes())?)
        }
    };
    let stored = Stored {
        user_id: user.clone(),
        test_failures: preferences.test_failures,
        scheduled_runs: preferences.scheduled_runs,
        usage_alerts: preferences.usage_alerts,
        billing_alerts: preferences.billing_alerts,
        slack_webhook,
        version: before.version.map_or(0, |version| version + 1),
    };
    let unchanged = match before.version {
        None => Condition::Absent,
        Some(version) => Condition::equal("version", version)?,
    };
    tx.put(&stored, unchanged, Error::Conflict)
}

/// Adds to a change that the account's preferences are the defaults again: where it turns out to be
/// somebody else's, news of it must not go on to the webhook of whoever had it before.
pub(crate) fn forget(tx: &mut Tx<'_>, user: &UserId) -> Result<()> {
    tx.delete(&keys::notifications(user), None, Error::Conflict)
}

/// What a webhook is sealed for.
fn place(user: &UserId) -> String {
    format!("slack webhook {user}")
}

fn open(keyring: &Keyring, user: &UserId, sealed: &Sealed) -> Result<SlackWebhook> {
    let opened = keyring.open(&place(user), sealed);
    let text = opened.and_then(|text| String::from_utf8(text).ok());
    let text = text.ok_or_else(|| Error::unreadable("a Slack webhook can't be opened"))?;
    SlackWebhook::parse(&text).map_err(|_| Error::unreadable("what was sealed is no Slack webhook"))
}
