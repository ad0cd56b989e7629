//! Sending somebody to Stripe to subscribe.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::account::{Account, managed};
use super::customer::{ensure, id};
use super::destination::Destination;
use crate::activity::{Action, Entry};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::idempotency::{Done, Once};
use crate::ids::OrganizationId;
use crate::requester::Requester;
use crate::stripe::Stripe;
use crate::stripe::checkout::{Session, Visit};
use crate::values::EmailAddress;

/// What somebody wants to subscribe to.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The price's id.
    pub price: String,
    /// Where they come to who are done.
    pub success: Destination,
    /// Where they come to who turn back.
    pub cancel: Destination,
    /// Where invoices are to be sent.
    pub email: Option<EmailAddress>,
}

/// A page at Stripe to go to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = CheckoutSession)]
pub struct Departure {
    /// Its id.
    #[schema(example = "cs_test_a1b2c3")]
    pub session_id: String,
    /// Where the page is; open for 24 hours.
    #[schema(example = "https://checkout.stripe.com/c/pay/cs_test_a1b2c3")]
    pub checkout_url: String,
}

impl Departure {
    pub(super) fn to(session: &Session) -> Result<Self> {
        let checkout_url = session.page()?.to_owned();
        Ok(Self { session_id: session.id.clone(), checkout_url })
    }
}

/// A page to subscribe on. The page before, if nobody has paid on it, is closed: nobody subscribes twice.
///
/// [`Error::InvalidField`] of a price that isn't ours; [`Error::AlreadySubscribed`];
/// [`Error::BillingNotConfigured`]; [`Error::NotFound`], [`Error::NoAccess`].
pub async fn checkout(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    credential: &Credential,
    organization_id: &OrganizationId,
    once: &Once,
    wish: &Wish,
) -> Result<Done<Departure>> {
    // Of one call however often it is tried, and of the same call sent again.
    let name = once.name().unwrap_or_else(|| ctx.random.identifier());
    let call = Call { ctx, stripe, requester, credential, organization_id, once, wish, name };
    retry_conflicts(ctx, || call.attempt()).await
}

struct Call<'a> {
    ctx: &'a Context,
    stripe: &'a Stripe,
    requester: &'a Requester,
    credential: &'a Credential,
    organization_id: &'a OrganizationId,
    once: &'a Once,
    wish: &'a Wish,
    name: String,
}

impl Call<'_> {
    async fn attempt(&self) -> Result<Done<Departure>> {
        let Self { ctx, stripe, wish, .. } = *self;
        let managed = managed(ctx, self.requester, self.credential, self.organization_id);
        let (managed, done) = tokio::join!(managed, self.once.replay(ctx));
        let (admitted, account) = managed?;
        if let Some(done) = done? {
            return Ok(done);
        }
        stripe.configured(ctx).await?;
        let prices = stripe.prices();
        let plan = prices.plan(&wish.price);
        if plan.is_none_or(|plan| prices.offered(plan) != Some(&*wish.price)) {
            return Err(Error::invalid_field("price_id", "not a price that is offered"));
        }
        if account.is_subscribed() {
            return Err(Error::AlreadySubscribed);
        }
        let (account, customer) =
            ensure(ctx, stripe, &admitted, account, wish.email.as_ref()).await?;
        if let Some(open) = &account.checkout {
            // It may be this very call's, which was sent twice at once.
            if let Some(done) = self.once.replay(ctx).await? {
                return Ok(done);
            }
            self.close(open.as_str()).await?;
        }
        let visit = Visit::of(self.organization_id, &customer, &wish.success, &wish.cancel);
        let key = format!("subscribe-{}", self.name);
        let session = stripe.subscribe(ctx, &key, visit, &wish.price).await?;
        let departure = Departure::to(&session)?;
        let mut tx = ctx.table.transaction();
        admitted.hold(&mut tx)?;
        admitted.organization.stays(&mut tx)?;
        Account { checkout: Some(id(&session.id)?), ..account }.store(&mut tx)?;
        self.once.remember(ctx, &mut tx, &departure).await?;
        let (actor, action) = (admitted.caller.actor(), Action::SubscriptionCheckoutStarted);
        let entry =
            Entry::of_client(ctx, self.requester, self.organization_id, actor, action, &session.id);
        tx.commit(entry.detail("price", &wish.price)).await?;
        Ok(Done::now(departure))
    }

    /// Closes the page before. Where that was paid on, there is a subscription.
    async fn close(&self, open: &str) -> Result<()> {
        if self.stripe.expire(self.ctx, open).await?.is_some() {
            return Ok(());
        }
        let session = self.stripe.session(self.ctx, open).await?;
        let is_paid = session.is_some_and(|session| session.status.as_deref() == Some("complete"));
        if is_paid { Err(Error::AlreadySubscribed) } else { Ok(()) }
    }
}
