//! Signing in with Google: to the connected account, to the account with the same verified address, or
//! to a new account.

use super::claim_unverified_account::claim_unverified_account;
use super::finish_sign_in::{SignIn, SignInAnswer, SignInUser, finish_sign_in};
use super::free_grant::grant_free_credits;
use super::google_account::{GoogleAccount, GoogleGuard, display_name};
use super::queue_security_notice;
use super::start_session::{StartSessionParams, start_session};
use super::{EmailGuard, User, find_by_email, new_account};
use crate::activity::{Action, AuditEvent, Log};
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Key, retry_conflicts};
use crate::error::{Error, Result};
use crate::google::GoogleIdentity;
use crate::ids::UserId;
use crate::keys;
use crate::mail::Message;
use crate::requester::Requester;
use crate::sessions::SignInMethod;
use crate::switches::Feature;
use crate::values::{EmailAddress, Timezone};

/// Message in the answer to a successful sign-in.
const SUCCESS_MESSAGE: &str = "Login successful";

/// The account that an identity leads to.
enum MatchingAccount {
    /// The identity is connected to this account.
    Connected(User),
    /// This account has the address that the identity proves.
    SameAddress(User, GoogleAccount),
    /// No account is connected to the identity or has its address.
    None(GoogleAccount),
}

/// Signs in with a Google identity: starts a session, or requires the second factor. A new account gets `timezone`.
///
/// # Errors
/// - [`Error::GoogleEmailNotVerified`] if the identity is not connected, and Google has not verified its address.
/// - [`Error::GoogleNotConnected`] if Google does not host the address, and an account has it. A person who signs
///   in to that account can connect the identity.
/// - [`Error::GoogleEmailNotHosted`] if Google does not host the address, and no account has it.
/// - [`Error::GoogleAlreadyConnected`] if the account with the same address is connected to another
///   Google account.
/// - [`Error::EmailAlreadyExists`] if the address is reserved for an account that has changed its address.
/// - [`Error::EmailNotVerified`] if the connected account's own address is not verified.
/// - [`Error::InvalidCredentials`] if the account is due for erasure.
/// - [`Error::Disabled`] if the account would be new, while sign-up is switched off.
pub async fn google_sign_in(
    ctx: &Context,
    requester: &Requester,
    identity: &GoogleIdentity,
    timezone: Option<&Timezone>,
) -> Result<SignInAnswer> {
    retry_conflicts(ctx, || async {
        match find_matching_account(ctx, identity).await? {
            MatchingAccount::Connected(user) => {
                sign_in_connected(ctx, requester, identity, user).await
            }
            MatchingAccount::SameAddress(user, google) if user.email_verified => {
                connect_and_sign_in(ctx, requester, identity, user, google).await
            }
            MatchingAccount::SameAddress(user, _) => {
                claim_unverified_account(ctx, requester, identity, user).await
            }
            MatchingAccount::None(google) => {
                create_account(ctx, requester, identity, google, timezone).await
            }
        }
    })
    .await
}

/// Finds the account that an identity leads to. Returns [`AttemptError::Conflict`] if two rows contradict each
/// other, because then one of them has just changed.
async fn find_matching_account(
    ctx: &Context,
    identity: &GoogleIdentity,
) -> Attempt<MatchingAccount> {
    let google_key = keys::google_guard(&identity.issuer, &identity.subject);
    let email_key = identity.proven_email().map(keys::email_guard);
    let both: Vec<Key> = std::iter::once(google_key.clone()).chain(email_key.clone()).collect();
    let mut found = ctx.table.batch_get(&both).await?;
    if let Some(guard) = found.take::<GoogleGuard>(&google_key)? {
        let user = read_user(ctx, &guard.user_id).await?;
        return user
            .filter(|user| user.is_connected_to(identity))
            .map(MatchingAccount::Connected)
            .ok_or(AttemptError::Conflict);
    }
    let (Some(key), Some(email), Some(google)) =
        (email_key, identity.proven_email(), GoogleAccount::from_identity(ctx, identity))
    else {
        return Err(refuse_unproven(ctx, identity).await?.into());
    };
    match found.take::<EmailGuard>(&key)? {
        None => Ok(MatchingAccount::None(google)),
        Some(guard) if guard.is_reserved(ctx.now()) => {
            let items = [google_key, key];
            let found = ctx.table.snapshot(&items).await?;
            let is_connected = found.read::<GoogleGuard>(&items[0])?.is_some();
            let guard = found.read::<EmailGuard>(&items[1])?;
            let is_reserved = guard.is_some_and(|guard| guard.is_reserved(ctx.now()));
            Err(refusal_or_conflict(!is_connected && is_reserved, Error::EmailAlreadyExists))
        }
        // The account has moved to another address, and the reservation of this one is over.
        Some(guard) if guard.reserved_until.is_some() => Ok(MatchingAccount::None(google)),
        Some(guard) => {
            let user = read_user(ctx, &guard.user_id).await?.filter(|user| user.email == *email);
            user.map(|user| MatchingAccount::SameAddress(user, google))
                .ok_or(AttemptError::Conflict)
        }
    }
}

/// Returns the refusal of an identity that is not connected and proves no address. It says what to do.
async fn refuse_unproven(ctx: &Context, identity: &GoogleIdentity) -> Result<Error> {
    let Some(email) = identity.email.as_ref().filter(|_| identity.email_verified) else {
        return Ok(Error::GoogleEmailNotVerified);
    };
    let guard: Option<EmailGuard> = ctx.table.get(&keys::email_guard(email)).await?;
    let user = match guard.filter(|guard| guard.reserved_until.is_none()) {
        Some(guard) => find_by_email(ctx, email, Some(&guard)).await?,
        None => None,
    };
    let has_account = user.is_some_and(|user| user.is_activated(ctx) || user.deletion.is_some());
    Ok(if has_account { Error::GoogleNotConnected } else { Error::GoogleEmailNotHosted })
}

async fn read_user(ctx: &Context, id: &UserId) -> Result<Option<User>> {
    ctx.table.get(&keys::user(id)).await
}

/// Signs in to the account that the identity is connected to.
async fn sign_in_connected(
    ctx: &Context,
    requester: &Requester,
    identity: &GoogleIdentity,
    user: User,
) -> Attempt<SignInAnswer> {
    if user.is_verified_by(identity) {
        return claim_unverified_account(ctx, requester, identity, user).await;
    }
    if !user.is_activated(ctx) {
        return Err(Error::EmailNotVerified.into());
    }
    let changed_email = |google: &GoogleAccount| -> Option<EmailAddress> {
        identity.email.clone().filter(|email| *email != google.email)
    };
    let user = match user.google.as_ref().and_then(changed_email) {
        None => SignInUser::unchanged(user),
        Some(email) => {
            let google = user.google.map(|google| GoogleAccount { email, ..google });
            SignInUser::changed(User { google, ..user })
        }
    };
    let method = SignInMethod::Google;
    let sign_in = SignIn { user, method, message: SUCCESS_MESSAGE, log: vec![] };
    finish_sign_in(ctx, ctx.table.transaction(), requester, sign_in).await
}

/// Connects the identity to the account with its address, and signs in. The address is verified on both
/// sides, so both belong to one person.
async fn connect_and_sign_in(
    ctx: &Context,
    requester: &Requester,
    identity: &GoogleIdentity,
    user: User,
    google: GoogleAccount,
) -> Attempt<SignInAnswer> {
    if user.google.is_some() {
        let items = [keys::google_guard(&identity.issuer, &identity.subject), keys::user(&user.id)];
        let found = ctx.table.snapshot(&items).await?;
        let is_connected = found.read::<GoogleGuard>(&items[0])?.is_some();
        let user = found.read::<User>(&items[1])?;
        let has_another = user.is_some_and(|user| {
            user.email == google.email
                && user.google.is_some_and(|google| !google.matches(identity))
        });
        return Err(refusal_or_conflict(
            !is_connected && has_another,
            Error::GoogleAlreadyConnected,
        ));
    }
    let mut tx = ctx.table.transaction();
    google.put_guard(&mut tx, &user.id)?;
    let keyring = ctx.secrets.keyring().await;
    let message = Message::google_connected(ctx, requester, &user, &google.email);
    queue_security_notice(ctx, &keyring, &mut tx, &user, message)?;
    let log = vec![AuditEvent::for_account(ctx, requester, Action::GoogleConnected, &user.id)];
    let user = SignInUser::changed(User { google: Some(google), ..user });
    let sign_in = SignIn { user, method: SignInMethod::Google, message: SUCCESS_MESSAGE, log };
    finish_sign_in(ctx, tx, requester, sign_in).await
}

/// Returns `refusal` if it still holds for items that were read at one moment, and [`AttemptError::Conflict`]
/// otherwise.
///
/// The guards of the identity and of the address come from one batch read. It may see a concurrent
/// sign-in's write to one of them and not yet its write to the other.
fn refusal_or_conflict(holds: bool, refusal: Error) -> AttemptError {
    if holds { refusal.into() } else { AttemptError::Conflict }
}

/// Creates an account with a verified address, and signs in.
async fn create_account(
    ctx: &Context,
    requester: &Requester,
    identity: &GoogleIdentity,
    google: GoogleAccount,
    timezone: Option<&Timezone>,
) -> Attempt<SignInAnswer> {
    // The exchange at Google has just read the switches.
    ctx.switches.require(Feature::SignUp).await?;
    let name = display_name(identity, &google.email)?;
    let user = User {
        email_verified: true,
        google: Some(google.clone()),
        timezone: timezone.cloned(),
        ..User::new(ctx, google.email.clone(), name)
    };
    let mut tx = ctx.table.transaction();
    google.put_guard(&mut tx, &user.id)?;
    let mut log = new_account::put_new_account_items(ctx, &mut tx, requester, &user)?;
    grant_free_credits(ctx, &mut tx, &user).await?;
    log.push(AuditEvent::for_account(ctx, requester, Action::GoogleConnected, &user.id));
    let methods = vec![SignInMethod::Google];
    let session = StartSessionParams { user, methods, message: SUCCESS_MESSAGE };
    let session = start_session(ctx, &mut tx, requester, session).await?;
    session.store_new_user(&mut tx)?;
    log.push(session.entry);
    tx.commit(Log::Entries(log)).await?;
    Ok(SignInAnswer::SignedIn(session.answer))
}
