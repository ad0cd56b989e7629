//! A subscription began, changed or ended.

use super::customer_of_ours;
use crate::billing::sync::{SubscriptionRef, sync};
use crate::context::Context;
use crate::error::Result;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

pub(super) async fn handle(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
) -> Result<()> {
    // Whose it is never changes: how it stands is asked again, once what is known of it was read.
    let Some(found) = stripe.subscription(ctx, id.as_str()).await? else { return Ok(()) };
    match customer_of_ours(ctx, Some(&found.customer)).await? {
        Some((organization, customer)) => {
            let subscription =
                SubscriptionRef { organization_id: &organization, customer: &customer, id };
            sync(ctx, stripe, requester, subscription).await
        }
        None => Ok(()),
    }
}
