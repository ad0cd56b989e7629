//! The gateway to Stripe: the only code that talks to it.
//!
//! | file | calls |
//! |---|---|
//! | `checkout` | pages to pay on, or to leave a card |
//! | `customers` | who pays |
//! | `subscriptions`, `invoices` | what is paid every month |
//! | `payments` | charges, refunds, disputes |
//! | `payment_methods`, `portal` | cards, and the page to manage them on |
//! | `events`, `signature` | what happened at Stripe, and whether it says so |
//! | `prices` | which prices are ours, and what they buy |
//!
//! `async-stripe` builds the requests and sends them; around it stands what it leaves to its users: a key for
//! every call that changes something, so that it can be tried again and happens once; a time limit; another
//! try. Answers are read by types of our own, which ask for no more than is used: a field that Stripe adds or
//! drops elsewhere breaks nothing.
//!
//! Not part of [`Context`]: only three functions need it.

pub mod checkout;
pub mod customers;
pub mod events;
mod id;
pub mod invoices;
pub mod payment_methods;
pub mod payments;
pub mod portal;
mod prices;
pub mod signature;
pub mod subscriptions;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::stripe::{
    ApiErrors, Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest,
};
use miniserde::Deserialize;
use zeroize::Zeroizing;

use crate::config;
use crate::context::Context;
use crate::error::{Error, Result};

pub use id::StripeId;
pub use prices::Prices;

/// Stripe answers within a second; half of a request's time is for two tries.
const TIMEOUT: Duration = Duration::from_millis(2_500);

/// Longest wait before the second try, in milliseconds.
const WAIT: Duration = Duration::from_millis(250);

/// Our account at Stripe. Cheap to clone; one for the life of the process.
#[derive(Clone)]
pub struct Stripe {
    base: String,
    prices: Arc<Prices>,
    client: Arc<Mutex<Option<Keyed>>>,
}

/// A client with the key that it was made with: keys rotate.
type Keyed = (Zeroizing<String>, Client);

/// A list as Stripe answers it.
#[derive(Debug, Deserialize)]
pub struct List<T> {
    /// The entries, the newest first.
    pub data: Vec<T>,
    /// Whether there are more behind the last.
    pub has_more: bool,
}

/// One and a half sentence on what Stripe didn't want. Holds neither its message nor what was sent.
#[derive(Debug, thiserror::Error)]
#[error("Stripe refused a call with {status}: {kind} {code} {parameter}")]
struct Refused {
    status: u16,
    kind: String,
    code: String,
    parameter: String,
}

impl Stripe {
    /// Stripe at that address, where those prices are ours: as [`Prices::parse`] reads them.
    pub fn new(base: &str, prices: &str) -> Result<Self> {
        let base = format!("{}/", base.trim_end_matches('/'));
        Ok(Self { base, prices: Arc::new(Prices::parse(prices)?), client: Arc::default() })
    }

    /// As the environment says: `STRIPE_API_BASE`, `STRIPE_PRICES`.
    pub fn from_environment() -> Result<Self> {
        Self::new(&config::stripe_api_base(), &config::stripe_prices())
    }

    /// The prices that are ours.
    pub fn prices(&self) -> &Prices {
        &self.prices
    }

    /// [`Error::BillingNotConfigured`] where the deployment has no account at Stripe.
    pub async fn configured(&self, ctx: &Context) -> Result<()> {
        self.client(ctx).await.map(|_| ())
    }

    async fn client(&self, ctx: &Context) -> Result<Client> {
        let keyring = ctx.secrets.keyring().await;
        let account = keyring.stripe.as_ref().ok_or(Error::BillingNotConfigured)?;
        let mut kept = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((key, client)) = kept.as_ref()
            && *key == account.secret_key
        {
            return Ok(client.clone());
        }
        let builder = ClientBuilder::new(account.secret_key.as_str()).url(&self.base);
        let client = builder.timeout(TIMEOUT).build().map_err(Error::internal)?;
        *kept = Some((account.secret_key.clone(), client.clone()));
        Ok(client)
    }

    /// Asks for something that has to be there: [`Error::Unavailable`] where Stripe can't be asked,
    /// [`Error::Internal`] where it refuses.
    async fn read<T: Deserialize>(&self, ctx: &Context, request: impl StripeRequest) -> Result<T> {
        self.send(ctx, &request, None).await.map_err(failure)
    }

    /// Asks for something that may not be there.
    async fn find<T: Deserialize>(
        &self,
        ctx: &Context,
        request: impl StripeRequest,
    ) -> Result<Option<T>> {
        found(self.send(ctx, &request, None).await)
    }

    /// Changes something, once for each key. Stripe remembers keys for a day at least, and what came of them,
    /// be it a failure: what can be done twice without harm has keys of the hour.
    /// <https://docs.stripe.com/api/idempotent_requests>
    async fn change<T: Deserialize>(
        &self,
        ctx: &Context,
        key: &str,
        request: impl StripeRequest,
    ) -> Result<T> {
        self.send(ctx, &request, Some(key)).await.map_err(failure)
    }

    /// The same of something that may not be there, or be as it is to be already, which `done` sees in what
    /// Stripe refuses it for: `None` then.
    async fn change_unless<T: Deserialize>(
        &self,
        ctx: &Context,
        key: &str,
        request: impl StripeRequest,
        done: impl Fn(&ApiErrors) -> bool,
    ) -> Result<Option<T>> {
        let key = of_the_hour(ctx, key);
        match self.send(ctx, &request, Some(&key)).await {
            Err(Problem::Stripe(StripeError::Stripe(error, 400))) if done(&error) => Ok(None),
            result => found(result),
        }
    }

    async fn send<T: Deserialize>(
        &self,
        ctx: &Context,
        request: &impl StripeRequest,
        key: Option<&str>,
    ) -> Result<T, Problem> {
        let client = self.client(ctx).await.map_err(Problem::Ours)?;
        let strategy = match key {
            Some(key) => {
                let key = IdempotencyKey::new(key);
                RequestStrategy::Idempotent(key.map_err(|e| Problem::Ours(Error::internal(e)))?)
            }
            None => RequestStrategy::Once,
        };
        let send = async || {
            let call = request.build().customize::<T>().request_strategy(strategy.clone());
            call.send(&client).await
        };
        let result = match send().await {
            Err(error) if is_passing(&error) => {
                tokio::time::sleep(ctx.random.jitter(WAIT)).await;
                send().await
            }
            settled => settled,
        };
        result.map_err(Problem::Stripe)
    }
}

/// A key of what can be done twice without harm, where a failure that Stripe remembers would do some.
fn of_the_hour(ctx: &Context, key: &str) -> String {
    format!("{key}-{}", ctx.now().seconds() / 3_600)
}

/// Why there is no answer.
enum Problem {
    Stripe(StripeError),
    Ours(Error),
}

/// Whether the next try may end otherwise.
fn is_passing(error: &StripeError) -> bool {
    match error {
        StripeError::Stripe(_, status) => is_passing_status(*status),
        StripeError::ClientError(_) | StripeError::Timeout => true,
        // Whatever stands in front of Stripe, and answers in its own words.
        StripeError::JSONDeserialize(_) => true,
        StripeError::ConfigError(_) => false,
    }
}

/// As Stripe's own libraries have it.
/// <https://docs.stripe.com/error-low-level>
fn is_passing_status(status: u16) -> bool {
    matches!(status, 409 | 429 | 500..=599)
}

fn found<T>(result: Result<T, Problem>) -> Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Problem::Stripe(StripeError::Stripe(_, 404))) => Ok(None),
        Err(problem) => Err(failure(problem)),
    }
}

fn failure(problem: Problem) -> Error {
    match problem {
        Problem::Ours(error) => error,
        Problem::Stripe(StripeError::Stripe(error, status)) => {
            let refused = Refused {
                status,
                kind: format!("{:?}", error.type_),
                code: error.code.map(|code| code.to_string()).unwrap_or_default(),
                parameter: error.param.unwrap_or_default(),
            };
            if is_passing_status(status) {
                Error::Unavailable(Box::new(refused))
            } else {
                Error::internal(refused)
            }
        }
        Problem::Stripe(error) if is_passing(&error) => Error::Unavailable(Box::new(error)),
        Problem::Stripe(error) => Error::internal(error),
    }
}

impl std::fmt::Debug for Stripe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stripe").field("base", &self.base).finish_non_exhaustive()
    }
}
