//! Where people come back to from Stripe's pages: to pages of ours.

use url::Url;

use crate::config::Config;
use crate::error::{Error, Result};

/// Longest address, in characters: what Stripe takes.
const LONGEST: usize = 2_000;

/// An address that people may be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination(String);

impl Destination {
    /// Reads what a request asks for in `field`: [`Error::InvalidField`] unless it is on the site of
    /// `BASE_URL`, or on another of `RETURN_ORIGINS`. `{CHECKOUT_SESSION_ID}` in it is Stripe's to fill.
    pub fn parse(field: &str, text: &str, config: &Config) -> Result<Self> {
        let refused = || Error::invalid_field(field, "must be an address on a site of ours");
        let is_odd = |char: char| char.is_ascii_control() || char == '\\' || char.is_whitespace();
        if text.chars().count() > LONGEST || text.contains(is_odd) {
            return Err(refused());
        }
        let url = Url::parse(text).map_err(|_| refused())?;
        let origin = url.origin().ascii_serialization();
        let is_plain = url.username().is_empty() && url.password().is_none();
        let is_ours = origin == config.origin() || config.return_origins.contains(&origin);
        // Whatever a reader makes of it: it begins as it was read.
        let begins = text.to_ascii_lowercase().starts_with(&origin);
        if is_plain && is_ours && begins { Ok(Self(text.to_owned())) } else { Err(refused()) }
    }

    /// As it was given.
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
            secret_id: String::new(),
            base_url: "https://aius.co/accounts".to_owned(),
            require_email_verification: true,
            return_origins: vec!["https://app.aius.co".to_owned()],
            password_cost: PasswordCost::PRODUCTION,
        }
    }

    #[test]
    fn addresses_of_ours_are_kept() {
        for good in [
            "https://aius.co/billing?session={CHECKOUT_SESSION_ID}",
            "https://aius.co",
            "https://app.aius.co/x#y",
            "HTTPS://AIUS.co/x",
        ] {
            assert_eq!(Destination::parse("u", good, &config()).unwrap().as_str(), good);
        }
    }

    #[test]
    fn forged_price_no_address_leads_elsewhere() {
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
            let refused = Destination::parse("u", evil, &config());
            assert!(matches!(refused, Err(Error::InvalidField { .. })), "{evil:?}");
        }
        let long = format!("https://aius.co/{}", "x".repeat(2_000));
        assert!(Destination::parse("u", &long, &config()).is_err());
    }
}
