//! Accepts an invitation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::InvitationToken;
use super::held::{Held, look};
use crate::activity::{Action, Entry};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Condition, Tx, Update, keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::organizations::{GivenRole, Member, Organization, Role};

/// The organization that the caller joined, and their role in it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Joined {
    /// The organization that was joined.
    #[serde(rename = "client")]
    organization: OrganizationName,
    /// The new member's role.
    role: GivenRole,
}

/// An organization's id and name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OrganizationName {
    /// Opaque id.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// The name.
    #[schema(example = "Acme Corp")]
    name: String,
}

impl From<&Organization> for OrganizationName {
    fn from(organization: &Organization) -> Self {
        Self { id: organization.id.to_string(), name: organization.name.to_string() }
    }
}

/// Makes the invited person a member of the organization.
///
/// # Errors
///
/// * [`Error::NotFound`] if the token is unknown, used, revoked, replaced or expired, or if the
///   organization's owner is deleting their account.
/// * [`Error::NoAccess`] if the invitation is for another address, for an API key, and for a token
///   that is limited to one organization.
/// * [`Error::EmailNotVerified`] if the caller has not verified their address.
/// * [`Error::AlreadyMember`] if the caller is a member already.
/// * [`Error::PlanLimit`] if the plan allows no more members.
/// * [`Error::IdempotencyConflict`] if the idempotency key was used for another request.
pub async fn accept(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    token: &InvitationToken,
) -> Result<Replayable<Joined>> {
    retry_conflicts(ctx, || attempt(ctx, caller, idempotency_key, token)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    token: &InvitationToken,
) -> Result<Replayable<Joined>> {
    let (looked, done) = tokio::join!(look(ctx, caller, token), idempotency_key.replay(ctx));
    let looked = looked?;
    if let Some(done) = done? {
        return Ok(done);
    }
    let held = looked.held(ctx.now(), token)?;
    if held.member.is_some() {
        return Err(Error::AlreadyMember);
    }
    let mut tx = ctx.table.transaction();
    held.spend(&mut tx)?;
    put_member(ctx, &mut tx, &held)?;
    let joined = Joined {
        organization: OrganizationName::from(&held.organization),
        role: held.invitation.role,
    };
    idempotency_key.store_response(ctx, &mut tx, &joined).await?;
    let (user, organization, action) = (&held.user.id, &held.organization.id, Action::MemberJoined);
    let entry =
        Entry::of_client(ctx, &caller.requester, organization, user, action).with_target(user);
    let entry = entry.detail("role", Role::from(held.invitation.role).name());
    tx.commit(entry.detail("invitation", &held.invitation.id)).await?;
    Ok(Replayable::new(joined))
}

/// Adds both rows of the membership and counts the member, if the plan allows one more.
fn put_member(ctx: &Context, tx: &mut Tx<'_>, held: &Held) -> Result<()> {
    let member = Member {
        client_id: held.organization.id.clone(),
        user_id: held.user.id.clone(),
        role: held.invitation.role.into(),
        joined_at: ctx.now(),
    };
    tx.put(&member, Condition::Absent, Error::Conflict)?;
    tx.put(&member.listed(member.joined_at), Condition::Absent, Error::Conflict)?;
    let organization = held.organization.clone();
    if organization.owner_id == held.user.id {
        // The organization is from before a transfer: its former owner has left it since.
        return Err(Error::Conflict);
    }
    organization.has_room_for_members(1)?;
    // The version check makes the limit hold at commit: nobody else can have joined in between.
    let organization =
        Organization { members: organization.members + 1, ..organization }.store(tx)?;
    // An owner's account that is being erased takes the organization with it, so nobody may join
    // any more. Bumping the version makes a concurrent deletion fail, because it decided on
    // organizations without other members.
    let stays = Condition::All(vec![Condition::Exists, Condition::Missing("deletion")]);
    let noted = Update::of(keys::user(&organization.owner_id)).add("version", 1).only_if(stays);
    tx.update(noted, Error::NotFound)
}
