//! Suspends an organization, and ends a suspension.

use crate::activity::{Action, AuditEvent, AuditScope};
use crate::context::Context;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::Organization;
use crate::support_case::SupportCase;
use crate::suspension::Suspension;

/// Suspends an organization: calls on it are refused, by its keys and its members, until the suspension ends. Work that
/// was accepted before continues. Does nothing if it is suspended already.
///
/// # Errors
/// `NotFound` if there is no such organization, `Contention` if concurrent changes kept interfering.
pub async fn suspend_organization(
    ctx: &Context,
    id: &OrganizationId,
    case: &SupportCase,
) -> Result<Organization> {
    retry_conflicts(ctx, || async {
        let organization = read(ctx, id).await?;
        if organization.suspension.is_some() {
            return Ok(organization);
        }
        let suspension = Some(Suspension::new(ctx.now(), case));
        let organization = Organization { suspension, ..organization };
        store(ctx, organization, case, Action::OrganizationSuspended).await
    })
    .await
}

/// Ends the suspension of an organization. Does nothing if it is not suspended.
///
/// # Errors
/// `NotFound` if there is no such organization, `Contention` if concurrent changes kept interfering.
pub async fn unsuspend_organization(
    ctx: &Context,
    id: &OrganizationId,
    case: &SupportCase,
) -> Result<Organization> {
    retry_conflicts(ctx, || async {
        let organization = read(ctx, id).await?;
        if organization.suspension.is_none() {
            return Ok(organization);
        }
        let organization = Organization { suspension: None, ..organization };
        store(ctx, organization, case, Action::OrganizationUnsuspended).await
    })
    .await
}

/// Reads an organization, which may be deleted: one that can still be restored can be suspended.
async fn read(ctx: &Context, id: &OrganizationId) -> Result<Organization> {
    ctx.table.get(&keys::organization(id)).await?.ok_or(Error::NotFound)
}

async fn store(
    ctx: &Context,
    organization: Organization,
    case: &SupportCase,
    action: Action,
) -> Attempt<Organization> {
    let mut tx = ctx.table.transaction();
    let stored = organization.store(&mut tx)?;
    let scope = AuditScope::Organization(stored.id.clone());
    tx.commit(AuditEvent::for_support(ctx, &scope, case, action)).await?;
    Ok(stored)
}
