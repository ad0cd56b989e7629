//! Reconciles a checkout session: credits that were bought, a subscription that was started, a card that was saved.

use super::subscription::SubscriptionRef;
use super::{commit_once, find_organization, subscription};
use crate::activity::{Action, Actor, AuditEvent, Log};
use crate::billing::billing_state::BillingState;
use crate::billing::ensure_customer::parse_id;
use crate::billing::ledger::{EntryGuard, EntryKind, EntrySource, Posting, retry_ledger_change};
use crate::billing::stored_payment::StoredPayment;
use crate::billing::stripe_account::StripeAccount;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{AttemptError, Condition, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::number_text::grouped;
use crate::requester::Requester;
use crate::stripe::checkout::{CREDITS, StripeCheckoutSession};
use crate::stripe::{Stripe, StripeId};

/// Reconciles the checkout session with the given id.
///
/// # Errors
/// The errors of [`subscription::reconcile`] and [`post_top_up`].
pub(in crate::billing) async fn reconcile(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
) -> Result<()> {
    let Some(session) = stripe.retrieve_checkout_session(ctx, id.as_str()).await? else {
        return Ok(());
    };
    let customer = find_organization(ctx, session.customer.as_deref()).await?;
    let Some((organization, customer)) = customer else { return Ok(()) };
    match session.mode.as_str() {
        "payment" => post_top_up(ctx, stripe, requester, &organization, &session).await,
        "subscription" => {
            if let Some(started) = session.subscription.as_deref().and_then(StripeId::parse) {
                let started = SubscriptionRef {
                    organization_id: &organization,
                    customer: &customer,
                    id: &started,
                };
                subscription::reconcile(ctx, stripe, requester, started).await?;
            }
            clear_open_session(ctx, &organization, id, &session).await
        }
        _ => record_saved_card(ctx, requester, &organization, id, &session).await,
    }
}

/// Posts the credits of a paid top-up, once per session. Refunds the payment if the organization is deleted.
///
/// # Errors
/// - `Internal` if a paid session has a malformed id or no payment, or the balance overflows.
/// - `Contention` if other changes of the ledger kept interfering.
/// - `Unavailable` if DynamoDB cannot be reached.
/// - Those of [`Stripe::refund_rest`] if the organization is deleted.
pub(super) async fn post_top_up(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    organization_id: &OrganizationId,
    session: &StripeCheckoutSession,
) -> Result<()> {
    if session.payment_status != "paid" {
        return Ok(());
    }
    let id = &parse_id(&session.id)?;
    let Some(credits) = credits_bought(session) else {
        // The session was created in Stripe's dashboard and not by us.
        tracing::error!(session = %id, "a paid checkout session does not say what it bought");
        return Ok(());
    };
    let payment = session.payment_intent.as_deref().and_then(StripeId::parse);
    let payment =
        payment.ok_or_else(|| Error::internal("a paid checkout session has no payment"))?;
    let is_posted = retry_ledger_change(ctx, organization_id, || async {
        let source = EntrySource::TopUp(id.clone());
        let guard = keys::entry_guard(organization_id, &source.to_string());
        if ctx.table.get::<EntryGuard>(&guard).await?.is_some() {
            return Ok(true);
        }
        let state = BillingState::read(ctx, organization_id).await?;
        let Some(organization) = state.organization else { return Ok(false) };
        let mut update = state.balance.begin_update();
        let description =
            format!("{} credits bought", grouped(credits.micros().unsigned_abs() / 1_000_000));
        update.post(ctx, Posting::topups(EntryKind::Topup, credits, source, &description))?;
        let mut tx = ctx.table.transaction();
        organization.require_exists(&mut tx)?;
        update.store(&mut tx)?;
        let amount = session.amount_subtotal.unwrap_or_default();
        let client_id = organization_id.clone();
        let (paid, grant) = (payment.clone(), None);
        let payment = StoredPayment { id: paid, client_id, amount, credits, grant, settled: 0 };
        tx.put(&payment, Condition::Absent, AttemptError::Conflict)?;
        let action = Action::CreditsToppedUp;
        let entry =
            AuditEvent::for_organization(ctx, requester, organization_id, Actor::Service, action)
                .with_target(id);
        tx.commit(entry.with_detail("credits", credits)).await?;
        Ok(true)
    })
    .await?;
    if !is_posted {
        tracing::error!(session = %id, "refunded a top-up of a deleted organization");
        stripe.refund_rest(ctx, payment.as_str()).await?;
    }
    Ok(())
}

/// Returns the credits that a session bought; `None` if its metadata and its price do not match.
fn credits_bought(session: &StripeCheckoutSession) -> Option<Credits> {
    let credits = session.metadata.as_ref()?.get(CREDITS)?.parse::<u32>().ok()?;
    // One credit costs one cent.
    let is_price = session.amount_subtotal == Some(i64::from(credits))
        && session.currency.as_deref() == Some("usd");
    is_price.then_some(Credits::whole(credits))
}

/// Clears the open session of the account, if this one has ended.
async fn clear_open_session(
    ctx: &Context,
    organization_id: &OrganizationId,
    id: &StripeId,
    session: &StripeCheckoutSession,
) -> Result<()> {
    if session.status.as_deref() == Some("open") {
        return Ok(());
    }
    retry_conflicts(ctx, || async {
        let BillingState { organization, account, .. } =
            BillingState::read(ctx, organization_id).await?;
        let is_open = account.checkout.as_ref() == Some(id);
        let Some(organization) = organization.filter(|_| is_open) else {
            return Ok(());
        };
        let mut tx = ctx.table.transaction();
        organization.require_exists(&mut tx)?;
        StripeAccount { checkout: None, ..account }.store(&mut tx)?;
        tx.commit(Log::Nothing("only that a checkout session has ended")).await
    })
    .await
}

/// Records in the audit log that a card was saved.
async fn record_saved_card(
    ctx: &Context,
    requester: &Requester,
    organization_id: &OrganizationId,
    id: &StripeId,
    session: &StripeCheckoutSession,
) -> Result<()> {
    if session.status.as_deref() != Some("complete") {
        return Ok(());
    }
    let action = Action::PaymentMethodAdded;
    let entry =
        AuditEvent::for_organization(ctx, requester, organization_id, Actor::Service, action)
            .with_target(id);
    commit_once(ctx, &format!("noted_{id}"), |_| Ok(entry.clone().into())).await
}
