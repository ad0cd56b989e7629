//! URLs of Slack's incoming webhooks (<https://api.slack.com/messaging/webhooks>). They are secret: the holder of a
//! URL can post to its channel.

use std::fmt;

use url::Url;

use crate::error::{Error, Result};

/// Name of the request field, for errors.
pub(super) const FIELD: &str = "slack_webhook_url";

/// Longest URL, in characters. Slack's URLs have about 80.
pub const MAX_WEBHOOK_URL_LEN: usize = 300;

/// Placeholder for the secret part of a masked webhook. A real webhook never contains it.
const MASK: &str = "••••";

/// Shortest secret part whose last four characters are shown.
const MIN_LEN_TO_SHOW_SUFFIX: usize = 16;

/// The URL of an incoming webhook. Its `Debug` output hides the URL.
#[derive(Clone, PartialEq, Eq)]
pub struct SlackWebhook(String);

impl fmt::Debug for SlackWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SlackWebhook(…)")
    }
}

impl SlackWebhook {
    /// Parses a URL of the form `https://hooks.slack.com/services/T…/B…/…`.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`] for any other URL. The error does not contain the URL.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.chars().count() > MAX_WEBHOOK_URL_LEN {
            return Err(Error::invalid_field(
                FIELD,
                format!("at most {MAX_WEBHOOK_URL_LEN} characters"),
            ));
        }
        // The default port may be explicit.
        let bare = text.replacen("hooks.slack.com:443/", "hooks.slack.com/", 1);
        let url = Url::parse(text).ok().filter(is_webhook);
        // Rejects a URL that the parser had to correct (dots, backslashes, look-alikes, line breaks). Slack does not
        // issue such URLs, and another parser could read them differently.
        let url = url.filter(|url| url.as_str() == bare);
        url.map(|_| Self(bare)).ok_or_else(|| {
            let why = "paste an incoming webhook's URL, such as https://hooks.slack.com/services/…";
            Error::invalid_field(FIELD, why)
        })
    }

    /// Returns the URL.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns the path of the URL: `/services/T…/B…/…`.
    pub(crate) fn path(&self) -> &str {
        self.0.strip_prefix("https://hooks.slack.com").unwrap_or_default()
    }

    /// Returns the masked URL. It lets the owner recognize the webhook, and nobody can post with it.
    pub fn masked(&self) -> String {
        let secret = self.0.rsplit('/').next().unwrap_or_default();
        let shown = match secret.len().checked_sub(4) {
            Some(at) if secret.len() >= MIN_LEN_TO_SHOW_SUFFIX => &secret[at..],
            Some(_) | None => "",
        };
        format!("https://hooks.slack.com/services/T…/B…/{MASK}{shown}")
    }
}

fn is_webhook(url: &Url) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    };
    let path: Vec<_> = url.path_segments().map(Iterator::collect).unwrap_or_default();
    let is_path = match path.as_slice() {
        ["services", team, hook, secret] => {
            team.starts_with('T')
                && hook.starts_with('B')
                && [team, hook, secret].into_iter().all(|part| is_part(part))
        }
        _ => false,
    };
    url.scheme() == "https"
        && url.host_str() == Some("hooks.slack.com")
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && is_path
}

/// Change of a webhook.
#[derive(Clone, Debug)]
pub enum WebhookChange {
    /// Removes the webhook.
    Remove,
    /// Keeps the webhook if this is its masked URL.
    Keep(String),
    /// Replaces the webhook.
    Set(SlackWebhook),
}

impl WebhookChange {
    /// Parses the request field. An empty one removes the webhook, the masked URL keeps it, and a URL replaces it.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`] if the text is not the URL of an incoming webhook.
    pub fn parse(text: Option<&str>) -> Result<Self> {
        match text.map(str::trim) {
            None | Some("") => Ok(Self::Remove),
            Some(text) if text.contains(MASK) => Ok(Self::Keep(text.to_owned())),
            Some(text) => SlackWebhook::parse(text).map(Self::Set),
        }
    }

    /// Returns the webhook after the change.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`] if the change keeps a webhook that is not the current one.
    pub(super) fn apply(&self, before: Option<&SlackWebhook>) -> Result<Option<SlackWebhook>> {
        match self {
            Self::Remove => Ok(None),
            Self::Set(webhook) => Ok(Some(webhook.clone())),
            Self::Keep(shown) => match before {
                Some(before) if before.masked() == *shown => Ok(Some(before.clone())),
                Some(_) | None => Err(Error::invalid_field(FIELD, "not the webhook that is set")),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &str = "abcdefghijklmnopqrstWx7Q";

    fn url() -> String {
        format!("https://hooks.slack.com/services/T01AB/B02CD/{SECRET}")
    }

    #[test]
    fn webhooks_of_slack_are_accepted() {
        assert_eq!(SlackWebhook::parse(&url()).unwrap().reveal(), url());
        assert_eq!(SlackWebhook::parse(&format!(" {}\n", url())).unwrap().reveal(), url());
        let with_port = url().replace(".com/", ".com:443/");
        assert_eq!(SlackWebhook::parse(&with_port).unwrap().reveal(), url());
        let longest = format!("{}{}", url(), "x".repeat(300 - url().len()));
        assert!(SlackWebhook::parse(&longest).is_ok());
        assert!(SlackWebhook::parse(&format!("{longest}x")).is_err());
    }

    #[test]
    fn what_is_no_webhook_of_slack_is_refused() {
        for bad in HOSTILE {
            let error = SlackWebhook::parse(bad).unwrap_err();
            assert!(matches!(&error, Error::InvalidField { field, .. } if field == FIELD), "{bad}");
            assert!(!error.to_string().contains("evil"), "{error}");
        }
    }

    const HOSTILE: &[&str] = &[
        "x",
        "hooks.slack.com/services/T1/B1/x",
        "//hooks.slack.com/services/T1/B1/x",
        "http://hooks.slack.com/services/T1/B1/x",
        "ftp://hooks.slack.com/services/T1/B1/x",
        "HTTPS://hooks.slack.com/services/T1/B1/x",
        "https:hooks.slack.com/services/T1/B1/x",
        "https:/hooks.slack.com/services/T1/B1/x",
        "https:///hooks.slack.com/services/T1/B1/x",
        "https:\\\\hooks.slack.com\\services\\T1\\B1\\x",
        "https://hooks.slack.com\\services/T1/B1/x",
        "https://evil.example\\@hooks.slack.com/services/T1/B1/x",
        "https://hooks.slack.com\\@evil.example/services/T1/B1/x",
        "https://hooks.slack.com.evil.example/services/T1/B1/x",
        "https://evil.example/services/T1/B1/x",
        "https://evil.example/hooks.slack.com/services/T1/B1/x",
        "https://evilhooks.slack.com/services/T1/B1/x",
        "https://slack.com/services/T1/B1/x",
        "https://HOOKS.slack.com/services/T1/B1/x",
        "https://hooks.slack.com./services/T1/B1/x",
        "https://user@hooks.slack.com/services/T1/B1/x",
        "https://:evil@hooks.slack.com/services/T1/B1/x",
        "https://@hooks.slack.com/services/T1/B1/x",
        "https://hooks.slack.com@evil.example/services/T1/B1/x",
        "https://hooks.slack.com:443@evil.example/services/T1/B1/x",
        "https://hooks.slack.com:80/services/T1/B1/x",
        "https://hooks.slack.com:8443/services/T1/B1/x",
        "https://hooks.slack.com:0443/services/T1/B1/x",
        "https://hooks.slack.com:/services/T1/B1/x",
        "https://h\u{3bf}oks.slack.com/services/T1/B1/x",
        "https://hooks.sl\u{430}ck.com/services/T1/B1/x",
        "https://hooks\u{3002}slack.com/services/T1/B1/x",
        "https://\u{ff48}ooks.slack.com/services/T1/B1/x",
        "https://hook\u{ad}s.slack.com/services/T1/B1/x",
        "https://hooks%2eslack.com/services/T1/B1/x",
        "https://hooks.slack.com%2f@evil.example/services/T1/B1/x",
        "https://hooks.slack.com\u{0}.evil.example/services/T1/B1/x",
        "https://hooks.sla\nck.com/services/T1/B1/x",
        "https://hooks.slack.com/services/T1/B1/x\r\ny",
        "https://hooks.slack.com/services/T1/B1/x\ty",
        "https://hooks.slack.com/services/T1/B1/x y",
        "https://hooks.slack.com/services/../services/T1/B1/x",
        "https://hooks.slack.com/evil/../services/T1/B1/x",
        "https://hooks.slack.com/services/T1/B1/../B1/x",
        "https://hooks.slack.com/services/./T1/B1/x",
        "https://hooks.slack.com/evil/%2e%2e/services/T1/B1/x",
        "https://hooks.slack.com/services/T1/B1/..%2fx",
        "https://hooks.slack.com/services/T1/B1/%78",
        "https://hooks.slack.com//services/T1/B1/x",
        "https://hooks.slack.com/services//T1/B1/x",
        "https://hooks.slack.com/services/T1/B1/x/",
        "https://hooks.slack.com/services/T1/B1/x/y",
        "https://hooks.slack.com/services/T1/B1/",
        "https://hooks.slack.com/services/T1/B1",
        "https://hooks.slack.com/services/B1/T1/x",
        "https://hooks.slack.com/workflows/T1/B1/x",
        "https://hooks.slack.com/Services/T1/B1/x",
        "https://hooks.slack.com/",
        "https://hooks.slack.com/services/T1/B1/x?url=evil",
        "https://hooks.slack.com/services/T1/B1/x?",
        "https://hooks.slack.com/services/T1/B1/x#evil",
        "https://hooks.slack.com/services/T1/B1/x;evil",
        "https://hooks.slack.com/services/T1/B1/\u{e9}",
        "https://hooks.slack.com/services/T…/B…/…",
        "javascript:https://hooks.slack.com/services/T1/B1/x",
    ];

    #[test]
    fn the_secret_of_a_webhook_is_never_shown() {
        let webhook = SlackWebhook::parse(&url()).unwrap();
        assert_eq!(webhook.masked(), "https://hooks.slack.com/services/T…/B…/••••Wx7Q");
        assert_eq!(format!("{webhook:?}"), "SlackWebhook(…)");
        let short = SlackWebhook::parse("https://hooks.slack.com/services/T1/B1/Wx7Q").unwrap();
        assert_eq!(short.masked(), "https://hooks.slack.com/services/T…/B…/••••");
        // A masked URL is not a webhook, so it can never be stored as one.
        assert!(SlackWebhook::parse(&webhook.masked()).is_err());
        assert!(matches!(
            WebhookChange::parse(Some(&webhook.masked())),
            Ok(WebhookChange::Keep(_))
        ));
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "(https://hooks.slack.com/services/T1/B1/)?\\PC{0,40}") {
            if let Ok(webhook) = SlackWebhook::parse(&text) {
                prop_assert!(webhook.reveal().starts_with("https://hooks.slack.com/services/T"));
                prop_assert_eq!(SlackWebhook::parse(webhook.reveal()).unwrap(), webhook);
            }
        }
    }
}
