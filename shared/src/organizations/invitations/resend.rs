//! Sends an invitation again, with a new link.

use super::invite::{CreatedInvitation, count_mail};
use super::{INVITATION_TTL, Invitation, InvitationByEmail, InvitationToken, seats};
use crate::accounts::{EmailGuard, User};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, Condition, retry_from};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::{InvitationId, OrganizationId};
use crate::keys;
use crate::mail::{self, InvitationMailParams, LinkedPage, Message, Recipient};
use crate::organizations::Role;
use crate::organizations::authorize::{Authorized, authorize_with_recent_proof};
use crate::organizations::rights::Right;

/// The state that the operation decides on.
#[derive(Clone, Debug)]
enum ResendState {
    /// The same request was answered before.
    Done(Replayable<CreatedInvitation>),
    /// The invitation is still to be sent.
    Open(Box<ResendRows>),
}

/// The rows that the new link depends on.
#[derive(Clone, Debug)]
struct ResendRows {
    authorized: Authorized,
    sender: User,
    invitation: Invitation,
}

/// Mails a new link for an invitation that was not answered, also for one that has expired. The
/// previous link stops working, and the new one is valid as long as that of a new invitation.
///
/// # Errors
///
/// * [`Error::NotFound`] if the organization does not exist, or the invitation was accepted,
///   declined, revoked or replaced.
/// * [`Error::SessionRequired`] if the caller has a bearer token.
/// * [`Error::ReauthRequired`] if the session's proof of identity is not recent.
/// * [`Error::NoAccess`] if the caller may not manage members.
/// * [`Error::EmailNotVerified`] if the caller, whose address the mail names, has not verified it.
/// * [`Error::AlreadyMember`] if the address of an expired invitation belongs to a member.
/// * [`Error::PlanLimit`] if the invitation has expired and no seat is left for it.
/// * [`Error::RateLimited`] if too many invitations were sent, in total or to this address.
/// * [`Error::IdempotencyConflict`] if the idempotency key was used for another request.
pub async fn resend(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    organization_id: &OrganizationId,
    id: &InvitationId,
) -> Result<Replayable<CreatedInvitation>> {
    let load = || load_state(ctx, caller, idempotency_key, organization_id, id);
    let first = load().await?;
    if let ResendState::Open(rows) = &first {
        let counted = count_mail(ctx, organization_id, &rows.invitation.email);
        let (counted, seat_check) = tokio::join!(counted, check_seat(ctx, rows));
        counted?;
        seat_check?;
    }
    let read = || async {
        let state = load().await?;
        if let ResendState::Open(rows) = &state {
            check_seat(ctx, rows).await?;
        }
        Attempt::Ok(state)
    };
    retry_from(ctx, first, read, |state| attempt(ctx, caller, idempotency_key, state)).await
}

async fn load_state(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    organization_id: &OrganizationId,
    id: &InvitationId,
) -> Result<ResendState> {
    let key = keys::invitation(organization_id, id);
    let (right, extra_keys) = (Right::ManageMembers, std::slice::from_ref(&key));
    let (authorized, done) = tokio::join!(
        authorize_with_recent_proof(ctx, caller, organization_id, right, extra_keys),
        idempotency_key.replay(ctx)
    );
    let (authorized, found) = authorized?;
    if let Some(done) = done? {
        return Ok(ResendState::Done(done));
    }
    let sender = authorized.principal.user().ok_or(Error::NoAccess)?.clone();
    if !sender.email_verified {
        return Err(Error::EmailNotVerified);
    }
    let invitation: Invitation = found.read(&key)?.ok_or(Error::NotFound)?;
    Ok(ResendState::Open(Box::new(ResendRows { authorized, sender, invitation })))
}

/// Checks that an expired invitation can take a seat again. An open one has its seat.
async fn check_seat(ctx: &Context, rows: &ResendRows) -> Result<()> {
    let invitation = &rows.invitation;
    if invitation.is_live(ctx.now()) {
        return Ok(());
    }
    let guard = keys::email_guard(&invitation.email);
    let newest = keys::invitation_by_email(&invitation.email, &invitation.client_id);
    let (guard, newest): (Option<EmailGuard>, Option<InvitationByEmail>) =
        tokio::try_join!(ctx.table.get(&guard), ctx.table.get(&newest))?;
    if newest.is_some_and(|newest| newest.invitation_id != invitation.id) {
        return Err(Error::NotFound);
    }
    let organization = &rows.authorized.organization;
    seats::check_seat_available(ctx, organization, &invitation.email, guard.as_ref()).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    state: ResendState,
) -> Attempt<Replayable<CreatedInvitation>> {
    let rows = match state {
        ResendState::Done(done) => return Ok(done),
        ResendState::Open(rows) => rows,
    };
    let ResendRows { authorized, sender, invitation: previous } = *rows;
    let now = ctx.now();
    let token = InvitationToken::generate(&*ctx.random, &previous.client_id, &previous.id);
    let invitation = Invitation {
        invited_by: sender.id.clone(),
        hash: token.hash(),
        expires_at: now.plus(INVITATION_TTL),
        ..previous.clone()
    };
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    if previous.is_live(now) {
        authorized.organization.require_exists(&mut tx)?;
    } else {
        seats::claim_seat(&mut tx, &authorized.organization)?;
    }
    let unchanged = Condition::equal("hash", &previous.hash)?;
    tx.put(&invitation, unchanged, AttemptError::Conflict)?;
    // DynamoDB may have deleted the second row of an expired invitation.
    let own_or_absent = Condition::Any(vec![
        Condition::Missing("invitation_id"),
        Condition::equal("invitation_id", &invitation.id)?,
    ]);
    tx.put(&invitation.by_email(), own_or_absent, AttemptError::Conflict)?;
    let mail = InvitationMailParams {
        inviter: &sender,
        organization: &authorized.organization,
        invitation: &invitation,
        link: LinkedPage::Invitation.link(ctx, token.reveal()),
    };
    let message = Message::invitation(ctx, &caller.requester, mail);
    let to = Recipient::without_account(&invitation.email);
    mail::queue(ctx, &*ctx.secrets.keyring().await, &mut tx, to, message)?;
    let resent = CreatedInvitation::from(&invitation);
    idempotency_key.store_response(ctx, &mut tx, &resent).await?;
    let (organization, actor) = (&authorized.organization.id, &sender.id);
    let action = Action::InvitationResent;
    let event = AuditEvent::for_organization(ctx, &caller.requester, organization, actor, action)
        .with_target(&invitation.id)
        .with_detail("role", Role::from(invitation.role).name());
    tx.commit(event).await?;
    Ok(Replayable::new(resent))
}
