//! Registering a passkey of a signed-in user.

use serde_json::Value;

use super::ceremony::{Ceremony, CeremonyStart, Purpose};
use super::list::read_passkeys;
use super::stored::PasskeyGuard;
use super::{Passkey, PasskeyEntry, PasskeyView, RelyingParty, VerifiedCredential};
use crate::accounts::{User, queue_security_notice};
use crate::activity::{Action, AuditEvent, Log};
use crate::context::Context;
use crate::dynamo::{Attempt, Condition, Record, retry_conflicts, retry_from};
use crate::error::{Error, Result};
use crate::ids::PasskeyId;
use crate::mail::{Message, PasskeyChange};
use crate::requester::Requester;
use crate::sessions::{AuthenticatedSession, reload_user};
use crate::switches::Feature;
use crate::values::Name;

/// Maximum number of passkeys of an account. The number is our own choice: a person has few devices, and all passkeys
/// of an account can end in one transaction.
pub const MAX_PASSKEYS: usize = 10;

/// Starts the registration of a passkey. Requires a recent proof of identity.
///
/// # Errors
/// - [`Error::TooManyPasskeys`] if the account has [`MAX_PASSKEYS`].
/// - [`Error::ReauthRequired`] if the session's proof of identity is not recent.
/// - [`Error::InvalidSession`] if the session has ended meanwhile.
/// - [`Error::Disabled`] while passkeys are switched off.
pub async fn begin_registration(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    relying_party: &impl RelyingParty,
) -> Result<CeremonyStart> {
    signed_in.require_recent_proof(ctx.now())?;
    let user = &signed_in.user;
    require_room(user)?;
    let is_on = ctx.switches.require(Feature::Passkeys);
    let ((), registered) = tokio::try_join!(is_on, read_passkeys(ctx, user))?;
    let registered: Vec<_> = registered.into_iter().map(|passkey| passkey.credential).collect();
    let options = relying_party.registration_options(user, &registered)?;
    let purpose = Purpose::Register(signed_in.session.id.clone());
    let (ceremony, start) = Ceremony::new(ctx, purpose, options);
    store_for_session(ctx, signed_in, &ceremony).await?;
    Ok(start)
}

/// Stores a ceremony of a session that has not ended.
///
/// # Errors
/// [`Error::InvalidSession`] if the session has ended.
pub(super) async fn store_for_session(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    ceremony: &Ceremony,
) -> Result<()> {
    retry_conflicts(ctx, || async {
        let mut tx = ctx.table.transaction();
        tx.put_new(ceremony)?;
        tx.check(&signed_in.session.key(), &Condition::Exists, Error::InvalidSession)?;
        tx.commit(Log::Nothing("nothing has changed until the authenticator responds")).await
    })
    .await
}

/// Registers the passkey of an authenticator's response. Other sessions stay valid. Requires a recent proof of
/// identity.
///
/// # Errors
/// - [`Error::InvalidCeremony`] if the ceremony is unknown, used, expired, or of another session.
/// - [`Error::InvalidPasskey`] if the response breaks a rule of WebAuthn.
/// - [`Error::PasskeyAlreadyRegistered`] if an account has the passkey.
/// - [`Error::TooManyPasskeys`] if the account has [`MAX_PASSKEYS`].
/// - [`Error::ReauthRequired`] if the session's proof of identity is not recent.
/// - [`Error::InvalidSession`] if the session has ended meanwhile.
/// - [`Error::Disabled`] while passkeys are switched off.
pub async fn register(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    relying_party: &impl RelyingParty,
    registration: PasskeyRegistrationParams<'_>,
) -> Result<PasskeyView> {
    signed_in.require_recent_proof(ctx.now())?;
    let PasskeyRegistrationParams { ceremony_id, name, response } = registration;
    // Before the ceremony is taken, so that a refused call does not use it up.
    ctx.switches.require(Feature::Passkeys).await?;
    let ceremony = Ceremony::take(ctx, ceremony_id).await?;
    ceremony.require(&Purpose::Register(signed_in.session.id.clone()))?;
    let verified = relying_party.verify_registration(&ceremony.state, response);
    let verified = &verified.map_err(|refusal| refusal.into_error(Error::InvalidPasskey))?;
    let attempt = |before: User| attempt(ctx, &signed_in.requester, before, name, verified);
    retry_from(ctx, signed_in.user.clone(), || reload_user(ctx, signed_in), attempt).await
}

/// The second call of a registration.
#[derive(Clone, Copy, Debug)]
pub struct PasskeyRegistrationParams<'a> {
    /// Id of the ceremony.
    pub ceremony_id: &'a str,
    /// Name of the new passkey.
    pub name: &'a Name,
    /// Response of the authenticator, in the JSON form of WebAuthn Level 3.
    pub response: &'a Value,
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    mut user: User,
    name: &Name,
    verified: &VerifiedCredential,
) -> Attempt<PasskeyView> {
    require_room(&user)?;
    let id = PasskeyId::of_credential(&verified.credential_id);
    let now = ctx.now();
    let passkey = Passkey {
        id: id.clone(),
        user_id: user.id.clone(),
        name: name.clone(),
        credential: verified.credential.clone(),
        authenticator: verified.authenticator.clone(),
        created_at: now,
        last_used_at: None,
        version: 0,
    };
    let mut tx = ctx.table.transaction();
    user.passkeys.push(PasskeyEntry { id: id.clone(), created_at: now });
    let user = user.store(&mut tx)?;
    let guard = PasskeyGuard { id: id.clone(), user_id: user.id.clone() };
    tx.put(&guard, Condition::Absent, Error::PasskeyAlreadyRegistered)?;
    tx.put(&passkey, Condition::Absent, Error::PasskeyAlreadyRegistered)?;
    let keyring = ctx.secrets.keyring().await;
    let message = Message::passkey_changed(ctx, requester, &user, name, PasskeyChange::Added);
    queue_security_notice(ctx, &keyring, &mut tx, &user, message)?;
    let entry = AuditEvent::for_account(ctx, requester, Action::PasskeyAdded, &user.id);
    tx.commit(entry.with_target(&id).with_detail("name", name)).await?;
    Ok(PasskeyView::from(&passkey))
}

fn require_room(user: &User) -> Result<()> {
    if user.passkeys.len() < MAX_PASSKEYS {
        Ok(())
    } else {
        Err(Error::TooManyPasskeys(MAX_PASSKEYS))
    }
}
