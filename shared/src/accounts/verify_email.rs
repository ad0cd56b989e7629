//! Proving an address with the mailed code, which also signs in for the first time.

use super::sign_in::SignedIn;
use super::{EmailAddress, User};
use crate::activity::{Action, Entry, Scope};
use crate::codes::{self, Code, Purpose};
use crate::context::Context;
use crate::dynamo::{Condition, Log, keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::requester::Requester;
use crate::sessions::{self, Method};
use crate::throttle;

/// Marks the address as proven and starts a session. [`Error::InvalidCode`] for a code that is
/// wrong, old, used or not of this address.
pub async fn verify_email(
    ctx: &Context,
    requester: &Requester,
    email: &EmailAddress,
    code: &str,
) -> Result<SignedIn> {
    let code = Code::parse(code);
    let throttle = throttle::unauthenticated("verify-email");
    let (throttled, judged) = tokio::join!(
        throttle.hit(ctx, requester),
        codes::judge(ctx, Purpose::VerifyEmail, email, code.as_ref()),
    );
    throttled?;
    let proven = judged?;
    retry_conflicts(ctx, || async {
        let user: Option<User> = ctx.table.get(&keys::user(&proven.user_id)).await?;
        // The code is for an address; its account may have gone another way meanwhile.
        let user = user.filter(|user| user.email == *email).ok_or(Error::InvalidCode)?;
        let mut tx = ctx.table.transaction();
        proven.spend(&mut tx)?;
        let unchanged = Condition::equal("version", user.version)?;
        let user = User { email_verified: true, version: user.version + 1, ..user };
        tx.put(&user, unchanged, Error::Conflict)?;
        let token = sessions::start(ctx, &mut tx, requester, &user, Method::MailedCode).await?;
        let scope = Scope::User(user.id.clone());
        let entry = |action| Entry::new(ctx, requester, &scope, action, &user.id, &user.id);
        let log = vec![entry(Action::EmailVerified), entry(Action::SessionStarted)];
        tx.commit(Log::Entries(log)).await?;
        Ok(SignedIn::new(&user, "Email verified", token))
    })
    .await
}
