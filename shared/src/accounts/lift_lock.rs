//! Lifts the delays after failed sign-ins, for an owner who is locked out.

use std::net::IpAddr;

use super::User;
use super::attempt_limiter::AttemptLimiter;
use crate::activity::{Action, AuditEvent, AuditScope};
use crate::context::Context;
use crate::dynamo::{AttemptError, Condition, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::requester::Requester;
use crate::support_case::SupportCase;

/// Lifts the delays of an account: those of its address from all networks together, of its known devices, of passwords
/// in its sessions, and of codes of its authenticator. With `ip`, also lifts the delay of that address's network.
///
/// Throttles of all requests from a network end by themselves within a minute.
///
/// # Errors
/// `NotFound` if there is no such account, `Contention` if concurrent sign-ins kept interfering.
pub async fn lift_lock(
    ctx: &Context,
    id: &UserId,
    ip: Option<IpAddr>,
    case: &SupportCase,
) -> Result<()> {
    let user_key = keys::user(id);
    let user: User = ctx.table.get(&user_key).await?.ok_or(Error::NotFound)?;
    let keyring = ctx.secrets.keyring().await;
    let mut limiters = vec![
        AttemptLimiter::for_address(&keyring, &user.email),
        AttemptLimiter::for_sessions(&keyring, id),
    ];
    limiters.extend(AttemptLimiter::for_devices(&keyring, &user));
    if let Some(ip) = ip {
        let from = Requester::new(ip, "");
        limiters.push(AttemptLimiter::for_network(&keyring, &user.email, &from));
    }
    let scope = AuditScope::User(id.clone());
    retry_conflicts(ctx, || async {
        let mut tx = ctx.table.transaction();
        // An event in the log of an erased account would never be erased.
        tx.check(&user_key, &Condition::Exists, AttemptError::from(Error::NotFound))?;
        limiters.iter().try_for_each(|limiter| limiter.clear(&mut tx))?;
        tx.commit(AuditEvent::for_support(ctx, &scope, case, Action::LockLifted)).await
    })
    .await
}
