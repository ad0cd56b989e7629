//! Configuration, read once at start from the environment that `template.yaml` sets.

mod cdn_secrets;
mod password_cost;

use std::collections::HashMap;
use std::time::Duration;

use crate::error::Error;
use crate::secrets::{PerSecret, REFRESH_TIMEOUT};

pub use cdn_secrets::CdnSecrets;
pub use password_cost::PasswordCost;

/// The configuration that every function reads.
#[derive(Clone, Debug)]
pub struct Config {
    /// Name of the DynamoDB table, from `TABLE_NAME`.
    pub table_name: String,
    /// Names or ARNs of the secrets in Secrets Manager, from `STORAGE_SECRET_ID` and, for those that the function
    /// reads, from `SESSION_SECRET_ID`, `ACCOUNT_SECRET_ID`, `SIGNING_SECRET_ID`, `GOOGLE_SECRET_ID` and
    /// `STRIPE_SECRET_ID`.
    pub secret_ids: PerSecret<String>,
    /// Public base URL without a trailing slash, from `BASE_URL`. Links in mail start with it; the
    /// `Host` header of a request never counts.
    pub base_url: String,
    /// Whether browsers also insist on HTTPS for the subdomains of the host, from `HSTS_INCLUDE_SUBDOMAINS`: `true` or
    /// `false`, `false` by default. From the apex of a domain this binds every other site of its owner.
    pub hsts_include_subdomains: bool,
    /// Whether users must verify their email address before they sign in, from
    /// `REQUIRE_EMAIL_VERIFICATION`: `true` or `false`, `true` by default.
    pub require_email_verification: bool,
    /// Origins besides that of [`Config::base_url`] to which Stripe's pages may send people back, from
    /// `RETURN_ORIGINS`: a comma-separated list of scheme and host.
    pub return_origins: Vec<String>,
    /// The secrets of a CDN in front of the API, from `CDN_SECRET_HASHES`.
    pub cdn_secrets: CdnSecrets,
    /// Base URL of the range API that new passwords are checked with, if they are: `BREACHED_PASSWORDS_URL` if
    /// `CHECK_BREACHED_PASSWORDS` is `true`. It is `false` by default.
    pub breached_passwords_url: Option<String>,
    /// Namespace of the metrics in the log lines of requests, from `METRICS_NAMESPACE`. Without it the lines have no
    /// metrics.
    pub metrics_namespace: Option<String>,
    /// The cost of hashing passwords. The environment cannot change it; only tests lower it.
    pub password_cost: PasswordCost,
    /// Longest time that a request waits until secrets younger than ten minutes are read again. The environment cannot
    /// change it; the local stack waits longer.
    pub secrets_timeout: Duration,
}

/// The issuer of Google's ID tokens.
const GOOGLE_ISSUER: &str = "https://accounts.google.com";

/// Base URL of the range API of Have I Been Pwned.
const BREACHED_PASSWORDS_URL: &str = "https://api.pwnedpasswords.com";

/// Origin of Slack's incoming webhooks.
const SLACK_WEBHOOK_BASE: &str = "https://hooks.slack.com";

const STRIPE_API_BASE: &str = "https://api.stripe.com";

type Variables = HashMap<String, String>;

impl Config {
    /// Returns scheme and host of [`Config::base_url`], in the form of an `Origin` header.
    pub fn origin(&self) -> &str {
        let host_start = self.base_url.find("://").map_or(0, |at| at + 3);
        let host_length = self.base_url[host_start..].find('/');
        host_length.map_or(&self.base_url, |length| &self.base_url[..host_start + length])
    }

    /// Reads the configuration from the environment of the process.
    ///
    /// # Errors
    /// `Internal`, naming the variable, if a required one is missing, a switch is neither `true` nor `false`, or
    /// `CDN_SECRET_HASHES` holds anything but hashes.
    pub fn from_environment() -> Result<Self, Error> {
        Self::from_variables(&environment())
    }

    fn from_variables(variables: &Variables) -> Result<Self, Error> {
        let required = |name| required(variables, name);
        Ok(Self {
            table_name: required("TABLE_NAME")?,
            secret_ids: PerSecret {
                storage: required("STORAGE_SECRET_ID")?,
                session: required("SESSION_SECRET_ID").ok(),
                account: required("ACCOUNT_SECRET_ID").ok(),
                signing: required("SIGNING_SECRET_ID").ok(),
                google: required("GOOGLE_SECRET_ID").ok(),
                stripe: required("STRIPE_SECRET_ID").ok(),
            },
            base_url: required("BASE_URL")?.trim_end_matches('/').to_owned(),
            hsts_include_subdomains: is_on(variables, "HSTS_INCLUDE_SUBDOMAINS", false)?,
            require_email_verification: is_on(variables, "REQUIRE_EMAIL_VERIFICATION", true)?,
            return_origins: required("RETURN_ORIGINS").map_or_else(
                |_| Vec::new(),
                |list| list.split(',').map(|origin| origin.trim().to_lowercase()).collect(),
            ),
            cdn_secrets: CdnSecrets::parse(&optional(variables, "CDN_SECRET_HASHES", ""))?,
            breached_passwords_url: breached_passwords_url(variables)?,
            metrics_namespace: required("METRICS_NAMESPACE").ok(),
            password_cost: PasswordCost::PRODUCTION,
            secrets_timeout: REFRESH_TIMEOUT,
        })
    }
}

fn breached_passwords_url(variables: &Variables) -> Result<Option<String>, Error> {
    let is_checked = is_on(variables, "CHECK_BREACHED_PASSWORDS", false)?;
    Ok(is_checked.then(|| optional(variables, "BREACHED_PASSWORDS_URL", BREACHED_PASSWORDS_URL)))
}

/// Returns the sender of all mail, an address or `Name <address>`, from `MAIL_FROM`. Only `worker`
/// needs it.
///
/// # Errors
/// `Internal` if the variable is missing.
pub fn mail_from() -> Result<String, Error> {
    required(&environment(), "MAIL_FROM")
}

/// Returns the name of the configuration set of SES with which mails are sent, from `MAIL_CONFIGURATION_SET`. Only
/// `worker` needs it.
///
/// # Errors
/// `Internal` if the variable is missing.
pub fn mail_configuration_set() -> Result<String, Error> {
    required(&environment(), "MAIL_CONFIGURATION_SET")
}

/// Returns the S3 bucket of artifact contents, from `CONTENT_BUCKET`. Only `projects` and `worker`
/// need it.
///
/// # Errors
/// `Internal` if the variable is missing.
pub fn content_bucket() -> Result<String, Error> {
    required(&environment(), "CONTENT_BUCKET")
}

/// Returns the URL of the dead-letter queue, from `DEAD_LETTERS_URL`. Only `worker` needs it.
///
/// # Errors
/// `Internal` if the variable is missing.
pub fn dead_letters_url() -> Result<String, Error> {
    required(&environment(), "DEAD_LETTERS_URL")
}

/// Returns the URL of the queue of mails with a code, from `CODE_QUEUE_URL`. Only `worker` needs it.
///
/// # Errors
/// `Internal` if the variable is missing.
pub fn code_queue_url() -> Result<String, Error> {
    required(&environment(), "CODE_QUEUE_URL")
}

/// Returns the URL of the queue of all other work, from `WORK_QUEUE_URL`. Only `worker` needs it.
///
/// # Errors
/// `Internal` if the variable is missing.
pub fn work_queue_url() -> Result<String, Error> {
    required(&environment(), "WORK_QUEUE_URL")
}

/// Returns the issuer of Google's ID tokens, from `GOOGLE_ISSUER`. Only `auth` needs it. The default is
/// Google's own.
pub fn google_issuer() -> String {
    google_issuer_in(&environment())
}

fn google_issuer_in(variables: &Variables) -> String {
    optional(variables, "GOOGLE_ISSUER", GOOGLE_ISSUER)
}

/// Returns scheme and host of Slack's webhooks, from `SLACK_WEBHOOK_BASE`. Only `auth` and `worker` need them.
/// The default is Slack's own.
pub fn slack_webhook_base() -> String {
    optional(&environment(), "SLACK_WEBHOOK_BASE", SLACK_WEBHOOK_BASE)
}

/// Returns the base URL of Stripe's API, from `STRIPE_API_BASE`. Only the billing functions need it. The
/// default is Stripe's own.
pub fn stripe_api_base() -> String {
    optional(&environment(), "STRIPE_API_BASE", STRIPE_API_BASE)
}

/// Returns the list of Stripe prices that the service sells, from `STRIPE_PRICES`, for
/// [`crate::stripe::Prices::parse`]. Without it nobody can subscribe.
pub fn stripe_prices() -> String {
    optional(&environment(), "STRIPE_PRICES", "")
}

fn environment() -> Variables {
    std::env::vars().collect()
}

fn required(variables: &Variables, name: &str) -> Result<String, Error> {
    match variables.get(name) {
        Some(value) if !value.is_empty() => Ok(value.clone()),
        Some(_) | None => {
            Err(Error::internal(format!("the environment variable {name} is not set")))
        }
    }
}

/// Returns whether a switch is on: `true` or `false`. A typing error must not turn a protection off, and must not go
/// unnoticed.
fn is_on(variables: &Variables, name: &str, default: bool) -> Result<bool, Error> {
    match required(variables, name).as_deref() {
        Ok("true") => Ok(true),
        Ok("false") => Ok(false),
        Err(_) => Ok(default),
        Ok(other) => Err(Error::internal(format!("{name} must be true or false, not {other}"))),
    }
}

fn optional(variables: &Variables, name: &str, default: &str) -> String {
    required(variables, name).unwrap_or_else(|_| default.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(verification: Option<&str>) -> Variables {
        let mut all = Variables::from([
            ("TABLE_NAME".to_owned(), "t".to_owned()),
            ("STORAGE_SECRET_ID".to_owned(), "s".to_owned()),
            ("BASE_URL".to_owned(), "https://aius.co/".to_owned()),
        ]);
        if let Some(value) = verification {
            all.insert("REQUIRE_EMAIL_VERIFICATION".to_owned(), value.to_owned());
        }
        all
    }

    #[test]
    fn verification_is_required_unless_the_variable_says_false() {
        let read =
            |value| Config::from_variables(&variables(value)).map(|c| c.require_email_verification);
        assert!(read(None).unwrap());
        assert!(read(Some("true")).unwrap());
        assert!(!read(Some("false")).unwrap());
        assert!(read(Some("no")).is_err());
    }

    #[test]
    fn subdomains_are_left_out_unless_the_variable_says_true() {
        let read = |value: &str| {
            let mut all = variables(None);
            all.insert("HSTS_INCLUDE_SUBDOMAINS".to_owned(), value.to_owned());
            Config::from_variables(&all).map(|config| config.hsts_include_subdomains)
        };
        assert!(!Config::from_variables(&variables(None)).unwrap().hsts_include_subdomains);
        assert!(!read("false").unwrap());
        assert!(read("true").unwrap());
        assert!(read("yes").is_err());
    }

    #[test]
    fn breached_passwords_are_checked_if_the_variable_says_true() {
        let read = |value: &str| {
            let mut all = variables(None);
            all.insert("CHECK_BREACHED_PASSWORDS".to_owned(), value.to_owned());
            Config::from_variables(&all).map(|config| config.breached_passwords_url)
        };
        assert_eq!(Config::from_variables(&variables(None)).unwrap().breached_passwords_url, None);
        assert_eq!(read("false").unwrap(), None);
        assert_eq!(read("true").unwrap().as_deref(), Some("https://api.pwnedpasswords.com"));
        assert!(read("yes").is_err());
    }

    #[test]
    fn the_issuer_is_google_by_default() {
        let mut variables = variables(None);
        assert_eq!(google_issuer_in(&variables), "https://accounts.google.com");
        variables.insert("GOOGLE_ISSUER".to_owned(), "https://other.example".to_owned());
        assert_eq!(google_issuer_in(&variables), "https://other.example");
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
        let error = Config::from_variables(&Variables::new()).unwrap_err();
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
