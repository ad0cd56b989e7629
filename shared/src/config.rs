//! Configuration, read once at start from the environment that `template.yaml` sets.

mod password_cost;

use std::collections::HashMap;

use crate::error::Error;

pub use password_cost::PasswordCost;

/// What a deployment decides.
#[derive(Clone, Debug)]
pub struct Config {
    /// The one table. `TABLE_NAME`.
    pub table_name: String,
    /// Name or ARN of the secret in Secrets Manager. `SECRET_ID`.
    pub secret_id: String,
    /// The address that people see, without a slash at the end: every link in a mail starts with it, whatever `Host` a request carried. `BASE_URL`.
    pub base_url: String,
    /// Whether an address must be proven before the first sign-in.
    /// `REQUIRE_EMAIL_VERIFICATION`, `true` unless it says `false`.
    pub require_email_verification: bool,
    /// Who issues the ID tokens of "sign in with Google". `GOOGLE_ISSUER`, Google unless it says
    /// otherwise.
    pub google_issuer: String,
    /// Other sites than [`Config::base_url`]'s that people may come back to from Stripe's pages, each as scheme
    /// and host. `RETURN_ORIGINS`, with commas between them.
    pub return_origins: Vec<String>,
    /// The cost of hashing passwords. The environment cannot change it; only tests lower it.
    pub password_cost: PasswordCost,
}

/// Google's own.
const GOOGLE: &str = "https://accounts.google.com";

/// Slack's own.
const SLACK: &str = "https://hooks.slack.com";

/// Stripe's own.
const STRIPE: &str = "https://api.stripe.com";

impl Config {
    /// Scheme and host of [`Config::base_url`], as browsers write an `Origin`.
    pub fn origin(&self) -> &str {
        let host_starts = self.base_url.find("://").map_or(0, |at| at + 3);
        let host_ends = self.base_url[host_starts..].find('/');
        host_ends.map_or(&self.base_url, |length| &self.base_url[..host_starts + length])
    }

    /// Reads the process's environment.
    pub fn from_environment() -> Result<Self, Error> {
        Self::from_variables(&std::env::vars().collect())
    }

    fn from_variables(variables: &HashMap<String, String>) -> Result<Self, Error> {
        let required = |name| required(variables, name);
        Ok(Self {
            table_name: required("TABLE_NAME")?,
            secret_id: required("SECRET_ID")?,
            base_url: required("BASE_URL")?.trim_end_matches('/').to_owned(),
            require_email_verification: match required("REQUIRE_EMAIL_VERIFICATION").as_deref() {
                Ok("false") => false,
                Ok("true") | Err(_) => true,
                // A typing error must not switch a protection off, nor pass unnoticed.
                Ok(other) => {
                    return Err(Error::internal(format!(
                        "REQUIRE_EMAIL_VERIFICATION is neither true nor false: {other}"
                    )));
                }
            },
            google_issuer: required("GOOGLE_ISSUER").unwrap_or_else(|_| GOOGLE.to_owned()),
            return_origins: required("RETURN_ORIGINS").map_or_else(
                |_| Vec::new(),
                |list| list.split(',').map(|origin| origin.trim().to_lowercase()).collect(),
            ),
            password_cost: PasswordCost::PRODUCTION,
        })
    }
}

/// The sender of all mail, an address or `Name <address>`; only `worker` needs it. `MAIL_FROM`.
pub fn mail_from() -> Result<String, Error> {
    required(&std::env::vars().collect(), "MAIL_FROM")
}

/// The bucket with the contents of artifacts; only `projects` and `worker` need it. `CONTENT_BUCKET`.
pub fn content_bucket() -> Result<String, Error> {
    required(&std::env::vars().collect(), "CONTENT_BUCKET")
}

/// Where Slack's webhooks are, scheme and host; only `worker` needs it. `SLACK_WEBHOOK_BASE`, Slack's own
/// unless it says otherwise.
pub fn slack_webhook_base() -> String {
    let named = required(&std::env::vars().collect(), "SLACK_WEBHOOK_BASE");
    named.unwrap_or_else(|_| SLACK.to_owned())
}

/// Where Stripe's API is; only what has to do with billing needs it. `STRIPE_API_BASE`, Stripe's own unless
/// it says otherwise.
pub fn stripe_api_base() -> String {
    let named = required(&std::env::vars().collect(), "STRIPE_API_BASE");
    named.unwrap_or_else(|_| STRIPE.to_owned())
}

/// The prices at Stripe that are ours, as [`crate::stripe::Prices::parse`] reads them; nothing can be
/// subscribed to without. `STRIPE_PRICES`.
pub fn stripe_prices() -> String {
    required(&std::env::vars().collect(), "STRIPE_PRICES").unwrap_or_default()
}

/// The queue of what will never be sent; only `worker` needs it. `DEAD_LETTERS_URL`.
pub fn dead_letters_url() -> Result<String, Error> {
    required(&std::env::vars().collect(), "DEAD_LETTERS_URL")
}

fn required(variables: &HashMap<String, String>, name: &str) -> Result<String, Error> {
    match variables.get(name) {
        Some(value) if !value.is_empty() => Ok(value.clone()),
        Some(_) | None => {
            Err(Error::internal(format!("the environment variable {name} is not set")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(verification: Option<&str>) -> HashMap<String, String> {
        let mut all = HashMap::from([
            ("TABLE_NAME".to_owned(), "t".to_owned()),
            ("SECRET_ID".to_owned(), "s".to_owned()),
            ("BASE_URL".to_owned(), "https://aius.co/".to_owned()),
        ]);
        if let Some(value) = verification {
            all.insert("REQUIRE_EMAIL_VERIFICATION".to_owned(), value.to_owned());
        }
        all
    }

    #[test]
    fn verification_is_on_unless_switched_off_in_so_many_words() {
        let read =
            |value| Config::from_variables(&variables(value)).map(|c| c.require_email_verification);
        assert!(read(None).unwrap());
        assert!(read(Some("true")).unwrap());
        assert!(!read(Some("false")).unwrap());
        assert!(read(Some("no")).is_err());
    }

    #[test]
    fn google_is_google_unless_another_issuer_is_named() {
        let mut variables = variables(None);
        let read = |variables: &HashMap<String, String>| {
            Config::from_variables(variables).unwrap().google_issuer
        };
        assert_eq!(read(&variables), "https://accounts.google.com");
        variables.insert("GOOGLE_ISSUER".to_owned(), "https://other.example".to_owned());
        assert_eq!(read(&variables), "https://other.example");
    }

    #[test]
    fn no_variable_lowers_the_cost_of_passwords() {
        let mut variables = variables(None);
        for name in ["PASSWORD_COST", "PASSWORD_MEMORY_KIB", "ARGON2_M_COST"] {
            variables.insert(name.to_owned(), "1".to_owned());
        }
        let PasswordCost { memory_kib, passes, lanes } =
            Config::from_variables(&variables).unwrap().password_cost;
        assert_eq!((memory_kib, passes, lanes), (19_456, 2, 1));
    }

    #[test]
    fn a_missing_variable_is_named() {
        let error = Config::from_variables(&HashMap::new()).unwrap_err();
        assert!(format!("{error:?}").contains("TABLE_NAME"));
    }

    #[test]
    fn the_origin_is_scheme_and_host() {
        let mut variables = variables(None);
        for (base, origin) in [
            ("https://aius.co", "https://aius.co"),
            ("https://aius.co/accounts", "https://aius.co"),
            ("http://localhost:8080/", "http://localhost:8080"),
        ] {
            variables.insert("BASE_URL".to_owned(), base.to_owned());
            assert_eq!(Config::from_variables(&variables).unwrap().origin(), origin);
        }
    }

    #[test]
    fn links_never_get_a_double_slash() {
        assert_eq!(Config::from_variables(&variables(None)).unwrap().base_url, "https://aius.co");
    }
}
