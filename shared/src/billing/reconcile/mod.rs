//! Applies Stripe's state to ours.
//!
//! Each file reconciles one kind of object. It reads our state first and the object from Stripe second, and
//! writes on condition that our state is unchanged, so every order of events ends in the same state. What is
//! posted to a ledger has a unique source, so it is posted once.

pub(super) mod checkout_session;
pub(super) mod customer;
pub(super) mod dispute;
pub(super) mod invoice;
mod paid_change;
mod paid_grant;
pub(super) mod payment_method;
pub(super) mod refund;
mod reversal;
mod spent_quota;
pub(super) mod subscription;

use super::processed_event::ProcessedEvent;
use super::stripe_account::find_organization_of_customer;
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::{AttemptError, Condition, Record, Tx, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::stripe::StripeId;

/// Commits a change once under a name. Later calls with the same name do nothing.
async fn commit_once(
    ctx: &Context,
    name: &str,
    fill: impl Fn(&mut Tx<'_>) -> Result<Log>,
) -> Result<()> {
    let id = StripeId::parse(name).ok_or_else(|| Error::internal("not a name for a record"))?;
    retry_conflicts(ctx, || async {
        let record = ProcessedEvent { id: id.clone(), at: ctx.now() };
        if ctx.table.get::<ProcessedEvent>(&record.key()).await?.is_some() {
            return Ok(());
        }
        let mut tx = ctx.table.transaction();
        tx.put(&record, Condition::Absent, AttemptError::Conflict)?;
        let log = fill(&mut tx)?;
        tx.commit(log).await
    })
    .await
}

/// Returns the organization of a customer and the parsed customer id; `None` if the customer is not ours.
async fn find_organization(
    ctx: &Context,
    customer: Option<&str>,
) -> Result<Option<(OrganizationId, StripeId)>> {
    let Some(customer) = customer.and_then(StripeId::parse) else { return Ok(None) };
    let organization = find_organization_of_customer(ctx, customer.as_str()).await?;
    Ok(organization.map(|organization| (organization, customer)))
}
