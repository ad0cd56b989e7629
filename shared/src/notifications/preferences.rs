//! Notification preferences of a user, and the rules for changing them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::webhook;
use super::{SlackWebhook, WebhookChange};
use crate::error::{Error, Result};

/// Channel for notifications of runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum RunChannel {
    /// Sent by mail.
    #[default]
    Email,
    /// Posted to Slack with the user's webhook.
    Slack,
    /// Not sent.
    None,
}

/// Channel for alerts about credits and payments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum AlertChannel {
    /// Sent by mail.
    #[default]
    Email,
    /// Not sent.
    None,
}

// serde's derive would also accept an object with the variant's name as its key, so these types are parsed from
// a string. HTTP clients see the error texts.

impl TryFrom<String> for RunChannel {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.as_str() {
            "email" => Ok(Self::Email),
            "slack" => Ok(Self::Slack),
            "none" => Ok(Self::None),
            _ => Err("must be email, slack or none"),
        }
    }
}

impl TryFrom<String> for AlertChannel {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.as_str() {
            "email" => Ok(Self::Email),
            "none" => Ok(Self::None),
            _ => Err("must be email or none"),
        }
    }
}

impl RunChannel {
    /// Returns the name in requests, responses and stored rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Slack => "slack",
            Self::None => "none",
        }
    }
}

impl AlertChannel {
    /// Returns the name in requests, responses and stored rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::None => "none",
        }
    }
}

/// Notification preferences of a user. By default everything is sent by mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Channel for failed runs.
    pub test_failures: RunChannel,
    /// Channel for scheduled runs that ended.
    pub scheduled_runs: RunChannel,
    /// Channel for alerts that credits run low.
    pub usage_alerts: AlertChannel,
    /// Channel for alerts about invoices and payments.
    pub billing_alerts: AlertChannel,
    /// Webhook for Slack. Required if any channel is Slack.
    pub slack_webhook: Option<SlackWebhook>,
}

/// Changes to notification preferences. `None` keeps a field unchanged.
#[derive(Clone, Debug, Default)]
pub struct PreferencesChange {
    /// New channel for failed runs.
    pub test_failures: Option<RunChannel>,
    /// New channel for scheduled runs that ended.
    pub scheduled_runs: Option<RunChannel>,
    /// New channel for alerts that credits run low.
    pub usage_alerts: Option<AlertChannel>,
    /// New channel for alerts about invoices and payments.
    pub billing_alerts: Option<AlertChannel>,
    /// Change of the Slack webhook.
    pub slack_webhook: Option<WebhookChange>,
}

impl Preferences {
    /// Returns the preferences after `change`.
    ///
    /// # Errors
    ///
    /// * [`Error::Missing`] for `slack_webhook_url` if a channel is Slack and there is no webhook.
    /// * [`Error::InvalidField`] if the change keeps a webhook that is no longer the current one.
    pub fn apply(&self, change: &PreferencesChange) -> Result<Self> {
        let after = Self {
            test_failures: change.test_failures.unwrap_or(self.test_failures),
            scheduled_runs: change.scheduled_runs.unwrap_or(self.scheduled_runs),
            usage_alerts: change.usage_alerts.unwrap_or(self.usage_alerts),
            billing_alerts: change.billing_alerts.unwrap_or(self.billing_alerts),
            slack_webhook: match &change.slack_webhook {
                None => self.slack_webhook.clone(),
                Some(change) => change.apply(self.slack_webhook.as_ref())?,
            },
        };
        let in_slack = [after.test_failures, after.scheduled_runs].contains(&RunChannel::Slack);
        if in_slack && after.slack_webhook.is_none() {
            return Err(Error::missing(webhook::FIELD));
        }
        Ok(after)
    }

    /// Returns the channels by the names of their fields.
    pub(super) fn channels_by_field(&self) -> [(&'static str, &'static str); 4] {
        [
            ("test_failures", self.test_failures.as_str()),
            ("scheduled_runs", self.scheduled_runs.as_str()),
            ("usage_alerts", self.usage_alerts.as_str()),
            ("billing_alerts", self.billing_alerts.as_str()),
        ]
    }
}
