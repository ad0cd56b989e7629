//! Sets the monthly quota that is agreed on with an organization.

use crate::activity::{Action, AuditEvent, AuditScope};
use crate::billing::{AgreedQuota, Plan};
use crate::context::Context;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::Organization;
use crate::support_case::SupportCase;

/// Largest quota that can be agreed on. `ops/admin` has the same limit.
pub const MAX_AGREED_QUOTA: u32 = 999_999_999;

/// Sets the credits per month that replace those of the organization's current plan, or ends the agreement with `None`.
/// They count while the organization is on this plan: another plan has its own credits, and returning to this plan
/// brings the agreement back. The next paid period of a subscription grants them. The current one stays as it is, and
/// an organization without a subscription is granted nothing. Does nothing if the quota is agreed on already.
///
/// # Errors
/// - `InvalidField` if the quota is 0 or above [`MAX_AGREED_QUOTA`], or if the organization is on the free plan.
/// - `NotFound` if the organization does not exist.
/// - `Contention` if concurrent changes kept interfering.
pub async fn set_agreed_quota(
    ctx: &Context,
    id: &OrganizationId,
    quota: Option<u32>,
    case: &SupportCase,
) -> Result<Organization> {
    if quota.is_some_and(|credits| credits == 0 || credits > MAX_AGREED_QUOTA) {
        let why = format!("must be from 1 to {MAX_AGREED_QUOTA}");
        return Err(Error::invalid_field("credits", why));
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
    let (before, plan) = (organization.agreed_quota, organization.plan);
    let agreed_quota = quota.map(|credits| AgreedQuota { plan, credits });
    if before == agreed_quota {
        return Ok(organization);
    }
    if agreed_quota.is_some() && plan == Plan::Free {
        let why = "is on the free plan: a quota is agreed on for a paid or an agreed plan";
        return Err(Error::invalid_field("client_id", why).into());
    }
    let mut tx = ctx.table.transaction();
    let organization = Organization { agreed_quota, ..organization }.store(&mut tx)?;
    let scope = AuditScope::Organization(id.clone());
    let event = AuditEvent::for_support(ctx, &scope, case, Action::QuotaAgreed);
    let details = [("before", before), ("after", agreed_quota)];
    let event = details.into_iter().fold(event, |event, (name, quota)| match quota {
        Some(quota) => event.with_detail(name, quota.credits),
        None => event,
    });
    let event = event.with_detail("plan", plan.name());
    tx.commit(event).await?;
    Ok(organization)
}
