//! Sends a test message to the user's own webhook.

use std::time::Duration;

use super::client::SlackClient;
use super::text::test_message_text;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::notifications::read_preferences;
use crate::outbox::DeliveryOutcome;
use crate::sessions::AuthenticatedSession;
use crate::throttle::Throttle;

/// Limits the test messages of one user to ten in 10 minutes. The number is our own choice: it is enough to set up a
/// webhook, and too little to flood a channel.
pub const SLACK_TEST_THROTTLE: Throttle =
    Throttle { operation: "slack-test", limit: 10, window: Duration::from_secs(10 * 60) };

/// Posts a test message to the user's Slack webhook. It does not use the outbox, because the user waits for the result.
///
/// # Errors
///
/// * [`Error::NoSlackWebhook`] if no webhook is set.
/// * [`Error::SlackRefused`] if Slack refuses the message for good, for example because the webhook was removed.
/// * [`Error::Unavailable`] if Slack or the table is unavailable.
/// * [`Error::RateLimited`] above [`SLACK_TEST_THROTTLE`].
pub async fn send_test_message(
    ctx: &Context,
    slack: &SlackClient,
    signed_in: &AuthenticatedSession,
) -> Result<()> {
    let user = &signed_in.user;
    let (counted, preferences) = tokio::join!(
        SLACK_TEST_THROTTLE.count_request_for(ctx, user.id.as_str()),
        read_preferences(ctx, &user.id)
    );
    counted?;
    let webhook = preferences?.slack_webhook.ok_or(Error::NoSlackWebhook)?;
    let zone = user.timezone.clone().unwrap_or_default();
    match slack.post(&webhook, &test_message_text(ctx, &zone)).await? {
        DeliveryOutcome::Refused(why) => Err(Error::SlackRefused(why)),
        DeliveryOutcome::Accepted
        | DeliveryOutcome::Suppressed(_)
        | DeliveryOutcome::Unwanted
        | DeliveryOutcome::Expired => Ok(()),
    }
}
