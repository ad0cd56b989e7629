//! An invoice became final, was paid, or was not.

use super::customer_of_ours;
use crate::activity::{Action, Actor, Entry};
use crate::billing::account::{Books, Subscription};
use crate::billing::ledger::Period;
use crate::billing::payment::Payment;
use crate::billing::sync::sync;
use crate::billing::{PaymentEvent, PaymentNews};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{Condition, Log, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::ClientId;
use crate::requester::Requester;
use crate::stripe::invoices::Invoice;
use crate::stripe::{Stripe, StripeId};
use crate::work::Job;

/// Brings the subscription in line, grants the quota of a period that is paid, and has the owner told.
pub(in crate::billing) async fn handle(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
) -> Result<()> {
    let Some(invoice) = stripe.invoice(ctx, id).await? else { return Ok(()) };
    let customer = customer_of_ours(ctx, invoice.customer.as_deref()).await?;
    let Some((client, customer)) = customer else { return Ok(()) };
    if let Some(subscription) = invoice.subscription().and_then(StripeId::parse) {
        sync(ctx, stripe, requester, &client, &customer, &subscription).await?;
        if invoice.begins_period() && invoice.status.as_deref() == Some("paid") {
            grant(ctx, &client, &subscription, &invoice).await?;
        }
    }
    tell(ctx, requester, &client, id, &invoice).await
}

/// Grants the quota of a paid period, once; not of one that is past, or of a subscription that is over.
async fn grant(
    ctx: &Context,
    client: &ClientId,
    subscription: &StripeId,
    invoice: &Invoice,
) -> Result<()> {
    let line = invoice.period_line();
    let line = line.ok_or_else(|| Error::internal("a period's invoice has no line for it"))?;
    let period = Period {
        subscription: subscription.clone(),
        start: Timestamp::from_seconds(line.period.start),
        end: Timestamp::from_seconds(line.period.end),
    };
    let payment = invoice.payment().and_then(StripeId::parse);
    retry_conflicts(ctx, || async {
        let Books { client: there, account, balance } = Books::read(ctx, client).await?;
        let known = account.subscription.as_ref().filter(|known| known.id == *subscription);
        let (Some(there), Some(known)) = (there, known) else { return Ok(()) };
        let granted = balance.period();
        let is_newer = granted.is_none_or(|granted| {
            granted.subscription != *subscription || granted.start < period.start
        });
        if !known.status.is_live() || !is_newer {
            return Ok(());
        }
        let credits = Credits::whole(known.quota);
        let mut posted = balance.begin();
        posted.grant(ctx, credits, Some(period.clone()), &description(known))?;
        let mut tx = ctx.table.transaction();
        there.stays(&mut tx)?;
        posted.store(&mut tx)?;
        if let Some(id) = payment.clone() {
            let (client_id, amount) = (client.clone(), invoice.amount_paid);
            let grant = posted.balance.granted.as_ref().map(|quota| quota.entry);
            let payment = Payment { id, client_id, amount, credits, grant };
            tx.put(&payment, Condition::Absent, Error::Conflict)?;
        }
        tx.commit(Log::Nothing("the ledger is the log of what is granted")).await
    })
    .await
}

fn description(subscription: &Subscription) -> String {
    format!("Monthly credits of the {} plan", subscription.plan.name())
}

/// Has the owner told what there is to tell, and notes a failure in the log.
async fn tell(
    ctx: &Context,
    requester: &Requester,
    client: &ClientId,
    id: &StripeId,
    invoice: &Invoice,
) -> Result<()> {
    let attempt = u32::try_from(invoice.attempt_count).unwrap_or_default();
    let (event, amount) = match invoice.status.as_deref() {
        Some("paid") if invoice.amount_paid > 0 => (PaymentEvent::Paid, invoice.amount_paid),
        Some("open") if attempt > 0 => (PaymentEvent::Failed, invoice.amount_due),
        Some("open") if invoice.amount_due > 0 => (PaymentEvent::Due, invoice.amount_due),
        _ => return Ok(()),
    };
    let news = PaymentNews {
        client_id: client.clone(),
        invoice_id: id.to_string(),
        number: invoice.number.clone(),
        event,
        attempt,
        amount,
        currency: invoice.currency.clone(),
        at: ctx.now(),
    };
    let name = format!("told_{}", news.name().replace('#', "_"));
    super::once(ctx, &name, |tx| {
        Job::TellOfPayment(news.clone()).call_for(tx)?;
        Ok(match event {
            PaymentEvent::Failed => {
                let (service, action) = (Actor::Service, Action::PaymentFailed);
                let entry = Entry::of_client(ctx, requester, client, service, action, id);
                Log::from(entry.detail("attempt", attempt))
            }
            PaymentEvent::Due | PaymentEvent::Paid => Log::Nothing("people are told"),
        })
    })
    .await
}
