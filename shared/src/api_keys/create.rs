//! Creates an API key.

use super::notices::KeyNotice;
use super::{NewKey, audit_event};
use crate::activity::Action;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::OrganizationId;
use crate::mail::KeyChange;
use crate::organizations::Organization;
use crate::organizations::authorize::authorize_with_recent_proof;
use crate::organizations::rights::Right;
use crate::tokens::create::TokenLifetime;
use crate::tokens::expiry_reminder::schedule_reminder;
use crate::tokens::{AllowedIps, PlainToken, Scopes, Token};
use crate::values::{Name, TokenHolder};

/// Parameters for creating an API key.
#[derive(Clone, Debug)]
pub struct NewKeyParams {
    /// The name that people see in lists.
    pub name: Name,
    /// What the key may do.
    pub scopes: Scopes,
    /// The addresses from which the key may be used.
    pub allowed_ips: AllowedIps,
    /// The key's lifetime; `None` if it never expires.
    pub lifetime: Option<TokenLifetime>,
}

/// Creates an API key of an organization. A mail reports it to the owner and to the caller.
///
/// # Errors
///
/// * [`Error::NotFound`](crate::error::Error::NotFound) if the organization does not exist.
/// * [`Error::SessionRequired`] if the caller has a bearer token.
/// * [`Error::ReauthRequired`] if the session's proof of identity is not recent.
/// * [`Error::NoAccess`](crate::error::Error::NoAccess) if the caller may not manage API keys.
/// * [`Error::IdempotencyConflict`](crate::error::Error::IdempotencyConflict) if the idempotency
///   key was used for another request.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    id: &OrganizationId,
    new: &NewKeyParams,
) -> Result<Replayable<NewKey>> {
    retry_conflicts(ctx, || attempt(ctx, caller, idempotency_key, id, new)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    id: &OrganizationId,
    new: &NewKeyParams,
) -> Attempt<Replayable<NewKey>> {
    let authorized = authorize_with_recent_proof(ctx, caller, id, Right::ManageKeys, &[]);
    let (authorized, done) = tokio::join!(authorized, idempotency_key.replay(ctx));
    let (authorized, _) = authorized?;
    if let Some(done) = done? {
        return Ok(done);
    }
    let maker = authorized.principal.user().ok_or(Error::SessionRequired)?;
    let number = authorized.organization.keys_made + 1;
    let holder = TokenHolder::Organization(id.clone());
    let value = PlainToken::generate(&*ctx.random, holder.clone(), number);
    let now = ctx.now();
    let key = Token {
        holder,
        number,
        name: new.name.clone(),
        hash: value.hash(),
        previous_value: None,
        ending: value.ending(),
        client_id: None,
        scopes: new.scopes.clone(),
        allowed_ips: new.allowed_ips.clone(),
        generation: authorized.organization.keys_generation,
        created_by: maker.id.clone(),
        created_at: now,
        rotated_at: None,
        last_used_at: None,
        expires_at: new.lifetime.map(|lifetime| lifetime.expires_at(now)),
        revoked_at: None,
    };
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    // The organization must be unchanged, so that no number is used twice and a deleted
    // organization gets no key.
    let organization =
        Organization { keys_made: number, ..authorized.organization.clone() }.store(&mut tx)?;
    tx.put_new(&key)?;
    schedule_reminder(&mut tx, &key, now)?;
    let created = NewKey::new(&key, &organization, &value, now);
    let notice = KeyNotice { authorized: &authorized, change: KeyChange::Created, key: &key };
    notice.queue(ctx, &mut tx, &caller.requester).await?;
    idempotency_key.store_response(ctx, &mut tx, &created).await?;
    tx.commit(audit_event(ctx, &caller.requester, &authorized, Action::KeyCreated, &key)).await?;
    Ok(Replayable::new(created))
}
