//! Mailing a code to whoever asks for one by address, without a credential.
//!
//! Whoever asks learns nothing: an address that no code is for gets the same answer after the same
//! reads and writes, only no mail.

use super::{EmailGuard, User, find_by_email};
use crate::activity::Log;
use crate::codes::{IssuedCode, Slot};
use crate::context::Context;
use crate::dynamo::{Tx, retry_from};
use crate::error::{Error, Result};
use crate::mail::{self, Message};
use crate::requester::Requester;
use crate::values::{CodePurpose, EmailAddress};
use crate::{codes, keys, throttle};

/// What the code is wanted for.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// The first sign-in of a new account.
    Verification,
    /// A new password.
    Reset,
}

impl Wanted {
    fn operation(self) -> &'static str {
        match self {
            Self::Verification => "resend-code",
            Self::Reset => "forgot-password",
        }
    }

    fn purpose(self) -> CodePurpose {
        match self {
            Self::Verification => CodePurpose::VerifyEmail,
            Self::Reset => CodePurpose::ResetPassword,
        }
    }

    fn slot(self, email: &EmailAddress) -> Slot {
        Slot::of_address(self.purpose(), email)
    }

    /// Whether an account can use it. One that waits to be erased can: it is restored after signing
    /// in, which may take a new password.
    fn is_for(self, ctx: &Context, user: &User) -> bool {
        let of_use = match self {
            Self::Verification => !user.email_verified,
            // An account that waits to be proven is registered again instead.
            Self::Reset => user.is_in_use(ctx),
        };
        of_use && !user.is_over(ctx.now())
    }
}

/// Mails a code if there is an account that it is for and the last was asked for long enough ago;
/// otherwise does as much work for nothing.
pub async fn ask_for_code(
    ctx: &Context,
    requester: &Requester,
    wanted: Wanted,
    email: &EmailAddress,
) -> Result<()> {
    let throttle = throttle::unauthenticated(wanted.operation());
    let ((), before) = tokio::try_join!(throttle.hit(ctx, requester), read(ctx, wanted, email))?;
    let attempt = |(user, code)| attempt(ctx, requester, wanted, email, user, code);
    retry_from(ctx, before, || read(ctx, wanted, email), attempt).await
}

async fn read(
    ctx: &Context,
    wanted: Wanted,
    email: &EmailAddress,
) -> Result<(Option<User>, Option<IssuedCode>)> {
    let (guard_key, code_key) = (keys::email(email), wanted.slot(email).key());
    let mut found = ctx.table.batch_get(&[guard_key.clone(), code_key.clone()]).await?;
    let guard: Option<EmailGuard> = found.take(&guard_key)?;
    Ok((find_by_email(ctx, email, guard.as_ref()).await?, found.take(&code_key)?))
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    wanted: Wanted,
    email: &EmailAddress,
    user: Option<User>,
    before: Option<IssuedCode>,
) -> Result<()> {
    if before.as_ref().is_some_and(|before| !before.may_resend(ctx.now())) {
        return Ok(());
    }
    let mut tx = ctx.table.transaction();
    let sent = match user.filter(|user| wanted.is_for(ctx, user)) {
        Some(user) => {
            match send_code(ctx, &mut tx, requester, wanted.purpose(), &user, before.as_ref()).await
            {
                // The hour's codes are used up.
                Err(Error::RateLimited { .. }) => false,
                sent => sent.map(|()| true)?,
            }
        }
        None => false,
    };
    if !sent {
        let row = codes::note_request(ctx, &wanted.slot(email), email, before.as_ref());
        codes::put(&mut tx, &row, before.as_ref())?;
        let keyring = ctx.secrets.keyring().await;
        mail::queue_decoy(ctx, &keyring, &mut tx, requester, email)?;
    }
    tx.commit(Log::Nothing("a code was mailed; the log tells when it is used")).await
}

/// Adds a code to a change, and the mail that carries it. [`Error::RateLimited`] when the hour's
/// codes are used up; then nothing is added.
pub(super) async fn send_code(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    purpose: CodePurpose,
    user: &User,
    before: Option<&IssuedCode>,
) -> Result<()> {
    let keyring = ctx.secrets.keyring().await;
    let slot = Slot::of_address(purpose, &user.email);
    let (code, row) = codes::issue(ctx, &keyring, &slot, &user.email, &user.id, before)?;
    codes::put(tx, &row, before)?;
    let message = Message::code(ctx, requester, purpose, user, &code);
    mail::queue(ctx, &keyring, tx, &user.email, message)
}
