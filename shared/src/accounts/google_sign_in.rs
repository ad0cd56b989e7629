//! Signing in with Google: to the account that the identity is connected to, or to the one with the
//! same address, proven on both sides, or to a new one.

use super::finish_sign_in::{self, Arriving, SignInAnswer, finish};
use super::google::{GoogleAccount, GoogleGuard, name_of};
use super::take_over::take_over;
use super::{EmailGuard, User, create};
use crate::activity::{Action, AuditEvent, Log};
use crate::context::Context;
use crate::dynamo::{Key, retry_conflicts};
use crate::error::{Error, Result};
use crate::google::Identity;
use crate::ids::UserId;
use crate::keys;
use crate::mail::{self, Message};
use crate::requester::Requester;
use crate::sessions::Method;
use crate::values::EmailAddress;

/// For people.
const MESSAGE: &str = "Login successful";

/// What an identity finds here.
enum Found {
    /// The account that it signs in to.
    Connected(User),
    /// An account with its address, which Google has verified.
    SameAddress(User, GoogleAccount),
    /// Nothing, and nobody has its address.
    Nobody(GoogleAccount),
}

/// Starts a session, or asks for the second factor.
///
/// [`Error::GoogleEmailNotVerified`] for an identity that isn't connected and proves no address;
/// [`Error::GoogleAlreadyConnected`] where the account with its address has another;
/// [`Error::EmailAlreadyExists`] where an account that has moved on still keeps the address;
/// [`Error::EmailNotVerified`] for a connected account whose own address isn't proven.
pub async fn google_sign_in(
    ctx: &Context,
    requester: &Requester,
    identity: &Identity,
) -> Result<SignInAnswer> {
    retry_conflicts(ctx, || async {
        match read(ctx, identity).await? {
            Found::Connected(user) => connected(ctx, requester, identity, user).await,
            Found::SameAddress(user, google) if user.email_verified => {
                connect(ctx, requester, identity, user, google).await
            }
            Found::SameAddress(user, _) => take_over(ctx, requester, identity, user).await,
            Found::Nobody(google) => create(ctx, requester, identity, google).await,
        }
    })
    .await
}

/// What there is now. Where two rows don't fit together, one of them has just changed:
/// [`Error::Conflict`].
async fn read(ctx: &Context, identity: &Identity) -> Result<Found> {
    let google_key = keys::google(&identity.issuer, &identity.subject);
    let email_key = identity.verified_email().map(keys::email);
    let both: Vec<Key> = std::iter::once(google_key.clone()).chain(email_key.clone()).collect();
    let mut found = ctx.table.batch_get(&both).await?;
    if let Some(guard) = found.take::<GoogleGuard>(&google_key)? {
        let user = user(ctx, &guard.user_id).await?;
        return user
            .filter(|user| user.has_google(identity))
            .map(Found::Connected)
            .ok_or(Error::Conflict);
    }
    let (Some(key), Some(email), Some(google)) =
        (email_key, identity.verified_email(), GoogleAccount::connected_now(ctx, identity))
    else {
        return Err(Error::GoogleEmailNotVerified);
    };
    match found.take::<EmailGuard>(&key)? {
        None => Ok(Found::Nobody(google)),
        Some(guard) if guard.is_reserved(ctx.now()) => {
            let items = [google_key, key];
            let found = ctx.table.snapshot(&items).await?;
            let is_connected = found.read::<GoogleGuard>(&items[0])?.is_some();
            let guard = found.read::<EmailGuard>(&items[1])?;
            let is_reserved = guard.is_some_and(|guard| guard.is_reserved(ctx.now()));
            Err(refuse(!is_connected && is_reserved, Error::EmailAlreadyExists))
        }
        // An account that has moved on, and keeps the address no longer.
        Some(guard) if guard.reserved_until.is_some() => Ok(Found::Nobody(google)),
        Some(guard) => {
            let user = user(ctx, &guard.user_id).await?.filter(|user| user.email == *email);
            user.map(|user| Found::SameAddress(user, google)).ok_or(Error::Conflict)
        }
    }
}

async fn user(ctx: &Context, id: &UserId) -> Result<Option<User>> {
    ctx.table.get(&keys::user(id)).await
}

async fn connected(
    ctx: &Context,
    requester: &Requester,
    identity: &Identity,
    user: User,
) -> Result<SignInAnswer> {
    if user.is_proven_by(identity) {
        return take_over(ctx, requester, identity, user).await;
    }
    if !user.is_in_use(ctx) {
        return Err(Error::EmailNotVerified);
    }
    let told = |google: &GoogleAccount| -> Option<EmailAddress> {
        identity.email.clone().filter(|email| *email != google.email)
    };
    let arriving = match user.google.as_ref().and_then(told) {
        None => Arriving::as_read(user),
        Some(email) => {
            let google = user.google.map(|google| GoogleAccount { email, ..google });
            Arriving::changed(User { google, ..user })
        }
    };
    let tx = ctx.table.transaction();
    finish(ctx, tx, requester, arriving, Method::Google, MESSAGE, vec![]).await
}

/// Connects the identity to the account with its address: proven on both sides, so it is one person.
async fn connect(
    ctx: &Context,
    requester: &Requester,
    identity: &Identity,
    user: User,
    google: GoogleAccount,
) -> Result<SignInAnswer> {
    if user.google.is_some() {
        let items = [keys::google(&identity.issuer, &identity.subject), keys::user(&user.id)];
        let found = ctx.table.snapshot(&items).await?;
        let is_connected = found.read::<GoogleGuard>(&items[0])?.is_some();
        let user = found.read::<User>(&items[1])?;
        let has_another = user.is_some_and(|user| {
            user.email == google.email && user.google.is_some_and(|google| !google.is(identity))
        });
        return Err(refuse(!is_connected && has_another, Error::GoogleAlreadyConnected));
    }
    let mut tx = ctx.table.transaction();
    google.claim(&mut tx, &user.id)?;
    let keyring = ctx.secrets.keyring().await;
    let news = Message::google_connected(ctx, requester, &user, &google.email);
    mail::queue(ctx, &keyring, &mut tx, &user.email, news)?;
    let log = vec![AuditEvent::for_account(ctx, requester, Action::GoogleConnected, &user.id)];
    let arriving = Arriving::changed(User { google: Some(google), ..user });
    finish(ctx, tx, requester, arriving, Method::Google, MESSAGE, log).await
}

/// Returns `refusal` if it still holds for items that were read at one moment, and
/// [`Error::Conflict`] otherwise.
///
/// The guards of the identity and of the address come from one batch read. It may see a concurrent
/// sign-in's write to one of them and not yet its write to the other.
fn refuse(holds: bool, refusal: Error) -> Error {
    if holds { refusal } else { Error::Conflict }
}

async fn create(
    ctx: &Context,
    requester: &Requester,
    identity: &Identity,
    google: GoogleAccount,
) -> Result<SignInAnswer> {
    let name = name_of(identity, &google.email)?;
    let user = User {
        email_verified: true,
        google: Some(google.clone()),
        ..User::new(ctx, google.email.clone(), name)
    };
    let mut tx = ctx.table.transaction();
    google.claim(&mut tx, &user.id)?;
    let mut log = create::put_belongings(ctx, &mut tx, requester, &user)?;
    log.push(AuditEvent::for_account(ctx, requester, Action::GoogleConnected, &user.id));
    let methods = vec![Method::Google];
    let begun = finish_sign_in::start(ctx, &mut tx, requester, user, methods, MESSAGE).await?;
    begun.store_new(&mut tx)?;
    log.push(begun.entry);
    tx.commit(Log::Entries(log)).await?;
    Ok(SignInAnswer::SignedIn(begun.answer))
}
