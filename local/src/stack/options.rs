//! Options with which a stack starts.

use std::path::PathBuf;
use std::sync::Arc;

use shared::clock::Timestamp;
use shared::config::PasswordCost;

use crate::aws::RequestShapes;
use crate::stack_event::EventListener;

/// Options of a stack.
pub struct StackOptions {
    /// The place where the stack keeps its data.
    pub data: StackData,
    /// The port on 127.0.0.1; 0 selects a free one.
    pub port: u16,
    /// The URL of a running DynamoDB Local that replaces the embedded engine. The stack creates a table of
    /// its own there and deletes it when it stops.
    pub dynamodb_url: Option<String>,
    /// A running SES that sends the mail, instead of keeping it for `/local/mail`.
    pub ses: Option<ExternalSes>,
    /// The URL of a running S3 that replaces the embedded one. The stack creates a bucket of its own there
    /// and does not delete it.
    pub s3_url: Option<String>,
    /// The port on 127.0.0.1 where DynamoDB, Secrets Manager, SES and SQS listen for programs outside this process; 0
    /// selects a free one. `None` opens no port, because the functions call the services inside the process.
    pub aws_port: Option<u16>,
    /// Whether users must verify their email address before they sign in.
    pub require_email_verification: bool,
    /// The secrets of a CDN in front of the gateway: two while one rotates, and none without a CDN.
    pub cdn_secrets: Vec<String>,
    /// An OpenID provider that replaces the simulated Google.
    pub google: Option<GoogleAccess>,
    /// The Stripe that takes payments.
    pub stripe: StripeBackend,
    /// The scheme and host that replace the simulated Slack.
    pub slack_url: Option<String>,
    /// The time of the stack's clock at the start. Without it the clock continues where it stopped, or
    /// shows the machine's time.
    pub start_at: Option<Timestamp>,
    /// Whether the clock only moves through `POST /local/clock`, for tests that depend on the second.
    pub freeze_clock: bool,
    /// Whether each call of an embedded AWS service lets other tasks run one to four times before and after it, so that
    /// requests that arrive at once meet each other in ever new ways. Otherwise they run once.
    pub interleave_calls: bool,
    /// Records the requests of the functions to DynamoDB, which tests use to compare engines, and the rights that the
    /// requests of the functions to AWS use.
    pub request_shapes: Option<RequestShapes>,
    /// The base URL of the range API that new passwords are checked with, if they are.
    pub breached_passwords_url: Option<String>,
    /// The cost of hashing passwords. Tests lower it to save time.
    pub password_cost: PasswordCost,
    /// A function that is called with each event of the stack.
    pub event_listener: EventListener,
}

/// An OpenID provider and the credentials of the service there. The redirect URI of the service is
/// `<the stack's URL>/api/v1/auth/google/callback`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoogleAccess {
    /// The issuer: the URL before `/.well-known/openid-configuration`.
    pub issuer: String,
    /// The OAuth client ID.
    pub client_id: String,
    /// The OAuth client secret.
    pub client_secret: String,
}

/// The Stripe that takes payments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum StripeBackend {
    /// The simulator under `/local/stripe`.
    #[default]
    Simulated,
    /// Stripe itself, instead of the simulator.
    Real {
        /// The secret key of the account.
        secret_key: String,
        /// The key that signs the account's webhooks, if there are any.
        webhook_secret: Option<String>,
        /// The prices of each plan: `basic=price_a,price_b;pro=price_c`.
        prices: String,
    },
    /// No Stripe: billing is not configured.
    Disabled,
}

/// The address and credentials of the simulated Stripe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripeAccess {
    /// The URL that replaces `https://api.stripe.com/`.
    pub api_base: String,
    /// The secret key of the account.
    pub secret_key: String,
    /// The keys that sign its webhooks.
    pub webhook_secrets: Vec<String>,
    /// The prices of each plan.
    pub prices: String,
}

/// An SES outside the stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalSes {
    /// Base URL that the SES client calls.
    pub url: String,
    /// The sender of all mail: an address or `Name <address>`.
    pub sender: String,
}

/// The place where a stack keeps its data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StackData {
    /// The data is in memory, and lost when the stack stops.
    Memory,
    /// The data is in a folder, which one stack uses at a time.
    Folder(PathBuf),
}

impl Default for StackOptions {
    /// Returns options for a stack in memory on a free port, with the defaults of a deployment.
    fn default() -> Self {
        Self {
            data: StackData::Memory,
            port: 0,
            dynamodb_url: None,
            ses: None,
            s3_url: None,
            aws_port: None,
            require_email_verification: true,
            cdn_secrets: Vec::new(),
            google: None,
            stripe: StripeBackend::Simulated,
            slack_url: None,
            start_at: None,
            freeze_clock: false,
            interleave_calls: false,
            request_shapes: None,
            breached_passwords_url: None,
            password_cost: PasswordCost::PRODUCTION,
            event_listener: Arc::new(|_| {}),
        }
    }
}
