//! Starts the sign-in of a program: issues its codes (RFC 8628, 3.1 and 3.2).

use std::collections::BTreeSet;

use super::{
    DEVICE_CODE_TTL, DeviceAuthorization, DeviceCode, POLL_INTERVAL, RequestId, Status, UserCode,
    list_scopes,
};
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, retry_conflicts};
use crate::error::Result;
use crate::requester::Requester;
use crate::throttle::Throttle;
use crate::tokens::Scope;
use crate::values::Name;

/// Parameters of a request for codes.
#[derive(Clone, Debug)]
pub struct DeviceSignInParams {
    /// What the program calls itself.
    pub program: Name,
    /// What the program calls the device, if it names it.
    pub device: Option<Name>,
    /// What the program asks to be allowed.
    pub scopes: Vec<Scope>,
}

/// The codes of a program.
#[derive(Debug)]
pub struct DeviceCodes {
    /// The code with which the program asks for its token.
    pub device_code: DeviceCode,
    /// The code that the program shows.
    pub user_code: UserCode,
}

/// Issues the codes of a program. Nothing else happens until a person enters the user code.
///
/// # Errors
/// - [`Error::InvalidField`](crate::error::Error::InvalidField) of `scopes` if there is none.
/// - [`Error::RateLimited`](crate::error::Error::RateLimited) after too many requests from one network.
pub async fn start(
    ctx: &Context,
    requester: &Requester,
    params: &DeviceSignInParams,
) -> Result<DeviceCodes> {
    Throttle::unauthenticated("device-code").count_request(ctx, requester).await?;
    retry_conflicts(ctx, || attempt(ctx, requester, params)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    params: &DeviceSignInParams,
) -> Attempt<DeviceCodes> {
    let user_code = UserCode::generate(&*ctx.random);
    let id = RequestId::of_code(&*ctx.secrets.keyring().await, &user_code);
    let device_code = DeviceCode::generate(&*ctx.random, &id);
    let now = ctx.now();
    let row = DeviceAuthorization {
        id,
        code_hash: device_code.hash(),
        program: params.program.clone(),
        device: params.device.clone(),
        scopes: list_scopes(&params.scopes)?,
        requester: requester.clone(),
        requested_at: now,
        expires_at: now.plus(DEVICE_CODE_TTL),
        interval: POLL_INTERVAL.as_secs(),
        last_polled_at: None,
        viewers: BTreeSet::new(),
        status: Status::Pending,
        approval: None,
        collected: None,
    };
    // If another request has the same user code, the next attempt takes another.
    let is_new = ctx.table.put(&row, Condition::Absent).await?;
    if is_new { Ok(DeviceCodes { device_code, user_code }) } else { Err(AttemptError::Conflict) }
}
