//! Deleting an organization.

use super::Member;
use super::admit::admit;
use super::rights::Right;
use crate::activity::{Action, Entry};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::requester::Requester;
use crate::values::Name;
use crate::work::Job;

/// Deletes an organization: from now on nobody reaches anything of it, and what lies under it is swept
/// ([`super::sweep`]), which takes no part of this call's time. Its activity stays.
///
/// `confirm` has to be its name: [`Error::InvalidField`]. [`Error::DefaultOrganization`] of the one that came
/// with an account; [`Error::NotFound`], [`Error::NoAccess`].
pub async fn delete(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &OrganizationId,
    confirm: &str,
) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, requester, credential, id, confirm)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &OrganizationId,
    confirm: &str,
) -> Result<()> {
    let (admitted, found) = admit(ctx, requester, credential, id, Right::Delete, &[]).await?;
    let organization = admitted.organization.clone();
    if organization.is_default {
        return Err(Error::DefaultOrganization);
    }
    if Name::parse(confirm).ok().as_ref() != Some(&organization.name) {
        return Err(Error::invalid_field("confirm", "must be the organization's name"));
    }
    // Read beside the client, so that it may not be of the same moment.
    let owner: Option<Member> = found.read(&keys::member(id, &organization.owner_id))?;
    let owner = owner.ok_or(Error::Conflict)?;
    let mut tx = ctx.table.transaction();
    admitted.hold(&mut tx)?;
    tx.delete(&owner.listing(&organization), None, Error::Conflict)?;
    Job::SweepClient { client_id: id.clone() }.call_for(&mut tx)?;
    let organization = organization.deleted(ctx.now()).store(&mut tx)?;
    let (actor, action) = (admitted.caller.actor(), Action::OrganizationDeleted);
    let entry = Entry::of_client(ctx, requester, id, actor, action, id);
    tx.commit(entry.detail("name", &organization.name)).await
}
