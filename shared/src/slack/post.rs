//! HTTP to Slack's incoming webhooks.
//! <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;
use url::Url;

use crate::error::{Error, Result};
use crate::notices::SlackWebhook;

/// A connection takes a round trip or two; what takes longer is lost.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// One call, whole.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Longest word that Slack gives as a reason.
const LONGEST_REASON: usize = 40;

/// The way out: Slack, wherever a webhook says that it is. Follows no redirects.
#[derive(Clone, Debug)]
pub struct Slack {
    client: reqwest::Client,
    base: Url,
}

pub(super) enum Posted {
    Accepted,
    /// Slack will never post this: the webhook or its channel is gone, say. Why, for the log.
    Refused(String),
}

impl Slack {
    /// Slack at `base`, the scheme and host that every message goes to.
    pub fn new(base: &str) -> Result<Self> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .build();
        let base = Url::parse(base).map_err(|_| Error::internal("Slack's address is no URL"))?;
        Ok(Self { client: client.map_err(Error::internal)?, base })
    }

    /// Posts a text in Slack's format. [`Error::Unavailable`] where it is worth trying again. No error says
    /// where to: whoever knows that may post there.
    pub(super) async fn post(&self, webhook: &SlackWebhook, text: &str) -> Result<Posted> {
        let mut url = self.base.clone();
        let path = format!("{}{}", url.path().trim_end_matches('/'), webhook.path());
        url.set_path(&path);
        let request = self.client.post(url).header(CONTENT_TYPE, "application/json");
        let sent = request.body(json!({"text": text}).to_string()).send().await;
        let answer = sent.map_err(|error| Error::Unavailable(error.without_url().into()))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(Posted::Accepted);
        }
        let reason = reason(answer).await;
        let why = format!("Slack answered {}{reason}", status.as_u16());
        if is_final(status) {
            Ok(Posted::Refused(why))
        } else {
            Err(Error::Unavailable(why.into()))
        }
    }
}

/// Whether Slack refuses the message itself: asking again changes nothing. All else passes.
/// <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors>
fn is_final(status: StatusCode) -> bool {
    let passing = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    status.is_client_error() && !passing.contains(&status)
}

/// The word that Slack gives, such as `no_service`; nothing where it is anything else.
async fn reason(mut answer: reqwest::Response) -> String {
    let word = answer.chunk().await.ok().flatten().unwrap_or_default();
    let is_word = (1..=LONGEST_REASON).contains(&word.len())
        && word.iter().all(|b| b.is_ascii_lowercase() || *b == b'_');
    if is_word { format!(", {}", String::from_utf8_lossy(&word)) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refused_message_is_given_up() {
        for code in [400, 403, 404, 410] {
            assert!(is_final(StatusCode::from_u16(code).unwrap()), "{code}");
        }
        for code in [301, 408, 429, 500, 502, 503] {
            assert!(!is_final(StatusCode::from_u16(code).unwrap()), "{code}");
        }
    }
}
