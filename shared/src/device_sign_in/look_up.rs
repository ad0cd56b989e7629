//! Finds the request of a user code that a person has typed.
//!
//! Guessing is limited three times: by the network of the person, by their account, and by the number of accounts that
//! may see one request. A try is counted before it is judged, so that tries that arrive at the same time count one by
//! one, and taken back if it was right.

use super::{
    DEVICE_CODE_TTL, DeviceAuthorization, DeviceRequest, MAX_VIEWERS, MAX_WRONG_CODES, RequestId,
    UserCode,
};
use crate::context::Context;
use crate::credentials::{Caller, authenticate};
use crate::dynamo::{
    Attempt, AttemptError, BatchResult, Condition, Key, Record, Update, retry_from,
};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::throttle::Throttle;

/// Limits the codes that are typed in one network, right or wrong.
const NETWORK_THROTTLE: Throttle = Throttle::unauthenticated("device-look-up");

/// Limits the wrong codes of one account.
const WRONG_CODES: Throttle =
    Throttle { operation: "device-wrong-code", limit: MAX_WRONG_CODES, window: DEVICE_CODE_TTL };

/// Returns the request that waits behind a user code.
///
/// # Errors
/// - [`Error::SessionRequired`] if the caller has no session.
/// - [`Error::InvalidCode`] if no request has the code, or too many accounts have looked it up.
/// - [`Error::RateLimited`] after too many wrong codes.
/// - [`Error::DeviceCodeExpired`], [`Error::DeviceCodeUsed`] or [`Error::DeviceCodeDenied`] if the request does not
///   wait any more.
pub async fn look_up(ctx: &Context, caller: &Caller, code: &UserCode) -> Result<DeviceRequest> {
    let user_id = caller.credential.user().ok_or(Error::SessionRequired)?.as_str();
    let candidates = RequestId::candidates(&*ctx.secrets.keyring().await, code);
    let keys: Vec<_> = candidates.iter().map(RequestId::key).collect();
    let (identified, by_network, by_account) = tokio::join!(
        authenticate(ctx, caller, &keys),
        NETWORK_THROTTLE.count_request(ctx, &caller.requester),
        WRONG_CODES.count_request_for(ctx, user_id),
    );
    let (principal, found) = identified?;
    let user = principal.into_session()?.user;
    by_network?;
    by_account?;
    let row = find(&found, &keys)?.ok_or(Error::InvalidCode)?;
    let key = row.key();
    let read = || async {
        let row: Option<DeviceAuthorization> = ctx.table.get(&key).await?;
        row.ok_or(Error::InvalidCode)
    };
    let row = retry_from(ctx, row, read, |row| record_viewer(ctx, row, &user.id)).await?;
    WRONG_CODES.take_back(ctx, user_id).await?;
    row.require_waiting(ctx.now())?;
    DeviceRequest::new(&row, ctx.now())
}

/// Returns a request that the caller has looked up before.
///
/// # Errors
/// - [`Error::SessionRequired`] if the caller has no session.
/// - [`Error::DeviceCodeExpired`], [`Error::DeviceCodeUsed`] or [`Error::DeviceCodeDenied`] if the request does not
///   wait any more.
pub async fn read_again(ctx: &Context, caller: &Caller, id: &RequestId) -> Result<DeviceRequest> {
    let (principal, found) = authenticate(ctx, caller, &[id.key()]).await?;
    principal.into_session()?;
    let row = find(&found, &[id.key()])?.ok_or(Error::DeviceCodeExpired)?;
    row.require_waiting(ctx.now())?;
    DeviceRequest::new(&row, ctx.now())
}

/// Returns the first row that was found.
pub(super) fn find(found: &BatchResult, keys: &[Key]) -> Result<Option<DeviceAuthorization>> {
    for key in keys {
        if let Some(row) = found.read(key)? {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// Records that an account has seen the request. Nothing is written if it has seen it before.
async fn record_viewer(
    ctx: &Context,
    row: DeviceAuthorization,
    user: &UserId,
) -> Attempt<DeviceAuthorization> {
    if row.viewers.contains(user) {
        return Ok(row);
    }
    if row.viewers.len() >= MAX_VIEWERS {
        return Err(Error::InvalidCode.into());
    }
    let mut viewers = row.viewers.clone();
    viewers.insert(user.clone());
    let update = Update::new(row.key()).set("viewers", &viewers)?;
    let update = update.only_if(Condition::equal("viewers", &row.viewers)?);
    ctx.table.update(update).await?.ok_or(AttemptError::Conflict)
}
