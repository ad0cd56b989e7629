//! A visit to Stripe's page ended.

use super::customer_of_ours;
use crate::activity::{Action, Actor, AuditEvent, Log};
use crate::billing::account::{Account, Books};
use crate::billing::customer::id;
use crate::billing::ledger::{Cause, CauseGuard, Kind, Posting};
use crate::billing::payment::Payment;
use crate::billing::sync::{SubscriptionRef, sync};
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{Condition, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::requester::Requester;
use crate::stripe::checkout::{CREDITS, Session};
use crate::stripe::{Stripe, StripeId};

pub(super) async fn handle(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
) -> Result<()> {
    let Some(session) = stripe.session(ctx, id.as_str()).await? else { return Ok(()) };
    let customer = customer_of_ours(ctx, session.customer.as_deref()).await?;
    let Some((organization, customer)) = customer else { return Ok(()) };
    match session.mode.as_str() {
        "payment" => paid(ctx, stripe, requester, &organization, &session).await,
        "subscription" => {
            if let Some(subscription) = session.subscription.as_deref().and_then(StripeId::parse) {
                let subscription = SubscriptionRef {
                    organization_id: &organization,
                    customer: &customer,
                    id: &subscription,
                };
                sync(ctx, stripe, requester, subscription).await?;
            }
            forget(ctx, &organization, id, &session).await
        }
        _ => left_card(ctx, requester, &organization, id, &session).await,
    }
}

/// Credits were bought, if they were paid: they are entered, once for the visit.
pub(super) async fn paid(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    organization_id: &OrganizationId,
    session: &Session,
) -> Result<()> {
    if session.payment_status != "paid" {
        return Ok(());
    }
    let id = &id(&session.id)?;
    let Some(credits) = bought(session) else {
        // Not a page of ours: whoever made it in Stripe's dashboard knows what it is for.
        tracing::error!(session = %id, "a paid visit doesn't say what it bought");
        return Ok(());
    };
    let payment = session.payment_intent.as_deref().and_then(StripeId::parse);
    let payment = payment.ok_or_else(|| Error::internal("a paid visit has no payment"))?;
    let entered = retry_conflicts(ctx, || async {
        let cause = Cause::TopUp(id.clone());
        let guard = keys::cause(organization_id, &cause.to_string());
        if ctx.table.get::<CauseGuard>(&guard).await?.is_some() {
            return Ok(true);
        }
        let Books { organization: there, balance, .. } = Books::read(ctx, organization_id).await?;
        let Some(there) = there else { return Ok(false) };
        let mut posted = balance.begin();
        let description = format!("{credits} credits bought");
        posted.enter(ctx, Posting::of_topups(Kind::Topup, credits, cause, &description))?;
        let mut tx = ctx.table.transaction();
        there.require_exists(&mut tx)?;
        posted.store(&mut tx)?;
        let amount = session.amount_subtotal.unwrap_or_default();
        let client_id = organization_id.clone();
        let (paid, grant) = (payment.clone(), None);
        let payment = Payment { id: paid, client_id, amount, credits, grant, settled: 0 };
        tx.put(&payment, Condition::Absent, Error::Conflict)?;
        let action = Action::CreditsToppedUp;
        let entry =
            AuditEvent::for_organization(ctx, requester, organization_id, Actor::Service, action)
                .with_target(id);
        tx.commit(entry.with_detail("credits", credits)).await?;
        Ok(true)
    })
    .await?;
    if !entered {
        tracing::error!(session = %id, "paid back what an organization that is gone bought");
        stripe.refund(ctx, payment.as_str()).await?;
    }
    Ok(())
}

/// How many credits a visit to a page of ours bought; `None` where what it says and what it cost part.
fn bought(session: &Session) -> Option<Credits> {
    let credits = session.metadata.as_ref()?.get(CREDITS)?.parse::<u32>().ok()?;
    // One costs a cent.
    let is_price = session.amount_subtotal == Some(i64::from(credits))
        && session.currency.as_deref() == Some("usd");
    is_price.then_some(Credits::whole(credits))
}

/// Nobody is on the page to subscribe any more.
async fn forget(
    ctx: &Context,
    organization_id: &OrganizationId,
    id: &StripeId,
    session: &Session,
) -> Result<()> {
    if session.status.as_deref() == Some("open") {
        return Ok(());
    }
    retry_conflicts(ctx, || async {
        let Books { organization: there, account, .. } = Books::read(ctx, organization_id).await?;
        let Some(there) = there.filter(|_| account.checkout.as_ref() == Some(id)) else {
            return Ok(());
        };
        let mut tx = ctx.table.transaction();
        there.require_exists(&mut tx)?;
        Account { checkout: None, ..account }.store(&mut tx)?;
        tx.commit(Log::Nothing("only that a page is closed")).await
    })
    .await
}

/// A card was left.
async fn left_card(
    ctx: &Context,
    requester: &Requester,
    organization_id: &OrganizationId,
    id: &StripeId,
    session: &Session,
) -> Result<()> {
    if session.status.as_deref() != Some("complete") {
        return Ok(());
    }
    let action = Action::PaymentMethodAdded;
    let entry =
        AuditEvent::for_organization(ctx, requester, organization_id, Actor::Service, action)
            .with_target(id);
    super::once(ctx, &format!("noted_{id}"), |_| Ok(entry.clone().into())).await
}
