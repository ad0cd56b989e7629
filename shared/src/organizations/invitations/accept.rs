//! Joining an organization.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::InvitationToken;
use super::held::{Held, look};
use crate::activity::{Action, Entry};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{Condition, Tx, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{Done, Once};
use crate::keys;
use crate::organizations::{GivenRole, Member, Organization, Role};
use crate::requester::Requester;

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
    requester: &Requester,
    credential: &Credential,
    once: &Once,
    token: &InvitationToken,
) -> Result<Done<Joined>> {
    retry_conflicts(ctx, || attempt(ctx, requester, credential, once, token)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    once: &Once,
    token: &InvitationToken,
) -> Result<Done<Joined>> {
    let (looked, done) = tokio::join!(look(ctx, requester, credential, token), once.replay(ctx));
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
    once.remember(ctx, &mut tx, &joined).await?;
    let (user, organization, action) = (&held.user.id, &held.organization.id, Action::MemberJoined);
    let entry = Entry::of_client(ctx, requester, organization, user, action, user);
    let entry = entry.detail("role", Role::from(held.invitation.role).name());
    tx.commit(entry.detail("invitation", &held.invitation.id)).await?;
    Ok(Done::now(joined))
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
    let noted = Update::new(keys::user(&organization.owner_id)).add("version", 1).only_if(stays);
    tx.update(noted, Error::NotFound)
}
