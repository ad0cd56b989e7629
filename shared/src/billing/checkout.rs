//! Creates a page at Stripe for subscribing to a plan.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::account::{Account, authorize_billing};
use super::customer::{ensure, id};
use super::destination::Destination;
use super::hosted_page::HostedPageRequest;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::idempotency::Replayable;
use crate::stripe::Stripe;
use crate::stripe::checkout::{Session, Visit};
use crate::values::EmailAddress;

/// Parameters for subscribing to a plan.
#[derive(Clone, Debug)]
pub struct CheckoutParams {
    /// The id of the price at Stripe.
    pub price: String,
    /// The redirect URL after payment.
    pub success: Destination,
    /// The redirect URL after cancellation.
    pub cancel: Destination,
    /// The email address that Stripe sends invoices to.
    pub email: Option<EmailAddress>,
}

/// A checkout page at Stripe.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = CheckoutSession)]
pub struct Departure {
    /// The session's id at Stripe.
    #[schema(example = "cs_test_a1b2c3")]
    pub session_id: String,
    /// URL of the page. It is open for 24 hours.
    #[schema(example = "https://checkout.stripe.com/c/pay/cs_test_a1b2c3")]
    pub checkout_url: String,
}

impl Departure {
    pub(super) fn to(session: &Session) -> Result<Self> {
        let checkout_url = session.page()?.to_owned();
        Ok(Self { session_id: session.id.clone(), checkout_url })
    }
}

/// Creates a page on which the owner subscribes to a plan. Closes an earlier page that was not paid, so that
/// an organization cannot subscribe twice.
///
/// # Errors
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
/// - `IdempotencyConflict` if the key was used with a different request.
/// - `BillingNotConfigured` if the deployment has no account at Stripe.
/// - `Unavailable` if Stripe or the table cannot be reached.
/// - `InvalidField` if the price is not offered.
/// - `AlreadySubscribed` if the organization has a subscription.
pub async fn checkout(
    ctx: &Context,
    stripe: &Stripe,
    request: HostedPageRequest<'_>,
    params: &CheckoutParams,
) -> Result<Replayable<Departure>> {
    // Retries and repetitions of the request use the same idempotency key at Stripe.
    let key = request.idempotency_key.fingerprint().unwrap_or_else(|| ctx.random.identifier());
    let key = format!("subscribe-{key}");
    retry_conflicts(ctx, || attempt(ctx, stripe, request, params, &key)).await
}

async fn attempt(
    ctx: &Context,
    stripe: &Stripe,
    request: HostedPageRequest<'_>,
    params: &CheckoutParams,
    key: &str,
) -> Result<Replayable<Departure>> {
    let HostedPageRequest { caller, organization_id, idempotency_key } = request;
    let authorized = authorize_billing(ctx, caller, organization_id);
    let (authorized, done) = tokio::join!(authorized, idempotency_key.replay(ctx));
    let (authorized, account) = authorized?;
    if let Some(done) = done? {
        return Ok(done);
    }
    stripe.configured(ctx).await?;
    let prices = stripe.prices();
    let plan = prices.plan(&params.price);
    if plan.is_none_or(|plan| prices.offered(plan) != Some(&*params.price)) {
        return Err(Error::invalid_field("price_id", "not a price that is offered"));
    }
    if account.is_subscribed() {
        return Err(Error::AlreadySubscribed);
    }
    let (account, customer) =
        ensure(ctx, stripe, &authorized, account, params.email.as_ref()).await?;
    if let Some(open) = &account.checkout {
        // The open page may come from a concurrent request with the same idempotency key.
        if let Some(done) = idempotency_key.replay(ctx).await? {
            return Ok(done);
        }
        close(ctx, stripe, open.as_str()).await?;
    }
    let visit = Visit::of(organization_id, &customer, &params.success, &params.cancel);
    let session = stripe.subscribe(ctx, key, visit, &params.price).await?;
    let departure = Departure::to(&session)?;
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    authorized.organization.require_exists(&mut tx)?;
    Account { checkout: Some(id(&session.id)?), ..account }.store(&mut tx)?;
    idempotency_key.store_response(ctx, &mut tx, &departure).await?;
    let (actor, action) = (authorized.principal.actor(), Action::SubscriptionCheckoutStarted);
    let entry =
        AuditEvent::for_organization(ctx, &caller.requester, organization_id, actor, action)
            .with_target(&session.id);
    tx.commit(entry.with_detail("price", &params.price)).await?;
    Ok(Replayable::new(departure))
}

/// Closes a page that was opened earlier.
///
/// # Errors
/// `AlreadySubscribed` if the page was paid.
async fn close(ctx: &Context, stripe: &Stripe, open: &str) -> Result<()> {
    if stripe.expire(ctx, open).await?.is_some() {
        return Ok(());
    }
    let session = stripe.session(ctx, open).await?;
    let is_paid = session.is_some_and(|session| session.status.as_deref() == Some("complete"));
    if is_paid { Err(Error::AlreadySubscribed) } else { Ok(()) }
}
