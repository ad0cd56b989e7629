//! What an account that is erased has in organizations: its own go, and it leaves those of others.

use super::erase::erase_log;
use crate::accounts::User;
use crate::activity::{Action, AuditEvent, AuditScope, Log};
use crate::context::Context;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::organizations::sweep::{delete_organization_row, sweep_batch};
use crate::organizations::{Member, Membership, Organization, end_membership, list_memberships};
use crate::requester::Requester;
use crate::stripe::Stripe;
use crate::{billing, keys};

/// Deletes the clients that nobody else belongs to, and ends the memberships in those of others.
pub(super) async fn erase_memberships(ctx: &Context, stripe: &Stripe, user: &User) -> Result<()> {
    let memberships = list_memberships(ctx, &user.id).await?;
    if memberships.iter().any(|membership| matches!(membership, Membership::OwnerWithMembers(_))) {
        // Joining a client whose owner is leaving has to be refused; nothing of others' is deleted.
        return Err(Error::internal("others belong to a client of an account that is erased"));
    }
    for membership in memberships {
        match membership {
            Membership::SoleOwner(organization) => erase_client(ctx, stripe, organization).await?,
            Membership::Member(id) => retry_conflicts(ctx, || leave(ctx, user, &id)).await?,
            // Its sweep may take a while, and the person is to be gone from it now.
            Membership::Deleted(id) => ctx.table.delete(&keys::member(&id, &user.id)).await?,
            Membership::OwnerWithMembers(_) => {}
        }
    }
    Ok(())
}

/// Deletes a client, as it was when it was seen that nobody else belongs to it: [`Error::Conflict`] where
/// it has changed. As long as it is there, its owner's list names it, so that the next run goes on.
async fn erase_client(ctx: &Context, stripe: &Stripe, organization: Organization) -> Result<()> {
    let organization =
        if organization.exists() { mark(ctx, organization).await? } else { organization };
    // While what it is at Stripe is still known.
    billing::delete_customer(ctx, stripe, &organization.id).await?;
    while !sweep_batch(ctx, &organization).await? {}
    // Keys go before the log: the use of one, which is logged, is refused from here on. The client goes
    // after it: it says since when there is a log.
    erase_log(ctx, &AuditScope::Organization(organization.id.clone()), organization.created_at)
        .await?;
    delete_organization_row(ctx, &organization).await
}

async fn mark(ctx: &Context, organization: Organization) -> Result<Organization> {
    let mut tx = ctx.table.transaction();
    let organization = organization.mark_deleted(ctx.now()).store(&mut tx)?;
    tx.commit(Log::Nothing("the log is erased with the client")).await?;
    Ok(organization)
}

async fn leave(ctx: &Context, user: &User, id: &OrganizationId) -> Result<()> {
    let (client_key, member_key) = (keys::organization(id), keys::member(id, &user.id));
    let found = ctx.table.batch_get(&[client_key.clone(), member_key.clone()]).await?;
    let organization: Option<Organization> = found.read(&client_key)?;
    let member: Option<Member> = found.read(&member_key)?;
    let Some((organization, member)) = organization.filter(Organization::exists).zip(member) else {
        // It was deleted meanwhile, or somebody else has ended the membership.
        return ctx.table.delete(&member_key).await;
    };
    let mut tx = ctx.table.transaction();
    end_membership(&mut tx, organization, &member)?;
    let (requester, action) = (Requester::service(), Action::MemberLeft);
    tx.commit(
        AuditEvent::for_organization(ctx, &requester, id, &user.id, action).with_target(&user.id),
    )
    .await
}
