//! The URL that Stripe's hosted pages return to, which must be ours.

use url::Url;

use crate::config::Config;
use crate::error::{Error, Result};

/// The maximum length of a URL in characters, as Stripe accepts it.
const MAX_LEN: usize = 2_000;

/// A URL on a site of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnUrl(String);

impl ReturnUrl {
    /// Parses the URL of a request field. Stripe replaces `{CHECKOUT_SESSION_ID}` in it.
    ///
    /// # Errors
    /// `InvalidField` unless the URL's origin is that of `BASE_URL` or one of `RETURN_ORIGINS`.
    pub fn parse(field: &str, text: &str, config: &Config) -> Result<Self> {
        let refused = || Error::invalid_field(field, "must be an address on a site of ours");
        let is_odd = |char: char| char.is_ascii_control() || char == '\\' || char.is_whitespace();
        if text.chars().count() > MAX_LEN || text.contains(is_odd) {
            return Err(refused());
        }
        let url = Url::parse(text).map_err(|_| refused())?;
        let origin = url.origin().ascii_serialization();
        let is_plain = url.username().is_empty() && url.password().is_none();
        let is_ours = origin == config.origin() || config.return_origins.contains(&origin);
        // A parser that reads the text differently must still see this origin.
        let starts_with_origin = text.to_ascii_lowercase().starts_with(&origin);
        if is_plain && is_ours && starts_with_origin {
            Ok(Self(text.to_owned()))
        } else {
            Err(refused())
        }
    }

    /// Returns the URL as the caller wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PasswordCost;

    fn config() -> Config {
        Config {
            table_name: String::new(),
            secret_ids: crate::secrets::PerSecret::default(),
            base_url: "https://aius.co/accounts".to_owned(),
            hsts_include_subdomains: false,
            require_email_verification: true,
            cdn_secrets: crate::config::CdnSecrets::default(),
            return_origins: vec!["https://app.aius.co".to_owned()],
            breached_passwords_url: None,
            metrics_namespace: None,
            password_cost: PasswordCost::PRODUCTION,
            secrets_timeout: crate::secrets::REFRESH_TIMEOUT,
        }
    }

    #[test]
    fn urls_of_ours_are_accepted() {
        for good in [
            "https://aius.co/billing?session={CHECKOUT_SESSION_ID}",
            "https://aius.co",
            "https://app.aius.co/x#y",
            "HTTPS://AIUS.co/x",
        ] {
            assert_eq!(ReturnUrl::parse("u", good, &config()).unwrap().as_str(), good);
        }
    }

    #[test]
    fn forged_price_no_url_leads_elsewhere() {
        for evil in [
            "",
            "/billing",
            "//evil.example",
            "https://evil.example",
            "https://aius.co.evil.example",
            "https://aius.co@evil.example",
            "https://x@aius.co",
            "http://aius.co",
            "https://aius.co:8443",
            "https://sub.aius.co",
            "https:/aius.co",
            "https:\\\\aius.co",
            "https://aius.co\\@evil.example",
            "https://ai\tus.co/",
            " https://aius.co",
            "javascript:alert(1)//https://aius.co",
            "https://aius.co\n.evil.example",
        ] {
            let refused = ReturnUrl::parse("u", evil, &config());
            assert!(matches!(refused, Err(Error::InvalidField { .. })), "{evil:?}");
        }
        let long = format!("https://aius.co/{}", "x".repeat(2_000));
        assert!(ReturnUrl::parse("u", &long, &config()).is_err());
    }
}
