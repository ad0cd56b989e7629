//! Mailing the code again.
//!
//! Whoever asks learns nothing: an address without an account, or with a proven one, gets the same
//! answer after the same reads and writes, only no mail.

use super::{EmailAddress, EmailGuard, User, find_by_email, register};
use crate::codes::{self, IssuedCode, Purpose};
use crate::context::Context;
use crate::dynamo::{Log, keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::mail;
use crate::requester::Requester;
use crate::throttle;

/// Mails a new code if there is an account that waits for one and the last was asked for long
/// enough ago; otherwise does as much work for nothing.
pub async fn resend_code(ctx: &Context, requester: &Requester, email: &EmailAddress) -> Result<()> {
    let throttle = throttle::unauthenticated("resend");
    let ((), before) = tokio::try_join!(throttle.hit(ctx, requester), read(ctx, email))?;
    let mut before = Some(before);
    retry_conflicts(ctx, || {
        let before = before.take();
        async {
            let (user, code) = match before {
                Some(before) => before,
                None => read(ctx, email).await?,
            };
            attempt(ctx, requester, email, user, code).await
        }
    })
    .await
}

async fn read(ctx: &Context, email: &EmailAddress) -> Result<(Option<User>, Option<IssuedCode>)> {
    let (guard_key, code_key) = (keys::email(email), keys::code(Purpose::VerifyEmail, email));
    let mut found = ctx.table.batch_get(&[guard_key.clone(), code_key.clone()]).await?;
    let guard: Option<EmailGuard> = found.take(&guard_key)?;
    Ok((find_by_email(ctx, guard.as_ref()).await?, found.take(&code_key)?))
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    email: &EmailAddress,
    user: Option<User>,
    before: Option<IssuedCode>,
) -> Result<()> {
    if before.as_ref().is_some_and(|before| !before.may_resend(ctx.now())) {
        return Ok(());
    }
    let mut tx = ctx.table.transaction();
    let sent = match user.filter(|user| !user.email_verified) {
        Some(user) => {
            match register::send_code(ctx, &mut tx, requester, &user, before.as_ref()).await {
                // The hour's codes are used up.
                Err(Error::RateLimited { .. }) => false,
                sent => sent.map(|()| true)?,
            }
        }
        None => false,
    };
    if !sent {
        let row = codes::note_request(ctx, Purpose::VerifyEmail, email, before.as_ref());
        codes::put(&mut tx, &row, before.as_ref())?;
        let keyring = ctx.secrets.keyring().await;
        mail::queue_decoy(ctx, &keyring, &mut tx, requester, email)?;
    }
    tx.commit(Log::Nothing("a code was mailed; the log tells when it is used")).await
}
