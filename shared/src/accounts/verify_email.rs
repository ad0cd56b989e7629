//! Verifying an address with the mailed code, which also signs in for the first time.

use super::finish_sign_in::{SignIn, SignInAnswer, SignInUser, finish_sign_in};
use super::free_grant::grant_free_credits;
use super::register::registration_network;
use super::{PendingRegistration, User};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::keys;
use crate::mailed_codes::{self, CodeKey, MailedCode};
use crate::requester::Requester;
use crate::sessions::SignInMethod;
use crate::throttle::Throttle;
use crate::values::{CodePurpose, EmailAddress};

/// Message to a user whose password was dropped: see [`PendingRegistration`].
const CONTESTED_MESSAGE: &str =
    "Email verified. Somebody else registered this address too: set a new password";

/// Verifies the address of an account and signs in.
///
/// # Errors
/// - [`Error::InvalidCode`] if the code is wrong, expired, used up, or for another address.
/// - [`Error::RateLimited`] after too many requests from one network.
pub async fn verify_email(
    ctx: &Context,
    requester: &Requester,
    email: &EmailAddress,
    code: &str,
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
    let network = registration_network(ctx, requester).await;
    retry_conflicts(ctx, || async {
        let user: Option<User> = ctx.table.get(&keys::user(&verified.user_id)).await?;
        // The account may have moved to another address since the code was issued.
        let user = user
            .filter(|user| user.email == *email && !user.is_past_grace_period(ctx.now()))
            .ok_or(Error::InvalidCode)?;
        let mut tx = ctx.table.transaction();
        verified.consume(&mut tx)?;
        let must_reset = may_belong_to_squatter(ctx, &user, &network);
        let entry = AuditEvent::for_account(ctx, requester, Action::EmailVerified, &user.id);
        let (entry, message) = if must_reset {
            let reason = "dropped, since registrations came from elsewhere too";
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

/// Whether the contents of the account may come from another person: see [`PendingRegistration`]. Where
/// the deployment does not require verified addresses, the first registration has started a session, so
/// a single registration from another network is enough.
fn may_belong_to_squatter(ctx: &Context, user: &User, network: &str) -> bool {
    let is_suspicious = |pending: &PendingRegistration| {
        let is_contested = pending.contested || !ctx.config.require_email_verification;
        is_contested && pending.network != network
    };
    user.pending.as_ref().is_some_and(is_suspicious)
}
