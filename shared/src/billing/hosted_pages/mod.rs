//! Hosted pages at Stripe: subscription checkout, top-up, customer portal and card set-up.
//!
//! All four calls share [`HostedPageRequest::create`]. Each page implements [`HostedPage`] with its own parameters.

pub mod checkout;
mod close_session;
pub mod portal;
mod return_url;
pub mod set_up_card;
pub mod top_up;

use std::sync::atomic::{AtomicBool, Ordering};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use close_session::close_session;
pub use return_url::ReturnUrl;

use super::ensure_customer::ensure_customer;
use super::stripe_account::{StripeAccount, authorize_billing};
use super::stripe_throttle::count_stripe_call;
use crate::activity::Log;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, Tx, retry_conflicts};
use crate::error::Result;
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::OrganizationId;
use crate::organizations::authorize::Authorized;
use crate::stripe::checkout::{SessionParams, StripeCheckoutSession};
use crate::stripe::{Stripe, StripeId};
use crate::values::EmailAddress;

/// A request for a hosted page at Stripe.
#[derive(Clone, Copy, Debug)]
pub struct HostedPageRequest<'a> {
    /// The caller, who must be the organization's owner.
    pub caller: &'a Caller,
    /// The organization that the page is for.
    pub organization_id: &'a OrganizationId,
    /// The request's idempotency key.
    pub idempotency_key: &'a IdempotencyKey,
}

/// A checkout session in an API response.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CheckoutSession {
    /// The id of the checkout session at Stripe.
    #[schema(example = "cs_test_a1b2c3")]
    pub session_id: String,
    /// The URL of the page, which is open for 24 hours.
    #[schema(example = "https://checkout.stripe.com/c/pay/cs_test_a1b2c3")]
    pub checkout_url: String,
}

impl CheckoutSession {
    fn new(session: &StripeCheckoutSession) -> Result<Self> {
        let checkout_url = session.url()?.to_owned();
        Ok(Self { session_id: session.id.clone(), checkout_url })
    }
}

/// A request's call of Stripe, the same in all attempts.
struct StripeCall {
    key: String,
    /// Whether an earlier attempt has counted the request.
    counted: AtomicBool,
}

/// The parameters of a call to create a page at Stripe.
struct PageParams<'a> {
    organization_id: &'a OrganizationId,
    /// The organization's customer id at Stripe.
    customer: &'a StripeId,
    /// Stripe's idempotency key. Retries and repetitions of a request use the same one.
    key: &'a str,
}

impl<'a> PageParams<'a> {
    /// Returns the parameters of a checkout session that redirects to `success` or `cancel`.
    fn session(&self, success: &'a ReturnUrl, cancel: &'a ReturnUrl) -> SessionParams<'a> {
        SessionParams::new(self.organization_id, self.customer, success.as_str(), cancel.as_str())
    }
}

/// A page that was created, with the state that it was created in.
struct CreatedPage<'a, T> {
    request: HostedPageRequest<'a>,
    authorized: &'a Authorized,
    account: StripeAccount,
    response: &'a T,
}

/// A kind of hosted page.
trait HostedPage {
    /// The response of the API, which is stored for repeated requests.
    type Response: Serialize + DeserializeOwned;

    /// The prefix of Stripe's idempotency key.
    const KEY_PREFIX: &'static str;

    /// Returns the email address that a new customer gets invoices at.
    fn invoice_email(&self) -> Option<&EmailAddress> {
        None
    }

    /// Checks the parameters against the account, before a customer is created.
    fn check(&self, _stripe: &Stripe, _account: &StripeAccount) -> Result<()> {
        Ok(())
    }

    /// Returns the open session of an earlier page, which has to be closed before a new one is created.
    fn open_session<'a>(&self, _account: &'a StripeAccount) -> Option<&'a StripeId> {
        None
    }

    /// Creates the page at Stripe.
    async fn create(
        &self,
        ctx: &Context,
        stripe: &Stripe,
        params: PageParams<'_>,
    ) -> Result<Self::Response>;

    /// Adds what the page changes to `tx` and returns the audit log; `None` if it changes nothing.
    fn store(
        &self,
        _ctx: &Context,
        _tx: &mut Tx<'_>,
        _page: CreatedPage<'_, Self::Response>,
    ) -> Result<Option<Log>> {
        Ok(None)
    }
}

impl HostedPageRequest<'_> {
    /// Authorizes the caller, creates the organization's customer if there is none, creates the page and stores the
    /// response for the idempotency key.
    async fn create<P: HostedPage>(
        self,
        ctx: &Context,
        stripe: &Stripe,
        page: &P,
    ) -> Result<Replayable<P::Response>> {
        let key = self.idempotency_key.fingerprint().unwrap_or_else(|| ctx.random.identifier());
        let key = format!("{}-{key}", P::KEY_PREFIX);
        let call = StripeCall { key, counted: AtomicBool::new(false) };
        retry_conflicts(ctx, || self.attempt(ctx, stripe, page, &call)).await
    }

    async fn attempt<P: HostedPage>(
        self,
        ctx: &Context,
        stripe: &Stripe,
        page: &P,
        call: &StripeCall,
    ) -> Attempt<Replayable<P::Response>> {
        let Self { caller, organization_id, idempotency_key } = self;
        let authorized = authorize_billing(ctx, caller, organization_id);
        let (authorized, stored) = tokio::join!(authorized, idempotency_key.replay(ctx));
        let (authorized, account) = authorized?;
        if let Some(stored) = stored? {
            return Ok(stored);
        }
        stripe.require_configured(ctx).await?;
        page.check(stripe, &account)?;
        if !call.counted.swap(true, Ordering::Relaxed) {
            count_stripe_call(ctx, organization_id).await?;
        }
        let email = page.invoice_email();
        let (account, customer) = ensure_customer(ctx, stripe, &authorized, account, email).await?;
        if let Some(open) = page.open_session(&account) {
            // The open session may come from a concurrent request with the same idempotency key.
            if let Some(stored) = idempotency_key.replay(ctx).await? {
                return Ok(stored);
            }
            close_session(ctx, stripe, open.as_str()).await?;
        }
        let params = PageParams { organization_id, customer: &customer, key: &call.key };
        let response = page.create(ctx, stripe, params).await?;
        let mut tx = ctx.table.transaction();
        let authorized = &authorized;
        let created = CreatedPage { request: self, authorized, account, response: &response };
        let log = page.store(ctx, &mut tx, created)?;
        if log.is_none() && idempotency_key.fingerprint().is_none() {
            return Ok(Replayable::new(response));
        }
        idempotency_key.store_response(ctx, &mut tx, &response).await?;
        tx.commit(log.unwrap_or(Log::Nothing("nothing was bought yet"))).await?;
        Ok(Replayable::new(response))
    }
}
