//! A card was removed.

use super::customer_of_ours;
use crate::activity::{Action, Actor, AuditEvent};
use crate::context::Context;
use crate::error::Result;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// Notes it in the log, unless it is somebody's again. Nothing else is kept of cards.
pub(super) async fn handle(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    id: &StripeId,
    customer: Option<&str>,
) -> Result<()> {
    let Some((organization, _)) = customer_of_ours(ctx, customer).await? else { return Ok(()) };
    let Some(method) = stripe.payment_method(ctx, id.as_str()).await? else { return Ok(()) };
    if method.customer.is_some() {
        return Ok(());
    }
    let action = Action::PaymentMethodRemoved;
    let entry = AuditEvent::for_organization(ctx, requester, &organization, Actor::Service, action)
        .with_target(id);
    let last4 = method.card.map(|card| card.last4).unwrap_or_default();
    let entry = entry.with_detail("type", method.kind).with_detail("last4", last4);
    super::once(ctx, &format!("noted_{id}"), |_| Ok(entry.clone().into())).await
}
