//! Storage of notification preferences. A user who never changed them has no row.

use serde::{Deserialize, Serialize};

use super::channels::ChannelChoices;
use super::{AlertChannel, Preferences, RunChannel, SlackWebhook};
use crate::context::Context;
use crate::dynamo::{AttemptError, BatchResult, Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::secrets::{Keyring, Sealed};

/// The item with a user's notification preferences.
#[derive(Serialize, Deserialize)]
struct PreferencesRecord {
    user_id: UserId,
    test_failures: RunChannel,
    scheduled_runs: RunChannel,
    usage_alerts: AlertChannel,
    billing_alerts: AlertChannel,
    slack_webhook: Option<Sealed>,
    version: u64,
}

impl Record for PreferencesRecord {
    fn key(&self) -> Key {
        keys::notification_preferences(&self.user_id)
    }
}

/// Preferences with the version of their row.
pub(super) struct LoadedPreferences {
    pub(super) preferences: Preferences,
    /// The version of the row; `None` if there is no row.
    version: Option<u64>,
}

/// Reads a user's notification preferences. Costs one read.
///
/// # Errors
///
/// * [`Error::Unavailable`] if the table is unavailable.
/// * An internal error ([`Error::is_unreadable`]) if the row cannot be decoded or decrypted.
pub async fn read_preferences(ctx: &Context, user: &UserId) -> Result<Preferences> {
    load(ctx, user).await.map(|before| before.preferences)
}

/// Loads a user's preferences for a change.
pub(super) async fn load(ctx: &Context, user: &UserId) -> Result<LoadedPreferences> {
    let stored: Option<PreferencesRecord> =
        ctx.table.get(&keys::notification_preferences(user)).await?;
    decrypt(ctx, user, stored).await
}

/// Returns a user's channels from the rows that were read.
pub(super) fn read_channel_choices(found: &BatchResult, user: &UserId) -> Result<ChannelChoices> {
    let stored: Option<PreferencesRecord> = found.read(&keys::notification_preferences(user))?;
    let channels = |stored: PreferencesRecord| ChannelChoices {
        test_failures: stored.test_failures,
        scheduled_runs: stored.scheduled_runs,
        usage_alerts: stored.usage_alerts,
        billing_alerts: stored.billing_alerts,
    };
    Ok(stored.map_or_else(ChannelChoices::default, channels))
}

/// Returns a user's Slack webhook from the rows that were read.
pub(crate) async fn read_webhook(
    ctx: &Context,
    found: &BatchResult,
    user: &UserId,
) -> Result<Option<SlackWebhook>> {
    let stored = found.read(&keys::notification_preferences(user))?;
    Ok(decrypt(ctx, user, stored).await?.preferences.slack_webhook)
}

async fn decrypt(
    ctx: &Context,
    user: &UserId,
    stored: Option<PreferencesRecord>,
) -> Result<LoadedPreferences> {
    let Some(stored) = stored else {
        return Ok(LoadedPreferences { preferences: Preferences::default(), version: None });
    };
    let keyring = ctx.secrets.keyring().await;
    let slack_webhook = match &stored.slack_webhook {
        None => None,
        Some(sealed) => Some(decrypt_webhook(&keyring, user, sealed)?),
    };
    let preferences = Preferences {
        test_failures: stored.test_failures,
        scheduled_runs: stored.scheduled_runs,
        usage_alerts: stored.usage_alerts,
        billing_alerts: stored.billing_alerts,
        slack_webhook,
    };
    Ok(LoadedPreferences { preferences, version: Some(stored.version) })
}

/// Puts the new preferences in `tx`, which fails with [`AttemptError::Conflict`] if they changed since they were
/// loaded.
pub(super) async fn put(
    ctx: &Context,
    tx: &mut Tx<'_>,
    user: &UserId,
    before: &LoadedPreferences,
    preferences: &Preferences,
) -> Result<()> {
    let keyring = ctx.secrets.keyring().await;
    let slack_webhook = match &preferences.slack_webhook {
        None => None,
        Some(webhook) => {
            Some(keyring.seal(&*ctx.random, &associated_data(user), webhook.reveal().as_bytes())?)
        }
    };
    let stored = PreferencesRecord {
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
    tx.put(&stored, unchanged, AttemptError::Conflict)
}

/// Resets a user's preferences to the defaults in `tx`. When an account gets another owner, notifications must not go
/// to the webhook of the previous one.
pub(crate) fn reset_preferences(tx: &mut Tx<'_>, user: &UserId) -> Result<()> {
    tx.delete(&keys::notification_preferences(user), None, AttemptError::Conflict)
}

/// The row that holds a user's Slack webhook, as read. It is not decrypted, so that a key that is gone does not
/// keep a user from ending the webhook.
pub(crate) struct StoredWebhook(Option<PreferencesRecord>);

/// Reads the row that holds a user's Slack webhook.
pub(crate) async fn read_stored_webhook(ctx: &Context, user: &UserId) -> Result<StoredWebhook> {
    Ok(StoredWebhook(ctx.table.get(&keys::notification_preferences(user)).await?))
}

impl StoredWebhook {
    /// Removes the webhook in `tx`, and returns whether there was one. What was posted in Slack is mailed from
    /// then on.
    pub(crate) fn end(self, tx: &mut Tx<'_>) -> Result<bool> {
        let Some(before) = self.0.filter(|stored| stored.slack_webhook.is_some()) else {
            return Ok(false);
        };
        let mailed = |channel| match channel {
            RunChannel::Slack => RunChannel::Email,
            RunChannel::Email | RunChannel::None => channel,
        };
        let unchanged = Condition::equal("version", before.version)?;
        let after = PreferencesRecord {
            test_failures: mailed(before.test_failures),
            scheduled_runs: mailed(before.scheduled_runs),
            slack_webhook: None,
            version: before.version + 1,
            ..before
        };
        tx.put(&after, unchanged, AttemptError::Conflict)?;
        Ok(true)
    }
}

/// Returns the associated data that binds an encrypted webhook to its user.
fn associated_data(user: &UserId) -> String {
    format!("slack webhook {user}")
}

fn decrypt_webhook(keyring: &Keyring, user: &UserId, sealed: &Sealed) -> Result<SlackWebhook> {
    let opened = keyring.open(&associated_data(user), sealed);
    let text = opened.and_then(|text| String::from_utf8(text).ok());
    let text = text.ok_or_else(|| Error::unreadable("a Slack webhook can't be decrypted"))?;
    SlackWebhook::parse(&text)
        .map_err(|_| Error::unreadable("a decrypted Slack webhook is invalid"))
}
