//! Mailing a code to whoever asks for one by address, without a credential.
//!
//! Whoever asks learns nothing: an address that no code is for gets the same answer after the same
//! reads and writes, only no mail.

use super::{EmailAddress, EmailGuard, User, find_by_email};
use crate::codes::{self, IssuedCode, Purpose};
use crate::context::Context;
use crate::dynamo::{Log, Tx, keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::mail::{self, Message};
use crate::requester::Requester;
use crate::throttle;

/// Mails a code if there is an account that it is for and the last was asked for long enough ago;
/// otherwise does as much work for nothing.
pub async fn ask_for_code(
    ctx: &Context,
    requester: &Requester,
    purpose: Purpose,
    email: &EmailAddress,
) -> Result<()> {
    let throttle = throttle::unauthenticated(match purpose {
        Purpose::VerifyEmail => "resend-code",
        Purpose::ResetPassword => "forgot-password",
        Purpose::ChangeEmail => {
            return Err(Error::internal(
                "a code for another address is for the account's own session",
            ));
        }
    });
    let ((), before) = tokio::try_join!(throttle.hit(ctx, requester), read(ctx, purpose, email))?;
    let mut before = Some(before);
    retry_conflicts(ctx, || {
        let before = before.take();
        async {
            let (user, code) = match before {
                Some(before) => before,
                None => read(ctx, purpose, email).await?,
            };
            attempt(ctx, requester, purpose, email, user, code).await
        }
    })
    .await
}

async fn read(
    ctx: &Context,
    purpose: Purpose,
    email: &EmailAddress,
) -> Result<(Option<User>, Option<IssuedCode>)> {
    let (guard_key, code_key) = (keys::email(email), keys::code(purpose, email));
    let mut found = ctx.table.batch_get(&[guard_key.clone(), code_key.clone()]).await?;
    let guard: Option<EmailGuard> = found.take(&guard_key)?;
    Ok((find_by_email(ctx, guard.as_ref()).await?, found.take(&code_key)?))
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    purpose: Purpose,
    email: &EmailAddress,
    user: Option<User>,
    before: Option<IssuedCode>,
) -> Result<()> {
    if before.as_ref().is_some_and(|before| !before.may_resend(ctx.now())) {
        return Ok(());
    }
    let mut tx = ctx.table.transaction();
    let sent = match user.filter(|user| is_for(ctx, purpose, user)) {
        Some(user) => {
            match send_code(ctx, &mut tx, requester, purpose, &user, before.as_ref()).await {
                // The hour's codes are used up.
                Err(Error::RateLimited { .. }) => false,
                sent => sent.map(|()| true)?,
            }
        }
        None => false,
    };
    if !sent {
        let row = codes::note_request(ctx, purpose, email, before.as_ref());
        codes::put(&mut tx, &row, before.as_ref())?;
        let keyring = ctx.secrets.keyring().await;
        mail::queue_decoy(ctx, &keyring, &mut tx, requester, email)?;
    }
    tx.commit(Log::Nothing("a code was mailed; the log tells when it is used")).await
}

/// Whether an account can use a code for that.
fn is_for(ctx: &Context, purpose: Purpose, user: &User) -> bool {
    match purpose {
        Purpose::VerifyEmail => !user.email_verified,
        // An account that waits to be proven is registered again instead.
        Purpose::ResetPassword => user.email_verified || !ctx.config.require_email_verification,
        // Never without a credential.
        Purpose::ChangeEmail => false,
    }
}

/// Adds a code to a change, and the mail that carries it. [`Error::RateLimited`] when the hour's
/// codes are used up; then nothing is added.
pub(super) async fn send_code(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    purpose: Purpose,
    user: &User,
    before: Option<&IssuedCode>,
) -> Result<()> {
    let keyring = ctx.secrets.keyring().await;
    let (code, row) = codes::issue(ctx, &keyring, purpose, &user.email, &user.id, before)?;
    codes::put(tx, &row, before)?;
    let message = Message::code(ctx, requester, purpose, user, &code);
    mail::queue(ctx, &keyring, tx, &user.email, message)
}
