//! Deletes an organization.

use super::Member;
use super::authorize::authorize_with_recent_proof;
use super::rights::Right;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::jobs::Job;
use crate::keys;
use crate::values::Name;

/// Deletes an organization. It is out of reach at once; the worker then deletes its projects,
/// members and keys ([`super::sweep`]). Its audit log is kept.
///
/// # Errors
///
/// * [`Error::InvalidField`] if `confirm` is not the organization's name.
/// * [`Error::DefaultOrganization`] if it is the default organization of an account.
/// * [`Error::NotFound`] if the organization does not exist.
/// * [`Error::SessionRequired`] if the caller has a bearer token.
/// * [`Error::ReauthRequired`] if the session's proof of identity is not recent.
/// * [`Error::NoAccess`] if the caller does not own it.
pub async fn delete(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    confirm: &str,
) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, caller, id, confirm)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    confirm: &str,
) -> Attempt<()> {
    let (authorized, found) =
        authorize_with_recent_proof(ctx, caller, id, Right::Delete, &[]).await?;
    let organization = authorized.organization.clone();
    if organization.is_default {
        return Err(Error::DefaultOrganization.into());
    }
    if Name::parse(confirm).ok().as_ref() != Some(&organization.name) {
        return Err(Error::invalid_field("confirm", "must be the organization's name").into());
    }
    // A batch read is not a snapshot, so the owner's row may be from another moment than the organization's.
    let owner: Option<Member> = found.read(&keys::member(id, &organization.owner_id))?;
    let owner = owner.ok_or(AttemptError::Conflict)?;
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    tx.delete(&owner.listing_key(&organization), None, AttemptError::Conflict)?;
    Job::SweepOrganization { client_id: id.clone() }.enqueue(&mut tx)?;
    let organization = organization.mark_deleted(ctx.now()).store(&mut tx)?;
    let (actor, action) = (authorized.principal.actor(), Action::OrganizationDeleted);
    let event = AuditEvent::for_organization(ctx, &caller.requester, id, actor, action);
    tx.commit(event.with_detail("name", &organization.name)).await
}
