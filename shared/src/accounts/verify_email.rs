//! Verifying an address with the mailed code, which also signs in for the first time.

use super::finish_sign_in::{SignIn, SignInAnswer, SignInUser, finish_sign_in};
use super::free_grant::grant_free_credits;
use super::{PendingRegistration, RegistrationToken, User};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::mailed_codes::{self, CodeKey, MailedCode};
use crate::requester::Requester;
use crate::sessions::{Session, SignInMethod, VerifiedSessionToken};
use crate::throttle::Throttle;
use crate::values::{CodePurpose, EmailAddress};

/// Message to a user whose password was dropped: see [`PendingRegistration`].
const CONTESTED_MESSAGE: &str =
    "Email verified. Another person registered this address too: set a new password";

/// What the browser of a request proves about the person who registered.
#[derive(Debug)]
pub struct RegistrantProof {
    /// Token of a registration in this browser.
    pub registration: Option<RegistrationToken>,
    /// Session of this browser, where the deployment signs in before the address is verified.
    pub session: Option<VerifiedSessionToken>,
}

/// Verifies the address of an account and signs in.
///
/// Drops the password if another person may have chosen it: see [`PendingRegistration`].
///
/// # Errors
/// - [`Error::InvalidCode`] if the code is wrong, expired, used up, or for another address.
/// - [`Error::RateLimited`] after too many requests from one network.
pub async fn verify_email(
    ctx: &Context,
    requester: &Requester,
    email: &EmailAddress,
    code: &str,
    proof: &RegistrantProof,
) -> Result<SignInAnswer> {
    let code = MailedCode::parse(code);
    let key = CodeKey::for_address(CodePurpose::VerifyEmail, email);
    let throttle = Throttle::unauthenticated("verify-email");
    let (throttled, verified) = tokio::join!(
        throttle.count_request(ctx, requester),
        mailed_codes::verify_code(ctx, &key, code.as_ref()),
    );
    throttled?;
    let verified = verified?;
    retry_conflicts(ctx, || async {
        let (user, has_session) = read_user(ctx, &verified.user_id, proof).await?;
        // The account may have moved to another address since the code was issued.
        let user = user
            .filter(|user| user.email == *email && !user.is_past_grace_period(ctx.now()))
            .ok_or(Error::InvalidCode)?;
        let mut tx = ctx.table.transaction();
        verified.consume(&mut tx)?;
        let must_reset =
            !has_session && may_belong_to_squatter(ctx, &user, proof.registration.as_ref());
        let entry = AuditEvent::for_account(ctx, requester, Action::EmailVerified, &user.id);
        let (entry, message) = if must_reset {
            let reason = "dropped, since the address was registered elsewhere too";
            (entry.with_detail("registration", reason), CONTESTED_MESSAGE)
        } else {
            (entry, "Email verified")
        };
        let user = if must_reset {
            user.reset_unverified(ctx, &mut tx)?
        } else {
            user.without_registration(&mut tx)?
        };
        grant_free_credits(ctx, &mut tx, &user).await?;
        let user = SignInUser::changed(User { email_verified: true, ..user });
        let method = SignInMethod::MailedCode;
        let sign_in = SignIn { user, method, message, log: vec![entry] };
        finish_sign_in(ctx, tx, requester, sign_in).await
    })
    .await
}

/// Reads the account, and whether the request has a session of it.
async fn read_user(
    ctx: &Context,
    id: &UserId,
    proof: &RegistrantProof,
) -> Attempt<(Option<User>, bool)> {
    let user = keys::user(id);
    let session = proof.session.as_ref().filter(|session| session.user == *id);
    let Some(session) = session.filter(|_| !ctx.config.require_email_verification) else {
        return Ok((ctx.table.get(&user).await?, false));
    };
    let session = keys::session(id, &session.session);
    // Items of two moments could hide the session, and the account would be reset.
    let mut found = ctx.table.snapshot(&[user.clone(), session.clone()]).await?;
    let user: Option<User> = found.take(&user)?;
    let session: Option<Session> = found.take(&session)?;
    let is_active = |user: &User| session.is_some_and(|s| s.is_active(user, ctx.now()));
    let has_session = user.as_ref().is_some_and(is_active);
    Ok((user, has_session))
}

/// Returns whether the contents of the account may come from another person: see [`PendingRegistration`]. Where
/// the deployment does not require verified addresses, the first registration has started a session, so
/// a single registration in another browser is enough.
fn may_belong_to_squatter(ctx: &Context, user: &User, browser: Option<&RegistrationToken>) -> bool {
    let is_suspicious = |pending: &PendingRegistration| {
        let is_contested = pending.contested || !ctx.config.require_email_verification;
        is_contested && !pending.is_from(browser)
    };
    user.pending.as_ref().is_some_and(is_suspicious)
}
