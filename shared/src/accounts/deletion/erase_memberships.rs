//! Erasing the memberships of an account: its own organizations are deleted, and it leaves the others.

use super::erase_log::erase_log;
use crate::accounts::User;
use crate::activity::{Action, AuditEvent, AuditScope, Log};
use crate::billing::ledger::Balance;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, retry_conflicts};
use crate::error::Error;
use crate::ids::OrganizationId;
use crate::organizations::sweep::{delete_organization_row, sweep_batch};
use crate::organizations::{Member, Membership, Organization, end_membership, list_memberships};
use crate::requester::Requester;
use crate::stripe::Stripe;
use crate::{billing, keys};

/// Deletes the organizations that have no other member, and ends all other memberships.
///
/// # Errors
/// - [`Error::Internal`] if the account owns an organization that has other members; nothing is deleted then.
/// - [`AttemptError::Conflict`] if an organization has changed since its members were read.
/// - [`Error::Contention`] if concurrent changes of a membership kept interfering.
/// - [`Error::Unavailable`] if the table or Stripe does not respond.
pub(super) async fn erase_memberships(ctx: &Context, stripe: &Stripe, user: &User) -> Attempt<()> {
    let memberships = list_memberships(ctx, &user.id).await?;
    if memberships.iter().any(|membership| matches!(membership, Membership::OwnerWithMembers(_))) {
        // Nobody can join an organization whose owner is being deleted, so this cannot happen. An
        // organization with other members is never deleted here.
        return Err(
            Error::internal("others belong to a client of an account that is erased").into()
        );
    }
    for membership in memberships {
        match membership {
            Membership::SoleOwner(organization) => {
                erase_organization(ctx, stripe, organization).await?
            }
            // A deleted organization may be restored, so the person leaves it like any other.
            Membership::Member(id) | Membership::Deleted(id) => {
                retry_conflicts(ctx, || leave(ctx, user, &id)).await?;
            }
            Membership::OwnerWithMembers(_) => {}
        }
    }
    Ok(())
}

/// Deletes an organization without other members. Returns [`AttemptError::Conflict`] if it has changed since its
/// members were read. The owner's memberships name it until it is gone, so that a later run finds it.
async fn erase_organization(
    ctx: &Context,
    stripe: &Stripe,
    organization: Organization,
) -> Attempt<()> {
    let organization =
        if organization.exists() { mark_deleted(ctx, organization).await? } else { organization };
    // Billing ends first, while the organization's ids at Stripe are still stored.
    billing::delete_customer(ctx, stripe, &organization.id).await?;
    while !sweep_batch(ctx, &organization).await? {}
    // Keys go before the log: afterwards the use of a key can add no entry. The organization goes after
    // the log, because it knows when the log starts.
    erase_log(ctx, &AuditScope::Organization(organization.id.clone()), organization.created_at)
        .await?;
    delete_organization_row(ctx, &organization).await
}

async fn mark_deleted(ctx: &Context, organization: Organization) -> Attempt<Organization> {
    let balance = keys::balance(&organization.id);
    let found: Option<Balance> = ctx.table.get(&balance).await?;
    let mut tx = ctx.table.transaction();
    match found {
        Some(found) => found.close(&mut tx, ctx.now())?,
        None => tx.check(&balance, &Condition::Absent, AttemptError::Conflict)?,
    }
    let organization = organization.mark_deleted(ctx.now()).store(&mut tx)?;
    tx.commit(Log::Nothing("the log is erased with the client")).await?;
    Ok(organization)
}

async fn leave(ctx: &Context, user: &User, id: &OrganizationId) -> Attempt<()> {
    let (client_key, member_key) = (keys::organization(id), keys::member(id, &user.id));
    let found = ctx.table.batch_get(&[client_key.clone(), member_key.clone()]).await?;
    let organization: Option<Organization> = found.read(&client_key)?;
    let member: Option<Member> = found.read(&member_key)?;
    let Some((organization, member)) = organization.zip(member) else {
        // The organization was deleted, or the membership was ended meanwhile.
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
