//! Issuing mailed codes, and recording requests for which no code is mailed.

use std::time::Duration;

use super::limits::{
    CODE_TTL, CODE_WINDOW, MAX_CODES_PER_WINDOW, MAX_RESETS_PER_WINDOW, RESEND_INTERVAL,
    RESET_WINDOW,
};
use super::{CodeKey, CodeOwner, IssuedCode, MailedCode};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{AttemptError, Condition, Tx};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::secrets::Keyring;
use crate::values::{CodePurpose, EmailAddress};

/// Returns the maximum number of codes in a window, and the length of the window.
const fn quota(purpose: CodePurpose) -> (u32, Duration) {
    match purpose {
        CodePurpose::ResetPassword => (MAX_RESETS_PER_WINDOW, RESET_WINDOW),
        CodePurpose::VerifyEmail | CodePurpose::ChangeEmail => (MAX_CODES_PER_WINDOW, CODE_WINDOW),
    }
}

/// Checks that another code may be issued after `before`.
///
/// # Errors
/// [`Error::RateLimited`] within [`RESEND_INTERVAL`] of the previous request, and after too many codes in one
/// window.
pub fn require_resend_allowed(now: Timestamp, before: Option<&IssuedCode>) -> Result<()> {
    let Some(before) = before else { return Ok(()) };
    let (max, window) = quota(before.purpose);
    let window_ends_at = before.window_started_at.plus(window);
    if !before.can_resend(now) {
        Err(Error::rate_limited(now, before.asked_at.plus(RESEND_INTERVAL)))
    } else if before.issued_in_window >= max && now < window_ends_at {
        Err(Error::rate_limited(now, window_ends_at))
    } else {
        Ok(())
    }
}

/// Parameters for issuing a code.
#[derive(Clone, Copy, Debug)]
pub struct NewCode<'a> {
    /// The purpose and owner of the code.
    pub key: &'a CodeKey,
    /// The address that the code is mailed to.
    pub address: &'a EmailAddress,
    /// The account that the code is for.
    pub user: &'a UserId,
    /// The row of the previous request, which the new row replaces.
    pub before: Option<&'a IssuedCode>,
}

/// Generates a code and the row that replaces the previous one.
///
/// # Errors
/// [`Error::RateLimited`] after too many codes in one window.
pub fn issue_code(
    ctx: &Context,
    keyring: &Keyring,
    new: NewCode<'_>,
) -> Result<(MailedCode, IssuedCode)> {
    let NewCode { key, address, user, before } = new;
    let mut row = replacement_row(ctx.now(), key, address, before);
    let (max, window) = quota(row.purpose);
    if row.issued_in_window >= max {
        return Err(Error::rate_limited(ctx.now(), row.window_started_at.plus(window)));
    }
    let code = MailedCode::generate(&*ctx.random);
    row.mac = Some(keyring.account()?.storage.mac(&key.mac_parts(&code)));
    row.user_id = Some(user.clone());
    row.issued_in_window += 1;
    Ok((code, row))
}

/// Builds the row that records a request for which no code is mailed, so that such requests are limited
/// like all others. A code that was mailed earlier stays valid.
pub fn record_request(
    ctx: &Context,
    key: &CodeKey,
    address: &EmailAddress,
    before: Option<&IssuedCode>,
) -> IssuedCode {
    let now = ctx.now();
    match before {
        Some(before) => {
            IssuedCode { asked_at: now, revision: before.revision + 1, ..before.clone() }
        }
        None => replacement_row(now, key, address, None),
    }
}

fn replacement_row(
    now: Timestamp,
    key: &CodeKey,
    address: &EmailAddress,
    before: Option<&IssuedCode>,
) -> IssuedCode {
    let window = before
        .filter(|before| now < before.window_started_at.plus(quota(key.purpose).1))
        .map(|before| (before.window_started_at, before.issued_in_window));
    let (window_started_at, issued_in_window) = window.unwrap_or((now, 0));
    IssuedCode {
        purpose: key.purpose,
        address: address.clone(),
        holder: match &key.owner {
            CodeOwner::Address(_) => None,
            CodeOwner::User(user) => Some(user.clone()),
        },
        user_id: None,
        mac: None,
        tries: 0,
        asked_at: now,
        expires_at: now.plus(CODE_TTL),
        window_started_at,
        issued_in_window,
        revision: before.map_or(0, |before| before.revision + 1),
    }
}

/// Adds a put of the row to `tx`, on the condition that `before` is unchanged.
///
/// # Errors
/// Fails if the condition cannot be serialized. The commit fails with [`AttemptError::Conflict`] if another
/// request has replaced `before`.
pub fn put_code(tx: &mut Tx<'_>, row: &IssuedCode, before: Option<&IssuedCode>) -> Result<()> {
    let unchanged = match before {
        None => Condition::Absent,
        Some(before) => Condition::equal("revision", before.revision)?,
    };
    tx.put(row, unchanged, AttemptError::Conflict)
}
