//! Puts an organization on a plan that is agreed on, without a subscription at Stripe.

use crate::activity::{Action, AuditEvent, AuditScope};
use crate::billing::Plan;
use crate::billing::billing_state::BillingState;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::organizations::Organization;
use crate::support_case::SupportCase;

/// Puts an organization on a plan. The plan sets limits and grants no credits. What exceeds the limits stays. Does
/// nothing if the organization is on the plan already.
///
/// # Errors
/// - `NotFound` if the organization does not exist.
/// - `AlreadySubscribed` if it has a subscription, which sets the plan.
/// - `Contention` if concurrent changes kept interfering.
pub async fn set_agreed_plan(
    ctx: &Context,
    id: &OrganizationId,
    plan: Plan,
    case: &SupportCase,
) -> Result<Organization> {
    retry_conflicts(ctx, || attempt(ctx, id, plan, case)).await
}

async fn attempt(
    ctx: &Context,
    id: &OrganizationId,
    plan: Plan,
    case: &SupportCase,
) -> Attempt<Organization> {
    let state = BillingState::read(ctx, id).await?;
    let organization = state.organization.ok_or(Error::NotFound)?;
    if state.account.is_subscribed() {
        return Err(Error::AlreadySubscribed.into());
    }
    if organization.plan == plan {
        return Ok(organization);
    }
    let before = organization.plan;
    let mut tx = ctx.table.transaction();
    // A subscription that starts meanwhile changes the account.
    let unchanged = match state.account.version {
        0 => Condition::Absent,
        version => Condition::equal("version", version)?,
    };
    tx.check(&state.account.key(), &unchanged, AttemptError::Conflict)?;
    let organization = Organization { plan, ..organization }.store(&mut tx)?;
    let scope = AuditScope::Organization(id.clone());
    let event = AuditEvent::for_support(ctx, &scope, case, Action::PlanChanged);
    let event = event.with_detail("before", before.name()).with_detail("after", plan.name());
    tx.commit(event).await?;
    Ok(organization)
}
