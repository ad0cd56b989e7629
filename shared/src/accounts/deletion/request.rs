//! Requesting the deletion of an account.

use super::{DELETION_GRACE_PERIOD, Deletion, Erasure};
use crate::accounts::User;
use crate::accounts::attempt_limiter::AttemptLimiter;
use crate::accounts::reauthenticate::{
    CheckedProof, IdentityProof, reauthenticate, reload_reauthenticated,
};
use crate::activity::{Action, AuditEvent};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Attempt, retry_from};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::jobs::Job;
use crate::mail::{self, Message, Recipient};
use crate::organizations::{Membership, list_memberships, mark_owner_deleted};
use crate::requester::Requester;
use crate::sessions::AuthenticatedSession;

/// Ends all sessions and tokens of the account at once, and schedules its erasure after
/// [`DELETION_GRACE_PERIOD`]. The API keys of its organizations are refused from now on, until it is restored.
/// Returns the time of the erasure.
///
/// Requires the password, or a recent proof of the session if the account has none, and a code if it has a
/// second factor.
///
/// # Errors
/// - [`Error::Missing`] if the password or the code is absent.
/// - [`Error::InvalidCredentials`] if the password is wrong.
/// - [`Error::ReauthRequired`] if the account has no password and the session's proof is not recent.
/// - [`Error::InvalidCode`] if the code is wrong or used up.
/// - [`Error::RateLimited`] after too many wrong passwords or codes.
/// - [`Error::OwnsOrganizations`] if the user owns an organization that has other members.
pub async fn request_deletion(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    proof: IdentityProof<'_>,
) -> Result<Timestamp> {
    let user = &signed_in.user;
    // Both run in parallel, but a failed proof is reported first: nobody else may learn about the
    // organizations.
    let (proven, owned) = tokio::join!(
        reauthenticate(ctx, signed_in, "password", proof),
        list_unshared_organizations(ctx, &user.id)
    );
    let proof = proven?;
    let first = (user.clone(), owned?);
    // The user is read before the organizations: a new member of one of them changes its owner, so that
    // the transaction fails.
    let reload = || async {
        let current = reload_reauthenticated(ctx, signed_in).await?;
        let owned = list_unshared_organizations(ctx, &current.id).await?;
        Attempt::Ok((current, owned))
    };
    let attempt = |(before, owned): (User, Vec<OrganizationId>)| {
        let proof = &proof;
        async move { attempt(ctx, &signed_in.requester, before, &owned, proof).await }
    };
    retry_from(ctx, first, reload, attempt).await
}

/// Lists the organizations that the user owns.
///
/// # Errors
/// [`Error::OwnsOrganizations`] if some of them have other members; it holds their ids and names.
pub(super) async fn list_unshared_organizations(
    ctx: &Context,
    user: &UserId,
) -> Result<Vec<OrganizationId>> {
    let (mut owned, mut shared) = (Vec::new(), Vec::new());
    for membership in list_memberships(ctx, user).await? {
        match membership {
            Membership::SoleOwner(organization) if organization.exists() => {
                owned.push(organization.id);
            }
            Membership::OwnerWithMembers(organization) => {
                shared.push((organization.id.to_string(), organization.name.to_string()));
            }
            Membership::SoleOwner(_) | Membership::Member(_) | Membership::Deleted(_) => {}
        }
    }
    if shared.is_empty() { Ok(owned) } else { Err(Error::OwnsOrganizations(shared)) }
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    before: User,
    owned: &[OrganizationId],
    proof: &CheckedProof,
) -> Attempt<Timestamp> {
    let mut tx = ctx.table.transaction();
    let user = proof.consume(ctx, &mut tx, requester, before).await?;
    let due_at = ctx.now().plus(DELETION_GRACE_PERIOD);
    let user = User {
        deletion: Some(Deletion::scheduled_at(ctx, due_at)),
        session_generation: user.session_generation + 1,
        tokens: user.tokens.revoke_all(ctx.now()),
        ..user
    };
    let user = user.store(&mut tx)?;
    mark_owner_deleted(&mut tx, &user.id, owned, ctx.now())?;
    // For organizations beyond those, and for one that is created at this moment.
    Job::SyncOwnerDeletion { user_id: user.id.clone() }.requeue(&mut tx)?;
    tx.put_new(&Erasure { user_id: user.id.clone(), due_at })?;
    let keyring = ctx.secrets.keyring().await;
    AttemptLimiter::for_sessions(&keyring, &user.id).clear(&mut tx)?;
    let message = Message::deletion_scheduled(ctx, requester, &user, due_at);
    mail::queue(ctx, &keyring, &mut tx, Recipient::from(&user), message)?;
    tx.commit(AuditEvent::for_account(ctx, requester, Action::DeletionScheduled, &user.id)).await?;
    Ok(due_at)
}
