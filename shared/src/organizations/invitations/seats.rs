//! The seats of an organization: checks that one is left for an invited address, and claims it.

use super::Invitation;
use crate::accounts::EmailGuard;
use crate::context::Context;
use crate::dynamo::{Range, Record, SortKeyCondition, Tx};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::organizations::{Member, Organization};
use crate::values::EmailAddress;

/// Checks that `email` can be invited. `guard` is the row that reserves the address for an account.
///
/// # Errors
///
/// * [`Error::AlreadyMember`] if the account with this address is a member.
/// * [`Error::PlanLimit`] if members and invitations together would exceed the plan.
pub(super) async fn check_seat_available(
    ctx: &Context,
    organization: &Organization,
    email: &EmailAddress,
    guard: Option<&EmailGuard>,
) -> Result<()> {
    let (is_member, other_invitations) = tokio::try_join!(
        is_member(ctx, organization, guard),
        count_other_invitations(ctx, organization, email)
    )?;
    if is_member {
        Err(Error::AlreadyMember)
    } else {
        organization.check_member_limit(other_invitations + 1)
    }
}

/// Claims a seat for an invitation in `tx`, after [`check_seat_available`] has found one free.
///
/// Where the plan limits the seats, the organization's version makes the check hold at commit: any
/// invitation or membership that was added after `organization` was read has changed the version.
///
/// # Errors
///
/// * [`AttemptError::Conflict`](crate::dynamo::AttemptError::Conflict) on commit if the organization
///   was deleted, or its seats may have changed.
pub(super) fn claim_seat(tx: &mut Tx<'_>, organization: &Organization) -> Result<()> {
    if organization.plan.limits().members.is_none() {
        return organization.require_exists(tx);
    }
    organization.clone().store(tx).map(|_| ())
}

/// Returns whether the account with the address is a member. Without an account, a random id is
/// looked up, so that the response time does not reveal whether the account exists.
async fn is_member(
    ctx: &Context,
    organization: &Organization,
    guard: Option<&EmailGuard>,
) -> Result<bool> {
    // A reserved address belongs to no account: its former account has moved to another address.
    let guard = guard.filter(|guard| guard.reserved_until.is_none());
    let user = guard.map_or_else(|| UserId::generate(&*ctx.random), |guard| guard.user_id.clone());
    let key = keys::member(&organization.id, &user);
    Ok(ctx.table.get::<Member>(&key).await?.is_some())
}

/// Counts the open invitations to other addresses. Plans without a limit need no count, and a plan
/// with a limit has few of them.
async fn count_other_invitations(
    ctx: &Context,
    organization: &Organization,
    email: &EmailAddress,
) -> Result<u32> {
    if organization.plan.limits().members.is_none() {
        return Ok(0);
    }
    let pk = &organization.key().pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::INVITATIONS) };
    let all: Vec<Invitation> = ctx.table.query_all(&range).await?;
    let counts = |other: &&Invitation| other.is_live(ctx.now()) && other.email != *email;
    Ok(u32::try_from(all.iter().filter(counts).count()).unwrap_or(u32::MAX))
}
