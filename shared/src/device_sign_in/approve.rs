//! Allows a request: the program may fetch its token.

use super::look_up::find;
use super::{
    Approval, DeviceAuthorization, RequestId, Status, has_status, list_scopes, token_lifetime,
};
use crate::accounts::queue_security_notice;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::credentials::{Caller, authenticate};
use crate::dynamo::{Attempt, AttemptError, Condition, Record, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::mail::{DeviceApprovedParams, Message};
use crate::sessions::AuthenticatedSession;
use crate::tokens::{Scope, Scopes};
use crate::values::Name;

/// Allows a request with some of the scopes that it asks for. A mail reports it to the caller. Requires a recent proof
/// of identity. The same answer twice has the effect of one.
///
/// Returns the name of the token that the program gets.
///
/// # Errors
/// - [`Error::SessionRequired`] if the caller has no session.
/// - [`Error::ReauthRequired`] if the session's proof of identity is not recent.
/// - [`Error::InvalidField`] of `scopes` if there is none, or one that the program does not ask for.
/// - [`Error::DeviceCodeExpired`], [`Error::DeviceCodeUsed`] or [`Error::DeviceCodeDenied`] if the request does not
///   wait any more.
pub async fn approve(
    ctx: &Context,
    caller: &Caller,
    id: &RequestId,
    scopes: &[Scope],
) -> Result<Name> {
    retry_conflicts(ctx, || attempt(ctx, caller, id, scopes)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    id: &RequestId,
    scopes: &[Scope],
) -> Attempt<Name> {
    let (principal, found) = authenticate(ctx, caller, &[id.key()]).await?;
    principal.require_recent_proof(ctx.now())?;
    let AuthenticatedSession { session, user, .. } = principal.into_session()?;
    let row = find(&found, &[id.key()])?.ok_or(Error::DeviceCodeExpired)?;
    let token_name = row.token_name()?;
    if row.is_approved_by(&user.id) {
        return Ok(token_name);
    }
    row.require_waiting(ctx.now())?;
    let allowed = row.narrow(scopes)?;
    let mut tx = ctx.table.transaction();
    // An approval must not outlive a session or a password that ends at the same moment.
    tx.check(&session.key(), &Condition::Exists, AttemptError::Conflict)?;
    user.check_unchanged(&mut tx)?;
    let approval = Approval {
        user_id: user.id.clone(),
        scopes: allowed.clone(),
        session_generation: user.session_generation,
        tokens_generation: user.tokens.generation,
    };
    let update = Update::new(row.key())
        .set("status", Status::Approved)?
        .set("approval", &approval)?
        .only_if(has_status(Status::Pending)?);
    tx.update(update, AttemptError::Conflict)?;
    let message = Message::device_approved(
        ctx,
        &caller.requester,
        &user,
        DeviceApprovedParams {
            program: &row.program,
            device: row.device.as_ref(),
            asked_from: row.requester.ip,
            scopes: &allowed.to_list(),
            expires_at: token_lifetime()?.expires_at(ctx.now()),
        },
    );
    queue_security_notice(ctx, &*ctx.secrets.keyring().await, &mut tx, &user, message)?;
    let event = AuditEvent::for_account(ctx, &caller.requester, Action::DeviceApproved, &user.id)
        .with_detail("name", &token_name)
        .with_detail("asked_from", row.requester.ip);
    tx.commit(event).await?;
    Ok(token_name)
}

impl DeviceAuthorization {
    /// Returns whether this account has allowed the request.
    fn is_approved_by(&self, user: &UserId) -> bool {
        self.approval.as_ref().is_some_and(|approval| approval.user_id == *user)
    }

    /// Returns the allowed scopes, which must be among those that the program asks for.
    fn narrow(&self, allowed: &[Scope]) -> Result<Scopes> {
        match allowed.iter().find(|scope| !self.scopes.contains(**scope)) {
            Some(other) => Err(Error::invalid_field(
                "scopes",
                format!("the program does not ask for {}", other.name()),
            )),
            None => list_scopes(allowed),
        }
    }
}
