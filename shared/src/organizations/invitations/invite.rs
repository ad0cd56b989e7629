//! Inviting somebody.

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

/// An invitation that was just mailed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = NewInvitation)]
pub struct Invited {
    /// Opaque id.
    #[schema(example = "inv_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// Who is invited.
    #[schema(example = "dev@example.com")]
    email: String,
    /// What they are to be.
    role: GivenRole,
    /// Until when it can be accepted.
    expires_at: Timestamp,
}

/// Who invites whom.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'w> {
    /// From where.
    pub requester: &'w Requester,
    /// Who invites.
    pub credential: &'w Credential,
    /// To what.
    pub organization_id: &'w OrganizationId,
    /// Whom.
    pub email: &'w EmailAddress,
    /// As what.
    pub role: GivenRole,
    /// What makes it the same request.
    pub once: &'w Once,
}

/// What was found.
#[derive(Clone, Debug)]
enum Stand {
    /// It was done before.
    Done(Done<Invited>),
    /// Nothing that was done before.
    Open(Box<Place>),
}

/// What is decided on.
#[derive(Clone, Debug)]
struct Place {
    admitted: Admitted,
    inviter: User,
    /// Whose the address is.
    guard: Option<EmailGuard>,
    /// The invitation that the address has.
    before: Option<Invitee>,
}

/// Invites, in place of an invitation that the address has from there already.
///
/// [`Error::NoAccess`]; [`Error::EmailNotVerified`] while the inviter's own address, which the mail names,
/// isn't proven; [`Error::AlreadyMember`]; [`Error::PlanLimit`] where members and invitations together
/// would be more than the plan allows; [`Error::RateLimited`].
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
    // Both count, also where one of them refuses.
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

/// Adds both sides of the invitation, in place of the one that the address has.
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

/// Adds the mail with the link.
async fn queue(
    ctx: &Context,
    wish: &Wish<'_>,
    tx: &mut Tx<'_>,
    place: &Place,
    token: &InvitationToken,
    invitation: &Invitation,
) -> Result<()> {
    // Behind the #, which no browser sends: opening the page uses nothing up.
    let link = format!("{}/api/v1/invitations/accept#{}", ctx.config.base_url, token.reveal());
    let organization = &place.admitted.organization;
    let message =
        Message::invitation(ctx, wish.requester, &place.inviter, organization, invitation, link);
    let keyring = ctx.secrets.keyring().await;
    mail::queue(ctx, &keyring, tx, wish.email, message)
}
