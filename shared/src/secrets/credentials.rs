//! Credentials of the service at Google and Stripe. An empty document `{}` means that there are none yet.

use std::fmt;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::document::parse_document;
use crate::error::{Error, Result};

/// Credentials of the service's Stripe account. The `Debug` output hides them.
#[derive(Clone)]
pub(crate) struct StripeCredentials {
    /// The secret key `sk_…`, or a restricted key `rk_…`.
    pub(crate) secret_key: Zeroizing<String>,
    /// The webhook signing secrets `whsec_…`. There are several while one is rotated.
    pub(crate) webhook_secrets: Vec<Zeroizing<String>>,
}

impl fmt::Debug for StripeCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StripeCredentials({} webhook secrets)", self.webhook_secrets.len())
    }
}

/// OAuth client credentials of the service at Google. The `Debug` output hides the secret.
#[derive(Clone)]
pub(crate) struct GoogleCredentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: Zeroizing<String>,
}

impl fmt::Debug for GoogleCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GoogleCredentials({})", self.client_id)
    }
}

/// The document of Google's credentials.
#[derive(Deserialize)]
struct GoogleDocument {
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// The document of Stripe's credentials.
#[derive(Deserialize)]
struct StripeDocument {
    secret_key: Option<String>,
    #[serde(default)]
    webhook_secrets: Vec<String>,
}

impl GoogleCredentials {
    /// Parses the document `{"client_id": "…", "client_secret": "…"}`, or returns `None` if it has neither.
    ///
    /// # Errors
    ///
    /// * An internal error if the document is invalid. It never quotes the document.
    pub(super) fn parse(json: &str) -> Result<Option<Self>> {
        let GoogleDocument { client_id, client_secret } = parse_document("Google's", json)?;
        if client_id.is_none() && client_secret.is_none() {
            return Ok(None);
        }
        let required = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let (Some(client_id), Some(client_secret)) = (required(client_id), required(client_secret))
        else {
            return Err(Error::internal("Google's secret has no client_id or no client_secret"));
        };
        Ok(Some(Self { client_id, client_secret: Zeroizing::new(client_secret) }))
    }
}

impl StripeCredentials {
    /// Parses the document `{"secret_key": "…", "webhook_secrets": ["…"]}`, or returns `None` if it has no key.
    ///
    /// # Errors
    ///
    /// * An internal error if the document is invalid. It never quotes the document.
    pub(super) fn parse(json: &str) -> Result<Option<Self>> {
        let StripeDocument { secret_key, webhook_secrets } = parse_document("Stripe's", json)?;
        let Some(secret_key) = secret_key else { return Ok(None) };
        let is_key = ["sk_", "rk_"].iter().any(|prefix| secret_key.starts_with(prefix));
        if !is_key || secret_key.trim() != secret_key {
            return Err(Error::internal("Stripe's secret has no secret_key sk_… or rk_…"));
        }
        // An empty signing secret would let anybody sign webhooks.
        if webhook_secrets.iter().any(|secret| !secret.starts_with("whsec_") || secret.len() < 16) {
            return Err(Error::internal(
                "one of the webhook_secrets of Stripe's secret is not whsec_…",
            ));
        }
        let webhook_secrets = webhook_secrets.into_iter().map(Zeroizing::new).collect();
        Ok(Some(Self { secret_key: Zeroizing::new(secret_key), webhook_secrets }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_parsed_and_never_printed() {
        let google = r#"{"client_id":"us.example","client_secret":"GOCSPX-x"}"#;
        let google = GoogleCredentials::parse(google).unwrap().unwrap();
        assert_eq!(google.client_secret.as_str(), "GOCSPX-x");
        let printed = format!("{google:?}");
        assert!(printed.contains("us.example") && !printed.contains("GOCSPX"), "{printed}");
        let stripe = r#"{"secret_key":"sk_test_x","webhook_secrets":["whsec_0123456789"]}"#;
        let stripe = StripeCredentials::parse(stripe).unwrap().unwrap();
        assert_eq!((stripe.secret_key.as_str(), stripe.webhook_secrets.len()), ("sk_test_x", 1));
        let printed = format!("{stripe:?}");
        assert!(!printed.contains("sk_test") && !printed.contains("whsec"), "{printed}");
    }

    #[test]
    fn an_empty_document_has_no_credentials() {
        assert!(GoogleCredentials::parse("{}").unwrap().is_none());
        assert!(StripeCredentials::parse("{}").unwrap().is_none());
    }

    #[test]
    fn invalid_credentials_are_rejected_and_never_quoted() {
        let google =
            ["secret but", r#"{"client_id":"secret but"}"#, r#"{"client_secret":"secret but"}"#]
                .map(|json| format!("{:?}", GoogleCredentials::parse(json).unwrap_err()));
        let blank = r#"{"client_id":"secret but","client_secret":" "}"#;
        let blank = format!("{:?}", GoogleCredentials::parse(blank).unwrap_err());
        let stripe = [
            r#"{"secret_key":"secret but"}"#,
            r#"{"secret_key":"sk_secret but\n"}"#,
            r#"{"secret_key":"sk_x","webhook_secrets":[""]}"#,
            r#"{"secret_key":"sk_x","webhook_secrets":["secret but not whsec_"]}"#,
        ]
        .map(|json| format!("{:?}", StripeCredentials::parse(json).unwrap_err()));
        for said in google.iter().chain([&blank]).chain(&stripe) {
            assert!(!said.contains("secret but"), "{said}");
        }
    }
}
