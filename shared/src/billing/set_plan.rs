//! Puts an organization on a plan, without payment.

use super::Plan;
use crate::activity::{Action, Actor, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::Organization;
use crate::requester::Requester;

/// Puts an organization on a plan. Does nothing if it is on the plan already. What exceeds the plan's limits stays.
///
/// # Errors
/// `NotFound` if the organization does not exist.
pub async fn set_plan(
    ctx: &Context,
    requester: &Requester,
    organization_id: &OrganizationId,
    plan: Plan,
) -> Result<Organization> {
    retry_conflicts(ctx, || attempt(ctx, requester, organization_id, plan)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    id: &OrganizationId,
    plan: Plan,
) -> Attempt<Organization> {
    let organization: Option<Organization> = ctx.table.get(&keys::organization(id)).await?;
    let organization = organization.filter(Organization::exists).ok_or(Error::NotFound)?;
    if organization.plan == plan {
        return Ok(organization);
    }
    let before = organization.plan;
    let mut tx = ctx.table.transaction();
    let organization = Organization { plan, ..organization }.store(&mut tx)?;
    let entry =
        AuditEvent::for_organization(ctx, requester, id, Actor::Service, Action::PlanChanged);
    tx.commit(entry.with_detail("before", before.name()).with_detail("after", plan.name())).await?;
    Ok(organization)
}
