//! Reconciles an invoice: its subscription, the quota it pays for, and the notification of the owner.

use super::paid_change::PaidChange;
use super::paid_grant::PaidGrant;
use super::subscription::SubscriptionRef;
use super::{commit_once, find_organization, subscription};
use crate::activity::{Action, Actor, AuditEvent, Log};
use crate::billing::billing_state::BillingState;
use crate::billing::ledger::{BillingPeriod, retry_ledger_change};
use crate::billing::stored_payment::StoredPayment;
use crate::billing::{PaymentEvent, PaymentNotification, Plan};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{Condition, retry_conflicts};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::jobs::Job;
use crate::requester::Requester;
use crate::stripe::invoices::StripeInvoice;
use crate::stripe::subscriptions::StripeSubscription;
use crate::stripe::{Stripe, StripeId};

/// Reconciles the invoice's subscription, grants the quota of a paid period, and notifies the owner. Refunds what
/// was paid after the subscription had ended.
///
/// `has_failed` says that a payment failed: an open invoice with an attempt may also be waiting for a bank.
///
/// # Errors
/// The errors of [`subscription::reconcile`], and `Internal` if the balance overflows.
pub(in crate::billing) async fn reconcile(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
    has_failed: bool,
) -> Result<()> {
    let Some(invoice) = stripe.retrieve_invoice(ctx, id).await? else { return Ok(()) };
    let customer = find_organization(ctx, invoice.customer.as_deref()).await?;
    let Some((organization, customer)) = customer else { return Ok(()) };
    if let Some(subscription_id) = invoice.subscription().and_then(StripeId::parse) {
        let subject = SubscriptionRef {
            organization_id: &organization,
            customer: &customer,
            id: &subscription_id,
        };
        let found = subscription::reconcile(ctx, stripe, requester, subject).await?;
        if invoice.begins_period() && invoice.is_paid() {
            grant_quota(ctx, stripe, &organization, &subscription_id, &invoice).await?;
        }
        if invoice.is_change() && invoice.is_paid() {
            let paid = PaidChange { stripe, organization: &organization, id, invoice: &invoice };
            paid.grant(ctx, &subscription_id).await?;
        }
        store_payment(ctx, &organization, &invoice).await?;
        if let Some(payment) = invoice.payment()
            && was_paid_after_the_end(&invoice, found.as_ref())
        {
            tracing::error!(invoice = %id, "refunded a payment for a subscription that had ended");
            return stripe.refund_rest(ctx, payment).await;
        }
    }
    match notification(ctx, &organization, id, &invoice, has_failed) {
        Some(notification) => notify_owner(ctx, requester, notification).await,
        None => Ok(()),
    }
}

/// Returns whether an invoice was paid after its subscription had ended: on Stripe's page, or by a slow bank payment.
fn was_paid_after_the_end(
    invoice: &StripeInvoice,
    subscription: Option<&StripeSubscription>,
) -> bool {
    let paid_at = invoice.status_transitions.paid_at.filter(|_| invoice.is_paid());
    let ended_at = subscription.and_then(|subscription| subscription.ended_at);
    ended_at.zip(paid_at).is_some_and(|(ended_at, paid_at)| ended_at < paid_at)
}

/// Grants the quota of a paid period, once. Does nothing for a past period or a subscription that has ended.
async fn grant_quota(
    ctx: &Context,
    stripe: &Stripe,
    organization_id: &OrganizationId,
    subscription: &StripeId,
    invoice: &StripeInvoice,
) -> Result<()> {
    let line = invoice.period_line();
    retry_ledger_change(ctx, organization_id, || async {
        let BillingState { organization, account, balance } =
            BillingState::read(ctx, organization_id).await?;
        let known = account.subscription.as_ref().filter(|known| known.id == *subscription);
        let (Some(organization), Some(known)) = (organization, known) else { return Ok(()) };
        let period = match line {
            Some(line) => BillingPeriod {
                subscription: subscription.clone(),
                start: Timestamp::from_seconds(line.period.start),
                end: Timestamp::from_seconds(line.period.end),
            },
            // The invoice has more lines than Stripe returns with it.
            None => known.period(),
        };
        let granted = balance.period();
        let is_newer = granted.is_none_or(|granted| {
            granted.subscription != *subscription || granted.start < period.start
        });
        if !known.status.is_live() || !is_newer {
            return Ok(());
        }
        // The plan that was paid for may no longer be the current one.
        let paid = line.and_then(|line| line.pricing.as_ref()?.price_details.as_ref());
        let paid = paid.and_then(|paid| stripe.prices().plan(&paid.price));
        let (plan, credits) = match paid.filter(|paid| *paid != known.plan) {
            Some(paid) => (paid, paid.limits().credits),
            None => (known.plan, known.quota),
        };
        let credits = Credits::whole(organization.agreed_credits(plan).unwrap_or(credits));
        let mut update = balance.begin_update();
        update.grant_quota(ctx, credits, Some(period.clone()), &quota_description(plan))?;
        let grant = update.balance.granted.as_ref().map(|quota| quota.entry);
        let payment = StoredPayment::of_invoice(invoice, organization_id, credits, grant);
        PaidGrant { organization, account, update, payment }.commit(ctx).await
    })
    .await
}

fn quota_description(plan: Plan) -> String {
    format!("Monthly credits of the {} plan", plan.name())
}

/// Stores a payment that bought no credits, such as for a change within a period, so that the daily audit finds it.
async fn store_payment(
    ctx: &Context,
    organization_id: &OrganizationId,
    invoice: &StripeInvoice,
) -> Result<()> {
    let payment = StoredPayment::of_invoice(invoice, organization_id, Credits::default(), None);
    let Some(payment) = payment.filter(|_| invoice.is_paid()) else { return Ok(()) };
    // An item that exists already was written by an earlier event about the same payment.
    retry_conflicts(ctx, || ctx.table.put(&payment, Condition::Absent)).await.map(|_is_new| ())
}

/// Returns the notification for the organization's owner, if the invoice's state needs one.
fn notification(
    ctx: &Context,
    organization_id: &OrganizationId,
    id: &StripeId,
    invoice: &StripeInvoice,
    has_failed: bool,
) -> Option<PaymentNotification> {
    let attempt = u32::try_from(invoice.attempt_count).unwrap_or_default();
    let (event, amount) = match invoice.status.as_deref() {
        Some("paid") if invoice.amount_paid > 0 => (PaymentEvent::Paid, invoice.amount_paid),
        // The owner sees a failed upgrade at once, and keeps the plan that is paid.
        Some("open") if has_failed && invoice.is_change() => return None,
        Some("open") if has_failed => (PaymentEvent::Failed, invoice.amount_due),
        // Other invoices are charged automatically.
        Some("open") if invoice.collection_method == "send_invoice" && invoice.amount_due > 0 => {
            (PaymentEvent::Due, invoice.amount_due)
        }
        _ => return None,
    };
    Some(PaymentNotification {
        client_id: organization_id.clone(),
        invoice_id: id.to_string(),
        number: invoice.number.clone(),
        event,
        attempt,
        is_last: invoice.next_payment_attempt.is_none(),
        amount,
        currency: invoice.currency.clone(),
        at: ctx.now(),
    })
}

/// Enqueues the notification of the owner, and adds a failed payment to the activity log.
async fn notify_owner(
    ctx: &Context,
    requester: &Requester,
    notification: PaymentNotification,
) -> Result<()> {
    let name = format!("told_{}", notification.name().replace('#', "_"));
    commit_once(ctx, &name, |tx| {
        Job::NotifyPayment(notification.clone()).enqueue(tx)?;
        Ok(match notification.event {
            PaymentEvent::Failed => {
                let (service, action) = (Actor::Service, Action::PaymentFailed);
                let entry = AuditEvent::for_organization(
                    ctx,
                    requester,
                    &notification.client_id,
                    service,
                    action,
                )
                .with_target(&notification.invoice_id);
                Log::from(entry.with_detail("attempt", notification.attempt))
            }
            PaymentEvent::Due | PaymentEvent::Paid => Log::Nothing("a notification is sent"),
        })
    })
    .await
}
