//! Requesting a change of address: mails a code to the new address.

use super::undoable_changes;
use crate::accounts::attempt_limiter::AttemptLimiter;
use crate::accounts::reauthenticate::{
    CheckedProof, IdentityProof, reauthenticate, reload_reauthenticated,
};
use crate::accounts::{EmailGuard, User, find_by_email};
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::{Attempt, retry_from};
use crate::error::{Error, Result};
use crate::keys;
use crate::mail::{self, Message, Recipient};
use crate::mailed_codes::{self, CodeKey, IssuedCode, NewCode};
use crate::requester::Requester;
use crate::sessions::AuthenticatedSession;
use crate::switches::Feature;
use crate::throttle::Throttle;
use crate::values::{CodePurpose, EmailAddress};

/// Codes that are mailed to one address from all accounts together. The limit is the same as for codes that
/// are requested without a credential ([`mailed_codes::MAX_CODES_PER_WINDOW`]).
const CODES_TO_ONE_ADDRESS: Throttle = Throttle {
    operation: "change-email-to",
    limit: mailed_codes::MAX_CODES_PER_WINDOW,
    window: mailed_codes::CODE_WINDOW,
};

/// State that is read before an attempt.
struct RequestState {
    user: User,
    code: Option<IssuedCode>,
    /// Whether another account has the new address or reserves it.
    is_taken: bool,
}

/// A request whose proof of identity was checked.
struct EmailChangeRequest<'a> {
    requester: &'a Requester,
    new: &'a EmailAddress,
    proof: CheckedProof,
    /// Whether the new address has not had too many codes.
    is_within_limit: bool,
}

/// Mails a code to the new address, if it is free. Otherwise does the same work without mailing anything, so
/// that the answer does not reveal who has the address. The same applies after five requests for one
/// address within an hour, from all accounts together.
///
/// # Errors
/// - [`Error::Disabled`] while mail is switched off.
/// - [`Error::NoPassword`] if the account has no password.
/// - [`Error::InvalidField`] if the account already has the address.
/// - [`Error::Missing`] or [`Error::InvalidCredentials`] if the password is absent or wrong.
/// - [`Error::Missing`] or [`Error::InvalidCode`] if the account has a second factor and its code is absent or
///   wrong.
/// - [`Error::RateLimited`] after too many wrong passwords, within a minute of the last code, after five
///   codes in an hour, and while five changes can be undone.
pub async fn request_email_change(
    ctx: &Context,
    signed_in: &AuthenticatedSession,
    new: &EmailAddress,
    proof: IdentityProof<'_>,
) -> Result<()> {
    let user = &signed_in.user;
    if user.password_hash.is_none() {
        return Err(Error::NoPassword);
    }
    if user.email == *new {
        return Err(Error::invalid_field("new_email", "is the address already"));
    }
    undoable_changes(&user.undoable, ctx.now())?;
    let is_on = ctx.switches.require(Feature::Mail);
    let ((), (guard, code)) = tokio::try_join!(is_on, read_guard_and_code(ctx, user, new))?;
    // A request that comes too early is refused before anything is counted.
    mailed_codes::require_resend_allowed(ctx.now(), code.as_ref())?;
    let (is_within_limit, proof, is_taken) = tokio::try_join!(
        CODES_TO_ONE_ADDRESS.try_count(ctx, new.as_str()),
        reauthenticate(ctx, signed_in, "password", proof),
        is_address_taken(ctx, user, new, guard),
    )?;
    let first = RequestState { user: user.clone(), code, is_taken };
    let reload = || async {
        let user = reload_reauthenticated(ctx, signed_in).await?;
        let (guard, code) = read_guard_and_code(ctx, &user, new).await?;
        let is_taken = is_address_taken(ctx, &user, new, guard).await?;
        Attempt::Ok(RequestState { user, code, is_taken })
    };
    let request =
        &EmailChangeRequest { requester: &signed_in.requester, new, proof, is_within_limit };
    retry_from(ctx, first, reload, |before| attempt(ctx, request, before)).await
}

async fn read_guard_and_code(
    ctx: &Context,
    user: &User,
    new: &EmailAddress,
) -> Result<(Option<EmailGuard>, Option<IssuedCode>)> {
    let (guard, code) = (keys::email_guard(new), change_email_code_key(user).key());
    let mut found = ctx.table.batch_get(&[guard.clone(), code.clone()]).await?;
    Ok((found.take(&guard)?, found.take(&code)?))
}

/// Whether another account has the address or reserves it. The account's own previous addresses are free.
async fn is_address_taken(
    ctx: &Context,
    user: &User,
    new: &EmailAddress,
    guard: Option<EmailGuard>,
) -> Result<bool> {
    let holder = find_by_email(ctx, new, guard.as_ref()).await?;
    let in_use = holder.is_some_and(|user| user.is_activated(ctx));
    let reserved = guard.is_some_and(|g| g.is_reserved(ctx.now()) && g.user_id != user.id);
    Ok(in_use || reserved)
}

/// Returns the key of the account's code for a new address.
pub(super) fn change_email_code_key(user: &User) -> CodeKey {
    CodeKey::for_user(CodePurpose::ChangeEmail, &user.id)
}

async fn attempt(
    ctx: &Context,
    request: &EmailChangeRequest<'_>,
    before: RequestState,
) -> Attempt<()> {
    let EmailChangeRequest { requester, new, proof, is_within_limit } = request;
    let RequestState { user, code: last, is_taken } = before;
    mailed_codes::require_resend_allowed(ctx.now(), last.as_ref())?;
    let keyring = ctx.secrets.keyring().await;
    let key = change_email_code_key(&user);
    let new_code = NewCode { key: &key, address: new, user: &user.id, before: last.as_ref() };
    let (code, row) = mailed_codes::issue_code(ctx, &keyring, new_code)?;
    let mut tx = ctx.table.transaction();
    let user = proof.consume(ctx, &mut tx, requester, user).await?;
    if is_taken || !is_within_limit {
        // If only the limit of the address is reached, an earlier code stays valid.
        let request_only = || mailed_codes::record_request(ctx, &key, new, last.as_ref());
        let row = if is_taken { row.without_code() } else { request_only() };
        mailed_codes::put_code(&mut tx, &row, last.as_ref())?;
        mail::queue_decoy(ctx, &keyring, &mut tx, requester, new)?;
    } else {
        mailed_codes::put_code(&mut tx, &row, last.as_ref())?;
        let message = Message::change_email_code(ctx, requester, &user, &code);
        let to = Recipient { email: new, timezone: user.timezone.as_ref() };
        mail::queue(ctx, &keyring, &mut tx, to, message)?;
    }
    AttemptLimiter::for_sessions(&keyring, &user.id).clear(&mut tx)?;
    user.store(&mut tx)?;
    tx.commit(Log::Nothing("the log tells when the address is another")).await
}
