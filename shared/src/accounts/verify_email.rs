//! Proving an address with the mailed code, which also signs in for the first time.

use super::register::network_pseudonym;
use super::sign_in::SignedIn;
use super::{EmailAddress, Pending, User};
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
    let network = network_pseudonym(ctx, requester).await;
    retry_conflicts(ctx, || async {
        let user: Option<User> = ctx.table.get(&keys::user(&proven.user_id)).await?;
        // The code is for an address; its account may have gone another way meanwhile.
        let user = user.filter(|user| user.email == *email).ok_or(Error::InvalidCode)?;
        let mut tx = ctx.table.transaction();
        proven.spend(&mut tx)?;
        let unchanged = Condition::equal("version", user.version)?;
        let (user, dropped) = proven_user(user, &network);
        tx.put(&user, unchanged, Error::Conflict)?;
        let started = sessions::start(ctx, &mut tx, requester, &user, Method::MailedCode).await?;
        let (scope, action) = (Scope::User(user.id.clone()), Action::EmailVerified);
        let mut entry = Entry::new(ctx, requester, &scope, action, &user.id, &user.id);
        if dropped {
            entry =
                entry.detail("password", "dropped, since registrations came from elsewhere too");
        }
        tx.commit(Log::Entries(vec![entry, started.entry])).await?;
        let message = if dropped {
            "Email verified. Somebody else registered this address too: set a new password"
        } else {
            "Email verified"
        };
        Ok(SignedIn::new(&user, message, started.token))
    })
    .await
}

/// The user with a proven address, and whether their password had to go: see [`Pending`].
fn proven_user(user: User, network: &str) -> (User, bool) {
    let not_theirs = |pending: &Pending| pending.contested && pending.network != network;
    let drop = user.pending.as_ref().is_some_and(not_theirs);
    let password_hash = if drop { None } else { user.password_hash };
    let version = user.version + 1;
    (User { email_verified: true, password_hash, pending: None, version, ..user }, drop)
}
