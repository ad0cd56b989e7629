//! Joining an organization.

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

/// What somebody joined, and as what.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Joined {
    /// The organization.
    #[serde(rename = "client")]
    organization: OrganizationName,
    /// What they are in it.
    role: GivenRole,
}

/// An organization by its name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OrganizationName {
    /// Opaque id.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// What it is called.
    #[schema(example = "Acme Corp")]
    name: String,
}

impl From<&Organization> for OrganizationName {
    fn from(organization: &Organization) -> Self {
        Self { id: organization.id.to_string(), name: organization.name.to_string() }
    }
}

/// Makes the person whom the invitation is for a member.
///
/// [`Error::NotFound`] for a token that is unknown, used, revoked, replaced or too old, and where the
/// organization's owner is leaving; [`Error::NoAccess`] for anybody else;
/// [`Error::EmailNotVerified`]; [`Error::AlreadyMember`]; [`Error::PlanLimit`].
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

/// Adds both sides of the membership, where the organization has room for it.
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
        // Read before it was handed over by whoever has left it since.
        return Err(Error::Conflict);
    }
    organization.has_room_for_members(1)?;
    // The limit holds at the moment of the commit: the version says that nobody else joined.
    let organization =
        Organization { members: organization.members + 1, ..organization }.store(tx)?;
    // What an account that is being erased owns goes with it, and nobody may belong to that. A deletion
    // which is under way has decided on clients that are the owner's alone: it loses.
    let stays = Condition::All(vec![Condition::Exists, Condition::Missing("deletion")]);
    let noted = Update::of(keys::user(&organization.owner_id)).add("version", 1).only_if(stays);
    tx.update(noted, Error::NotFound)
}
