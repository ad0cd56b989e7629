//! Resetting a forgotten password with a mailed code.

use super::free_grant::grant_free_credits;
use super::password::{self, Password};
use super::{User, change_password};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::keys;
use crate::mailed_codes::{self, CodeKey, MailedCode};
use crate::requester::Requester;
use crate::throttle::Throttle;
use crate::values::{CodePurpose, EmailAddress};

/// Sets a new password and ends all sessions of the account. The code also verifies the address.
///
/// This works while sign-ins are delayed, so that an attacker who locks an account never keeps its owner
/// from recovering it.
///
/// # Errors
/// - [`Error::Missing`], [`Error::InvalidField`] or [`Error::PasswordTooWeak`] if the new password breaks
///   the rules.
/// - [`Error::InvalidCode`] if the code is wrong, expired, used up, or for another address.
/// - [`Error::RateLimited`] after too many requests from one network.
pub async fn reset_password(
    ctx: &Context,
    requester: &Requester,
    email: &EmailAddress,
    code: &str,
    new: String,
) -> Result<()> {
    // A password that breaks the rules is refused before it costs an attempt to enter the code.
    let new = Password::parse_new("new_password", new, email)?;
    let code = MailedCode::parse(code);
    let key = CodeKey::for_address(CodePurpose::ResetPassword, email);
    let throttle = Throttle::unauthenticated("reset-password");
    let (throttled, verified) = tokio::join!(
        throttle.count_request(ctx, requester),
        mailed_codes::verify_code(ctx, &key, code.as_ref()),
    );
    throttled?;
    let verified = &verified?;
    let read_user = || async {
        let user: Option<User> = ctx.table.get(&keys::user(&verified.user_id)).await?;
        user.filter(|user| user.email == *email && !user.is_past_grace_period(ctx.now()))
            .ok_or(Error::InvalidCode)
    };
    let user = read_user().await?;
    new.require_different_from(&user.name)?;
    let hashed = &password::hash(ctx, new).await?;
    let attempt = |user: User| async move {
        let mut tx = ctx.table.transaction();
        verified.consume(&mut tx)?;
        // A squatter may have registered an account that was never verified.
        let user = if user.email_verified {
            user
        } else {
            grant_free_credits(ctx, &mut tx, &user).await?;
            user.reset_unverified(ctx, &mut tx)?
        };
        let user = change_password::with_password(user, hashed.clone());
        let user = User { email_verified: true, ..user };
        let user = change_password::store_with_new_password(ctx, &mut tx, requester, user).await?;
        tx.commit(AuditEvent::for_account(ctx, requester, Action::PasswordReset, &user.id)).await
    };
    retry_from(ctx, user, read_user, attempt).await
}
