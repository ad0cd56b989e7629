//! What a person is told of, and where: their preferences, and the rules for these.

mod audience;
mod members;
mod news;
pub mod preferences;
mod store;
pub mod tell;
pub mod tell_of_payment;
pub mod tell_of_usage;
mod told;
mod view;
mod webhook;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use store::preferences_of;
pub(crate) use store::{forget, webhook_of};
pub use view::PreferencesView;
pub use webhook::{SlackWebhook, WebhookChange};

use crate::error::{Error, Result};

/// Where a person is told of runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum RunChannel {
    /// By mail.
    #[default]
    Email,
    /// In Slack, with the person's webhook.
    Slack,
    /// Nowhere.
    None,
}

/// Where a person is told of what concerns the account's owner alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum AlertChannel {
    /// By mail.
    #[default]
    Email,
    /// Nowhere.
    None,
}

// serde's derive would also accept an object with the variant's name as its key, so these types are read
// from a string. Callers see the error texts.

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
    /// As it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Slack => "slack",
            Self::None => "none",
        }
    }
}

impl AlertChannel {
    /// As it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::None => "none",
        }
    }
}

/// What a person is told of, and where. By default everything, by mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// A test failed.
    pub test_failures: RunChannel,
    /// A scheduled run ended.
    pub scheduled_runs: RunChannel,
    /// Credits run low.
    pub usage_alerts: AlertChannel,
    /// A payment failed, and the like.
    pub billing_alerts: AlertChannel,
    /// Where in Slack; there if anything is to be told there.
    pub slack_webhook: Option<SlackWebhook>,
}

/// What is to change: `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct PreferencesChange {
    /// As in [`Preferences`].
    pub test_failures: Option<RunChannel>,
    /// As in [`Preferences`].
    pub scheduled_runs: Option<RunChannel>,
    /// As in [`Preferences`].
    pub usage_alerts: Option<AlertChannel>,
    /// As in [`Preferences`].
    pub billing_alerts: Option<AlertChannel>,
    /// As in [`Preferences`].
    pub slack_webhook: Option<WebhookChange>,
}

impl Preferences {
    /// These with the change. [`Error::Missing`] (as `slack_webhook_url`) where something is to be
    /// told in Slack and there is no webhook; [`Error::InvalidField`] where the webhook is to stay as
    /// it was shown, and is another by now.
    pub fn with(&self, change: &PreferencesChange) -> Result<Self> {
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

    /// The choices by the names of their fields.
    fn choices(&self) -> [(&'static str, &'static str); 4] {
        [
            ("test_failures", self.test_failures.as_str()),
            ("scheduled_runs", self.scheduled_runs.as_str()),
            ("usage_alerts", self.usage_alerts.as_str()),
            ("billing_alerts", self.billing_alerts.as_str()),
        ]
    }
}
