//! Invites a person to an organization.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Invitation, InvitationToken, Invitee, LIFETIME, room};
use crate::accounts::{EmailAddress, EmailGuard, User};
use crate::activity::{Action, Entry};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Condition, Tx, keys, retry_from};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::{InvitationId, OrganizationId};
use crate::mail::{self, InvitationMail, Message};
use crate::organizations::authorize::{Authorized, authorize};
use crate::organizations::rights::Right;
use crate::organizations::{GivenRole, Role};
use crate::throttle::{INVITATIONS, INVITATIONS_TO_ONE_ADDRESS};

/// An invitation that was just sent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = NewInvitation)]
pub struct Invited {
    /// Opaque id.
    #[schema(example = "inv_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// The invited address.
    #[schema(example = "dev@example.com")]
    email: String,
    /// The role that the invitation offers.
    role: GivenRole,
    /// When the invitation expires.
    expires_at: Timestamp,
}

/// Parameters for inviting a person.
#[derive(Clone, Copy, Debug)]
pub struct InviteParams<'w> {
    /// The inviter.
    pub caller: &'w Caller,
    /// The organization to join.
    pub organization_id: &'w OrganizationId,
    /// The address to invite.
    pub email: &'w EmailAddress,
    /// The role to offer.
    pub role: GivenRole,
    /// The request's idempotency key.
    pub idempotency_key: &'w IdempotencyKey,
}

/// The state that the operation decides on.
#[derive(Clone, Debug)]
enum Stand {
    /// The same request was answered before.
    Done(Replayable<Invited>),
    /// The invitation is still to be made.
    Open(Box<Place>),
}

/// The rows that a new invitation depends on.
#[derive(Clone, Debug)]
struct Place {
    authorized: Authorized,
    inviter: User,
    /// The account that has the address, if any.
    guard: Option<EmailGuard>,
    /// The invitation that the address has from this organization, if any.
    before: Option<Invitee>,
}

/// Invites an address and queues the mail with the link. Replaces an earlier invitation of the same
/// organization to the same address.
///
/// # Errors
///
/// * [`Error::NotFound`] if the organization does not exist.
/// * [`Error::NoAccess`] if the caller may not manage members.
/// * [`Error::EmailNotVerified`] if the inviter, whose address the mail names, has not verified it.
/// * [`Error::AlreadyMember`] if the address belongs to a member.
/// * [`Error::PlanLimit`] if members and invitations together would exceed the plan.
/// * [`Error::RateLimited`] if too many invitations were sent, in total or to this address.
/// * [`Error::IdempotencyConflict`] if the idempotency key was used for another request.
pub async fn invite(ctx: &Context, params: InviteParams<'_>) -> Result<Replayable<Invited>> {
    let first = look(ctx, &params).await?;
    if let Stand::Open(place) = &first {
        let (counted, fits) = tokio::join!(count(ctx, &params), fits(ctx, &params, place));
        counted?;
        fits?;
    }
    let read = || async {
        let stand = look(ctx, &params).await?;
        if let Stand::Open(place) = &stand {
            fits(ctx, &params, place).await?;
        }
        Ok(stand)
    };
    retry_from(ctx, first, read, |stand| attempt(ctx, &params, stand)).await
}

async fn look(ctx: &Context, params: &InviteParams<'_>) -> Result<Stand> {
    let also = [keys::email(params.email), keys::invitee(params.email, params.organization_id)];
    let right = Right::ManageMembers;
    let (authorized, done) = tokio::join!(
        authorize(ctx, params.caller, params.organization_id, right, &also),
        params.idempotency_key.replay(ctx)
    );
    let (authorized, found) = authorized?;
    if let Some(done) = done? {
        return Ok(Stand::Done(done));
    }
    let inviter = authorized.principal.user().ok_or(Error::NoAccess)?.clone();
    if !inviter.email_verified {
        return Err(Error::EmailNotVerified);
    }
    let (guard, before) = (found.read(&also[0])?, found.read(&also[1])?);
    Ok(Stand::Open(Box::new(Place { authorized, inviter, guard, before })))
}

async fn count(ctx: &Context, params: &InviteParams<'_>) -> Result<()> {
    let to_one = format!("{} {}", params.organization_id, params.email);
    // Both limiters count the attempt, even if one of them refuses it.
    let (to_one, all) = tokio::join!(
        INVITATIONS_TO_ONE_ADDRESS.hit_for(ctx, &to_one),
        INVITATIONS.hit_for(ctx, params.organization_id.as_str())
    );
    to_one.and(all)
}

async fn fits(ctx: &Context, params: &InviteParams<'_>, place: &Place) -> Result<()> {
    room::check(ctx, &place.authorized.organization, params.email, place.guard.as_ref()).await
}

async fn attempt(
    ctx: &Context,
    params: &InviteParams<'_>,
    stand: Stand,
) -> Result<Replayable<Invited>> {
    let place = match stand {
        Stand::Done(done) => return Ok(done),
        Stand::Open(place) => place,
    };
    let id = InvitationId::generate(&*ctx.random);
    let token = InvitationToken::generate(&*ctx.random, params.organization_id, &id);
    let now = ctx.now();
    let invitation = Invitation {
        id,
        client_id: params.organization_id.clone(),
        email: params.email.clone(),
        role: params.role,
        invited_by: place.inviter.id.clone(),
        hash: token.hash(),
        created_at: now,
        expires_at: now.plus(LIFETIME),
    };
    let mut tx = ctx.table.transaction();
    place.authorized.recheck(&mut tx)?;
    place.authorized.organization.require_exists(&mut tx)?;
    put(&mut tx, &invitation, place.before.as_ref())?;
    let message = message(ctx, params, &place, &token, &invitation);
    mail::queue(ctx, &*ctx.secrets.keyring().await, &mut tx, params.email, message)?;
    let invited = Invited {
        id: invitation.id.to_string(),
        email: params.email.to_string(),
        role: params.role,
        expires_at: invitation.expires_at,
    };
    params.idempotency_key.store_response(ctx, &mut tx, &invited).await?;
    let (actor, action) = (&place.inviter.id, Action::InvitationCreated);
    let entry =
        Entry::of_client(ctx, &params.caller.requester, params.organization_id, actor, action)
            .with_target(&invitation.id);
    let entry = entry.detail("role", Role::from(params.role).name());
    let entry = match place.before {
        Some(before) => entry.detail("replaces", before.invitation_id),
        None => entry,
    };
    tx.commit(entry).await?;
    Ok(Replayable::new(invited))
}

/// Stores both rows of the invitation and deletes those of the one that it replaces.
fn put(tx: &mut Tx<'_>, invitation: &Invitation, before: Option<&Invitee>) -> Result<()> {
    tx.put_new(invitation)?;
    let unchanged = match before {
        Some(before) => {
            let key = keys::invitation(&before.client_id, &before.invitation_id);
            tx.delete(&key, None, Error::Conflict)?;
            Condition::equal("invitation_id", &before.invitation_id)?
        }
        None => Condition::Absent,
    };
    tx.put(&invitation.invitee(), unchanged, Error::Conflict)
}

/// Returns the mail with the invitation's link.
fn message(
    ctx: &Context,
    params: &InviteParams<'_>,
    place: &Place,
    token: &InvitationToken,
    invitation: &Invitation,
) -> Message {
    // The token stands in the fragment, which browsers do not send. Mail scanners that open the
    // page therefore do not use it up.
    let link = format!("{}/api/v1/invitations/accept#{}", ctx.config.base_url, token.reveal());
    let mail = InvitationMail {
        inviter: &place.inviter,
        organization: &place.authorized.organization,
        invitation,
        link,
    };
    Message::invitation(ctx, &params.caller.requester, mail)
}
