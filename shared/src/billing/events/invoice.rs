//! An invoice became final, was paid, or was not.

use super::customer_of_ours;
use crate::activity::{Action, Actor, AuditEvent, Log};
use crate::billing::account::Books;
use crate::billing::ledger::Period;
use crate::billing::payment::Payment;
use crate::billing::sync::{SubscriptionRef, sync};
use crate::billing::{PaymentEvent, PaymentNews, Plan};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{Condition, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::requester::Requester;
use crate::stripe::invoices::Invoice;
use crate::stripe::{Stripe, StripeId};
use crate::work::Job;

/// Brings the subscription in line, grants the quota of a period that is paid, and has the owner told. What was
/// paid for a subscription after it had ended goes back. `has_failed` where Stripe says that a payment did: an
/// invoice that is tried and open may as well wait for a bank.
pub(in crate::billing) async fn handle(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
    has_failed: bool,
) -> Result<()> {
    let Some(invoice) = stripe.invoice(ctx, id).await? else { return Ok(()) };
    let customer = customer_of_ours(ctx, invoice.customer.as_deref()).await?;
    let Some((client, customer)) = customer else { return Ok(()) };
    if let Some(subscription) = invoice.subscription().and_then(StripeId::parse) {
        let subject =
            SubscriptionRef { organization_id: &client, customer: &customer, id: &subscription };
        sync(ctx, stripe, requester, subject).await?;
        if invoice.begins_period() && invoice.status.as_deref() == Some("paid") {
            grant(ctx, stripe, &client, &subscription, &invoice).await?;
        }
        note_payment(ctx, &client, &invoice).await?;
        if let Some(payment) = invoice.payment()
            && came_too_late(ctx, stripe, &subscription, &invoice).await?
        {
            tracing::error!(invoice = %id, "paid back what was paid for a plan that had ended");
            return stripe.refund(ctx, payment).await;
        }
    }
    match payment_news(ctx, &client, id, &invoice, has_failed) {
        Some(news) => notify_owner(ctx, requester, news).await,
        None => Ok(()),
    }
}

/// Whether an invoice was paid when its subscription was over: on Stripe's page of it, or by a bank that took
/// its time.
async fn came_too_late(
    ctx: &Context,
    stripe: &Stripe,
    subscription: &StripeId,
    invoice: &Invoice,
) -> Result<bool> {
    let paid_at = invoice.status_transitions.paid_at;
    let Some(paid_at) = paid_at.filter(|_| invoice.status.as_deref() == Some("paid")) else {
        return Ok(false);
    };
    let found = stripe.subscription(ctx, subscription.as_str()).await?;
    let ended_at = found.and_then(|subscription| subscription.ended_at);
    Ok(ended_at.is_some_and(|ended_at| ended_at < paid_at))
}

/// Grants the quota of a paid period, once; not of one that is past, or of a subscription that is over.
async fn grant(
    ctx: &Context,
    stripe: &Stripe,
    organization_id: &OrganizationId,
    subscription: &StripeId,
    invoice: &Invoice,
) -> Result<()> {
    let line = invoice.period_line();
    let payment = invoice.payment().and_then(StripeId::parse);
    retry_conflicts(ctx, || async {
        let Books { organization: there, account, balance } =
            Books::read(ctx, organization_id).await?;
        let known = account.subscription.as_ref().filter(|known| known.id == *subscription);
        let (Some(there), Some(known)) = (there, known) else { return Ok(()) };
        let period = match line {
            Some(line) => Period {
                subscription: subscription.clone(),
                start: Timestamp::from_seconds(line.period.start),
                end: Timestamp::from_seconds(line.period.end),
            },
            // Behind more lines than an invoice is read with.
            None => known.period(),
        };
        let granted = balance.period();
        let is_newer = granted.is_none_or(|granted| {
            granted.subscription != *subscription || granted.start < period.start
        });
        if !known.status.is_live() || !is_newer {
            return Ok(());
        }
        // Of the plan that was paid for, which may be another by now.
        let paid = line.and_then(|line| line.pricing.as_ref()?.price_details.as_ref());
        let paid = paid.and_then(|paid| stripe.prices().plan(&paid.price));
        let (plan, credits) = match paid.filter(|paid| *paid != known.plan) {
            Some(paid) => (paid, paid.limits().credits),
            None => (known.plan, known.quota),
        };
        let credits = Credits::whole(credits);
        let mut posted = balance.begin();
        posted.grant(ctx, credits, Some(period.clone()), &description(plan))?;
        let mut tx = ctx.table.transaction();
        there.require_exists(&mut tx)?;
        posted.store(&mut tx)?;
        if let Some(id) = payment.clone() {
            let (client_id, amount) = (organization_id.clone(), invoice.amount_paid);
            let grant = posted.balance.granted.as_ref().map(|quota| quota.entry);
            let payment = Payment { id, client_id, amount, credits, grant, settled: 0 };
            // It may be noted as one that bought nothing.
            let nothing = Condition::equal("micros", 0)?;
            let free = Condition::Any(vec![Condition::Absent, nothing]);
            tx.put(&payment, free, Error::Conflict)?;
        }
        // A subscription that ends at the same time takes the quota with it.
        let unchanged = Condition::equal("version", account.version)?;
        tx.check(&account.key(), &unchanged, Error::Conflict)?;
        tx.commit(Log::Nothing("the ledger is the log of what is granted")).await
    })
    .await
}

fn description(plan: Plan) -> String {
    format!("Monthly credits of the {} plan", plan.name())
}

/// Notes a payment that bought no credits, as of a change within a period: the books know of each.
async fn note_payment(
    ctx: &Context,
    organization_id: &OrganizationId,
    invoice: &Invoice,
) -> Result<()> {
    let is_paid = invoice.status.as_deref() == Some("paid");
    let Some(id) = invoice.payment().filter(|_| is_paid).and_then(StripeId::parse) else {
        return Ok(());
    };
    let (client_id, amount) = (organization_id.clone(), invoice.amount_paid);
    let credits = Credits::default();
    let payment = Payment { id, client_id, amount, credits, grant: None, settled: 0 };
    // An item that exists already was written by an earlier event about the same payment.
    ctx.table.put(&payment, Condition::Absent).await.map(|_is_new| ())
}

/// Returns the news of an invoice for the organization's owner, if there are any.
fn payment_news(
    ctx: &Context,
    organization_id: &OrganizationId,
    id: &StripeId,
    invoice: &Invoice,
    has_failed: bool,
) -> Option<PaymentNews> {
    let attempt = u32::try_from(invoice.attempt_count).unwrap_or_default();
    let (event, amount) = match invoice.status.as_deref() {
        Some("paid") if invoice.amount_paid > 0 => (PaymentEvent::Paid, invoice.amount_paid),
        Some("open") if has_failed => (PaymentEvent::Failed, invoice.amount_due),
        Some("open") if invoice.amount_due > 0 && attempt == 0 => {
            (PaymentEvent::Due, invoice.amount_due)
        }
        _ => return None,
    };
    Some(PaymentNews {
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
async fn notify_owner(ctx: &Context, requester: &Requester, news: PaymentNews) -> Result<()> {
    let name = format!("told_{}", news.name().replace('#', "_"));
    super::once(ctx, &name, |tx| {
        Job::NotifyPayment(news.clone()).enqueue(tx)?;
        Ok(match news.event {
            PaymentEvent::Failed => {
                let (service, action) = (Actor::Service, Action::PaymentFailed);
                let entry =
                    AuditEvent::for_organization(ctx, requester, &news.client_id, service, action)
                        .with_target(&news.invoice_id);
                Log::from(entry.with_detail("attempt", news.attempt))
            }
            PaymentEvent::Due | PaymentEvent::Paid => Log::Nothing("people are told"),
        })
    })
    .await
}
