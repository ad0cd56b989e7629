//! Money went back.

use super::customer_of_ours;
use super::settle::{Settlement, give_back, settle};
use crate::activity::Action;
use crate::billing::ledger::{Cause, Kind};
use crate::context::Context;
use crate::error::Result;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// Takes back what each refund of a charge had paid for, once for the refund; and gives it again where that
/// failed in the end.
pub(super) async fn handle(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
) -> Result<()> {
    let Some(charge) = stripe.charge(ctx, id.as_str()).await? else { return Ok(()) };
    let customer = customer_of_ours(ctx, charge.customer.as_deref()).await?;
    let intent = charge.payment_intent.as_deref().and_then(StripeId::parse);
    let (Some((organization, _)), Some(intent)) = (customer, intent) else { return Ok(()) };
    let mut refunds = stripe.refunds(ctx, id.as_str()).await?;
    // In the order in which they were made.
    refunds.reverse();
    for refund in &refunds {
        let Some(refund_id) = StripeId::parse(&refund.id) else { continue };
        let taken = Settlement {
            organization_id: &organization,
            intent: &intent,
            amount: refund.amount,
            kind: Kind::Refund,
            cause: Cause::Refund(refund_id.clone()),
            description: "Payment refunded",
            action: Action::CreditsTakenBack,
        };
        match refund.status.as_deref() {
            Some("succeeded") => settle(ctx, stripe, requester, &taken).await?,
            // The bank didn't take it: the money is ours again.
            Some("failed" | "canceled") => {
                let back = Settlement {
                    cause: Cause::RefundFailed(refund_id),
                    description: "Refund failed",
                    action: Action::CreditsGivenBack,
                    ..taken.clone()
                };
                give_back(ctx, requester, &back, &taken.cause).await?;
            }
            _ => {}
        }
    }
    Ok(())
}
