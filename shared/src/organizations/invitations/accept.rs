//! Accepts an invitation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::valid_invitation::{ValidInvitation, look_up_invitation};
use super::{InvitationSelector, InvitationStatus};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, Condition, Tx, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::keys;
use crate::mail::MembershipChange;
use crate::organizations::membership_notices::MembershipNotice;
use crate::organizations::{AssignableRole, Member, Organization, Role};

/// The organization that the caller joined, and their role in it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Joined)]
pub struct AcceptedInvitation {
    /// The organization that the caller has joined.
    #[serde(rename = "client")]
    pub organization: OrganizationName,
    /// The role of the caller in the organization.
    pub role: AssignableRole,
}

/// An organization's id and name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OrganizationName {
    /// The id of the organization, an opaque string.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// The name of the organization.
    #[schema(example = "Acme Corp")]
    pub name: String,
}

impl From<&Organization> for OrganizationName {
    fn from(organization: &Organization) -> Self {
        Self { id: organization.id.to_string(), name: organization.name.to_string() }
    }
}

/// Makes the invited person a member of the organization. Mails report it to the person and to the owner.
///
/// # Errors
///
/// * [`Error::InvitationNotFound`] if the token is unknown or replaced, or the organization was deleted.
/// * [`Error::InvitationExpired`], [`Error::InvitationUsed`] or [`Error::InvitationRevoked`] if the invitation has
///   ended.
/// * [`Error::NotFound`] if the organization's owner is deleting their account.
/// * [`Error::InvitationForAnotherAddress`] if the invitation is for another address.
/// * [`Error::NoAccess`] for an API key, and for a token that is limited to one organization.
/// * [`Error::EmailNotVerified`] if the caller has not verified their address.
/// * [`Error::AlreadyMember`] if the caller is a member already.
/// * [`Error::PlanLimit`] if the plan allows no more members.
/// * [`Error::OrganizationSuspended`] if an operator has suspended the organization.
/// * [`Error::IdempotencyConflict`] if the idempotency key was used for another request.
pub async fn accept(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    invitation: impl Into<InvitationSelector<'_>>,
) -> Result<Replayable<AcceptedInvitation>> {
    let selector = invitation.into();
    retry_conflicts(ctx, || attempt(ctx, caller, idempotency_key, selector)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    selector: InvitationSelector<'_>,
) -> Attempt<Replayable<AcceptedInvitation>> {
    let (lookup, done) =
        tokio::join!(look_up_invitation(ctx, caller, selector), idempotency_key.replay(ctx));
    let lookup = lookup?;
    if let Some(done) = done? {
        return Ok(done);
    }
    let valid = lookup.validate(ctx.now(), selector).map_err(AttemptError::Final);
    let valid_invitation = match valid.and_then(require_can_join) {
        Ok(valid_invitation) => valid_invitation,
        Err(AttemptError::Final(refusal)) => {
            return Ok(idempotency_key.replay_or_refuse(ctx, refusal).await?);
        }
        Err(AttemptError::Conflict) => return Err(AttemptError::Conflict),
    };
    let mut tx = ctx.table.transaction();
    valid_invitation.consume(&mut tx, InvitationStatus::Accepted, ctx.now())?;
    put_member(ctx, &mut tx, &valid_invitation)?;
    let joined = AcceptedInvitation {
        organization: OrganizationName::from(&valid_invitation.organization),
        role: valid_invitation.invitation.role,
    };
    let member = &valid_invitation.user;
    let notice = MembershipNotice {
        organization: &valid_invitation.organization,
        change: MembershipChange::Joined { role: valid_invitation.invitation.role.into() },
        member,
        actor: member,
    };
    notice.queue(ctx, &mut tx, &caller.requester).await?;
    idempotency_key.store_response(ctx, &mut tx, &joined).await?;
    let (user, organization, action) =
        (&valid_invitation.user.id, &valid_invitation.organization.id, Action::MemberJoined);
    let event = AuditEvent::for_organization(ctx, &caller.requester, organization, user, action)
        .with_target(user);
    let event = event.with_detail("role", Role::from(valid_invitation.invitation.role).name());
    tx.commit(event.with_detail("invitation", &valid_invitation.invitation.id)).await?;
    Ok(Replayable::new(joined))
}

/// Checks that the invited person is not a member yet and that the plan allows one more.
fn require_can_join(valid_invitation: ValidInvitation) -> Attempt<ValidInvitation> {
    if valid_invitation.member.is_some() {
        return Err(Error::AlreadyMember.into());
    }
    if valid_invitation.organization.owner_id == valid_invitation.user.id {
        // The organization is from before a transfer: its former owner has left it since.
        return Err(AttemptError::Conflict);
    }
    valid_invitation.organization.require_not_suspended()?;
    valid_invitation.organization.check_member_limit(1)?;
    Ok(valid_invitation)
}

/// Adds both rows of the membership and counts the member.
fn put_member(ctx: &Context, tx: &mut Tx<'_>, valid_invitation: &ValidInvitation) -> Result<()> {
    let member = Member {
        client_id: valid_invitation.organization.id.clone(),
        user_id: valid_invitation.user.id.clone(),
        role: valid_invitation.invitation.role.into(),
        joined_at: ctx.now(),
    };
    tx.put(&member, Condition::Absent, AttemptError::Conflict)?;
    tx.put(&member.to_listing(member.joined_at), Condition::Absent, AttemptError::Conflict)?;
    let organization = valid_invitation.organization.clone();
    // The version check makes the limit hold at commit: nobody else can have joined in between.
    let organization =
        Organization { members: organization.members + 1, ..organization }.store(tx)?;
    // An owner's account that is being erased takes the organization with it, so nobody may join
    // any more. Bumping the version makes a concurrent deletion fail, because it decided on
    // organizations without other members.
    let not_deleting = Condition::All(vec![Condition::Exists, Condition::Missing("deletion")]);
    let bump_version =
        Update::new(keys::user(&organization.owner_id)).add("version", 1).only_if(not_deleting);
    tx.update(bump_version, Error::NotFound)
}
