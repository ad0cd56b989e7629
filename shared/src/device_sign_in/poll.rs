//! Answers a program that asks for its token (RFC 8628, 3.4 and 3.5).
//!
//! The token is made when the program first asks after the approval, in one transaction with the end of the request. So
//! two polls at once lead to one token, and none exists that nobody asked for. The answer is encrypted in the row for
//! the case that the program does not receive it.

use serde::{Deserialize, Serialize};

use super::{
    Approval, COLLECT_AGAIN_TTL, Collected, DeviceAuthorization, DeviceCode, FlowError,
    POLL_INTERVAL_STEP, Status, has_status, token_lifetime,
};
use crate::accounts::User;
use crate::activity::Action;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::keys;
use crate::requester::Requester;
use crate::tokens::create::{NewToken, add_token};
use crate::tokens::{AllowedIps, RevealedToken, Scope, audit_event};
use crate::values::Name;

/// The token that a program gets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeviceToken {
    /// The value of the token, which only this response shows.
    pub access_token: RevealedToken,
    /// What the token may do.
    pub scopes: Vec<Scope>,
    /// When the token expires.
    pub expires_at: Timestamp,
}

/// Returns the token of a program once a person has allowed its request.
///
/// # Errors
/// - [`FlowError::AuthorizationPending`] while nobody has answered.
/// - [`FlowError::SlowDown`] if the program asks again before its interval has passed. The interval grows each time.
/// - [`FlowError::AccessDenied`] if the person denied the request, or the account has ended its sessions or tokens, or
///   is due for erasure, since it was allowed.
/// - [`FlowError::ExpiredToken`] if nobody answered in time, or the program did not ask in time.
/// - [`FlowError::InvalidGrant`] if no request has the code, or the token was fetched more than [`COLLECT_AGAIN_TTL`]
///   ago, or `program` is not the one that asked.
pub async fn poll(
    ctx: &Context,
    requester: &Requester,
    program: &Name,
    code: &DeviceCode,
) -> Result<DeviceToken, FlowError> {
    retry_conflicts(ctx, || attempt(ctx, requester, program, code)).await?
}

/// Returns the answer to one poll. A refusal by the protocol is an answer, after which nothing is tried again.
async fn attempt(
    ctx: &Context,
    requester: &Requester,
    program: &Name,
    code: &DeviceCode,
) -> Attempt<Result<DeviceToken, FlowError>> {
    let row: Option<DeviceAuthorization> = ctx.table.get(&code.request_id().key()).await?;
    let is_own =
        |row: &DeviceAuthorization| row.code_hash == code.hash() && row.program == *program;
    let Some(row) = row.filter(is_own) else { return Ok(Err(FlowError::InvalidGrant)) };
    let is_expired = row.expires_at <= ctx.now();
    match (row.status, &row.approval, &row.collected) {
        (Status::Collected, _, Some(collected)) => Ok(collect_again(ctx, &row, collected).await?),
        (Status::Denied, ..) => Ok(Err(FlowError::AccessDenied)),
        (Status::Pending | Status::Approved, ..) if is_expired => Ok(Err(FlowError::ExpiredToken)),
        (Status::Pending, ..) => Ok(Err(count_poll(ctx, &row).await?)),
        (Status::Approved, Some(approval), _) => collect(ctx, requester, &row, approval).await,
        (Status::Approved | Status::Collected, ..) => {
            Err(Error::unreadable("an answered request without its answer").into())
        }
    }
}

/// Records a poll of a request that waits. Of two polls at once, one is too early.
async fn count_poll(ctx: &Context, row: &DeviceAuthorization) -> Attempt<FlowError> {
    let now = ctx.now();
    let unchanged = match row.last_polled_at {
        None => Condition::Missing("last_polled_at"),
        Some(at) => Condition::equal("last_polled_at", at)?,
    };
    let is_early = row.last_polled_at.is_some_and(|at| at.seconds_until(now) < row.interval);
    let update = Update::new(row.key()).set("last_polled_at", now)?;
    let step = POLL_INTERVAL_STEP.as_secs();
    let update = if is_early { update.add("interval", step.cast_signed()) } else { update };
    let update = update.only_if(Condition::All(vec![has_status(Status::Pending)?, unchanged]));
    let polled: Option<DeviceAuthorization> = ctx.table.update(update).await?;
    let polled = polled.ok_or(AttemptError::Conflict)?;
    Ok(if is_early {
        FlowError::SlowDown(polled.interval)
    } else {
        FlowError::AuthorizationPending
    })
}

/// Makes the token and ends the request.
async fn collect(
    ctx: &Context,
    requester: &Requester,
    row: &DeviceAuthorization,
    approval: &Approval,
) -> Attempt<Result<DeviceToken, FlowError>> {
    let user: Option<User> = ctx.table.get(&keys::user(&approval.user_id)).await?;
    let Some(user) = user.filter(|user| approval.is_current(user)) else {
        return Ok(Err(FlowError::AccessDenied));
    };
    let lifetime = token_lifetime()?;
    let new = NewToken {
        name: row.token_name()?,
        account: None,
        client_id: None,
        scopes: approval.scopes.clone(),
        allowed_ips: AllowedIps::default(),
        lifetime: Some(lifetime),
    };
    let mut tx = ctx.table.transaction();
    let (token, plain) = add_token(ctx, &mut tx, &user, &new)?;
    let answer = DeviceToken {
        access_token: RevealedToken::from(&plain),
        scopes: token.scopes.to_list(),
        expires_at: lifetime.expires_at(token.created_at),
    };
    let json = serde_json::to_vec(&answer).map_err(Error::internal)?;
    let answer_sealed = ctx.secrets.keyring().await.seal(&*ctx.random, &row.aad(), &json)?;
    let collected = Collected { at: token.created_at, answer: answer_sealed };
    let update = Update::new(row.key())
        .set("status", Status::Collected)?
        .set("collected", &collected)?
        .only_if(has_status(Status::Approved)?);
    tx.update(update, AttemptError::Conflict)?;
    tx.commit(audit_event(ctx, requester, &user.id, Action::TokenCreated, &token)).await?;
    Ok(Ok(answer))
}

/// Returns the same token again to a program that did not receive it.
async fn collect_again(
    ctx: &Context,
    row: &DeviceAuthorization,
    collected: &Collected,
) -> Result<Result<DeviceToken, FlowError>> {
    if ctx.now() >= collected.at.plus(COLLECT_AGAIN_TTL) {
        return Ok(Err(FlowError::InvalidGrant));
    }
    let json = ctx.secrets.keyring().await.open(&row.aad(), &collected.answer);
    let json = json.ok_or_else(|| Error::unreadable("the answer of a device code"))?;
    Ok(Ok(serde_json::from_slice(&json).map_err(Error::internal)?))
}

impl Approval {
    /// Returns whether the account still stands by its approval: it has ended neither its sessions nor its tokens, and
    /// is neither due for erasure nor suspended.
    fn is_current(&self, user: &User) -> bool {
        user.deletion.is_none()
            && user.suspension.is_none()
            && user.session_generation == self.session_generation
            && user.tokens.generation == self.tokens_generation
    }
}
