//! Money went back.

use super::customer_of_ours;
use super::settle::{Settlement, settle};
use crate::activity::Action;
use crate::billing::ledger::{Cause, Kind};
use crate::context::Context;
use crate::error::Result;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// Takes back what each refund of a charge had paid for, once for the refund.
pub(super) async fn handle(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
) -> Result<()> {
    let Some(charge) = stripe.charge(ctx, id.as_str()).await? else { return Ok(()) };
    let customer = customer_of_ours(ctx, charge.customer.as_deref()).await?;
    let intent = charge.payment_intent.as_deref().and_then(StripeId::parse);
    let (Some((client, _)), Some(intent)) = (customer, intent) else { return Ok(()) };
    let mut refunds = stripe.refunds(ctx, id.as_str()).await?;
    // In the order in which they were made.
    refunds.reverse();
    for refund in refunds.iter().filter(|refund| refund.status.as_deref() == Some("succeeded")) {
        let Some(refund_id) = StripeId::parse(&refund.id) else { continue };
        let settlement = Settlement {
            client: &client,
            intent: &intent,
            amount: refund.amount,
            kind: Kind::Refund,
            cause: Cause::Refund(refund_id),
            description: "Payment refunded",
            action: Action::CreditsTakenBack,
        };
        settle(ctx, stripe, requester, &settlement).await?;
    }
    Ok(())
}
