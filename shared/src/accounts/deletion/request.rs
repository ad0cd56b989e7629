//! Asking for an account to be deleted.

use super::{Deletion, Erasure, GRACE};
use crate::accounts::User;
use crate::accounts::guesses::Guessed;
use crate::accounts::password::Password;
use crate::accounts::prove_owner::{prove_owner, read_proven};
use crate::accounts::two_factor::{Code, count_signed_in_guess, spend};
use crate::activity::{Action, AuditEvent};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::mail::{self, Message};
use crate::organizations::{Membership, list_memberships};
use crate::requester::Requester;
use crate::sessions::Authenticated;

/// Ends every session and token of the account at once, and has it erased when [`GRACE`] is over; says
/// when that is.
///
/// Takes the password (or a recent sign-in, where there is none) and, of an account that has a second
/// factor, a code: [`Error::Missing`]; [`Error::InvalidCredentials`], [`Error::ReauthRequired`];
/// [`Error::InvalidCode`]; [`Error::RateLimited`] as at signing in. [`Error::OwnsOrganizations`] where others
/// belong to a client of theirs.
pub async fn request(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
    password: Option<Password>,
    code: Option<&str>,
) -> Result<Timestamp> {
    let user = &signed_in.user;
    let code = match (&user.second_factor, code) {
        (None, _) => None,
        (Some(_), Some(code)) => Some(Code::parse(code)),
        (Some(_), None) => return Err(Error::missing("code")),
    };
    // Side by side, but whoever hasn't proven to be the owner hears of nothing else.
    let (proven, free) = tokio::join!(
        prove_owner(ctx, signed_in, "password", password),
        nobody_else_needs_it(ctx, &user.id)
    );
    proven?;
    free?;
    if let Some(code) = &code {
        count_signed_in_guess(ctx, user, code).await?;
    }
    // In this order, as before: whoever joins a client of theirs in between changes the user.
    let read = || async {
        let now = read_proven(ctx, signed_in).await?;
        nobody_else_needs_it(ctx, &now.id).await?;
        Ok(now)
    };
    let attempt = |before: User| attempt(ctx, requester, before, code.as_ref());
    retry_from(ctx, user.clone(), read, attempt).await
}

async fn nobody_else_needs_it(ctx: &Context, user: &UserId) -> Result<()> {
    let named = |membership| match membership {
        Membership::OwnerWithMembers(organization) => {
            Some((organization.id.to_string(), organization.name.to_string()))
        }
        Membership::SoleOwner(_) | Membership::Member(_) | Membership::Deleted(_) => None,
    };
    let clients: Vec<_> =
        list_memberships(ctx, user).await?.into_iter().filter_map(named).collect();
    if clients.is_empty() { Ok(()) } else { Err(Error::OwnsOrganizations(clients)) }
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    before: User,
    code: Option<&Code>,
) -> Result<Timestamp> {
    let mut tx = ctx.table.transaction();
    let user = match (&before.second_factor, code) {
        (None, _) => before,
        (Some(_), Some(code)) => spend(ctx, &mut tx, requester, before, code).await?.0,
        // Turned on since the request came.
        (Some(_), None) => return Err(Error::missing("code")),
    };
    let due_at = ctx.now().plus(GRACE);
    let user = User {
        deletion: Some(Deletion::due_at(ctx, due_at)),
        session_generation: user.session_generation + 1,
        tokens: user.tokens.revoke_all(ctx.now()),
        ..user
    };
    let user = user.store(&mut tx)?;
    tx.put_new(&Erasure { user_id: user.id.clone(), due_at })?;
    let keyring = ctx.secrets.keyring().await;
    Guessed::password(&keyring, &user.email).forget(&mut tx)?;
    let message = Message::deletion_scheduled(ctx, requester, &user, due_at);
    mail::queue(ctx, &keyring, &mut tx, &user.email, message)?;
    tx.commit(AuditEvent::for_account(ctx, requester, Action::DeletionScheduled, &user.id)).await?;
    Ok(due_at)
}
