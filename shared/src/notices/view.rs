//! Preferences as their owner sees them.

use serde::Serialize;
use utoipa::ToSchema;

use super::{AlertChannel, Preferences, RunChannel};

/// What one is told of, and where.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Notifications)]
pub struct PreferencesView {
    /// A test failed.
    test_failures: RunChannel,
    /// A scheduled run ended.
    scheduled_runs: RunChannel,
    /// Credits run low.
    usage_alerts: AlertChannel,
    /// A payment failed, and the like.
    billing_alerts: AlertChannel,
    /// Slack's incoming webhook, masked; null where there is none.
    #[schema(required, example = "https://hooks.slack.com/services/T…/B…/••••Wx7Q")]
    slack_webhook_url: Option<String>,
}

impl From<&Preferences> for PreferencesView {
    fn from(preferences: &Preferences) -> Self {
        Self {
            test_failures: preferences.test_failures,
            scheduled_runs: preferences.scheduled_runs,
            usage_alerts: preferences.usage_alerts,
            billing_alerts: preferences.billing_alerts,
            slack_webhook_url: preferences.slack_webhook.as_ref().map(|webhook| webhook.masked()),
        }
    }
}
