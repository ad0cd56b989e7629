//! Renewing the proof of identity of a session with a passkey.

use super::assertion::Assertion;
use super::ceremony::{Ceremony, CeremonyResponse, CeremonyStart, Purpose};
use super::register::store_for_session;
use super::{Passkey, RelyingParty};
use crate::accounts::User;
use crate::accounts::renew_proof::{RenewedProof, reauthenticated_event};
use crate::accounts::two_factor::reset::stop_waiting_reset;
use crate::context::Context;
use crate::dynamo::{Attempt, retry_from};
use crate::error::{Error, Result};
use crate::mail::ResetStopMethod;
use crate::sessions::{AuthenticatedSession, SessionToken, SignInMethod, renew_proof};
use crate::switches::Feature;

/// Starts the renewal of a session's proof of identity.
///
/// # Errors
/// - [`Error::NotFound`] if the account has no passkey.
/// - [`Error::InvalidSession`] if the session has ended meanwhile.
/// - [`Error::Disabled`] while passkeys are switched off.
pub async fn begin_renewal(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    relying_party: &impl RelyingParty,
) -> Result<CeremonyStart> {
    if signed_in.user.passkeys.is_empty() {
        return Err(Error::NotFound);
    }
    let purpose = Purpose::Reauthenticate(signed_in.session.id.clone());
    let (ceremony, start) = Ceremony::new(ctx, purpose, relying_party.assertion_options()?);
    let is_on = ctx.switches.require(Feature::Passkeys);
    tokio::try_join!(is_on, store_for_session(ctx, signed_in, &ceremony))?;
    Ok(start)
}

/// Renews the proof of a session with the response of an authenticator.
///
/// # Errors
/// - [`Error::InvalidCeremony`] if the ceremony is unknown, used, expired, or of another session.
/// - [`Error::PasskeyRefused`] if the response breaks a rule of WebAuthn, or if the passkey is of another account.
/// - [`Error::InvalidSession`] if the session has ended meanwhile.
/// - [`Error::Disabled`] while passkeys are switched off.
pub async fn renew_proof_with_passkey(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    relying_party: &impl RelyingParty,
    answer: CeremonyResponse<'_>,
) -> Result<RenewedProof> {
    let assertion = &Assertion::parse(relying_party, answer.response)?;
    // Before the ceremony is taken, so that a refused call does not use it up.
    ctx.switches.require(Feature::Passkeys).await?;
    let (ceremony, found) =
        tokio::join!(Ceremony::take(ctx, answer.ceremony_id), assertion.find(ctx));
    let ceremony = &ceremony?;
    ceremony.require(&Purpose::Reauthenticate(signed_in.session.id.clone()))?;
    if assertion.user != signed_in.user.id {
        return Err(Error::PasskeyRefused);
    }
    let attempt = |(user, passkey): (User, Passkey)| async move {
        let used =
            assertion.verify(ctx, &signed_in.requester, &ceremony.state, (&user, passkey)).await?;
        attempt(ctx, signed_in, user, used).await
    };
    retry_from(ctx, found?, || assertion.find(ctx), attempt).await
}

async fn attempt(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    mut user: User,
    used: Passkey,
) -> Attempt<RenewedProof> {
    let mut tx = ctx.table.transaction();
    let method = ResetStopMethod::Passkey;
    let is_reset_stopped =
        stop_waiting_reset(ctx, &mut tx, &signed_in.requester, &mut user, method).await?;
    let event = reauthenticated_event(ctx, signed_in, &user, &[SignInMethod::Passkey]);
    if is_reset_stopped {
        user.store(&mut tx)?;
    } else {
        user.check_unchanged(&mut tx)?;
    }
    used.store(&mut tx)?;
    let session = renew_proof(&mut tx, &signed_in.session, ctx.now())?;
    tx.commit(event).await?;
    let token = SessionToken::sign(&*ctx.secrets.keyring().await, &session)?;
    Ok(RenewedProof { auth_time: session.auth_time(), session_token: token.into_text() })
}
