//! An account that nobody has proven to be theirs, taken over whole by whom Google vouches for: it
//! may be a squatter's, and nothing of it stays.

use super::User;
use super::finish_sign_in::{Arriving, SignInAnswer, finish};
use super::google::{GoogleAccount, name_of};
use crate::activity::{Action, AuditEvent};
use crate::codes::Slot;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::google::Identity;
use crate::requester::Requester;
use crate::sessions::Method;
use crate::values::CodePurpose;

/// Gives the account to the identity, which proves its address, and signs in. Password, profile,
/// second factor, sessions, another Google account and the code that waits are gone.
pub(super) async fn take_over(
    ctx: &Context,
    requester: &Requester,
    identity: &Identity,
    user: User,
) -> Result<SignInAnswer> {
    let name = name_of(identity, &user.email)?;
    let google = GoogleAccount::connected_now(ctx, identity);
    let google = google.ok_or(Error::GoogleEmailNotVerified)?;
    let mut tx = ctx.table.transaction();
    let user = if user.has_google(identity) {
        // Whoever had the account so far had connected this very identity: it stays claimed.
        User { google: None, ..user }
    } else {
        google.claim(&mut tx, &user.id)?;
        user
    };
    let code = Slot::of_address(CodePurpose::VerifyEmail, &user.email).key();
    tx.delete(&code, None, Error::Conflict)?;
    let user = User { name, ..user }.emptied(ctx, &mut tx)?;
    let user = User { email_verified: true, google: Some(google), ..user };
    let arriving = Arriving::changed(user);
    let actions = [Action::AccountRegistered, Action::GoogleConnected];
    let log =
        actions.map(|action| AuditEvent::for_account(ctx, requester, action, &arriving.user().id));
    let log = log.into();
    let message = "Login successful";
    finish(ctx, tx, requester, arriving, Method::Google, message, log).await
}
