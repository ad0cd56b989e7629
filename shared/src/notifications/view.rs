//! Preferences as an API response.

use serde::Serialize;
use utoipa::ToSchema;

use super::{AlertChannel, Preferences, RunChannel};

/// The user's notification preferences.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Notifications)]
pub struct PreferencesView {
    /// Channel for notifications of failed runs.
    pub test_failures: RunChannel,
    /// Channel for notifications of scheduled runs that have ended.
    pub scheduled_runs: RunChannel,
    /// Channel for alerts that credits run low.
    pub usage_alerts: AlertChannel,
    /// Channel for alerts about invoices and payments.
    pub billing_alerts: AlertChannel,
    /// The URL of the Slack webhook, masked. Null if there is none.
    #[schema(required, example = "https://hooks.slack.com/services/T…/B…/••••Wx7Q")]
    pub slack_webhook_url: Option<String>,
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
