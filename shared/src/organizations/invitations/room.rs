//! Whether an organization may invite an address.

use super::Invitation;
use crate::accounts::EmailGuard;
use crate::context::Context;
use crate::dynamo::{Range, Record, SortKeyCondition};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::organizations::{Member, Organization};
use crate::values::EmailAddress;

/// [`Error::AlreadyMember`] where whoever has the address, as its guard says, belongs to the organization;
/// [`Error::PlanLimit`] where members and those who are invited would be more than the plan allows.
pub(super) async fn check(
    ctx: &Context,
    organization: &Organization,
    email: &EmailAddress,
    guard: Option<&EmailGuard>,
) -> Result<()> {
    let (belongs, invited) = tokio::try_join!(
        belongs(ctx, organization, guard),
        invited_others(ctx, organization, email)
    )?;
    if belongs { Err(Error::AlreadyMember) } else { organization.has_room_for_members(invited + 1) }
}

/// Whether whoever has the address is a member. Where nobody has it, somebody who doesn't exist is looked
/// up: how long it takes tells nothing of other accounts.
async fn belongs(
    ctx: &Context,
    organization: &Organization,
    guard: Option<&EmailGuard>,
) -> Result<bool> {
    // One that is only kept for an account that has moved on is nobody's.
    let guard = guard.filter(|guard| guard.reserved_until.is_none());
    let user = guard.map_or_else(|| UserId::generate(&*ctx.random), |guard| guard.user_id.clone());
    let key = keys::member(&organization.id, &user);
    Ok(ctx.table.get::<Member>(&key).await?.is_some())
}

/// How many others are invited, where that matters: a plan with a limit has few.
async fn invited_others(
    ctx: &Context,
    organization: &Organization,
    email: &EmailAddress,
) -> Result<u32> {
    if organization.plan.limits().members.is_none() {
        return Ok(0);
    }
    let pk = &organization.key().pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::INVITATIONS) };
    let all: Vec<Invitation> = ctx.table.all(&range).await?;
    let counts = |other: &&Invitation| other.is_live(ctx.now()) && other.email != *email;
    Ok(u32::try_from(all.iter().filter(counts).count()).unwrap_or(u32::MAX))
}
