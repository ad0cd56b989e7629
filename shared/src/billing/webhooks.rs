//! Processes events of Stripe.
//!
//! An event only says that an object has changed. Its state is read from Stripe, so events may be late, repeated
//! and in any order. An event is recorded as processed after everything else, so a failed one is processed again
//! when it is redelivered.

use std::collections::HashSet;

use super::processed_event::ProcessedEvent;
use super::reconcile::{
    checkout_session, customer, dispute, invoice, payment_method, refund, subscription,
};
use crate::context::Context;
use crate::dynamo::{Condition, retry_conflicts};
use crate::error::{Error, Result};
use crate::keys;
use crate::requester::Requester;
use crate::stripe::events::StripeEvent;
use crate::stripe::{Stripe, StripeId};

/// The event types that are processed. The webhook endpoint at Stripe must send the same ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EventType {
    CheckoutSessionCompleted,
    CheckoutSessionAsyncPaymentSucceeded,
    CheckoutSessionAsyncPaymentFailed,
    CheckoutSessionExpired,
    CustomerSubscriptionCreated,
    CustomerSubscriptionUpdated,
    CustomerSubscriptionDeleted,
    InvoiceFinalized,
    InvoicePaid,
    InvoicePaymentFailed,
    ChargeRefunded,
    RefundUpdated,
    RefundFailed,
    ChargeDisputeCreated,
    ChargeDisputeClosed,
    PaymentMethodDetached,
    CustomerDeleted,
    ChargeDisputeFundsReinstated,
    CustomerSubscriptionPendingUpdateExpired,
    SubscriptionScheduleUpdated,
}

impl EventType {
    const ALL: [Self; 20] = [
        Self::CheckoutSessionCompleted,
        Self::CheckoutSessionAsyncPaymentSucceeded,
        Self::CheckoutSessionAsyncPaymentFailed,
        Self::CheckoutSessionExpired,
        Self::CustomerSubscriptionCreated,
        Self::CustomerSubscriptionUpdated,
        Self::CustomerSubscriptionDeleted,
        Self::InvoiceFinalized,
        Self::InvoicePaid,
        Self::InvoicePaymentFailed,
        Self::ChargeRefunded,
        Self::RefundUpdated,
        Self::RefundFailed,
        Self::ChargeDisputeCreated,
        Self::ChargeDisputeClosed,
        Self::PaymentMethodDetached,
        Self::CustomerDeleted,
        Self::ChargeDisputeFundsReinstated,
        Self::CustomerSubscriptionPendingUpdateExpired,
        Self::SubscriptionScheduleUpdated,
    ];

    /// Parses Stripe's name; `None` if events of that type are not processed.
    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event_type| event_type.name() == name)
    }

    /// Returns Stripe's name.
    const fn name(self) -> &'static str {
        match self {
            Self::CheckoutSessionCompleted => "checkout.session.completed",
            Self::CheckoutSessionAsyncPaymentSucceeded => {
                "checkout.session.async_payment_succeeded"
            }
            Self::CheckoutSessionAsyncPaymentFailed => "checkout.session.async_payment_failed",
            Self::CheckoutSessionExpired => "checkout.session.expired",
            Self::CustomerSubscriptionCreated => "customer.subscription.created",
            Self::CustomerSubscriptionUpdated => "customer.subscription.updated",
            Self::CustomerSubscriptionDeleted => "customer.subscription.deleted",
            Self::InvoiceFinalized => "invoice.finalized",
            Self::InvoicePaid => "invoice.paid",
            Self::InvoicePaymentFailed => "invoice.payment_failed",
            Self::ChargeRefunded => "charge.refunded",
            Self::RefundUpdated => "refund.updated",
            Self::RefundFailed => "refund.failed",
            Self::ChargeDisputeCreated => "charge.dispute.created",
            Self::ChargeDisputeClosed => "charge.dispute.closed",
            Self::PaymentMethodDetached => "payment_method.detached",
            Self::CustomerDeleted => "customer.deleted",
            Self::ChargeDisputeFundsReinstated => "charge.dispute.funds_reinstated",
            Self::CustomerSubscriptionPendingUpdateExpired => {
                "customer.subscription.pending_update_expired"
            }
            Self::SubscriptionScheduleUpdated => "subscription_schedule.updated",
        }
    }
}

/// The names of the event types that are processed.
pub const EVENT_TYPES: [&str; EventType::ALL.len()] = {
    let mut names = [""; EventType::ALL.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = EventType::ALL[index].name();
        index += 1;
    }
    names
};

/// Processes an event, unless it was processed before. Ignores types that are not in [`EVENT_TYPES`] and objects of
/// other customers.
///
/// # Errors
/// `InvalidField` if the event's id is malformed. `Unavailable` or `Internal` if DynamoDB or Stripe fails; Stripe
/// must redeliver the event then.
pub async fn process_event(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    event: &StripeEvent,
) -> Result<()> {
    let Some(event_type) = EventType::parse(&event.kind) else { return Ok(()) };
    let id = StripeId::parse(&event.id).ok_or_else(|| Error::invalid_field("id", "not an id"))?;
    if ctx.table.get::<ProcessedEvent>(&keys::stripe_object(id.as_str())).await?.is_some() {
        return Ok(());
    }
    reconcile(ctx, stripe, requester, event_type, event).await?;
    let processed = ProcessedEvent { id, at: ctx.now() };
    // An item that exists already was written by a concurrent delivery of the same event.
    retry_conflicts(ctx, || ctx.table.put(&processed, Condition::Absent)).await.map(|_is_new| ())
}

/// Applies the state of the event's object.
async fn reconcile(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    event_type: EventType,
    event: &StripeEvent,
) -> Result<()> {
    let object = &event.data.object;
    let Some(id) = object.id.as_deref().and_then(StripeId::parse) else { return Ok(()) };
    match event_type {
        EventType::CheckoutSessionCompleted
        | EventType::CheckoutSessionAsyncPaymentSucceeded
        | EventType::CheckoutSessionAsyncPaymentFailed
        | EventType::CheckoutSessionExpired => {
            checkout_session::reconcile(ctx, stripe, requester, &id).await
        }
        EventType::CustomerSubscriptionCreated
        | EventType::CustomerSubscriptionUpdated
        | EventType::CustomerSubscriptionDeleted
        | EventType::CustomerSubscriptionPendingUpdateExpired => {
            let customer = object.customer.as_deref();
            subscription::reconcile_by_id(ctx, stripe, requester, &id, customer).await
        }
        EventType::SubscriptionScheduleUpdated => {
            match object.subscription.as_deref().and_then(StripeId::parse) {
                Some(id) => {
                    let customer = object.customer.as_deref();
                    subscription::reconcile_by_id(ctx, stripe, requester, &id, customer).await
                }
                None => Ok(()),
            }
        }
        EventType::InvoiceFinalized | EventType::InvoicePaid => {
            invoice::reconcile(ctx, stripe, requester, &id, false).await
        }
        EventType::InvoicePaymentFailed => {
            invoice::reconcile(ctx, stripe, requester, &id, true).await
        }
        EventType::ChargeRefunded => refund::reconcile(ctx, stripe, requester, &id).await,
        EventType::RefundUpdated | EventType::RefundFailed => {
            match object.charge.as_deref().and_then(StripeId::parse) {
                Some(charge) => refund::reconcile(ctx, stripe, requester, &charge).await,
                None => Ok(()),
            }
        }
        EventType::ChargeDisputeCreated
        | EventType::ChargeDisputeClosed
        | EventType::ChargeDisputeFundsReinstated => {
            dispute::reconcile(ctx, stripe, requester, &id).await
        }
        EventType::PaymentMethodDetached => {
            // A detached payment method has no customer; only the event names the former one.
            let before = event.data.previous_attributes.as_ref();
            let customer = before.and_then(|before| before.customer.as_deref());
            payment_method::reconcile(ctx, stripe, requester, &id, customer).await
        }
        EventType::CustomerDeleted => customer::reconcile(ctx, stripe, requester, &id).await,
    }
}

/// Returns the ids of the events that were processed.
///
/// # Errors
/// `Unavailable` if DynamoDB cannot be reached.
pub(super) async fn processed_events(
    ctx: &Context,
    events: &[StripeEvent],
) -> Result<HashSet<String>> {
    let rows: Vec<_> = events.iter().map(|event| keys::stripe_object(&event.id)).collect();
    let found = ctx.table.batch_get_any(&rows).await?;
    let mut processed = HashSet::new();
    for (event, row) in events.iter().zip(&rows) {
        if found.read::<ProcessedEvent>(row)?.is_some() {
            processed.insert(event.id.clone());
        }
    }
    Ok(processed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_type_has_its_own_name() {
        let mut names = EVENT_TYPES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), EVENT_TYPES.len());
        for event_type in EventType::ALL {
            assert_eq!(EventType::parse(event_type.name()), Some(event_type));
        }
    }
}
