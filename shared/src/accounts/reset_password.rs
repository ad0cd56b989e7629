//! A new password for somebody who forgot theirs, with a mailed code.

use super::password::{self, Password};
use super::{User, change_password};
use crate::activity::{Action, AuditEvent};
use crate::codes::{Code, Slot};
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::requester::Requester;
use crate::values::{CodePurpose, EmailAddress};
use crate::{codes, keys, throttle};

/// Sets the password and ends all sessions. Works while signing in is slowed down: locking an
/// account out never keeps its owner from recovering it. The code proves the address as well.
pub async fn reset_password(
    ctx: &Context,
    requester: &Requester,
    email: &EmailAddress,
    code: &str,
    new: String,
) -> Result<()> {
    // What is wrong with the password by itself is said before a guess is spent on the code.
    let new = Password::chosen("new_password", new, email)?;
    let code = Code::parse(code);
    let slot = Slot::of_address(CodePurpose::ResetPassword, email);
    let throttle = throttle::unauthenticated("reset-password");
    let (throttled, judged) =
        tokio::join!(throttle.hit(ctx, requester), codes::judge(ctx, &slot, code.as_ref()),);
    throttled?;
    let proven = judged?;
    let read = || async {
        let user: Option<User> = ctx.table.get(&keys::user(&proven.user_id)).await?;
        user.filter(|user| user.email == *email && !user.is_over(ctx.now()))
            .ok_or(Error::InvalidCode)
    };
    let user = read().await?;
    new.must_differ_from(&user.name)?;
    let hashed = &password::hash(ctx, new).await?;
    let proven = &proven;
    let attempt = |user: User| async move {
        let mut tx = ctx.table.transaction();
        proven.spend(&mut tx)?;
        // Nobody had proven the address: what whoever registered it left behind goes.
        let user = if user.email_verified { user } else { user.emptied(ctx, &mut tx)? };
        let user = change_password::with_password(user, hashed.clone());
        let user = User { email_verified: true, ..user };
        let user = change_password::put(ctx, &mut tx, requester, user).await?;
        tx.commit(AuditEvent::for_account(ctx, requester, Action::PasswordReset, &user.id)).await
    };
    retry_from(ctx, user, read, attempt).await
}
