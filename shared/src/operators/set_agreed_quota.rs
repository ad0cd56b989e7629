//! Sets the monthly quota that is agreed on with an organization.

use crate::activity::{Action, AuditEvent, AuditScope};
use crate::context::Context;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::Organization;
use crate::support_case::SupportCase;

/// Sets the credits per month that replace those of the plan, on all plans but the free one, or ends the agreement with
/// `None`. The next paid period of a subscription grants them. The current one stays as it is, and an organization
/// without a subscription is granted nothing. Does nothing if the quota is agreed on already.
///
/// # Errors
/// - `InvalidField` if the quota is 0.
/// - `NotFound` if the organization does not exist.
/// - `Contention` if concurrent changes kept interfering.
pub async fn set_agreed_quota(
    ctx: &Context,
    id: &OrganizationId,
    quota: Option<u32>,
    case: &SupportCase,
) -> Result<Organization> {
    if quota == Some(0) {
        return Err(Error::invalid_field("credits", "must not be 0"));
    }
    retry_conflicts(ctx, || attempt(ctx, id, quota, case)).await
}

async fn attempt(
    ctx: &Context,
    id: &OrganizationId,
    quota: Option<u32>,
    case: &SupportCase,
) -> Attempt<Organization> {
    let stored: Option<Organization> = ctx.table.get(&keys::organization(id)).await?;
    let organization = stored.filter(Organization::exists).ok_or(Error::NotFound)?;
    if organization.agreed_quota == quota {
        return Ok(organization);
    }
    let before = organization.agreed_quota;
    let mut tx = ctx.table.transaction();
    let organization = Organization { agreed_quota: quota, ..organization }.store(&mut tx)?;
    let scope = AuditScope::Organization(id.clone());
    let event = AuditEvent::for_support(ctx, &scope, case, Action::QuotaAgreed);
    let details = [("before", before), ("after", quota)];
    let event = details.into_iter().fold(event, |event, (name, quota)| match quota {
        Some(quota) => event.with_detail(name, quota),
        None => event,
    });
    tx.commit(event).await?;
    Ok(organization)
}
