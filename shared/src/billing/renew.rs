//! A new period that Stripe hasn't told of.

use std::time::Duration;

use super::account::{Account, Books, Subscription};
use super::events::invoice;
use super::sync::{SubscriptionRef, sync};
use crate::activity::Log;
use crate::context::Context;
use crate::error::Result;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// How long Stripe isn't asked again. Stripe makes the invoice of a period when that begins, and takes the
/// money an hour later; until then the quota from before is spent.
/// <https://docs.stripe.com/billing/subscriptions/overview>
const ASK_AGAIN: Duration = Duration::from_secs(5 * 60);

/// The same when the period has been over for a while: nobody has paid.
const ASK_LATER: Duration = Duration::from_secs(60 * 60);

/// How long a period is over before that.
const A_WHILE: Duration = Duration::from_secs(3 * 60 * 60);

/// How long whoever came first waits for it: a charge that needs nothing from Stripe isn't to fail with it.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where the period of the quota is over: asks Stripe, grants the next if it is paid, and returns what there
/// is then. `None` where nothing is due, was asked for a moment ago, or can't be asked: the quota from before
/// counts on.
pub(super) async fn renew_if_due(ctx: &Context, stripe: &Stripe, books: &Books) -> Option<Books> {
    let (subscription, customer) = due(ctx, books)?;
    let renewing = renew(ctx, stripe, books, subscription, customer);
    match tokio::time::timeout(PATIENCE, renewing).await {
        Ok(Ok(renewed)) => Some(renewed),
        Ok(Err(error)) => {
            tracing::warn!(cause = ?error, "Stripe can't be asked for a new period");
            None
        }
        Err(_) => {
            tracing::warn!("Stripe took too long to be asked for a new period");
            None
        }
    }
}

fn due<'b>(ctx: &Context, books: &'b Books) -> Option<(&'b Subscription, &'b StripeId)> {
    let now = ctx.now();
    let subscription = books.account.subscription.as_ref()?;
    let is_granted = books
        .balance
        .period()
        .is_some_and(|period| period.subscription == subscription.id && now < period.end);
    let is_long = now >= subscription.period_end.plus(A_WHILE);
    let again = if is_long { ASK_LATER } else { ASK_AGAIN };
    let is_asked = subscription.asked_at.is_some_and(|asked| now < asked.plus(again));
    let is_due = subscription.status.is_live() && !is_granted && !is_asked;
    let customer = books.account.customer.as_ref()?;
    is_due.then_some((subscription, customer))
}

async fn renew(
    ctx: &Context,
    stripe: &Stripe,
    books: &Books,
    subscription: &Subscription,
    customer: &StripeId,
) -> Result<Books> {
    let organization = &books.account.client_id;
    let asked = Subscription { asked_at: Some(ctx.now()), ..subscription.clone() };
    let mut tx = ctx.table.transaction();
    // Whoever else asks does so for all.
    Account { subscription: Some(asked), ..books.account.clone() }.store(&mut tx)?;
    tx.commit(Log::Nothing("what comes of it is in the log")).await?;
    let requester = Requester::service();
    let renewed = SubscriptionRef { organization_id: organization, customer, id: &subscription.id };
    sync(ctx, stripe, &requester, renewed).await?;
    let found = stripe.invoices_of(ctx, subscription.id.as_str()).await?;
    let of_period = found.into_iter().find(|invoice| invoice.begins_period());
    if let Some(id) = of_period.and_then(|invoice| StripeId::parse(invoice.id.as_deref()?)) {
        invoice::handle(ctx, stripe, &requester, &id, false).await?;
    }
    Books::read(ctx, organization).await
}
