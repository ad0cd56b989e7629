//! Connecting an account at Google, for somebody who is signed in.

use super::User;
use super::finish_sign_in::SignInAnswer;
use super::google::{GoogleAccount, GoogleGuard};
use super::take_over::take_over;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Condition, Record, retry_from};
use crate::error::{Error, Result};
use crate::google::Identity;
use crate::keys;
use crate::mail::{self, Message};
use crate::requester::Requester;
use crate::sessions::{Authenticated, read_again};

/// Connects the identity to the account, whatever the addresses are; connecting it again changes
/// nothing. Sessions go on, with one exception: where the identity proves the address of an account
/// that nobody had proven, the account is taken over whole. Its session may have been a squatter's,
/// so that one ends, and the answer is another.
///
/// [`Error::GoogleAlreadyConnected`] where the identity is connected to another account, or the
/// account to another identity; [`Error::GoogleEmailNotVerified`] where Google tells no address.
pub async fn connect_google(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
    identity: &Identity,
) -> Result<Option<SignInAnswer>> {
    let attempt = |user: User| attempt(ctx, requester, signed_in, identity, user);
    retry_from(ctx, signed_in.user.clone(), || read_again(ctx, signed_in), attempt).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
    identity: &Identity,
    user: User,
) -> Result<Option<SignInAnswer>> {
    let key = keys::google(&identity.issuer, &identity.subject);
    let guard: Option<GoogleGuard> = ctx.table.get(&key).await?;
    if guard.as_ref().is_some_and(|guard| guard.user_id != user.id) {
        return Err(Error::GoogleAlreadyConnected);
    }
    if user.is_proven_by(identity) {
        return take_over(ctx, requester, identity, user).await.map(Some);
    }
    match (&user.google, guard) {
        (Some(google), Some(_)) if google.is(identity) => return Ok(None),
        (Some(google), _) if !google.is(identity) => return Err(Error::GoogleAlreadyConnected),
        (None, None) => {}
        // One of the two has just changed.
        (Some(_), _) | (None, Some(_)) => return Err(Error::Conflict),
    }
    let google = GoogleAccount::connected_now(ctx, identity);
    let google = google.ok_or(Error::GoogleEmailNotVerified)?;
    let mut tx = ctx.table.transaction();
    google.claim(&mut tx, &user.id)?;
    tx.check(&signed_in.session.key(), &Condition::Exists, Error::InvalidSession)?;
    let keyring = ctx.secrets.keyring().await;
    let news = Message::google_connected(ctx, requester, &user, &google.email);
    mail::queue(ctx, &keyring, &mut tx, &user.email, news)?;
    let user = User { google: Some(google), ..user }.store(&mut tx)?;
    tx.commit(AuditEvent::for_account(ctx, requester, Action::GoogleConnected, &user.id)).await?;
    Ok(None)
}
