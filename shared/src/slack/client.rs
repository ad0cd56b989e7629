//! The HTTP client for Slack's incoming webhooks.
//! <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>

use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, StatusCode};
use url::Url;

use super::blocks;
use crate::config;
use crate::error::{Error, Result};
use crate::https::{HttpsClient, RequestLimits};
use crate::notifications::SlackWebhook;
use crate::outbox::DeliveryOutcome;

/// Limits of a request. Slack answers with one word; a proxy in front of it answers with a page.
const LIMITS: RequestLimits =
    RequestLimits { timeout: Duration::from_secs(5), max_response_bytes: 256 * 1024 };

/// Longest reason from Slack that is logged, in bytes. Slack answers with one word.
const MAX_REASON_LEN: usize = 40;

/// Client for incoming webhooks. Follows no redirects.
#[derive(Clone, Debug)]
pub struct SlackClient {
    https: HttpsClient,
    base: Url,
}

impl SlackClient {
    /// Creates a client. `base` is the scheme and host that every message is sent to.
    ///
    /// # Errors
    ///
    /// * An internal error if `base` is not a URL.
    pub fn new(https: HttpsClient, base: &str) -> Result<Self> {
        let base = Url::parse(base).map_err(|_| Error::internal("Slack's address is no URL"))?;
        Ok(Self { https, base })
    }

    /// Creates a client for the host that the environment names.
    ///
    /// # Errors
    ///
    /// * The errors of [`SlackClient::new`].
    pub fn from_environment(https: HttpsClient) -> Result<Self> {
        Self::new(https, &config::slack_webhook_base())
    }

    /// Posts a text in Slack's format. Errors never contain the URL, because its holder can post to it. Slack
    /// refuses a message for good, for example, if the webhook was removed.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`] if a retry can succeed.
    pub(super) async fn post(&self, webhook: &SlackWebhook, text: &str) -> Result<DeliveryOutcome> {
        let mut url = self.base.clone();
        let path = format!("{}{}", url.path().trim_end_matches('/'), webhook.path());
        url.set_path(&path);
        let request = Request::post(url.as_str()).header(CONTENT_TYPE, "application/json");
        let payload = Bytes::from(blocks::payload(text).to_string());
        let request = request.body(payload).map_err(|_| Error::internal("not a request"))?;
        let sent = self.https.send(request, LIMITS).await;
        let answer = sent.map_err(|error| Error::Unavailable(error.into()))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(DeliveryOutcome::Accepted);
        }
        let reason = reason(answer.body());
        let why = format!("Slack answered {}{reason}", status.as_u16());
        if is_final(status) {
            Ok(DeliveryOutcome::Refused(why))
        } else {
            Err(Error::Unavailable(why.into()))
        }
    }
}

/// Returns whether Slack refuses the message itself, so that a retry cannot succeed.
/// <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors>
fn is_final(status: StatusCode) -> bool {
    let retryable = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    status.is_client_error() && !retryable.contains(&status)
}

/// Returns the reason in Slack's answer, such as `no_service`, with a comma in front. Returns an empty string if
/// the answer is not a single word.
fn reason(word: &[u8]) -> String {
    let is_word = (1..=MAX_REASON_LEN).contains(&word.len())
        && word.iter().all(|b| b.is_ascii_lowercase() || *b == b'_');
    if is_word { format!(", {}", String::from_utf8_lossy(word)) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refused_message_is_not_retried() {
        for code in [400, 403, 404, 410] {
            assert!(is_final(StatusCode::from_u16(code).unwrap()), "{code}");
        }
        for code in [301, 408, 429, 500, 502, 503] {
            assert!(!is_final(StatusCode::from_u16(code).unwrap()), "{code}");
        }
    }
}
