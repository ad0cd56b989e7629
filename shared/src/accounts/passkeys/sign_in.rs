//! Signing in with a passkey: without anything else, or as the second factor of another sign-in.

use super::assertion::Assertion;
use super::ceremony::{Ceremony, CeremonyResponse, CeremonyStart, Purpose};
use super::{Passkey, RelyingParty};
use crate::accounts::User;
use crate::accounts::start_session::{SignedIn, StartSessionParams, start_session};
use crate::accounts::two_factor::challenge::{Challenge, find_challenge};
use crate::accounts::two_factor::reset::stop_waiting_reset;
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::{Attempt, retry_conflicts, retry_from};
use crate::error::{Error, Result};
use crate::mail::ResetStopMethod;
use crate::requester::Requester;
use crate::sessions::SignInMethod;
use crate::switches::Feature;
use crate::throttle::Throttle;

/// Starts a sign-in with a passkey. With a `challenge`, the passkey answers it as the second factor.
///
/// # Errors
/// - [`Error::InvalidChallenge`] if the challenge is unknown, used or expired.
/// - [`Error::RateLimited`] after too many requests from one network.
/// - [`Error::Disabled`] while passkeys are switched off.
pub async fn begin_sign_in(
    ctx: &Context,
    requester: &Requester,
    relying_party: &impl RelyingParty,
    challenge: Option<&str>,
) -> Result<CeremonyStart> {
    let throttle = Throttle::unauthenticated("passkey-options");
    let (is_on, throttled, purpose) = tokio::join!(
        ctx.switches.require(Feature::Passkeys),
        throttle.count_request(ctx, requester),
        find_purpose(ctx, challenge)
    );
    is_on?;
    throttled?;
    let purpose = purpose?;
    let (ceremony, start) = Ceremony::new(ctx, purpose, relying_party.assertion_options()?);
    retry_conflicts(ctx, || async {
        let mut tx = ctx.table.transaction();
        tx.put_new(&ceremony)?;
        tx.commit(Log::Nothing("nothing has changed until the authenticator responds")).await
    })
    .await?;
    Ok(start)
}

/// Returns the purpose of a sign-in: to answer the challenge with this token, or to sign in with the passkey alone.
async fn find_purpose(ctx: &Context, challenge: Option<&str>) -> Result<Purpose> {
    let Some(token) = challenge else { return Ok(Purpose::SignIn) };
    let challenge = find_challenge(ctx, token).await?;
    Ok(Purpose::SecondFactor { challenge: challenge.hash().to_owned() })
}

/// Signs in with the response of an authenticator, and starts the session. No other factor is asked for.
///
/// # Errors
/// - [`Error::InvalidCeremony`] if the ceremony is unknown, used, expired, or of another purpose.
/// - [`Error::PasskeyRefused`] if the response breaks a rule of WebAuthn, or if no account has the passkey.
/// - [`Error::InvalidChallenge`] if the challenge that the passkey answers is of another account, or has been used or
///   has expired meanwhile.
/// - [`Error::InvalidCredentials`] if the account is due for erasure.
/// - [`Error::EmailNotVerified`] if the address of the account is not verified.
/// - [`Error::RateLimited`] after too many requests from one network.
/// - [`Error::Disabled`] while passkeys are switched off.
pub async fn sign_in(
    ctx: &Context,
    requester: &Requester,
    relying_party: &impl RelyingParty,
    answer: CeremonyResponse<'_>,
) -> Result<SignedIn> {
    let assertion = Assertion::parse(relying_party, answer.response)?;
    let throttle = Throttle::unauthenticated("passkey-sign-in");
    // Before the ceremony is taken, so that a refused call does not use it up.
    ctx.switches.require(Feature::Passkeys).await?;
    let (throttled, ceremony, found) = tokio::join!(
        throttle.count_request(ctx, requester),
        Ceremony::take(ctx, answer.ceremony_id),
        assertion.find(ctx),
    );
    throttled?;
    let ceremony = &ceremony?;
    let challenge = match &ceremony.purpose {
        Purpose::SignIn => None,
        Purpose::SecondFactor { challenge } => {
            Some(Challenge::read(ctx, &assertion.user, challenge).await?)
        }
        Purpose::Register(_) | Purpose::Reauthenticate(_) => return Err(Error::InvalidCeremony),
    };
    let verification = &Verification { ceremony, assertion: &assertion, challenge };
    let attempt = |found: (User, Passkey)| attempt(ctx, requester, verification, found.0, found.1);
    retry_from(ctx, found?, || assertion.find(ctx), attempt).await
}

struct Verification<'a, R> {
    ceremony: &'a Ceremony,
    assertion: &'a Assertion<'a, R>,
    challenge: Option<Challenge>,
}

async fn attempt<R: RelyingParty>(
    ctx: &Context,
    requester: &Requester,
    verification: &Verification<'_, R>,
    mut user: User,
    passkey: Passkey,
) -> Attempt<SignedIn> {
    let Verification { ceremony, assertion, challenge } = verification;
    let used = assertion.verify(ctx, requester, &ceremony.state, (&user, passkey)).await?;
    if user.is_past_grace_period(ctx.now()) {
        return Err(Error::InvalidCredentials.into());
    }
    if !user.is_activated(ctx) {
        return Err(Error::EmailNotVerified.into());
    }
    let mut tx = ctx.table.transaction();
    let mut methods = Vec::new();
    if let Some(challenge) = challenge {
        methods.push(challenge.answer(ctx, &mut tx, &user)?);
    }
    methods.push(SignInMethod::Passkey);
    used.store(&mut tx)?;
    let method = ResetStopMethod::Passkey;
    let is_reset_stopped = stop_waiting_reset(ctx, &mut tx, requester, &mut user, method).await?;
    let session = StartSessionParams { user, methods, message: "Login successful" };
    let session = start_session(ctx, &mut tx, requester, session).await?;
    session.store_or_check_user(&mut tx, is_reset_stopped)?;
    tx.commit(session.entry).await?;
    Ok(session.answer)
}
