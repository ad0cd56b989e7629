//! The client: one idempotency key for every write, a timeout, and one retry.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::stripe::{
    ApiErrors, Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest,
};
use miniserde::Deserialize;
use zeroize::Zeroizing;

use super::Prices;
use crate::config;
use crate::context::Context;
use crate::error::{Error, Result};

/// The timeout of one call. Stripe usually answers within a second, and two attempts must fit into half of a
/// request's time.
const CALL_TIMEOUT: Duration = Duration::from_millis(2_500);

/// The maximum wait before the second attempt.
const MAX_RETRY_WAIT: Duration = Duration::from_millis(250);

/// A client of our account at Stripe. Cheap to clone; one lives as long as the process.
#[derive(Clone)]
pub struct Stripe {
    base: String,
    prices: Arc<Prices>,
    client: Arc<Mutex<Option<KeyedClient>>>,
}

/// A client and the key it was built with. It is rebuilt when the key rotates.
type KeyedClient = (Zeroizing<String>, Client);

/// A page of a list at Stripe.
#[derive(Debug, Deserialize)]
pub struct List<T> {
    /// The entries, the newest first.
    pub data: Vec<T>,
    /// Whether more entries follow the last one.
    pub has_more: bool,
}

/// An error response of Stripe, without its message and without the values that were sent.
#[derive(Debug, thiserror::Error)]
#[error("Stripe refused a call with {status}: {kind} {code} {parameter}")]
struct StripeRefusal {
    status: u16,
    kind: String,
    code: String,
    parameter: String,
}

impl Stripe {
    /// Creates a client of the API at `base`, with the prices of our plans in the format of [`Prices::parse`].
    ///
    /// # Errors
    /// `Internal` if `prices` is malformed.
    pub fn new(base: &str, prices: &str) -> Result<Self> {
        let base = format!("{}/", base.trim_end_matches('/'));
        Ok(Self { base, prices: Arc::new(Prices::parse(prices)?), client: Arc::default() })
    }

    /// Creates a client from `STRIPE_API_BASE` and `STRIPE_PRICES`.
    ///
    /// # Errors
    /// `Internal` if `STRIPE_PRICES` is malformed.
    pub fn from_environment() -> Result<Self> {
        Self::new(&config::stripe_api_base(), &config::stripe_prices())
    }

    /// Returns the prices of our plans.
    pub fn prices(&self) -> &Prices {
        &self.prices
    }

    /// Checks that the deployment has a key of Stripe.
    ///
    /// # Errors
    /// `BillingNotConfigured` if it has none.
    pub async fn require_configured(&self, ctx: &Context) -> Result<()> {
        self.client(ctx).await.map(|_| ())
    }

    async fn client(&self, ctx: &Context) -> Result<Client> {
        let keyring = ctx.secrets.keyring().await;
        let account = keyring.stripe().ok_or(Error::BillingNotConfigured)?;
        let mut kept = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((key, client)) = kept.as_ref()
            && *key == account.secret_key
        {
            return Ok(client.clone());
        }
        let builder = ClientBuilder::new(account.secret_key.as_str()).url(&self.base);
        let client = builder.timeout(CALL_TIMEOUT).build().map_err(Error::internal)?;
        *kept = Some((account.secret_key.clone(), client.clone()));
        Ok(client)
    }

    /// Reads an object that must exist.
    ///
    /// # Errors
    /// `Unavailable` if Stripe cannot be reached, `Internal` if it refuses the call.
    pub(super) async fn read<T: Deserialize>(
        &self,
        ctx: &Context,
        request: impl StripeRequest,
    ) -> Result<T> {
        self.send(ctx, &request, None).await.map_err(failure)
    }

    /// Reads an object that may not exist.
    pub(super) async fn find<T: Deserialize>(
        &self,
        ctx: &Context,
        request: impl StripeRequest,
    ) -> Result<Option<T>> {
        found_or_none(self.send(ctx, &request, None).await)
    }

    /// Sends a write, which Stripe carries out once per idempotency key. Stripe stores the result of a key for at
    /// least a day, also if it is a failure. Calls that are harmless to repeat use keys that change every hour.
    /// <https://docs.stripe.com/api/idempotent_requests>
    pub(super) async fn write<T: Deserialize>(
        &self,
        ctx: &Context,
        key: &str,
        request: impl StripeRequest,
    ) -> Result<T> {
        self.send(ctx, &request, Some(key)).await.map_err(failure)
    }

    /// Sends a write of an object that may not exist or may already be in the wanted state, and returns `None`
    /// then. `done` recognizes the latter by Stripe's error.
    pub(super) async fn write_unless<T: Deserialize>(
        &self,
        ctx: &Context,
        key: &str,
        request: impl StripeRequest,
        done: impl Fn(&ApiErrors) -> bool,
    ) -> Result<Option<T>> {
        let key = hourly_key(ctx, key);
        match self.send(ctx, &request, Some(&key)).await {
            Err(CallError::Stripe(StripeError::Stripe(error, 400))) if done(&error) => Ok(None),
            result => found_or_none(result),
        }
    }

    /// Sends a write that Stripe refuses if the object's state does not allow it, and returns `None` then. The caller
    /// reads the object again.
    pub(super) async fn write_if_allowed<T: Deserialize>(
        &self,
        ctx: &Context,
        key: &str,
        request: impl StripeRequest,
    ) -> Result<Option<T>> {
        match self.send(ctx, &request, Some(key)).await {
            Err(problem @ CallError::Stripe(StripeError::Stripe(_, 400 | 404))) => {
                tracing::warn!(cause = ?failure(problem), "Stripe refused a change");
                Ok(None)
            }
            result => result.map(Some).map_err(failure),
        }
    }

    async fn send<T: Deserialize>(
        &self,
        ctx: &Context,
        request: &impl StripeRequest,
        key: Option<&str>,
    ) -> Result<T, CallError> {
        let client = self.client(ctx).await.map_err(CallError::NotSent)?;
        let strategy = match key {
            Some(key) => {
                let key = IdempotencyKey::new(key);
                RequestStrategy::Idempotent(
                    key.map_err(|e| CallError::NotSent(Error::internal(e)))?,
                )
            }
            None => RequestStrategy::Once,
        };
        let send = async || {
            let call = request.build().customize::<T>().request_strategy(strategy.clone());
            call.send(&client).await
        };
        let result = match send().await {
            Err(error) if is_transient(&error) => {
                tokio::time::sleep(ctx.random.jitter(MAX_RETRY_WAIT)).await;
                send().await
            }
            settled => settled,
        };
        result.map_err(CallError::Stripe)
    }
}

/// Returns an idempotency key that changes every hour, for calls that are harmless to repeat: Stripe would
/// return a stored failure for a day.
pub(super) fn hourly_key(ctx: &Context, key: &str) -> String {
    format!("{key}-{}", ctx.now().seconds() / 3_600)
}

/// The reason why a call failed.
enum CallError {
    /// Stripe answered with an error, or not at all.
    Stripe(StripeError),
    /// The call was not sent.
    NotSent(Error),
}

/// Whether a retry may succeed.
fn is_transient(error: &StripeError) -> bool {
    match error {
        StripeError::Stripe(_, status) => is_transient_status(*status),
        StripeError::ClientError(_) | StripeError::Timeout => true,
        // A proxy in front of Stripe answers in another format.
        StripeError::JSONDeserialize(_) => true,
        StripeError::ConfigError(_) => false,
    }
}

/// Whether a status is worth a retry, by the rule of Stripe's own libraries.
/// <https://docs.stripe.com/error-low-level>
fn is_transient_status(status: u16) -> bool {
    matches!(status, 409 | 429 | 500..=599)
}

fn found_or_none<T>(result: Result<T, CallError>) -> Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(CallError::Stripe(StripeError::Stripe(_, 404))) => Ok(None),
        Err(problem) => Err(failure(problem)),
    }
}

fn failure(problem: CallError) -> Error {
    match problem {
        CallError::NotSent(error) => error,
        CallError::Stripe(StripeError::Stripe(error, status)) => {
            let refusal = StripeRefusal {
                status,
                kind: format!("{:?}", error.type_),
                code: error.code.map(|code| code.to_string()).unwrap_or_default(),
                parameter: error.param.unwrap_or_default(),
            };
            if is_transient_status(status) {
                Error::Unavailable(Box::new(refusal))
            } else {
                Error::internal(refusal)
            }
        }
        CallError::Stripe(error) if is_transient(&error) => Error::Unavailable(Box::new(error)),
        CallError::Stripe(error) => Error::internal(error),
    }
}

impl std::fmt::Debug for Stripe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stripe").field("base", &self.base).finish_non_exhaustive()
    }
}
