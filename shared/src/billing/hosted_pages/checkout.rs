//! Creates a checkout session to subscribe to a plan.

use super::{CheckoutSession, CreatedPage, HostedPage, HostedPageRequest, PageParams, ReturnUrl};
use crate::activity::{Action, AuditEvent, Log};
use crate::billing::ensure_customer::parse_id;
use crate::billing::stripe_account::StripeAccount;
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::{Error, Result};
use crate::idempotency::Replayable;
use crate::stripe::{Stripe, StripeId};
use crate::values::EmailAddress;

/// Parameters for subscribing to a plan.
#[derive(Clone, Debug)]
pub struct CheckoutParams {
    /// The id of the price at Stripe.
    pub price: String,
    /// The redirect URL after payment.
    pub success: ReturnUrl,
    /// The redirect URL after cancellation.
    pub cancel: ReturnUrl,
    /// The email address that Stripe sends invoices to.
    pub email: Option<EmailAddress>,
}

/// Creates a checkout session to subscribe. An earlier open session of the organization is closed first, so that nobody
/// subscribes twice.
///
/// # Errors
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
/// - `InvalidField` if the price is not offered, `AlreadySubscribed` if there is a live subscription.
/// - `IdempotencyConflict` if the key was used with a different request.
/// - `RateLimited` if the organization has made too many calls that reach Stripe.
/// - `BillingNotConfigured` or `Unavailable` if Stripe cannot be reached.
pub async fn create_checkout(
    ctx: &Context,
    stripe: &Stripe,
    request: HostedPageRequest<'_>,
    params: &CheckoutParams,
) -> Result<Replayable<CheckoutSession>> {
    request.create(ctx, stripe, params).await
}

impl HostedPage for CheckoutParams {
    type Response = CheckoutSession;

    const KEY_PREFIX: &'static str = "subscribe";

    fn invoice_email(&self) -> Option<&EmailAddress> {
        self.email.as_ref()
    }

    fn check(&self, stripe: &Stripe, account: &StripeAccount) -> Result<()> {
        let prices = stripe.prices();
        let plan = prices.plan(&self.price);
        if plan.is_none_or(|plan| prices.offered(plan) != Some(&*self.price)) {
            return Err(Error::invalid_field("price_id", "not a price that is offered"));
        }
        if account.is_subscribed() { Err(Error::AlreadySubscribed) } else { Ok(()) }
    }

    fn open_session<'a>(&self, account: &'a StripeAccount) -> Option<&'a StripeId> {
        account.checkout.as_ref()
    }

    async fn create(
        &self,
        ctx: &Context,
        stripe: &Stripe,
        params: PageParams<'_>,
    ) -> Result<CheckoutSession> {
        let session = params.session(&self.success, &self.cancel);
        let session =
            stripe.create_subscription_session(ctx, params.key, session, &self.price).await?;
        CheckoutSession::new(&session)
    }

    fn store(
        &self,
        ctx: &Context,
        tx: &mut Tx<'_>,
        page: CreatedPage<'_, CheckoutSession>,
    ) -> Result<Option<Log>> {
        let CreatedPage { request, authorized, account, response } = page;
        authorized.recheck(tx)?;
        authorized.organization.require_exists(tx)?;
        let session = parse_id(&response.session_id)?;
        StripeAccount { checkout: Some(session), ..account }.store(tx)?;
        let (actor, action) = (authorized.principal.actor(), Action::SubscriptionCheckoutStarted);
        let requester = &request.caller.requester;
        let event =
            AuditEvent::for_organization(ctx, requester, request.organization_id, actor, action);
        let event = event.with_target(&response.session_id).with_detail("price", &self.price);
        Ok(Some(event.into()))
    }
}
