//! What happens at Stripe, and what follows from it here.
//!
//! | events | file |
//! |---|---|
//! | `checkout.session.*` | `session` |
//! | `customer.subscription.*` | `subscription` |
//! | `invoice.*` | `invoice` |
//! | `charge.refunded`, `refund.*` | `refund` |
//! | `charge.dispute.*` | `dispute` |
//! | `payment_method.detached` | `payment_method` |
//! | `customer.deleted` | `customer` |
//!
//! An event says that something has changed, and no more: how it stands is asked of Stripe, so that events may
//! come late, twice, and in any order. What follows is written on condition, and once for each thing that it
//! is about ([`super::ledger::Cause`]), not for each event. An event that was handled is noted afterwards:
//! whatever fails before is done again when it comes again.

mod customer;
mod dispute;
pub(super) mod invoice;
mod payment_method;
mod refund;
mod session;
mod settle;
mod subscription;

use std::collections::HashSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::account::client_of;
use crate::activity::Log;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Key, Record, Tx, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::requester::Requester;
use crate::stripe::events::Event;
use crate::stripe::{Stripe, StripeId};

/// What is listened for: to be set at Stripe's endpoint, too.
pub const KINDS: [&str; 18] = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "invoice.finalized",
    "invoice.paid",
    PAYMENT_FAILED,
    "charge.refunded",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.closed",
    "payment_method.detached",
    "customer.deleted",
    "charge.dispute.funds_reinstated",
];

const PAYMENT_FAILED: &str = "invoice.payment_failed";

/// How long an event is known to have been handled: longer than Stripe keeps it.
const KNOWN: Duration = Duration::from_secs(35 * 24 * 60 * 60);

/// That an event was handled.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Handled {
    id: StripeId,
    at: Timestamp,
}

impl Record for Handled {
    fn key(&self) -> Key {
        keys::stripe(self.id.as_str())
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.at.plus(KNOWN).seconds())
    }
}

/// Does what follows from an event, unless that was done. One that isn't listened for, or is about somebody
/// who isn't a customer of ours, is nothing. After an error it is to come again.
pub async fn handle(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    event: &Event,
) -> Result<()> {
    if !KINDS.contains(&event.kind.as_str()) {
        return Ok(());
    }
    let id = StripeId::parse(&event.id).ok_or_else(|| Error::invalid_field("id", "not an id"))?;
    if ctx.table.get::<Handled>(&keys::stripe(id.as_str())).await?.is_some() {
        return Ok(());
    }
    follow(ctx, stripe, requester, event).await?;
    let handled = Handled { id, at: ctx.now() };
    // An item that exists already was written by a concurrent delivery of the same event.
    ctx.table.put(&handled, Condition::Absent).await.map(|_is_new| ())
}

/// Which of those events were handled: their ids.
pub(super) async fn handled(ctx: &Context, events: &[Event]) -> Result<HashSet<String>> {
    let rows: Vec<_> = events.iter().map(|event| keys::stripe(&event.id)).collect();
    let found = ctx.table.batch_get_any(&rows).await?;
    let mut handled = HashSet::new();
    for (event, row) in events.iter().zip(&rows) {
        if found.read::<Handled>(row)?.is_some() {
            handled.insert(event.id.clone());
        }
    }
    Ok(handled)
}

async fn follow(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    event: &Event,
) -> Result<()> {
    let object = &event.data.object;
    let Some(id) = object.id.as_deref().and_then(StripeId::parse) else { return Ok(()) };
    let kind = event.kind.as_str();
    if kind.starts_with("checkout.session.") {
        session::handle(ctx, stripe, requester, &id).await
    } else if kind.starts_with("customer.subscription.") {
        subscription::handle(ctx, stripe, requester, &id).await
    } else if kind.starts_with("invoice.") {
        invoice::handle(ctx, stripe, requester, &id, kind == PAYMENT_FAILED).await
    } else if kind == "charge.refunded" {
        refund::handle(ctx, stripe, requester, &id).await
    } else if kind.starts_with("refund.") {
        match object.charge.as_deref().and_then(StripeId::parse) {
            Some(charge) => refund::handle(ctx, stripe, requester, &charge).await,
            None => Ok(()),
        }
    } else if kind.starts_with("charge.dispute.") {
        dispute::handle(ctx, stripe, requester, &id).await
    } else if kind == "payment_method.detached" {
        // It isn't anybody's any more: only the event says whose it was.
        let before = event.data.previous_attributes.as_ref();
        let customer = before.and_then(|before| before.customer.as_deref());
        payment_method::handle(ctx, stripe, requester, &id, customer).await
    } else {
        customer::handle(ctx, stripe, requester, &id).await
    }
}

/// Changes something once under that name.
async fn once(ctx: &Context, name: &str, fill: impl Fn(&mut Tx<'_>) -> Result<Log>) -> Result<()> {
    let id = StripeId::parse(name).ok_or_else(|| Error::internal("not a name for a guard"))?;
    retry_conflicts(ctx, || async {
        let handled = Handled { id: id.clone(), at: ctx.now() };
        if ctx.table.get::<Handled>(&handled.key()).await?.is_some() {
            return Ok(());
        }
        let mut tx = ctx.table.transaction();
        tx.put(&handled, Condition::Absent, Error::Conflict)?;
        let log = fill(&mut tx)?;
        tx.commit(log).await
    })
    .await
}

/// Whose customer that is, and its id: `None` of one that isn't ours.
async fn customer_of_ours(
    ctx: &Context,
    customer: Option<&str>,
) -> Result<Option<(OrganizationId, StripeId)>> {
    let Some(customer) = customer.and_then(StripeId::parse) else { return Ok(None) };
    Ok(client_of(ctx, customer.as_str()).await?.map(|organization| (organization, customer)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_is_listened_for_once() {
        let mut kinds = KINDS.to_vec();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), KINDS.len());
    }
}
