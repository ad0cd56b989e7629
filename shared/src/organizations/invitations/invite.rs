//! Invites a person to an organization.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Invitation, InvitationToken, Invitee, LIFETIME, room};
use crate::accounts::{EmailGuard, User};
use crate::activity::{Action, Entry};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{Condition, Tx, retry_from};
use crate::error::{Error, Result};
use crate::idempotency::{Done, Once};
use crate::ids::{InvitationId, OrganizationId};
use crate::keys;
use crate::mail::{self, Message};
use crate::organizations::admit::{Admitted, admit};
use crate::organizations::rights::Right;
use crate::organizations::{GivenRole, Role};
use crate::requester::Requester;
use crate::throttle::{INVITATIONS, INVITATIONS_TO_ONE_ADDRESS};
use crate::values::EmailAddress;

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
pub struct Wish<'w> {
    /// The request's address and user agent.
    pub requester: &'w Requester,
    /// The inviter's credential.
    pub credential: &'w Credential,
    /// The organization to join.
    pub organization_id: &'w OrganizationId,
    /// The address to invite.
    pub email: &'w EmailAddress,
    /// The role to offer.
    pub role: GivenRole,
    /// The request's idempotency key.
    pub once: &'w Once,
}

/// The state that the operation decides on.
#[derive(Clone, Debug)]
enum Stand {
    /// The same request was answered before.
    Done(Done<Invited>),
    /// The invitation is still to be made.
    Open(Box<Place>),
}

/// The rows that a new invitation depends on.
#[derive(Clone, Debug)]
struct Place {
    admitted: Admitted,
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
pub async fn invite(ctx: &Context, wish: Wish<'_>) -> Result<Done<Invited>> {
    let first = look(ctx, &wish).await?;
    if let Stand::Open(place) = &first {
        let (counted, fits) = tokio::join!(count(ctx, &wish), fits(ctx, &wish, place));
        counted?;
        fits?;
    }
    let read = || async {
        let stand = look(ctx, &wish).await?;
        if let Stand::Open(place) = &stand {
            fits(ctx, &wish, place).await?;
        }
        Ok(stand)
    };
    retry_from(ctx, first, read, |stand| attempt(ctx, &wish, stand)).await
}

async fn look(ctx: &Context, wish: &Wish<'_>) -> Result<Stand> {
    let also = [keys::email(wish.email), keys::invitee(wish.email, wish.organization_id)];
    let right = Right::ManageMembers;
    let (admitted, done) = tokio::join!(
        admit(ctx, wish.requester, wish.credential, wish.organization_id, right, &also),
        wish.once.replay(ctx)
    );
    let (admitted, found) = admitted?;
    if let Some(done) = done? {
        return Ok(Stand::Done(done));
    }
    let inviter = admitted.caller.user().ok_or(Error::NoAccess)?.clone();
    if !inviter.email_verified {
        return Err(Error::EmailNotVerified);
    }
    let (guard, before) = (found.read(&also[0])?, found.read(&also[1])?);
    Ok(Stand::Open(Box::new(Place { admitted, inviter, guard, before })))
}

async fn count(ctx: &Context, wish: &Wish<'_>) -> Result<()> {
    let to_one = format!("{} {}", wish.organization_id, wish.email);
    // Both limiters count the attempt, even if one of them refuses it.
    let (to_one, all) = tokio::join!(
        INVITATIONS_TO_ONE_ADDRESS.hit_for(ctx, &to_one),
        INVITATIONS.hit_for(ctx, wish.organization_id.as_str())
    );
    to_one.and(all)
}

async fn fits(ctx: &Context, wish: &Wish<'_>, place: &Place) -> Result<()> {
    room::check(ctx, &place.admitted.organization, wish.email, place.guard.as_ref()).await
}

async fn attempt(ctx: &Context, wish: &Wish<'_>, stand: Stand) -> Result<Done<Invited>> {
    let place = match stand {
        Stand::Done(done) => return Ok(done),
        Stand::Open(place) => place,
    };
    let id = InvitationId::generate(&*ctx.random);
    let token = InvitationToken::generate(&*ctx.random, wish.organization_id, &id);
    let now = ctx.now();
    let invitation = Invitation {
        id,
        client_id: wish.organization_id.clone(),
        email: wish.email.clone(),
        role: wish.role,
        invited_by: place.inviter.id.clone(),
        hash: token.hash(),
        created_at: now,
        expires_at: now.plus(LIFETIME),
    };
    let mut tx = ctx.table.transaction();
    place.admitted.hold(&mut tx)?;
    place.admitted.organization.stays(&mut tx)?;
    put(&mut tx, &invitation, place.before.as_ref())?;
    queue(ctx, wish, &mut tx, &place, &token, &invitation).await?;
    let invited = Invited {
        id: invitation.id.to_string(),
        email: wish.email.to_string(),
        role: wish.role,
        expires_at: invitation.expires_at,
    };
    wish.once.remember(ctx, &mut tx, &invited).await?;
    let (actor, action) = (&place.inviter.id, Action::InvitationCreated);
    let entry =
        Entry::of_client(ctx, wish.requester, wish.organization_id, actor, action, &invitation.id);
    let entry = entry.detail("role", Role::from(wish.role).name());
    let entry = match place.before {
        Some(before) => entry.detail("replaces", before.invitation_id),
        None => entry,
    };
    tx.commit(entry).await?;
    Ok(Done::now(invited))
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

/// Queues the mail with the link.
async fn queue(
    ctx: &Context,
    wish: &Wish<'_>,
    tx: &mut Tx<'_>,
    place: &Place,
    token: &InvitationToken,
    invitation: &Invitation,
) -> Result<()> {
    // The token stands in the fragment, which browsers do not send. Mail scanners that open the
    // page therefore do not use it up.
    let link = format!("{}/api/v1/invitations/accept#{}", ctx.config.base_url, token.reveal());
    let organization = &place.admitted.organization;
    let message =
        Message::invitation(ctx, wish.requester, &place.inviter, organization, invitation, link);
    let keyring = ctx.secrets.keyring().await;
    mail::queue(ctx, &keyring, tx, wish.email, message)
}
