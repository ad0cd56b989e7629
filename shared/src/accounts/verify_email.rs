//! Proving an address with the mailed code, which also signs in for the first time.

use super::finish_sign_in::{Arriving, SignInAnswer, finish};
use super::register::network_pseudonym;
use super::{Pending, User};
use crate::activity::{Action, AuditEvent};
use crate::codes::{Code, Slot};
use crate::context::Context;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::requester::Requester;
use crate::sessions::Method;
use crate::values::{CodePurpose, EmailAddress};
use crate::{codes, keys, throttle};

/// Marks the address as proven and signs in. [`Error::InvalidCode`] for a code that is
/// wrong, old, used or not of this address.
pub async fn verify_email(
    ctx: &Context,
    requester: &Requester,
    email: &EmailAddress,
    code: &str,
) -> Result<SignInAnswer> {
    let code = Code::parse(code);
    let slot = Slot::of_address(CodePurpose::VerifyEmail, email);
    let throttle = throttle::unauthenticated("verify-email");
    let (throttled, judged) =
        tokio::join!(throttle.hit(ctx, requester), codes::judge(ctx, &slot, code.as_ref()),);
    throttled?;
    let proven = judged?;
    let network = network_pseudonym(ctx, requester).await;
    retry_conflicts(ctx, || async {
        let user: Option<User> = ctx.table.get(&keys::user(&proven.user_id)).await?;
        // The code is for an address; its account may have gone another way meanwhile.
        let user = user
            .filter(|user| user.email == *email && !user.is_over(ctx.now()))
            .ok_or(Error::InvalidCode)?;
        let mut tx = ctx.table.transaction();
        proven.spend(&mut tx)?;
        let dropped = may_be_somebody_elses(ctx, &user, &network);
        let entry = AuditEvent::for_account(ctx, requester, Action::EmailVerified, &user.id);
        let (entry, message) = if dropped {
            let why = "dropped, since registrations came from elsewhere too";
            (entry.with_detail("registration", why), CONTESTED)
        } else {
            (entry, "Email verified")
        };
        let user = if dropped { user.emptied(ctx, &mut tx)? } else { user };
        let arriving = Arriving::changed(User { email_verified: true, pending: None, ..user });
        finish(ctx, tx, requester, arriving, Method::MailedCode, message, vec![entry]).await
    })
    .await
}

const CONTESTED: &str =
    "Email verified. Somebody else registered this address too: set a new password";

/// Whether what is in the account may be somebody else's: see [`Pending`]. Where addresses needn't be
/// proven, whoever registered has been signed in all along, and one registration is enough.
fn may_be_somebody_elses(ctx: &Context, user: &User, network: &str) -> bool {
    let elsewhere = |pending: &Pending| {
        let suspect = pending.contested || !ctx.config.require_email_verification;
        suspect && pending.network != network
    };
    user.pending.as_ref().is_some_and(elsewhere)
}
