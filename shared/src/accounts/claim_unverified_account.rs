//! Claiming an account that was never verified with a Google identity that proves its address.

use super::User;
use super::finish_sign_in::{SignIn, SignInAnswer, SignInUser, finish_sign_in};
use super::free_grant::grant_free_credits;
use super::google_account::{GoogleAccount, display_name};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError};
use crate::error::Error;
use crate::google::GoogleIdentity;
use crate::mailed_codes::CodeKey;
use crate::requester::Requester;
use crate::sessions::SignInMethod;
use crate::values::CodePurpose;

/// Gives an account that was never verified to the identity that proves its address, and signs in.
///
/// A squatter may have registered the account, so nothing of it stays: password, profile, second factor,
/// sessions, another Google account and the outstanding code are removed.
///
/// # Errors
/// - [`Error::GoogleEmailNotVerified`] if the identity has no address.
/// - [`AttemptError::Conflict`] if the account or the guard of the identity has changed meanwhile.
pub(super) async fn claim_unverified_account(
    ctx: &Context,
    requester: &Requester,
    identity: &GoogleIdentity,
    user: User,
) -> Attempt<SignInAnswer> {
    let name = display_name(identity, &user.email)?;
    let google = GoogleAccount::from_identity(ctx, identity);
    let google = google.ok_or(Error::GoogleEmailNotVerified)?;
    let mut tx = ctx.table.transaction();
    let user = if user.is_connected_to(identity) {
        // The guard of this identity exists already and stays. Without the Google account, the reset
        // below does not delete it.
        User { google: None, ..user }
    } else {
        google.put_guard(&mut tx, &user.id)?;
        user
    };
    let code = CodeKey::for_address(CodePurpose::VerifyEmail, &user.email).key();
    tx.delete(&code, None, AttemptError::Conflict)?;
    let user = User { name, ..user }.reset_unverified(ctx, &mut tx)?;
    grant_free_credits(ctx, &mut tx, &user).await?;
    let user = User { email_verified: true, google: Some(google), ..user };
    let user = SignInUser::changed(user);
    let actions = [Action::AccountRegistered, Action::GoogleConnected];
    let log =
        actions.map(|action| AuditEvent::for_account(ctx, requester, action, &user.user().id));
    let (method, message) = (SignInMethod::Google, "Login successful");
    finish_sign_in(ctx, tx, requester, SignIn { user, method, message, log: log.into() }).await
}
