//! Requests for a mailed code by address, without a credential.
//!
//! The answer does not reveal whether the address has an account: an address without one gets the same
//! answer after the same reads and writes, but no mail.

use std::time::Duration;

use super::mailed_link::{LinkPurpose, create_link, put_decoy_link};
use super::{EmailGuard, User, find_by_email};
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::{Attempt, Tx, retry_from};
use crate::error::{Error, Result};
use crate::keys;
use crate::mail::{self, Message, Recipient};
use crate::mailed_codes::{self, CodeKey, IssuedCode, NewCode};
use crate::requester::Requester;
use crate::switches::Feature;
use crate::throttle::Throttle;
use crate::values::{CodePurpose, EmailAddress};

/// Maximum requests for one address from one network within [`ADDRESS_WINDOW`].
pub const MAX_REQUESTS_PER_ADDRESS: u32 = 5;

/// Length of the window that [`MAX_REQUESTS_PER_ADDRESS`] applies to.
pub const ADDRESS_WINDOW: Duration = Duration::from_secs(15 * 60);

/// The kinds of codes that can be requested without a credential.
#[derive(Clone, Copy, Debug)]
pub enum RequestedCode {
    /// Another code that verifies the address of a new account.
    EmailVerification,
    /// A code that resets a forgotten password.
    PasswordReset,
}

impl RequestedCode {
    fn operation(self) -> &'static str {
        match self {
            Self::EmailVerification => "resend-code",
            Self::PasswordReset => "forgot-password",
        }
    }

    /// Limits the requests for one address from one network, so that a stranger elsewhere does not use up what
    /// the owner needs. The window is shorter than a link is valid: a network that has reached the limit has
    /// caused a mail whose link still works.
    fn requests_for_address(self) -> Throttle {
        let operation = match self {
            Self::EmailVerification => "resend-code-to",
            Self::PasswordReset => "forgot-password-to",
        };
        Throttle { operation, limit: MAX_REQUESTS_PER_ADDRESS, window: ADDRESS_WINDOW }
    }

    fn purpose(self) -> CodePurpose {
        match self {
            Self::EmailVerification => CodePurpose::VerifyEmail,
            Self::PasswordReset => CodePurpose::ResetPassword,
        }
    }

    fn key(self, email: &EmailAddress) -> CodeKey {
        CodeKey::for_address(self.purpose(), email)
    }

    /// Returns whether the account can use such a code. An account that is scheduled for erasure can: restoring
    /// it takes a sign-in, which may take a new password.
    fn is_usable_by(self, ctx: &Context, user: &User) -> bool {
        let is_usable = match self {
            Self::EmailVerification => !user.email_verified,
            // An account that was never verified is registered again instead.
            Self::PasswordReset => user.is_activated(ctx),
        };
        is_usable && !user.is_past_grace_period(ctx.now())
    }
}

/// Mails a code, with a link for a new password if that was requested, if the address has an account that can
/// use it and the last request is old enough. Otherwise does the same work without mailing anything.
///
/// After [`MAX_REQUESTS_PER_ADDRESS`] requests for one address, a network that the account does not know gets
/// no more mails. Such requests write nothing, so that they do not delay those of the owner.
///
/// # Errors
/// - [`Error::RateLimited`] after too many requests from one network.
/// - [`Error::Disabled`] while mail is switched off.
pub async fn request_code(
    ctx: &Context,
    requester: &Requester,
    requested: RequestedCode,
    email: &EmailAddress,
) -> Result<()> {
    let throttle = Throttle::unauthenticated(requested.operation());
    let for_address = requested.requests_for_address();
    let for_network = format!("{} {email}", requester.network());
    let ((), (), is_within_limit, before) = tokio::try_join!(
        ctx.switches.require(Feature::Mail),
        throttle.count_request(ctx, requester),
        for_address.try_count(ctx, &for_network),
        read_state(ctx, requested, email)
    )?;
    if !is_within_limit && !is_known_device(ctx, requester, before.user.as_ref()).await {
        return Ok(());
    }
    let attempt = |before| attempt(ctx, requester, requested, email, before);
    retry_from(ctx, before, || read_state(ctx, requested, email), attempt).await
}

/// Returns whether the account knows the requester's device from an earlier sign-in.
async fn is_known_device(ctx: &Context, requester: &Requester, user: Option<&User>) -> bool {
    let keyring = ctx.secrets.keyring().await;
    user.is_some_and(|user| user.known_devices.contain(&keyring, &user.id, requester))
}

/// The state that a request for a code is decided on.
struct CodeRequestState {
    /// The account with the address.
    user: Option<User>,
    /// The row of the previous request.
    code: Option<IssuedCode>,
}

async fn read_state(
    ctx: &Context,
    requested: RequestedCode,
    email: &EmailAddress,
) -> Result<CodeRequestState> {
    let (guard_key, code_key) = (keys::email_guard(email), requested.key(email).key());
    let mut found = ctx.table.batch_get(&[guard_key.clone(), code_key.clone()]).await?;
    let guard: Option<EmailGuard> = found.take(&guard_key)?;
    let user = find_by_email(ctx, email, guard.as_ref()).await?;
    Ok(CodeRequestState { user, code: found.take(&code_key)? })
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    requested: RequestedCode,
    email: &EmailAddress,
    before: CodeRequestState,
) -> Attempt<()> {
    let CodeRequestState { user, code: before } = before;
    if before.as_ref().is_some_and(|before| !before.can_resend(ctx.now())) {
        return Ok(());
    }
    let purpose = requested.purpose();
    let mut tx = ctx.table.transaction();
    let was_sent = match user.filter(|user| requested.is_usable_by(ctx, user)) {
        Some(user) => {
            let code = CodeMail { purpose, user: &user, before: before.as_ref() };
            match send_code(ctx, &mut tx, requester, code).await {
                // The limit per hour must look like an address without an account.
                Err(Error::RateLimited { .. }) => false,
                sent => sent.map(|()| true)?,
            }
        }
        None => false,
    };
    if !was_sent {
        let key = requested.key(email);
        let row = mailed_codes::record_request(ctx, &key, email, before.as_ref());
        mailed_codes::put_code(&mut tx, &row, before.as_ref())?;
        if purpose == CodePurpose::ResetPassword {
            put_decoy_link(ctx, &mut tx)?;
        }
        let keyring = ctx.secrets.keyring().await;
        mail::queue_decoy(ctx, &keyring, &mut tx, requester, email)?;
    }
    tx.commit(Log::Nothing("a code was mailed; the log tells when it is used")).await
}

/// A code that is mailed to the address of an account.
pub(super) struct CodeMail<'a> {
    pub(super) purpose: CodePurpose,
    pub(super) user: &'a User,
    /// The row of the previous request, which the new code replaces.
    pub(super) before: Option<&'a IssuedCode>,
}

/// Adds a new code and the mail that carries it to `tx`.
///
/// # Errors
/// [`Error::RateLimited`] if the limit of codes per hour is reached; nothing is added to `tx` then.
pub(super) async fn send_code(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    code: CodeMail<'_>,
) -> Result<()> {
    let CodeMail { purpose, user, before } = code;
    let keyring = ctx.secrets.keyring().await;
    let key = CodeKey::for_address(purpose, &user.email);
    let new_code = NewCode { key: &key, address: &user.email, user: &user.id, before };
    let (code, row) = mailed_codes::issue_code(ctx, &keyring, new_code)?;
    mailed_codes::put_code(tx, &row, before)?;
    let message = match purpose {
        CodePurpose::VerifyEmail => Message::verification_code(ctx, requester, user, &code),
        CodePurpose::ChangeEmail => Message::change_email_code(ctx, requester, user, &code),
        CodePurpose::ResetPassword => {
            let link = create_link(ctx, tx, user, LinkPurpose::NewPassword)?;
            Message::reset_code(ctx, requester, user, &code, link)
        }
    };
    mail::queue(ctx, &keyring, tx, Recipient::from(user), message)
}
