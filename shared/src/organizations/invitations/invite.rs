//! Invites a person to an organization.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{INVITATION_TTL, Invitation, InvitationByEmail, InvitationToken, seats};
use crate::accounts::{EmailGuard, User};
use crate::activity::{Action, AuditEvent};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, Condition, Tx, retry_from};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::{InvitationId, OrganizationId};
use crate::keys;
use crate::mail::{self, InvitationMailParams, LinkedPage, Message, Recipient};
use crate::organizations::authorize::{Authorized, authorize_with_recent_proof};
use crate::organizations::rights::Right;
use crate::organizations::{AssignableRole, Role};
use crate::throttle::Throttle;
use crate::values::EmailAddress;

/// Limits the invitations from one organization to a hundred an hour, from all its members together.
pub const INVITE_THROTTLE: Throttle =
    Throttle { operation: "invite", limit: 100, window: Duration::from_secs(60 * 60) };

/// Limits the invitations from one organization to one address to five an hour.
pub const INVITE_ADDRESS_THROTTLE: Throttle =
    Throttle { operation: "invite-to", limit: 5, window: Duration::from_secs(60 * 60) };

/// An invitation that was just sent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = NewInvitation)]
pub struct CreatedInvitation {
    /// The id of the invitation, an opaque string.
    #[schema(example = "inv_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// The email address that was invited.
    #[schema(example = "dev@example.com")]
    pub email: String,
    /// The role that the invitation offers.
    pub role: AssignableRole,
    /// The time from which the invitation can no longer be accepted.
    pub expires_at: Timestamp,
}

impl From<&Invitation> for CreatedInvitation {
    fn from(invitation: &Invitation) -> Self {
        Self {
            id: invitation.id.to_string(),
            email: invitation.email.to_string(),
            role: invitation.role,
            expires_at: invitation.expires_at,
        }
    }
}

/// Parameters for inviting a person.
#[derive(Clone, Copy, Debug)]
pub struct InviteParams<'w> {
    /// The owner or admin who invites.
    pub caller: &'w Caller,
    /// The organization to join.
    pub organization_id: &'w OrganizationId,
    /// The address to invite.
    pub email: &'w EmailAddress,
    /// The role to offer.
    pub role: AssignableRole,
    /// The request's idempotency key.
    pub idempotency_key: &'w IdempotencyKey,
}

/// The state that the operation decides on.
#[derive(Clone, Debug)]
enum InvitationState {
    /// The same request was answered before.
    Done(Replayable<CreatedInvitation>),
    /// The invitation is still to be made.
    Open(Box<InviteRows>),
}

/// The rows that a new invitation depends on.
#[derive(Clone, Debug)]
struct InviteRows {
    authorized: Authorized,
    inviter: User,
    /// The account that has the address, if any.
    guard: Option<EmailGuard>,
    /// The invitation that the address has from this organization, if any.
    previous: Option<InvitationByEmail>,
}

/// Invites an address and queues the mail with the link. Replaces an earlier invitation of the same
/// organization to the same address.
///
/// # Errors
///
/// * [`Error::NotFound`] if the organization does not exist.
/// * [`Error::SessionRequired`] if the caller has a bearer token.
/// * [`Error::ReauthRequired`] if the session's proof of identity is not recent.
/// * [`Error::NoAccess`] if the caller may not manage members.
/// * [`Error::EmailNotVerified`] if the inviter, whose address the mail names, has not verified it.
/// * [`Error::AlreadyMember`] if the address belongs to a member.
/// * [`Error::PlanLimit`] if members and invitations together would exceed the plan.
/// * [`Error::RateLimited`] if too many invitations were sent, in total or to this address.
/// * [`Error::IdempotencyConflict`] if the idempotency key was used for another request.
pub async fn invite(
    ctx: &Context,
    params: InviteParams<'_>,
) -> Result<Replayable<CreatedInvitation>> {
    let first = load_state(ctx, &params).await?;
    if let InvitationState::Open(rows) = &first {
        let counted = count_mail(ctx, params.organization_id, params.email);
        let (counted, seat_check) = tokio::join!(counted, check_seats(ctx, &params, rows));
        counted?;
        seat_check?;
    }
    let read = || async {
        let state = load_state(ctx, &params).await?;
        if let InvitationState::Open(rows) = &state {
            check_seats(ctx, &params, rows).await?;
        }
        Attempt::Ok(state)
    };
    retry_from(ctx, first, read, |state| attempt(ctx, &params, state)).await
}

async fn load_state(ctx: &Context, params: &InviteParams<'_>) -> Result<InvitationState> {
    let extra_keys = [
        keys::email_guard(params.email),
        keys::invitation_by_email(params.email, params.organization_id),
    ];
    let right = Right::ManageMembers;
    let (authorized, done) = tokio::join!(
        authorize_with_recent_proof(ctx, params.caller, params.organization_id, right, &extra_keys),
        params.idempotency_key.replay(ctx)
    );
    let (authorized, found) = authorized?;
    if let Some(done) = done? {
        return Ok(InvitationState::Done(done));
    }
    let inviter = authorized.principal.user().ok_or(Error::NoAccess)?.clone();
    if !inviter.email_verified {
        return Err(Error::EmailNotVerified);
    }
    let (guard, previous) = (found.read(&extra_keys[0])?, found.read(&extra_keys[1])?);
    Ok(InvitationState::Open(Box::new(InviteRows { authorized, inviter, guard, previous })))
}

/// Counts a mail from the organization to the address.
///
/// # Errors
///
/// * [`Error::RateLimited`] if too many were sent, in total or to this address.
pub(super) async fn count_mail(
    ctx: &Context,
    organization_id: &OrganizationId,
    email: &EmailAddress,
) -> Result<()> {
    let address_key = format!("{organization_id} {email}");
    // Both limiters count the attempt, even if one of them refuses it.
    let (address_key, all) = tokio::join!(
        INVITE_ADDRESS_THROTTLE.count_request_for(ctx, &address_key),
        INVITE_THROTTLE.count_request_for(ctx, organization_id.as_str())
    );
    address_key.and(all)
}

async fn check_seats(ctx: &Context, params: &InviteParams<'_>, rows: &InviteRows) -> Result<()> {
    seats::check_seat_available(
        ctx,
        &rows.authorized.organization,
        params.email,
        rows.guard.as_ref(),
    )
    .await
}

async fn attempt(
    ctx: &Context,
    params: &InviteParams<'_>,
    state: InvitationState,
) -> Attempt<Replayable<CreatedInvitation>> {
    let rows = match state {
        InvitationState::Done(done) => return Ok(done),
        InvitationState::Open(rows) => rows,
    };
    let id = InvitationId::generate(&*ctx.random);
    let token = InvitationToken::generate(&*ctx.random, params.organization_id, &id);
    let now = ctx.now();
    let invitation = Invitation {
        id,
        client_id: params.organization_id.clone(),
        email: params.email.clone(),
        role: params.role,
        invited_by: rows.inviter.id.clone(),
        hash: token.hash(),
        created_at: now,
        expires_at: now.plus(INVITATION_TTL),
    };
    let mut tx = ctx.table.transaction();
    rows.authorized.recheck(&mut tx)?;
    seats::claim_seat(&mut tx, &rows.authorized.organization)?;
    put(&mut tx, &invitation, rows.previous.as_ref())?;
    let mail = InvitationMailParams {
        inviter: &rows.inviter,
        organization: &rows.authorized.organization,
        invitation: &invitation,
        link: LinkedPage::Invitation.link(ctx, token.reveal()),
    };
    let message = Message::invitation(ctx, &params.caller.requester, mail);
    let to = Recipient::without_account(params.email);
    mail::queue(ctx, &*ctx.secrets.keyring().await, &mut tx, to, message)?;
    let invited = CreatedInvitation::from(&invitation);
    params.idempotency_key.store_response(ctx, &mut tx, &invited).await?;
    let (actor, action) = (&rows.inviter.id, Action::InvitationCreated);
    let event = AuditEvent::for_organization(
        ctx,
        &params.caller.requester,
        params.organization_id,
        actor,
        action,
    )
    .with_target(&invitation.id);
    let event = event.with_detail("role", Role::from(params.role).name());
    let event = match rows.previous {
        Some(previous) => event.with_detail("replaces", previous.invitation_id),
        None => event,
    };
    tx.commit(event).await?;
    Ok(Replayable::new(invited))
}

/// Stores both rows of the invitation and deletes those of the one that it replaces.
fn put(
    tx: &mut Tx<'_>,
    invitation: &Invitation,
    previous: Option<&InvitationByEmail>,
) -> Result<()> {
    tx.put_new(invitation)?;
    let unchanged = match previous {
        Some(previous) => {
            let key = keys::invitation(&previous.client_id, &previous.invitation_id);
            tx.delete(&key, None, AttemptError::Conflict)?;
            Condition::equal("invitation_id", &previous.invitation_id)?
        }
        None => Condition::Absent,
    };
    tx.put(&invitation.by_email(), unchanged, AttemptError::Conflict)
}
