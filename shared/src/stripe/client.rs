//! The client: one idempotency key for every write, a timeout, and one retry.

use std::sync::Arc;
use std::time::Duration;

use ::stripe::StripeRequest;
use miniserde::Deserialize;
use zeroize::Zeroizing;

use super::Prices;
use super::transport::{ApiError, StripeFailure, Transport};
use crate::config;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::https::HttpsClient;

/// The maximum wait before the second attempt.
const MAX_RETRY_WAIT: Duration = Duration::from_millis(250);

/// A client of our account at Stripe. Cheap to clone; one lives as long as the process.
#[derive(Clone)]
pub struct Stripe {
    https: HttpsClient,
    base: String,
    prices: Arc<Prices>,
}

/// A page of a list at Stripe.
#[derive(Debug, Deserialize)]
pub struct List<T> {
    /// The entries, the newest first.
    pub data: Vec<T>,
    /// Whether more entries follow the last one.
    pub has_more: bool,
}

impl Stripe {
    /// Creates a client of the API at `base`, with the prices of our plans in the format of [`Prices::parse`].
    ///
    /// # Errors
    /// `Internal` if `prices` is malformed.
    pub fn new(https: HttpsClient, base: &str, prices: &str) -> Result<Self> {
        let base = format!("{}/", base.trim_end_matches('/'));
        Ok(Self { https, base, prices: Arc::new(Prices::parse(prices)?) })
    }

    /// Creates a client from `STRIPE_API_BASE` and `STRIPE_PRICES`.
    ///
    /// # Errors
    /// `Internal` if `STRIPE_PRICES` is malformed.
    pub fn from_environment(https: HttpsClient) -> Result<Self> {
        Self::new(https, &config::stripe_api_base(), &config::stripe_prices())
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
        self.secret_key(ctx).await.map(|_| ())
    }

    async fn secret_key(&self, ctx: &Context) -> Result<Zeroizing<String>> {
        let keyring = ctx.secrets.keyring().await;
        let account = keyring.stripe().ok_or(Error::BillingNotConfigured)?;
        Ok(account.secret_key.clone())
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
        done: impl Fn(&ApiError) -> bool,
    ) -> Result<Option<T>> {
        let key = hourly_key(ctx, key);
        match self.send(ctx, &request, Some(&key)).await {
            Err(CallError::Stripe(StripeFailure::Refused { status: 400, error }))
                if done(&error) =>
            {
                Ok(None)
            }
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
            Err(problem @ CallError::Stripe(StripeFailure::Refused { status: 400 | 404, .. })) => {
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
        let secret_key = self.secret_key(ctx).await.map_err(CallError::NotSent)?;
        let transport = Transport { https: &self.https, base: &self.base, secret_key: &secret_key };
        let result = match transport.send(request, key).await {
            Err(failure) if is_transient(&failure) => {
                tokio::time::sleep(ctx.random.jitter(MAX_RETRY_WAIT)).await;
                transport.send(request, key).await
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
    Stripe(StripeFailure),
    /// The call was not sent.
    NotSent(Error),
}

/// Returns whether a retry may succeed.
fn is_transient(failure: &StripeFailure) -> bool {
    match failure {
        StripeFailure::Refused { status, .. } => is_transient_status(*status),
        StripeFailure::NoResponse(_) | StripeFailure::Unreadable(_) => true,
        StripeFailure::Invalid(_) => false,
    }
}

/// Returns whether a status is worth a retry, by the rule of Stripe's own libraries.
/// <https://docs.stripe.com/error-low-level>
fn is_transient_status(status: u16) -> bool {
    matches!(status, 409 | 429 | 500..=599)
}

fn found_or_none<T>(result: Result<T, CallError>) -> Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(CallError::Stripe(StripeFailure::Refused { status: 404, .. })) => Ok(None),
        Err(problem) => Err(failure(problem)),
    }
}

fn failure(problem: CallError) -> Error {
    match problem {
        CallError::NotSent(error) => error,
        CallError::Stripe(failure) if is_transient(&failure) => {
            Error::Unavailable(Box::new(failure))
        }
        CallError::Stripe(failure) => Error::internal(failure),
    }
}

impl std::fmt::Debug for Stripe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stripe").field("base", &self.base).finish_non_exhaustive()
    }
}
